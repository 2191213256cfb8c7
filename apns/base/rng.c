/* SPDX-License-Identifier: MIT */
#include "rng.h"

#include <sys/random.h>
#include <time.h>

void
rng_seed(struct rng *rng, uint64_t seed)
{
    if (seed == 0 && getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed)
        seed = (uint64_t)time(NULL);
    rng->state = seed;
}
