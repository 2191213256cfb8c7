/* SPDX-License-Identifier: MIT */

#include <inttypes.h>

#include "server/cli/cmd.h"
#include "server/cli/lib/cli_call.h"
#include "server/cli/lib/cli_json.h"
#include "server/cli/term/cli_duration.h"
#include "server/cli/term/cli_say.h"
#include "server/cli/term/cli_when.h"

#define FOLLOW_POLLS 4 /* polls' pauses between two looks at the log */

/* Pieces of a line from outside, made harmless. */
static void
print_event(struct cli *cli, const json_t *event)
{
    char when[CLI_WHEN_TEXT];
    char *line;

    must(asprintf(&line, "%s  %-5" PRId64 " %s  %s  by %s  %s",
                  cli_when_local(cli_json_text(event, "at"), when),
                  cli_json_number(event, "id"), cli_json_text(event, "kind"),
                  cli_json_text(event, "subject"),
                  cli_json_text(event, "actor"),
                  cli_json_text(event, "detail")) >= 0);
    fprintf(cli->out, "%s\n", cli_say_clean(line));
    free(line);
}

/* One page of events above ${*after}, which moves on. */
static enum cli_exit
take_page(struct cli *cli, uint64_t *after, size_t *n)
{
    struct cli_path path;
    json_t *page;
    const json_t *event;
    size_t i;

    cli_path_init(&path, "/v1/events");
    cli_path_query_number(&path, "after", *after);
    cli_path_query_number(&path, "limit", CLI_PAGE);

    enum cli_exit result = cli_call_get(cli, &path, &page);

    if (result != CLI_DONE)
        return result;

    const json_t *events = cli_json_at(page, "events");

    *n = 0;
    json_array_foreach(events, i, event)
    {
        int64_t id = cli_json_number(event, "id");

        if (id <= 0 || (uint64_t)id <= *after)
            continue;
        *after = (uint64_t)id;
        (*n)++;
        if (cli->is_json)
            cli_json_print(cli, event);
        else
            print_event(cli, event);
    }
    json_decref(page);
    return CLI_DONE;
}

enum cli_exit
cmd_events(struct cli *cli, const struct cli_args *args)
{
    const char *text = args->values[CLI_OPT_AFTER];
    bool is_following = args->values[CLI_OPT_FOLLOW] != NULL;
    uint64_t after = 0;

    if (text != NULL && !cli_duration_read_number(text, INT64_MAX, &after))
        return cli_say_misuse(cli, "--after: %s is not an event number", text);
    for (;;) {
        size_t n;
        enum cli_exit result = take_page(cli, &after, &n);

        if (result != CLI_DONE)
            return result;
        if (n > 0)
            continue;
        if (!is_following)
            return CLI_DONE;
        if (fflush(cli->out) != 0)
            return CLI_FAILED; /* said by cli_main_run */
        cli_when_pause(cli, cli->poll_ms * FOLLOW_POLLS);
    }
}
