/* SPDX-License-Identifier: MIT */

#include <inttypes.h>
#include <string.h>

#include "server/cli/cert/cli_cert.h"
#include "server/cli/cmd.h"
#include "server/cli/lib/cli_call.h"
#include "server/cli/lib/cli_json.h"
#include "server/cli/lib/cli_pages.h"
#include "server/cli/term/cli_ask.h"
#include "server/cli/term/cli_duration.h"
#include "server/cli/term/cli_say.h"
#include "server/cli/term/cli_table.h"
#include "server/cli/term/cli_when.h"

#define MAX_VERBS_TEXT 256 /* bytes of all verbs in one line */

/* "read,wake" to ["read","wake"]; the server knows which ones there are. */
static json_t *
split_verbs(const char *text)
{
    json_t *verbs = json_array();

    must(verbs != NULL);
    while (*text != '\0') {
        size_t len = strcspn(text, ",");

        json_array_append_new(verbs, json_stringn(text, len));
        text += len + (text[len] == ',');
    }
    return verbs;
}

static const char *
join_verbs(const json_t *verbs, char *text)
{
    const json_t *verb;
    size_t len = 0;
    size_t i;

    text[0] = '\0';
    json_array_foreach(verbs, i, verb)
    {
        int n = snprintf(text + len, MAX_VERBS_TEXT - len, "%s%s",
                         i > 0 ? "," : "", json_string_value(verb));

        if (n < 0 || (size_t)n >= MAX_VERBS_TEXT - len)
            break;
        len += (size_t)n;
    }
    return text;
}

static void
print_new_key(struct cli *cli, const json_t *key)
{
    if (cli->is_json) {
        cli_json_print(cli, key);
        return;
    }
    cli_table_pair(cli->out, "id", "%" PRId64, cli_json_number(key, "id"));
    cli_table_pair(cli->out, "name", "%s", cli_json_text(key, "name"));
    cli_table_pair(cli->out, "key", "%s", cli_json_text(key, "key"));
    fflush(cli->out);
    cli_say_note(cli, "Keep the key now: it is not shown again.");
}

enum cli_exit
cmd_key_create(struct cli *cli, const struct cli_args *args)
{
    const char *verbs = args->values[CLI_OPT_VERBS];
    const char *topic = args->values[CLI_OPT_TOPIC];
    const char *group = args->values[CLI_OPT_GROUP];
    struct cli_path path;
    json_t *json;

    if (verbs == NULL)
        return cli_say_misuse(cli, "--verbs is needed: read, checkin, wake, "
                                   "enrollments, export, pushcert, admin");

    json_t *body = json_pack("{s:s, s:o}", "name", args->words[0], "verbs",
                             split_verbs(verbs));

    if (body == NULL ||
        (topic != NULL &&
         json_object_set_new(body, "topic", json_string(topic)) != 0) ||
        (group != NULL &&
         json_object_set_new(body, "group", json_string(group)) != 0)) {
        json_decref(body);
        return cli_say_misuse(cli, "name, topic and group are UTF-8");
    }
    cli_path_init(&path, "/v1/keys");

    enum cli_exit result = cli_call_send(cli, "POST", &path, body, &json);

    if (result != CLI_DONE)
        return result;
    print_new_key(cli, json);
    json_decref(json);
    return CLI_DONE;
}

static void
on_key(void *arg, const json_t *key)
{
    struct cli_table *table = arg;
    const char *topic = cli_json_text(key, "topic");
    const char *group = cli_json_text(key, "group");
    char verbs[MAX_VERBS_TEXT];
    char when[CLI_WHEN_TEXT];

    cli_table_cell(table, "%" PRId64, cli_json_number(key, "id"));
    cli_table_cell(table, "%s", cli_json_text(key, "name"));
    cli_table_cell(table, "%s", join_verbs(cli_json_at(key, "verbs"), verbs));
    cli_table_cell(table, "%s", topic[0] != '\0' ? topic : "all");
    cli_table_cell(table, "%s", group[0] != '\0' ? group : "all");
    cli_table_cell(table, "%s",
                   cli_when_local(cli_json_text(key, "created_at"), when));
    cli_table_cell(table, "%s",
                   cli_when_local(cli_json_text(key, "revoked_at"), when));
}

enum cli_exit
cmd_key_list(struct cli *cli, const struct cli_args *args)
{
    static const char *const titles[] = {
        ">ID", "NAME", "VERBS", "<TOPIC", "<GROUP", "CREATED", "REVOKED"};
    struct cli_table *table = cli_table_new(cli, titles, 7);
    struct cli_path path;
    enum cli_exit result;

    (void)args;
    cli_path_init(&path, "/v1/keys");
    result = cli_pages_each(cli, &path, "keys", on_key, table);
    if (result == CLI_DONE && !cli->is_json)
        cli_table_finish(table);
    cli_table_free(table);
    return result;
}

enum cli_exit
cmd_key_revoke(struct cli *cli, const struct cli_args *args)
{
    struct cli_path path;
    uint64_t id;

    if (!cli_duration_read_number(args->words[0], INT64_MAX, &id))
        return cli_say_misuse(cli, "%s is no key's number; see rouse key list",
                              args->words[0]);
    cli_path_init(&path, "/v1/keys");
    cli_path_add(&path, args->words[0]);

    enum cli_exit result = cli_call_send(cli, "DELETE", &path, NULL, NULL);

    if (result == CLI_DONE && !cli->is_json)
        fprintf(cli->out, "revoked key %" PRIu64 "\n", id);
    return result;
}

enum cli_exit
cmd_key_rotate_master(struct cli *cli, const struct cli_args *args)
{
    struct cli_path path;
    json_t *json;
    enum cli_exit result = cli_cert_socket_only(cli, "a new master key");

    if (result != CLI_DONE)
        return result;
    if (cli->is_asking && args->values[CLI_OPT_YES] == NULL &&
        !cli_ask_yes(cli, "Make a new master key? Back it up afterwards; the "
                          "old one opens old backups only."))
        return cli_say_refused(cli, "nothing changed");
    cli_path_init(&path, "/v1/master-key/rotate");
    if ((result = cli_call_send(cli, "POST", &path, NULL, &json)) != CLI_DONE)
        return result;
    if (cli->is_json)
        cli_json_print(cli, json);
    else
        fprintf(cli->out,
                "sealed %" PRId64 " secrets under a new master key; back it "
                "up now\n",
                cli_json_number(json, "rotated"));
    json_decref(json);
    return CLI_DONE;
}
