/* SPDX-License-Identifier: MIT */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

/*
 * Aligned columns. Rows are written page by page, so a list may be longer
 * than memory; a later page keeps the widths of the earlier ones or grows.
 */

#include <stddef.h>
#include <stdio.h>

#define CLI_TABLE_MAX_COLUMNS 12
#define CLI_TABLE_PAGE        1000 /* rows held until they are written */
#define CLI_TABLE_MIN_WIDTH   8    /* no column is cut below this */

struct cli_table;

/**
 * cli_table_new(out, width, titles, n):
 *
 *   shape    a title that begins with '>' makes a column of numbers: aligned
 *            to the right and never cut
 *   width    columns of the terminal: long cells are cut to fit; 0: never
 *   owns     ${titles} are borrowed
 */
struct cli_table *cli_table_new(FILE *out, int width, const char *const *titles,
                                size_t n);

/** cli_table_cell(table, …): the next cell; the last one ends its row. */
__attribute__((format(printf, 2, 3))) void
cli_table_cell(struct cli_table *table, const char *format, ...);

/** cli_table_finish(table): write what is held; the titles at least. */
void cli_table_finish(struct cli_table *table);

/** cli_table_free(table): rows that were not written are dropped. */
void cli_table_free(struct cli_table *table);

/** cli_table_pair(out, name, …): one "name   value" line of a single thing. */
__attribute__((format(printf, 3, 4))) void
cli_table_pair(FILE *out, const char *name, const char *format, ...);

#endif /* CLI_TABLE_H */
