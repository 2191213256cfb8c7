/* SPDX-License-Identifier: MIT */

#include <inttypes.h>
#include <string.h>

#include "server/cli/cert/cli_cert.h"
#include "server/cli/cmd.h"
#include "server/cli/lib/cli_call.h"
#include "server/cli/lib/cli_json.h"
#include "server/cli/lib/cli_show.h"
#include "server/cli/term/cli_ask.h"
#include "server/cli/term/cli_duration.h"
#include "server/cli/term/cli_say.h"
#include "server/cli/term/cli_table.h"

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
    static const struct cli_show_field fields[] = {
        {"id", "id", CLI_SHOW_NUMBER, NULL, NULL},
        {"name", "name", CLI_SHOW_TEXT, NULL, NULL},
        {"key", "key", CLI_SHOW_TEXT, NULL, NULL},
    };

    cli_show_lines(cli->out, key, fields, CLI_SHOW_N(fields));
    fflush(cli->out);
    cli_say_note(cli, "Save this key now; it will not be shown again.");
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
        return cli_say_misuse(cli, "name, topic and group must be UTF-8");
    }
    cli_path_init(&path, "/v1/keys");

    enum cli_exit result = cli_call_send(cli, "POST", &path, body, &json);

    if (result != CLI_DONE)
        return result;
    cli_show_answer(cli, json, print_new_key);
    json_decref(json);
    return CLI_DONE;
}

static void
write_verbs(struct cli_table *table, const json_t *key)
{
    char verbs[MAX_VERBS_TEXT];

    cli_table_cell(table, "%s", join_verbs(cli_json_at(key, "verbs"), verbs));
}

enum cli_exit
cmd_key_list(struct cli *cli, const struct cli_args *args)
{
    static const struct cli_show_field fields[] = {
        {">ID", "id", CLI_SHOW_NUMBER, NULL, NULL},
        {"NAME", "name", CLI_SHOW_TEXT, NULL, NULL},
        {.title = "VERBS", .write = write_verbs},
        {"<TOPIC", "topic", CLI_SHOW_TEXT, "all", NULL},
        {"<GROUP", "group", CLI_SHOW_TEXT, "all", NULL},
        {"CREATED", "created_at", CLI_SHOW_WHEN, NULL, NULL},
        {"REVOKED", "revoked_at", CLI_SHOW_WHEN, NULL, NULL},
    };
    struct cli_path path;

    (void)args;
    cli_path_init(&path, "/v1/keys");
    return cli_show_pages(cli, &path, "keys", fields, CLI_SHOW_N(fields));
}

enum cli_exit
cmd_key_revoke(struct cli *cli, const struct cli_args *args)
{
    struct cli_path path;
    uint64_t id;

    if (!cli_duration_read_number(args->words[0], INT64_MAX, &id))
        return cli_say_misuse(cli, "%s is not a key number; see rouse key list",
                              args->words[0]);
    cli_path_init(&path, "/v1/keys");
    cli_path_add(&path, args->words[0]);

    enum cli_exit result = cli_call_send(cli, "DELETE", &path, NULL, NULL);

    if (result == CLI_DONE && !cli->is_json)
        fprintf(cli->out, "revoked key %" PRIu64 "\n", id);
    return result;
}

static void
print_rotated(struct cli *cli, const json_t *json)
{
    fprintf(cli->out,
            "sealed %" PRId64 " secrets under a new master key; back it up "
            "now\n",
            cli_json_number(json, "rotated"));
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
        !cli_ask_yes(cli, "Create a new master key? Back it up afterwards; the "
                          "old one opens only old backups."))
        return cli_say_refused(cli, "nothing changed");
    cli_path_init(&path, "/v1/master-key/rotate");
    if ((result = cli_call_send(cli, "POST", &path, NULL, &json)) != CLI_DONE)
        return result;
    cli_show_answer(cli, json, print_rotated);
    json_decref(json);
    return CLI_DONE;
}
