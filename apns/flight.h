/* SPDX-License-Identifier: MIT */
#ifndef APNS_FLIGHT_H
#define APNS_FLIGHT_H

/*
 * The slots that a session has in flight, found by stream id without a hash:
 * ids only grow, so those in flight at the same time mostly differ in their
 * low bits. One that stays unanswered while thousands pass by keeps its place
 * in the ring; who comes to the same place is to be found another way.
 */

#include <stdbool.h>
#include <stdint.h>

#include "slot.h"

#define FLIGHT_MIN 64 /* places of an idle session's ring; a power of two */

struct flight {
    struct slot_list slots; /* oldest first */
    uint32_t n;
    uint32_t mask; /* places - 1 */
    struct slot **ring;
};

/** flight_init(flight): empty; false: out of memory. */
bool flight_init(struct flight *flight);

/** flight_fini(flight): slots that it still has are forgotten. */
void flight_fini(struct flight *flight);

/** flight_add(flight, slot): its stream_id is set, higher than all before. */
void flight_add(struct flight *flight, struct slot *slot);

/** flight_remove(flight, slot): its stream is gone. */
void flight_remove(struct flight *flight, struct slot *slot);

/** flight_peek(flight, stream_id): who has the place of that id; or NULL. */
static inline struct slot *
flight_peek(const struct flight *flight, int32_t stream_id)
{
    return flight->ring[((uint32_t)stream_id >> 1) & flight->mask];
}

#endif /* APNS_FLIGHT_H */
