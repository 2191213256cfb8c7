/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_BENCH_PROC_H
#define ROUSE_BENCH_PROC_H

/*
 * Processes that a measurement or a test runs beside itself: how they are
 * started and reached, how large they are, and directories for them. Says
 * nothing by itself; errno tells what failed.
 */

#include <stdint.h>
#include <sys/types.h>

/**
 * proc_start(argv, out, err):
 * Run the program ${argv}[0], a path. Its standard output comes out of
 * ${*out}, its standard error out of ${*err}; with NULL it keeps ours. It dies
 * with the thread that started it.
 *
 *   owns     the caller reaps it, and closes the descriptors
 *   returns  its pid, or -1 and nothing is open. One that cannot be run ends
 *            with 127
 */
pid_t proc_start(const char *const argv[], int *out, int *err);

/** proc_rss_kib(pid): resident now; 0 when not known. */
uint64_t proc_rss_kib(pid_t pid);

/** proc_peak_kib(pid): resident at most; 0 when not known. */
uint64_t proc_peak_kib(pid_t pid);

/** proc_connect(path): a descriptor of that unix socket, or -1. */
int proc_connect(const char *path);

/** proc_dir_new(): a temporary directory's path, to free(); or NULL. */
char *proc_dir_new(void);

/** proc_dir_remove(dir): with all that is in it. */
void proc_dir_remove(const char *dir);

#endif /* ROUSE_BENCH_PROC_H */
