/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_JITTER_H
#define ENGINE_JITTER_H

/*
 * Chance for jitter, repeatable from its seed. Not for secrets.
 */

#include <stdint.h>

struct jitter {
    uint64_t state;
};

/** jitter_init(jitter, seed): 0 takes a seed from the system. */
void jitter_init(struct jitter *jitter, uint64_t seed);

/** jitter_next(jitter): evenly over all 32-bit values. */
uint32_t jitter_next(struct jitter *jitter);

#endif /* ENGINE_JITTER_H */
