/* SPDX-License-Identifier: MIT */

/*
 * The façade of who belongs to which group.
 */

#include <stdio.h>
#include <stdlib.h>

#include "server/engine/call.h"
#include "server/engine/engine_core.h"

struct assignment {
    rouse_done_fn *done;
    void *arg;
};

static void
on_assigned(void *arg, enum store_err err)
{
    struct assignment *it = arg;

    if (it->done != NULL)
        it->done(it->arg, rouse_err_of_store(err));
    free(it);
}

enum rouse_err
rouse_group_assign(struct rouse *rouse, const char *id, const char *path,
                   const struct rouse_scope *scope, rouse_done_fn *done,
                   void *arg)
{
    struct store_scope within = {0};
    struct assignment *it;
    enum rouse_err err;

    if ((it = call_new(rouse, sizeof *it, &err)) == NULL)
        return err;
    it->done = done;
    it->arg = arg;
    if (scope != NULL)
        within = (struct store_scope){scope->topic, scope->group};
    return call_asked(it, store_group_assign(rouse->store, id, path, &within,
                                             on_assigned, it));
}

/*
 * How one stands to its group.
 */

struct lookup {
    struct rouse *rouse;
    rouse_member_fn *done;
    void *arg;
    bool is_mismatched;
    char id[STORE_MAX_ID + 1];
    char topic[STORE_MAX_TOPIC + 1];
    char group[STORE_MAX_GROUP_PATH + 1];
};

static void
end_lookup(struct lookup *it, enum store_err err,
           const struct store_group *group)
{
    struct rouse_member member = {
        .id = it->id,
        .topic = it->topic,
        .group = it->group,
        .effective = group != NULL ? group->effective : "",
        .permission = group != NULL ? (enum rouse_permission)group->permission
                                    : ROUSE_PERMISSION_EITHER,
        .is_mismatched = it->is_mismatched,
    };

    it->done(it->arg, rouse_err_of_store(err),
             err == STORE_OK ? &member : NULL);
    free(it);
}

static void
on_group(void *arg, enum store_err err, enum store_group_fault fault,
         const struct store_group *groups, size_t n)
{
    (void)fault;
    end_lookup(arg, err, n == 1 ? groups : NULL);
}

static void
on_enrollment(void *arg, enum store_err err,
              const struct store_enrollment *found, size_t n, int64_t next)
{
    struct lookup *it = arg;

    (void)next;
    if (err == STORE_OK && it->rouse->is_freeing)
        err = STORE_ECLOSED;
    if (err == STORE_OK && n == 0)
        err = STORE_ENOTFOUND;
    if (err == STORE_OK) {
        snprintf(it->topic, sizeof it->topic, "%s", found->topic);
        snprintf(it->group, sizeof it->group, "%s", found->group);
        it->is_mismatched = found->is_mismatched;
        if (found->group[0] != '\0') {
            err = store_group_get(it->rouse->store, it->group, on_group, it);
            if (err == STORE_OK)
                return;
        }
    }
    end_lookup(it, err, NULL);
}

enum rouse_err
rouse_group_of(struct rouse *rouse, const char *id, rouse_member_fn *done,
               void *arg)
{
    struct lookup *it;
    enum rouse_err err;

    if ((it = call_new(rouse, sizeof *it, &err)) == NULL)
        return err;
    it->rouse = rouse;
    it->done = done;
    it->arg = arg;
    snprintf(it->id, sizeof it->id, "%s", id);
    return call_asked(
        it, store_enrollment_get(rouse->store, &id, 1, on_enrollment, it));
}
