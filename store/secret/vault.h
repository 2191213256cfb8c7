/* SPDX-License-Identifier: MIT */
#ifndef STORE_VAULT_H
#define STORE_VAULT_H

/*
 * Private keys in rows: seal.h with the memory of a request. No key ("") is
 * an empty blob.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/arena.h"
#include "store/store.h"

struct db;

/* What stands for a fingerprint where a key has no certificate of its own. */
#define VAULT_MAIL_PRINT "mdmcert.download" /* opens the mail */
#define VAULT_VENDOR     "MDM vendor"       /* the name of the vendor's */

struct vault_box {
    const uint8_t *sealed;
    size_t len;
};

/* CERT_IMPORTED, CERT_LEARNT */
struct cert_row {
    struct store_identity identity;
    struct vault_box key;
};

/** vault_close(db, arena, name, print, key, box): false: no memory. */
bool vault_close(const struct db *db, struct arena *arena, const char *name,
                 const char *print, const char *key, struct vault_box *box);

/**
 * vault_open(db, arena, name, print, box, key):
 * The other way; ${*key} is NUL-terminated.
 *
 *   errors   STORE_EIO  the row was changed behind our back; STORE_ENOMEM,
 *            also when ${name} or ${print} found no memory
 */
enum store_err vault_open(struct db *db, struct arena *arena, const char *name,
                          const char *print, const struct vault_box *box,
                          const char **key);

#endif /* STORE_VAULT_H */
