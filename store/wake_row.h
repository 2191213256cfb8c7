/* SPDX-License-Identifier: MIT */
#ifndef STORE_WAKE_ROW_H
#define STORE_WAKE_ROW_H

/*
 * The wake that waits for one enrollment: at most one, so the queue can never
 * outgrow the fleet. Keeps the counters of its topic and its wave true.
 */

#include <stdbool.h>
#include <stdint.h>

#include "store/count.h"
#include "store/store.h"

struct db;

enum wake_flag {
    WAKE_ASKED = 1, /* asked for by itself, not only by a wave */
    WAKE_AGAIN = 2, /* the push to come is the one after a stale 410 */
    WAKE_WAITS = 4, /* for its identity: see store_wake_release */
};

struct wake_row {
    bool exists;
    int64_t row; /* the enrollment's */
    int64_t topic;
    int64_t due;
    int64_t asked_at;
    int64_t deadline; /* 0: none */
    uint32_t attempt;
    uint8_t until;
    uint32_t generation;
    int64_t wave; /* whose counters it belongs to; 0: nobody's */
    uint32_t flags;
};

enum store_err wake_row_get(struct db *db, int64_t row, struct wake_row *wake);
enum store_err wake_row_add(struct db *db, const struct wake_row *wake);
enum store_err wake_row_set(struct db *db, const struct wake_row *wake);

/** wake_row_end(db, wake, counter): it is over; its wave counts it so. */
enum store_err wake_row_end(struct db *db, const struct wake_row *wake,
                            enum counter counter);

/** wake_row_drop(db, row): when there is one, its wave skips it. */
enum store_err wake_row_drop(struct db *db, int64_t row);

/** wake_row_move(db, row, topic): its enrollment changed the topic. */
enum store_err wake_row_move(struct db *db, int64_t row, int64_t topic);

/** wake_row_merge(wake, due, deadline, until): earliest due, furthest
 *  deadline (0 is the furthest), strongest until. */
void wake_row_merge(struct wake_row *wake, int64_t due, int64_t deadline,
                    enum store_until until);

#endif /* STORE_WAKE_ROW_H */
