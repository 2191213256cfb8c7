/* SPDX-License-Identifier: MIT */

/*
 * Enrollments in bulk: import and export as a line of JSON each, streamed
 * both ways.
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "cli_call.h"
#include "cli_filter.h"
#include "cli_json.h"
#include "cli_say.h"
#include "cmd.h"

#define MAX_NAME 4096 /* bytes of an output file's name */

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

static enum cli_exit
report_import(struct cli *cli, const char *name, const json_t *json)
{
    int64_t n_rejected = cli_json_number(json, "rejected");
    const json_t *error;
    size_t i;

    if (cli->is_json)
        cli_json_print(cli->out, json);
    else
        fprintf(cli->out, "imported %" PRId64 ", rejected %" PRId64 "\n",
                cli_json_number(json, "imported"), n_rejected);
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

    enum cli_exit result = cli_call_run(cli, &request, &answer);

    if (result == CLI_DONE)
        result = report_import(cli, source.name, answer.json);
    cli_call_answer_fini(&answer);
    if (!is_stdin)
        fclose(source.file);
    return result;
}

struct sink {
    FILE *file;
    char name[MAX_NAME]; /* "" when it is the output stream */
    char part[MAX_NAME + 8];
};

static bool
on_bytes(void *arg, const char *bytes, size_t len)
{
    struct sink *sink = arg;

    return fwrite(bytes, 1, len, sink->file) == len;
}

/* A new file beside the named one, for its owner's eyes: tokens may be in. */
static enum cli_exit
open_sink(struct cli *cli, struct sink *sink, const char *name)
{
    sink->name[0] = '\0';
    sink->file = cli->out;
    if (name == NULL || strcmp(name, "-") == 0)
        return CLI_DONE;
    if (strlen(name) >= MAX_NAME)
        return cli_say_misuse(cli, "a file's name has at most %d bytes",
                              MAX_NAME - 1);
    memcpy(sink->name, name, strlen(name) + 1);
    snprintf(sink->part, sizeof sink->part, "%s.part", name);

    int fd = open(sink->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    sink->file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (sink->file != NULL)
        return CLI_DONE;
    if (fd >= 0)
        close(fd);
    return cli_say_failed(cli, "cannot write %s: %s", sink->part,
                          strerrordesc_np(errno));
}

/* The named file appears only when it is whole. */
static enum cli_exit
close_sink(struct cli *cli, struct sink *sink, enum cli_exit result)
{
    if (sink->name[0] == '\0')
        return result;

    bool is_written = fflush(sink->file) == 0 && !ferror(sink->file) &&
                      fsync(fileno(sink->file)) == 0;

    if (fclose(sink->file) != 0)
        is_written = false;
    if (is_written && result == CLI_DONE && rename(sink->part, sink->name) == 0)
        return CLI_DONE;
    if (!is_written || result == CLI_DONE)
        result = cli_say_failed(cli, "cannot write %s: %s", sink->name,
                                strerrordesc_np(errno));
    unlink(sink->part);
    return result;
}

enum cli_exit
cmd_enrollment_export(struct cli *cli, const struct cli_args *args)
{
    struct cli_path path;
    struct sink sink;
    struct cli_request request = {
        .method = "GET",
        .path = &path,
        .accept = "application/x-ndjson",
        .on_write = on_bytes,
        .arg = &sink,
    };
    struct cli_answer answer;
    enum cli_exit result;

    cli_path_init(&path, "/v1/enrollments");
    if ((result = cli_filter_query(cli, args, &path)) != CLI_DONE)
        return result;
    if (args->values[CLI_OPT_SECRETS] != NULL)
        cli_path_query(&path, "secrets", "1");
    result = open_sink(cli, &sink, args->n_words > 0 ? args->words[0] : NULL);
    if (result != CLI_DONE)
        return result;
    result = cli_call_run(cli, &request, &answer);
    cli_call_answer_fini(&answer);
    return close_sink(cli, &sink, result);
}
