/* SPDX-License-Identifier: MIT */

#include "cli_table.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "apns/base/width.h"
#include "cli_say.h"

#define MAX_CELL   1024 /* bytes of one cell; the rest is cut */
#define GAP        2    /* blanks between columns */
#define PAIR_WIDTH 16   /* of the name in cli_table_pair */

#define CUT "\u2026" /* shows that something is missing; one column */

/* Which part of a cell gives way. */
enum cut {
    CUT_END,
    CUT_BEGINNING,
    CUT_NOTHING, /* numbers */
};

struct column {
    const char *title;
    enum cut cut;
    size_t width;
    size_t short_width; /* with what stands before a last dot cut away */
};

struct cell {
    char *text;
    enum cli_style style;
};

struct cli_table {
    struct cli *cli;
    size_t n_columns;
    struct column columns[CLI_TABLE_MAX_COLUMNS];
    bool has_titles; /* they have been written */
    size_t n_rows;   /* whole ones */
    size_t column;   /* the next cell's, in the row behind them */
    struct cell cells[CLI_TABLE_PAGE * CLI_TABLE_MAX_COLUMNS];
};

/* What is left of a name when all before its last dot is cut. */
static const char *
last_part(const char *text)
{
    const char *dot = strrchr(text, '.');

    return dot != NULL && dot[1] != '\0' ? dot + 1 : text;
}

/* Columns needed at least to distinguish ${text} from the others. */
static size_t
short_width(const char *text)
{
    const char *part = last_part(text);

    return width_of(part) + (part > text);
}

static void
widen(size_t *width, size_t to)
{
    if (*width < to)
        *width = to;
}

struct cli_table *
cli_table_new(struct cli *cli, const char *const *titles, size_t n)
{
    struct cli_table *table = calloc(1, sizeof *table);

    must(table != NULL);
    must(n > 0 && n <= CLI_TABLE_MAX_COLUMNS);
    table->cli = cli;
    table->n_columns = n;
    for (size_t i = 0; i < n; i++) {
        struct column *column = &table->columns[i];

        column->cut = titles[i][0] == '>'   ? CUT_NOTHING
                      : titles[i][0] == '<' ? CUT_BEGINNING
                                            : CUT_END;
        column->title = titles[i] + (column->cut != CUT_END);
        column->width = width_of(column->title);
        column->short_width = column->width;
    }
    return table;
}

static size_t
total_width(const struct cli_table *table)
{
    size_t total = GAP * (table->n_columns - 1);

    for (size_t i = 0; i < table->n_columns; i++)
        total += table->columns[i].width;
    return total;
}

/* The widest column that is cut like ${cut} and wider than the least; NULL. */
static struct column *
find_widest(struct cli_table *table, enum cut cut)
{
    struct column *widest = NULL;

    for (size_t i = 0; i < table->n_columns; i++) {
        struct column *column = &table->columns[i];

        if (column->cut == cut && column->width > CLI_TABLE_MIN_WIDTH &&
            (widest == NULL || column->width > widest->width))
            widest = column;
    }
    return widest;
}

/* Narrow the widest such columns until the row fits, or none is left. */
static void
narrow(struct cli_table *table, enum cut cut)
{
    size_t width = (size_t)table->cli->out_width;
    struct column *column;

    while (total_width(table) > width &&
           (column = find_widest(table, cut)) != NULL)
        column->width--;
}

/* Names lose what they have in common first, and their ends last. */
static void
fit_widths(struct cli_table *table)
{
    if (table->cli->out_width == 0 ||
        total_width(table) <= (size_t)table->cli->out_width)
        return;
    for (size_t i = 0; i < table->n_columns; i++)
        if (table->columns[i].cut == CUT_BEGINNING)
            table->columns[i].width = table->columns[i].short_width;
    narrow(table, CUT_END);
    narrow(table, CUT_BEGINNING);
}

/* ${text} cut to ${width} columns; returns how many it takes. */
static size_t
write_cut(FILE *out, const char *text, enum cut cut, size_t width)
{
    const char *end;

    if (cut == CUT_END) {
        size_t len = width_head(text, width - 1);
        char *head = strndup(text, len);
        size_t taken;

        must(head != NULL);
        taken = width_of(head) + 1;
        fprintf(out, "%s" CUT, head);
        free(head);
        return taken;
    }
    end = last_part(text);
    if (width_of(end) > width - 1)
        end = text + width_tail(text, width - 1);
    fprintf(out, CUT "%s", end);
    return width_of(end) + 1;
}

static void
write_cell(struct cli_table *table, size_t i, const char *text,
           enum cli_style style)
{
    const struct column *column = &table->columns[i];
    FILE *out = table->cli->out;
    size_t width = width_of(text);
    bool is_last = i + 1 == table->n_columns;

    if (column->cut == CUT_NOTHING && width < column->width)
        fprintf(out, "%*s", (int)(column->width - width), "");
    fputs(cli_style_on(table->cli, out, style), out);
    if (column->cut != CUT_NOTHING && width > column->width)
        width = write_cut(out, text, column->cut, column->width);
    else
        fputs(text, out);
    fputs(cli_style_off(table->cli, out, style), out);
    if (column->cut != CUT_NOTHING && width < column->width && !is_last)
        fprintf(out, "%*s", (int)(column->width - width), "");
    fputs(is_last ? "\n" : "  ", out);
}

static void
write_row(struct cli_table *table, struct cell *cells)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        write_cell(table, i, cells[i].text, cells[i].style);
        free(cells[i].text);
    }
}

static void
write_page(struct cli_table *table)
{
    fit_widths(table);
    if (!table->has_titles)
        for (size_t i = 0; i < table->n_columns; i++)
            write_cell(table, i, table->columns[i].title, CLI_STYLE_TITLE);
    table->has_titles = true;
    for (size_t i = 0; i < table->n_rows; i++)
        write_row(table, table->cells + i * table->n_columns);
    table->n_rows = 0;
}

static void
add_cell(struct cli_table *table, enum cli_style style, const char *format,
         va_list args)
{
    struct column *column = &table->columns[table->column];
    char text[MAX_CELL];
    struct cell *cell =
        &table->cells[table->n_rows * table->n_columns + table->column];

    if (vsnprintf(text, sizeof text, format, args) < 0)
        text[0] = '\0';
    *cell = (struct cell){strdup(cli_say_clean(text)), style};
    must(cell->text != NULL);
    widen(&column->width, width_of(text));
    widen(&column->short_width, short_width(text));
    if (++table->column < table->n_columns)
        return;
    table->column = 0;
    if (++table->n_rows == CLI_TABLE_PAGE)
        write_page(table);
}

void
cli_table_cell(struct cli_table *table, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add_cell(table, CLI_STYLE_PLAIN, format, args);
    va_end(args);
}

void
cli_table_cell_in(struct cli_table *table, enum cli_style style,
                  const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add_cell(table, style, format, args);
    va_end(args);
}

void
cli_table_finish(struct cli_table *table)
{
    must(table->column == 0);
    if (table->n_rows > 0 || !table->has_titles)
        write_page(table);
}

void
cli_table_free(struct cli_table *table)
{
    if (table == NULL)
        return;
    for (size_t i = 0; i < table->n_rows * table->n_columns + table->column;
         i++)
        free(table->cells[i].text);
    free(table);
}

void
cli_table_pair(FILE *out, const char *name, const char *format, ...)
{
    char text[MAX_CELL];
    va_list args;

    va_start(args, format);
    if (vsnprintf(text, sizeof text, format, args) < 0)
        text[0] = '\0';
    va_end(args);
    fprintf(out, "%-*s  %s\n", PAIR_WIDTH, name,
            text[0] == '\0' ? "-" : cli_say_clean(text));
}
