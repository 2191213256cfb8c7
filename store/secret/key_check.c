/* SPDX-License-Identifier: MIT */
#include "key_check.h"

/* A known text, sealed under the master key: only the right key opens it. */
static const char check_name[] = "rouse";
static const char check_print[] = "master key check";
_Static_assert(KEY_CHECK_LEN == sizeof check_name + SEAL_OVERHEAD, "its size");

bool
key_check_seal(const struct seal *seal, uint8_t sealed[KEY_CHECK_LEN])
{
    return seal_close(seal, check_name, check_print,
                      (const uint8_t *)check_name, sizeof check_name, sealed);
}

int
key_check_write(sqlite3 *sqlite, const struct seal *seal)
{
    uint8_t sealed[KEY_CHECK_LEN];
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(
        sqlite, "INSERT INTO master_key (id, sealed) VALUES (1, ?1)", -1, &stmt,
        NULL);

    if (rc != SQLITE_OK)
        return rc;
    if (!key_check_seal(seal, sealed))
        rc = SQLITE_NOMEM;
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_blob(stmt, 1, sealed, sizeof sealed, SQLITE_STATIC);
    if (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_DONE)
        rc = SQLITE_OK;
    sqlite3_finalize(stmt);
    return rc;
}

/* Not one of the prepared statements: those wait for the migrations, and
   with another key nothing is migrated. */
int
key_check_read(sqlite3 *sqlite, const struct seal *seal, bool *is_right)
{
    uint8_t plain[sizeof check_name];
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(sqlite, "SELECT sealed FROM master_key", -1,
                                &stmt, NULL);

    *is_right = false;
    if (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        const uint8_t *sealed = sqlite3_column_blob(stmt, 0);

        *is_right = sqlite3_column_bytes(stmt, 0) ==
                        (int)(sizeof plain + SEAL_OVERHEAD) &&
                    seal_open(seal, check_name, check_print, sealed,
                              sizeof plain + SEAL_OVERHEAD, plain);
        rc = SQLITE_OK;
    }
    sqlite3_finalize(stmt);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}
