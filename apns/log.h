/* SPDX-License-Identifier: MIT */
#ifndef APNS_LOG_H
#define APNS_LOG_H

/* One fact, one line, to whoever holds the client. */

#include "apns.h"
#include "apns/base/event.h"

#define LOG_MAX_LINE 1024 /* bytes with the NUL; longer lines are cut */

/**
 * log_line(config, level, fmt, …):
 * Give the formatted line to ${config->log}; nothing when that is NULL.
 * Control characters become '?', so that one fact stays one line whatever a
 * peer has sent.
 */
void log_line(const struct apns_config *config, enum apns_log_level level,
              const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif /* APNS_LOG_H */
