/* SPDX-License-Identifier: MIT */
#include "server/engine/chance.h"

#include <sys/random.h>
#include <time.h>

void
chance_init(struct chance *chance, uint64_t seed)
{
    chance->state = seed;
    if (seed == 0 && getrandom(&chance->state, sizeof chance->state, 0) !=
                         (ssize_t)sizeof chance->state)
        chance->state = (uint64_t)time(NULL);
}

/* SplitMix64: any seed will do, also 0. */
uint32_t
chance_next(struct chance *chance)
{
    uint64_t z = (chance->state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((z ^ (z >> 31)) >> 32);
}
