/* SPDX-License-Identifier: MIT */
#include "json_out.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apns/base/rfc3339.h"

json_t *
json_out_time(int64_t unix_ms)
{
    char text[RFC3339_SIZE];

    if (unix_ms == 0)
        return json_null();
    rfc3339_text(unix_ms, text);
    return json_string(text);
}

json_t *
json_out_text(const char *text)
{
    json_t *json = json_string(text == NULL ? "" : text);
    char *ascii;

    if (json != NULL)
        return json;
    ascii = strdup(text == NULL ? "" : text);
    for (char *at = ascii; at != NULL && *at != '\0'; at++) {
        if ((*at & 0x80) != 0)
            *at = '?';
    }
    json = ascii == NULL ? NULL : json_string(ascii);
    free(ascii);
    return json;
}

json_t *
json_out_cursor(int64_t cursor)
{
    char text[24];

    if (cursor == 0)
        return json_null();
    snprintf(text, sizeof text, "%" PRId64, cursor);
    return json_string(text);
}

void
json_out_append(json_t **list, json_t *item)
{
    if (*list == NULL) {
        json_decref(item);
        return;
    }
    if (json_array_append_new(*list, item) == 0)
        return;
    json_decref(*list);
    *list = NULL;
}
