/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_CHANCE_H
#define ENGINE_CHANCE_H

/*
 * Chance for jitter, repeatable from its seed. Not for secrets.
 */

#include <stdint.h>

struct chance {
    uint64_t state;
};

/** chance_init(chance, seed): 0 takes a seed from the system. */
void chance_init(struct chance *chance, uint64_t seed);

/** chance_next(chance): evenly over all 32-bit values. */
uint32_t chance_next(struct chance *chance);

#endif /* ENGINE_CHANCE_H */
