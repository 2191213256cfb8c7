/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_ROUSE_GROUP_H
#define ROUSE_ROUSE_GROUP_H

/*
 * Groups of enrollments: a tree (organisation, school, site) by paths. The
 * identity of a group is a topic: its own, or that of the group above it;
 * which of the two that one's permission says. An enrollment belongs to one
 * group at most, and stands out when it is enrolled with another topic. A
 * part of rouse.h, which includes it.
 *
 * Nothing here changes what a device listens to: that is decided when it
 * enrolls.
 */

#include "apns.h"

struct rouse;

#define ROUSE_GROUP_MAX       4096 /* groups */
#define ROUSE_GROUP_MAX_PATH  255  /* bytes; parts are joined by "/" */
#define ROUSE_GROUP_MAX_PART  63   /* bytes of one part */
#define ROUSE_GROUP_MAX_DEPTH 8    /* parts */

/* What a group allows the ones right below it. */
enum rouse_permission {
    ROUSE_PERMISSION_EITHER,   /* they may have a topic or not */
    ROUSE_PERMISSION_INHERIT,  /* they must not have their own */
    ROUSE_PERMISSION_OVERRIDE, /* they must have their own */
};

/** rouse_permission_text(permission): "either", "inherit", "override". */
APNS_API const char *rouse_permission_text(enum rouse_permission permission);
/** rouse_permission_read(text, permission): false: none of these. */
APNS_API APNS_MUST_USE bool
rouse_permission_read(const char *text, enum rouse_permission *permission);

struct rouse_group {
    const char *path;
    const char *topic; /* its own; "" or NULL: that of the group above it */
    enum rouse_permission permission;
    /* With rouse_group_put, of a group that exists: this stays as it is. */
    bool keeps_topic;
    bool keeps_permission;
    /* Reported, and ignored by rouse_group_put. */
    const char *effective; /* the topic in force; "": none up to the root */
    int64_t n_enrollments; /* in this very group */
    int64_t n_mismatched;  /* of them, enrolled with another topic */
};

/* ${why} is never NULL: with ROUSE_ECONFLICT what the tree does not allow,
   else "". */
typedef void rouse_groups_fn(void *arg, enum rouse_err err, const char *why,
                             const struct rouse_group *groups, size_t n);

/**
 * rouse_group_put(rouse, group, by, done, arg):
 * Make it, or change its topic and permission, or what of them it does not
 * keep. Completed with it as it is now; those below it that inherit follow at
 * once.
 *
 *   errors   at once: ROUSE_EINVAL path or topic break their shape,
 *            ROUSE_ECLOSED, ROUSE_EBUSY, ROUSE_ENOMEM. In the completion:
 *            ROUSE_ECONFLICT the group above it is missing or forbids it, one
 *            right below it forbids it, there are ROUSE_GROUP_MAX; SYSTEM
 */
APNS_API APNS_MUST_USE enum rouse_err
rouse_group_put(struct rouse *rouse, const struct rouse_group *group,
                const char *by, rouse_groups_fn *done, void *arg);

/** rouse_group_get: it alone; ROUSE_ENOTFOUND. */
APNS_API APNS_MUST_USE enum rouse_err rouse_group_get(struct rouse *rouse,
                                                      const char *path,
                                                      rouse_groups_fn *done,
                                                      void *arg);

/** rouse_group_list: by path, so that each comes behind the one above it;
 *  ${under} "": all, else that group and those below it. */
APNS_API APNS_MUST_USE enum rouse_err rouse_group_list(struct rouse *rouse,
                                                       const char *under,
                                                       rouse_groups_fn *done,
                                                       void *arg);

/** rouse_group_delete: completed with no group. ROUSE_ENOTFOUND;
 *  ROUSE_ECONFLICT: groups or enrollments are in it. */
APNS_API APNS_MUST_USE enum rouse_err
rouse_group_delete(struct rouse *rouse, const char *path, const char *by,
                   rouse_groups_fn *done, void *arg);

/**
 * rouse_group_assign(rouse, id, path, scope, done, arg):
 * The enrollment belongs to ${path} from now on; "": to no group. Many that
 * are asked for in one turn share one write to the disk.
 *
 *   errors   at once: ROUSE_EINVAL, ROUSE_ECLOSED, ROUSE_EBUSY, ROUSE_ENOMEM.
 *            In the completion: ROUSE_ENOTFOUND no such enrollment
 *            within ${scope} (NULL: all);
 *            ROUSE_ECONFLICT no such group
 */
APNS_API APNS_MUST_USE enum rouse_err
rouse_group_assign(struct rouse *rouse, const char *id, const char *path,
                   const struct rouse_scope *scope, rouse_done_fn *done,
                   void *arg);

/* How an enrollment stands to its group. */
struct rouse_member {
    const char *id;
    const char *topic;                /* that it enrolled with; "": none yet */
    const char *group;                /* path; "": it is in none */
    const char *effective;            /* its group's topic in force; "": none */
    enum rouse_permission permission; /* of its group */
    bool is_mismatched; /* it ought to have enrolled with effective */
};

typedef void rouse_member_fn(void *arg, enum rouse_err err,
                             const struct rouse_member *member);

/** rouse_group_of(rouse, id, done, arg): ${member} is NULL with an error;
 *  ROUSE_ENOTFOUND: no such enrollment. */
APNS_API APNS_MUST_USE enum rouse_err rouse_group_of(struct rouse *rouse,
                                                     const char *id,
                                                     rouse_member_fn *done,
                                                     void *arg);

#endif /* ROUSE_ROUSE_GROUP_H */
