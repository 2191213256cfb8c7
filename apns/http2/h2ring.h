/* SPDX-License-Identifier: MIT */
#ifndef APNS_H2RING_H
#define APNS_H2RING_H

/*
 * The slots that a session has in flight, found by stream id without a hash:
 * ids only grow, so those in flight at the same time mostly differ in their
 * low bits. One that stays unanswered while thousands pass by keeps its place
 * in the ring; who comes to the same place is to be found another way.
 */

#include <stdbool.h>
#include <stdint.h>

#include "apns/push/slot.h"

#define H2RING_MIN 64 /* places of an idle session's ring; a power of two */

struct h2ring {
    struct slot_list slots; /* oldest first */
    uint32_t n;
    uint32_t mask; /* places - 1 */
    struct slot **ring;
};

/** h2ring_init(in_flight): empty; false: out of memory. */
bool h2ring_init(struct h2ring *in_flight);

/** h2ring_fini(in_flight): slots that it still has are forgotten. */
void h2ring_fini(struct h2ring *in_flight);

/** h2ring_add(in_flight, slot): its stream_id is higher than all before. */
void h2ring_add(struct h2ring *in_flight, struct slot *slot);

/** h2ring_remove(in_flight, slot): its stream is gone. */
void h2ring_remove(struct h2ring *in_flight, struct slot *slot);

/** h2ring_peek(in_flight, stream_id): who has the place of that id; or NULL. */
static inline struct slot *
h2ring_peek(const struct h2ring *in_flight, int32_t stream_id)
{
    return in_flight->ring[((uint32_t)stream_id >> 1) & in_flight->mask];
}

#endif /* APNS_H2RING_H */
