/* SPDX-License-Identifier: MIT */
#include "event_row.h"
#include "store/bind.h"
#include "store/core.h"
#include "store/head.h"

/*
 * Add.
 */

struct add_request {
    struct done_head head;
    struct store_event event;
};

static enum store_err
run_add(struct store_request *request, struct db *db)
{
    return event_row_add(db, &((struct add_request *)request)->event);
}

static const struct store_text add_texts[] = {
    TEXT(add_request, event.kind, STORE_MAX_NAME, NEEDED),
    TEXT(add_request, event.subject, STORE_MAX_ID, GIVEN),
    TEXT(add_request, event.actor, STORE_MAX_NAME, GIVEN),
    TEXT(add_request, event.detail, STORE_MAX_NOTE, GIVEN),
    {0},
};

static const struct store_request_kind adding = {
    .is_write = true,
    .run = run_add,
    .complete = head_done,
    .size = sizeof(struct add_request),
    .texts = add_texts,
};

enum store_err
store_event_add(struct store *store, const struct store_event *event,
                store_done_fn *done, void *arg)
{
    struct add_request like = {.head.done = done, .event = *event};

    if (event->at_ms < 0)
        return STORE_EINVAL;
    return store_request_put(store, &adding, &like, arg);
}

/*
 * List.
 */

struct list_request {
    struct list_head list;
    store_events_fn *done;
    int64_t after;
};

COLUMNS_TAKE(take_columns, store_event, EVENT_COLUMNS)

static enum store_err
take_event(struct store_request *request, struct bind *bind, void *row)
{
    ((struct store_event *)row)->id = bind_take_int(bind);
    take_columns(bind, &request->arena, row);
    return STORE_OK;
}

static enum store_err
run_list(struct store_request *request, struct db *db)
{
    struct list_request *it = (struct list_request *)request;
    struct bind bind;

    bind_begin(&bind, db, SQL_EVENT_LIST);
    bind_int(&bind, it->after);
    bind_int(&bind, (int64_t)it->list.limit);
    return head_take(&it->list, &bind, sizeof(struct store_event), take_event);
}

HEAD_LIST(complete_list, list_request)

static const struct store_request_kind listing = {
    .run = run_list,
    .complete = complete_list,
    .size = sizeof(struct list_request),
};

enum store_err
store_event_list(struct store *store, int64_t after, size_t limit,
                 store_events_fn *done, void *arg)
{
    struct list_request like = {
        .list.limit = limit, .done = done, .after = after};

    if (after < 0 || limit == 0 || limit > STORE_MAX_BATCH)
        return STORE_EINVAL;
    return store_request_put(store, &listing, &like, arg);
}
