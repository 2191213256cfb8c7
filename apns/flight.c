/* SPDX-License-Identifier: MIT */
#include "flight.h"

#include <stdlib.h>

bool
flight_init(struct flight *flight)
{
    TAILQ_INIT(&flight->slots);
    flight->n = 0;
    flight->mask = FLIGHT_MIN - 1;
    flight->ring = calloc(FLIGHT_MIN, sizeof *flight->ring);
    return flight->ring != NULL;
}

void
flight_fini(struct flight *flight)
{
    free(flight->ring);
    flight->ring = NULL;
}

static struct slot **
place_of(const struct flight *flight, int32_t stream_id)
{
    return &flight->ring[((uint32_t)stream_id >> 1) & flight->mask];
}

/* Twice as many places as slots, so that few meet. Without memory the small
 * ring does. */
static void
grow(struct flight *flight)
{
    uint32_t n_places = 2 * (flight->mask + 1);
    struct slot **ring = calloc(n_places, sizeof *ring);
    struct slot *slot;

    if (ring == NULL)
        return;
    free(flight->ring);
    flight->ring = ring;
    flight->mask = n_places - 1;
    TAILQ_FOREACH (slot, &flight->slots, link)
        *place_of(flight, slot->stream_id) = slot;
}

void
flight_add(struct flight *flight, struct slot *slot)
{
    struct slot **place;

    if (2 * flight->n > flight->mask)
        grow(flight);
    place = place_of(flight, slot->stream_id);
    if (*place == NULL)
        *place = slot;
    TAILQ_INSERT_TAIL(&flight->slots, slot, link);
    flight->n++;
}

void
flight_remove(struct flight *flight, struct slot *slot)
{
    struct slot **place = place_of(flight, slot->stream_id);

    if (*place == slot)
        *place = NULL;
    TAILQ_REMOVE(&flight->slots, slot, link);
    flight->n--;
}
