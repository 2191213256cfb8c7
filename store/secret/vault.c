/* SPDX-License-Identifier: MIT */
#include "vault.h"

#include <string.h>

#include "store/db.h"

bool
vault_close(const struct db *db, struct arena *arena, const char *name,
            const char *print, const char *key, struct vault_box *box)
{
    size_t len = strlen(key);

    box->len = len == 0 ? 0 : len + SEAL_OVERHEAD;
    box->sealed = arena_take(arena, len + SEAL_OVERHEAD);
    if (box->sealed == NULL)
        return false;
    return len == 0 || seal_close(&db->seal, name, print, (const uint8_t *)key,
                                  len, box->sealed);
}

enum store_err
vault_open(struct db *db, struct arena *arena, const char *name,
           const char *print, const uint8_t *sealed, size_t len,
           const char **key)
{
    uint8_t *plain;

    *key = "";
    if (arena->is_failed)
        return STORE_ENOMEM;
    if (len == 0)
        return STORE_OK;
    if (len < SEAL_OVERHEAD)
        return STORE_EIO;
    if ((plain = arena_take(arena, len - SEAL_OVERHEAD + 1)) == NULL)
        return STORE_ENOMEM;
    if (!seal_open(&db->seal, name, print, sealed, len, plain)) {
        db_note_damage(db);
        return STORE_EIO;
    }
    *key = (const char *)plain;
    return STORE_OK;
}
