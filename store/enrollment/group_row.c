/* SPDX-License-Identifier: MIT */
#include "group_row.h"

#include <string.h>

#include "store/bind.h"
#include "store/shape.h"

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

enum store_err
group_row_find(struct db *db, const char *path, int64_t *id)
{
    enum store_permission own;

    return find(db, path, id, &own);
}

enum store_err
group_row_below(struct db *db, const char *path, int64_t *n, int64_t *n_with)
{
    struct bind bind;

    *n = *n_with = 0;
    bind_begin(&bind, db, SQL_GROUP_BELOW);
    bind_text(&bind, path);
    if (bind_row(&bind)) {
        *n = bind_take_int(&bind);
        *n_with = bind_take_int(&bind);
    }
    return bind_end(&bind);
}

static enum store_err
count_all(struct db *db, int64_t *n)
{
    struct bind bind;

    *n = 0;
    bind_begin(&bind, db, SQL_GROUP_COUNT);
    return bind_run_int(&bind, n);
}

/* The group above, and whether the rules hold. */
static enum store_err
check(struct db *db, const struct store_group *put,
      enum store_group_fault *fault)
{
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
        err = group_row_below(db, put->path, &n_below, &n_with);
    if (err == STORE_OK && id == 0)
        err = count_all(db, &n);
    if (err != STORE_OK)
        return err;
    if (parent_id == 0)
        *fault = STORE_GROUP_FAULT_NO_PARENT;
    else if (n >= STORE_MAX_GROUPS)
        *fault = STORE_GROUP_FAULT_TOO_MANY;
    else
        *fault = store_group_rule(slash != NULL, parent, put->topic[0] != '\0',
                                  put->permission, n_with, n_below - n_with);
    return *fault == STORE_GROUP_FAULT_NONE ? STORE_OK : STORE_ECONFLICT;
}

enum store_err
group_row_put(struct db *db, const struct store_group *group,
              enum store_group_fault *fault)
{
    struct bind bind;
    enum store_err err = check(db, group, fault);

    if (err != STORE_OK)
        return err;
    bind_begin(&bind, db, SQL_GROUP_PUT);
    bind_text(&bind, group->path);
    bind_text(&bind, group->topic);
    bind_int(&bind, group->permission);
    if ((err = bind_run(&bind)) != STORE_OK)
        return err;
    bind_begin(&bind, db, SQL_GROUP_SPREAD);
    bind_text(&bind, group->path);
    return bind_run(&bind);
}

enum store_err
group_row_make(struct db *db, const char *path, int64_t *id, size_t *n_made,
               enum store_group_fault *fault)
{
    char part[STORE_MAX_GROUP_PATH + 1];
    struct store_group group = {.path = part, .topic = ""};
    enum store_err err = STORE_OK;

    *id = 0;
    *fault = STORE_GROUP_FAULT_NONE;
    /* From the root down, so that each has the one above it. */
    for (size_t len = strcspn(path, "/"); err == STORE_OK;
         len += 1 + strcspn(path + len + 1, "/")) {
        memcpy(part, path, len);
        part[len] = '\0';
        err = group_row_find(db, part, id);
        if (err == STORE_OK && *id == 0 &&
            (err = group_row_put(db, &group, fault)) == STORE_OK) {
            (*n_made)++;
            err = group_row_find(db, part, id);
        }
        if (path[len] == '\0')
            break;
    }
    return err;
}

enum store_err
group_row_join(struct db *db, int64_t row, int64_t group)
{
    struct bind bind;

    bind_begin(&bind, db, SQL_MEMBER_PUT);
    bind_int(&bind, row);
    bind_int(&bind, group);
    return bind_run(&bind);
}

enum store_err
group_row_leave(struct db *db, int64_t row)
{
    struct bind bind;

    bind_begin(&bind, db, SQL_MEMBER_DROP);
    bind_int(&bind, row);
    return bind_run(&bind);
}
