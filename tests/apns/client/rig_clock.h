/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_TESTS_RIG_CLOCK_H
#define ROUSE_TESTS_RIG_CLOCK_H

/*
 * Time for a rig: what would end after a while ends when the test says so,
 * so that nothing hangs on how fast the machine is.
 */

#include "apns/client.h"
#include "rig.h"

/** rig_conn(rig): the only connection of RIG_TOPIC. */
struct conn *rig_conn(struct rig *rig);

/** rig_conn_is(rig, state): there is one, and it is in ${state}. */
bool rig_conn_is(struct rig *rig, enum conn_state state);

/** rig_await_sim(rig, key, n): run the loop until the simulator's statistic
 *  ${key} is ${n} at least. */
void rig_await_sim(struct rig *rig, const char *key, int64_t n);

/** rig_end_deadlines(rig): each push that is under way has reached its own;
 *  the loop must run for that. */
void rig_end_deadlines(struct rig *rig);

/**
 * rig_expire(rig, span_ms, is_done):
 * ${span_ms}, a time of the client's own configuration that connections wait
 * for, is over on all of them; run the loop until ${is_done}. After that it
 * is RIG_NEVER_MS.
 */
void rig_expire(struct rig *rig, uint32_t *span_ms,
                bool (*is_done)(struct rig *rig));

#endif /* ROUSE_TESTS_RIG_CLOCK_H */
