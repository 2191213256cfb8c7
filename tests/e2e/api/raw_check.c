/* SPDX-License-Identifier: MIT */
#include "raw_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

void
raw_check_error(const char *answer, int status, const char *part)
{
    char line[32];
    const char *body = strstr(answer, "\r\n\r\n");

    snprintf(line, sizeof line, "HTTP/1.1 %d ", status);
    if (strncmp(answer, line, strlen(line)) != 0 || body == NULL ||
        strstr(answer + 1, "\nHTTP/1.1 ") != NULL ||
        strstr(answer, "Content-Type: application/json\r\n") == NULL ||
        strncmp(body + 4, "{\"error\":\"", 10) != 0 ||
        strstr(body, part) == NULL)
        fail_msg("not %d with \"%s\": %s", status, part, answer);
}
