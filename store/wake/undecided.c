/* SPDX-License-Identifier: MIT */
#include "undecided.h"

#include "store/bind.h"
#include "store/core.h"
#include "store/enrollment/enrollment_row.h"
#include "store/head.h"
#include "wake_row.h"

enum store_err
undecided_free(struct db *db, const char *topic)
{
    int64_t id;
    enum store_err err = topic_find(db, topic, &id);
    struct bind bind;

    if (err != STORE_OK || id < 0)
        return err; /* of one not known nothing waits */
    bind_begin(&bind, db, SQL_UNDECIDED_FREE);
    bind_int(&bind, id);
    bind_int(&bind, db_now(db));
    return bind_run(&bind);
}

struct mark_request {
    struct count_head head;
    const char *topic;
    size_t max;
    int64_t *rows;
};

static enum store_err
list(struct mark_request *it, struct db *db, int64_t topic)
{
    struct bind bind;

    it->head.n = 0;
    bind_begin(&bind, db, SQL_UNDECIDED_LIST);
    bind_int(&bind, topic);
    bind_int(&bind, (int64_t)it->max);
    while (it->head.n < (int64_t)it->max && bind_row(&bind))
        it->rows[it->head.n++] = bind_take_int(&bind);
    return bind_end(&bind);
}

/* Its token is the one that was refused: with another it is not undecided. */
static enum store_err
mark_one(struct db *db, int64_t number)
{
    struct enrollment_row row;
    struct wake_row wake;
    enum store_err err = wake_row_get(db, number, &wake);

    if (err == STORE_OK)
        err = wake_row_end(db, &wake, COUNTER_SUSPECT);
    if (err == STORE_OK)
        err = enrollment_row_get(db, number, &row);
    if (err == STORE_OK)
        err = enrollment_row_state(db, &row, STORE_STATE_SUSPECT);
    return err;
}

static enum store_err
run_mark(struct store_request *request, struct db *db)
{
    struct mark_request *it = (struct mark_request *)request;
    int64_t topic;
    enum store_err err = topic_find(db, it->topic, &topic);

    it->head.n = 0;
    if (err != STORE_OK || topic < 0)
        return err;
    it->rows = arena_take(&request->arena, it->max * sizeof *it->rows);
    if (it->rows == NULL)
        return STORE_ENOMEM;
    err = list(it, db, topic);
    for (int64_t i = 0; i < it->head.n && err == STORE_OK; i++)
        err = mark_one(db, it->rows[i]);
    return err;
}

static const struct store_text mark_texts[] = {
    TEXT(mark_request, topic, STORE_MAX_TOPIC, NEEDED),
    {0},
};

static const struct store_request_kind marking = {
    .is_write = true,
    .run = run_mark,
    .complete = head_count,
    .size = sizeof(struct mark_request),
    .texts = mark_texts,
};

enum store_err
store_undecided_mark(struct store *store, const char *topic, size_t max,
                     store_count_fn *done, void *arg)
{
    struct mark_request like = {.head.done = done, .topic = topic, .max = max};

    if (max == 0 || max > STORE_MAX_BATCH)
        return STORE_EINVAL;
    return store_request_put(store, &marking, &like, arg);
}
