/* SPDX-License-Identifier: MIT */

#include <stdlib.h>
#include <string.h>

#include "server/cli/term/cli_table.h"
#include "tests/support/unit.h"

static const char *const titles[] = {"NAME", ">N", "NOTE"};

TEST(columns_are_aligned)
{
    char *text;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    struct cli_table *table =
        cli_table_new(&(struct cli){.out = out, .out_width = 0}, titles, 3);

    cli_table_cell(table, "a");
    cli_table_cell(table, "%d", 12345);
    cli_table_cell(table, "short");
    cli_table_cell(table, "longer name");
    cli_table_cell(table, "%d", 7);
    cli_table_cell(table, "%s", "");
    cli_table_finish(table);
    cli_table_free(table);
    fclose(out);
    assert_string_equal(text, "NAME             N  NOTE\n"
                              "a            12345  short\n"
                              "longer name      7  \n");
    free(text);
}

TEST(an_empty_table_has_its_titles)
{
    char *text;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    struct cli_table *table =
        cli_table_new(&(struct cli){.out = out, .out_width = 0}, titles, 3);

    cli_table_finish(table);
    cli_table_free(table);
    fclose(out);
    assert_string_equal(text, "NAME  N  NOTE\n");
    free(text);
}

TEST(long_text_is_cut_to_the_terminal_but_numbers_are_not)
{
    char *text;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    struct cli_table *table =
        cli_table_new(&(struct cli){.out = out, .out_width = 30}, titles, 3);

    cli_table_cell(table, "abcdefghijklmnopqrstuvwxyz");
    cli_table_cell(table, "1234567890");
    cli_table_cell(table, "note");
    cli_table_finish(table);
    cli_table_free(table);
    fclose(out);
    assert_string_equal(text, "NAME                   N  NOTE\n"
                              "abcdefghijk\u2026  1234567890  note\n");
    free(text);
}

TEST(characters_count_not_bytes)
{
    char *text;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    struct cli_table *table =
        cli_table_new(&(struct cli){.out = out, .out_width = 0}, titles, 3);

    cli_table_cell(table, "K\xc3\xb6ln");
    cli_table_cell(table, "1");
    cli_table_cell(table, "x");
    cli_table_finish(table);
    cli_table_free(table);
    fclose(out);
    assert_string_equal(text, "NAME  N  NOTE\nK\xc3\xb6ln  1  x\n");
    free(text);
}

TEST(escape_sequences_from_outside_are_made_harmless)
{
    char *text;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    struct cli_table *table =
        cli_table_new(&(struct cli){.out = out, .out_width = 0}, titles, 3);

    cli_table_cell(table, "\033[2J\r\n");
    cli_table_cell(table, "1");
    cli_table_cell(table, "\xc2\x9b"
                          "2J");
    cli_table_finish(table);
    cli_table_free(table);
    cli_table_pair(out, "name", "\033]0;x\a");
    fclose(out);
    assert_null(strchr(text, '\033'));
    assert_null(strchr(text, '\r'));
    assert_null(strchr(text, '\a'));
    assert_null(strstr(text, "\xc2\x9b"));
    free(text);
}

TEST(a_later_page_keeps_the_widths)
{
    char *text;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    struct cli_table *table =
        cli_table_new(&(struct cli){.out = out, .out_width = 0}, titles, 3);
    size_t n_titles = 0;

    for (int i = 0; i < CLI_TABLE_PAGE + 1; i++) {
        cli_table_cell(table, "%s", i == 0 ? "quite a long name" : "x");
        cli_table_cell(table, "%d", i);
        cli_table_cell(table, "n");
    }
    cli_table_finish(table);
    cli_table_free(table);
    fclose(out);
    assert_non_null(strstr(text, "\nx                  1000  n\n"));
    for (const char *p = text; (p = strstr(p, "NAME")) != NULL; p++)
        n_titles++;
    assert_int_equal(n_titles, 1);
    free(text);
}
