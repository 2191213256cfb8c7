/* SPDX-License-Identifier: MIT */

/*
 * Certificate requests: their keys are sealed under the request's name and
 * public key; the one that opens mdmcert.download's mail likewise.
 */

#include <string.h>

#include "store/bind.h"
#include "store/core.h"
#include "store/done_request.h"
#include "store/shape.h"
#include "vault.h"

/*
 * Put.
 */

struct put_request {
    struct done_request head;
    struct store_csr csr;
};

static enum store_err
run_put(struct store_request *request, struct db *db)
{
    struct put_request *it = (struct put_request *)request;
    const struct store_csr *csr = &it->csr;
    struct vault_box key, mail;
    struct bind bind;
    bool is_new;
    enum store_err err;

    if (!vault_close(db, &request->arena, csr->name, csr->spki_sha256,
                     csr->key_pem, &key) ||
        !vault_close(db, &request->arena, csr->name, VAULT_MAIL_PRINT,
                     csr->mail_key_pem, &mail))
        return STORE_ENOMEM;
    bind_begin(&bind, db, SQL_REQUEST_ADD);
    bind_text(&bind, csr->name);
    bind_text(&bind, csr->topic);
    bind_text(&bind, csr->csr_pem);
    bind_text(&bind, csr->spki_sha256);
    bind_blob(&bind, key.sealed, key.len);
    bind_text(&bind, csr->upload);
    bind_text(&bind, csr->mail_cert_pem);
    bind_blob(&bind, mail.sealed, mail.len);
    bind_int(&bind, csr->created_at_ms != 0 ? csr->created_at_ms : db_now(db));
    bind_text(&bind, csr->created_by);
    is_new = bind_row(&bind);
    if (is_new)
        bind_row(&bind);
    err = bind_end(&bind);
    return err == STORE_OK && !is_new ? STORE_ECONFLICT : err;
}

static const struct store_request_kind putting = {
    .is_write = true,
    .run = run_put,
    .complete = done_request_complete,
};

static bool
shape_csr(const struct store_csr *csr)
{
    return shape_name(csr->name, STORE_MAX_NAME) &&
           shape_text(csr->topic, STORE_MAX_TOPIC) &&
           shape_name(csr->csr_pem, STORE_MAX_PEM) &&
           shape_name(csr->spki_sha256, STORE_MAX_NAME) &&
           shape_name(csr->key_pem, STORE_MAX_PEM) &&
           shape_text(csr->upload, STORE_MAX_UPLOAD) &&
           shape_text(csr->mail_cert_pem, STORE_MAX_PEM) &&
           shape_text(csr->mail_key_pem, STORE_MAX_PEM) &&
           shape_text(csr->created_by, STORE_MAX_NAME);
}

enum store_err
store_csr_put(struct store *store, const struct store_csr *csr,
              store_done_fn *done, void *arg)
{
    struct put_request *it;
    struct arena *arena;

    if (!shape_csr(csr))
        return STORE_EINVAL;
    it = store_request_new(store, &putting, sizeof *it, arg);
    if (it == NULL)
        return store->refusal;
    arena = &it->head.request.arena;
    arena->is_secret = true;
    it->head.done = done;
    it->csr = (struct store_csr){
        .name = arena_text(arena, csr->name),
        .topic = arena_text(arena, shape_given(csr->topic)),
        .csr_pem = arena_text(arena, csr->csr_pem),
        .spki_sha256 = arena_text(arena, csr->spki_sha256),
        .key_pem = arena_text(arena, csr->key_pem),
        .upload = arena_text(arena, shape_given(csr->upload)),
        .mail_cert_pem = arena_text(arena, shape_given(csr->mail_cert_pem)),
        .mail_key_pem = arena_text(arena, shape_given(csr->mail_key_pem)),
        .created_at_ms = csr->created_at_ms,
        .created_by = arena_text(arena, shape_given(csr->created_by)),
    };
    return store_request_add(store, &it->head.request);
}

/*
 * Sign and delete: both change one row by its name.
 */

struct change_request {
    struct done_request head;
    const char *name;
    const char *upload; /* NULL: delete it */
};

static enum store_err
run_change(struct store_request *request, struct db *db)
{
    struct change_request *it = (struct change_request *)request;
    struct bind bind;
    bool was_there;
    enum store_err err;

    bind_begin(&bind, db, it->upload ? SQL_REQUEST_SIGN : SQL_REQUEST_DROP);
    bind_text(&bind, it->name);
    if (it->upload != NULL)
        bind_text(&bind, it->upload);
    was_there = bind_row(&bind);
    if (was_there)
        bind_row(&bind);
    err = bind_end(&bind);
    return err == STORE_OK && !was_there ? STORE_ENOTFOUND : err;
}

static const struct store_request_kind changing = {
    .is_write = true,
    .run = run_change,
    .complete = done_request_complete,
};

static enum store_err
change(struct store *store, const char *name, const char *upload,
       store_done_fn *done, void *arg)
{
    struct change_request *it;

    if (!shape_name(name, STORE_MAX_NAME) ||
        !shape_text(upload, STORE_MAX_UPLOAD))
        return STORE_EINVAL;
    it = store_request_new(store, &changing, sizeof *it, arg);
    if (it == NULL)
        return store->refusal;
    it->head.done = done;
    it->name = arena_text(&it->head.request.arena, name);
    it->upload = arena_text(&it->head.request.arena, upload);
    return store_request_add(store, &it->head.request);
}

enum store_err
store_csr_sign(struct store *store, const char *name, const char *upload,
               store_done_fn *done, void *arg)
{
    return upload == NULL ? STORE_EINVAL
                          : change(store, name, upload, done, arg);
}

enum store_err
store_csr_delete(struct store *store, const char *name, store_done_fn *done,
                 void *arg)
{
    return change(store, name, NULL, done, arg);
}
