/* SPDX-License-Identifier: MIT */

/*
 * Names for the shell's completion, a line each. Where roused does not answer
 * there are none, at once and without a word.
 */

#include <string.h>

#include "server/cli/cmd.h"
#include "server/cli/lib/cli_call.h"
#include "server/cli/lib/cli_json.h"
#include "server/cli/term/cli_say.h"

static const struct {
    const char *what;
    const char *path;
    const char *list;
    const char *name;
} sources[] = {
    {"topics", "/v1/pushcerts", "pushcerts", "topic"},
    {"groups", "/v1/groups", "groups", "path"},
    {"requests", "/v1/pushcerts/requests", "requests", "name"},
};

#define N_SOURCES (sizeof sources / sizeof sources[0])

enum cli_exit
cmd_complete(struct cli *cli, const struct cli_args *args)
{
    const json_t *item;
    struct cli_path path;
    json_t *json;
    size_t source = 0;
    size_t i;

    while (source < N_SOURCES &&
           strcmp(sources[source].what, args->words[0]) != 0)
        source++;
    if (source == N_SOURCES)
        return cli_say_misuse(cli, "%s: topics, groups or requests",
                              args->words[0]);
    cli_path_init(&path, sources[source].path);
    json = cli_call_peek(cli, &path);
    json_array_foreach(cli_json_at(json, sources[source].list), i, item)
    {
        cli_say_text(cli->out, cli_json_text(item, sources[source].name));
    }
    json_decref(json);
    return CLI_DONE;
}
