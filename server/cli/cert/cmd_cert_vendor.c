/* SPDX-License-Identifier: MIT */

#include "cli_material.h"
#include "server/cli/cmd.h"
#include "server/cli/lib/cli_call.h"
#include "server/cli/lib/cli_file.h"
#include "server/cli/lib/cli_json.h"
#include "server/cli/lib/cli_show.h"
#include "server/cli/term/cli_ask.h"
#include "server/cli/term/cli_say.h"

#define PATH "/v1/pushcerts/vendor"

static void
print_vendor(struct cli *cli, const json_t *vendor)
{
    static const struct cli_show_field fields[] = {
        {"subject", "subject", CLI_SHOW_TEXT, NULL, NULL},
        {"issuer", "issuer", CLI_SHOW_TEXT, NULL, NULL},
        {"serial number", "serial_number", CLI_SHOW_TEXT, NULL, NULL},
        {"valid until", "not_after", CLI_SHOW_WHEN, NULL, NULL},
        {"SHA-256", "sha256", CLI_SHOW_TEXT, NULL, NULL},
    };
    const json_t *warning;
    size_t i;

    cli_show_lines(cli->out, vendor, fields, CLI_SHOW_N(fields));
    json_array_foreach(cli_json_at(vendor, "warnings"), i, warning)
    {
        if (json_is_string(warning))
            cli_say_note(cli, "warning: %s", json_string_value(warning));
    }
}

static enum cli_exit
put(struct cli *cli, const struct cli_material *material)
{
    struct cli_path path;
    struct cli_answer answer;
    size_t len;
    char *body = cli_material_body(material, &len);
    struct cli_request request = {
        .method = "PUT",
        .path = &path,
        .content_type = "application/json",
        .body = body,
        .body_len = len,
    };

    cli_path_init(&path, PATH);

    enum cli_exit result = cli_call_run(cli, &request, &answer);

    cli_file_free(body, len);
    if (result == CLI_DONE && answer.json != NULL)
        cli_show_answer(cli, answer.json, print_vendor);
    cli_call_answer_fini(&answer);
    return result;
}

enum cli_exit
cmd_cert_vendor_put(struct cli *cli, const struct cli_args *args)
{
    struct cli_material material;
    struct certlife_check *check = NULL;
    enum cli_exit result =
        cli_material_read(cli, args->words, args->n_words,
                          args->values[CLI_OPT_PASSWORD_FILE], &material);

    if (result == CLI_DONE)
        result = cli_material_check(cli, &material, &check);
    certlife_check_free(check);
    if (result == CLI_DONE)
        result = put(cli, &material);
    cli_material_fini(&material);
    return result;
}

enum cli_exit
cmd_cert_vendor_show(struct cli *cli, const struct cli_args *args)
{
    struct cli_path path;

    (void)args;
    cli_path_init(&path, PATH);
    return cli_show_get(cli, &path, print_vendor);
}

enum cli_exit
cmd_cert_vendor_remove(struct cli *cli, const struct cli_args *args)
{
    struct cli_path path;

    enum cli_exit result =
        cli_ask_sure(cli, args->values[CLI_OPT_YES] != NULL, "nothing removed",
                     "Delete the vendor certificate and its key?");

    if (result != CLI_DONE)
        return result;
    cli_path_init(&path, PATH);
    result = cli_call_send(cli, "DELETE", &path, NULL, NULL);
    if (result == CLI_DONE && !cli->is_json)
        fprintf(cli->out, "removed the vendor certificate and its key\n");
    return result;
}
