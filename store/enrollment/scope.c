/* SPDX-License-Identifier: MIT */
#include "scope.h"

#include <string.h>

#include "store/bind.h"
#include "store/db.h"
#include "store/shape.h"

struct store_scope
scope_of(const struct store_scope *scope)
{
    return scope != NULL ? *scope : (struct store_scope){0};
}

static enum store_err
covers_group(struct db *db, const char *group, int64_t row, bool *covers)
{
    struct arena arena = {0};
    const char *path = "";
    struct bind bind;
    enum store_err err;

    bind_begin(&bind, db, SQL_MEMBER_PATH);
    bind_int(&bind, row);
    if (bind_row(&bind))
        path = bind_take_text(&bind, &arena);
    err = bind_end_taken(&bind, &arena, STORE_OK);
    *covers = err == STORE_OK && store_group_covers(group, path);
    arena_fini(&arena);
    return err;
}

enum store_err
scope_has(struct db *db, const struct store_scope *scope, int64_t row,
          int64_t topic, bool *has)
{
    const char *wanted = shape_given(scope->topic);
    const char *group = shape_given(scope->group);

    *has = wanted[0] == '\0' || strcmp(topic_name(db, topic), wanted) == 0;
    if (!*has || group[0] == '\0')
        return STORE_OK;
    return covers_group(db, group, row, has);
}
