/* SPDX-License-Identifier: MIT */
#ifndef API_JSON_OUT_H
#define API_JSON_OUT_H

/*
 * Values for answers. Each is a new reference, or NULL when memory is out,
 * which json_pack() passes on.
 */

#include <jansson.h>
#include <stdint.h>

/** json_out_time(unix_ms): RFC 3339 in UTC; null for 0. */
json_t *json_out_time(int64_t unix_ms);

/** json_out_text(text): broken UTF-8 is shown as "?" bytes; NULL is "". */
json_t *json_out_text(const char *text);

/** json_out_cursor(cursor): null for 0. */
json_t *json_out_cursor(int64_t cursor);

/** json_out_append(list, item): takes ${item} over; when memory is out, or was
 *  before, ${*list} is NULL. */
void json_out_append(json_t **list, json_t *item);

#endif /* API_JSON_OUT_H */
