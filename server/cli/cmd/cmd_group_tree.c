/* SPDX-License-Identifier: MIT */

/*
 * The tree of groups moved to another server: a line of JSON each, those
 * above before those below, so that they can be made as they come.
 */

#include <string.h>

#include "server/cli/cmd.h"
#include "server/cli/lib/cli_call.h"
#include "server/cli/lib/cli_file.h"
#include "server/cli/lib/cli_json.h"
#include "server/cli/term/cli_say.h"
#include "server/cli/term/cli_sink.h"

#define MAX_FILE ((size_t)8 << 20) /* bytes: 4096 groups, and room */

/* What a group is; what follows from others and from enrollments is not. */
static bool
write_group(const struct cli_sink *sink, const json_t *group)
{
    json_t *line =
        json_pack("{s:O, s:O?, s:O?}", "path", cli_json_at(group, "path"),
                  "topic", cli_json_at(group, "topic"), "permission",
                  cli_json_at(group, "permission"));
    bool is_written = line != NULL &&
                      json_dumpf(line, sink->file, JSON_COMPACT) == 0 &&
                      fputc('\n', sink->file) != EOF;

    json_decref(line);
    return is_written;
}

enum cli_exit
cmd_group_export(struct cli *cli, const struct cli_args *args)
{
    struct cli_path path;
    struct cli_sink sink;
    const json_t *group;
    json_t *json;
    size_t i;

    cli_path_init(&path, "/v1/groups");

    enum cli_exit result = cli_call_get(cli, &path, &json);

    if (result != CLI_DONE)
        return result;
    result =
        cli_sink_open(cli, &sink, args->n_words > 0 ? args->words[0] : NULL);
    if (result == CLI_DONE) {
        json_array_foreach(cli_json_at(json, "groups"), i, group)
        {
            if (result == CLI_DONE && !write_group(&sink, group))
                result = cli_say_failed(cli, "cannot write group %zu", i + 1);
        }
        result = cli_sink_close(cli, &sink, result);
    }
    json_decref(json);
    return result;
}

struct import {
    struct cli *cli;
    const char *name; /* of the file */
    size_t line;
    size_t n_groups;
    size_t n_put;
};

/* Not put, and the next may be. */
static void
say_line(const struct import *import, const char *why)
{
    cli_say_note(import->cli, "%s:%zu: %s", import->name, import->line, why);
}

/* What cannot be put does not hold up the others; a server that answers
   nothing, or lets nobody in, does. */
static enum cli_exit
put(struct import *import, const char *group, json_t *fields)
{
    struct cli_path path;
    char *body = json_dumps(fields, JSON_COMPACT);
    struct cli_request request = {
        .method = "PATCH", /* what a line does not say stays */
        .path = &path,
        .content_type = "application/json",
        .body = body,
        .is_quiet_409 = true,
    };
    struct cli_answer answer;

    must(body != NULL);
    request.body_len = strlen(body);
    cli_path_init(&path, "/v1/groups");
    cli_path_add(&path, group);

    enum cli_exit result = cli_call_run(import->cli, &request, &answer);

    if (result == CLI_DONE)
        import->n_put++;
    else if (result == CLI_REFUSED)
        say_line(import, cli_json_text(answer.json, "error"));
    else if (answer.status == 400)
        say_line(import, "not put");
    if (answer.status == 400 || answer.status == 409)
        result = CLI_DONE;
    cli_call_answer_fini(&answer);
    free(body);
    return result;
}

static enum cli_exit
put_line(struct import *import, const char *line, size_t len)
{
    json_t *json = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
    const char *path = cli_json_text(json, "path");
    enum cli_exit result = CLI_DONE;

    import->n_groups++;
    if (path[0] == '\0') {
        say_line(import, "not a JSON object with a group's path");
    } else {
        char *group = strdup(path);

        must(group != NULL);
        json_object_del(json, "path");
        /* group list --json has them as well */
        json_object_del(json, "effective_topic");
        json_object_del(json, "enrollments");
        json_object_del(json, "mismatched");
        result = put(import, group, json);
        free(group);
    }
    json_decref(json);
    return result;
}

enum cli_exit
cmd_group_import(struct cli *cli, const struct cli_args *args)
{
    struct import import = {.cli = cli, .name = args->words[0]};
    char *bytes;
    size_t len;
    enum cli_exit result =
        cli_file_read(cli, import.name, MAX_FILE, &bytes, &len);

    if (result != CLI_DONE)
        return result;
    for (const char *at = bytes; at < bytes + len && result == CLI_DONE;) {
        size_t n = strcspn(at, "\n");

        import.line++;
        if (strspn(at, " \t\r") < n)
            result = put_line(&import, at, n);
        at += n + 1;
    }
    cli_file_free(bytes, len);
    if (!cli->is_json)
        fprintf(cli->out, "put %zu of %zu groups\n", import.n_put,
                import.n_groups);
    if (result == CLI_DONE && import.n_put < import.n_groups)
        result = CLI_FAILED;
    return result;
}
