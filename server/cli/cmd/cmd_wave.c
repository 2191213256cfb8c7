/* SPDX-License-Identifier: MIT */

#include <inttypes.h>

#include "server/cli/cmd.h"
#include "server/cli/lib/cli_call.h"
#include "server/cli/lib/cli_filter.h"
#include "server/cli/lib/cli_json.h"
#include "server/cli/lib/cli_pages.h"
#include "server/cli/lib/cli_wave.h"
#include "server/cli/term/cli_duration.h"
#include "server/cli/term/cli_say.h"
#include "server/cli/term/cli_table.h"
#include "server/cli/term/cli_when.h"

static void
on_wave(void *arg, const json_t *wave)
{
    struct cli_table *table = arg;
    char id[CLI_JSON_ID_TEXT];
    char when[CLI_WHEN_TEXT];

    cli_table_cell(table, "%s", cli_json_id(wave, id));
    cli_table_cell(table, "%s", cli_json_text(wave, "state"));
    cli_table_cell(table, "%s",
                   cli_when_local(cli_json_text(wave, "asked_at"), when));
    cli_table_cell(table, "%s", cli_json_text(wave, "asked_by"));
    cli_table_cell(table, "%" PRId64, cli_json_number(wave, "counts.total"));
    cli_table_cell(table, "%" PRIu64, cli_wave_settled(wave));
    cli_table_cell(table, "%" PRId64, cli_json_number(wave, "counts.accepted"));
}

enum cli_exit
cmd_wave_list(struct cli *cli, const struct cli_args *args)
{
    static const char *const titles[] = {
        ">ID", "STATE", "ASKED", "BY", ">TOTAL", ">SETTLED", ">ACCEPTED",
    };
    struct cli_path path;

    cli_path_init(&path, "/v1/waves");
    if (args->values[CLI_OPT_OPEN] != NULL)
        cli_path_query(&path, "open", "1");
    if (cli->is_json)
        return cli_pages_each(cli, &path, "waves", NULL, NULL);

    struct cli_table *table = cli_table_new(cli, titles, 7);
    enum cli_exit result = cli_pages_each(cli, &path, "waves", on_wave, table);

    if (result == CLI_DONE)
        cli_table_finish(table);
    cli_table_free(table);
    return result;
}

/* "/v1/waves/12". */
static enum cli_exit
name_wave(struct cli *cli, const char *word, struct cli_path *path)
{
    uint64_t id;

    if (!cli_duration_read_number(word, INT64_MAX, &id))
        return cli_say_misuse(cli,
                              "%s is no wave's number; see rouse wave "
                              "list",
                              word);
    cli_path_init(path, "/v1/waves");
    cli_path_add(path, word);
    return CLI_DONE;
}

enum cli_exit
cmd_wave_show(struct cli *cli, const struct cli_args *args)
{
    struct cli_path path;
    uint32_t timeout_s;
    json_t *wave;
    enum cli_exit result = cli_filter_span(
        cli, args, CLI_OPT_TIMEOUT, CLI_MAX_TIMEOUT, CLI_TIMEOUT, &timeout_s);

    if (result != CLI_DONE ||
        (result = name_wave(cli, args->words[0], &path)) != CLI_DONE ||
        (result = cli_call_get(cli, &path, &wave)) != CLI_DONE)
        return result;
    if (args->values[CLI_OPT_WAIT] != NULL)
        return cli_wave_follow(cli, wave, timeout_s);
    if (cli->is_json)
        cli_json_print(cli, wave);
    else
        cli_wave_print(cli->out, wave);
    json_decref(wave);
    return CLI_DONE;
}

enum cli_exit
cmd_wave_cancel(struct cli *cli, const struct cli_args *args)
{
    struct cli_path path;
    json_t *wave;
    enum cli_exit result = name_wave(cli, args->words[0], &path);

    if (result != CLI_DONE ||
        (result = cli_call_send(cli, "DELETE", &path, NULL, &wave)) != CLI_DONE)
        return result;
    if (cli->is_json)
        cli_json_print(cli, wave);
    else
        fprintf(cli->out,
                "cancelled wave %s: %" PRIu64 " of %" PRId64
                " enrollments were settled\n",
                args->words[0], cli_wave_settled(wave),
                cli_json_number(wave, "counts.total"));
    json_decref(wave);
    return CLI_DONE;
}
