/* SPDX-License-Identifier: MIT */
#ifndef STORE_COUNT_H
#define STORE_COUNT_H

/*
 * The counters of waves. A request gathers what it changes; all of it is
 * written once before the next request runs, in the same transaction. What a
 * running wave counts behind its cursor is not written: see trail.h.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

struct db;

/* In the order of the columns. */
enum counter {
    COUNTER_ACCEPTED,
    COUNTER_DEAD,
    COUNTER_SUSPECT,
    COUNTER_DROPPED,
    COUNTER_EXPIRED,
    COUNTER_CANCELLED,
    COUNTER_SKIPPED,
    COUNTER_WAITING,
    N_COUNTERS
};

#define COUNT_MAX_WAVES 256 /* gathered before they are written */

struct counts {
    struct {
        int64_t wave;
        int64_t cursor; /* rows behind it count in its trail */
        bool is_changed;
        int64_t by[N_COUNTERS];
    } waves[COUNT_MAX_WAVES];
    size_t n;
    uint64_t n_over; /* waves that were done with what was counted */
};

/* A wave's row as far as it counts. */
struct tally {
    bool exists;
    enum store_wave_state state;
    int64_t n_total;
    int64_t n[N_COUNTERS];
};

/** count_add(db, wave, row, counter, by): what became of ${row}. */
enum store_err count_add(struct db *db, int64_t wave, int64_t row,
                         enum counter counter, int64_t by);

/** count_flush(db): write what was gathered. */
enum store_err count_flush(struct db *db);

/** count_get(db, wave, tally): after what was gathered is written. */
enum store_err count_get(struct db *db, int64_t wave, struct tally *tally);

/** count_set(db, wave, tally): write the state and the counters. */
enum store_err count_set(struct db *db, int64_t wave,
                         const struct tally *tally);

/** count_balance(tally): no more is accounted for than the total. */
void count_balance(struct tally *tally);

/** count_sum(tally): all that is accounted for. */
int64_t count_sum(const struct tally *tally);

#endif /* STORE_COUNT_H */
