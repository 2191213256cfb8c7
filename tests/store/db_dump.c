/* SPDX-License-Identifier: MIT */
#include "db_dump.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static bool
is_skipped(const char *table, const char *column, int64_t value,
           int64_t last_row)
{
    return strcmp(table, "ask_no") == 0 || strcmp(column, "ask_no") == 0 ||
           strcmp(column, "served") == 0 ||
           (strcmp(column, "row") == 0 && value > last_row);
}

static void
print_value(FILE *out, const char *table, sqlite3_stmt *row, int i,
            int64_t last_row)
{
    const char *column = sqlite3_column_name(row, i);
    const unsigned char *bytes = sqlite3_column_blob(row, i);
    int len = sqlite3_column_bytes(row, i);

    fprintf(out, " %s=", column);
    if (strncmp(column, "sealed", 6) == 0)
        fprintf(out, "(%d)", len);
    else if (sqlite3_column_type(row, i) == SQLITE_BLOB)
        for (int at = 0; at < len; at++)
            fprintf(out, "%02x", bytes[at]);
    else if (!is_skipped(table, column, sqlite3_column_int64(row, i), last_row))
        fprintf(out, "%s", (const char *)sqlite3_column_text(row, i));
}

static void
print_table(FILE *out, sqlite3 *db, const char *table, int64_t last_row)
{
    char *sql = sqlite3_mprintf("SELECT * FROM \"%w\"", table);
    sqlite3_stmt *row;

    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &row, NULL), SQLITE_OK);
    while (sqlite3_step(row) == SQLITE_ROW) {
        fprintf(out, "%s:", table);
        for (int i = 0; i < sqlite3_column_count(row); i++)
            print_value(out, table, row, i, last_row);
        fputc('\n', out);
    }
    assert_int_equal(sqlite3_finalize(row), SQLITE_OK);
    sqlite3_free(sql);
}

char *
db_dump(const char *path, int64_t last_row)
{
    static const char names[] =
        "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    sqlite3_stmt *table;
    sqlite3 *db;

    assert_non_null(out);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, names, -1, &table, NULL),
                     SQLITE_OK);
    while (sqlite3_step(table) == SQLITE_ROW)
        print_table(out, db, (const char *)sqlite3_column_text(table, 0),
                    last_row);
    assert_int_equal(sqlite3_finalize(table), SQLITE_OK);
    sqlite3_close(db);
    assert_int_equal(fclose(out), 0);
    return text;
}
