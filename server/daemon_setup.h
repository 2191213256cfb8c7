/* SPDX-License-Identifier: MIT */
#ifndef SERVER_DAEMON_SETUP_H
#define SERVER_DAEMON_SETUP_H

/*
 * The configuration as the parts take it. Strings stay ${config}'s.
 */

#include "daemon_config.h"

/** daemon_setup_rouse(config, rouse): all but the log. */
void daemon_setup_rouse(const struct daemon_config *config,
                        struct rouse_config *rouse);

/** daemon_setup_api(config, api): all but the log. */
void daemon_setup_api(const struct daemon_config *config,
                      struct api_config *api);

/** daemon_setup_courier(config, courier): all but the log. */
void daemon_setup_courier(const struct daemon_config *config,
                          struct courier_config *courier);

/** daemon_setup_level(config): what is logged. */
enum apns_log_level daemon_setup_level(const struct daemon_config *config);

#endif /* SERVER_DAEMON_SETUP_H */
