/* SPDX-License-Identifier: MIT */
#ifndef STORE_WAKE_ROW_H
#define STORE_WAKE_ROW_H

/*
 * The wake that waits for one enrollment: at most one, so the queue can never
 * outgrow the fleet, and whoever asks for it joins it. Keeps the counters of
 * its topic and of the waves that wait for it true.
 */

#include <stdbool.h>
#include <stdint.h>

#include "count.h"
#include "pause.h"
#include "store/store.h"

struct db;

enum wake_flag {
    WAKE_ASKED = 1,     /* asked for by itself, not only by a wave */
    WAKE_AGAIN = 2,     /* the push to come is the one after a stale 410 */
    WAKE_WAITS = 4,     /* for its identity: see store_wake_release */
    WAKE_UNDECIDED = 8, /* its token was refused: see store_undecided_mark */
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
    int64_t ask_no; /* of the newest ask that joined it */
    int64_t pause;  /* due is to be no further ahead than that; 0: no matter */
    uint32_t flags;
};

enum store_err wake_row_get(struct db *db, int64_t row, struct wake_row *wake);
enum store_err wake_row_add(struct db *db, const struct wake_row *wake);
enum store_err wake_row_set(struct db *db, const struct wake_row *wake);

/** wake_row_join(db, row, wave): ${wave} waits for it as well. */
enum store_err wake_row_join(struct db *db, int64_t row, int64_t wave);

/** wake_row_leave(db, row, wave, counter): it does so no more. */
enum store_err wake_row_leave(struct db *db, int64_t row, int64_t wave,
                              enum counter counter);

/** wake_row_part(db, row, counter): for all waves that wait for it. */
enum store_err wake_row_part(struct db *db, int64_t row, enum counter counter);

/** wake_row_is_joined(db, row, is): by any wave. */
enum store_err wake_row_is_joined(struct db *db, int64_t row, bool *is);

/** wake_row_n_joined(db, wave, after, end, n): wakes that ${wave} waits for,
 *  of rows after < row <= end. */
enum store_err wake_row_n_joined(struct db *db, int64_t wave, int64_t after,
                                 int64_t end, int64_t *n);

/** wake_row_end(db, wake, counter): it is over; its waves count it so. */
enum store_err wake_row_end(struct db *db, const struct wake_row *wake,
                            enum counter counter);

/** wake_row_drop(db, row): when there is one, its waves skip it. */
enum store_err wake_row_drop(struct db *db, int64_t row);

/** wake_row_move(db, row, topic): its enrollment changed the topic. */
enum store_err wake_row_move(struct db *db, int64_t row, int64_t topic);

/** wake_row_free(db, row): an undecided one is due now: its token changed. */
enum store_err wake_row_free(struct db *db, int64_t row);

/** wake_row_rest(wake): not due before its deadline. */
void wake_row_rest(struct wake_row *wake);

/** wake_row_merge(wake, deadline, until): furthest deadline (0 is the
 *  furthest), strongest until. An undecided one rests until then. */
void wake_row_merge(struct wake_row *wake, int64_t deadline,
                    enum store_until until);

/** wake_row_bound(wake): never due past its deadline: there it is seen to
 *  expire. */
void wake_row_bound(struct wake_row *wake);

#endif /* STORE_WAKE_ROW_H */
