/* SPDX-License-Identifier: MIT */
#include "event_row.h"

#include "store/bind.h"
#include "store/db.h"

static enum store_err
prune(struct db *db, int64_t newest)
{
    struct bind bind;

    if (newest <= STORE_MAX_EVENTS)
        return STORE_OK;
    bind_begin(&bind, db, SQL_EVENT_PRUNE);
    bind_int(&bind, newest - STORE_MAX_EVENTS);
    return bind_run(&bind);
}

COLUMNS_BIND(bind_columns, store_event, EVENT_COLUMNS)

enum store_err
event_row_add(struct db *db, const struct store_event *event)
{
    struct store_event row = *event;
    struct bind bind;
    enum store_err err;
    int64_t id = 0;

    if (row.at_ms == 0)
        row.at_ms = db_now(db);
    bind_begin(&bind, db, SQL_EVENT_ADD);
    bind_columns(&bind, &row);
    err = bind_run_int(&bind, &id);
    return err == STORE_OK ? prune(db, id) : err;
}
