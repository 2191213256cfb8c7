/* SPDX-License-Identifier: MIT */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

/*
 * What the database looks like: numbered migrations, only ever added, and how
 * a file is recognised as ours before SQLite gets to see it.
 */

#include <sqlite3.h>
#include <stdbool.h>

#include "store/store.h"

#define SCHEMA_APPLICATION_ID 0x726f7573 /* "rous" */

/**
 * schema_inspect(path, is_there, why):
 * Look at the header of the file without SQLite. A missing or empty file is
 * no error: see ${is_there}.
 *
 *   errors   STORE_ENOTOURS, STORE_ETOONEW, STORE_ECORRUPT, STORE_EDIR
 */
enum store_err schema_inspect(const char *path, bool *is_there, char *why);

/**
 * schema_check(sqlite, why):
 * The same questions to SQLite, which knows the log, too. Writes nothing.
 */
enum store_err schema_check(sqlite3 *sqlite, char *why);

/** schema_migrate(sqlite, why): up to the newest version; all or nothing. */
enum store_err schema_migrate(sqlite3 *sqlite, char *why);

#endif /* STORE_SCHEMA_H */
