/* SPDX-License-Identifier: MIT */
#ifndef APNS_TURN_H
#define APNS_TURN_H

/*
 * The client's work, once per pass of the loop and before the loop sleeps.
 * I/O callbacks only move bytes and gather; here, in this order: what is due
 * ends; results are delivered; identities give pushes to connections;
 * connections write; what that has ended is delivered; the dead are buried.
 * Pushes that are submitted from a result callback so leave in the same turn.
 */

#include "apns/client.h"

/* Before the engine's turn (priority 0), so that its results are there. */
#define TURN_PRIORITY 1

/** turn_init(client): start the watchers. */
void turn_init(struct apns_client *client);

/** turn_fini(client): stop them. */
void turn_fini(struct apns_client *client);

/** turn_read_wall_clock(client): now_unix is only as fresh as the turn. */
void turn_read_wall_clock(struct apns_client *client);

#endif /* APNS_TURN_H */
