/* SPDX-License-Identifier: MIT */

#include <inttypes.h>

#include "server/cli/cmd.h"
#include "server/cli/lib/cli_call.h"
#include "server/cli/lib/cli_filter.h"
#include "server/cli/lib/cli_json.h"
#include "server/cli/lib/cli_show.h"
#include "server/cli/lib/cli_wave.h"
#include "server/cli/term/cli_duration.h"
#include "server/cli/term/cli_say.h"

static void
write_settled(struct cli_table *table, const json_t *wave)
{
    cli_table_cell(table, "%" PRIu64, cli_wave_settled(wave));
}

enum cli_exit
cmd_wave_list(struct cli *cli, const struct cli_args *args)
{
    static const struct cli_show_field fields[] = {
        {">ID", "id", CLI_SHOW_ID, NULL, NULL},
        {"STATE", "state", CLI_SHOW_TEXT, NULL, NULL},
        {"ASKED", "asked_at", CLI_SHOW_WHEN, NULL, NULL},
        {"BY", "asked_by", CLI_SHOW_TEXT, NULL, NULL},
        {">TOTAL", "counts.total", CLI_SHOW_NUMBER, NULL, NULL},
        {.title = ">SETTLED", .write = write_settled},
        {">ACCEPTED", "counts.accepted", CLI_SHOW_NUMBER, NULL, NULL},
    };
    struct cli_path path;

    cli_path_init(&path, "/v1/waves");
    if (args->values[CLI_OPT_OPEN] != NULL)
        cli_path_query(&path, "open", "1");
    return cli_show_pages(cli, &path, "waves", fields, CLI_SHOW_N(fields));
}

/* "/v1/waves/12". */
static enum cli_exit
name_wave(struct cli *cli, const char *word, struct cli_path *path)
{
    uint64_t id;

    if (!cli_duration_read_number(word, INT64_MAX, &id))
        return cli_say_misuse(
            cli, "%s is not a wave number; see rouse wave list", word);
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
