/* SPDX-License-Identifier: MIT */
#ifndef STORE_BIND_H
#define STORE_BIND_H

/*
 * Running a prepared statement: parameters and columns are given and taken in
 * order, the first failure sticks, bind_end says how it went. So a query
 * reads as a list of columns.
 */

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/arena.h"
#include "store/sql.h"
#include "store/store.h"

struct db;

struct bind {
    struct db *db;
    sqlite3_stmt *stmt;
    int rc; /* the first that was not SQLITE_OK, _ROW or _DONE */
    int at; /* parameters given, or columns taken of this row */
};

/** bind_begin(bind, db, name): take statement ${name}; it must be idle. */
void bind_begin(struct bind *bind, struct db *db, enum sql_name name);

void bind_int(struct bind *bind, int64_t value);
/** bind_text(bind, text): NULL binds NULL; ${text} must outlive bind_end. */
void bind_text(struct bind *bind, const char *text);
void bind_blob(struct bind *bind, const void *bytes, size_t len);

/** bind_row(bind): step; true when there is a row to take columns from. */
bool bind_row(struct bind *bind);

int64_t bind_take_int(struct bind *bind);
uint32_t bind_take_u32(struct bind *bind);
/** bind_take_text(bind, arena): a copy; NULL for NULL. */
const char *bind_take_text(struct bind *bind, struct arena *arena);
const uint8_t *bind_take_blob(struct bind *bind, struct arena *arena,
                              size_t *len);
/** bind_peek_blob(bind, len): as it lies there, until the next step. */
const uint8_t *bind_peek_blob(struct bind *bind, size_t *len);
void bind_skip(struct bind *bind, int n);

/** bind_peek_int(bind, column): out of order, counted from 0. */
int64_t bind_peek_int(const struct bind *bind, int column);

/** bind_end(bind): give the statement back; how it all went. */
enum store_err bind_end(struct bind *bind);

/** bind_end_taken(bind, arena, err): bind_end when columns were taken into
 *  ${arena}: how it went, else STORE_ENOMEM there, else ${err}. */
enum store_err bind_end_taken(struct bind *bind, const struct arena *arena,
                              enum store_err err);

/** bind_run(bind): a statement without rows: step and end. */
enum store_err bind_run(struct bind *bind);

/**
 * bind_run_changed(bind, none):
 * As bind_run, of a statement that returns what it changed; ${none} when it
 * changed nothing.
 */
enum store_err bind_run_changed(struct bind *bind, enum store_err none);

/** bind_run_int(bind, value): as bind_run, of a statement with at most one
 *  row: its first column. Without a row ${*value} stays. */
enum store_err bind_run_int(struct bind *bind, int64_t *value);

/** bind_run_child(bind): as bind_run; STORE_OK as well when the row that it
 *  refers to is gone. */
enum store_err bind_run_child(struct bind *bind);

/** bind_err(rc): what an SQLite result code means here. */
enum store_err bind_err(int rc);

#endif /* STORE_BIND_H */
