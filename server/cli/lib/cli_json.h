/* SPDX-License-Identifier: MIT */
#ifndef CLI_JSON_H
#define CLI_JSON_H

/*
 * Reading answers: a member that is missing, null or of another type reads as
 * nothing, so that an older or newer daemon still makes a readable table.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct cli;

#define CLI_JSON_MAX_NAME 64  /* bytes of one name in a path */
#define CLI_JSON_ID_TEXT  512 /* bytes that cli_json_id needs */

/** cli_json_at(json, path): "last_push.status" and the like; NULL: none. */
json_t *cli_json_at(const json_t *json, const char *path);

/** cli_json_text: "" when it is no string. Valid as long as ${json}. */
const char *cli_json_text(const json_t *json, const char *path);
int64_t cli_json_number(const json_t *json, const char *path);
bool cli_json_is_true(const json_t *json, const char *path);

/** cli_json_id: "id", text or number, as text into ${id}. Returns ${id}. */
const char *cli_json_id(const json_t *json, char *id);

/** cli_json_print(cli, json): compact, with a newline, on cli->out. */
void cli_json_print(struct cli *cli, const json_t *json);

#endif /* CLI_JSON_H */
