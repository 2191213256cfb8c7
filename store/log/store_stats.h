/* SPDX-License-Identifier: MIT */
#ifndef STORE_STORE_STATS_H
#define STORE_STORE_STATS_H

/*
 * Numbers about the store. Part of store.h, which includes it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/enrollment/store_enrollment.h"
#include "store/store_base.h"

struct store_topic_count {
    const char *topic;
    int64_t n[STORE_N_STATES]; /* enrollments by state */
    int64_t n_wakes;
};

struct store_stats {
    const struct store_topic_count *topics;
    size_t n_topics;
    int64_t n_enrollments;
    int64_t n_wakes;
    int64_t oldest_due_ms; /* of unclaimed wakes; 0: none waits */
    int64_t n_open_waves;
    int64_t db_bytes;
    /* Since opening. */
    uint64_t n_commits;
    uint64_t n_requests;
    uint64_t commit_us_sum;
    uint64_t commit_us_max;
    bool is_failing; /* the last write failed */
};

typedef void store_stats_fn(void *arg, enum store_err err,
                            const struct store_stats *stats);

/**
 * store_stats_get(store, done, arg):
 * From counters that are kept as rows change, never a scan of more than the
 * topics, so that /metrics stays cheap. Topics that nobody has are left out.
 */
STORE_MUST_USE enum store_err store_stats_get(struct store *store,
                                              store_stats_fn *done, void *arg);

/**
 * store_stats_enabled(stats, topic):
 * The number of enrollments of ${topic} as lists of certificates, comparisons
 * and --confirm mean it: those that a certificate wakes. 0: none is known.
 */
int64_t store_stats_enabled(const struct store_stats *stats, const char *topic);

#endif /* STORE_STORE_STATS_H */
