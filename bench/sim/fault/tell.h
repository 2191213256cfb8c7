/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_SIM_TELL_H
#define ROUSE_SIM_TELL_H

/*
 * The other end of the control socket, for people and scripts.
 */

#include <stddef.h>

/**
 * tell_run(path, directives, n):
 * Send each of the ${n} ${directives} to the simulator that listens on
 * ${path} and print its answers, a line each, on stdout.
 *
 *   returns  0 when every answer was `"ok":true`, else 1 and a word on stderr
 *            when there was no answer
 */
int tell_run(const char *path, char *const directives[], size_t n);

#endif /* ROUSE_SIM_TELL_H */
