/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_TESTS_CHILD_H
#define ROUSE_TESTS_CHILD_H

/*
 * Child processes of a test: started with an argument list, stopped by their
 * own pid, bounded in time. What goes wrong fails the running cmocka test.
 */

#include <stdbool.h>
#include <sys/types.h>

#define CHILD_TIMEOUT_MS 120000 /* no wait in a test is longer than this */

struct child {
    pid_t pid;  /* 0 once it was reaped */
    int out_fd; /* its standard output; -1 once closed */
    int err_fd; /* its standard error when captured, else -1 */
};

/**
 * child_start(child, argv, want_err):
 * Run ${argv}[0] (a path) with ${argv} as its arguments; its standard output,
 * and with ${want_err} its standard error too, come to pipes. It dies with
 * the test that started it.
 */
void child_start(struct child *child, const char *const argv[], bool want_err);

/**
 * child_read_line(child, fd, line, max):
 * Read one line from ${fd} (of ${child}), without its newline.
 *
 *   returns  false when the stream ended first, or after CHILD_TIMEOUT_MS
 */
bool child_read_line(struct child *child, int fd, char *line, size_t max);

/** child_signal(child, signo): send a signal, unless it was reaped. */
void child_signal(struct child *child, int signo);

/**
 * child_wait(child):
 * Wait for its end and close the pipes.
 *
 *   returns  the exit code, or 128 + the signal that ended it
 */
int child_wait(struct child *child);

/**
 * child_run(argv, out, err):
 * Start, collect all output, wait.
 *
 *   owns     ${out} and ${err} (each may be NULL) get strings to free()
 *   returns  as child_wait
 */
int child_run(const char *const argv[], char **out, char **err);

#endif /* ROUSE_TESTS_CHILD_H */
