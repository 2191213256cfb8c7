/* SPDX-License-Identifier: MIT */
#ifndef STORE_STORE_WAVE_H
#define STORE_STORE_WAVE_H

/*
 * Waves: one request for many enrollments, chosen by a filter and walked in
 * the order of their rows. Part of store.h, which includes it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/enrollment/store_enrollment.h"
#include "store/store_base.h"
#include "store/wake/store_wake.h"

/* X(name, text) */
#define STORE_WAVE_STATES(X)                                            \
    X(RUNNING, "running")   /* the cursor walks */                      \
    X(SETTLING, "settling") /* the walk is over, single wakes remain */ \
    X(DONE, "done")                                                     \
    X(CANCELLED, "cancelled")

enum store_wave_state {
#define X(name, text) STORE_WAVE_##name,
    STORE_WAVE_STATES(X)
#undef X
    STORE_N_WAVE_STATES
};

const char *store_wave_state_text(enum store_wave_state state);

struct store_wave {
    int64_t id;     /* given by the store */
    int64_t ask_no; /* likewise */
    enum store_wave_state state;
    struct store_filter filter;
    enum store_until until;
    uint32_t pace; /* pushes/s; 0: unlimited */
    int64_t asked_at_ms;
    int64_t deadline_ms;
    const char *asked_by;
    int64_t ended_at_ms; /* 0: not yet */
    int64_t cursor;      /* all before it are settled or became wakes */
    uint32_t round;
    /* Counters. At any time
       n_total = accepted + dead + suspect + dropped + expired + cancelled +
       skipped + waiting + what is in flight or not reached yet, and in the
       end nothing waits. What is counted behind the cursor is not on the disk
       yet: a crash forgets it, and the wave looks at it again. */
    int64_t n_total; /* matching and enabled when asked; those that came to
                               match before their turn add to it */
    int64_t n_accepted;
    int64_t n_dead;
    int64_t n_suspect;
    int64_t n_dropped;
    int64_t n_expired; /* its deadline passed first */
    int64_t n_cancelled;
    int64_t n_skipped; /* no longer enabled when its turn came, or the wake
                               was ended by a check-out */
    int64_t n_waiting; /* wakes that this wave waits for */
};

typedef void store_waves_fn(void *arg, enum store_err err,
                            const struct store_wave *waves, size_t n,
                            int64_t next);

/**
 * store_wave_ask(store, wave, done, arg):
 * Store the wish as ONE row; only filter, until, pace, deadline_ms and
 * asked_by are read. The completion gets the one wave as stored. States in
 * the filter other than enabled match nothing: only enabled ones are pushed.
 *
 *   errors   STORE_ENOTFOUND  the filter names a group that there is not
 */
STORE_MUST_USE enum store_err store_wave_ask(struct store *store,
                                             const struct store_wave *wave,
                                             store_waves_fn *done, void *arg);

/* What follows a page. */
struct store_page {
    int64_t next;    /* the cursor after it; 0 at the end, unless blocked */
    bool is_blocked; /* a push is in flight behind it: ask again when some
                        settle was completed */
};

/* As store_claim_fn. */
typedef void store_page_fn(void *arg, enum store_err err,
                           struct store_batch *batch,
                           const struct store_page *page);

/**
 * store_wave_claim(store, wave, after, max, done, arg):
 * The next page of the running wave ${wave} behind row ${after}. Matching
 * enabled enrollments are handed out and claimed, but for those
 *   - with a push in flight: the page ends before it,
 *   - that were pushed after the ask: they count as what that came to,
 *   - with a wake that waits: the wave joins it,
 *   - where APNs asked for a pause: they get a wake that waits for its end.
 * A page may be empty and still have a next: a bounded number of rows is
 * looked at. Enrollments made after the ask are not meant. A claim ends with
 * the settle, with the wave's cancel or when the store is opened again.
 *
 *   errors   STORE_ENOTFOUND, STORE_ECONFLICT (not running any more),
 *            STORE_EBUSY (too many pages are not passed)
 */
STORE_MUST_USE enum store_err store_wave_claim(struct store *store,
                                               int64_t wave, int64_t after,
                                               size_t max, store_page_fn *done,
                                               void *arg);

/**
 * store_wave_pass(store, wave, cursor, is_end, done, arg):
 * All up to ${cursor} is settled: move the durable cursor (never back); with
 * ${is_end} the walk is over: settling, or done when nothing waits. Whatever
 * of n_total is not accounted for then was skipped; or expired when the walk
 * stopped before its end and the deadline has passed.
 *
 *   errors   STORE_ENOTFOUND; STORE_ECONFLICT  it is not running any more
 */
STORE_MUST_USE enum store_err store_wave_pass(struct store *store, int64_t wave,
                                              int64_t cursor, bool is_end,
                                              store_done_fn *done, void *arg);

/**
 * store_wave_cancel(store, wave, done, arg):
 * No more of it is handed out. Wakes that only it waits for end too, but for
 * those that were also asked for by themselves. What is in flight counts as
 * cancelled until its settle says what it became.
 *
 *   errors   STORE_ENOTFOUND; STORE_ECONFLICT  it is over
 */
STORE_MUST_USE enum store_err store_wave_cancel(struct store *store,
                                                int64_t wave,
                                                store_done_fn *done, void *arg);

/**
 * store_wave_get(store, wave, done, arg):
 * One, with what is counted behind its cursor; ${next} is 0.
 *
 *   errors   STORE_ENOTFOUND
 */
STORE_MUST_USE enum store_err store_wave_get(struct store *store, int64_t wave,
                                             store_waves_fn *done, void *arg);

/**
 * store_wave_list(store, only_open, before, limit, done, arg):
 * Up to ${limit} <= STORE_MAX_BATCH, newest first, with ids below ${before}
 * (0: from the newest). ${next} is the ${before} of the next page, 0 at the
 * end.
 */
STORE_MUST_USE enum store_err store_wave_list(struct store *store,
                                              bool only_open, int64_t before,
                                              size_t limit,
                                              store_waves_fn *done, void *arg);

#endif /* STORE_STORE_WAVE_H */
