/* SPDX-License-Identifier: MIT */
#include "enrollment_row.h"

#include "store/bind.h"
#include "store/core.h"
#include "store/wake/wake_row.h"

static enum store_err
take_row(struct bind *bind, struct enrollment_row *row)
{
    *row = (struct enrollment_row){0};
    if (bind_row(bind)) {
        row->row = bind_take_int(bind);
        row->kind = (enum store_kind)bind_take_int(bind);
        row->state = (enum store_state)bind_take_int(bind);
        row->topic = bind_take_int(bind);
        row->token_at = bind_take_int(bind);
        row->seen_at = bind_take_int(bind);
        row->checked_at = bind_take_int(bind);
        row->authenticated_at = bind_take_int(bind);
        row->token_came_at = bind_take_int(bind);
        row->tally = bind_take_u32(bind);
        row->is_tally_told = bind_take_int(bind) != 0;
        row->version = bind_take_u32(bind);
        row->is_same = bind_take_int(bind) != 0;
    }
    return bind_end(bind);
}

enum store_err
enrollment_row_find(struct db *db, const struct enrollment_texts *texts,
                    struct enrollment_row *row)
{
    struct bind bind;

    bind_begin(&bind, db, SQL_ENROLLMENT_FIND);
    bind_text(&bind, texts->id);
    bind_blob(&bind, texts->token, texts->token_len);
    bind_text(&bind, texts->magic);
    return take_row(&bind, row);
}

enum store_err
enrollment_row_get(struct db *db, int64_t number, struct enrollment_row *row)
{
    struct bind bind;

    bind_begin(&bind, db, SQL_ENROLLMENT_ROW);
    bind_int(&bind, number);
    return take_row(&bind, row);
}

enum store_err
enrollment_row_user(struct db *db, const char *parent, int64_t after,
                    struct enrollment_row *row)
{
    struct bind bind;

    bind_begin(&bind, db, SQL_ENROLLMENT_USER);
    bind_text(&bind, parent);
    bind_int(&bind, after);
    return take_row(&bind, row);
}

static enum store_err
write_all(struct db *db, enum sql_name name, const struct enrollment_row *row,
          const struct enrollment_texts *texts)
{
    struct bind bind;

    bind_begin(&bind, db, name);
    bind_int(&bind, row->row);
    bind_text(&bind, texts->id);
    bind_int(&bind, row->kind);
    bind_int(&bind, row->state);
    bind_int(&bind, row->topic);
    bind_text(&bind, texts->parent);
    bind_text(&bind, texts->serial);
    bind_blob(&bind, texts->token, texts->token_len);
    bind_text(&bind, texts->magic);
    bind_int(&bind, row->token_at);
    bind_int(&bind, row->tally);
    bind_int(&bind, row->seen_at);
    bind_int(&bind, row->checked_at);
    bind_int(&bind, row->version);
    bind_int(&bind, row->authenticated_at);
    bind_int(&bind, row->token_came_at);
    bind_int(&bind, row->is_tally_told);
    return bind_run(&bind);
}

/* What follows from a change: counters, and the wake. */
static enum store_err
follow(struct db *db, const struct enrollment_row *before,
       const struct enrollment_row *after)
{
    enum store_err err = STORE_OK;

    if (before->topic != after->topic || before->kind != after->kind ||
        before->state != after->state) {
        topic_count(db, before->topic, before->kind, before->state, -1);
        topic_count(db, after->topic, after->kind, after->state, 1);
    }
    if (before->state == STORE_STATE_ENABLED &&
        after->state != STORE_STATE_ENABLED)
        return wake_row_drop(db, before->row);
    if (before->topic != after->topic)
        err = wake_row_move(db, before->row, after->topic);
    if (err == STORE_OK && before->version != after->version)
        err = wake_row_free(db, before->row);
    return err;
}

enum store_err
enrollment_row_add(struct db *db, struct enrollment_row *row,
                   const struct enrollment_texts *texts)
{
    enum store_err err;

    row->row = db->next_row;
    err = write_all(db, SQL_ENROLLMENT_ADD, row, texts);
    if (err != STORE_OK || db_n_changed(db) == 0) {
        row->row = 0;
        return err;
    }
    db->next_row++;
    topic_count(db, row->topic, row->kind, row->state, 1);
    return STORE_OK;
}

enum store_err
enrollment_row_set(struct db *db, const struct enrollment_row *before,
                   const struct enrollment_row *after,
                   const struct enrollment_texts *texts)
{
    enum store_err err = write_all(db, SQL_ENROLLMENT_SET, after, texts);

    return err != STORE_OK ? err : follow(db, before, after);
}

enum store_err
enrollment_row_token(struct db *db, const struct enrollment_row *before,
                     const struct enrollment_row *after,
                     const struct enrollment_texts *texts)
{
    enum store_err err = write_all(db, SQL_ENROLLMENT_TOKEN, after, texts);

    return err != STORE_OK ? err : follow(db, before, after);
}

enum store_err
enrollment_row_mark(struct db *db, const struct enrollment_row *before,
                    const struct enrollment_row *after, const char *serial)
{
    struct bind bind;
    enum store_err err;

    bind_begin(&bind, db, SQL_ENROLLMENT_MARK);
    bind_int(&bind, after->row);
    bind_int(&bind, after->kind);
    bind_int(&bind, after->state);
    bind_int(&bind, after->topic);
    bind_text(&bind, serial);
    bind_int(&bind, after->tally);
    bind_int(&bind, after->seen_at);
    bind_int(&bind, after->checked_at);
    bind_int(&bind, after->version);
    bind_int(&bind, after->authenticated_at);
    err = bind_run(&bind);
    return err != STORE_OK ? err : follow(db, before, after);
}

enum store_err
enrollment_row_state(struct db *db, struct enrollment_row *row,
                     enum store_state state)
{
    struct enrollment_row before = *row;
    struct bind bind;
    enum store_err err;

    row->state = state;
    bind_begin(&bind, db, SQL_ENROLLMENT_STATE);
    bind_int(&bind, row->row);
    bind_int(&bind, state);
    err = bind_run(&bind);
    return err != STORE_OK ? err : follow(db, &before, row);
}

enum store_err
enrollment_row_seen(struct db *db, int64_t number, int64_t seen_at)
{
    struct bind bind;

    bind_begin(&bind, db, SQL_ENROLLMENT_SEEN);
    bind_int(&bind, number);
    bind_int(&bind, seen_at);
    return bind_run(&bind);
}

enum store_err
enrollment_row_delete(struct db *db, const struct enrollment_row *row)
{
    struct bind bind;
    enum store_err err = wake_row_drop(db, row->row);

    if (err != STORE_OK)
        return err;
    topic_count(db, row->topic, row->kind, row->state, -1);
    bind_begin(&bind, db, SQL_ENROLLMENT_DELETE);
    bind_int(&bind, row->row);
    return bind_run(&bind);
}
