/* SPDX-License-Identifier: MIT */

/*
 * Certificate requests: their keys are sealed under the request's name and
 * public key; the one that opens mdmcert.download's mail likewise.
 */

#include "store/bind.h"
#include "store/core.h"
#include "store/head.h"
#include "vault.h"

/*
 * Put.
 */

/* REQUEST_COLUMNS */
struct csr_row {
    struct store_csr csr;
    struct vault_box key;
    struct vault_box mail;
};

COLUMNS_BIND(bind_columns, csr_row, REQUEST_COLUMNS)
COLUMNS_TAKE(take_columns, csr_row, REQUEST_COLUMNS)

struct put_request {
    struct done_head head;
    struct store_csr csr;
};

static enum store_err
run_put(struct store_request *request, struct db *db)
{
    const struct put_request *put = (struct put_request *)request;
    const struct store_csr *csr = &put->csr;
    struct csr_row row = {.csr = *csr};
    struct bind bind;

    if (!vault_close(db, &request->arena, csr->name, csr->spki_sha256,
                     csr->key_pem, &row.key) ||
        !vault_close(db, &request->arena, csr->name, VAULT_MAIL_PRINT,
                     csr->mail_key_pem, &row.mail))
        return STORE_ENOMEM;
    if (csr->created_at_ms == 0)
        row.csr.created_at_ms = db_now(db);
    bind_begin(&bind, db, SQL_REQUEST_ADD);
    bind_columns(&bind, &row);
    return bind_run_changed(&bind, STORE_ECONFLICT);
}

static const struct store_text csr_texts[] = {
    TEXT(put_request, csr.name, STORE_MAX_NAME, NEEDED),
    TEXT(put_request, csr.topic, STORE_MAX_TOPIC, GIVEN),
    TEXT(put_request, csr.csr_pem, STORE_MAX_PEM, NEEDED),
    TEXT(put_request, csr.spki_sha256, STORE_MAX_NAME, NEEDED),
    TEXT(put_request, csr.key_pem, STORE_MAX_PEM, NEEDED),
    TEXT(put_request, csr.upload, STORE_MAX_UPLOAD, GIVEN),
    TEXT(put_request, csr.mail_cert_pem, STORE_MAX_PEM, GIVEN),
    TEXT(put_request, csr.mail_key_pem, STORE_MAX_PEM, GIVEN),
    TEXT(put_request, csr.created_by, STORE_MAX_NAME, GIVEN),
    {0},
};

static const struct store_request_kind putting = {
    .is_write = true,
    .run = run_put,
    .complete = head_done,
    .size = sizeof(struct put_request),
    .texts = csr_texts,
};

enum store_err
store_csr_put(struct store *store, const struct store_csr *csr,
              store_done_fn *done, void *arg)
{
    struct put_request like = {.head.done = done, .csr = *csr};

    like.head.request.arena.is_secret = true;
    return store_request_put(store, &putting, &like, arg);
}

/*
 * Sign and delete: both change one row by its name.
 */

struct change_request {
    struct done_head head;
    const char *name;
    const char *upload; /* NULL: delete it */
};

static enum store_err
run_change(struct store_request *request, struct db *db)
{
    struct change_request *it = (struct change_request *)request;
    struct bind bind;

    bind_begin(&bind, db, it->upload ? SQL_REQUEST_SIGN : SQL_REQUEST_DROP);
    bind_text(&bind, it->name);
    if (it->upload != NULL)
        bind_text(&bind, it->upload);
    return bind_run_changed(&bind, STORE_ENOTFOUND);
}

static const struct store_text change_texts[] = {
    TEXT(change_request, name, STORE_MAX_NAME, NEEDED),
    TEXT(change_request, upload, STORE_MAX_UPLOAD, MAYBE),
    {0},
};

static const struct store_request_kind changing = {
    .is_write = true,
    .run = run_change,
    .complete = head_done,
    .size = sizeof(struct change_request),
    .texts = change_texts,
};

enum store_err
store_csr_sign(struct store *store, const char *name, const char *upload,
               store_done_fn *done, void *arg)
{
    struct change_request like = {
        .head.done = done, .name = name, .upload = upload};

    if (upload == NULL)
        return STORE_EINVAL;
    return store_request_put(store, &changing, &like, arg);
}

enum store_err
store_csr_delete(struct store *store, const char *name, store_done_fn *done,
                 void *arg)
{
    struct change_request like = {.head.done = done, .name = name};

    return store_request_put(store, &changing, &like, arg);
}

/*
 * List.
 */

struct read_request {
    struct list_head list;
    store_csrs_fn *done;
    const char *name; /* NULL: all */
    bool with_keys;
};

static enum store_err
take_csr(struct bind *bind, struct arena *arena, bool with_keys,
         struct store_csr *csr)
{
    struct csr_row row = {0};
    enum store_err err = STORE_OK;

    take_columns(bind, arena, &row);
    if (with_keys)
        err = vault_open(bind->db, arena, row.csr.name, row.csr.spki_sha256,
                         &row.key, &row.csr.key_pem);
    if (with_keys && err == STORE_OK)
        err = vault_open(bind->db, arena, row.csr.name, VAULT_MAIL_PRINT,
                         &row.mail, &row.csr.mail_key_pem);
    *csr = row.csr;
    return err;
}

static enum store_err
take(struct store_request *request, struct bind *bind, void *row)
{
    const struct read_request *it = (struct read_request *)request;

    return take_csr(bind, &request->arena, it->with_keys, row);
}

static enum store_err
run_read(struct store_request *request, struct db *db)
{
    struct read_request *it = (struct read_request *)request;
    enum store_err err;
    struct bind bind;

    bind_begin(&bind, db, SQL_REQUEST_LIST);
    bind_text(&bind, it->name);
    err = head_take(&it->list, &bind, sizeof(struct store_csr), take);
    return err == STORE_OK && it->name != NULL && it->list.n == 0
               ? STORE_ENOTFOUND
               : err;
}

HEAD_LIST(complete_read, read_request)

static const struct store_text read_texts[] = {
    TEXT(read_request, name, STORE_MAX_NAME, MAYBE),
    {0},
};

static const struct store_request_kind reading = {
    .run = run_read,
    .complete = complete_read,
    .size = sizeof(struct read_request),
    .texts = read_texts,
};

enum store_err
store_csr_list(struct store *store, const char *name, bool with_keys,
               store_csrs_fn *done, void *arg)
{
    struct read_request like = {
        .done = done, .name = name, .with_keys = with_keys};

    like.list.request.arena.is_secret = with_keys;
    return store_request_put(store, &reading, &like, arg);
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
    struct arena *arena = &it->request.arena;
    enum store_err err = STORE_ENOTFOUND;
    struct bind bind;

    bind_begin(&bind, db, SQL_REQUEST_KEY);
    bind_text(&bind, it->spki_sha256);
    if (bind_row(&bind))
        err = take_csr(&bind, arena, true, &csr);
    it->found.request = csr.name;
    it->found.topic = csr.topic;
    it->found.key_pem = csr.key_pem;
    return bind_end_taken(&bind, arena, err);
}

static enum store_err
find_in_history(struct find_request *it, struct db *db)
{
    struct arena *arena = &it->request.arena;
    enum store_err err = STORE_ENOTFOUND;
    struct vault_box key;
    const char *sha256;
    struct bind bind;

    bind_begin(&bind, db, SQL_CERT_KEY);
    bind_text(&bind, it->spki_sha256);
    if (bind_row(&bind)) {
        it->found.topic = bind_take_text(&bind, arena);
        key.sealed = bind_peek_blob(&bind, &key.len);
        sha256 = bind_take_text(&bind, arena);
        err = vault_open(db, arena, it->found.topic, sha256, &key,
                         &it->found.key_pem);
    }
    return bind_end_taken(&bind, arena, err);
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

HEAD_ROW(complete_find, find_request, found)

static const struct store_text find_texts[] = {
    TEXT(find_request, spki_sha256, STORE_MAX_NAME, NEEDED),
    {0},
};

static const struct store_request_kind finding = {
    .run = run_find,
    .complete = complete_find,
    .size = sizeof(struct find_request),
    .texts = find_texts,
};

enum store_err
store_csr_find_key(struct store *store, const char *spki_sha256,
                   store_found_key_fn *done, void *arg)
{
    struct find_request like = {.done = done, .spki_sha256 = spki_sha256};

    like.request.arena.is_secret = true;
    return store_request_put(store, &finding, &like, arg);
}
