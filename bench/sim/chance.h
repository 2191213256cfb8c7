/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_SIM_CHANCE_H
#define ROUSE_SIM_CHANCE_H

/*
 * The simulator's randomness: splitmix64, seeded, so that a run with the same
 * seed and the same pushes has the same faults. Not for keys.
 */

#include <stdint.h>

#define CHANCE_UUID_LEN 36

struct chance {
    uint64_t state;
};

/** chance_next(chance): 64 fresh bits. */
static inline uint64_t
chance_next(struct chance *chance)
{
    uint64_t z = chance->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/** chance_below(chance, limit): a number in 0..${limit} - 1; limit > 0. */
static inline uint64_t
chance_below(struct chance *chance, uint64_t limit)
{
    return chance_next(chance) % limit;
}

/** chance_hits(chance, p): true with probability ${p}, 0..1. */
static inline int
chance_hits(struct chance *chance, double p)
{
    return (double)(chance_next(chance) >> 11) * 0x1p-53 < p;
}

/**
 * chance_uuid(chance, uuid):
 * Write CHANCE_UUID_LEN upper-case characters, version 4, as APNs writes
 * apns-id. No NUL.
 */
void chance_uuid(struct chance *chance, char *uuid);

#endif /* ROUSE_SIM_CHANCE_H */
