/* SPDX-License-Identifier: MIT */
#include "jitter.h"

#include <sys/random.h>
#include <time.h>

void
jitter_init(struct jitter *jitter, uint64_t seed)
{
    jitter->state = seed;
    if (seed == 0 && getrandom(&jitter->state, sizeof jitter->state, 0) !=
                         (ssize_t)sizeof jitter->state)
        jitter->state = (uint64_t)time(NULL);
}

/* SplitMix64: any seed will do, also 0. */
uint32_t
jitter_next(struct jitter *jitter)
{
    uint64_t z = (jitter->state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((z ^ (z >> 31)) >> 32);
}
