/* SPDX-License-Identifier: MIT */

/*
 * Lists of alerts, and of what was told.
 */

#include "alert_row.h"
#include "store/bind.h"
#include "store/core.h"

struct list_request {
    struct store_request request;
    store_alerts_fn *done;
    bool only_open;
    size_t limit;
    struct store_alert *alerts;
    size_t n;
};

static enum store_err
run_list(struct store_request *request, struct db *db)
{
    struct list_request *it = (struct list_request *)request;
    struct bind bind;

    it->n = 0;
    it->alerts = arena_take(&request->arena, it->limit * sizeof *it->alerts);
    if (it->alerts == NULL)
        return STORE_ENOMEM;
    bind_begin(&bind, db, it->only_open ? SQL_ALERT_LIST_OPEN : SQL_ALERT_LIST);
    bind_int(&bind, (int64_t)it->limit);
    while (bind_row(&bind))
        alert_row_take(&bind, &request->arena, &it->alerts[it->n++]);
    return bind_end_taken(&bind, &request->arena, STORE_OK);
}

static void
complete_list(struct store_request *request, enum store_err err)
{
    struct list_request *it = (struct list_request *)request;

    if (it->done == NULL)
        return;
    if (err == STORE_OK)
        it->done(request->arg, err, it->alerts, it->n);
    else
        it->done(request->arg, err, NULL, 0);
}

static const struct store_request_kind listing = {
    .run = run_list,
    .complete = complete_list,
};

enum store_err
store_alert_list(struct store *store, bool only_open, size_t limit,
                 store_alerts_fn *done, void *arg)
{
    struct list_request *it;

    if (limit == 0 || limit > STORE_MAX_ALERTS)
        return STORE_EINVAL;
    it = store_request_new(store, &listing, sizeof *it, arg);
    if (it == NULL)
        return store->refusal;
    it->done = done;
    it->only_open = only_open;
    it->limit = limit;
    return store_request_add(store, &it->request);
}

struct told_request {
    struct store_request request;
    store_tolds_fn *done;
    struct store_told *tolds;
    size_t n;
};

static enum store_err
run_told(struct store_request *request, struct db *db)
{
    struct told_request *it = (struct told_request *)request;
    struct bind bind;

    it->n = 0;
    it->tolds = arena_take(&request->arena, STORE_MAX_TOLD * sizeof *it->tolds);
    if (it->tolds == NULL)
        return STORE_ENOMEM;
    bind_begin(&bind, db, SQL_TOLD_LIST);
    while (it->n < STORE_MAX_TOLD && bind_row(&bind)) {
        struct store_told *told = &it->tolds[it->n++];

        told->cert = bind_take_text(&bind, &request->arena);
        told->thresholds = bind_take_u32(&bind);
        told->days = (uint64_t)bind_take_int(&bind);
        told->last_day = bind_take_int(&bind);
        told->state_told = bind_take_u32(&bind);
    }
    return bind_end_taken(&bind, &request->arena, STORE_OK);
}

static void
complete_told(struct store_request *request, enum store_err err)
{
    struct told_request *it = (struct told_request *)request;

    if (it->done == NULL)
        return;
    if (err == STORE_OK)
        it->done(request->arg, err, it->tolds, it->n);
    else
        it->done(request->arg, err, NULL, 0);
}

static const struct store_request_kind telling = {
    .run = run_told,
    .complete = complete_told,
};

enum store_err
store_alert_told(struct store *store, store_tolds_fn *done, void *arg)
{
    struct told_request *it =
        store_request_new(store, &telling, sizeof *it, arg);

    if (it == NULL)
        return store->refusal;
    it->done = done;
    return store_request_add(store, &it->request);
}
