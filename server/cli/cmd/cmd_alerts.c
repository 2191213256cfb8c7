/* SPDX-License-Identifier: MIT */

#include <string.h>

#include "server/cli/cmd.h"
#include "server/cli/lib/cli_json.h"
#include "server/cli/lib/cli_show.h"
#include "server/cli/term/cli_say.h"
#include "server/cli/term/cli_style.h"
#include "server/cli/term/cli_when.h"

#define MAX_ALERTS 10000 /* as many as the server keeps, and gives at once */

/* A paragraph: when and what about in its first line, the text below. */
static void
print_alert(struct cli *cli, const json_t *alert)
{
    bool is_open = strcmp(cli_json_text(alert, "state"), "open") == 0;
    bool is_critical =
        strcmp(cli_json_text(alert, "severity"), "critical") == 0;
    enum cli_style style = is_critical ? CLI_STYLE_BAD : CLI_STYLE_WARN;
    const char *topic = cli_json_text(alert, "topic");
    char when[CLI_WHEN_TEXT];
    char ended[CLI_WHEN_TEXT];

    cli_when_local(cli_json_text(alert, "at"), when);
    cli_when_local(cli_json_text(alert, "ended_at"), ended);
    if (is_open)
        cli_say_after(cli, cli->out, style, "", "ALERT %s, since %s",
                      cli_json_text(alert, "severity"), when);
    else
        fprintf(cli->out, "%sended %s: %s, since %s\n",
                cli_style_on(cli, cli->out, CLI_STYLE_PAST), ended,
                cli_json_text(alert, "severity"), when);
    if (topic[0] != '\0')
        cli_say_after(cli, cli->out, CLI_STYLE_PLAIN, "", "  %s", topic);
    cli_say_after(cli, cli->out, CLI_STYLE_PLAIN, cli_json_text(alert, "text"),
                  "  ");
    if (!is_open)
        fputs(cli_style_off(cli, cli->out, CLI_STYLE_PAST), cli->out);
}

static void
print_alerts(struct cli *cli, const json_t *json, const char *none)
{
    const json_t *alerts = cli_json_at(json, "alerts");
    const json_t *alert;
    size_t i;

    if (json_array_size(alerts) == 0)
        fprintf(cli->out, "%s\n", none);
    json_array_foreach(alerts, i, alert)
    {
        if (i > 0)
            fputc('\n', cli->out);
        print_alert(cli, alert);
    }
}

static void
print_all(struct cli *cli, const json_t *json)
{
    print_alerts(cli, json, "no alerts");
}

static void
print_open(struct cli *cli, const json_t *json)
{
    print_alerts(cli, json, "no open alerts");
}

enum cli_exit
cmd_alerts(struct cli *cli, const struct cli_args *args)
{
    bool is_all = args->values[CLI_OPT_ALL] != NULL;
    struct cli_path path;

    if (is_all && args->values[CLI_OPT_OPEN] != NULL)
        return cli_say_misuse(cli, "give --all or --open, not both");
    cli_path_init(&path, "/v1/alerts");
    cli_path_query(&path, "open", is_all ? NULL : "1");
    cli_path_query_number(&path, "limit", MAX_ALERTS);
    return cli_show_get(cli, &path, is_all ? print_all : print_open);
}
