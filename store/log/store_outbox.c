/* SPDX-License-Identifier: MIT */

/*
 * Messages about alerts that wait to be delivered.
 */

#include "alert_row.h"
#include "store/bind.h"
#include "store/core.h"
#include "store/head.h"

struct next_request {
    struct store_request request;
    store_message_fn *done;
    uint32_t channel;
    bool is_there;
    struct store_message message;
};

static enum store_err
run_next(struct store_request *request, struct db *db)
{
    struct next_request *it = (struct next_request *)request;
    struct store_message *message = &it->message;
    struct bind bind;

    bind_begin(&bind, db, SQL_OUTBOX_NEXT);
    bind_int(&bind, it->channel);
    it->is_there = bind_row(&bind);
    if (it->is_there) {
        message->id = bind_take_int(&bind);
        message->channel = bind_take_u32(&bind);
        message->attempt = bind_take_u32(&bind);
        message->due_ms = bind_take_int(&bind);
        message->is_end = bind_take_int(&bind) != 0;
        alert_row_take(&bind, &request->arena, &message->alert);
    }
    return bind_end_taken(&bind, &request->arena, STORE_OK);
}

static void
complete_next(struct store_request *request, enum store_err err)
{
    struct next_request *it = (struct next_request *)request;
    bool is_there = err == STORE_OK && it->is_there;

    if (it->done != NULL)
        it->done(request->arg, err, is_there ? &it->message : NULL);
}

static const struct store_request_kind nexting = {
    .run = run_next,
    .complete = complete_next,
    .size = sizeof(struct next_request),
};

enum store_err
store_outbox_next(struct store *store, uint32_t channel, store_message_fn *done,
                  void *arg)
{
    struct next_request like = {.done = done, .channel = channel};

    if (channel >= STORE_MAX_CHANNELS)
        return STORE_EINVAL;
    return store_request_put(store, &nexting, &like, arg);
}

struct change_request {
    struct done_head head;
    int64_t id;
    int64_t due_ms; /* of a message that is put off */
};

static enum store_err
run_put_off(struct store_request *request, struct db *db)
{
    struct change_request *it = (struct change_request *)request;
    struct bind bind;

    bind_begin(&bind, db, SQL_OUTBOX_PUT_OFF);
    bind_int(&bind, it->id);
    bind_int(&bind, it->due_ms);
    return bind_run_changed(&bind, STORE_ENOTFOUND);
}

static enum store_err
run_drop(struct store_request *request, struct db *db)
{
    struct change_request *it = (struct change_request *)request;
    struct bind bind;

    bind_begin(&bind, db, SQL_OUTBOX_DROP);
    bind_int(&bind, it->id);
    return bind_run_changed(&bind, STORE_ENOTFOUND);
}

static const struct store_request_kind putting_off = {
    .is_write = true,
    .run = run_put_off,
    .complete = head_done,
    .size = sizeof(struct change_request),
};

static const struct store_request_kind dropping = {
    .is_write = true,
    .run = run_drop,
    .complete = head_done,
    .size = sizeof(struct change_request),
};

enum store_err
store_outbox_put_off(struct store *store, int64_t id, int64_t due_ms,
                     store_done_fn *done, void *arg)
{
    struct change_request like = {
        .head.done = done, .id = id, .due_ms = due_ms};

    return store_request_put(store, &putting_off, &like, arg);
}

enum store_err
store_outbox_drop(struct store *store, int64_t id, store_done_fn *done,
                  void *arg)
{
    struct change_request like = {.head.done = done, .id = id};

    return store_request_put(store, &dropping, &like, arg);
}
