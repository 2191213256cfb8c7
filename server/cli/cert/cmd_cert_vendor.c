/* SPDX-License-Identifier: MIT */

#include <inttypes.h>

#include "cli_material.h"
#include "server/cli/cmd.h"
#include "server/cli/lib/cli_call.h"
#include "server/cli/lib/cli_file.h"
#include "server/cli/lib/cli_json.h"
#include "server/cli/term/cli_ask.h"
#include "server/cli/term/cli_say.h"
#include "server/cli/term/cli_table.h"
#include "server/cli/term/cli_when.h"

#define PATH "/v1/pushcerts/vendor"

static void
print_vendor(struct cli *cli, const json_t *vendor)
{
    char when[CLI_WHEN_TEXT];
    const json_t *warning;
    size_t i;

    if (cli->is_json) {
        cli_json_print(cli, vendor);
        return;
    }
    cli_table_pair(cli->out, "subject", "%s", cli_json_text(vendor, "subject"));
    cli_table_pair(cli->out, "issuer", "%s", cli_json_text(vendor, "issuer"));
    cli_table_pair(cli->out, "serial number", "%s",
                   cli_json_text(vendor, "serial_number"));
    cli_table_pair(cli->out, "valid until", "%s",
                   cli_when_local(cli_json_text(vendor, "not_after"), when));
    cli_table_pair(cli->out, "SHA-256", "%s", cli_json_text(vendor, "sha256"));
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
        print_vendor(cli, answer.json);
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
    json_t *json;

    (void)args;
    cli_path_init(&path, PATH);

    enum cli_exit result = cli_call_get(cli, &path, &json);

    if (result != CLI_DONE)
        return result;
    print_vendor(cli, json);
    json_decref(json);
    return CLI_DONE;
}

enum cli_exit
cmd_cert_vendor_remove(struct cli *cli, const struct cli_args *args)
{
    struct cli_path path;

    if (args->values[CLI_OPT_YES] == NULL) {
        if (!cli->is_asking)
            return cli_say_refused(cli, "nothing removed: give --yes where "
                                        "nobody can be asked");
        if (!cli_ask_yes(cli, "Forget the vendor certificate and its key?"))
            return cli_say_refused(cli, "nothing removed");
    }
    cli_path_init(&path, PATH);

    enum cli_exit result = cli_call_send(cli, "DELETE", &path, NULL, NULL);

    if (result == CLI_DONE && !cli->is_json)
        fprintf(cli->out, "removed the vendor certificate and its key\n");
    return result;
}
