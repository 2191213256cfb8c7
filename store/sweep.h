/* SPDX-License-Identifier: MIT */
#ifndef STORE_SWEEP_H
#define STORE_SWEEP_H

/*
 * Walking the enrollments that a filter means, in the order of their rows, a
 * bounded stretch at a time; and what waves remember of the pages they gave
 * out.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/bind.h"
#include "store/store.h"

/* Rows looked at in one request, whether they match or not. */
#define SWEEP_MAX_WAVE_ROWS ((int64_t)65536)
#define SWEEP_MAX_LIST_ROWS ((int64_t)262144)
#define SWEEP_MAX_PAGES     256 /* given out and not passed, over all waves */

struct db;

/* A page that is in flight, and how many it left out: pushed since the ask. */
struct sweep_page {
    int64_t wave; /* 0: an empty slot */
    int64_t after;
    int64_t end;
    int64_t n_left_out;
};

struct sweeps {
    struct sweep_page pages[SWEEP_MAX_PAGES];
    size_t next; /* slot to use when all are full */
};

enum sweep_what {
    SWEEP_LIST, /* SQL_ENROLLMENT_COLUMNS */
    SWEEP_WAVE, /* SQL_WALK_COLUMNS */
    SWEEP_COUNT,
};

/** sweep_is_indexed(filter): few match, so all may be looked at at once. */
bool sweep_is_indexed(const struct store_filter *filter);

/**
 * sweep_begin(bind, db, what, filter, after, last):
 * Begin the cheapest statement for ${filter} over rows ${after} < row <=
 * ${last}. ${filter} must live until bind_end.
 */
void sweep_begin(struct bind *bind, struct db *db, enum sweep_what what,
                 const struct store_filter *filter, int64_t after,
                 int64_t last);

/** sweep_is_counted(filter): the topics' counters answer it. */
bool sweep_is_counted(const struct store_filter *filter);

/** sweep_count(db, filter, n): how many match now. */
enum store_err sweep_count(struct db *db, const struct store_filter *filter,
                           int64_t *n);

/** sweep_note_page(db, page): remember it; a page claimed anew replaces. */
void sweep_note_page(struct db *db, const struct sweep_page *page);

/** sweep_pass(db, wave, cursor): left out up to there; forgets the pages. */
int64_t sweep_pass(struct db *db, int64_t wave, int64_t cursor);

#endif /* STORE_SWEEP_H */
