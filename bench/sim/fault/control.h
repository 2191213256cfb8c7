/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_SIM_CONTROL_H
#define ROUSE_SIM_CONTROL_H

/*
 * Directives from outside: the control socket, and the script.
 */

#include <stdbool.h>

struct control;
struct sim;

/**
 * control_open(sim, path):
 * Listen on a unix socket at ${path}, mode 0600; a dead one there is
 * replaced, anything else is not.
 *
 *   returns  NULL and a word on stderr when it went wrong
 */
struct control *control_open(struct sim *sim, const char *path);

/** control_close(control): and remove the socket. NULL is fine. */
void control_close(struct control *control);

/**
 * control_run_script(sim, path):
 * Execute a file of directives; blank lines and # comments are skipped.
 *
 *   returns  false and a word on stderr naming the line that is wrong
 */
bool control_run_script(struct sim *sim, const char *path);

#endif /* ROUSE_SIM_CONTROL_H */
