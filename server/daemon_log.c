/* SPDX-License-Identifier: MIT */
#include "daemon_log.h"

#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "apns/base/clock.h"
#include "apns/base/rfc3339.h"

#define MAX_LINE 2048 /* bytes of a line; what is longer is cut */
#define MAX_HEAD 64   /* the longest time and level */

static const char *const level_names[] = {
    [APNS_LOG_ERROR] = "error",
    [APNS_LOG_WARN] = "warn",
    [APNS_LOG_NOTICE] = "notice",
    [APNS_LOG_DEBUG] = "debug",
};

/* Whatever is not printable ASCII becomes \xHH. */
static void
write_safe(const char *text, char *safe, size_t size)
{
    size_t len = 0;

    for (; *text != '\0' && len + 5 < size; text++) {
        unsigned char c = (unsigned char)*text;

        if (c >= ' ' && c < 0x7f)
            safe[len++] = (char)c;
        else
            len += (size_t)snprintf(safe + len, size - len, "\\x%02x", c);
    }
    safe[len] = '\0';
}

/* A pipe that can be written has room for 4096 bytes, a socket for a third
 * of its buffer, and we write less at a time. The descriptor may be another
 * process's too, so its O_NONBLOCK is not ours to set. */
static bool
has_room(FILE *out)
{
    struct pollfd ready = {.fd = fileno(out), .events = POLLOUT};

    return ready.fd < 0 || poll(&ready, 1, 0) != 0;
}

static size_t
write_line(char *bytes, size_t size, enum apns_log_level level,
           const char *line)
{
    char now[RFC3339_SIZE];

    return (size_t)snprintf(bytes, size, "time=%s level=%s %s\n",
                            rfc3339_text(clock_unix_ms(), now),
                            level_names[level], line);
}

void
daemon_log_line(void *arg, enum apns_log_level level, const char *line)
{
    struct daemon_log *log = arg;
    char safe[MAX_LINE], lost[64];
    char bytes[MAX_LINE + 2 * MAX_HEAD + sizeof lost];
    size_t len = 0;

    if (level > log->level)
        return;
    if (!has_room(log->out)) {
        log->n_lost++;
        return;
    }
    if (log->n_lost > 0) {
        snprintf(lost, sizeof lost, EVENT_LOG_LOST " lines=%" PRIu64,
                 log->n_lost);
        len = write_line(bytes, sizeof bytes, APNS_LOG_WARN, lost);
        log->n_lost = 0;
    }
    write_safe(line, safe, sizeof safe);
    len += write_line(bytes + len, sizeof bytes - len, level, safe);
    fwrite(bytes, 1, len, log->out);
}

void
daemon_log_say(struct daemon_log *log, enum apns_log_level level,
               const char *format, ...)
{
    char line[MAX_LINE];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    daemon_log_line(log, level, line);
}

void
daemon_log_quote(const char *text, char *quoted, size_t size)
{
    size_t len = 0;

    if (*text != '\0' && strpbrk(text, " =\"\\\n\r\t") == NULL) {
        snprintf(quoted, size, "%s", text);
        return;
    }
    quoted[len++] = '"';
    for (; *text != '\0' && len + 4 < size; text++) {
        if (*text == '"' || *text == '\\')
            quoted[len++] = '\\';
        quoted[len++] = *text;
    }
    quoted[len++] = '"';
    quoted[len] = '\0';
}
