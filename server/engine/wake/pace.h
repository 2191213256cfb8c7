/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_PACE_H
#define ENGINE_PACE_H

/*
 * A token bucket on a clock that is given: how many pushes per second may be
 * submitted. It holds a tenth of a second's worth and one push.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pace {
    uint32_t rate;  /* pushes/s; 0: no limit */
    int64_t at_ms;  /* credit was counted then */
    int64_t credit; /* thousandths of a push */
};

/** pace_set(pace, rate, now_ms): change the rate; what is saved up is kept
 *  within the new bound. A zeroed pace has no limit. */
void pace_set(struct pace *pace, uint32_t rate, int64_t now_ms);

/** pace_has(pace, now_ms): may one push go now? */
bool pace_has(struct pace *pace, int64_t now_ms);

/** pace_bound(pace, n): ${n}, or what a second allows when that is less. */
size_t pace_bound(const struct pace *pace, size_t n);

/** pace_spend(pace): one push goes; pace_has was true. */
void pace_spend(struct pace *pace);

/** pace_next(pace, now_ms): when pace_has will be true, at least now. */
int64_t pace_next(const struct pace *pace, int64_t now_ms);

#endif /* ENGINE_PACE_H */
