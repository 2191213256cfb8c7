/* SPDX-License-Identifier: MIT */
#ifndef STORE_SWEEP_H
#define STORE_SWEEP_H

/*
 * Walking the enrollments that a filter means, in the order of their rows, a
 * bounded stretch at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/bind.h"
#include "store/store.h"

/* Rows looked at in one request, whether they match or not. */
#define SWEEP_MAX_WAVE_ROWS ((int64_t)65536)
#define SWEEP_MAX_LIST_ROWS ((int64_t)262144)

struct db;

enum sweep_what {
    SWEEP_LIST, /* SQL_ENROLLMENT_COLUMNS */
    SWEEP_WAVE, /* SQL_SWEEP_COLUMNS; the caller binds the wave after it */
    SWEEP_COUNT,
};

/** sweep_is_indexed(filter): few match, so all may be looked at at once. */
bool sweep_is_indexed(const struct store_filter *filter);

/**
 * sweep_begin(bind, db, what, filter, after, last):
 * Begin the cheapest statement for ${filter} over rows ${after} < row <=
 * ${last}. ${filter} must live until bind_end. Not STORE_OK: nothing is begun.
 */
enum store_err sweep_begin(struct bind *bind, struct db *db,
                           enum sweep_what what,
                           const struct store_filter *filter, int64_t after,
                           int64_t last);

/** sweep_is_counted(filter): the topics' counters answer it. */
bool sweep_is_counted(const struct store_filter *filter);

/** sweep_count(db, filter, n): how many match now. */
enum store_err sweep_count(struct db *db, const struct store_filter *filter,
                           int64_t *n);

#endif /* STORE_SWEEP_H */
