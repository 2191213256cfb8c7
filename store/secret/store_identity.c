/* SPDX-License-Identifier: MIT */

/*
 * Certificates take effect and go to the history: a new one, one of the
 * history again, none.
 */

#include <string.h>

#include "store/bind.h"
#include "store/core.h"
#include "store/head.h"
#include "store/log/event_row.h"
#include "store/wake/undecided.h"
#include "vault.h"

/*
 * Put.
 */

struct put_request {
    struct done_head head;
    struct store_identity identity;
    struct store_identity_terms terms;
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

/* The one in force again. The history keeps the account of its import; where
 * that had none, one that was given later is it. */
static enum store_err
annotate(struct db *db, int64_t id, const struct store_identity *identity)
{
    struct bind bind;
    enum store_err err;

    bind_begin(&bind, db, SQL_CERT_NOTE);
    bind_int(&bind, id);
    bind_text(&bind, identity->note);
    bind_text(&bind, identity->apple_account);
    err = bind_run(&bind);
    if (err != STORE_OK || identity->apple_account[0] == '\0')
        return err;
    bind_begin(&bind, db, SQL_ACCOUNT_SET);
    bind_text(&bind, identity->topic);
    bind_text(&bind, identity->apple_account);
    return bind_run(&bind);
}

/* ${none}: nothing is in force. */
static enum store_err
retire(struct db *db, const char *topic, const char *why, enum store_err none)
{
    struct bind bind;

    bind_begin(&bind, db, SQL_CERT_RETIRE);
    bind_text(&bind, topic);
    bind_int(&bind, db_now(db));
    bind_text(&bind, why);
    return bind_run_changed(&bind, none);
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
    return bind_end_taken(&bind, arena, STORE_OK);
}

COLUMNS_BIND(bind_imported, cert_row, CERT_IMPORTED)

static enum store_err
insert(struct db *db, const struct store_identity *identity,
       const struct vault_box *key, const char *replaced, int64_t *id)
{
    struct cert_row row = {.identity = *identity, .key = *key};
    struct bind bind;

    if (identity->imported_at_ms == 0)
        row.identity.imported_at_ms = db_now(db);
    bind_begin(&bind, db, SQL_CERT_ADD);
    bind_imported(&bind, &row);
    bind_text(&bind, identity->apple_account);
    bind_text(&bind, identity->note);
    bind_text(&bind, identity->spki_sha256);
    bind_text(&bind, replaced);
    return bind_run_int(&bind, id);
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

    if (it->terms.request_name != NULL) {
        bind_begin(&bind, db, SQL_REQUEST_DROP);
        bind_text(&bind, it->terms.request_name);
        err = bind_run(&bind);
    }
    if (err == STORE_OK && it->terms.replace_topic != NULL &&
        (err = retire(db, it->terms.replace_topic, "replaced by another topic",
                      STORE_OK)) == STORE_OK)
        err = drop(db, it->terms.replace_topic);
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
    enum store_err err;

    if ((err = find_held(db, identity, &held)) != STORE_OK ||
        (err = find_in_force(db, identity->topic, &request->arena, &before)) !=
            STORE_OK ||
        (err = read_account(db, identity->topic, &request->arena, &account)) !=
            STORE_OK)
        return err;
    if (it->terms.expected_sha256 != NULL &&
        strcmp(it->terms.expected_sha256, before) != 0)
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
    err = retire(db, identity->topic, "renewed", STORE_OK);
    if (err == STORE_OK)
        err = insert(db, identity, &key, before, &held.id);
    if (err == STORE_OK)
        err = use(db, identity->topic, held.id);
    return err == STORE_OK ? run_terms(db, it) : err;
}

static const struct store_text put_texts[] = {
    TEXT(put_request, identity.topic, STORE_MAX_TOPIC, NEEDED),
    TEXT(put_request, identity.cert_pem, STORE_MAX_PEM, NEEDED),
    TEXT(put_request, identity.key_pem, STORE_MAX_PEM, NEEDED),
    TEXT(put_request, identity.sha256, STORE_MAX_NAME, NEEDED),
    TEXT(put_request, identity.serial, STORE_MAX_NOTE, GIVEN),
    TEXT(put_request, identity.subject, STORE_MAX_NOTE, GIVEN),
    TEXT(put_request, identity.issuer, STORE_MAX_NOTE, GIVEN),
    TEXT(put_request, identity.imported_by, STORE_MAX_NAME, GIVEN),
    TEXT(put_request, identity.apple_account, STORE_MAX_NOTE, GIVEN),
    TEXT(put_request, identity.note, STORE_MAX_NOTE, GIVEN),
    TEXT(put_request, identity.spki_sha256, STORE_MAX_NAME, GIVEN),
    TEXT(put_request, terms.expected_sha256, STORE_MAX_NAME, MAYBE),
    TEXT(put_request, terms.replace_topic, STORE_MAX_TOPIC, MAYBE),
    TEXT(put_request, terms.request_name, STORE_MAX_NAME, MAYBE),
    {0},
};

static const struct store_request_kind putting = {
    .is_write = true,
    .run = run_put,
    .complete = head_done,
    .size = sizeof(struct put_request),
    .texts = put_texts,
};

enum store_err
store_identity_renew(struct store *store, const struct store_identity *identity,
                     const struct store_identity_terms *terms,
                     store_done_fn *done, void *arg)
{
    struct put_request like = {
        .head.done = done, .identity = *identity, .terms = *terms};

    like.head.request.arena.is_secret = true;
    return store_request_put(store, &putting, &like, arg);
}

enum store_err
store_identity_put(struct store *store, const struct store_identity *identity,
                   store_done_fn *done, void *arg)
{
    return store_identity_renew(store, identity,
                                &(struct store_identity_terms){0}, done, arg);
}

/*
 * Again, and remove: both retire the one in force, for a reason that is given.
 */

struct retire_request {
    struct done_head head;
    const char *topic;
    const char *sha256; /* again */
    const char *why;
};

static enum store_err
revive(struct db *db, const struct retire_request *it, const char *replaced)
{
    int64_t id = 0;
    struct bind bind;
    enum store_err err;

    bind_begin(&bind, db, SQL_CERT_AGAIN);
    bind_text(&bind, it->topic);
    bind_text(&bind, it->sha256);
    bind_text(&bind, replaced);
    err = bind_run_int(&bind, &id);
    return err == STORE_OK ? use(db, it->topic, id) : err;
}

static enum store_err
run_again(struct store_request *request, struct db *db)
{
    struct retire_request *it = (struct retire_request *)request;
    struct store_identity like = {.topic = it->topic, .sha256 = it->sha256};
    struct held held;
    const char *before;
    enum store_err err = find_held(db, &like, &held);

    if (err != STORE_OK)
        return err;
    if (held.id == 0)
        return STORE_ENOTFOUND;
    if (held.is_current)
        return STORE_ECONFLICT;
    if ((err = find_in_force(db, it->topic, &request->arena, &before)) !=
            STORE_OK ||
        (err = retire(db, it->topic, it->why, STORE_OK)) != STORE_OK)
        return err;
    return revive(db, it, before);
}

static enum store_err
run_remove(struct store_request *request, struct db *db)
{
    struct retire_request *it = (struct retire_request *)request;
    enum store_err err = retire(db, it->topic, it->why, STORE_ENOTFOUND);

    return err == STORE_OK ? drop(db, it->topic) : err;
}

static const struct store_text again_texts[] = {
    TEXT(retire_request, topic, STORE_MAX_TOPIC, NEEDED),
    TEXT(retire_request, sha256, STORE_MAX_NAME, NEEDED),
    TEXT(retire_request, why, STORE_MAX_NOTE, GIVEN),
    {0},
};

static const struct store_request_kind reviving = {
    .is_write = true,
    .run = run_again,
    .complete = head_done,
    .size = sizeof(struct retire_request),
    .texts = again_texts,
};

static const struct store_text remove_texts[] = {
    TEXT(retire_request, topic, STORE_MAX_TOPIC, NEEDED),
    TEXT(retire_request, why, STORE_MAX_NOTE, GIVEN),
    {0},
};

static const struct store_request_kind removing = {
    .is_write = true,
    .run = run_remove,
    .complete = head_done,
    .size = sizeof(struct retire_request),
    .texts = remove_texts,
};

enum store_err
store_identity_again(struct store *store, const char *topic, const char *sha256,
                     const char *why, store_done_fn *done, void *arg)
{
    struct retire_request like = {
        .head.done = done, .topic = topic, .sha256 = sha256, .why = why};

    return store_request_put(store, &reviving, &like, arg);
}

enum store_err
store_identity_remove(struct store *store, const char *topic, const char *why,
                      store_done_fn *done, void *arg)
{
    struct retire_request like = {
        .head.done = done, .topic = topic, .why = why};

    return store_request_put(store, &removing, &like, arg);
}
