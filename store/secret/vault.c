/* SPDX-License-Identifier: MIT */
#include "vault.h"

#include <string.h>

#include "store/db.h"

bool
vault_close(const struct db *db, struct arena *arena, const char *name,
            const char *print, const char *key, struct vault_box *box)
{
    size_t len = strlen(key);
    uint8_t *sealed = arena_take(arena, len + SEAL_OVERHEAD);

    *box = (struct vault_box){sealed, len == 0 ? 0 : len + SEAL_OVERHEAD};
    if (sealed == NULL)
        return false;
    return len == 0 || seal_close(&db->seal, name, print, (const uint8_t *)key,
                                  len, sealed);
}

enum store_err
vault_open(struct db *db, struct arena *arena, const char *name,
           const char *print, const struct vault_box *box, const char **key)
{
    uint8_t *plain;

    *key = "";
    if (arena->is_failed)
        return STORE_ENOMEM;
    if (box->len == 0)
        return STORE_OK;
    if (box->len < SEAL_OVERHEAD)
        return STORE_EIO;
    if ((plain = arena_take(arena, box->len - SEAL_OVERHEAD + 1)) == NULL)
        return STORE_ENOMEM;
    if (!seal_open(&db->seal, name, print, box->sealed, box->len, plain)) {
        db_note_damage(db);
        return STORE_EIO;
    }
    *key = (const char *)plain;
    return STORE_OK;
}
