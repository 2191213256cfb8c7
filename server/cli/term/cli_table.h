/* SPDX-License-Identifier: MIT */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

/*
 * Aligned columns. Rows are written page by page, so a list may be longer
 * than memory; a later page keeps the widths of the earlier ones or grows.
 */

#include <stddef.h>
#include <stdio.h>

#include "cli_style.h"
#include "server/cli/cli.h"

#define CLI_TABLE_MAX_COLUMNS 12
#define CLI_TABLE_PAGE        1000 /* rows held until they are written */
#define CLI_TABLE_MIN_WIDTH   8    /* no column is cut below this */

struct cli_table;

/**
 * cli_table_new(cli, titles, n):
 * For cli->out; on a terminal, long cells are cut to its width.
 *
 *   shape    a title that begins with '>' makes a column of numbers: aligned
 *            to the right and never cut. One that begins with '<' makes a
 *            column of names that differ at their ends, as topics do: the
 *            beginning is cut, first of all what stands before the last dot
 *   owns     ${titles} are borrowed
 */
struct cli_table *cli_table_new(struct cli *cli, const char *const *titles,
                                size_t n);

/** cli_table_cell(table, …): the next cell; the last one ends its row. */
__attribute__((format(printf, 2, 3))) void
cli_table_cell(struct cli_table *table, const char *format, ...);

/** cli_table_cell_in(table, style, …): as cli_table_cell, in ${style}. */
__attribute__((format(printf, 3, 4))) void
cli_table_cell_in(struct cli_table *table, enum cli_style style,
                  const char *format, ...);

/** cli_table_finish(table): write what is held; the titles at least. */
void cli_table_finish(struct cli_table *table);

/** cli_table_free(table): rows that were not written are dropped. */
void cli_table_free(struct cli_table *table);

/** cli_table_pair(out, name, …): one "name   value" line of a single thing. */
__attribute__((format(printf, 3, 4))) void
cli_table_pair(FILE *out, const char *name, const char *format, ...);

#endif /* CLI_TABLE_H */
