/* SPDX-License-Identifier: MIT */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

/*
 * The machine's clocks. Who must be testable takes time through a hook or an
 * argument, and this where none is given.
 */

#include <stdint.h>
#include <time.h>

/** clock_ns, clock_us, clock_ms(): monotonic, for spans. */
static inline uint64_t
clock_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static inline uint64_t
clock_us(void)
{
    return clock_ns() / 1000;
}

static inline uint64_t
clock_ms(void)
{
    return clock_ns() / 1000000;
}

/** clock_unix_ms(): of the calendar; may be set back. */
static inline int64_t
clock_unix_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

#endif /* BASE_CLOCK_H */
