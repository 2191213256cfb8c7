/* SPDX-License-Identifier: MIT */
#ifndef API_KEYRING_H
#define API_KEYRING_H

/*
 * The API keys in force, in memory: read from the store at the start, and
 * changed with it, so that a request costs no query.
 */

#include <stdbool.h>

#include "auth.h"

struct api;
struct keyring;
struct store_key;

#define KEYRING_MAX 10000 /* keys in force; more are not created */

typedef void keyring_loaded_fn(void *arg);

struct keyring *keyring_new(void);
void keyring_free(struct keyring *keyring);

/**
 * keyring_load(keyring, api, on_loaded, arg):
 * Read the keys, once, at the start; ${on_loaded} (or NULL) is called when
 * they count, also when reading failed: then nobody gets in.
 */
void keyring_load(struct keyring *keyring, struct api *api,
                  keyring_loaded_fn *on_loaded, void *arg);

/** keyring_reserve(keyring): a place for a key that is being made; false:
 *  KEYRING_MAX are in force. keyring_add or keyring_release follows. */
bool keyring_reserve(struct keyring *keyring);
void keyring_release(struct keyring *keyring);

/** keyring_add(keyring, key): into the reserved place; it counts from now. */
void keyring_add(struct keyring *keyring, const struct store_key *key);

/** keyring_drop(keyring, id): revoked: it counts no more from now on. */
void keyring_drop(struct keyring *keyring, int64_t id);

/**
 * keyring_find(keyring, header, caller):
 * Who has sent this Authorization header. Takes the same time whether a key
 * is wrong in its first byte or its last.
 *
 *   returns  false when no key in force is in it
 */
bool keyring_find(const struct keyring *keyring, const char *header,
                  struct auth_caller *caller);

#endif /* API_KEYRING_H */
