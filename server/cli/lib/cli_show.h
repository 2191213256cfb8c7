/* SPDX-License-Identifier: MIT */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

/*
 * GET something and show it: with --json the answer as it came, else lines or
 * a table for people, from a list of fields.
 */

#include <jansson.h>
#include <stdio.h>

#include "cli_path.h"
#include "server/cli/cli.h"
#include "server/cli/term/cli_table.h"

/* How a member of the answer becomes a text. */
enum cli_show_as {
    CLI_SHOW_TEXT,
    CLI_SHOW_NUMBER,
    CLI_SHOW_WHEN, /* an instant, in local time */
    CLI_SHOW_DAY,  /* the day of one */
    CLI_SHOW_ID,   /* "id", text or number */
};

/* A column of a table, or a line about a single thing. */
struct cli_show_field {
    const char *title; /* as cli_table_new has it */
    const char *path;  /* as cli_json_at has it */
    enum cli_show_as as;
    const char *absent; /* of an empty text; NULL: it stays empty */
    /* Writes the cells itself, and those of the next fields that have neither
     * this nor a path; NULL: by the path. Not for lines. */
    void (*write)(struct cli_table *table, const json_t *item);
};

#define CLI_SHOW_N(fields) (sizeof(fields) / sizeof(fields)[0])

typedef void cli_show_fn(struct cli *cli, const json_t *json);

/** cli_show_get(cli, path, print): GET ${path}, and ${print} what came. */
enum cli_exit cli_show_get(struct cli *cli, const struct cli_path *path,
                           cli_show_fn *print);

/** cli_show_answer(cli, json, print): an answer that is already here. */
void cli_show_answer(struct cli *cli, const json_t *json, cli_show_fn *print);

/** cli_show_lines(out, json, fields, n): a "title   value" line each. */
void cli_show_lines(FILE *out, const json_t *json,
                    const struct cli_show_field *fields, size_t n);

/** cli_show_table(cli, items, fields, n): the titles, and a row per item. */
void cli_show_table(struct cli *cli, const json_t *items,
                    const struct cli_show_field *fields, size_t n);

/** cli_show_pages(cli, path, name, fields, n): GET ${path} and the pages
 *  behind it; a row for each item of member ${name}. With --json, each page
 *  as it came. */
enum cli_exit cli_show_pages(struct cli *cli, const struct cli_path *path,
                             const char *name,
                             const struct cli_show_field *fields, size_t n);

#endif /* CLI_SHOW_H */
