/* SPDX-License-Identifier: MIT */

#include <string.h>

#include "server/cli/cmd.h"
#include "server/cli/lib/cli_call.h"
#include "server/cli/lib/cli_file.h"
#include "server/cli/lib/cli_json.h"
#include "server/cli/lib/cli_request.h"
#include "server/cli/term/cli_ask.h"
#include "server/cli/term/cli_say.h"
#include "server/cli/term/cli_table.h"
#include "server/cli/term/cli_when.h"

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
print_requests(struct cli *cli, const json_t *requests)
{
    static const char *const titles[] = {"NAME", "<TOPIC", "CREATED", "SIGNED"};
    struct cli_table *table = cli_table_new(cli, titles, 4);
    const json_t *request;
    size_t i;

    json_array_foreach(requests, i, request)
    {
        const char *topic = cli_json_text(request, "topic");
        char when[CLI_WHEN_TEXT];

        cli_table_cell(table, "%s", cli_json_text(request, "name"));
        cli_table_cell(table, "%s", topic[0] != '\0' ? topic : "(new)");
        cli_table_cell(
            table, "%s",
            cli_when_local(cli_json_text(request, "created_at"), when));
        cli_table_cell(table, "%s",
                       json_is_string(cli_json_at(request, "upload")) ? "yes"
                                                                      : "no");
    }
    cli_table_finish(table);
    cli_table_free(table);
}

enum cli_exit
cmd_cert_requests(struct cli *cli, const struct cli_args *args)
{
    struct cli_path path;
    json_t *json;

    (void)args;
    cli_path_init(&path, "/v1/pushcerts/requests");

    enum cli_exit result = cli_call_get(cli, &path, &json);

    if (result != CLI_DONE)
        return result;
    if (cli->is_json)
        cli_json_print(cli, json);
    else
        print_requests(cli, cli_json_at(json, "requests"));
    json_decref(json);
    return CLI_DONE;
}

/* The key goes with it: a certificate that Apple made for it is lost. */
enum cli_exit
cmd_cert_requests_remove(struct cli *cli, const struct cli_args *args)
{
    const char *name = args->words[0];
    struct cli_path path;

    if (args->values[CLI_OPT_YES] == NULL) {
        if (!cli->is_asking)
            return cli_say_refused(cli, "nothing removed: give --yes where "
                                        "nobody can be asked");
        if (!cli_ask_yes(cli,
                         "Delete the request %s with its key? A certificate "
                         "that Apple made for it can no longer be used.",
                         name))
            return cli_say_refused(cli, "nothing removed");
    }
    cli_path_init(&path, "/v1/pushcerts/requests");
    cli_path_add(&path, name);

    enum cli_exit result = cli_call_send(cli, "DELETE", &path, NULL, NULL);

    if (result == CLI_DONE && !cli->is_json)
        fprintf(cli->out, "removed %s\n", name);
    return result;
}
