/* SPDX-License-Identifier: MIT */

/*
 * Groups of enrollments: organisation/school/site. A path is one segment of
 * a request's path, its slashes escaped.
 */

#include <inttypes.h>
#include <string.h>

#include "server/cli/cmd.h"
#include "server/cli/lib/cli_call.h"
#include "server/cli/lib/cli_file.h"
#include "server/cli/lib/cli_json.h"
#include "server/cli/lib/cli_show.h"
#include "server/cli/term/cli_ask.h"
#include "server/cli/term/cli_say.h"
#include "server/cli/term/cli_table.h"

static void
write_from(struct cli_table *table, const json_t *group)
{
    cli_table_cell(table, "%s",
                   cli_json_text(group, "topic")[0] != '\0' ? "own"
                   : cli_json_text(group, "effective_topic")[0] != '\0'
                       ? "above"
                       : "-");
}

static void
write_mismatched(struct cli_table *table, const json_t *group)
{
    int64_t n = cli_json_number(group, "mismatched");

    cli_table_cell_in(table, n > 0 ? CLI_STYLE_WARN : CLI_STYLE_PLAIN,
                      "%" PRId64, n);
}

static void
print_groups(struct cli *cli, const json_t *json)
{
    static const struct cli_show_field fields[] = {
        {"<PATH", "path", CLI_SHOW_TEXT, NULL, NULL},
        {"<TOPIC", "effective_topic", CLI_SHOW_TEXT, "-", NULL},
        {.title = "FROM", .write = write_from},
        {"PERMISSION", "permission", CLI_SHOW_TEXT, NULL, NULL},
        {">ENROLLED", "enrollments", CLI_SHOW_NUMBER, NULL, NULL},
        {.title = ">MISMATCHED", .write = write_mismatched},
    };

    cli_show_table(cli, cli_json_at(json, "groups"), fields,
                   CLI_SHOW_N(fields));
}

enum cli_exit
cmd_group_list(struct cli *cli, const struct cli_args *args)
{
    struct cli_path path;

    (void)args;
    cli_path_init(&path, "/v1/groups");
    return cli_show_get(cli, &path, print_groups);
}

static void
print_group(struct cli *cli, const json_t *group)
{
    static const struct cli_show_field fields[] = {
        {"path", "path", CLI_SHOW_TEXT, NULL, NULL},
        {"topic", "topic", CLI_SHOW_TEXT, NULL, NULL},
        {"effective topic", "effective_topic", CLI_SHOW_TEXT, NULL, NULL},
        {"permission", "permission", CLI_SHOW_TEXT, NULL, NULL},
        {"enrollments", "enrollments", CLI_SHOW_NUMBER, NULL, NULL},
        {"mismatched", "mismatched", CLI_SHOW_NUMBER, NULL, NULL},
    };

    cli_show_lines(cli->out, group, fields, CLI_SHOW_N(fields));
}

enum cli_exit
cmd_group_show(struct cli *cli, const struct cli_args *args)
{
    struct cli_path path;

    cli_path_init(&path, "/v1/groups");
    cli_path_add(&path, args->words[0]);
    return cli_show_get(cli, &path, print_group);
}

/* Its members would be enrolled with a topic that the group no longer has,
   and the groups below would inherit another one. */
static enum cli_exit
confirm_no_topic(struct cli *cli, const char *path, const json_t *group,
                 bool is_sure)
{
    const char *topic = cli_json_text(group, "topic");

    if (topic[0] == '\0' || is_sure)
        return CLI_DONE;
    if (!cli->is_asking)
        return cli_say_refused(
            cli,
            "nothing changed: %s would lose its topic %s, and so would the "
            "groups below that inherit it; without a terminal, give --yes",
            path, topic);
    if (cli_ask_yes(cli,
                    "%s loses its topic %s, and so do the groups below that "
                    "inherit it. Remove the topic?",
                    path, topic))
        return CLI_DONE;
    return cli_say_refused(cli, "nothing changed");
}

static enum cli_exit
ask_no_topic(struct cli *cli, const char *word, bool is_sure)
{
    struct cli_path path;
    json_t *group;

    cli_path_init(&path, "/v1/groups");
    cli_path_add(&path, word);

    enum cli_exit result = cli_call_get(cli, &path, &group);

    if (result != CLI_DONE)
        return result;
    result = confirm_no_topic(cli, word, group, is_sure);
    json_decref(group);
    return result;
}

/* A group may be made before its certificate is there; a slip of the pen
   looks the same. */
static void
warn_of_topic(struct cli *cli, const char *topic)
{
    struct cli_path path;
    json_t *json;
    const json_t *cert;
    size_t i;
    bool is_held = false;

    cli_path_init(&path, "/v1/pushcerts");
    if ((json = cli_call_peek(cli, &path)) == NULL)
        return;
    json_array_foreach(cli_json_at(json, "pushcerts"), i, cert)
    {
        is_held = is_held || strcmp(cli_json_text(cert, "topic"), topic) == 0;
    }
    json_decref(json);
    if (!is_held)
        cli_say_note(cli,
                     "warning: there is no push certificate for the topic %s; "
                     "see rouse cert list",
                     topic);
}

/* What is given changes, the rest stays. NULL: some of it is no UTF-8. */
static json_t *
make_changes(const struct cli_args *args)
{
    const char *topic = args->values[CLI_OPT_TOPIC];
    const char *permission = args->values[CLI_OPT_PERMISSION];
    json_t *body = json_object();

    must(body != NULL);
    if ((topic == NULL ||
         json_object_set_new(body, "topic", json_string(topic)) == 0) &&
        (args->values[CLI_OPT_NO_TOPIC] == NULL ||
         json_object_set_new(body, "topic", json_null()) == 0) &&
        (permission == NULL ||
         json_object_set_new(body, "permission", json_string(permission)) == 0))
        return body;
    json_decref(body);
    return NULL;
}

enum cli_exit
cmd_group_put(struct cli *cli, const struct cli_args *args)
{
    const char *topic = args->values[CLI_OPT_TOPIC];
    bool has_no_topic = args->values[CLI_OPT_NO_TOPIC] != NULL;
    bool is_sure = args->values[CLI_OPT_YES] != NULL;
    enum cli_exit result = CLI_DONE;
    struct cli_path path;
    json_t *json;
    json_t *body;

    if (topic != NULL && has_no_topic)
        return cli_say_misuse(cli, "give --topic or --no-topic, not both");
    if (has_no_topic)
        result = ask_no_topic(cli, args->words[0], is_sure);
    if (result != CLI_DONE)
        return result;
    if ((body = make_changes(args)) == NULL)
        return cli_say_misuse(cli, "topic and permission must be UTF-8");
    cli_path_init(&path, "/v1/groups");
    cli_path_add(&path, args->words[0]);
    result = cli_call_send(cli, "PATCH", &path, body, &json);
    if (result != CLI_DONE)
        return result;
    if (topic != NULL)
        warn_of_topic(cli, topic);
    cli_show_answer(cli, json, print_group);
    json_decref(json);
    return CLI_DONE;
}

enum cli_exit
cmd_group_remove(struct cli *cli, const struct cli_args *args)
{
    struct cli_path path;

    enum cli_exit result =
        cli_ask_sure(cli, args->values[CLI_OPT_YES] != NULL, "nothing removed",
                     "Remove the group %s?", args->words[0]);

    if (result != CLI_DONE)
        return result;
    cli_path_init(&path, "/v1/groups");
    cli_path_add(&path, args->words[0]);
    result = cli_call_send(cli, "DELETE", &path, NULL, NULL);
    if (result == CLI_DONE && !cli->is_json)
        fprintf(cli->out, "removed %s\n", args->words[0]);
    return result;
}

/* ${group} NULL: out of the one it is in. */
static enum cli_exit
assign(struct cli *cli, const char *group, const char *id)
{
    struct cli_path path;
    json_t *body = json_pack("{s:s?}", "path", group);

    if (body == NULL)
        return cli_say_misuse(cli, "a group's path must be UTF-8");
    cli_path_init(&path, "/v1/enrollments");
    cli_path_add(&path, id);
    cli_path_add(&path, "group");
    return cli_call_send(cli, "PUT", &path, body, NULL);
}

/* An id that cannot be put there does not hold up the others. */
static enum cli_exit
assign_all(struct cli *cli, const char *group, struct cli_file_ids *ids,
           size_t *n, size_t *n_assigned)
{
    enum cli_exit result = CLI_DONE;
    const char *id;

    for (;;) {
        enum cli_exit one = cli_file_next_id(ids, &id);

        if (one != CLI_DONE)
            return one;
        if (id == NULL)
            return result;
        (*n)++;
        if ((one = assign(cli, group, id)) == CLI_DONE) {
            (*n_assigned)++;
        } else {
            cli_say_note(cli, "%s: not moved", id);
            result = one;
        }
    }
}

/* Enrollments of the group that are enrolled with another topic. */
static int64_t
count_mismatched(struct cli *cli, const char *group)
{
    struct cli_path path;
    json_t *json;
    int64_t n;

    cli_path_init(&path, "/v1/groups");
    cli_path_add(&path, group);
    json = cli_call_peek(cli, &path);
    n = cli_json_number(json, "mismatched");
    json_decref(json);
    return n;
}

enum cli_exit
cmd_group_assign(struct cli *cli, const struct cli_args *args)
{
    struct cli_file_ids ids = {
        .cli = cli, .words = args->words + 1, .n_words = args->n_words - 1};
    const char *group = args->words[0];
    int64_t n_before = count_mismatched(cli, group);
    int64_t n_more;
    size_t n = 0;
    size_t n_assigned = 0;
    enum cli_exit result = assign_all(cli, group, &ids, &n, &n_assigned);

    if (!cli->is_json)
        fprintf(cli->out, "put %zu of %zu enrollments into %s\n", n_assigned, n,
                group);
    n_more = n_assigned > 0 ? count_mismatched(cli, group) - n_before : 0;
    if (n_more > 0)
        cli_say_note(cli,
                     "warning: of these, %" PRId64 " %s enrolled with another "
                     "topic than the group has, and listen to that one until "
                     "they enroll again",
                     n_more, n_more == 1 ? "is" : "are");
    return result;
}

enum cli_exit
cmd_group_unassign(struct cli *cli, const struct cli_args *args)
{
    struct cli_file_ids ids = {
        .cli = cli, .words = args->words, .n_words = args->n_words};
    size_t n = 0;
    size_t n_assigned = 0;
    enum cli_exit result = assign_all(cli, NULL, &ids, &n, &n_assigned);

    if (!cli->is_json)
        fprintf(cli->out, "took %zu of %zu enrollments out of their groups\n",
                n_assigned, n);
    return result;
}
