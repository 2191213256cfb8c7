/* SPDX-License-Identifier: MIT */

#include "cli_table.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "cli.h"
#include "cli_say.h"

#define MAX_CELL   1024 /* bytes of one cell; the rest is cut */
#define GAP        2    /* blanks between columns */
#define PAIR_WIDTH 16   /* of the name in cli_table_pair */

struct cli_table {
    FILE *out;
    int width;
    size_t n_columns;
    const char *titles[CLI_TABLE_MAX_COLUMNS];
    bool is_number[CLI_TABLE_MAX_COLUMNS];
    size_t widths[CLI_TABLE_MAX_COLUMNS];
    bool has_titles; /* they have been written */
    size_t n_rows;   /* whole ones */
    size_t column;   /* the next cell's, in the row behind them */
    char *cells[CLI_TABLE_PAGE * CLI_TABLE_MAX_COLUMNS];
};

/* Characters, not bytes: UTF-8's continuation bytes take no room. */
static size_t
count_chars(const char *text)
{
    size_t n = 0;

    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

/* Where the character ${n} begins, or the end. */
static size_t
offset_of(const char *text, size_t n)
{
    size_t i = 0;

    for (; text[i] != '\0'; i++) {
        if (((unsigned char)text[i] & 0xc0) == 0x80)
            continue;
        if (n-- == 0)
            break;
    }
    return i;
}

struct cli_table *
cli_table_new(FILE *out, int width, const char *const *titles, size_t n)
{
    struct cli_table *table = calloc(1, sizeof *table);

    must(table != NULL);
    must(n > 0 && n <= CLI_TABLE_MAX_COLUMNS);
    table->out = out;
    table->width = width;
    table->n_columns = n;
    for (size_t i = 0; i < n; i++) {
        table->is_number[i] = titles[i][0] == '>';
        table->titles[i] = titles[i] + table->is_number[i];
        table->widths[i] = count_chars(table->titles[i]);
    }
    return table;
}

/* The widest text column gives way until the row fits. */
static void
fit_widths(struct cli_table *table)
{
    size_t total = GAP * (table->n_columns - 1);

    for (size_t i = 0; i < table->n_columns; i++)
        total += table->widths[i];
    while (table->width > 0 && total > (size_t)table->width) {
        size_t widest = table->n_columns;

        for (size_t i = 0; i < table->n_columns; i++)
            if (!table->is_number[i] &&
                (widest == table->n_columns ||
                 table->widths[i] > table->widths[widest]))
                widest = i;
        if (widest == table->n_columns ||
            table->widths[widest] <= CLI_TABLE_MIN_WIDTH)
            break;
        table->widths[widest]--;
        total--;
    }
}

static void
write_cell(struct cli_table *table, size_t column, const char *text)
{
    size_t width = table->widths[column];
    size_t n = count_chars(text);
    bool is_last = column + 1 == table->n_columns;

    if (table->is_number[column]) {
        fprintf(table->out, "%*s%s", (int)(n < width ? width - n : 0), "",
                text);
    } else if (n > width) {
        /* '~' shows in every character set that something was cut */
        fprintf(table->out, "%.*s~", (int)offset_of(text, width - 1), text);
    } else {
        fprintf(table->out, "%s%*s", text, is_last ? 0 : (int)(width - n), "");
    }
    fputs(is_last ? "\n" : "  ", table->out);
}

static void
write_row(struct cli_table *table, char **cells)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        write_cell(table, i, cells[i]);
        free(cells[i]);
    }
}

static void
write_page(struct cli_table *table)
{
    fit_widths(table);
    if (!table->has_titles)
        for (size_t i = 0; i < table->n_columns; i++)
            write_cell(table, i, table->titles[i]);
    table->has_titles = true;
    for (size_t i = 0; i < table->n_rows; i++)
        write_row(table, table->cells + i * table->n_columns);
    table->n_rows = 0;
}

void
cli_table_cell(struct cli_table *table, const char *format, ...)
{
    char text[MAX_CELL];
    char *cell;
    va_list args;

    va_start(args, format);
    if (vsnprintf(text, sizeof text, format, args) < 0)
        text[0] = '\0';
    va_end(args);
    cell = strdup(cli_say_clean(text));
    must(cell != NULL);
    table->cells[table->n_rows * table->n_columns + table->column] = cell;
    if (count_chars(cell) > table->widths[table->column])
        table->widths[table->column] = count_chars(cell);
    if (++table->column < table->n_columns)
        return;
    table->column = 0;
    if (++table->n_rows == CLI_TABLE_PAGE)
        write_page(table);
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
        free(table->cells[i]);
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
