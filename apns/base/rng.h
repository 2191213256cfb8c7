/* SPDX-License-Identifier: MIT */
#ifndef BASE_RNG_H
#define BASE_RNG_H

/*
 * Random numbers that repeat from their seed: splitmix64. For jitter, faults
 * and load; not for keys. Any state will do, also 0.
 */

#include <stdint.h>

struct rng {
    uint64_t state;
};

/** rng_seed(rng, seed): begin with ${seed}; 0 takes one from the system. */
void rng_seed(struct rng *rng, uint64_t seed);

#define RNG_STEP UINT64_C(0x9e3779b97f4a7c15)

/** rng_spread(n): ${n} as 64 random bits, always the same: what a generator
 *  with this state gives first. */
static inline uint64_t
rng_spread(uint64_t n)
{
    uint64_t bits = n + RNG_STEP;

    bits = (bits ^ (bits >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    bits = (bits ^ (bits >> 27)) * UINT64_C(0x94d049bb133111eb);
    return bits ^ (bits >> 31);
}

/** rng_next(rng): 64 fresh bits. */
static inline uint64_t
rng_next(struct rng *rng)
{
    uint64_t bits = rng_spread(rng->state);

    rng->state += RNG_STEP;
    return bits;
}

/** rng_next_u32(rng): evenly over all 32-bit values. */
static inline uint32_t
rng_next_u32(struct rng *rng)
{
    return (uint32_t)(rng_next(rng) >> 32);
}

/** rng_below(rng, limit): a number in 0..${limit} - 1; limit > 0. */
static inline uint64_t
rng_below(struct rng *rng, uint64_t limit)
{
    return rng_next(rng) % limit;
}

/** rng_unit(rng): in [0, 1). */
static inline double
rng_unit(struct rng *rng)
{
    return (double)(rng_next(rng) >> 11) * 0x1p-53;
}

#endif /* BASE_RNG_H */
