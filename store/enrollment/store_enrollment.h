/* SPDX-License-Identifier: MIT */
#ifndef STORE_STORE_ENROLLMENT_H
#define STORE_STORE_ENROLLMENT_H

/*
 * Enrollments: what is known of one, and which of them are meant. Part of
 * store.h, which includes it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store_base.h"

/* NanoMDM's names. X(name, text, is a user channel) */
#define STORE_KINDS(X)                                           \
    X(DEVICE, "Device", false)                                   \
    X(USER, "User", true)                                        \
    X(SHARED_IPAD, "Shared iPad", true)                          \
    X(USER_ENROLLMENT_DEVICE, "User Enrollment (Device)", false) \
    X(USER_ENROLLMENT, "User Enrollment", true)

enum store_kind {
#define X(name, text, is_user) STORE_KIND_##name,
    STORE_KINDS(X)
#undef X
    STORE_N_KINDS
};

/** store_kind_text(kind): NanoMDM's word; static. */
const char *store_kind_text(enum store_kind kind);
/** store_kind_is_user(kind): one that belongs to a device channel. */
bool store_kind_is_user(enum store_kind kind);
/** store_kind_read(text, kind): false when it is none of them. */
STORE_MUST_USE bool store_kind_read(const char *text, enum store_kind *kind);

/* Only enabled ones are pushed. X(name, text) */
#define STORE_STATES(X)                                                    \
    X(ENABLED, "enabled")   /* has a token that APNs did not refuse */     \
    X(DISABLED, "disabled") /* Authenticate or CheckOut came last */       \
    X(DEAD, "dead")         /* APNs said 410 after the last TokenUpdate */ \
    X(SUSPECT, "suspect")   /* APNs refused the token with 400 */

enum store_state {
#define X(name, text) STORE_STATE_##name,
    STORE_STATES(X)
#undef X
    STORE_N_STATES
};

const char *store_state_text(enum store_state state);
STORE_MUST_USE bool store_state_read(const char *text, enum store_state *state);

/* The last push of an enrollment. */
struct store_last_push {
    int64_t at_ms;         /* when it was submitted; 0: never pushed */
    uint16_t status;       /* HTTP status; 0: no answer */
    const char *reason;    /* "" when accepted */
    const char *apns_id;   /* "" when APNs sent none */
    int64_t not_before_ms; /* APNs wants no other one before; 0: any time */
};

/* The wake that waits for an enrollment. */
struct store_wake_state {
    bool exists;
    int64_t asked_at_ms;
    int64_t due_ms;
    int64_t deadline_ms;
    uint32_t attempt;  /* pushes made for it so far */
    uint8_t until;     /* enum store_until */
    bool is_claimed;   /* a push is in flight */
    bool is_undecided; /* see STORE_EFFECT_UNDECIDED; due at the deadline */
};

struct store_enrollment {
    const char *id;
    enum store_kind kind;
    const char *parent; /* id of the device channel; "" when it is one */
    const char *serial; /* "" when unknown */
    const char *topic;  /* "" before the first TokenUpdate */
    const uint8_t *token;
    size_t token_len; /* 0 before the first TokenUpdate */
    const char *magic;
    enum store_state state;
    int64_t token_at_ms; /* last TokenUpdate; 0: none, or not known */
    uint32_t tally;      /* TokenUpdates since the last Authenticate */
    int64_t seen_at_ms;  /* last check-in of any sort; 0: never */
    /* Filled in by the store on reading, ignored on writing. */
    struct store_last_push last_push;
    struct store_wake_state wake;
    const char *group;  /* path of its group; "": it has none. Written by
                           store_enrollment_import alone */
    bool is_mismatched; /* its group's topic is another one */
};

/* Which enrollments are meant. Zero or NULL fields do not restrict. */
struct store_filter {
    const char *topic;
    const char *parent;
    const char *serial;
    uint32_t kinds;         /* bit per enum store_kind; 0: all */
    uint32_t states;        /* bit per enum store_state; 0: all */
    int64_t seen_before_ms; /* not seen since then; 0: no matter */
    const char *group;      /* path: it and those below it */
};

/*
 * What a caller may reach: enrollments of this topic, in this group or below
 * it; NULL or "" does not restrict. One beyond it fares like an unknown one,
 * decided by what is stored when the request takes effect. A NULL scope is
 * everything.
 */
struct store_scope {
    const char *topic;
    const char *group; /* path */
};

/**
 * store_enrollment_put(store, enrollments, n, done, arg):
 * Create or replace ${n} <= STORE_MAX_BATCH enrollments as given: all or none.
 * Enabled means that a push can be sent: one that lacks topic, token or magic
 * is stored as disabled. One that is not enabled any more loses its wake. For
 * the order of check-ins it counts as sent at token_at_ms. Groups stay.
 *
 *   shape    id is not empty; token_len <= STORE_MAX_TOKEN; times >= 0
 */
STORE_MUST_USE enum store_err
store_enrollment_put(struct store *store,
                     const struct store_enrollment *enrollments, size_t n,
                     store_done_fn *done, void *arg);

/* A page of enrollments; ${next} is the cursor after it, 0 at the end. */
typedef void store_enrollments_fn(void *arg, enum store_err err,
                                  const struct store_enrollment *enrollments,
                                  size_t n, int64_t next);

/**
 * store_enrollment_get(store, ids, n, done, arg):
 * The known ones among ${n} <= STORE_MAX_BATCH ids, in the order of ${ids};
 * unknown ones are left out, an id given twice comes twice. Prompt when they
 * are few. ${next} is 0.
 */
STORE_MUST_USE enum store_err
store_enrollment_get(struct store *store, const char *const *ids, size_t n,
                     store_enrollments_fn *done, void *arg);

/**
 * store_enrollment_list(store, filter, after, limit, done, arg):
 * Up to ${limit} <= STORE_MAX_BATCH enrollments behind cursor ${after} (0:
 * from the beginning), in the order in which they were created. A page may be
 * short or empty and still have a next one: a request looks at a bounded
 * number of rows (not so with parent or serial, which are indexed).
 */
STORE_MUST_USE enum store_err
store_enrollment_list(struct store *store, const struct store_filter *filter,
                      int64_t after, size_t limit, store_enrollments_fn *done,
                      void *arg);

/**
 * store_enrollment_count(store, filter, done, arg):
 * How many match. At once from the counters when only topic, kinds and states
 * restrict; else the rows are looked at, all of them in one go.
 */
STORE_MUST_USE enum store_err
store_enrollment_count(struct store *store, const struct store_filter *filter,
                       store_count_fn *done, void *arg);

/**
 * store_enrollment_delete(store, ids, n, scope, done, arg):
 * Delete up to STORE_MAX_BATCH enrollments within ${scope}, with their wakes
 * and last pushes; counts those that there were. A push in flight changes
 * nothing when it ends.
 */
STORE_MUST_USE enum store_err
store_enrollment_delete(struct store *store, const char *const *ids, size_t n,
                        const struct store_scope *scope, store_count_fn *done,
                        void *arg);

#endif /* STORE_STORE_ENROLLMENT_H */
