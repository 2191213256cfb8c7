/* SPDX-License-Identifier: MIT */

#include <inttypes.h>
#include <string.h>

#include "server/cli/cmd.h"
#include "server/cli/lib/cli_call.h"
#include "server/cli/lib/cli_file.h"
#include "server/cli/lib/cli_filter.h"
#include "server/cli/lib/cli_json.h"
#include "server/cli/lib/cli_show.h"
#include "server/cli/term/cli_ask.h"
#include "server/cli/term/cli_say.h"
#include "server/cli/term/cli_table.h"
#include "server/cli/term/cli_when.h"

static bool
on_bytes(void *arg, const char *bytes, size_t len)
{
    struct cli *cli = arg;

    cli->is_answered = true;
    /* said by cli_main_run, from the stream's error flag */
    return fwrite(bytes, 1, len, cli->out) == len;
}

/* The server's lines as they come: no page, no limit. */
static enum cli_exit
stream_list(struct cli *cli, const struct cli_path *path)
{
    struct cli_request request = {
        .method = "GET",
        .path = path,
        .accept = "application/x-ndjson",
        .on_write = on_bytes,
        .arg = cli,
    };
    struct cli_answer answer;
    enum cli_exit result = cli_call_run(cli, &request, &answer);

    cli_call_answer_fini(&answer);
    return result;
}

/* "200 2026-…", "410 Unregistered 2026-…" or "-" into a cell. */
static void
write_last_push(struct cli_table *table, const json_t *item)
{
    const json_t *push = cli_json_at(item, "last_push");
    char when[CLI_WHEN_TEXT];

    if (!json_is_object(push)) {
        cli_table_cell(table, "-");
        return;
    }
    cli_table_cell(table, "%s  %" PRId64 "%s%s",
                   cli_when_local(cli_json_text(push, "at"), when),
                   cli_json_number(push, "status"),
                   cli_json_text(push, "reason")[0] != '\0' ? " " : "",
                   cli_json_text(push, "reason"));
}

enum cli_exit
cmd_enrollment_list(struct cli *cli, const struct cli_args *args)
{
    static const struct cli_show_field fields[] = {
        {"ID", "id", CLI_SHOW_TEXT, NULL, NULL},
        {"STATE", "state", CLI_SHOW_TEXT, NULL, NULL},
        {"KIND", "kind", CLI_SHOW_TEXT, NULL, NULL},
        {"SERIAL", "serial_number", CLI_SHOW_TEXT, NULL, NULL},
        {"SEEN", "last_seen_at", CLI_SHOW_WHEN, NULL, NULL},
        {.title = "LAST PUSH", .write = write_last_push},
    };
    struct cli_path path;
    enum cli_exit result;

    cli_path_init(&path, "/v1/enrollments");
    if ((result = cli_filter_query(cli, args, &path)) != CLI_DONE)
        return result;
    if (cli->is_json)
        return stream_list(cli, &path);
    return cli_show_pages(cli, &path, "enrollments", fields,
                          CLI_SHOW_N(fields));
}

static void
print_push(FILE *out, const json_t *item)
{
    char when[CLI_WHEN_TEXT];

    if (json_is_object(cli_json_at(item, "last_push"))) {
        cli_table_pair(
            out, "last push", "%s: %" PRId64 " %s",
            cli_when_local(cli_json_text(item, "last_push.at"), when),
            cli_json_number(item, "last_push.status"),
            cli_json_text(item, "last_push.reason"));
        cli_table_pair(out, "apns-id", "%s",
                       cli_json_text(item, "last_push.apns_id"));
    } else {
        cli_table_pair(out, "last push", "never");
    }
    if (!json_is_object(cli_json_at(item, "wake"))) {
        cli_table_pair(out, "wake", "none waits");
        return;
    }
    cli_table_pair(out, "wake asked", "%s",
                   cli_when_local(cli_json_text(item, "wake.asked_at"), when));
    if (cli_json_is_true(item, "wake.undecided"))
        cli_table_pair(out, "wake due",
                       "undecided: APNs has refused the "
                       "token, and accepted no push under "
                       "this certificate yet");
    else
        cli_table_pair(out, "wake due", "%s, pushed %" PRId64 " times so far%s",
                       cli_when_local(cli_json_text(item, "wake.due"), when),
                       cli_json_number(item, "wake.attempt"),
                       cli_json_is_true(item, "wake.in_flight") ? ", in flight"
                                                                : "");
    cli_table_pair(out, "wake deadline", "%s",
                   cli_when_local(cli_json_text(item, "wake.deadline"), when));
}

static void
print_enrollment(struct cli *cli, const json_t *item)
{
    static const struct cli_show_field fields[] = {
        {"id", "id", CLI_SHOW_TEXT, NULL, NULL},
        {"kind", "kind", CLI_SHOW_TEXT, NULL, NULL},
        {"parent", "parent_id", CLI_SHOW_TEXT, NULL, NULL},
        {"serial number", "serial_number", CLI_SHOW_TEXT, NULL, NULL},
        {"state", "state", CLI_SHOW_TEXT, NULL, NULL},
        {"topic", "topic", CLI_SHOW_TEXT, NULL, NULL},
    };
    FILE *out = cli->out;
    char when[CLI_WHEN_TEXT];

    cli_show_lines(out, item, fields, CLI_SHOW_N(fields));
    cli_table_pair(out, "group", "%s%s", cli_json_text(item, "group"),
                   cli_json_is_true(item, "is_mismatched")
                       ? ", whose topic is ANOTHER one"
                       : "");
    cli_table_pair(out, "token", "%s%s", cli_json_text(item, "token_prefix"),
                   cli_json_text(item, "token_prefix")[0] != '\0' ? "..." : "");
    cli_table_pair(
        out, "token updated", "%s, %" PRId64 " times since it enrolled",
        cli_when_local(cli_json_text(item, "token_updated_at"), when),
        cli_json_number(item, "token_update_tally"));
    cli_table_pair(out, "seen", "%s",
                   cli_when_local(cli_json_text(item, "last_seen_at"), when));
    print_push(out, item);
}

enum cli_exit
cmd_enrollment_show(struct cli *cli, const struct cli_args *args)
{
    struct cli_path path;

    cli_path_init(&path, "/v1/enrollments");
    cli_path_add(&path, args->words[0]);
    return cli_show_get(cli, &path, print_enrollment);
}

enum cli_exit
cmd_enrollment_remove(struct cli *cli, const struct cli_args *args)
{
    enum cli_exit result =
        cli_ask_sure(cli, args->values[CLI_OPT_YES] != NULL, "nothing removed",
                     "Remove %zu enrollment%s?", args->n_words,
                     args->n_words == 1 ? "" : "s");
    size_t n_removed = 0;

    if (result != CLI_DONE)
        return result;
    for (size_t i = 0; i < args->n_words; i++) {
        struct cli_path path;
        struct cli_request request = {
            .method = "DELETE",
            .path = &path,
            .is_quiet_404 = true,
        };
        struct cli_answer answer;

        cli_path_init(&path, "/v1/enrollments");
        cli_path_add(&path, args->words[i]);

        enum cli_exit one = cli_call_run(cli, &request, &answer);

        cli_call_answer_fini(&answer);
        if (one != CLI_DONE)
            return one; /* the next one would fare no better */
        if (answer.status == 404)
            result = cli_say_failed(cli, "no enrollment %s", args->words[i]);
        else
            n_removed++;
    }
    if (!cli->is_json)
        fprintf(cli->out, "removed %zu of %zu enrollments\n", n_removed,
                args->n_words);
    return result;
}
