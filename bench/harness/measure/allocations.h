/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_BENCH_ALLOCATIONS_H
#define ROUSE_BENCH_ALLOCATIONS_H

/*
 * Counts every malloc, calloc and realloc of the process, those inside
 * libraries too, by standing in front of libc's. Not under a sanitizer, which
 * stands there itself.
 */

#include <stdbool.h>
#include <stdint.h>

/** allocations_count(): since the process began; 0 when not counted. */
uint64_t allocations_count(void);

/** allocations_are_counted(): false in a build with a sanitizer. */
bool allocations_are_counted(void);

#endif /* ROUSE_BENCH_ALLOCATIONS_H */
