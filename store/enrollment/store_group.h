/* SPDX-License-Identifier: MIT */
#ifndef STORE_STORE_GROUP_H
#define STORE_STORE_GROUP_H

/*
 * Groups of enrollments: a tree (organisation, school, site) by paths. A
 * group has a topic of its own or that of its parent; which of the two its
 * parent says. Part of store.h, which includes it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/enrollment/store_enrollment.h"
#include "store/store_base.h"

#define STORE_MAX_GROUPS      4096
#define STORE_MAX_GROUP_PATH  255 /* bytes; parts are joined by "/" */
#define STORE_MAX_GROUP_PART  63  /* bytes of one part */
#define STORE_MAX_GROUP_DEPTH 8   /* parts */

/* What a group allows the ones below it. X(name, text) */
#define STORE_PERMISSIONS(X)                                   \
    X(EITHER, "either")     /* they may have a topic or not */ \
    X(INHERIT, "inherit")   /* they must not have their own */ \
    X(OVERRIDE, "override") /* they must have their own */

enum store_permission {
#define X(name, text) STORE_PERMISSION_##name,
    STORE_PERMISSIONS(X)
#undef X
    STORE_N_PERMISSIONS
};

const char *store_group_permission_text(enum store_permission permission);
STORE_MUST_USE bool
store_group_permission_read(const char *text,
                            enum store_permission *permission);

/* Why a change of the tree is refused. X(name, text) */
#define STORE_GROUP_FAULTS(X)                                              \
    X(NONE, "")                                                            \
    X(NO_PARENT, "the group above it does not exist; create it first")     \
    X(MUST_INHERIT,                                                        \
      "the group above it says \"inherit\": no topic of its own")          \
    X(MUST_OVERRIDE,                                                       \
      "the group above it says \"override\": it needs a topic of its own") \
    X(BELOW_HAS_TOPIC, "a group right below it has a topic of its own")    \
    X(BELOW_HAS_NONE, "a group right below it has no topic of its own")    \
    X(HAS_GROUPS, "it contains groups")                                    \
    X(HAS_ENROLLMENTS, "it contains enrollments")                          \
    X(TOO_MANY, "there are 4096 groups already")                           \
    X(NO_GROUP, "there is no such group")                                  \
    X(SCOPE, "it is not within what this caller may reach")

enum store_group_fault {
#define X(name, text) STORE_GROUP_FAULT_##name,
    STORE_GROUP_FAULTS(X)
#undef X
    STORE_GROUP_N_FAULTS
};

const char *store_group_fault_text(enum store_group_fault fault);

/** store_group_path_flaw(path): the one limit that it breaks, in words that
 *  follow "path"; NULL: none. Parts have 1..63 bytes without control
 *  characters, and none is "." or "..". */
STORE_MUST_USE const char *store_group_path_flaw(const char *path);

/** store_group_path_ok(path): it has no flaw. */
STORE_MUST_USE bool store_group_path_ok(const char *path);

/** store_group_covers(group, path): it is ${group} or below; "" covers all. */
STORE_MUST_USE bool store_group_covers(const char *group, const char *path);

/**
 * store_group_rule(has_parent, parent, has_topic, permission, n_with,
 *                  n_without):
 * Whether a group may be so: pure. ${n_with} and ${n_without} count the groups
 * right below it that have a topic of their own and that have none.
 */
enum store_group_fault store_group_rule(bool has_parent,
                                        enum store_permission parent,
                                        bool has_topic,
                                        enum store_permission permission,
                                        int64_t n_with, int64_t n_without);

struct store_group {
    const char *path;
    const char *topic; /* its own; "": its parent's */
    enum store_permission permission;
    /* On putting one that exists already: this stays as it is. */
    bool keeps_topic;
    bool keeps_permission;
    /* Filled in by the store on reading. */
    const char *effective; /* topic in force; "": none up to the root */
    int64_t n_enrollments; /* in this very group */
    int64_t n_mismatched;  /* of them, with another topic */
};

/** STORE_ECONFLICT: ${fault} says why; ${groups} is NULL then. */
typedef void store_groups_fn(void *arg, enum store_err err,
                             enum store_group_fault fault,
                             const struct store_group *groups, size_t n);

/**
 * store_group_put(store, group, done, arg):
 * Make it, or change topic and permission, or what of them it does not keep.
 * Those below inherit at once. The completion gets the group as stored.
 *
 *   errors   STORE_ECONFLICT  the tree does not allow it, see ${fault}
 */
STORE_MUST_USE enum store_err store_group_put(struct store *store,
                                              const struct store_group *group,
                                              store_groups_fn *done, void *arg);

/**
 * store_group_get(store, path, done, arg):
 * It alone.
 *
 *   errors   STORE_ENOTFOUND
 */
STORE_MUST_USE enum store_err store_group_get(struct store *store,
                                              const char *path,
                                              store_groups_fn *done, void *arg);

/**
 * store_group_list(store, under, limit, done, arg):
 * Up to ${limit} <= STORE_MAX_GROUPS by path: all (""), or ${under} and those
 * below it. None is no error.
 */
STORE_MUST_USE enum store_err store_group_list(struct store *store,
                                               const char *under, size_t limit,
                                               store_groups_fn *done,
                                               void *arg);

/**
 * store_group_delete(store, path, done, arg):
 * Nothing may be in it or below it. The completion gets no group.
 *
 *   errors   STORE_ENOTFOUND; STORE_ECONFLICT  see ${fault}
 */
STORE_MUST_USE enum store_err store_group_delete(struct store *store,
                                                 const char *path,
                                                 store_groups_fn *done,
                                                 void *arg);

/**
 * store_group_assign(store, id, path, scope, done, arg):
 * The enrollment ${id}, within ${scope}, belongs to ${path} from now on; "": to
 * no group.
 *
 *   errors   STORE_ENOTFOUND  no such enrollment; STORE_ECONFLICT  no such
 *            group
 */
STORE_MUST_USE enum store_err
store_group_assign(struct store *store, const char *id, const char *path,
                   const struct store_scope *scope, store_done_fn *done,
                   void *arg);

/* One that an import left out: its group is the trouble, or where it is. */
struct store_refused {
    size_t i;         /* of those given */
    const char *path; /* of the group */
    enum store_group_fault fault;
};

struct store_import_answer {
    const struct store_refused *refused; /* in order */
    size_t n_refused;
    size_t n_groups_made;
};

typedef void store_import_fn(void *arg, enum store_err err,
                             const struct store_import_answer *answer);

/**
 * store_enrollment_import(store, enrollments, n, makes_groups, scope, done,
 *                         arg):
 * As store_enrollment_put, and into their groups: NULL leaves one in the group
 * that it is in, "" takes it out. One whose group does not exist is left out,
 * and keeps no other out; with ${makes_groups} the group is made, and what is
 * missing above it, with no topics of their own, where the tree allows it. One
 * that is beyond ${scope} is left out as well, and a new one when ${scope} has
 * a group; what it is to become is the caller's to check.
 */
STORE_MUST_USE enum store_err
store_enrollment_import(struct store *store,
                        const struct store_enrollment *enrollments, size_t n,
                        bool makes_groups, const struct store_scope *scope,
                        store_import_fn *done, void *arg);

#endif /* STORE_STORE_GROUP_H */
