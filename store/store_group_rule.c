/* SPDX-License-Identifier: MIT */

/*
 * Paths and permissions of groups: pure.
 */

#include <string.h>

#include "store/store.h"

const char *
store_group_permission_text(enum store_permission permission)
{
    static const char *const texts[STORE_N_PERMISSIONS] = {
#define X(name, text) text,
        STORE_PERMISSIONS(X)
#undef X
    };

    return (unsigned)permission < STORE_N_PERMISSIONS ? texts[permission] : "";
}

bool
store_group_permission_read(const char *text, enum store_permission *permission)
{
    for (unsigned i = 0; i < STORE_N_PERMISSIONS; i++) {
        *permission = (enum store_permission)i;
        if (strcmp(store_group_permission_text(*permission), text) == 0)
            return true;
    }
    return false;
}

const char *
store_group_fault_text(enum store_group_fault fault)
{
    static const char *const texts[STORE_GROUP_N_FAULTS] = {
#define X(name, text) text,
        STORE_GROUP_FAULTS(X)
#undef X
    };

    return (unsigned)fault < STORE_GROUP_N_FAULTS ? texts[fault] : "";
}

static bool
is_part(const char *part, size_t len)
{
    if (len == 0 || len > STORE_MAX_GROUP_PART ||
        (part[0] == '.' && (len == 1 || (len == 2 && part[1] == '.'))))
        return false;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)part[i] < 0x20 || part[i] == 0x7f)
            return false;
    return true;
}

bool
store_group_path_ok(const char *path)
{
    size_t n_parts = 0;

    if (path == NULL ||
        strnlen(path, STORE_MAX_GROUP_PATH + 1) > STORE_MAX_GROUP_PATH)
        return false;
    for (;;) {
        size_t len = strcspn(path, "/");

        if (!is_part(path, len) || ++n_parts > STORE_MAX_GROUP_DEPTH)
            return false;
        if (path[len] == '\0')
            return true;
        path += len + 1;
    }
}

bool
store_group_covers(const char *group, const char *path)
{
    size_t len = strlen(group);

    return len == 0 || (strncmp(group, path, len) == 0 &&
                        (path[len] == '\0' || path[len] == '/'));
}

enum store_group_fault
store_group_rule(bool has_parent, enum store_permission parent, bool has_topic,
                 enum store_permission permission, int64_t n_with,
                 int64_t n_without)
{
    if (has_parent && has_topic && parent == STORE_PERMISSION_INHERIT)
        return STORE_GROUP_FAULT_MUST_INHERIT;
    if (has_parent && !has_topic && parent == STORE_PERMISSION_OVERRIDE)
        return STORE_GROUP_FAULT_MUST_OVERRIDE;
    if (permission == STORE_PERMISSION_INHERIT && n_with > 0)
        return STORE_GROUP_FAULT_BELOW_HAS_TOPIC;
    if (permission == STORE_PERMISSION_OVERRIDE && n_without > 0)
        return STORE_GROUP_FAULT_BELOW_HAS_NONE;
    return STORE_GROUP_FAULT_NONE;
}
