/* SPDX-License-Identifier: MIT */

#include "cli_filter.h"

#include <string.h>

#include "server/cli/term/cli_duration.h"
#include "server/cli/term/cli_say.h"

enum cli_exit
cli_filter_span(struct cli *cli, const struct cli_args *args,
                enum cli_option option, uint32_t max_s, uint32_t otherwise,
                uint32_t *seconds)
{
    const char *text = args->values[option];
    char longest[CLI_DURATION_TEXT];

    *seconds = otherwise;
    if (text == NULL || cli_duration_read(text, max_s, seconds))
        return CLI_DONE;
    return cli_say_misuse(
        cli, "--%s: %s is not a time span up to %s; write 90s, 15m, 6h or 7d",
        cli_options_text(option), text, cli_duration_write(max_s, longest));
}

enum cli_exit
cli_filter_query(struct cli *cli, const struct cli_args *args,
                 struct cli_path *path)
{
    uint32_t silent_s;
    enum cli_exit result = cli_filter_span(cli, args, CLI_OPT_SILENT_FOR,
                                           CLI_MAX_SILENT, 0, &silent_s);

    if (result != CLI_DONE)
        return result;
    cli_path_query(path, "topic", args->values[CLI_OPT_TOPIC]);
    cli_path_query(path, "parent_id", args->values[CLI_OPT_PARENT]);
    cli_path_query(path, "serial_number", args->values[CLI_OPT_SERIAL]);
    cli_path_query(path, "group", args->values[CLI_OPT_GROUP]);
    cli_path_query(path, "kind", args->values[CLI_OPT_KIND]);
    cli_path_query(path, "state", args->values[CLI_OPT_STATE]);
    if (silent_s > 0)
        cli_path_query_number(path, "silent_for_s", silent_s);
    return CLI_DONE;
}

bool
cli_filter_is_given(const struct cli_args *args)
{
    uint64_t filter = CLI_BIT(TOPIC) | CLI_BIT(GROUP) | CLI_BIT(PARENT) |
                      CLI_BIT(KIND) | CLI_BIT(SILENT_FOR);

    return (cli_options_given(args) & filter) != 0;
}

/*
 * False when ${value} is not UTF-8: a restriction must never be left out
 * silently, for then more would be pushed than was asked for.
 */
static bool
put_text(json_t *filter, const char *name, const char *value)
{
    return value == NULL ||
           json_object_set_new(filter, name, json_string(value)) == 0;
}

/* "Device,User" to ["Device","User"]. */
static bool
put_kinds(json_t *filter, const char *text)
{
    json_t *kinds = json_array();
    bool is_fine = kinds != NULL;

    if (text == NULL) {
        json_decref(kinds);
        return true;
    }
    while (is_fine && *text != '\0') {
        size_t len = strcspn(text, ",");

        is_fine = json_array_append_new(kinds, json_stringn(text, len)) == 0;
        text += len + (text[len] == ',');
    }
    if (is_fine)
        return json_object_set_new(filter, "kinds", kinds) == 0;
    json_decref(kinds);
    return false;
}

enum cli_exit
cli_filter_body(struct cli *cli, const struct cli_args *args, json_t **filter)
{
    uint32_t silent_s;
    enum cli_exit result = cli_filter_span(cli, args, CLI_OPT_SILENT_FOR,
                                           CLI_MAX_SILENT, 0, &silent_s);

    if (result != CLI_DONE)
        return result;
    *filter = json_object();
    must(*filter != NULL);
    if (silent_s > 0)
        json_object_set_new(*filter, "silent_for_s", json_integer(silent_s));
    if (put_text(*filter, "topic", args->values[CLI_OPT_TOPIC]) &&
        put_text(*filter, "group", args->values[CLI_OPT_GROUP]) &&
        put_text(*filter, "parent_id", args->values[CLI_OPT_PARENT]) &&
        put_kinds(*filter, args->values[CLI_OPT_KIND]))
        return CLI_DONE;
    json_decref(*filter);
    *filter = NULL;
    return cli_say_misuse(
        cli, "--topic, --group, --parent and --kind must be UTF-8");
}
