/* SPDX-License-Identifier: MIT */

/*
 * Rotation of the master key, in two requests: the first writes the new key
 * beside the old one and seals all rows anew in its transaction; the second,
 * made once that is durable, gives the new key the old one's name.
 */

#include <errno.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <string.h>
#include <unistd.h>

#include "rotate.h"
#include "store/bind.h"
#include "store/core.h"

struct rotate_request {
    struct store_request request;
    struct store *store;
    store_count_fn *done;
    struct db *db; /* whose seal was changed; NULL: none */
    struct seal old;
    bool is_durable;
    int64_t n;
    char path[PATH_MAX];
    char fresh[PATH_MAX];
};

/* store_open left room for the ending. */
static void
name_files(struct rotate_request *it)
{
    size_t len = strlen(it->store->key_path);

    must(len + sizeof ROTATE_FRESH <= sizeof it->fresh);
    memcpy(it->path, it->store->key_path, len + 1);
    memcpy(it->fresh, it->path, len);
    memcpy(it->fresh + len, ROTATE_FRESH, sizeof ROTATE_FRESH);
}

static enum store_err
run_rows(struct store_request *request, struct db *db)
{
    struct rotate_request *it = (struct rotate_request *)request;
    char why[STORE_WHY_LEN];
    struct seal fresh;
    enum store_err err;

    it->n = 0;
    unlink(it->fresh);
    if (seal_make(it->fresh, why) != STORE_OK ||
        rotate_sync(it->fresh) != STORE_OK ||
        seal_load(&fresh, it->fresh, why) != STORE_OK) {
        unlink(it->fresh);
        /* Not a failure to write the database: nothing is undone for it. */
        return STORE_EDIR;
    }
    err = rotate_rows(db, &fresh, &request->arena, &it->n);
    if (err == STORE_OK) {
        it->old = db->seal;
        it->db = db;
        db->seal = fresh;
    }
    seal_fini(&fresh);
    return err;
}

/* On the store thread when the transaction was undone: back to the old key.
   The file of the new one stays until the next start knows which is right. */
static void
forget_rows(struct store_request *request)
{
    struct rotate_request *it = (struct rotate_request *)request;

    if (it->db != NULL && !it->is_durable)
        it->db->seal = it->old;
    it->db = NULL;
    OPENSSL_cleanse(&it->old, sizeof it->old);
}

static enum store_err
run_names(struct store_request *request, struct db *db)
{
    struct rotate_request *it = (struct rotate_request *)request;

    (void)db;
    /* A read may be run twice: then it has its name already. */
    if (rename(it->fresh, it->path) != 0 && errno != ENOENT)
        return STORE_EDIR;
    return rotate_sync(it->path);
}

static void
complete_names(struct store_request *request, enum store_err err)
{
    struct rotate_request *it = (struct rotate_request *)request;

    if (it->done != NULL)
        it->done(request->arg, err, it->n);
}

static const struct store_request_kind naming = {
    .run = run_names,
    .complete = complete_names,
    .size = sizeof(struct rotate_request),
};

static void
complete_rows(struct store_request *request, enum store_err err)
{
    struct rotate_request *it = (struct rotate_request *)request;
    struct rotate_request *next;

    it->is_durable = err == STORE_OK;
    if (err == STORE_OK) {
        next = store_request_new(it->store, &naming, it->request.arg);
        err = next == NULL ? it->store->refusal : STORE_OK;
        if (next != NULL) {
            next->store = it->store;
            next->done = it->done;
            next->n = it->n;
            name_files(next);
            err = store_request_add(it->store, &next->request);
        }
    }
    /* Without the change of names the next start makes up for it. */
    if (err != STORE_OK && it->done != NULL)
        it->done(request->arg, err, it->n);
}

static const struct store_request_kind sealing = {
    .is_write = true,
    .run = run_rows,
    .complete = complete_rows,
    .forget = forget_rows,
    .size = sizeof(struct rotate_request),
};

enum store_err
store_rotate_key(struct store *store, store_count_fn *done, void *arg)
{
    struct rotate_request *it = store_request_new(store, &sealing, arg);

    if (it == NULL)
        return store->refusal;
    it->request.arena.is_secret = true;
    it->store = store;
    it->done = done;
    name_files(it);
    return store_request_add(store, &it->request);
}
