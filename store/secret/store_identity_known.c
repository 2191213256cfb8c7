/* SPDX-License-Identifier: MIT */

/*
 * What is known of certificates: lists, and what is learnt of one.
 */

#include "store/bind.h"
#include "store/core.h"
#include "store/head.h"
#include "store/wake/undecided.h"
#include "vault.h"

struct read_request {
    struct list_head list;
    store_identities_fn *done;
    enum sql_name name;
    const char *topic;  /* NULL: all */
    const char *sha256; /* held */
    bool with_keys;
};

COLUMNS_TAKE(take_imported, cert_row, CERT_IMPORTED)
COLUMNS_TAKE(take_learnt, cert_row, CERT_LEARNT)

static enum store_err
take_identity(struct store_request *request, struct bind *bind, void *row)
{
    const struct read_request *read = (struct read_request *)request;
    struct arena *arena = &request->arena;
    struct cert_row cert = {0};
    struct store_identity *it = &cert.identity;
    enum store_err err = STORE_OK;

    take_imported(bind, arena, &cert);
    it->apple_account = bind_take_text(bind, arena);
    it->note = bind_take_text(bind, arena);
    take_learnt(bind, arena, &cert);
    it->n_undecided = bind_take_u32(bind);
    it->undecided_reason = bind_take_text(bind, arena);
    it->is_key_lost = cert.key.len == 0;
    if (read->with_keys)
        err = vault_open(bind->db, arena, it->topic, it->sha256, &cert.key,
                         &it->key_pem);
    *(struct store_identity *)row = *it;
    return err;
}

static enum store_err
run_read(struct store_request *request, struct db *db)
{
    struct read_request *it = (struct read_request *)request;
    enum store_err err;
    struct bind bind;

    bind_begin(&bind, db, it->name);
    bind_text(&bind, it->topic);
    if (it->sha256 != NULL)
        bind_text(&bind, it->sha256);
    err = head_take(&it->list, &bind, sizeof(struct store_identity),
                    take_identity);
    return err == STORE_OK && it->sha256 != NULL && it->list.n == 0
               ? STORE_ENOTFOUND
               : err;
}

HEAD_LIST(complete_read, read_request)

static const struct store_text read_texts[] = {
    TEXT(read_request, topic, STORE_MAX_TOPIC, MAYBE),
    TEXT(read_request, sha256, STORE_MAX_NAME, MAYBE),
    {0},
};

static const struct store_request_kind reading = {
    .run = run_read,
    .complete = complete_read,
    .size = sizeof(struct read_request),
    .texts = read_texts,
};

enum store_err
store_identity_list(struct store *store, const char *topic, bool with_keys,
                    store_identities_fn *done, void *arg)
{
    struct read_request like = {.done = done,
                                .name = SQL_CERT_CURRENT,
                                .topic = topic,
                                .with_keys = with_keys};

    like.list.request.arena.is_secret = with_keys;
    return store_request_put(store, &reading, &like, arg);
}

enum store_err
store_identity_history(struct store *store, const char *topic,
                       store_identities_fn *done, void *arg)
{
    struct read_request like = {
        .done = done, .name = SQL_CERT_HISTORY, .topic = topic};

    return store_request_put(store, &reading, &like, arg);
}

enum store_err
store_identity_held(struct store *store, const char *topic, const char *sha256,
                    store_identities_fn *done, void *arg)
{
    struct read_request like = {.done = done,
                                .name = SQL_CERT_HELD,
                                .topic = topic,
                                .sha256 = sha256,
                                .with_keys = true};

    if (topic == NULL || sha256 == NULL)
        return STORE_EINVAL;
    like.list.request.arena.is_secret = true;
    return store_request_put(store, &reading, &like, arg);
}

/*
 * Learn.
 */

struct learn_request {
    struct done_head head;
    struct store_identity_mark mark;
};

static enum store_err
write_test(struct db *db, const struct store_identity_mark *mark)
{
    struct bind bind;

    bind_begin(&bind, db, SQL_CERT_TEST);
    bind_text(&bind, mark->topic);
    bind_text(&bind, mark->sha256);
    bind_int(&bind, mark->tested_at_ms);
    bind_int(&bind, mark->is_test_ok);
    bind_text(&bind, mark->test_text);
    return bind_run(&bind);
}

/* What was learnt with another host does not hold for this one. */
static enum store_err
write_host(struct db *db, const struct store_identity_mark *mark)
{
    struct bind bind;
    enum store_err err;

    bind_begin(&bind, db, SQL_CERT_HOST);
    bind_text(&bind, mark->topic);
    bind_text(&bind, mark->sha256);
    bind_text(&bind, mark->host);
    err = bind_run_changed(&bind, STORE_ENOTFOUND);
    if (err == STORE_ENOTFOUND)
        return STORE_OK;
    return err == STORE_OK ? undecided_free(db, mark->topic) : err;
}

static enum store_err
write_proof(struct db *db, const struct store_identity_mark *mark)
{
    struct bind bind;

    bind_begin(&bind, db, SQL_CERT_PROVEN);
    bind_text(&bind, mark->topic);
    bind_text(&bind, mark->sha256);
    bind_int(&bind, mark->proven_at_ms);
    return bind_run(&bind);
}

static enum store_err
run_learn(struct store_request *request, struct db *db)
{
    struct learn_request *it = (struct learn_request *)request;
    const struct store_identity_mark *mark = &it->mark;
    struct bind bind;
    enum store_err err;

    bind_begin(&bind, db, SQL_CERT_MARK);
    bind_text(&bind, mark->topic);
    bind_text(&bind, mark->sha256);
    bind_int(&bind, mark->taken_at_ms);
    bind_int(&bind, mark->clear);
    bind_int(&bind, mark->set);
    if ((err = bind_run_changed(&bind, STORE_ENOTFOUND)) != STORE_OK)
        return err;
    if (mark->host != NULL && (err = write_host(db, mark)) != STORE_OK)
        return err;
    if (mark->proven_at_ms != 0 && (err = write_proof(db, mark)) != STORE_OK)
        return err;
    return mark->tested_at_ms == 0 ? STORE_OK : write_test(db, mark);
}

static const struct store_text learn_texts[] = {
    TEXT(learn_request, mark.topic, STORE_MAX_TOPIC, NEEDED),
    TEXT(learn_request, mark.sha256, STORE_MAX_NAME, NEEDED),
    TEXT(learn_request, mark.host, STORE_MAX_NOTE, MAYBE),
    TEXT(learn_request, mark.test_text, STORE_MAX_NOTE, GIVEN),
    {0},
};

static const struct store_request_kind learning = {
    .is_write = true,
    .run = run_learn,
    .complete = head_done,
    .size = sizeof(struct learn_request),
    .texts = learn_texts,
};

enum store_err
store_identity_learn(struct store *store,
                     const struct store_identity_mark *mark,
                     store_done_fn *done, void *arg)
{
    struct learn_request like = {.head.done = done, .mark = *mark};

    return store_request_put(store, &learning, &like, arg);
}
