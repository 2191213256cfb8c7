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

enum store_err
event_row_add(struct db *db, const struct store_event *event)
{
    struct bind bind;
    enum store_err err;
    int64_t id = 0;

    bind_begin(&bind, db, SQL_EVENT_ADD);
    bind_int(&bind, event->at_ms != 0 ? event->at_ms : db_now(db));
    bind_text(&bind, event->kind);
    bind_text(&bind, event->subject);
    bind_text(&bind, event->actor);
    bind_text(&bind, event->detail);
    err = bind_run_int(&bind, &id);
    return err == STORE_OK ? prune(db, id) : err;
}
