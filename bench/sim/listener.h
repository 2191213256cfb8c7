/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_SIM_LISTENER_H
#define ROUSE_SIM_LISTENER_H

/*
 * The listening sockets, all on one port.
 */

#include <stdbool.h>
#include <stdint.h>

struct listener;
struct sim;

/**
 * listener_open(sim):
 * Listen on all of ${sim}->config's addresses. With port 0 a port is found
 * that is free on all of them, and noted in the configuration.
 *
 *   returns  NULL and a word on stderr when it went wrong
 */
struct listener *listener_open(struct sim *sim);

/** listener_close(listener): close the sockets. NULL is fine. */
void listener_close(struct listener *listener);

#endif /* ROUSE_SIM_LISTENER_H */
