/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_BENCH_INSTRUCTIONS_H
#define ROUSE_BENCH_INSTRUCTIONS_H

/*
 * Instructions that a process executes outside the kernel, counted by the
 * processor. Many virtual machines have no such counter.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * instructions_open(pid):
 * Count ${pid}'s (0: this process's), with all threads that it starts later.
 *
 *   owns     the caller closes what it gets
 *   returns  a descriptor, or -1 when this machine cannot count or may not
 */
int instructions_open(pid_t pid);

/** instructions_read(fd, n): so far; false when there is no counter. */
bool instructions_read(int fd, uint64_t *n);

#endif /* ROUSE_BENCH_INSTRUCTIONS_H */
