/* SPDX-License-Identifier: MIT */

#include <inttypes.h>
#include <string.h>

#include "cli_cert.h"
#include "server/cli/cmd.h"
#include "server/cli/lib/cli_call.h"
#include "server/cli/lib/cli_json.h"
#include "server/cli/lib/cli_show.h"
#include "server/cli/lib/cli_topic.h"
#include "server/cli/term/cli_say.h"
#include "server/cli/term/cli_table.h"
#include "server/cli/term/cli_when.h"

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
print_days(FILE *out, const json_t *cert)
{
    int64_t days = cli_json_number(cert, "days_left");

    if (!cli_cert_is_expired(cert))
        cli_table_pair(out, "days left", "%" PRId64, days);
    else if (days == 0)
        cli_table_pair(out, "expired", "today");
    else
        cli_table_pair(out, "expired", "%" PRId64 " day%s ago", -days,
                       days == -1 ? "" : "s");
}

static const struct cli_show_field of_paper[] = {
    {"valid from", "not_before", CLI_SHOW_WHEN, NULL, NULL},
    {"valid until", "not_after", CLI_SHOW_WHEN, NULL, NULL},
    {"subject", "subject", CLI_SHOW_TEXT, NULL, NULL},
    {"issuer", "issuer", CLI_SHOW_TEXT, NULL, NULL},
    {"serial number", "serial_number", CLI_SHOW_TEXT, NULL, NULL},
    {"SHA-256", "sha256", CLI_SHOW_TEXT, NULL, NULL},
    {"SHA-1", "sha1", CLI_SHOW_TEXT, NULL, NULL},
    {"Apple Account", "apple_account", CLI_SHOW_TEXT, NULL, NULL},
    {"note", "note", CLI_SHOW_TEXT, NULL, NULL},
};

static const struct cli_show_field of_use[] = {
    {"connections", "connections", CLI_SHOW_NUMBER, NULL, NULL},
    {"in flight", "in_flight", CLI_SHOW_NUMBER, NULL, NULL},
    {"enrollments", "enrollments", CLI_SHOW_NUMBER, NULL, NULL},
};

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
    print_days(out, cert);
    cli_show_lines(out, cert, of_paper, CLI_SHOW_N(of_paper));
    cli_table_pair(out, "imported", "%s%s%s",
                   cli_when_local(cli_json_text(cert, "imported_at"), when),
                   cli_json_text(cert, "imported_by")[0] != '\0' ? " by " : "",
                   cli_json_text(cert, "imported_by"));
    cli_show_lines(out, cert, of_use, CLI_SHOW_N(of_use));
}

static void
print_certs(struct cli *cli, const json_t *certs)
{
    static const struct cli_show_field fields[] = {
        {"<TOPIC", "topic", CLI_SHOW_TEXT, NULL, NULL},
        {.title = "STATE", .write = cli_cert_cells},
        {.title = ">DAYS LEFT"},
        {">ENROLLED", "enrollments", CLI_SHOW_NUMBER, NULL, NULL},
        {"APPLE ACCOUNT", "apple_account", CLI_SHOW_TEXT, NULL, NULL},
    };

    cli_show_table(cli, certs, fields, CLI_SHOW_N(fields));
}

/* NULL: none of this topic is held. */
static const json_t *
find_cert(const json_t *certs, const char *topic)
{
    const json_t *cert;
    size_t i;

    json_array_foreach(certs, i, cert)
    {
        if (strcmp(cli_json_text(cert, "topic"), topic) == 0)
            return cert;
    }
    return NULL;
}

/* Each group with a topic, its own or one from above. */
static void
print_by_group(struct cli *cli, const json_t *groups, const json_t *certs)
{
    static const char *const titles[] = {"<GROUP", "STATE", ">DAYS LEFT",
                                         ">ENROLLED", "<TOPIC"};
    struct cli_table *table = cli_table_new(cli, titles, 5);
    const json_t *group;
    size_t i;

    json_array_foreach(groups, i, group)
    {
        const char *topic = cli_json_text(group, "effective_topic");

        if (topic[0] == '\0')
            continue;
        cli_table_cell(table, "%s", cli_json_text(group, "path"));
        cli_cert_cells(table, find_cert(certs, topic));
        cli_table_cell(table, "%" PRId64,
                       cli_json_number(group, "enrollments"));
        cli_table_cell(table, "%s", topic);
    }
    cli_table_finish(table);
    cli_table_free(table);
}

static enum cli_exit
list_by_group(struct cli *cli, const json_t *certs)
{
    struct cli_path path;
    json_t *groups;

    cli_path_init(&path, "/v1/groups");

    enum cli_exit result = cli_call_get(cli, &path, &groups);

    if (result != CLI_DONE)
        return result;
    print_by_group(cli, cli_json_at(groups, "groups"), certs);
    json_decref(groups);
    return CLI_DONE;
}

enum cli_exit
cmd_cert_list(struct cli *cli, const struct cli_args *args)
{
    bool is_by_group = args->values[CLI_OPT_BY_GROUP] != NULL;
    json_t *json;
    enum cli_exit result;

    if (is_by_group && cli->is_json)
        return cli_say_misuse(cli,
                              "--by-group prints a table; for JSON use rouse "
                              "group list --json and rouse cert list --json");
    if ((result = cli_topic_list(cli, &json)) != CLI_DONE)
        return result;
    if (cli->is_json)
        cli_json_print(cli, json);
    else if (is_by_group)
        result = list_by_group(cli, cli_json_at(json, "pushcerts"));
    else
        print_certs(cli, cli_json_at(json, "pushcerts"));
    json_decref(json);
    return result;
}

/* The certificate alone: what Apple's support asks for. */
static enum cli_exit
print_pem(struct cli *cli, const json_t *cert)
{
    const char *pem = cli_json_text(cert, "pem");

    if (pem[0] == '\0')
        return cli_say_failed(cli, "there is no certificate in the answer; is "
                                   "roused older than rouse?");
    cli_say_text(cli->out, pem);
    return CLI_DONE;
}

enum cli_exit
cmd_cert_show(struct cli *cli, const struct cli_args *args)
{
    json_t *json;
    enum cli_exit result =
        cli_cert_get(cli, args->n_words > 0 ? args->words[0] : NULL, &json);

    if (result == CLI_DONE && args->n_words == 0 &&
        args->values[CLI_OPT_PEM] != NULL) {
        /* lists are without it */
        char *topic = strdup(cli_json_text(json, "topic"));

        must(topic != NULL);
        json_decref(json);
        result = cli_cert_get(cli, topic, &json);
        free(topic);
    }
    if (result != CLI_DONE)
        return result;
    if (args->values[CLI_OPT_PEM] != NULL)
        result = print_pem(cli, json);
    else if (cli->is_json)
        cli_json_print(cli, json);
    else
        print_cert(cli->out, json);
    json_decref(json);
    return result;
}
