/* SPDX-License-Identifier: MIT */

/*
 * The façade of groups. The tree's rules are the store's; here are the
 * audit log and the words.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/engine/call.h"
#include "server/engine/engine_core.h"

_Static_assert((int)ROUSE_PERMISSION_EITHER == (int)STORE_PERMISSION_EITHER &&
                   (int)ROUSE_PERMISSION_INHERIT ==
                       (int)STORE_PERMISSION_INHERIT &&
                   (int)ROUSE_PERMISSION_OVERRIDE ==
                       (int)STORE_PERMISSION_OVERRIDE &&
                   STORE_N_PERMISSIONS == 3,
               "permissions are handed on as they are");
_Static_assert(ROUSE_GROUP_MAX == STORE_MAX_GROUPS &&
                   ROUSE_GROUP_MAX_PATH == STORE_MAX_GROUP_PATH &&
                   ROUSE_GROUP_MAX_PART == STORE_MAX_GROUP_PART &&
                   ROUSE_GROUP_MAX_DEPTH == STORE_MAX_GROUP_DEPTH,
               "limits are told as they are");

const char *
rouse_permission_text(enum rouse_permission permission)
{
    return store_group_permission_text((enum store_permission)permission);
}

bool
rouse_permission_read(const char *text, enum rouse_permission *permission)
{
    enum store_permission read;
    bool is_good = store_group_permission_read(text, &read);

    *permission = (enum rouse_permission)read;
    return is_good;
}

struct tree_call {
    struct rouse *rouse;
    rouse_groups_fn *done;
    void *arg;
    const char *event;                   /* NULL: nothing is changed */
    char path[STORE_MAX_GROUP_PATH + 1]; /* with an event */
    char by[STORE_MAX_NAME + 1];
};

/* Who changed the tree belongs into the audit log. */
static void
note_change(const struct tree_call *call, const struct store_group *now)
{
    char detail[STORE_MAX_TOPIC + 64] = "";

    if (call->event == NULL || call->rouse->is_freeing)
        return;
    if (now != NULL)
        snprintf(detail, sizeof detail, "topic=%s permission=%s", now->topic,
                 store_group_permission_text(now->permission));
    notice_event(call->rouse, call->event, call->path, call->by, detail);
}

static void
on_groups(void *arg, enum store_err err, enum store_group_fault fault,
          const struct store_group *groups, size_t n)
{
    struct tree_call *call = arg;
    struct rouse_group *copies = calloc(n + 1, sizeof *copies);

    if (err == STORE_OK)
        note_change(call, n == 1 ? groups : NULL);
    if (copies == NULL)
        err = STORE_ENOMEM;
    for (size_t i = 0; copies != NULL && i < n; i++)
        copies[i] = (struct rouse_group){
            .path = groups[i].path,
            .topic = groups[i].topic,
            .permission = (enum rouse_permission)groups[i].permission,
            .effective = groups[i].effective,
            .n_enrollments = groups[i].n_enrollments,
            .n_mismatched = groups[i].n_mismatched,
        };
    if (call->done != NULL)
        call->done(call->arg, rouse_err_of_store(err),
                   err == STORE_ECONFLICT ? store_group_fault_text(fault) : "",
                   copies, err == STORE_OK ? n : 0);
    free(copies);
    free(call);
}

/* NULL with ${*err}. */
static struct tree_call *
new_tree_call(struct rouse *rouse, rouse_groups_fn *done, void *arg,
              enum rouse_err *err)
{
    struct tree_call *call = call_new(rouse, sizeof *call, err);

    if (call == NULL)
        return NULL;
    call->rouse = rouse;
    call->done = done;
    call->arg = arg;
    return call;
}

static void
set_event(struct tree_call *call, const char *event, const char *path,
          const char *by)
{
    call->event = event;
    snprintf(call->path, sizeof call->path, "%s", path);
    snprintf(call->by, sizeof call->by, "%s", by);
}

enum rouse_err
rouse_group_put(struct rouse *rouse, const struct rouse_group *group,
                const char *by, rouse_groups_fn *done, void *arg)
{
    struct store_group put = {
        .path = group->path,
        .topic = group->topic,
        .permission = (enum store_permission)group->permission,
        .keeps_topic = group->keeps_topic,
        .keeps_permission = group->keeps_permission,
    };
    enum rouse_err err;
    struct tree_call *call = new_tree_call(rouse, done, arg, &err);

    if (call == NULL)
        return err;
    set_event(call, "group.put", group->path, by);
    return call_asked(call,
                      store_group_put(rouse->store, &put, on_groups, call));
}

enum rouse_err
rouse_group_get(struct rouse *rouse, const char *path, rouse_groups_fn *done,
                void *arg)
{
    enum rouse_err err;
    struct tree_call *call = new_tree_call(rouse, done, arg, &err);

    if (call == NULL)
        return err;
    return call_asked(call,
                      store_group_get(rouse->store, path, on_groups, call));
}

enum rouse_err
rouse_group_list(struct rouse *rouse, const char *under, rouse_groups_fn *done,
                 void *arg)
{
    enum rouse_err err;
    struct tree_call *call = new_tree_call(rouse, done, arg, &err);

    if (call == NULL)
        return err;
    return call_asked(call,
                      store_group_list(rouse->store, under, STORE_MAX_GROUPS,
                                       on_groups, call));
}

enum rouse_err
rouse_group_delete(struct rouse *rouse, const char *path, const char *by,
                   rouse_groups_fn *done, void *arg)
{
    enum rouse_err err;
    struct tree_call *call = new_tree_call(rouse, done, arg, &err);

    if (call == NULL)
        return err;
    set_event(call, "group.deleted", path, by);
    return call_asked(call,
                      store_group_delete(rouse->store, path, on_groups, call));
}
