/* SPDX-License-Identifier: MIT */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>

void
log_line(const struct apns_config *config, enum apns_log_level level,
         const char *fmt, ...)
{
    char line[LOG_MAX_LINE];
    va_list args;

    if (config->log == NULL)
        return;
    va_start(args, fmt);
    if (vsnprintf(line, sizeof line, fmt, args) < 0)
        line[0] = '\0';
    va_end(args);
    for (char *at = line; *at != '\0'; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            *at = '?';
    config->log(config->log_arg, level, line);
}
