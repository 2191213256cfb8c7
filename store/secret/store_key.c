/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "store/bind.h"
#include "store/core.h"
#include "store/head.h"
#include "store/shape.h"

/* Put and list both answer with keys. */
struct keys_request {
    struct list_head list;
    store_keys_fn *done;
    struct store_key put;
    bool only_in_force;
    int64_t after;
};

static enum store_err
take_key(struct store_request *request, struct bind *bind, void *row)
{
    struct arena *arena = &request->arena;
    struct store_key *key = row;
    const uint8_t *hash;
    size_t len;

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

/* One more than is asked for shows whether there are more. */
static enum store_err
run_list(struct store_request *request, struct db *db)
{
    struct keys_request *it = (struct keys_request *)request;
    struct list_head *list = &it->list;
    struct bind bind;
    enum store_err err;

    bind_begin(&bind, db, SQL_KEY_LIST);
    bind_int(&bind, it->after);
    bind_int(&bind, it->only_in_force);
    bind_int(&bind, (int64_t)list->limit + 1);
    err = head_take(list, &bind, sizeof(struct store_key), take_key);
    if (err == STORE_OK && list->is_more)
        list->next = ((struct store_key *)list->rows)[list->n - 1].id;
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
    if ((err = bind_run_int(&bind, &id)) != STORE_OK)
        return err;
    if (id == 0)
        return STORE_ECONFLICT;
    bind_begin(&bind, db, SQL_KEY_GET);
    bind_int(&bind, id);
    return head_take(&it->list, &bind, sizeof(struct store_key), take_key);
}

HEAD_PAGE(complete_keys, keys_request)

static const struct store_text put_texts[] = {
    TEXT(keys_request, put.name, STORE_MAX_NAME, NEEDED),
    TEXT(keys_request, put.topic, STORE_MAX_TOPIC, GIVEN),
    TEXT(keys_request, put.group, STORE_MAX_GROUP_PATH, GIVEN),
    {0},
};

static const struct store_request_kind putting = {
    .is_write = true,
    .run = run_put,
    .complete = complete_keys,
    .size = sizeof(struct keys_request),
    .texts = put_texts,
};

static const struct store_request_kind listing = {
    .run = run_list,
    .complete = complete_keys,
    .size = sizeof(struct keys_request),
};

enum store_err
store_key_put(struct store *store, const struct store_key *key,
              store_keys_fn *done, void *arg)
{
    struct keys_request like = {.done = done, .put = *key};

    if ((shape_given(key->group)[0] != '\0' &&
         !store_group_path_ok(key->group)) ||
        key->created_at_ms < 0)
        return STORE_EINVAL;
    return store_request_put(store, &putting, &like, arg);
}

enum store_err
store_key_list(struct store *store, bool only_in_force, int64_t after,
               size_t limit, store_keys_fn *done, void *arg)
{
    struct keys_request like = {.list.limit = limit,
                                .done = done,
                                .only_in_force = only_in_force,
                                .after = after};

    if (after < 0 || limit == 0 || limit > STORE_MAX_BATCH)
        return STORE_EINVAL;
    return store_request_put(store, &listing, &like, arg);
}

struct revoke_request {
    struct done_head head;
    int64_t id;
};

static enum store_err
run_revoke(struct store_request *request, struct db *db)
{
    struct revoke_request *it = (struct revoke_request *)request;
    struct bind bind;
    enum store_err err;

    bind_begin(&bind, db, SQL_KEY_REVOKE);
    bind_int(&bind, it->id);
    bind_int(&bind, db_now(db));
    if ((err = bind_run_changed(&bind, STORE_ENOTFOUND)) != STORE_OK)
        return err;
    bind_begin(&bind, db, SQL_KEY_PRUNE);
    bind_int(&bind, STORE_MAX_REVOKED);
    return bind_run(&bind);
}

static const struct store_request_kind revoking = {
    .is_write = true,
    .run = run_revoke,
    .complete = head_done,
    .size = sizeof(struct revoke_request),
};

enum store_err
store_key_revoke(struct store *store, int64_t id, store_done_fn *done,
                 void *arg)
{
    struct revoke_request like = {.head.done = done, .id = id};

    return store_request_put(store, &revoking, &like, arg);
}
