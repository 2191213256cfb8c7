/* SPDX-License-Identifier: MIT */

/*
 * The MDM vendor's credential: certificate and chain in clear, key sealed.
 */

#include "store/bind.h"
#include "store/core.h"
#include "store/head.h"
#include "vault.h"

/* VENDOR_COLUMNS */
struct vendor_row {
    struct store_vendor vendor;
    struct vault_box key;
};

COLUMNS_BIND(bind_columns, vendor_row, VENDOR_COLUMNS)
COLUMNS_TAKE(take_columns, vendor_row, VENDOR_COLUMNS)

struct put_request {
    struct done_head head;
    struct store_vendor vendor;
};

struct get_request {
    struct store_request request;
    store_vendor_fn *done;
    bool with_key;
    struct store_vendor vendor;
};

static enum store_err
run_put(struct store_request *request, struct db *db)
{
    const struct put_request *put = (struct put_request *)request;
    struct vendor_row row = {.vendor = put->vendor};
    struct bind bind;

    if (!vault_close(db, &request->arena, VAULT_VENDOR, row.vendor.sha256,
                     row.vendor.key_pem, &row.key))
        return STORE_ENOMEM;
    if (row.vendor.put_at_ms == 0)
        row.vendor.put_at_ms = db_now(db);
    bind_begin(&bind, db, SQL_VENDOR_PUT);
    bind_columns(&bind, &row);
    return bind_run(&bind);
}

static enum store_err
run_delete(struct store_request *request, struct db *db)
{
    struct bind bind;

    (void)request;
    bind_begin(&bind, db, SQL_VENDOR_DROP);
    return bind_run_changed(&bind, STORE_ENOTFOUND);
}

static enum store_err
run_get(struct store_request *request, struct db *db)
{
    struct get_request *get = (struct get_request *)request;
    struct vendor_row row = {0};
    struct arena *arena = &request->arena;
    enum store_err err = STORE_ENOTFOUND;
    struct bind bind;

    bind_begin(&bind, db, SQL_VENDOR_GET);
    if (bind_row(&bind)) {
        err = STORE_OK;
        take_columns(&bind, arena, &row);
        if (get->with_key)
            err = vault_open(db, arena, VAULT_VENDOR, row.vendor.sha256,
                             &row.key, &row.vendor.key_pem);
    }
    get->vendor = row.vendor;
    return bind_end_taken(&bind, arena, err);
}

HEAD_ROW(complete_get, get_request, vendor)

static const struct store_text put_texts[] = {
    TEXT(put_request, vendor.cert_pem, STORE_MAX_PEM, NEEDED),
    TEXT(put_request, vendor.chain_pem, STORE_MAX_PEM, GIVEN),
    TEXT(put_request, vendor.key_pem, STORE_MAX_PEM, NEEDED),
    TEXT(put_request, vendor.sha256, STORE_MAX_NAME, NEEDED),
    TEXT(put_request, vendor.put_by, STORE_MAX_NAME, GIVEN),
    {0},
};

static const struct store_request_kind putting = {
    .is_write = true,
    .run = run_put,
    .complete = head_done,
    .size = sizeof(struct put_request),
    .texts = put_texts,
};

static const struct store_request_kind deleting = {
    .is_write = true,
    .run = run_delete,
    .complete = head_done,
    .size = sizeof(struct done_head),
};

static const struct store_request_kind getting = {
    .run = run_get,
    .complete = complete_get,
    .size = sizeof(struct get_request),
};

enum store_err
store_vendor_put(struct store *store, const struct store_vendor *vendor,
                 store_done_fn *done, void *arg)
{
    struct put_request like = {.head.done = done, .vendor = *vendor};

    like.head.request.arena.is_secret = true;
    return store_request_put(store, &putting, &like, arg);
}

enum store_err
store_vendor_get(struct store *store, bool with_key, store_vendor_fn *done,
                 void *arg)
{
    struct get_request like = {.done = done, .with_key = with_key};

    like.request.arena.is_secret = with_key;
    return store_request_put(store, &getting, &like, arg);
}

enum store_err
store_vendor_delete(struct store *store, store_done_fn *done, void *arg)
{
    struct done_head like = {.done = done};

    return store_request_put(store, &deleting, &like, arg);
}
