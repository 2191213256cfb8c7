/* SPDX-License-Identifier: MIT */

/*
 * Enrollments in bulk: import and export as a line of JSON each, streamed
 * both ways.
 */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "server/cli/cmd.h"
#include "server/cli/lib/cli_call.h"
#include "server/cli/lib/cli_filter.h"
#include "server/cli/lib/cli_json.h"
#include "server/cli/term/cli_say.h"
#include "server/cli/term/cli_sink.h"

struct source {
    struct cli *cli;
    const char *name;
    FILE *file;
};

static size_t
on_read(void *arg, char *buffer, size_t max)
{
    struct source *source = arg;
    size_t len = fread(buffer, 1, max, source->file);

    if (len > 0 || !ferror(source->file))
        return len;
    cli_say_failed(source->cli, "cannot read %s: %s", source->name,
                   strerrordesc_np(errno));
    return CLI_CALL_ABORT;
}

static void
print_counts(struct cli *cli, const json_t *json)
{
    int64_t n_groups = cli_json_number(json, "groups_made");

    fprintf(cli->out, "imported %" PRId64 ", rejected %" PRId64,
            cli_json_number(json, "imported"),
            cli_json_number(json, "rejected"));
    if (n_groups > 0)
        fprintf(cli->out, ", created %" PRId64 " groups", n_groups);
    fputc('\n', cli->out);
}

static enum cli_exit
report_import(struct cli *cli, const char *name, const json_t *json)
{
    int64_t n_rejected = cli_json_number(json, "rejected");
    const json_t *error;
    size_t i;

    if (cli->is_json)
        cli_json_print(cli, json);
    else
        print_counts(cli, json);
    json_array_foreach(cli_json_at(json, "errors"), i, error)
    {
        cli_say_note(cli, "%s:%" PRId64 ": %s", name,
                     cli_json_number(error, "line"),
                     cli_json_text(error, "error"));
    }
    if (n_rejected > (int64_t)i)
        cli_say_note(cli, "%s: %" PRId64 " more lines were rejected", name,
                     n_rejected - (int64_t)i);
    return n_rejected > 0 ? CLI_FAILED : CLI_DONE;
}

enum cli_exit
cmd_enrollment_import(struct cli *cli, const struct cli_args *args)
{
    struct source source = {.cli = cli, .name = args->words[0]};
    bool is_stdin = strcmp(source.name, "-") == 0;
    struct cli_path path;
    struct cli_request request = {
        .method = "POST",
        .path = &path,
        .content_type = "application/x-ndjson",
        .on_read = on_read,
        .arg = &source,
    };
    struct cli_answer answer;

    source.file = is_stdin ? cli->in : fopen(source.name, "re");
    if (source.file == NULL)
        return cli_say_failed(cli, "cannot open %s: %s", source.name,
                              strerrordesc_np(errno));
    cli_path_init(&path, "/v1/enrollments");
    if (args->values[CLI_OPT_CREATE_GROUPS] != NULL)
        cli_path_query(&path, "create_groups", "1");

    enum cli_exit result = cli_call_run(cli, &request, &answer);

    if (result == CLI_DONE)
        result = report_import(cli, source.name, answer.json);
    cli_call_answer_fini(&answer);
    if (!is_stdin)
        fclose(source.file);
    return result;
}

enum cli_exit
cmd_enrollment_export(struct cli *cli, const struct cli_args *args)
{
    struct cli_path path;
    struct cli_sink sink;
    struct cli_request request = {
        .method = "GET",
        .path = &path,
        .accept = "application/x-ndjson",
        .on_write = cli_sink_write,
        .arg = &sink,
    };
    struct cli_answer answer;
    enum cli_exit result;

    cli_path_init(&path, "/v1/enrollments");
    if ((result = cli_filter_query(cli, args, &path)) != CLI_DONE)
        return result;
    if (args->values[CLI_OPT_SECRETS] != NULL)
        cli_path_query(&path, "secrets", "1");
    result =
        cli_sink_open(cli, &sink, args->n_words > 0 ? args->words[0] : NULL);
    if (result != CLI_DONE)
        return result;
    result = cli_call_run(cli, &request, &answer);
    cli_call_answer_fini(&answer);
    return cli_sink_close(cli, &sink, result);
}
