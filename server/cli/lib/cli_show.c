/* SPDX-License-Identifier: MIT */

#include "cli_show.h"

#include <inttypes.h>
#include <string.h>

#include "cli_call.h"
#include "cli_json.h"
#include "server/cli/term/cli_say.h"
#include "server/cli/term/cli_when.h"

#define MAX_CURSOR 255 /* bytes of the server's next_cursor */

void
cli_show_answer(struct cli *cli, const json_t *json, cli_show_fn *print)
{
    if (cli->is_json)
        cli_json_print(cli, json);
    else
        print(cli, json);
}

enum cli_exit
cli_show_get(struct cli *cli, const struct cli_path *path, cli_show_fn *print)
{
    json_t *json;
    enum cli_exit result = cli_call_get(cli, path, &json);

    if (result != CLI_DONE)
        return result;
    cli_show_answer(cli, json, print);
    json_decref(json);
    return CLI_DONE;
}

/* In ${text}, of CLI_JSON_ID_TEXT bytes, where it is not in ${item}. */
static const char *
text_of(const struct cli_show_field *field, const json_t *item, char *text)
{
    const char *found = "";

    switch (field->as) {
    case CLI_SHOW_NUMBER:
        snprintf(text, CLI_JSON_ID_TEXT, "%" PRId64,
                 cli_json_number(item, field->path));
        return text;
    case CLI_SHOW_WHEN:
    case CLI_SHOW_DAY:
        cli_when_local(cli_json_text(item, field->path), text);
        if (field->as == CLI_SHOW_DAY)
            text[strcspn(text, " ")] = '\0';
        return text;
    case CLI_SHOW_ID:
        return cli_json_id(item, text);
    case CLI_SHOW_TEXT:
        found = cli_json_text(item, field->path);
        break;
    }
    return found[0] == '\0' && field->absent != NULL ? field->absent : found;
}

void
cli_show_lines(FILE *out, const json_t *json,
               const struct cli_show_field *fields, size_t n)
{
    char text[CLI_JSON_ID_TEXT];

    for (size_t i = 0; i < n; i++)
        cli_table_pair(out, fields[i].title, "%s",
                       text_of(&fields[i], json, text));
}

static struct cli_table *
new_table(struct cli *cli, const struct cli_show_field *fields, size_t n,
          const char *titles[CLI_TABLE_MAX_COLUMNS])
{
    must(n <= CLI_TABLE_MAX_COLUMNS);
    for (size_t i = 0; i < n; i++)
        titles[i] = fields[i].title;
    return cli_table_new(cli, titles, n);
}

static void
add_row(struct cli_table *table, const json_t *item,
        const struct cli_show_field *fields, size_t n)
{
    char text[CLI_JSON_ID_TEXT];

    for (size_t i = 0; i < n; i++)
        if (fields[i].write != NULL)
            fields[i].write(table, item);
        else if (fields[i].path != NULL)
            cli_table_cell(table, "%s", text_of(&fields[i], item, text));
}

void
cli_show_table(struct cli *cli, const json_t *items,
               const struct cli_show_field *fields, size_t n)
{
    const char *titles[CLI_TABLE_MAX_COLUMNS];
    struct cli_table *table = new_table(cli, fields, n, titles);
    const json_t *item;
    size_t i;

    json_array_foreach(items, i, item)
    {
        add_row(table, item, fields, n);
    }
    cli_table_finish(table);
    cli_table_free(table);
}

/* Cursors are text to us; some servers' are numbers. */
static bool
take_cursor(const json_t *page, char *cursor)
{
    const json_t *next = cli_json_at(page, "next_cursor");

    if (json_is_integer(next)) {
        snprintf(cursor, MAX_CURSOR + 1, "%" JSON_INTEGER_FORMAT,
                 json_integer_value(next));
        return true;
    }
    if (!json_is_string(next) || json_string_length(next) == 0 ||
        json_string_length(next) > MAX_CURSOR)
        return false;
    memcpy(cursor, json_string_value(next), json_string_length(next) + 1);
    return true;
}

/* A page at a time: a list may be longer than memory. */
static enum cli_exit
take_pages(struct cli *cli, const struct cli_path *path, const char *name,
           struct cli_table *table, const struct cli_show_field *fields,
           size_t n)
{
    char cursor[MAX_CURSOR + 1] = "";
    char before[MAX_CURSOR + 1];
    bool is_more = true;

    while (is_more) {
        struct cli_path page_path = *path;
        enum cli_exit result;
        json_t *page;
        const json_t *item;
        size_t i;

        cli_path_query_number(&page_path, "limit", CLI_PAGE);
        cli_path_query(&page_path, "cursor", cursor[0] != '\0' ? cursor : NULL);
        if ((result = cli_call_get(cli, &page_path, &page)) != CLI_DONE)
            return result;
        if (cli->is_json) {
            cli_json_print(cli, page);
        } else {
            json_array_foreach(cli_json_at(page, name), i, item)
            {
                add_row(table, item, fields, n);
            }
        }
        memcpy(before, cursor, sizeof before);
        is_more = take_cursor(page, cursor);
        json_decref(page);
        /* a cursor that stands still would go on for ever */
        if (is_more && strcmp(before, cursor) == 0)
            return cli_say_failed(cli,
                                  "the server's list does not end: "
                                  "cursor %s comes again",
                                  cursor);
    }
    return CLI_DONE;
}

enum cli_exit
cli_show_pages(struct cli *cli, const struct cli_path *path, const char *name,
               const struct cli_show_field *fields, size_t n)
{
    const char *titles[CLI_TABLE_MAX_COLUMNS];
    struct cli_table *table = new_table(cli, fields, n, titles);
    enum cli_exit result = take_pages(cli, path, name, table, fields, n);

    if (result == CLI_DONE && !cli->is_json)
        cli_table_finish(table);
    cli_table_free(table);
    return result;
}
