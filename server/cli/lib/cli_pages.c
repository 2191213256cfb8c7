/* SPDX-License-Identifier: MIT */

#include "cli_pages.h"

#include <string.h>

#include "cli_call.h"
#include "cli_json.h"
#include "server/cli/term/cli_say.h"

#define MAX_CURSOR 255 /* bytes of the server's next_cursor */

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

enum cli_exit
cli_pages_each(struct cli *cli, const struct cli_path *path, const char *name,
               cli_pages_fn *on_item, void *arg)
{
    char cursor[MAX_CURSOR + 1] = "";
    char before[MAX_CURSOR + 1];
    bool is_more = true;

    while (is_more) {
        struct cli_path page_path = *path;
        enum cli_exit result;
        json_t *page;
        json_t *item;
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
                on_item(arg, item);
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
