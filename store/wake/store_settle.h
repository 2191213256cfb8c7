/* SPDX-License-Identifier: MIT */
#ifndef STORE_STORE_SETTLE_H
#define STORE_STORE_SETTLE_H

/*
 * What the end of a push does to its wake, its wave and its enrollment. Part
 * of store.h, which includes it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store_base.h"
#include "store/wake/store_wake.h"

/*
 * What a push's end does to the durable state.
 *
 *   ACCEPTED  the wake ends, unless until=check-in
 *   DEAD      if the tally is the same, and token_at <= died_at or died_at is
 *             not known: state dead, the wake ends; else the token is newer:
 *             due now, once (when again is set: the wake ends, and the
 *             enrollment stays, unless its token is more than a day old: then
 *             it is dead as well)
 *   SUSPECT   if the tally is the same: state suspect, the wake ends; else
 *             due now
 *   UNDECIDED if the tally is the same: the wake stays, but is not due before
 *             its deadline. It becomes SUSPECT by store_undecided_mark; and
 *             due now with another token, certificate or host. Else due now
 *   RETRY     due at due_ms, attempt + 1; past the deadline it ends as expired
 *   WAIT      as RETRY, but the attempt does not count: the identity is
 *             missing or stopped
 *   DROPPED   the wake ends: our own request was wrong
 *
 * X(name, counter's text)
 */
#define STORE_EFFECTS(X)      \
    X(ACCEPTED, "accepted")   \
    X(DEAD, "dead")           \
    X(SUSPECT, "suspect")     \
    X(UNDECIDED, "undecided") \
    X(RETRY, "retry")         \
    X(WAIT, "wait")           \
    X(DROPPED, "dropped")

enum store_effect {
#define X(name, text) STORE_EFFECT_##name,
    STORE_EFFECTS(X)
#undef X
    STORE_N_EFFECTS
};

struct store_settled {
    int64_t row;
    int64_t wave;   /* as claimed */
    uint32_t tally; /* as claimed */
    int64_t ask_no; /* as claimed, or of a newer ask that was completed
                               before the push was submitted */
    enum store_effect effect;
    bool again;           /* this push was the one after a stale 410 */
    int64_t pushed_at_ms; /* when it was submitted; 0: never was (WAIT) */
    int64_t due_ms;       /* RETRY, WAIT */
    int64_t wait_ms;      /* RETRY, WAIT: how long that is from the push's
                               end; 0: not bounded */
    int64_t pause_ms;     /* RETRY: of wait_ms, what APNs asked for: nobody's
                               ask makes it shorter */
    int64_t deadline_ms;  /* as claimed: of a wave's push that turns into a
                               single wake */
    int64_t died_at_ms;   /* DEAD: Apple's timestamp; 0: not known */
    uint16_t status;
    const char *reason;
    const char *apns_id;
};

struct store_settle_answer {
    bool is_wave_over; /* a wave is done with what was settled */
    bool is_wake_due;  /* a wake is due at once */
};

typedef void store_settle_fn(void *arg, enum store_err err,
                             const struct store_settle_answer *answer);

/**
 * store_settle(store, settled, n, done, arg):
 * End the claims of ${n} <= STORE_MAX_BATCH pushes and write their last
 * push. A wave's push that must be retried or wait becomes a wake that the
 * wave waits for. A wake that was asked for after the push (its ask_no is
 * higher) is due now; only RETRY and WAIT keep due_ms: that push serves the
 * newer ask, and a back-off holds. A push whose wake ended in flight
 * (check-out, delete) changes nothing but the last push. With until=check-in
 * ACCEPTED goes on at due_ms when that is set and not past the deadline.
 */
STORE_MUST_USE enum store_err store_settle(struct store *store,
                                           const struct store_settled *settled,
                                           size_t n, store_settle_fn *done,
                                           void *arg);

#endif /* STORE_STORE_SETTLE_H */
