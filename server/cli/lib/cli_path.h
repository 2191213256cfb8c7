/* SPDX-License-Identifier: MIT */
#ifndef CLI_PATH_H
#define CLI_PATH_H

/*
 * A request's path and query, every part escaped as it is added.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLI_MAX_PATH 8192 /* bytes, escaped */

struct cli_path {
    size_t len;
    bool has_query;
    bool is_too_long; /* sticks; checked by cli_call_run */
    char text[CLI_MAX_PATH + 1];
};

/** cli_path_init(path, text): begins with ${text} as it is. */
void cli_path_init(struct cli_path *path, const char *text);

/** cli_path_add(path, segment): "/segment", escaped. */
void cli_path_add(struct cli_path *path, const char *segment);

/** cli_path_query(path, name, value): nothing when ${value} is NULL. */
void cli_path_query(struct cli_path *path, const char *name, const char *value);
void cli_path_query_number(struct cli_path *path, const char *name,
                           uint64_t value);

#endif /* CLI_PATH_H */
