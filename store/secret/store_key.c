/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "store/bind.h"
#include "store/core.h"
#include "store/done_request.h"
#include "store/shape.h"

/* Put and list both answer with keys. */
struct keys_request {
    struct store_request request;
    store_keys_fn *done;
    struct store_key put;
    bool only_in_force;
    int64_t after;
    size_t limit;
    int64_t next;
    struct store_key *keys;
    size_t n;
    size_t room;
};

static struct store_key *
add(struct keys_request *it)
{
    struct store_key *keys = arena_more(&it->request.arena, it->keys, it->n,
                                        &it->room, sizeof *keys);

    if (keys == NULL)
        return NULL;
    it->keys = keys;
    return &keys[it->n++];
}

static enum store_err
take_key(struct keys_request *it, struct bind *bind)
{
    struct arena *arena = &it->request.arena;
    struct store_key *key = add(it);
    const uint8_t *hash;
    size_t len;

    if (key == NULL)
        return STORE_ENOMEM;
    key->id = bind_take_int(bind);
    key->name = bind_take_text(bind, arena);
    hash = bind_peek_blob(bind, &len);
    if (len != sizeof key->hash)
        return STORE_EIO;
    memcpy(key->hash, hash, len);
    key->verbs = bind_take_u32(bind);
    key->topic = bind_take_text(bind, arena);
    key->created_at_ms = bind_take_int(bind);
    key->revoked_at_ms = bind_take_int(bind);
    key->group = bind_take_text(bind, arena);
    return STORE_OK;
}

static enum store_err
take_all(struct keys_request *it, struct bind *bind)
{
    enum store_err err = STORE_OK;

    it->n = it->room = 0;
    while (err == STORE_OK && bind_row(bind))
        err = take_key(it, bind);
    return bind_end_taken(bind, &it->request.arena, err);
}

/* One more than is asked for tells whether there are more. */
static enum store_err
run_list(struct store_request *request, struct db *db)
{
    struct keys_request *it = (struct keys_request *)request;
    struct bind bind;
    enum store_err err;

    bind_begin(&bind, db, SQL_KEY_LIST);
    bind_int(&bind, it->after);
    bind_int(&bind, it->only_in_force);
    bind_int(&bind, (int64_t)it->limit + 1);
    err = take_all(it, &bind);
    it->next = 0;
    if (err == STORE_OK && it->n > it->limit) {
        it->n = it->limit;
        it->next = it->keys[it->n - 1].id;
    }
    return err;
}

static enum store_err
run_put(struct store_request *request, struct db *db)
{
    struct keys_request *it = (struct keys_request *)request;
    int64_t created_at = it->put.created_at_ms;
    int64_t id = 0;
    struct bind bind;
    enum store_err err;

    bind_begin(&bind, db, SQL_KEY_ADD);
    bind_text(&bind, it->put.name);
    bind_blob(&bind, it->put.hash, sizeof it->put.hash);
    bind_int(&bind, it->put.verbs);
    bind_text(&bind, it->put.topic);
    bind_int(&bind, created_at != 0 ? created_at : db_now(db));
    bind_text(&bind, it->put.group);
    if (bind_row(&bind)) {
        id = bind_take_int(&bind);
        bind_row(&bind);
    }
    if ((err = bind_end(&bind)) != STORE_OK)
        return err;
    if (id == 0)
        return STORE_ECONFLICT;
    bind_begin(&bind, db, SQL_KEY_GET);
    bind_int(&bind, id);
    return take_all(it, &bind);
}

static void
complete_keys(struct store_request *request, enum store_err err)
{
    struct keys_request *it = (struct keys_request *)request;

    if (it->done == NULL)
        return;
    if (err == STORE_OK)
        it->done(request->arg, err, it->keys, it->n, it->next);
    else
        it->done(request->arg, err, NULL, 0, 0);
}

static const struct store_request_kind putting = {
    .is_write = true,
    .run = run_put,
    .complete = complete_keys,
};

static const struct store_request_kind listing = {
    .run = run_list,
    .complete = complete_keys,
};

enum store_err
store_key_put(struct store *store, const struct store_key *key,
              store_keys_fn *done, void *arg)
{
    struct keys_request *it;

    if (!shape_name(key->name, STORE_MAX_NAME) ||
        !shape_text(key->topic, STORE_MAX_TOPIC) ||
        (shape_given(key->group)[0] != '\0' &&
         !store_group_path_ok(key->group)) ||
        key->created_at_ms < 0)
        return STORE_EINVAL;
    it = store_request_new(store, &putting, sizeof *it, arg);
    if (it == NULL)
        return store->refusal;
    it->done = done;
    it->put = *key;
    it->put.name = arena_text(&it->request.arena, key->name);
    it->put.topic = arena_text(&it->request.arena, shape_given(key->topic));
    it->put.group = arena_text(&it->request.arena, shape_given(key->group));
    return store_request_add(store, &it->request);
}

enum store_err
store_key_list(struct store *store, bool only_in_force, int64_t after,
               size_t limit, store_keys_fn *done, void *arg)
{
    struct keys_request *it;

    if (after < 0 || limit == 0 || limit > STORE_MAX_BATCH)
        return STORE_EINVAL;
    it = store_request_new(store, &listing, sizeof *it, arg);
    if (it == NULL)
        return store->refusal;
    it->done = done;
    it->only_in_force = only_in_force;
    it->after = after;
    it->limit = limit;
    return store_request_add(store, &it->request);
}

struct revoke_request {
    struct done_request head;
    int64_t id;
};

static enum store_err
run_revoke(struct store_request *request, struct db *db)
{
    struct revoke_request *it = (struct revoke_request *)request;
    bool was_there;
    struct bind bind;
    enum store_err err;

    bind_begin(&bind, db, SQL_KEY_REVOKE);
    bind_int(&bind, it->id);
    bind_int(&bind, db_now(db));
    was_there = bind_row(&bind);
    if (was_there)
        bind_row(&bind);
    if ((err = bind_end(&bind)) != STORE_OK)
        return err;
    if (!was_there)
        return STORE_ENOTFOUND;
    bind_begin(&bind, db, SQL_KEY_PRUNE);
    bind_int(&bind, STORE_MAX_REVOKED);
    return bind_run(&bind);
}

static const struct store_request_kind revoking = {
    .is_write = true,
    .run = run_revoke,
    .complete = done_request_complete,
};

enum store_err
store_key_revoke(struct store *store, int64_t id, store_done_fn *done,
                 void *arg)
{
    struct revoke_request *it =
        store_request_new(store, &revoking, sizeof *it, arg);

    if (it == NULL)
        return store->refusal;
    it->head.done = done;
    it->id = id;
    return store_request_add(store, &it->head.request);
}
