/* SPDX-License-Identifier: MIT */
#ifndef SERVER_DAEMON_LOST_H
#define SERVER_DAEMON_LOST_H

/*
 * roused --new-master-key: what it does and says.
 */

#include <stdint.h>

#include "server/rouse.h"

/** daemon_lost_key(config, n_confirmed): the exit status. */
int daemon_lost_key(const struct rouse_config *config, uint64_t n_confirmed);

#endif /* SERVER_DAEMON_LOST_H */
