/* SPDX-License-Identifier: MIT */

/*
 * Lists of alerts, and of what was told.
 */

#include "alert_row.h"
#include "store/bind.h"
#include "store/core.h"
#include "store/head.h"

struct list_request {
    struct list_head list;
    store_alerts_fn *done;
    bool only_open;
};

static enum store_err
take_alert(struct store_request *request, struct bind *bind, void *row)
{
    alert_row_take(bind, &request->arena, row);
    return STORE_OK;
}

static enum store_err
run_list(struct store_request *request, struct db *db)
{
    struct list_request *it = (struct list_request *)request;
    struct bind bind;

    bind_begin(&bind, db, it->only_open ? SQL_ALERT_LIST_OPEN : SQL_ALERT_LIST);
    bind_int(&bind, (int64_t)it->list.limit);
    return head_take(&it->list, &bind, sizeof(struct store_alert), take_alert);
}

HEAD_LIST(complete_list, list_request)

static const struct store_request_kind listing = {
    .run = run_list,
    .complete = complete_list,
    .size = sizeof(struct list_request),
};

enum store_err
store_alert_list(struct store *store, bool only_open, size_t limit,
                 store_alerts_fn *done, void *arg)
{
    struct list_request like = {
        .list.limit = limit, .done = done, .only_open = only_open};

    if (limit == 0 || limit > STORE_MAX_ALERTS)
        return STORE_EINVAL;
    return store_request_put(store, &listing, &like, arg);
}

struct told_request {
    struct list_head list;
    store_tolds_fn *done;
};

static enum store_err
take_told(struct store_request *request, struct bind *bind, void *row)
{
    struct store_told *told = row;

    told->cert = bind_take_text(bind, &request->arena);
    told->thresholds = bind_take_u32(bind);
    told->days = (uint64_t)bind_take_int(bind);
    told->last_day = bind_take_int(bind);
    told->state_told = bind_take_u32(bind);
    return STORE_OK;
}

static enum store_err
run_told(struct store_request *request, struct db *db)
{
    struct told_request *it = (struct told_request *)request;
    struct bind bind;

    bind_begin(&bind, db, SQL_TOLD_LIST);
    return head_take(&it->list, &bind, sizeof(struct store_told), take_told);
}

HEAD_LIST(complete_told, told_request)

static const struct store_request_kind telling = {
    .run = run_told,
    .complete = complete_told,
    .size = sizeof(struct told_request),
};

enum store_err
store_alert_told(struct store *store, store_tolds_fn *done, void *arg)
{
    struct told_request like = {.list.limit = STORE_MAX_TOLD, .done = done};

    return store_request_put(store, &telling, &like, arg);
}
