/* SPDX-License-Identifier: MIT */

/*
 * The tree of groups, and who belongs to which.
 */

#include "enrollment_row.h"
#include "group_row.h"
#include "store/bind.h"
#include "store/core.h"
#include "store/done_request.h"
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

    it->n = 0;
    while (it->n < it->limit && bind_row(bind))
        take_group(bind, arena, &it->groups[it->n++]);
    return bind_end_taken(bind, arena, STORE_OK);
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

/* What the put does not give, from the group as it is. */
static enum store_err
keep_rest(struct group_request *it, struct db *db)
{
    enum store_err err = run_get(&it->request, db);

    if (err != STORE_OK)
        return err == STORE_ENOTFOUND ? STORE_OK : err;
    if (it->put.keeps_topic)
        it->put.topic = it->groups[0].topic;
    if (it->put.keeps_permission)
        it->put.permission = it->groups[0].permission;
    return STORE_OK;
}

static enum store_err
run_put(struct store_request *request, struct db *db)
{
    struct group_request *it = (struct group_request *)request;
    bool keeps = it->put.keeps_topic || it->put.keeps_permission;
    enum store_err err = keeps ? keep_rest(it, db) : STORE_OK;

    if (err == STORE_OK)
        err = group_row_put(db, &it->put, &it->fault);
    return err == STORE_OK ? run_get(request, db) : err;
}

static enum store_err
count_members(struct db *db, int64_t group, int64_t *n)
{
    struct bind bind;

    *n = 0;
    bind_begin(&bind, db, SQL_MEMBER_COUNT);
    bind_int(&bind, group);
    if (bind_row(&bind))
        *n = bind_take_int(&bind);
    return bind_end(&bind);
}

static enum store_err
run_delete(struct store_request *request, struct db *db)
{
    struct group_request *it = (struct group_request *)request;
    int64_t id, n_below = 0, n_with, n_members = 0;
    struct bind bind;
    enum store_err err = group_row_find(db, it->path, &id);

    if (err == STORE_OK && id == 0)
        return STORE_ENOTFOUND;
    if (err == STORE_OK)
        err = group_row_below(db, it->path, &n_below, &n_with);
    if (err == STORE_OK)
        err = count_members(db, id, &n_members);
    if (err != STORE_OK)
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
    struct done_request head;
    const char *id;
    const char *path;
};

static enum store_err
run_assign(struct store_request *request, struct db *db)
{
    struct member_request *it = (struct member_request *)request;
    struct enrollment_texts texts = {.id = it->id, .magic = ""};
    struct enrollment_row member;
    enum store_err err = enrollment_row_find(db, &texts, &member);
    int64_t group = 0;

    if (err == STORE_OK && member.row == 0)
        return STORE_ENOTFOUND;
    if (err == STORE_OK && it->path[0] == '\0')
        return group_row_leave(db, member.row);
    if (err == STORE_OK)
        err = group_row_find(db, it->path, &group);
    if (err != STORE_OK)
        return err;
    return group != 0 ? group_row_join(db, member.row, group) : STORE_ECONFLICT;
}

static const struct store_request_kind assigning = {
    .is_write = true,
    .run = run_assign,
    .complete = done_request_complete,
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
    it->head.done = done;
    it->id = arena_text(&it->head.request.arena, id);
    it->path = arena_text(&it->head.request.arena, path);
    return store_request_add(store, &it->head.request);
}
