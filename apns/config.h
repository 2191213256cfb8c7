/* SPDX-License-Identifier: MIT */
#ifndef APNS_CONFIG_H
#define APNS_CONFIG_H

/* apns_config: defaults, limits, and a copy that owns its strings. */

#include "apns.h"

#define CONFIG_HOST        "api.push.apple.com"
#define CONFIG_MAX_HOST    253
#define CONFIG_MAX_STREAMS 65536
#define CONFIG_MAX_MS      (7U * 24 * 3600 * 1000)

/**
 * config_copy(config, copy): check ${config}, copy it with its strings.
 *
 *   errors   APNS_EINVAL, APNS_ENOMEM
 */
APNS_MUST_USE enum apns_err config_copy(const struct apns_config *config,
                                        struct apns_config *copy);

/** config_fini(copy): cleanse and free the strings. */
void config_fini(struct apns_config *copy);

#endif /* APNS_CONFIG_H */
