/* SPDX-License-Identifier: MIT */
#ifndef TESTS_STORE_DB_DUMP_H
#define TESTS_STORE_DB_DUMP_H

#include <stdint.h>

/**
 * db_dump(path, last_row):
 * Every row of every table of a closed database, as text that the caller
 * frees. Of what was sealed it has the length. Without the numbers that may
 * be skipped: of asks, and of enrollments behind ${last_row}.
 */
char *db_dump(const char *path, int64_t last_row);

#endif /* TESTS_STORE_DB_DUMP_H */
