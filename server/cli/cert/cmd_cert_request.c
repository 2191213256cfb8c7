/* SPDX-License-Identifier: MIT */

#include <string.h>

#include "server/cli/cmd.h"
#include "server/cli/lib/cli_call.h"
#include "server/cli/lib/cli_file.h"
#include "server/cli/lib/cli_json.h"
#include "server/cli/lib/cli_request.h"
#include "server/cli/lib/cli_show.h"
#include "server/cli/term/cli_ask.h"
#include "server/cli/term/cli_say.h"

enum cli_exit
cmd_cert_request(struct cli *cli, const struct cli_args *args)
{
    bool is_new = args->values[CLI_OPT_NEW] != NULL;
    const char *topic = args->values[CLI_OPT_TOPIC];
    struct cli_request_wish wish = {
        .topic = topic,
        .name = args->values[CLI_OPT_NAME],
        .common_name = args->values[CLI_OPT_COMMON_NAME],
        .country = args->values[CLI_OPT_COUNTRY],
        .email = args->values[CLI_OPT_EMAIL],
        .is_signing = args->values[CLI_OPT_SIGN] != NULL,
    };
    const char *file = args->values[CLI_OPT_OUTPUT];
    json_t *request;

    if (is_new == (topic != NULL))
        return cli_say_misuse(cli, "give --topic T to renew a topic, or --new "
                                   "for one that does not exist yet");
    if (file != NULL && !cli_file_is_free(cli, file))
        return CLI_FAILED;

    cli_request_hint(cli, topic);

    enum cli_exit result = cli_request_make(cli, &wish, &request);

    if (result != CLI_DONE)
        return result;
    if (cli->is_json)
        cli_json_print(cli, request);
    if (file != NULL || !cli->is_json)
        result = cli_request_write(cli, request, file);
    if (result == CLI_DONE && !cli->is_json)
        cli_request_print_next(cli, request, file);
    json_decref(request);
    return result;
}

static void
write_signed(struct cli_table *table, const json_t *request)
{
    cli_table_cell(table, "%s",
                   json_is_string(cli_json_at(request, "upload")) ? "yes"
                                                                  : "no");
}

static void
print_requests(struct cli *cli, const json_t *json)
{
    static const struct cli_show_field fields[] = {
        {"NAME", "name", CLI_SHOW_TEXT, NULL, NULL},
        {"<TOPIC", "topic", CLI_SHOW_TEXT, "(new)", NULL},
        {"CREATED", "created_at", CLI_SHOW_WHEN, NULL, NULL},
        {.title = "SIGNED", .write = write_signed},
    };

    cli_show_table(cli, cli_json_at(json, "requests"), fields,
                   CLI_SHOW_N(fields));
}

enum cli_exit
cmd_cert_requests(struct cli *cli, const struct cli_args *args)
{
    struct cli_path path;

    (void)args;
    cli_path_init(&path, "/v1/pushcerts/requests");
    return cli_show_get(cli, &path, print_requests);
}

/* The key goes with it: a certificate that Apple made for it is lost. */
enum cli_exit
cmd_cert_requests_remove(struct cli *cli, const struct cli_args *args)
{
    const char *name = args->words[0];
    struct cli_path path;

    enum cli_exit result =
        cli_ask_sure(cli, args->values[CLI_OPT_YES] != NULL, "nothing removed",
                     "Delete the request %s with its key? A certificate that "
                     "Apple made for it can no longer be used.",
                     name);

    if (result != CLI_DONE)
        return result;
    cli_path_init(&path, "/v1/pushcerts/requests");
    cli_path_add(&path, name);
    result = cli_call_send(cli, "DELETE", &path, NULL, NULL);
    if (result == CLI_DONE && !cli->is_json)
        fprintf(cli->out, "removed %s\n", name);
    return result;
}
