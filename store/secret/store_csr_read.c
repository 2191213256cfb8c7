/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "store/bind.h"
#include "store/core.h"
#include "store/shape.h"
#include "vault.h"

struct read_request {
    struct store_request request;
    store_csrs_fn *done;
    const char *name; /* NULL: all */
    bool with_keys;
    struct store_csr *csrs;
    size_t n;
    size_t room;
};

static struct store_csr *
add(struct read_request *it)
{
    struct store_csr *csrs = arena_more(&it->request.arena, it->csrs, it->n,
                                        &it->room, sizeof *csrs);

    if (csrs == NULL)
        return NULL;
    it->csrs = csrs;
    return &csrs[it->n++];
}

/* SQL_REQUEST_COLUMNS */
static enum store_err
take_csr(struct db *db, struct bind *bind, struct arena *arena, bool with_keys,
         struct store_csr *csr)
{
    const uint8_t *sealed;
    enum store_err err = STORE_OK;
    size_t len;

    csr->name = bind_take_text(bind, arena);
    csr->topic = bind_take_text(bind, arena);
    csr->csr_pem = bind_take_text(bind, arena);
    csr->spki_sha256 = bind_take_text(bind, arena);
    if (arena->is_failed)
        return STORE_ENOMEM;
    sealed = bind_peek_blob(bind, &len);
    if (with_keys)
        err = vault_open(db, arena, csr->name, csr->spki_sha256, sealed, len,
                         &csr->key_pem);
    csr->upload = bind_take_text(bind, arena);
    csr->mail_cert_pem = bind_take_text(bind, arena);
    sealed = bind_peek_blob(bind, &len);
    if (with_keys && err == STORE_OK)
        err = vault_open(db, arena, csr->name, VAULT_MAIL_PRINT, sealed, len,
                         &csr->mail_key_pem);
    csr->created_at_ms = bind_take_int(bind);
    csr->created_by = bind_take_text(bind, arena);
    return err;
}

static enum store_err
run_read(struct store_request *request, struct db *db)
{
    struct read_request *it = (struct read_request *)request;
    enum store_err err = STORE_OK;
    struct store_csr *csr;
    struct bind bind;

    it->n = it->room = 0;
    bind_begin(&bind, db, SQL_REQUEST_LIST);
    bind_text(&bind, it->name);
    while (err == STORE_OK && bind_row(&bind)) {
        csr = add(it);
        err = csr == NULL
                  ? STORE_ENOMEM
                  : take_csr(db, &bind, &request->arena, it->with_keys, csr);
    }
    err = bind_end_taken(&bind, &request->arena, err);
    return err == STORE_OK && it->name != NULL && it->n == 0 ? STORE_ENOTFOUND
                                                             : err;
}

static void
complete_read(struct store_request *request, enum store_err err)
{
    struct read_request *it = (struct read_request *)request;

    if (it->done == NULL)
        return;
    if (err == STORE_OK)
        it->done(request->arg, err, it->csrs, it->n);
    else
        it->done(request->arg, err, NULL, 0);
}

static const struct store_request_kind reading = {
    .run = run_read,
    .complete = complete_read,
};

enum store_err
store_csr_list(struct store *store, const char *name, bool with_keys,
               store_csrs_fn *done, void *arg)
{
    struct read_request *it;

    if (!shape_text(name, STORE_MAX_NAME))
        return STORE_EINVAL;
    it = store_request_new(store, &reading, sizeof *it, arg);
    if (it == NULL)
        return store->refusal;
    it->request.arena.is_secret = with_keys;
    it->done = done;
    it->with_keys = with_keys;
    it->name = arena_text(&it->request.arena, name);
    return store_request_add(store, &it->request);
}

/*
 * Whose key is it?
 */

struct find_request {
    struct store_request request;
    store_found_key_fn *done;
    const char *spki_sha256;
    struct store_found_key found;
};

static enum store_err
find_in_requests(struct find_request *it, struct db *db)
{
    struct store_csr csr = {0};
    enum store_err err = STORE_ENOTFOUND, end;
    struct bind bind;

    bind_begin(&bind, db, SQL_REQUEST_KEY);
    bind_text(&bind, it->spki_sha256);
    if (bind_row(&bind))
        err = take_csr(db, &bind, &it->request.arena, true, &csr);
    end = bind_end(&bind);
    it->found.request = csr.name;
    it->found.topic = csr.topic;
    it->found.key_pem = csr.key_pem;
    return end != STORE_OK ? end : err;
}

static enum store_err
find_in_history(struct find_request *it, struct db *db)
{
    struct arena *arena = &it->request.arena;
    const uint8_t *sealed;
    enum store_err err = STORE_ENOTFOUND, end;
    const char *sha256;
    struct bind bind;
    size_t len;

    bind_begin(&bind, db, SQL_CERT_KEY);
    bind_text(&bind, it->spki_sha256);
    if (bind_row(&bind)) {
        it->found.topic = bind_take_text(&bind, arena);
        sealed = bind_peek_blob(&bind, &len);
        sha256 = bind_take_text(&bind, arena);
        err = arena->is_failed ? STORE_ENOMEM
                               : vault_open(db, arena, it->found.topic, sha256,
                                            sealed, len, &it->found.key_pem);
    }
    end = bind_end(&bind);
    return end != STORE_OK ? end : err;
}

static enum store_err
run_find(struct store_request *request, struct db *db)
{
    struct find_request *it = (struct find_request *)request;
    enum store_err err;

    it->found = (struct store_found_key){0};
    err = find_in_requests(it, db);
    return err == STORE_ENOTFOUND ? find_in_history(it, db) : err;
}

static void
complete_find(struct store_request *request, enum store_err err)
{
    struct find_request *it = (struct find_request *)request;

    if (it->done != NULL)
        it->done(request->arg, err, err == STORE_OK ? &it->found : NULL);
}

static const struct store_request_kind finding = {
    .run = run_find,
    .complete = complete_find,
};

enum store_err
store_csr_find_key(struct store *store, const char *spki_sha256,
                   store_found_key_fn *done, void *arg)
{
    struct find_request *it;

    if (!shape_name(spki_sha256, STORE_MAX_NAME))
        return STORE_EINVAL;
    it = store_request_new(store, &finding, sizeof *it, arg);
    if (it == NULL)
        return store->refusal;
    it->request.arena.is_secret = true;
    it->done = done;
    it->spki_sha256 = arena_text(&it->request.arena, spki_sha256);
    return store_request_add(store, &it->request);
}
