/* SPDX-License-Identifier: MIT */

/*
 * The tree of groups, and who belongs to which.
 */

#include <string.h>

#include "store/bind.h"
#include "store/core.h"
#include "store/shape.h"

struct group_request {
    struct store_request request;
    store_groups_fn *done;
    struct store_group put;
    const char *path;
    size_t limit;
    enum store_group_fault fault;
    struct store_group *groups;
    size_t n;
};

static void
take_group(struct bind *bind, struct arena *arena, struct store_group *group)
{
    group->path = bind_take_text(bind, arena);
    group->topic = bind_take_text(bind, arena);
    group->permission = (enum store_permission)bind_take_int(bind);
    group->effective = bind_take_text(bind, arena);
    group->n_enrollments = bind_take_int(bind);
    group->n_mismatched = bind_take_int(bind);
}

static enum store_err
take_groups(struct group_request *it, struct bind *bind)
{
    struct arena *arena = &it->request.arena;
    enum store_err err;

    it->n = 0;
    while (it->n < it->limit && bind_row(bind))
        take_group(bind, arena, &it->groups[it->n++]);
    err = bind_end(bind);
    return err == STORE_OK && arena->is_failed ? STORE_ENOMEM : err;
}

static enum store_err
run_get(struct store_request *request, struct db *db)
{
    struct group_request *it = (struct group_request *)request;
    struct bind bind;
    enum store_err err;

    bind_begin(&bind, db, SQL_GROUP_GET);
    bind_text(&bind, it->path);
    err = take_groups(it, &bind);
    return err == STORE_OK && it->n == 0 ? STORE_ENOTFOUND : err;
}

static enum store_err
run_list(struct store_request *request, struct db *db)
{
    struct group_request *it = (struct group_request *)request;
    struct bind bind;

    bind_begin(&bind, db, SQL_GROUP_LIST);
    bind_text(&bind, it->path);
    bind_int(&bind, (int64_t)it->limit);
    return take_groups(it, &bind);
}

/* ${id} 0: there is none. */
static enum store_err
find(struct db *db, const char *path, int64_t *id,
     enum store_permission *permission)
{
    struct bind bind;

    *id = 0;
    bind_begin(&bind, db, SQL_GROUP_FIND);
    bind_text(&bind, path);
    if (bind_row(&bind)) {
        *id = bind_take_int(&bind);
        *permission = (enum store_permission)bind_take_int(&bind);
    }
    return bind_end(&bind);
}

/* Of a statement with numbers in its one row. */
static enum store_err
count_two(struct bind *bind, int64_t *first, int64_t *second)
{
    *first = 0;
    if (bind_row(bind)) {
        *first = bind_take_int(bind);
        if (second != NULL)
            *second = bind_take_int(bind);
    }
    return bind_end(bind);
}

static enum store_err
count_below(struct db *db, const char *path, int64_t *n, int64_t *n_with)
{
    struct bind bind;

    *n_with = 0;
    bind_begin(&bind, db, SQL_GROUP_BELOW);
    bind_text(&bind, path);
    return count_two(&bind, n, n_with);
}

static enum store_err
count_all(struct db *db, int64_t *n)
{
    struct bind bind;

    bind_begin(&bind, db, SQL_GROUP_COUNT);
    return count_two(&bind, n, NULL);
}

/* The group above, and whether the rules hold. */
static enum store_err
check_put(struct group_request *it, struct db *db)
{
    const struct store_group *put = &it->put;
    enum store_permission parent = STORE_PERMISSION_EITHER, own;
    const char *slash = strrchr(put->path, '/');
    int64_t id, parent_id = 1, n_below, n_with, n = 0;
    enum store_err err = find(db, put->path, &id, &own);

    if (err == STORE_OK && slash != NULL) {
        char above[STORE_MAX_GROUP_PATH + 1] = "";

        memcpy(above, put->path, (size_t)(slash - put->path));
        err = find(db, above, &parent_id, &parent);
    }
    if (err == STORE_OK)
        err = count_below(db, put->path, &n_below, &n_with);
    if (err == STORE_OK && id == 0)
        err = count_all(db, &n);
    if (err != STORE_OK)
        return err;
    if (parent_id == 0)
        it->fault = STORE_GROUP_FAULT_NO_PARENT;
    else if (n >= STORE_MAX_GROUPS)
        it->fault = STORE_GROUP_FAULT_TOO_MANY;
    else
        it->fault =
            store_group_rule(slash != NULL, parent, put->topic[0] != '\0',
                             put->permission, n_with, n_below - n_with);
    return it->fault == STORE_GROUP_FAULT_NONE ? STORE_OK : STORE_ECONFLICT;
}

static enum store_err
run_put(struct store_request *request, struct db *db)
{
    struct group_request *it = (struct group_request *)request;
    struct bind bind;
    enum store_err err = check_put(it, db);

    if (err != STORE_OK)
        return err;
    bind_begin(&bind, db, SQL_GROUP_PUT);
    bind_text(&bind, it->put.path);
    bind_text(&bind, it->put.topic);
    bind_int(&bind, it->put.permission);
    if ((err = bind_run(&bind)) != STORE_OK)
        return err;
    bind_begin(&bind, db, SQL_GROUP_SPREAD);
    bind_text(&bind, it->put.path);
    if ((err = bind_run(&bind)) != STORE_OK)
        return err;
    return run_get(request, db);
}

static enum store_err
run_delete(struct store_request *request, struct db *db)
{
    struct group_request *it = (struct group_request *)request;
    enum store_permission own;
    int64_t id, n_below = 0, n_with, n_members = 0;
    struct bind bind;
    enum store_err err = find(db, it->path, &id, &own);

    if (err == STORE_OK && id == 0)
        return STORE_ENOTFOUND;
    if (err == STORE_OK)
        err = count_below(db, it->path, &n_below, &n_with);
    if (err != STORE_OK)
        return err;
    bind_begin(&bind, db, SQL_MEMBER_COUNT);
    bind_int(&bind, id);
    if ((err = count_two(&bind, &n_members, NULL)) != STORE_OK)
        return err;
    if (n_below > 0)
        it->fault = STORE_GROUP_FAULT_HAS_GROUPS;
    else if (n_members > 0)
        it->fault = STORE_GROUP_FAULT_HAS_ENROLLMENTS;
    if (it->fault != STORE_GROUP_FAULT_NONE)
        return STORE_ECONFLICT;
    bind_begin(&bind, db, SQL_GROUP_DELETE);
    bind_int(&bind, id);
    return bind_run(&bind);
}

static void
complete_groups(struct store_request *request, enum store_err err)
{
    struct group_request *it = (struct group_request *)request;

    if (it->done == NULL)
        return;
    if (err == STORE_OK)
        it->done(request->arg, err, STORE_GROUP_FAULT_NONE, it->groups, it->n);
    else
        it->done(request->arg, err, it->fault, NULL, 0);
}

static const struct store_request_kind putting = {
    .is_write = true,
    .run = run_put,
    .complete = complete_groups,
};

static const struct store_request_kind deleting = {
    .is_write = true,
    .run = run_delete,
    .complete = complete_groups,
};

static const struct store_request_kind getting = {
    .run = run_get,
    .complete = complete_groups,
};

static const struct store_request_kind listing = {
    .run = run_list,
    .complete = complete_groups,
};

static enum store_err
ask(struct store *store, const struct store_request_kind *kind,
    const char *path, const struct store_group *put, size_t limit,
    store_groups_fn *done, void *arg)
{
    struct group_request *it = store_request_new(store, kind, sizeof *it, arg);
    struct arena *arena;

    if (it == NULL)
        return store->refusal;
    arena = &it->request.arena;
    it->done = done;
    it->limit = limit;
    it->path = arena_text(arena, path);
    it->groups = arena_take(arena, limit * sizeof *it->groups);
    if (put != NULL) {
        it->put = *put;
        it->put.path = it->path;
        it->put.topic = arena_text(arena, shape_given(put->topic));
    }
    return store_request_add(store, &it->request);
}

enum store_err
store_group_put(struct store *store, const struct store_group *group,
                store_groups_fn *done, void *arg)
{
    if (!store_group_path_ok(group->path) ||
        !shape_text(group->topic, STORE_MAX_TOPIC) ||
        group->permission >= STORE_N_PERMISSIONS)
        return STORE_EINVAL;
    return ask(store, &putting, group->path, group, 1, done, arg);
}

enum store_err
store_group_get(struct store *store, const char *path, store_groups_fn *done,
                void *arg)
{
    if (!store_group_path_ok(path))
        return STORE_EINVAL;
    return ask(store, &getting, path, NULL, 1, done, arg);
}

enum store_err
store_group_list(struct store *store, const char *under, size_t limit,
                 store_groups_fn *done, void *arg)
{
    if ((under[0] != '\0' && !store_group_path_ok(under)) || limit == 0 ||
        limit > STORE_MAX_GROUPS)
        return STORE_EINVAL;
    return ask(store, &listing, under, NULL, limit, done, arg);
}

enum store_err
store_group_delete(struct store *store, const char *path, store_groups_fn *done,
                   void *arg)
{
    if (!store_group_path_ok(path))
        return STORE_EINVAL;
    return ask(store, &deleting, path, NULL, 1, done, arg);
}

/*
 * Members.
 */

struct member_request {
    struct store_request request;
    store_done_fn *done;
    const char *id;
    const char *path;
};

static enum store_err
is_there(struct db *db, const char *id)
{
    struct bind bind;
    bool is_found;
    enum store_err err;

    bind_begin(&bind, db, SQL_ENROLLMENT_DUE);
    bind_text(&bind, id);
    is_found = bind_row(&bind);
    err = bind_end(&bind);
    return err == STORE_OK && !is_found ? STORE_ENOTFOUND : err;
}

static enum store_err
run_assign(struct store_request *request, struct db *db)
{
    struct member_request *it = (struct member_request *)request;
    enum store_permission own;
    int64_t group = 0;
    struct bind bind;
    enum store_err err = is_there(db, it->id);

    if (err != STORE_OK)
        return err;
    if (it->path[0] == '\0') {
        bind_begin(&bind, db, SQL_MEMBER_DROP);
        bind_text(&bind, it->id);
        return bind_run(&bind);
    }
    if ((err = find(db, it->path, &group, &own)) != STORE_OK)
        return err;
    if (group == 0)
        return STORE_ECONFLICT;
    bind_begin(&bind, db, SQL_MEMBER_PUT);
    bind_text(&bind, it->id);
    bind_int(&bind, group);
    bind_row(&bind);
    bind_row(&bind);
    return bind_end(&bind);
}

static void
complete_assign(struct store_request *request, enum store_err err)
{
    struct member_request *it = (struct member_request *)request;

    if (it->done != NULL)
        it->done(request->arg, err);
}

static const struct store_request_kind assigning = {
    .is_write = true,
    .run = run_assign,
    .complete = complete_assign,
};

enum store_err
store_group_assign(struct store *store, const char *id, const char *path,
                   store_done_fn *done, void *arg)
{
    struct member_request *it;

    if (!shape_name(id, STORE_MAX_ID) ||
        (path[0] != '\0' && !store_group_path_ok(path)))
        return STORE_EINVAL;
    it = store_request_new(store, &assigning, sizeof *it, arg);
    if (it == NULL)
        return store->refusal;
    it->done = done;
    it->id = arena_text(&it->request.arena, id);
    it->path = arena_text(&it->request.arena, path);
    return store_request_add(store, &it->request);
}
