/* SPDX-License-Identifier: MIT */
#ifndef APNS_THROTTLE_H
#define APNS_THROTTLE_H

/*
 * What a connection may send after APNs has refused streams of it (with
 * REFUSED_STREAM, which asks to try again): nothing for a pause, then a few
 * to see. Refused again, the pause doubles; answered, each answer allows one
 * stream more, up to all. Pure: time and chance come from the caller.
 */

#include <stdbool.h>
#include <stdint.h>

#define THROTTLE_TOLERATED    4     /* refused in a row, without a pause */
#define THROTTLE_PROBES       2     /* streams after a pause */
#define THROTTLE_MIN_PAUSE_MS 100   /* the first; jittered down to half */
#define THROTTLE_MAX_PAUSE_MS 10000 /* below a push's usual deadline */

struct throttle {
    uint32_t n_refused; /* since the last answer or pause */
    uint32_t pause_ms;  /* the last one; 0: none since the last answer */
    uint32_t allowance; /* streams at a time; 0: as many as there may be */
    uint64_t until_us;  /* the pause; in the past or 0: none */
};

/** throttle_on_refusal(throttle, now_us, chance): 0 <= chance < 1. */
void throttle_on_refusal(struct throttle *throttle, uint64_t now_us,
                         double chance);

/** throttle_on_answer(throttle, streams_max): of those that may be there. */
static inline void
throttle_on_answer(struct throttle *throttle, uint32_t streams_max)
{
    throttle->n_refused = 0;
    throttle->pause_ms = 0;
    if (throttle->allowance != 0 && ++throttle->allowance >= streams_max)
        throttle->allowance = 0;
}

/** throttle_is_pausing(throttle, now_us): no stream now. */
static inline bool
throttle_is_pausing(const struct throttle *throttle, uint64_t now_us)
{
    return throttle->until_us > now_us;
}

/** throttle_room(throttle, n_in_flight, room): so many of ${room}, which
 *  there is beside ${n_in_flight}, while it does not pause. */
static inline uint32_t
throttle_room(const struct throttle *throttle, uint32_t n_in_flight,
              uint32_t room)
{
    uint32_t left;

    if (throttle->allowance == 0)
        return room;
    left = throttle->allowance > n_in_flight ? throttle->allowance - n_in_flight
                                             : 0;
    return left < room ? left : room;
}

#endif /* APNS_THROTTLE_H */
