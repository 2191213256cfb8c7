/* SPDX-License-Identifier: MIT */

#include <string.h>

#include "cli_cert.h"
#include "server/cli/cmd.h"
#include "server/cli/lib/cli_call.h"
#include "server/cli/lib/cli_json.h"
#include "server/cli/lib/cli_show.h"
#include "server/cli/term/cli_ask.h"
#include "server/cli/term/cli_say.h"

/* The day is enough for a table. */
static void
print_history(struct cli *cli, const json_t *json)
{
    static const struct cli_show_field fields[] = {
        {"IMPORTED", "imported_at", CLI_SHOW_DAY, NULL, NULL},
        {"BY", "imported_by", CLI_SHOW_TEXT, NULL, NULL},
        {"SERIAL NUMBER", "serial_number", CLI_SHOW_TEXT, NULL, NULL},
        {"VALID UNTIL", "not_after", CLI_SHOW_DAY, NULL, NULL},
        {"ACCOUNT", "apple_account", CLI_SHOW_TEXT, NULL, NULL},
        {"LEFT", "retired_at", CLI_SHOW_DAY, NULL, NULL},
        {"WHY", "retired_why", CLI_SHOW_TEXT, NULL, NULL},
    };

    cli_show_table(cli, cli_json_at(json, "history"), fields,
                   CLI_SHOW_N(fields));
}

enum cli_exit
cmd_cert_history(struct cli *cli, const struct cli_args *args)
{
    struct cli_path path;
    json_t *cert = NULL;
    const char *topic = args->n_words > 0 ? args->words[0] : NULL;
    enum cli_exit result = CLI_DONE;

    if (topic == NULL && (result = cli_cert_get(cli, NULL, &cert)) != CLI_DONE)
        return result;
    cli_path_init(&path, "/v1/pushcerts");
    cli_path_add(&path, topic != NULL ? topic : cli_json_text(cert, "topic"));
    cli_path_add(&path, "history");
    json_decref(cert);
    return cli_show_get(cli, &path, print_history);
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
        return cli_say_misuse(cli, "--note must be UTF-8");
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

    enum cli_exit result =
        cli_ask_sure(cli, args->values[CLI_OPT_YES] != NULL, "nothing changed",
                     "Restore the previous certificate of %s?", topic);

    return result == CLI_DONE
               ? post_revert(cli, topic, args->values[CLI_OPT_NOTE])
               : result;
}
