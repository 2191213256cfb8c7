/* SPDX-License-Identifier: MIT */
#include "store/bind.h"
#include "store/core.h"
#include "store/shape.h"
#include "vault.h"

struct read_request {
    struct store_request request;
    store_identities_fn *done;
    enum sql_name name;
    const char *topic;  /* NULL: all */
    const char *sha256; /* held */
    bool with_keys;
    struct store_identity *identities;
    size_t n;
    size_t room;
};

static struct store_identity *
add(struct read_request *it)
{
    struct store_identity *identities =
        arena_more(&it->request.arena, it->identities, it->n, &it->room,
                   sizeof *identities);

    if (identities == NULL)
        return NULL;
    it->identities = identities;
    return &identities[it->n++];
}

static enum store_err
open_key(struct read_request *it, struct db *db, struct bind *bind,
         struct store_identity *identity)
{
    size_t len;
    const uint8_t *sealed = bind_peek_blob(bind, &len);

    identity->is_key_lost = len == 0;
    if (!it->with_keys)
        return STORE_OK;
    return vault_open(db, &it->request.arena, identity->topic, identity->sha256,
                      sealed, len, &identity->key_pem);
}

/* SQL_CERT_COLUMNS */
static enum store_err
take_identity(struct read_request *it, struct db *db, struct bind *bind)
{
    struct arena *arena = &it->request.arena;
    struct store_identity *identity = add(it);
    enum store_err err;

    if (identity == NULL)
        return STORE_ENOMEM;
    identity->topic = bind_take_text(bind, arena);
    identity->cert_pem = bind_take_text(bind, arena);
    bind_skip(bind, 1);
    identity->sha256 = bind_take_text(bind, arena);
    if (arena->is_failed)
        return STORE_ENOMEM;
    bind_skip(bind, -2);
    err = open_key(it, db, bind, identity);
    bind_skip(bind, 1);
    identity->serial = bind_take_text(bind, arena);
    identity->subject = bind_take_text(bind, arena);
    identity->issuer = bind_take_text(bind, arena);
    identity->not_before_unix = bind_take_int(bind);
    identity->not_after_unix = bind_take_int(bind);
    identity->imported_at_ms = bind_take_int(bind);
    identity->imported_by = bind_take_text(bind, arena);
    identity->apple_account = bind_take_text(bind, arena);
    identity->note = bind_take_text(bind, arena);
    identity->retired_at_ms = bind_take_int(bind);
    identity->retired_why = bind_take_text(bind, arena);
    identity->spki_sha256 = bind_take_text(bind, arena);
    identity->replaced = bind_take_text(bind, arena);
    identity->taken_at_ms = bind_take_int(bind);
    identity->tested_at_ms = bind_take_int(bind);
    identity->is_test_ok = bind_take_int(bind) != 0;
    identity->test_text = bind_take_text(bind, arena);
    identity->marks = bind_take_u32(bind);
    identity->proven_at_ms = bind_take_int(bind);
    identity->host = bind_take_text(bind, arena);
    identity->n_undecided = bind_take_u32(bind);
    identity->undecided_reason = bind_take_text(bind, arena);
    return err;
}

static enum store_err
run_read(struct store_request *request, struct db *db)
{
    struct read_request *it = (struct read_request *)request;
    enum store_err err = STORE_OK;
    struct bind bind;

    it->n = it->room = 0;
    bind_begin(&bind, db, it->name);
    bind_text(&bind, it->topic);
    if (it->sha256 != NULL)
        bind_text(&bind, it->sha256);
    while (err == STORE_OK && bind_row(&bind))
        err = take_identity(it, db, &bind);
    err = bind_end_taken(&bind, &request->arena, err);
    if (err == STORE_OK && it->sha256 != NULL && it->n == 0)
        err = STORE_ENOTFOUND;
    return err;
}

static void
complete_read(struct store_request *request, enum store_err err)
{
    struct read_request *it = (struct read_request *)request;

    if (it->done == NULL)
        return;
    if (err == STORE_OK)
        it->done(request->arg, err, it->identities, it->n);
    else
        it->done(request->arg, err, NULL, 0);
}

static const struct store_request_kind reading = {
    .run = run_read,
    .complete = complete_read,
};

static enum store_err
add_read(struct store *store, const struct read_request *like,
         store_identities_fn *done, void *arg)
{
    struct read_request *it;

    if (!shape_text(like->topic, STORE_MAX_TOPIC) ||
        !shape_text(like->sha256, STORE_MAX_NAME))
        return STORE_EINVAL;
    it = store_request_new(store, &reading, sizeof *it, arg);
    if (it == NULL)
        return store->refusal;
    it->request.arena.is_secret = like->with_keys;
    it->done = done;
    it->name = like->name;
    it->with_keys = like->with_keys;
    it->topic = arena_text(&it->request.arena, like->topic);
    it->sha256 = arena_text(&it->request.arena, like->sha256);
    return store_request_add(store, &it->request);
}

enum store_err
store_identity_list(struct store *store, const char *topic, bool with_keys,
                    store_identities_fn *done, void *arg)
{
    struct read_request like = {
        .name = SQL_CERT_CURRENT, .topic = topic, .with_keys = with_keys};

    return add_read(store, &like, done, arg);
}

enum store_err
store_identity_history(struct store *store, const char *topic,
                       store_identities_fn *done, void *arg)
{
    struct read_request like = {.name = SQL_CERT_HISTORY, .topic = topic};

    return add_read(store, &like, done, arg);
}

enum store_err
store_identity_held(struct store *store, const char *topic, const char *sha256,
                    store_identities_fn *done, void *arg)
{
    struct read_request like = {.name = SQL_CERT_HELD,
                                .topic = topic,
                                .sha256 = sha256,
                                .with_keys = true};

    if (topic == NULL || sha256 == NULL)
        return STORE_EINVAL;
    return add_read(store, &like, done, arg);
}
