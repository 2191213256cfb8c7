/* SPDX-License-Identifier: MIT */
#include "wake_row.h"

#include "store/bind.h"
#include "store/core.h"

COLUMNS_TAKE(take_columns, wake_row, WAKE_COLUMNS)
COLUMNS_BIND(bind_columns, wake_row, WAKE_COLUMNS)

enum store_err
wake_row_get(struct db *db, int64_t row, struct wake_row *wake)
{
    struct bind bind;

    *wake = (struct wake_row){.row = row};
    if (db->n_wakes == 0)
        return STORE_OK; /* a wave over a healthy fleet looks for nothing */
    bind_begin(&bind, db, SQL_WAKE_GET);
    bind_int(&bind, row);
    if (bind_row(&bind)) {
        wake->exists = true;
        take_columns(&bind, NULL, wake);
    }
    return bind_end(&bind);
}

static enum store_err
write_all(struct db *db, enum sql_name name, const struct wake_row *wake)
{
    struct bind bind;

    bind_begin(&bind, db, name);
    bind_int(&bind, wake->row);
    bind_columns(&bind, wake);
    return bind_run(&bind);
}

enum store_err
wake_row_add(struct db *db, const struct wake_row *wake)
{
    enum store_err err = write_all(db, SQL_WAKE_ADD, wake);

    if (err == STORE_OK)
        topic_count_wake(db, wake->topic, 1);
    return err;
}

enum store_err
wake_row_set(struct db *db, const struct wake_row *wake)
{
    return write_all(db, SQL_WAKE_SET, wake);
}

enum store_err
wake_row_join(struct db *db, int64_t row, int64_t wave)
{
    struct bind bind;
    enum store_err err;

    bind_begin(&bind, db, SQL_WAKE_JOIN);
    bind_int(&bind, row);
    bind_int(&bind, wave);
    if ((err = bind_run(&bind)) != STORE_OK)
        return err;
    return count_add(db, wave, row, COUNTER_WAITING, 1);
}

static enum store_err
count_left(struct db *db, int64_t row, int64_t wave, enum counter counter)
{
    enum store_err err = count_add(db, wave, row, counter, 1);

    if (err == STORE_OK)
        err = count_add(db, wave, row, COUNTER_WAITING, -1);
    return err;
}

enum store_err
wake_row_leave(struct db *db, int64_t row, int64_t wave, enum counter counter)
{
    struct bind bind;
    enum store_err err;

    bind_begin(&bind, db, SQL_WAKE_LEAVE);
    bind_int(&bind, row);
    bind_int(&bind, wave);
    if ((err = bind_run(&bind)) != STORE_OK)
        return err;
    return count_left(db, row, wave, counter);
}

/* Most have joined none, and to look is much cheaper: for RETURNING SQLite
   makes a table in memory each time. */
enum store_err
wake_row_part(struct db *db, int64_t row, enum counter counter)
{
    enum store_err err, end;
    struct bind bind;
    bool is_joined;

    if ((err = wake_row_is_joined(db, row, &is_joined)) != STORE_OK ||
        !is_joined)
        return err;
    bind_begin(&bind, db, SQL_WAKE_PART);
    bind_int(&bind, row);
    while (err == STORE_OK && bind_row(&bind))
        err = count_left(db, row, bind_take_int(&bind), counter);
    end = bind_end(&bind);
    return err != STORE_OK ? err : end;
}

enum store_err
wake_row_is_joined(struct db *db, int64_t row, bool *is)
{
    struct bind bind;

    bind_begin(&bind, db, SQL_WAKE_IS_JOINED);
    bind_int(&bind, row);
    *is = bind_row(&bind);
    return bind_end(&bind);
}

enum store_err
wake_row_n_joined(struct db *db, int64_t wave, int64_t after, int64_t end,
                  int64_t *n)
{
    struct bind bind;

    *n = 0;
    if (db->n_wakes == 0)
        return STORE_OK;
    bind_begin(&bind, db, SQL_WAKE_N_JOINED);
    bind_int(&bind, wave);
    bind_int(&bind, after);
    bind_int(&bind, end);
    return bind_run_int(&bind, n);
}

enum store_err
wake_row_end(struct db *db, const struct wake_row *wake, enum counter counter)
{
    struct bind bind;
    enum store_err err;

    bind_begin(&bind, db, SQL_WAKE_DELETE);
    bind_int(&bind, wake->row);
    if ((err = bind_run(&bind)) != STORE_OK)
        return err;
    topic_count_wake(db, wake->topic, -1);
    return wake_row_part(db, wake->row, counter);
}

enum store_err
wake_row_drop(struct db *db, int64_t row)
{
    struct wake_row wake;
    enum store_err err = wake_row_get(db, row, &wake);

    if (err != STORE_OK || !wake.exists)
        return err;
    return wake_row_end(db, &wake, COUNTER_SKIPPED);
}

enum store_err
wake_row_move(struct db *db, int64_t row, int64_t topic)
{
    struct wake_row wake;
    enum store_err err = wake_row_get(db, row, &wake);

    if (err != STORE_OK || !wake.exists)
        return err;
    topic_count_wake(db, wake.topic, -1);
    topic_count_wake(db, topic, 1);
    wake.topic = topic;
    return wake_row_set(db, &wake);
}

enum store_err
wake_row_free(struct db *db, int64_t row)
{
    struct wake_row wake;
    enum store_err err = wake_row_get(db, row, &wake);

    if (err != STORE_OK || !wake.exists || !(wake.flags & WAKE_UNDECIDED))
        return err;
    wake.flags &= ~(uint32_t)WAKE_UNDECIDED;
    wake.due = db_now(db);
    return wake_row_set(db, &wake);
}

void
wake_row_rest(struct wake_row *wake)
{
    wake->due = wake->deadline != 0 ? wake->deadline : INT64_MAX;
    wake->pause = 0;
}

void
wake_row_merge(struct wake_row *wake, int64_t deadline, enum store_until until)
{
    if (deadline == 0 || (wake->deadline != 0 && deadline > wake->deadline))
        wake->deadline = deadline;
    if (until > wake->until)
        wake->until = (uint8_t)until;
    if (wake->flags & WAKE_UNDECIDED)
        wake_row_rest(wake);
}

void
wake_row_bound(struct wake_row *wake)
{
    if (wake->deadline != 0 && wake->due > wake->deadline)
        wake->due = wake->deadline;
}
