/* SPDX-License-Identifier: MIT */

/*
 * The tree of groups, and who belongs to which.
 */

#include "enrollment_row.h"
#include "group_row.h"
#include "scope.h"
#include "store/bind.h"
#include "store/core.h"
#include "store/head.h"

struct group_request {
    struct list_head list;
    store_groups_fn *done;
    struct store_group put; /* path: what it is about */
    enum store_group_fault fault;
};

static enum store_err
take_group(struct store_request *request, struct bind *bind, void *row)
{
    struct arena *arena = &request->arena;
    struct store_group *group = row;

    group->path = bind_take_text(bind, arena);
    group->topic = bind_take_text(bind, arena);
    group->permission = (enum store_permission)bind_take_int(bind);
    group->effective = bind_take_text(bind, arena);
    group->n_enrollments = bind_take_int(bind);
    group->n_mismatched = bind_take_int(bind);
    return STORE_OK;
}

static enum store_err
take_groups(struct group_request *it, struct bind *bind)
{
    return head_take(&it->list, bind, sizeof(struct store_group), take_group);
}

static enum store_err
run_get(struct store_request *request, struct db *db)
{
    struct group_request *it = (struct group_request *)request;
    struct bind bind;
    enum store_err err;

    bind_begin(&bind, db, SQL_GROUP_GET);
    bind_text(&bind, it->put.path);
    err = take_groups(it, &bind);
    return err == STORE_OK && it->list.n == 0 ? STORE_ENOTFOUND : err;
}

static enum store_err
run_list(struct store_request *request, struct db *db)
{
    struct group_request *it = (struct group_request *)request;
    struct bind bind;

    bind_begin(&bind, db, SQL_GROUP_LIST);
    bind_text(&bind, it->put.path);
    bind_int(&bind, (int64_t)it->list.limit);
    return take_groups(it, &bind);
}

/* What the put does not give, from the group as it is. */
static enum store_err
keep_rest(struct group_request *it, struct db *db)
{
    const struct store_group *group;
    enum store_err err = run_get(&it->list.request, db);

    if (err != STORE_OK)
        return err == STORE_ENOTFOUND ? STORE_OK : err;
    group = it->list.rows;
    if (it->put.keeps_topic)
        it->put.topic = group->topic;
    if (it->put.keeps_permission)
        it->put.permission = group->permission;
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
    return bind_run_int(&bind, n);
}

static enum store_err
run_delete(struct store_request *request, struct db *db)
{
    struct group_request *it = (struct group_request *)request;
    int64_t id, n_below = 0, n_with, n_members = 0;
    struct bind bind;
    enum store_err err = group_row_find(db, it->put.path, &id);

    if (err == STORE_OK && id == 0)
        return STORE_ENOTFOUND;
    if (err == STORE_OK)
        err = group_row_below(db, it->put.path, &n_below, &n_with);
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

    head_drop(&it->list, err);
    if (it->done != NULL)
        it->done(request->arg, err,
                 err == STORE_OK ? STORE_GROUP_FAULT_NONE : it->fault,
                 it->list.rows, it->list.n);
}

static const struct store_text group_texts[] = {
    TEXT(group_request, put.path, STORE_MAX_GROUP_PATH, GIVEN),
    TEXT(group_request, put.topic, STORE_MAX_TOPIC, GIVEN),
    {0},
};

#define GROUP_KIND(does, writes)                                      \
    {                                                                 \
        .is_write = writes, .run = does, .complete = complete_groups, \
        .size = sizeof(struct group_request), .texts = group_texts    \
    }

static const struct store_request_kind putting = GROUP_KIND(run_put, true);
static const struct store_request_kind deleting = GROUP_KIND(run_delete, true);
static const struct store_request_kind getting = GROUP_KIND(run_get, false);
static const struct store_request_kind listing = GROUP_KIND(run_list, false);

enum store_err
store_group_put(struct store *store, const struct store_group *group,
                store_groups_fn *done, void *arg)
{
    struct group_request like = {.list.limit = 1, .done = done, .put = *group};

    if (!store_group_path_ok(group->path) ||
        group->permission >= STORE_N_PERMISSIONS)
        return STORE_EINVAL;
    return store_request_put(store, &putting, &like, arg);
}

enum store_err
store_group_get(struct store *store, const char *path, store_groups_fn *done,
                void *arg)
{
    struct group_request like = {
        .list.limit = 1, .done = done, .put.path = path};

    if (!store_group_path_ok(path))
        return STORE_EINVAL;
    return store_request_put(store, &getting, &like, arg);
}

enum store_err
store_group_list(struct store *store, const char *under, size_t limit,
                 store_groups_fn *done, void *arg)
{
    struct group_request like = {
        .list.limit = limit, .done = done, .put.path = under};

    if ((under[0] != '\0' && !store_group_path_ok(under)) || limit == 0 ||
        limit > STORE_MAX_GROUPS)
        return STORE_EINVAL;
    return store_request_put(store, &listing, &like, arg);
}

enum store_err
store_group_delete(struct store *store, const char *path, store_groups_fn *done,
                   void *arg)
{
    struct group_request like = {.done = done, .put.path = path};

    if (!store_group_path_ok(path))
        return STORE_EINVAL;
    return store_request_put(store, &deleting, &like, arg);
}

/*
 * Members.
 */

struct member_request {
    struct done_head head;
    const char *id;
    const char *path;
    struct store_scope scope;
};

static enum store_err
run_assign(struct store_request *request, struct db *db)
{
    struct member_request *it = (struct member_request *)request;
    struct enrollment_texts texts = {.id = it->id, .magic = ""};
    struct enrollment_row member;
    enum store_err err = enrollment_row_find(db, &texts, &member);
    int64_t group = 0;
    bool is_ours = false;

    if (err == STORE_OK && member.row != 0)
        err = scope_has(db, &it->scope, member.row, member.topic, &is_ours);
    if (err == STORE_OK && !is_ours)
        return STORE_ENOTFOUND;
    if (err == STORE_OK && it->path[0] == '\0')
        return group_row_leave(db, member.row);
    if (err == STORE_OK)
        err = group_row_find(db, it->path, &group);
    if (err != STORE_OK)
        return err;
    return group != 0 ? group_row_join(db, member.row, group) : STORE_ECONFLICT;
}

static const struct store_text assign_texts[] = {
    TEXT(member_request, id, STORE_MAX_ID, NEEDED),
    TEXT(member_request, path, STORE_MAX_GROUP_PATH, GIVEN),
    SCOPE_TEXTS(member_request, scope),
    {0},
};

static const struct store_request_kind assigning = {
    .is_write = true,
    .run = run_assign,
    .complete = head_done,
    .size = sizeof(struct member_request),
    .texts = assign_texts,
};

enum store_err
store_group_assign(struct store *store, const char *id, const char *path,
                   const struct store_scope *scope, store_done_fn *done,
                   void *arg)
{
    struct member_request like = {
        .head.done = done, .id = id, .path = path, .scope = scope_of(scope)};

    if (path[0] != '\0' && !store_group_path_ok(path))
        return STORE_EINVAL;
    return store_request_put(store, &assigning, &like, arg);
}
