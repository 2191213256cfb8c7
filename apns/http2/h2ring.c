/* SPDX-License-Identifier: MIT */
#include "h2ring.h"

#include <stdlib.h>

bool
h2ring_init(struct h2ring *in_flight)
{
    TAILQ_INIT(&in_flight->slots);
    in_flight->n = 0;
    in_flight->mask = H2RING_MIN - 1;
    in_flight->ring = calloc(H2RING_MIN, sizeof *in_flight->ring);
    return in_flight->ring != NULL;
}

void
h2ring_fini(struct h2ring *in_flight)
{
    free(in_flight->ring);
    in_flight->ring = NULL;
}

static struct slot **
place_of(const struct h2ring *in_flight, int32_t stream_id)
{
    return &in_flight->ring[((uint32_t)stream_id >> 1) & in_flight->mask];
}

/* Twice as many places as slots, so that few meet. Without memory the small
 * ring does. */
static void
grow(struct h2ring *in_flight)
{
    uint32_t n_places = 2 * (in_flight->mask + 1);
    struct slot **ring = calloc(n_places, sizeof *ring);
    struct slot *slot;

    if (ring == NULL)
        return;
    free(in_flight->ring);
    in_flight->ring = ring;
    in_flight->mask = n_places - 1;
    TAILQ_FOREACH (slot, &in_flight->slots, link)
        *place_of(in_flight, slot->stream_id) = slot;
}

void
h2ring_add(struct h2ring *in_flight, struct slot *slot)
{
    struct slot **place;

    if (2 * in_flight->n > in_flight->mask)
        grow(in_flight);
    place = place_of(in_flight, slot->stream_id);
    if (*place == NULL)
        *place = slot;
    TAILQ_INSERT_TAIL(&in_flight->slots, slot, link);
    in_flight->n++;
}

void
h2ring_remove(struct h2ring *in_flight, struct slot *slot)
{
    struct slot **place = place_of(in_flight, slot->stream_id);

    if (*place == slot)
        *place = NULL;
    TAILQ_REMOVE(&in_flight->slots, slot, link);
    in_flight->n--;
}
