/* SPDX-License-Identifier: MIT */
#ifndef STORE_KEY_CHECK_H
#define STORE_KEY_CHECK_H

/*
 * Recognises the right master key: it opens a known text that it sealed.
 */

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "seal.h"

#define KEY_CHECK_LEN (6 + SEAL_OVERHEAD)

/** key_check_seal(seal, sealed): false: the library failed. */
bool key_check_seal(const struct seal *seal, uint8_t sealed[KEY_CHECK_LEN]);

/** key_check_write(sqlite, seal): in a new database; SQLite's code. */
int key_check_write(sqlite3 *sqlite, const struct seal *seal);

/** key_check_read(sqlite, seal, is_right): likewise. */
int key_check_read(sqlite3 *sqlite, const struct seal *seal, bool *is_right);

#endif /* STORE_KEY_CHECK_H */
