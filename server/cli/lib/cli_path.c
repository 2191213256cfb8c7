/* SPDX-License-Identifier: MIT */

#include "cli_path.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void
append(struct cli_path *path, const char *text, size_t len)
{
    if (path->len + len > CLI_MAX_PATH) {
        path->is_too_long = true;
        return;
    }
    memcpy(path->text + path->len, text, len);
    path->len += len;
    path->text[path->len] = '\0';
}

/* RFC 3986's unreserved characters stay, everything else is escaped. */
static bool
is_plain(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || (c != '\0' && strchr("-._~", c) != NULL);
}

static void
append_escaped(struct cli_path *path, const char *text)
{
    for (; *text != '\0'; text++) {
        char escaped[4];

        if (is_plain((unsigned char)*text)) {
            append(path, text, 1);
            continue;
        }
        snprintf(escaped, sizeof escaped, "%%%02X", (unsigned char)*text);
        append(path, escaped, 3);
    }
}

void
cli_path_init(struct cli_path *path, const char *text)
{
    path->len = 0;
    path->has_query = false;
    path->is_too_long = false;
    append(path, text, strlen(text));
}

void
cli_path_add(struct cli_path *path, const char *segment)
{
    append(path, "/", 1);
    append_escaped(path, segment);
}

void
cli_path_query(struct cli_path *path, const char *name, const char *value)
{
    if (value == NULL)
        return;
    append(path, path->has_query ? "&" : "?", 1);
    path->has_query = true;
    append_escaped(path, name);
    append(path, "=", 1);
    append_escaped(path, value);
}

void
cli_path_query_number(struct cli_path *path, const char *name, uint64_t value)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRIu64, value);
    cli_path_query(path, name, text);
}
