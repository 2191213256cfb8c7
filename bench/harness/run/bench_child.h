/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_BENCH_BENCH_CHILD_H
#define ROUSE_BENCH_BENCH_CHILD_H

/*
 * Programs of ours as child processes of the harness, found beside it, and
 * what they use. They end with the harness whatever becomes of it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#include "bench/harness/measure/meter.h"

#define BENCH_CHILD_PATH 4096 /* bytes of a path, with its NUL */

/** bench_child_find(name, path): the program beside this one. */
bool bench_child_find(const char *name, char path[BENCH_CHILD_PATH]);

/**
 * bench_child_start(argv, fd, out):
 * Run ${argv}[0]; what it writes to its descriptor ${fd} comes out of ${out}.
 *
 *   returns  its pid, or -1 with a word on stderr and nothing in ${out}
 */
pid_t bench_child_start(const char *const argv[], int fd, FILE **out);

/** bench_child_run(argv): until it ends; false unless it ends with 0. */
bool bench_child_run(const char *const argv[]);

/** bench_child_stop(pid): SIGTERM, and wait; 0 or less is fine. */
void bench_child_stop(pid_t pid);

/** bench_child_meter(pid): absolute readings of that process. */
struct meter bench_child_meter(pid_t pid);

/**
 * bench_child_dir():
 * A new temporary directory, or NULL. It goes when the process ends, too.
 */
char *bench_child_dir(void);

/** bench_child_remove(dir): with all that is in it, and free ${dir}. */
void bench_child_remove(char *dir);

#endif /* ROUSE_BENCH_BENCH_CHILD_H */
