/* SPDX-License-Identifier: MIT */

#include "cli_json.h"

#include <string.h>

#include "server/cli/cli.h"

json_t *
cli_json_at(const json_t *json, const char *path)
{
    json_t *found = NULL;

    for (;;) {
        char name[CLI_JSON_MAX_NAME + 1];
        size_t len = strcspn(path, ".");

        must(len <= CLI_JSON_MAX_NAME);
        memcpy(name, path, len);
        name[len] = '\0';
        found = json_object_get(json, name);
        if (path[len] == '\0')
            return found;
        json = found;
        path += len + 1;
    }
}

const char *
cli_json_text(const json_t *json, const char *path)
{
    const char *text = json_string_value(cli_json_at(json, path));

    return text != NULL ? text : "";
}

int64_t
cli_json_number(const json_t *json, const char *path)
{
    const json_t *found = cli_json_at(json, path);

    if (json_is_real(found))
        return (int64_t)json_real_value(found);
    return json_integer_value(found);
}

bool
cli_json_is_true(const json_t *json, const char *path)
{
    return json_is_true(cli_json_at(json, path));
}

const char *
cli_json_id(const json_t *json, char *id)
{
    const json_t *found = cli_json_at(json, "id");

    if (json_is_integer(found))
        snprintf(id, CLI_JSON_ID_TEXT, "%" JSON_INTEGER_FORMAT,
                 json_integer_value(found));
    else
        snprintf(id, CLI_JSON_ID_TEXT, "%s", cli_json_text(json, "id"));
    return id;
}

void
cli_json_print(struct cli *cli, const json_t *json)
{
    json_dumpf(json, cli->out, JSON_COMPACT | JSON_ENCODE_ANY);
    fputc('\n', cli->out);
    cli->is_answered = true;
}
