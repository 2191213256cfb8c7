/* SPDX-License-Identifier: MIT */

/*
 * The MDM vendor's credential: certificate and chain in clear, key sealed.
 */

#include "store/bind.h"
#include "store/core.h"
#include "store/done_request.h"
#include "store/shape.h"
#include "vault.h"

struct vendor_request {
    struct done_request head;
    store_vendor_fn *answer; /* get */
    bool with_key;
    struct store_vendor vendor;
};

static enum store_err
run_put(struct store_request *request, struct db *db)
{
    const struct vendor_request *it = (struct vendor_request *)request;
    const struct store_vendor *vendor = &it->vendor;
    struct vault_box box;
    struct bind bind;

    if (!vault_close(db, &request->arena, VAULT_VENDOR, vendor->sha256,
                     vendor->key_pem, &box))
        return STORE_ENOMEM;
    bind_begin(&bind, db, SQL_VENDOR_PUT);
    bind_text(&bind, vendor->cert_pem);
    bind_text(&bind, vendor->chain_pem);
    bind_blob(&bind, box.sealed, box.len);
    bind_text(&bind, vendor->sha256);
    bind_int(&bind, vendor->put_at_ms != 0 ? vendor->put_at_ms : db_now(db));
    bind_text(&bind, vendor->put_by);
    return bind_run(&bind);
}

static enum store_err
run_delete(struct store_request *request, struct db *db)
{
    struct bind bind;
    bool was_there;
    enum store_err err;

    (void)request;
    bind_begin(&bind, db, SQL_VENDOR_DROP);
    was_there = bind_row(&bind);
    if (was_there)
        bind_row(&bind);
    err = bind_end(&bind);
    return err == STORE_OK && !was_there ? STORE_ENOTFOUND : err;
}

static enum store_err
run_get(struct store_request *request, struct db *db)
{
    struct vendor_request *it = (struct vendor_request *)request;
    struct store_vendor *vendor = &it->vendor;
    struct arena *arena = &request->arena;
    const uint8_t *sealed;
    enum store_err err = STORE_ENOTFOUND, end;
    struct bind bind;
    size_t len;

    bind_begin(&bind, db, SQL_VENDOR_GET);
    if (bind_row(&bind)) {
        vendor->cert_pem = bind_take_text(&bind, arena);
        vendor->chain_pem = bind_take_text(&bind, arena);
        sealed = bind_peek_blob(&bind, &len);
        vendor->sha256 = bind_take_text(&bind, arena);
        vendor->put_at_ms = bind_take_int(&bind);
        vendor->put_by = bind_take_text(&bind, arena);
        err = arena->is_failed ? STORE_ENOMEM : STORE_OK;
        if (err == STORE_OK && it->with_key)
            err = vault_open(db, arena, VAULT_VENDOR, vendor->sha256, sealed,
                             len, &vendor->key_pem);
    }
    end = bind_end(&bind);
    return end != STORE_OK ? end : err;
}

static void
complete_get(struct store_request *request, enum store_err err)
{
    const struct vendor_request *it = (struct vendor_request *)request;

    if (it->answer != NULL)
        it->answer(request->arg, err, err == STORE_OK ? &it->vendor : NULL);
}

static const struct store_request_kind putting = {
    .is_write = true,
    .run = run_put,
    .complete = done_request_complete,
};

static const struct store_request_kind deleting = {
    .is_write = true,
    .run = run_delete,
    .complete = done_request_complete,
};

static const struct store_request_kind getting = {
    .run = run_get,
    .complete = complete_get,
};

enum store_err
store_vendor_put(struct store *store, const struct store_vendor *vendor,
                 store_done_fn *done, void *arg)
{
    struct vendor_request *it;
    struct arena *arena;

    if (!shape_name(vendor->cert_pem, STORE_MAX_PEM) ||
        !shape_text(vendor->chain_pem, STORE_MAX_PEM) ||
        !shape_name(vendor->key_pem, STORE_MAX_PEM) ||
        !shape_name(vendor->sha256, STORE_MAX_NAME) ||
        !shape_text(vendor->put_by, STORE_MAX_NAME))
        return STORE_EINVAL;
    it = store_request_new(store, &putting, sizeof *it, arg);
    if (it == NULL)
        return store->refusal;
    arena = &it->head.request.arena;
    arena->is_secret = true;
    it->head.done = done;
    it->vendor = (struct store_vendor){
        .cert_pem = arena_text(arena, vendor->cert_pem),
        .chain_pem = arena_text(arena, shape_given(vendor->chain_pem)),
        .key_pem = arena_text(arena, vendor->key_pem),
        .sha256 = arena_text(arena, vendor->sha256),
        .put_at_ms = vendor->put_at_ms,
        .put_by = arena_text(arena, shape_given(vendor->put_by)),
    };
    return store_request_add(store, &it->head.request);
}

enum store_err
store_vendor_get(struct store *store, bool with_key, store_vendor_fn *done,
                 void *arg)
{
    struct vendor_request *it =
        store_request_new(store, &getting, sizeof *it, arg);

    if (it == NULL)
        return store->refusal;
    it->head.request.arena.is_secret = with_key;
    it->answer = done;
    it->with_key = with_key;
    return store_request_add(store, &it->head.request);
}

enum store_err
store_vendor_delete(struct store *store, store_done_fn *done, void *arg)
{
    struct vendor_request *it =
        store_request_new(store, &deleting, sizeof *it, arg);

    if (it == NULL)
        return store->refusal;
    it->head.done = done;
    return store_request_add(store, &it->head.request);
}
