/* SPDX-License-Identifier: MIT */

#include <string.h>

#include "cli_cert.h"
#include "server/cli/cmd.h"
#include "server/cli/lib/cli_call.h"
#include "server/cli/lib/cli_json.h"
#include "server/cli/term/cli_ask.h"
#include "server/cli/term/cli_say.h"
#include "server/cli/term/cli_table.h"
#include "server/cli/term/cli_when.h"

/* The day is enough for a table: "2026-11-22". */
static const char *
day_of(const json_t *item, const char *name, char *when)
{
    cli_when_local(cli_json_text(item, name), when);
    when[strcspn(when, " ")] = '\0';
    return when;
}

static void
print_history(struct cli *cli, const json_t *history)
{
    static const char *const titles[] = {
        "IMPORTED", "BY",   "SERIAL NUMBER", "VALID UNTIL",
        "ACCOUNT",  "LEFT", "WHY",
    };
    struct cli_table *table = cli_table_new(cli, titles, 7);
    const json_t *item;
    size_t i;

    json_array_foreach(history, i, item)
    {
        char when[CLI_WHEN_TEXT];

        cli_table_cell(table, "%s", day_of(item, "imported_at", when));
        cli_table_cell(table, "%s", cli_json_text(item, "imported_by"));
        cli_table_cell(table, "%s", cli_json_text(item, "serial_number"));
        cli_table_cell(table, "%s", day_of(item, "not_after", when));
        cli_table_cell(table, "%s", cli_json_text(item, "apple_account"));
        cli_table_cell(table, "%s", day_of(item, "retired_at", when));
        cli_table_cell(table, "%s", cli_json_text(item, "retired_why"));
    }
    cli_table_finish(table);
    cli_table_free(table);
}

enum cli_exit
cmd_cert_history(struct cli *cli, const struct cli_args *args)
{
    struct cli_path path;
    json_t *cert = NULL;
    json_t *json;
    const char *topic = args->n_words > 0 ? args->words[0] : NULL;
    enum cli_exit result = CLI_DONE;

    if (topic == NULL && (result = cli_cert_get(cli, NULL, &cert)) != CLI_DONE)
        return result;
    cli_path_init(&path, "/v1/pushcerts");
    cli_path_add(&path, topic != NULL ? topic : cli_json_text(cert, "topic"));
    cli_path_add(&path, "history");
    json_decref(cert);
    if ((result = cli_call_get(cli, &path, &json)) != CLI_DONE)
        return result;
    if (cli->is_json)
        cli_json_print(cli, json);
    else
        print_history(cli, cli_json_at(json, "history"));
    json_decref(json);
    return CLI_DONE;
}

/* The test that follows may take its time. */
static enum cli_exit
post_revert(struct cli *cli, const char *topic, const char *note)
{
    json_t *json =
        note != NULL ? json_pack("{s:s}", "note", note) : json_object();
    char *body = json_dumps(json, JSON_COMPACT);
    struct cli_path path;
    struct cli_request request = {
        .method = "POST",
        .path = &path,
        .content_type = "application/json",
        .body = body,
        .body_len = body != NULL ? strlen(body) : 0,
        .wait_s = CLI_CERT_TEST_S,
        .is_quiet_409 = true,
    };
    struct cli_answer answer;

    json_decref(json);
    if (body == NULL)
        return cli_say_misuse(cli, "--note is UTF-8");
    cli_path_init(&path, "/v1/pushcerts");
    cli_path_add(&path, topic);
    cli_path_add(&path, "revert");

    enum cli_exit result = cli_call_run(cli, &request, &answer);

    free(body);
    if (result == CLI_REFUSED)
        cli_cert_refused(cli, answer.json, false);
    if (result == CLI_DONE)
        result = cli_cert_print_import(cli, answer.json, "put back");
    cli_call_answer_fini(&answer);
    return result;
}

enum cli_exit
cmd_cert_revert(struct cli *cli, const struct cli_args *args)
{
    const char *topic = args->values[CLI_OPT_TOPIC];

    if (topic == NULL)
        return cli_say_misuse(cli, "--topic is needed");
    if (args->values[CLI_OPT_YES] == NULL) {
        if (!cli->is_asking)
            return cli_say_refused(cli, "nothing changed: give --yes where "
                                        "nobody can be asked");
        if (!cli_ask_yes(cli,
                         "Put the previous certificate of %s back into use?",
                         topic))
            return cli_say_refused(cli, "nothing changed");
    }
    return post_revert(cli, topic, args->values[CLI_OPT_NOTE]);
}
