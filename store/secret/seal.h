/* SPDX-License-Identifier: MIT */
#ifndef STORE_SEAL_H
#define STORE_SEAL_H

/*
 * Private keys at rest: AES-256-GCM under the master key, bound to the topic
 * and certificate they belong to, so that a row cannot stand in for another.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

#define SEAL_KEY_LEN   32
#define SEAL_NONCE_LEN 12
#define SEAL_TAG_LEN   16
/* version, nonce, tag, then as many bytes as the plain text */
#define SEAL_OVERHEAD (1 + SEAL_NONCE_LEN + SEAL_TAG_LEN)

struct seal {
    uint8_t key[SEAL_KEY_LEN];
};

/**
 * seal_load(seal, path, why):
 * Read the master key: 32 raw bytes, or 64 hex digits and perhaps a newline.
 *
 *   errors   STORE_EKEY  missing or malformed
 */
enum store_err seal_load(struct seal *seal, const char *path, char *why);

/** seal_make(path, why): write a new master key to ${path}, mode 0600. */
enum store_err seal_make(const char *path, char *why);

void seal_fini(struct seal *seal);

/**
 * seal_close(seal, name, print, plain, len, sealed):
 * Seal ${len} bytes for the thing ${name} with fingerprint ${print} into
 * ${len} + SEAL_OVERHEAD bytes. False: the library failed.
 */
bool seal_close(const struct seal *seal, const char *name, const char *print,
                const uint8_t *plain, size_t len, uint8_t *sealed);

/**
 * seal_open(seal, name, print, sealed, len, plain):
 * The other way; ${plain} has room for ${len} - SEAL_OVERHEAD bytes. False:
 * another key, another thing or changed bytes.
 */
bool seal_open(const struct seal *seal, const char *name, const char *print,
               const uint8_t *sealed, size_t len, uint8_t *plain);

#endif /* STORE_SEAL_H */
