/* SPDX-License-Identifier: MIT */

#include "cli_cert.h"

#include <inttypes.h>
#include <string.h>

#include "server/cli/lib/cli_file.h"
#include "server/cli/lib/cli_json.h"
#include "server/cli/term/cli_ask.h"
#include "server/cli/term/cli_say.h"
#include "server/cli/term/cli_table.h"
#include "server/cli/term/cli_when.h"

/* Unless the reason names it. */
static void
print_member(FILE *err, const char *reason, const char *name, const char *value)
{
    if (value[0] != '\0' && strstr(reason, value) == NULL)
        cli_table_pair(err, name, "%s", value);
}

/* What APNs made of it, when it was tried. */
static void
print_trial(struct cli *cli, FILE *err, const json_t *test)
{
    cli_say_prose(cli, err, cli_json_text(test, "explanation"));
    cli_say_prose(cli, err, cli_json_text(test, "what_to_do"));
}

/* "refused, and nothing changed:", with the code for those who look it up. */
static void
say_refused(struct cli *cli, const char *code)
{
    if (cli->is_verbose)
        cli_say_refused(cli, "refused (%s), and nothing changed:", code);
    else
        cli_say_refused(cli, "refused, and nothing changed:");
}

enum cli_exit
cli_cert_refused(struct cli *cli, const json_t *json, bool is_shown)
{
    const char *text = cli_json_text(json, "error");
    const char *code = cli_json_text(json, "code");
    FILE *err = cli->err;

    if (cli->is_json)
        cli_json_print(cli, json);
    fflush(cli->out);
    if (!is_shown)
        cli_say_text(err, cli_json_text(json, "comparison.text"));
    say_refused(cli, code);
    cli_say_prose(cli, err, text[0] != '\0' ? text : "roused gave no reason");
    print_member(err, text, "current topic",
                 cli_json_text(json, "current_topic"));
    print_member(err, text, "new topic", cli_json_text(json, "new_topic"));
    print_trial(cli, err, cli_json_at(json, "test"));
    return CLI_REFUSED;
}

bool
cli_cert_is_expired(const json_t *cert)
{
    return strcmp(cli_json_text(cert, "life"), "expired") == 0 ||
           cli_json_number(cert, "days_left") < 0;
}

/* What a certificate suffers from comes before what its connections do. */
static void
state_cell(struct cli_table *table, const json_t *cert)
{
    const char *life = cli_json_text(cert, "life");
    const char *state = cli_json_text(cert, "state");
    bool is_active = life[0] == '\0' || strcmp(life, "active") == 0;
    enum cli_style style = CLI_STYLE_PLAIN;

    if (is_active && strcmp(state, "stopped") == 0)
        style = CLI_STYLE_BAD;
    else if (!is_active)
        style =
            strcmp(life, "expiring") == 0 || strcmp(life, "test_failed") == 0
                ? CLI_STYLE_WARN
                : CLI_STYLE_BAD;
    cli_table_cell_in(table, style, "%s", is_active ? state : life);
}

void
cli_cert_cells(struct cli_table *table, const json_t *cert)
{
    if (cert == NULL) {
        cli_table_cell_in(table, CLI_STYLE_BAD, "missing");
        cli_table_cell(table, "-");
        return;
    }
    state_cell(table, cert);
    if (cli_cert_is_expired(cert))
        cli_table_cell(table, "-");
    else
        cli_table_cell(table, "%" PRId64, cli_json_number(cert, "days_left"));
}

enum cli_exit
cli_cert_print_test(struct cli *cli, const char *name, const json_t *test)
{
    bool is_ok = cli_json_is_true(test, "ok");
    const char *reason = cli_json_text(test, "reason");
    const char *advice = cli_json_text(test, "what_to_do");
    enum cli_style style = is_ok ? CLI_STYLE_GOOD : CLI_STYLE_BAD;

    fprintf(
        cli->out, "%s %s%s%s%s%s%s, after %" PRId64 " ms\n", name,
        cli_style_on(cli, cli->out, style), is_ok ? "works" : "DOES NOT WORK",
        cli_style_off(cli, cli->out, style), reason[0] != '\0' ? " (" : "",
        reason, reason[0] != '\0' ? ")" : "", cli_json_number(test, "took_ms"));
    cli_say_prose(cli, cli->out, cli_json_text(test, "explanation"));
    if (!is_ok)
        cli_say_prose(cli, cli->out, advice);
    return is_ok ? CLI_DONE : CLI_FAILED;
}

enum cli_exit
cli_cert_print_wake(struct cli *cli, const json_t *wake, uint32_t wait_s)
{
    const char *verdict = cli_json_text(wake, "verdict");
    const char *id = cli_json_text(wake, "id");
    double took_s = (double)cli_json_number(wake, "took_ms") / 1000;
    bool is_seen = cli_json_is_true(wake, "seen");

    if (is_seen)
        fprintf(cli->out, "%s checked in, %.1f s after it was woken\n", id,
                took_s);
    else if (strcmp(verdict, "not_seen") == 0)
        fprintf(cli->out,
                "%s was NOT SEEN within %" PRIu32 " s; APNs accepted its "
                "push\n",
                id, wait_s);
    else
        fprintf(cli->out, "%s was NOT WOKEN: %s (%" PRId64 " %s)\n", id,
                verdict, cli_json_number(wake, "status"),
                cli_json_text(wake, "reason"));
    cli_say_prose(cli, cli->out, cli_json_text(wake, "explanation"));
    if (!is_seen)
        cli_say_prose(cli, cli->out, cli_json_text(wake, "what_to_do"));
    return is_seen ? CLI_DONE : CLI_FAILED;
}

enum cli_exit
cli_cert_print_import(struct cli *cli, const json_t *answer, const char *verb)
{
    /* a server that answers with the certificate alone is understood too */
    const json_t *cert = cli_json_at(answer, "pushcert");
    const json_t *test = cli_json_at(answer, "test");
    bool is_tested = json_is_object(test);
    char when[CLI_WHEN_TEXT];

    if (cert == NULL)
        cert = answer;
    if (cli->is_json) {
        cli_json_print(cli, answer);
        return is_tested && !cli_json_is_true(test, "ok") ? CLI_FAILED
                                                          : CLI_DONE;
    }
    fprintf(cli->out, "%s %s\n",
            strcmp(cli_json_text(answer, "verdict"), "same_certificate") == 0
                ? "in use already:"
                : verb,
            cli_json_text(cert, "topic"));
    fprintf(cli->out, "valid until %s: %" PRId64 " days left\n",
            cli_when_local(cli_json_text(cert, "not_after"), when),
            cli_json_number(cert, "days_left"));
    if (!is_tested)
        return CLI_DONE;
    return cli_cert_print_test(cli, "tested with APNs: it", test);
}

static void
make_path(struct cli_path *path, const struct cli_cert_import *import,
          bool is_dry)
{
    cli_path_init(path, "/v1/pushcerts");
    cli_path_query(path, "apple_account", import->apple_account);
    cli_path_query(path, "note", import->note);
    cli_path_query(path, "renew", import->renew);
    cli_path_query(path, "add", import->is_adding ? "1" : NULL);
    cli_path_query(path, "replace_topic", import->replace_topic);
    cli_path_query(path, "confirm", import->confirm);
    cli_path_query(path, "test", import->is_untested ? "0" : NULL);
    cli_path_query(path, "dry_run", is_dry ? "1" : NULL);
}

/* What would happen, or what was done, by ${is_dry}. */
static enum cli_exit
put(struct cli *cli, const struct cli_cert_import *import, bool is_dry,
    struct cli_answer *answer)
{
    struct cli_path path;
    size_t len;
    char *body = cli_material_body(import->material, &len);
    struct cli_request request = {
        .method = "PUT",
        .path = &path,
        .content_type = "application/json",
        .body = body,
        .body_len = len,
        .wait_s = CLI_CERT_TEST_S,
        .is_quiet_409 = true,
    };

    make_path(&path, import, is_dry);

    enum cli_exit result = cli_call_run(cli, &request, answer);

    cli_file_free(body, len);
    if (result == CLI_REFUSED)
        return cli_cert_refused(cli, answer->json, !is_dry && !cli->is_json);
    if (result == CLI_DONE && !json_is_object(answer->json))
        return cli_say_failed(cli, "the answer is not JSON; is this roused?");
    return result;
}

static const char *
verdict_words(const char *verdict)
{
    if (strcmp(verdict, "renewal") == 0)
        return "This renews the certificate: enrollments are unaffected.";
    if (strcmp(verdict, "new_identity") == 0)
        return "This topic is new here; the others are unaffected.";
    if (strcmp(verdict, "replace_topic") == 0)
        return "This GIVES UP the old topic, as confirmed: its enrollments go "
               "silent.";
    if (strcmp(verdict, "same_certificate") == 0)
        return "This certificate is in use already.";
    return "";
}

/* What stops nothing and should be known before. */
static void
print_warnings(struct cli *cli, const json_t *warnings)
{
    const json_t *warning;
    size_t i;

    json_array_foreach(warnings, i, warning)
    {
        if (json_is_string(warning))
            cli_say_note(cli, "warning: %s", json_string_value(warning));
    }
}

/* Everything that would happen, before it does. */
static enum cli_exit
show(struct cli *cli, const struct cli_cert_import *import, bool *lacks_account)
{
    struct cli_answer answer = {0};
    enum cli_exit result = put(cli, import, true, &answer);

    if (result == CLI_DONE && cli->is_json && import->is_dry)
        cli_json_print(cli, answer.json);
    if (result == CLI_DONE && !cli->is_json) {
        cli_say_text(cli->out, cli_json_text(answer.json, "comparison.text"));
        cli_say_prose(cli, cli->out,
                      verdict_words(cli_json_text(answer.json, "verdict")));
        print_warnings(cli, cli_json_at(answer.json, "warnings"));
    }
    *lacks_account = cli_json_is_true(answer.json, "lacks_account");
    cli_call_answer_fini(&answer);
    return result;
}

static bool
is_asking(const struct cli *cli, const struct cli_cert_import *import)
{
    return cli->is_asking && !import->is_sure && !cli->is_json;
}

enum cli_exit
cli_cert_import(struct cli *cli, const struct cli_cert_import *given)
{
    struct cli_cert_import import = *given;
    struct cli_answer answer = {0};
    char line[CLI_ASK_MAX + 1];
    bool lacks_account;
    enum cli_exit result = show(cli, &import, &lacks_account);

    if (result != CLI_DONE || import.is_dry)
        return result;
    if (is_asking(cli, &import)) {
        if (lacks_account &&
            cli_ask_line(
                cli, line,
                "Apple Account it was created with (empty: unknown): ") &&
            line[0] != '\0')
            import.apple_account = line;
        if (!cli_ask_yes(cli, "Import it?"))
            return cli_say_refused(cli, "nothing imported");
    }
    result = put(cli, &import, false, &answer);
    if (result == CLI_DONE)
        result = cli_cert_print_import(cli, answer.json, "imported");
    cli_call_answer_fini(&answer);
    return result;
}

enum cli_exit
cli_cert_get(struct cli *cli, const char *topic, json_t **json)
{
    struct cli_path path;
    json_t *list;

    cli_path_init(&path, "/v1/pushcerts");
    if (topic != NULL) {
        cli_path_add(&path, topic);
        return cli_call_get(cli, &path, json);
    }

    enum cli_exit result = cli_call_get(cli, &path, &list);
    const json_t *certs = cli_json_at(list, "pushcerts");
    size_t n = json_array_size(certs);

    if (result != CLI_DONE)
        return result;
    if (n == 1)
        *json = json_incref(json_array_get(certs, 0));
    else if (n == 0)
        result = cli_say_failed(
            cli,
            "there is no push certificate yet; see rouse cert request --new");
    else
        result = cli_say_misuse(cli,
                                "there are %zu topics; choose one with --topic "
                                "(see rouse cert list)",
                                n);
    json_decref(list);
    return result;
}

enum cli_exit
cli_cert_socket_only(struct cli *cli, const char *what)
{
    if (cli->url == NULL)
        return CLI_DONE;
    return cli_say_misuse(cli,
                          "%s works only over the socket, on roused's own "
                          "machine",
                          what);
}
