/* SPDX-License-Identifier: MIT */
#include "event_row.h"
#include "store/bind.h"
#include "store/core.h"
#include "store/done_request.h"
#include "store/shape.h"

/*
 * Add.
 */

struct add_request {
    struct done_request head;
    struct store_event event;
};

static enum store_err
run_add(struct store_request *request, struct db *db)
{
    return event_row_add(db, &((struct add_request *)request)->event);
}

static const struct store_request_kind adding = {
    .is_write = true,
    .run = run_add,
    .complete = done_request_complete,
};

enum store_err
store_event_add(struct store *store, const struct store_event *event,
                store_done_fn *done, void *arg)
{
    struct add_request *it;
    struct arena *arena;

    if (!shape_name(event->kind, STORE_MAX_NAME) ||
        !shape_text(event->subject, STORE_MAX_ID) ||
        !shape_text(event->actor, STORE_MAX_NAME) ||
        !shape_text(event->detail, STORE_MAX_NOTE) || event->at_ms < 0)
        return STORE_EINVAL;
    it = store_request_new(store, &adding, sizeof *it, arg);
    if (it == NULL)
        return store->refusal;
    arena = &it->head.request.arena;
    it->head.done = done;
    it->event.at_ms = event->at_ms;
    it->event.kind = arena_text(arena, event->kind);
    it->event.subject = arena_text(arena, shape_given(event->subject));
    it->event.actor = arena_text(arena, shape_given(event->actor));
    it->event.detail = arena_text(arena, shape_given(event->detail));
    return store_request_add(store, &it->head.request);
}

/*
 * List.
 */

struct list_request {
    struct store_request request;
    store_events_fn *done;
    int64_t after;
    size_t limit;
    struct store_event *events;
    size_t n;
};

static enum store_err
run_list(struct store_request *request, struct db *db)
{
    struct list_request *it = (struct list_request *)request;
    struct arena *arena = &request->arena;
    struct bind bind;

    it->n = 0;
    it->events = arena_take(arena, it->limit * sizeof *it->events);
    if (it->events == NULL)
        return STORE_ENOMEM;
    bind_begin(&bind, db, SQL_EVENT_LIST);
    bind_int(&bind, it->after);
    bind_int(&bind, (int64_t)it->limit);
    while (bind_row(&bind)) {
        struct store_event *event = &it->events[it->n++];

        event->id = bind_take_int(&bind);
        event->at_ms = bind_take_int(&bind);
        event->kind = bind_take_text(&bind, arena);
        event->subject = bind_take_text(&bind, arena);
        event->actor = bind_take_text(&bind, arena);
        event->detail = bind_take_text(&bind, arena);
    }
    return bind_end_taken(&bind, arena, STORE_OK);
}

static void
complete_list(struct store_request *request, enum store_err err)
{
    struct list_request *it = (struct list_request *)request;

    if (it->done == NULL)
        return;
    if (err == STORE_OK)
        it->done(request->arg, err, it->events, it->n);
    else
        it->done(request->arg, err, NULL, 0);
}

static const struct store_request_kind listing = {
    .run = run_list,
    .complete = complete_list,
};

enum store_err
store_event_list(struct store *store, int64_t after, size_t limit,
                 store_events_fn *done, void *arg)
{
    struct list_request *it;

    if (after < 0 || limit == 0 || limit > STORE_MAX_BATCH)
        return STORE_EINVAL;
    it = store_request_new(store, &listing, sizeof *it, arg);
    if (it == NULL)
        return store->refusal;
    it->done = done;
    it->after = after;
    it->limit = limit;
    return store_request_add(store, &it->request);
}
