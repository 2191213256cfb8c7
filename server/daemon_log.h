/* SPDX-License-Identifier: MIT */
#ifndef SERVER_DAEMON_LOG_H
#define SERVER_DAEMON_LOG_H

/*
 * logfmt on a stream: a line per fact, with time and level in front. ASCII
 * only goes out as it is; a line break or an escape sequence that somebody
 * put into a name cannot make a second line or colour a terminal.
 *
 * Whoever reads the stream may stall, and the daemon does not wait for that:
 * lines that find no room are lost, and the next one that does counts them.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "apns/apns.h"
#include "apns/base/event.h"

struct daemon_log {
    FILE *out;
    enum apns_log_level level; /* the last one that is written */
    uint64_t n_lost;           /* lost lines not counted in the log yet */
};

/** daemon_log_line(log, level, line): an apns_log_fn; ${log} is a
 *  struct daemon_log. */
void daemon_log_line(void *log, enum apns_log_level level, const char *line);

/** daemon_log_say(log, level, format, ...): the same, formatted. */
void daemon_log_say(struct daemon_log *log, enum apns_log_level level,
                    const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** daemon_log_quote(text, quoted, size): a logfmt value: quoted when it must
 *  be, cut when it does not fit. */
void daemon_log_quote(const char *text, char *quoted, size_t size);

#endif /* SERVER_DAEMON_LOG_H */
