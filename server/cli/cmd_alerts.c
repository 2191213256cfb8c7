/* SPDX-License-Identifier: MIT */

#include <string.h>

#include "cli_call.h"
#include "cli_json.h"
#include "cli_table.h"
#include "cli_when.h"
#include "cmd.h"

static void
print_alerts(struct cli *cli, const json_t *alerts, bool is_open_only)
{
    static const char *const titles[] = {"AT", "SEVERITY", "STATE", "TOPIC",
                                         "TEXT"};
    struct cli_table *table =
        cli_table_new(cli->out, cli->out_width, titles, 5);
    const json_t *alert;
    size_t i;

    json_array_foreach(alerts, i, alert)
    {
        const char *state = cli_json_text(alert, "state");
        char when[CLI_WHEN_TEXT];

        if (is_open_only && strcmp(state, "open") != 0)
            continue;
        cli_table_cell(table, "%s",
                       cli_when_local(cli_json_text(alert, "at"), when));
        cli_table_cell(table, "%s", cli_json_text(alert, "severity"));
        cli_table_cell(table, "%s", state);
        cli_table_cell(table, "%s", cli_json_text(alert, "topic"));
        cli_table_cell(table, "%s", cli_json_text(alert, "text"));
    }
    cli_table_finish(table);
    cli_table_free(table);
}

enum cli_exit
cmd_alerts(struct cli *cli, const struct cli_args *args)
{
    struct cli_path path;
    json_t *json;

    cli_path_init(&path, "/v1/alerts");

    enum cli_exit result = cli_call_get(cli, &path, &json);

    if (result != CLI_DONE)
        return result;
    if (cli->is_json)
        cli_json_print(cli->out, json);
    else
        print_alerts(cli, cli_json_at(json, "alerts"),
                     args->values[CLI_OPT_OPEN] != NULL);
    json_decref(json);
    return CLI_DONE;
}
