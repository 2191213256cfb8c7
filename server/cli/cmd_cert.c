/* SPDX-License-Identifier: MIT */

#include <inttypes.h>
#include <openssl/crypto.h>
#include <string.h>

#include "cli_call.h"
#include "cli_file.h"
#include "cli_json.h"
#include "cli_say.h"
#include "cli_table.h"
#include "cli_when.h"
#include "cmd.h"

/* The files one after the other, a newline between them. */
static enum cli_exit
read_pem(struct cli *cli, const struct cli_args *args, char **pem, size_t *len)
{
    size_t size = args->n_words * (CLI_MAX_PEM + 1);

    *len = 0;
    *pem = malloc(size);
    must(*pem != NULL);
    for (size_t i = 0; i < args->n_words; i++) {
        char *bytes;
        size_t n;
        enum cli_exit result =
            cli_file_read(cli, args->words[i], CLI_MAX_PEM, &bytes, &n);

        if (result != CLI_DONE)
            return result;
        memcpy(*pem + *len, bytes, n);
        *len += n;
        (*pem)[(*len)++] = '\n';
        cli_file_free(bytes, n);
    }
    return CLI_DONE;
}

static void
print_cert(FILE *out, const json_t *cert)
{
    char when[CLI_WHEN_TEXT];

    cli_table_pair(out, "topic", "%s", cli_json_text(cert, "topic"));
    cli_table_pair(out, "state", "%s%s%s", cli_json_text(cert, "state"),
                   cli_json_text(cert, "why")[0] != '\0' ? ": " : "",
                   cli_json_text(cert, "why"));
    if (cli_json_text(cert, "next_try")[0] != '\0')
        cli_table_pair(out, "next try", "%s",
                       cli_when_local(cli_json_text(cert, "next_try"), when));
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
print_imported(struct cli *cli, const json_t *cert)
{
    char when[CLI_WHEN_TEXT];

    if (cli->is_json) {
        cli_json_print(cli->out, cert);
        return;
    }
    fprintf(cli->out, "imported %s\n", cli_json_text(cert, "topic"));
    fprintf(cli->out, "valid until %s: %" PRId64 " days left\n",
            cli_when_local(cli_json_text(cert, "not_after"), when),
            cli_json_number(cert, "days_left"));
}

enum cli_exit
cmd_cert_import(struct cli *cli, const struct cli_args *args)
{
    struct cli_path path;
    struct cli_answer answer = {0};
    char *pem;
    size_t len;
    enum cli_exit result = read_pem(cli, args, &pem, &len);

    if (result == CLI_DONE) {
        struct cli_request request = {
            .method = "PUT",
            .path = &path,
            .content_type = "application/x-pem-file",
            .body = pem,
            .body_len = len,
        };

        cli_path_init(&path, "/v1/pushcerts");
        cli_path_query(&path, "apple_account",
                       args->values[CLI_OPT_APPLE_ACCOUNT]);
        cli_path_query(&path, "note", args->values[CLI_OPT_NOTE]);
        result = cli_call_run(cli, &request, &answer);
    }
    if (result == CLI_DONE)
        print_imported(cli, answer.json);
    cli_call_answer_fini(&answer);
    cli_file_free(pem, len);
    return result;
}

static void
print_certs(struct cli *cli, const json_t *certs)
{
    static const char *const titles[] = {
        "TOPIC", "STATE", ">DAYS LEFT", ">ENROLLMENTS", "APPLE ACCOUNT",
    };
    struct cli_table *table =
        cli_table_new(cli->out, cli->out_width, titles, 5);
    size_t i;
    json_t *cert;

    json_array_foreach(certs, i, cert)
    {
        cli_table_cell(table, "%s", cli_json_text(cert, "topic"));
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
