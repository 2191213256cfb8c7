/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "store/bind.h"
#include "store/core.h"
#include "store/done_request.h"
#include "store/log/event_row.h"
#include "store/shape.h"
#include "store/wake/undecided.h"
#include "vault.h"

/*
 * Put.
 */

struct put_request {
    struct done_request head;
    struct store_identity identity;
    const char *expected; /* as in struct store_identity_terms */
    const char *replace_topic;
    const char *request_name;
};

/* A certificate that is held already. */
struct held {
    int64_t id; /* 0: it is not */
    bool is_current;
    bool is_key_lost;
};

static enum store_err
find_held(struct db *db, const struct store_identity *identity,
          struct held *held)
{
    struct bind bind;

    *held = (struct held){0};
    bind_begin(&bind, db, SQL_CERT_FIND);
    bind_text(&bind, identity->topic);
    bind_text(&bind, identity->sha256);
    if (bind_row(&bind)) {
        held->id = bind_take_int(&bind);
        held->is_current = bind_take_int(&bind) != 0;
        held->is_key_lost = bind_take_int(&bind) != 0;
    }
    return bind_end(&bind);
}

static enum store_err
bring_key_back(struct db *db, int64_t id, const struct vault_box *key)
{
    struct bind bind;

    bind_begin(&bind, db, SQL_CERT_RESEAL);
    bind_int(&bind, id);
    bind_blob(&bind, key->sealed, key->len);
    return bind_run(&bind);
}

static enum store_err
read_account(struct db *db, const char *topic, struct arena *arena,
             const char **account)
{
    struct bind bind;

    *account = NULL;
    bind_begin(&bind, db, SQL_ACCOUNT_GET);
    bind_text(&bind, topic);
    if (bind_row(&bind))
        *account = bind_take_text(&bind, arena);
    return bind_end(&bind);
}

/* Who looks for the account that renews it wants to know of each change. */
static enum store_err
tell_account(struct db *db, const struct store_identity *identity,
             const char *before)
{
    char detail[STORE_MAX_NOTE + 1];
    struct store_event event = {.kind = "pushcert.account_changed",
                                .subject = identity->topic,
                                .actor = identity->imported_by,
                                .detail = detail};

    if (before == NULL || strcmp(before, identity->apple_account) == 0)
        return STORE_OK;
    snprintf(detail, sizeof detail, "before=\"%.400s\" after=\"%.400s\"",
             before, identity->apple_account);
    return event_row_add(db, &event);
}

/* The one in force again. The history keeps the account of its import. */
static enum store_err
annotate(struct db *db, int64_t id, const struct store_identity *identity)
{
    struct bind bind;
    enum store_err err;

    bind_begin(&bind, db, SQL_CERT_NOTE);
    bind_int(&bind, id);
    bind_text(&bind, identity->note);
    err = bind_run(&bind);
    if (err != STORE_OK || identity->apple_account[0] == '\0')
        return err;
    bind_begin(&bind, db, SQL_ACCOUNT_SET);
    bind_text(&bind, identity->topic);
    bind_text(&bind, identity->apple_account);
    return bind_run(&bind);
}

static enum store_err
retire(struct db *db, const char *topic, const char *why, bool *was_there)
{
    struct bind bind;

    bind_begin(&bind, db, SQL_CERT_RETIRE);
    bind_text(&bind, topic);
    bind_int(&bind, db_now(db));
    bind_text(&bind, why);
    *was_there = bind_row(&bind);
    if (*was_there)
        bind_row(&bind);
    return bind_end(&bind);
}

/* The fingerprint of the one in force; "" when there is none. */
static enum store_err
find_in_force(struct db *db, const char *topic, struct arena *arena,
              const char **sha256)
{
    struct bind bind;

    *sha256 = "";
    bind_begin(&bind, db, SQL_CERT_IN_FORCE);
    bind_text(&bind, topic);
    if (bind_row(&bind))
        *sha256 = bind_take_text(&bind, arena);
    if (*sha256 == NULL)
        *sha256 = "";
    return bind_end(&bind);
}

static enum store_err
insert(struct db *db, struct put_request *it, const struct vault_box *key,
       const char *replaced, int64_t *id)
{
    const struct store_identity *identity = &it->identity;
    int64_t now = identity->imported_at_ms;
    struct bind bind;

    bind_begin(&bind, db, SQL_CERT_ADD);
    bind_text(&bind, identity->topic);
    bind_text(&bind, identity->cert_pem);
    bind_blob(&bind, key->sealed, key->len);
    bind_text(&bind, identity->sha256);
    bind_text(&bind, identity->serial);
    bind_text(&bind, identity->subject);
    bind_text(&bind, identity->issuer);
    bind_int(&bind, identity->not_before_unix);
    bind_int(&bind, identity->not_after_unix);
    bind_int(&bind, now != 0 ? now : db_now(db));
    bind_text(&bind, identity->imported_by);
    bind_text(&bind, identity->apple_account);
    bind_text(&bind, identity->note);
    bind_text(&bind, identity->spki_sha256);
    bind_text(&bind, replaced);
    if (bind_row(&bind)) {
        *id = bind_take_int(&bind);
        bind_row(&bind);
    }
    return bind_end(&bind);
}

static enum store_err
use(struct db *db, const char *topic, int64_t id)
{
    enum store_err err;
    struct bind bind;

    bind_begin(&bind, db, SQL_CERT_USE);
    bind_text(&bind, topic);
    bind_int(&bind, id);
    if ((err = bind_run(&bind)) != STORE_OK)
        return err;
    return undecided_free(db, topic);
}

static enum store_err
drop(struct db *db, const char *topic)
{
    struct bind bind;

    bind_begin(&bind, db, SQL_CERT_DROP);
    bind_text(&bind, topic);
    return bind_run(&bind);
}

/* What else an import does: the request that it came of is fulfilled, the
   topic whose place it takes is given up. */
static enum store_err
run_terms(struct db *db, const struct put_request *it)
{
    enum store_err err = STORE_OK;
    struct bind bind;
    bool was_there;

    if (it->request_name != NULL) {
        bind_begin(&bind, db, SQL_REQUEST_DROP);
        bind_text(&bind, it->request_name);
        (void)bind_row(&bind);
        err = bind_end(&bind);
    }
    if (err == STORE_OK && it->replace_topic != NULL &&
        (err = retire(db, it->replace_topic, "replaced by another topic",
                      &was_there)) == STORE_OK)
        err = drop(db, it->replace_topic);
    return err;
}

static enum store_err
run_put(struct store_request *request, struct db *db)
{
    struct put_request *it = (struct put_request *)request;
    const struct store_identity *identity = &it->identity;
    struct vault_box key;
    const char *before, *account;
    struct held held;
    bool was_there;
    enum store_err err;

    if ((err = find_held(db, identity, &held)) != STORE_OK ||
        (err = find_in_force(db, identity->topic, &request->arena, &before)) !=
            STORE_OK ||
        (err = read_account(db, identity->topic, &request->arena, &account)) !=
            STORE_OK)
        return err;
    if (it->expected != NULL && strcmp(it->expected, before) != 0)
        return STORE_ECONFLICT;
    if (!vault_close(db, &request->arena, identity->topic, identity->sha256,
                     identity->key_pem, &key))
        return STORE_ENOMEM;
    if ((!held.is_current || identity->apple_account[0] != '\0') &&
        (err = tell_account(db, identity, account)) != STORE_OK)
        return err;
    if (held.is_current) {
        if ((err = annotate(db, held.id, identity)) == STORE_OK)
            err = undecided_free(db, identity->topic);
        return err == STORE_OK && held.is_key_lost
                   ? bring_key_back(db, held.id, &key)
                   : err;
    }
    err = retire(db, identity->topic, "renewed", &was_there);
    if (err == STORE_OK)
        err = insert(db, it, &key, before, &held.id);
    if (err == STORE_OK)
        err = use(db, identity->topic, held.id);
    return err == STORE_OK ? run_terms(db, it) : err;
}

static const struct store_request_kind putting = {
    .is_write = true,
    .run = run_put,
    .complete = done_request_complete,
};

static bool
shape_identity(const struct store_identity *identity)
{
    return shape_name(identity->topic, STORE_MAX_TOPIC) &&
           shape_name(identity->cert_pem, STORE_MAX_PEM) &&
           shape_name(identity->key_pem, STORE_MAX_PEM) &&
           shape_name(identity->sha256, STORE_MAX_NAME) &&
           shape_text(identity->serial, STORE_MAX_NOTE) &&
           shape_text(identity->subject, STORE_MAX_NOTE) &&
           shape_text(identity->issuer, STORE_MAX_NOTE) &&
           shape_text(identity->imported_by, STORE_MAX_NAME) &&
           shape_text(identity->apple_account, STORE_MAX_NOTE) &&
           shape_text(identity->note, STORE_MAX_NOTE) &&
           shape_text(identity->spki_sha256, STORE_MAX_NAME);
}

static void
copy_terms(struct put_request *it, const struct store_identity_terms *terms)
{
    struct arena *arena = &it->head.request.arena;

    it->expected = arena_text(arena, terms->expected_sha256);
    it->replace_topic = arena_text(arena, terms->replace_topic);
    it->request_name = arena_text(arena, terms->request_name);
}

enum store_err
store_identity_put(struct store *store, const struct store_identity *identity,
                   store_done_fn *done, void *arg)
{
    return store_identity_renew(store, identity,
                                &(struct store_identity_terms){0}, done, arg);
}

enum store_err
store_identity_renew(struct store *store, const struct store_identity *identity,
                     const struct store_identity_terms *terms,
                     store_done_fn *done, void *arg)
{
    struct put_request *it;
    struct arena *arena;

    if (!shape_identity(identity))
        return STORE_EINVAL;
    it = store_request_new(store, &putting, sizeof *it, arg);
    if (it == NULL)
        return store->refusal;
    arena = &it->head.request.arena;
    arena->is_secret = true;
    it->head.done = done;
    it->identity = (struct store_identity){
        .topic = arena_text(arena, identity->topic),
        .cert_pem = arena_text(arena, identity->cert_pem),
        .key_pem = arena_text(arena, identity->key_pem),
        .sha256 = arena_text(arena, identity->sha256),
        .serial = arena_text(arena, shape_given(identity->serial)),
        .subject = arena_text(arena, shape_given(identity->subject)),
        .issuer = arena_text(arena, shape_given(identity->issuer)),
        .not_before_unix = identity->not_before_unix,
        .not_after_unix = identity->not_after_unix,
        .imported_at_ms = identity->imported_at_ms,
        .imported_by = arena_text(arena, shape_given(identity->imported_by)),
        .apple_account =
            arena_text(arena, shape_given(identity->apple_account)),
        .note = arena_text(arena, shape_given(identity->note)),
        .spki_sha256 = arena_text(arena, shape_given(identity->spki_sha256)),
    };
    copy_terms(it, terms);
    return store_request_add(store, &it->head.request);
}

/*
 * Remove.
 */

struct remove_request {
    struct done_request head;
    const char *topic;
    const char *why;
};

static enum store_err
run_remove(struct store_request *request, struct db *db)
{
    struct remove_request *it = (struct remove_request *)request;
    bool was_there;
    enum store_err err = retire(db, it->topic, it->why, &was_there);

    if (err != STORE_OK)
        return err;
    return was_there ? drop(db, it->topic) : STORE_ENOTFOUND;
}

static const struct store_request_kind removing = {
    .is_write = true,
    .run = run_remove,
    .complete = done_request_complete,
};

enum store_err
store_identity_remove(struct store *store, const char *topic, const char *why,
                      store_done_fn *done, void *arg)
{
    struct remove_request *it;

    if (!shape_name(topic, STORE_MAX_TOPIC) || !shape_text(why, STORE_MAX_NOTE))
        return STORE_EINVAL;
    it = store_request_new(store, &removing, sizeof *it, arg);
    if (it == NULL)
        return store->refusal;
    it->head.done = done;
    it->topic = arena_text(&it->head.request.arena, topic);
    it->why = arena_text(&it->head.request.arena, shape_given(why));
    return store_request_add(store, &it->head.request);
}
