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

/* NULL: none. */
static const char *
part_flaw(const char *part, size_t len)
{
    if (len == 0)
        return "must not have an empty part: no \"//\"";
    if (len > STORE_MAX_GROUP_PART)
        return "has a part of more than 63 bytes";
    if (part[0] == '.' && (len == 1 || (len == 2 && part[1] == '.')))
        return "must not have \".\" or \"..\" as a part";
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)part[i] < 0x20 || part[i] == 0x7f)
            return "must not have control characters";
    return NULL;
}

_Static_assert(STORE_MAX_GROUP_PART == 63 && STORE_MAX_GROUP_PATH == 255 &&
                   STORE_MAX_GROUP_DEPTH == 8,
               "as the sentences say");

const char *
store_group_path_flaw(const char *path)
{
    size_t n_parts = 0;
    size_t len;

    if (path == NULL || path[0] == '\0')
        return "must not be empty";
    len = strnlen(path, STORE_MAX_GROUP_PATH + 1);
    if (len > STORE_MAX_GROUP_PATH)
        return "has more than 255 bytes";
    if (path[0] == '/')
        return "must not begin with \"/\": write school/class";
    if (path[len - 1] == '/')
        return "must not end with \"/\"";
    for (;;) {
        const char *flaw;

        len = strcspn(path, "/");
        if ((flaw = part_flaw(path, len)) != NULL)
            return flaw;
        if (++n_parts > STORE_MAX_GROUP_DEPTH)
            return "has more than 8 parts";
        if (path[len] == '\0')
            return NULL;
        path += len + 1;
    }
}

bool
store_group_path_ok(const char *path)
{
    return store_group_path_flaw(path) == NULL;
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
