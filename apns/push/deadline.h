/* SPDX-License-Identifier: MIT */
#ifndef APNS_DEADLINE_H
#define APNS_DEADLINE_H

/*
 * Deadlines of pushes, earliest first. Pushes of one span end in the order
 * in which they came, so each span has a lane of its own and a push costs
 * O(1). More spans at a time than lanes share the last lane, in order.
 */

#include "slot.h"

#define DEADLINE_LANES 8

struct deadline_lane {
    struct slot_list slots;
    uint32_t span_ms; /* means something while slots is not empty */
};

struct deadlines {
    struct deadline_lane lanes[DEADLINE_LANES];
};

/** deadline_init(deadlines): none. */
void deadline_init(struct deadlines *deadlines);

/** deadline_add(deadlines, slot, span_ms, now_us): due in ${span_ms}. */
void deadline_add(struct deadlines *deadlines, struct slot *slot,
                  uint32_t span_ms, uint64_t now_us);

/** deadline_remove(deadlines, slot): it has ended. */
void deadline_remove(struct deadlines *deadlines, struct slot *slot);

/** deadline_first(deadlines): the one due first, NULL when there is none. */
struct slot *deadline_first(const struct deadlines *deadlines);

#endif /* APNS_DEADLINE_H */
