/* SPDX-License-Identifier: MIT */
#include "ask_no.h"

#include "store/bind.h"
#include "store/core.h"

enum store_err
ask_no_load(struct db *db)
{
    struct bind bind;

    bind_begin(&bind, db, SQL_ASK_NO_GET);
    if (bind_row(&bind))
        db->ask_no.newest = db->ask_no.on_disk = bind_take_int(&bind);
    return bind_end(&bind);
}

int64_t
ask_no_take(struct db *db)
{
    return ++db->ask_no.newest;
}

enum store_err
ask_no_save(struct db *db)
{
    struct bind bind;

    if (db->ask_no.newest == db->ask_no.on_disk)
        return STORE_OK;
    bind_begin(&bind, db, SQL_ASK_NO_SET);
    bind_int(&bind, db->ask_no.newest);
    return bind_run(&bind);
}

void
ask_no_saved(struct db *db)
{
    db->ask_no.on_disk = db->ask_no.newest;
}
