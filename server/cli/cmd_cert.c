/* SPDX-License-Identifier: MIT */

#include <inttypes.h>

#include "cli_call.h"
#include "cli_json.h"
#include "cli_table.h"
#include "cli_when.h"
#include "cmd.h"

static void
print_test(FILE *out, const json_t *cert)
{
    char when[CLI_WHEN_TEXT];

    if (!json_is_object(cli_json_at(cert, "last_test")))
        return;
    cli_table_pair(out, "last test", "%s %s: %s",
                   cli_when_local(cli_json_text(cert, "last_test.at"), when),
                   cli_json_is_true(cert, "last_test.ok") ? "ok" : "FAILED",
                   cli_json_text(cert, "last_test.text"));
}

static void
print_cert(FILE *out, const json_t *cert)
{
    char when[CLI_WHEN_TEXT];

    cli_table_pair(out, "topic", "%s", cli_json_text(cert, "topic"));
    if (cli_json_text(cert, "life")[0] != '\0')
        cli_table_pair(out, "life", "%s", cli_json_text(cert, "life"));
    cli_table_pair(out, "state", "%s%s%s", cli_json_text(cert, "state"),
                   cli_json_text(cert, "why")[0] != '\0' ? ": " : "",
                   cli_json_text(cert, "why"));
    if (cli_json_text(cert, "next_try")[0] != '\0')
        cli_table_pair(out, "next try", "%s",
                       cli_when_local(cli_json_text(cert, "next_try"), when));
    print_test(out, cert);
    if (json_is_object(cli_json_at(cert, "alert")))
        cli_table_pair(out, "alert", "%s: %s",
                       cli_when_local(cli_json_text(cert, "alert.at"), when),
                       cli_json_text(cert, "alert.text"));
    cli_table_pair(out, "days left", "%" PRId64,
                   cli_json_number(cert, "days_left"));
    cli_table_pair(out, "valid from", "%s",
                   cli_when_local(cli_json_text(cert, "not_before"), when));
    cli_table_pair(out, "valid until", "%s",
                   cli_when_local(cli_json_text(cert, "not_after"), when));
    cli_table_pair(out, "subject", "%s", cli_json_text(cert, "subject"));
    cli_table_pair(out, "issuer", "%s", cli_json_text(cert, "issuer"));
    cli_table_pair(out, "serial number", "%s",
                   cli_json_text(cert, "serial_number"));
    cli_table_pair(out, "SHA-256", "%s", cli_json_text(cert, "sha256"));
    cli_table_pair(out, "SHA-1", "%s", cli_json_text(cert, "sha1"));
    cli_table_pair(out, "Apple account", "%s",
                   cli_json_text(cert, "apple_account"));
    cli_table_pair(out, "note", "%s", cli_json_text(cert, "note"));
    cli_table_pair(out, "imported", "%s%s%s",
                   cli_when_local(cli_json_text(cert, "imported_at"), when),
                   cli_json_text(cert, "imported_by")[0] != '\0' ? " by " : "",
                   cli_json_text(cert, "imported_by"));
    cli_table_pair(out, "connections", "%" PRId64,
                   cli_json_number(cert, "connections"));
    cli_table_pair(out, "in flight", "%" PRId64,
                   cli_json_number(cert, "in_flight"));
    cli_table_pair(out, "enrollments", "%" PRId64,
                   cli_json_number(cert, "enrollments"));
}

static void
print_certs(struct cli *cli, const json_t *certs)
{
    static const char *const titles[] = {
        "TOPIC", "LIFE", "STATE", ">DAYS LEFT", ">ENROLLMENTS", "APPLE ACCOUNT",
    };
    struct cli_table *table =
        cli_table_new(cli->out, cli->out_width, titles, 6);
    size_t i;
    json_t *cert;

    json_array_foreach(certs, i, cert)
    {
        cli_table_cell(table, "%s", cli_json_text(cert, "topic"));
        cli_table_cell(table, "%s", cli_json_text(cert, "life"));
        cli_table_cell(table, "%s", cli_json_text(cert, "state"));
        cli_table_cell(table, "%" PRId64, cli_json_number(cert, "days_left"));
        cli_table_cell(table, "%" PRId64, cli_json_number(cert, "enrollments"));
        cli_table_cell(table, "%s", cli_json_text(cert, "apple_account"));
    }
    cli_table_finish(table);
    cli_table_free(table);
}

enum cli_exit
cmd_cert_list(struct cli *cli, const struct cli_args *args)
{
    struct cli_path path;
    json_t *json;

    (void)args;
    cli_path_init(&path, "/v1/pushcerts");

    enum cli_exit result = cli_call_get(cli, &path, &json);

    if (result != CLI_DONE)
        return result;
    if (cli->is_json)
        cli_json_print(cli->out, json);
    else
        print_certs(cli, json_is_array(json) ? json
                                             : cli_json_at(json, "pushcerts"));
    json_decref(json);
    return CLI_DONE;
}

enum cli_exit
cmd_cert_show(struct cli *cli, const struct cli_args *args)
{
    struct cli_path path;
    json_t *json;

    cli_path_init(&path, "/v1/pushcerts");
    cli_path_add(&path, args->words[0]);

    enum cli_exit result = cli_call_get(cli, &path, &json);

    if (result != CLI_DONE)
        return result;
    if (cli->is_json)
        cli_json_print(cli->out, json);
    else
        print_cert(cli->out, json);
    json_decref(json);
    return CLI_DONE;
}
