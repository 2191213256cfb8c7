/* SPDX-License-Identifier: MIT */
#ifndef STORE_STORE_KEY_H
#define STORE_STORE_KEY_H

/*
 * API keys. The secret itself never comes here: only its SHA-256. Part of
 * store.h, which includes it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store_base.h"

struct store_key {
    int64_t id; /* given by the store */
    const char *name;
    uint8_t hash[32];  /* SHA-256 of the secret */
    uint32_t verbs;    /* bits, meaning known to the API */
    const char *topic; /* "" for all topics */
    const char *group; /* path: it and those below it; "" or NULL: all */
    int64_t created_at_ms;
    int64_t revoked_at_ms; /* 0: in force */
};

typedef void store_keys_fn(void *arg, enum store_err err,
                           const struct store_key *keys, size_t n,
                           int64_t next);

/**
 * store_key_put(store, key, done, arg):
 * Keep a new one; id and revoked_at_ms are not read. The completion gets the
 * one key as stored, ${next} is 0.
 *
 *   shape    name is not empty; group is a path (store_group_path_ok) or ""
 *   errors   STORE_ECONFLICT  there is a key with this hash, revoked or not
 */
STORE_MUST_USE enum store_err store_key_put(struct store *store,
                                            const struct store_key *key,
                                            store_keys_fn *done, void *arg);

/**
 * store_key_list(store, only_in_force, after, limit, done, arg):
 * Up to ${limit} <= STORE_MAX_BATCH, oldest first, behind the id ${after} (0:
 * from the first). ${next} is the ${after} of the next page, 0 at the end.
 */
STORE_MUST_USE enum store_err store_key_list(struct store *store,
                                             bool only_in_force, int64_t after,
                                             size_t limit, store_keys_fn *done,
                                             void *arg);

/**
 * store_key_revoke(store, id, done, arg):
 * It is not in force any more; revoking twice is fine. Of those revoked the
 * newest STORE_MAX_REVOKED are kept.
 *
 *   errors   STORE_ENOTFOUND
 */
STORE_MUST_USE enum store_err store_key_revoke(struct store *store, int64_t id,
                                               store_done_fn *done, void *arg);

#endif /* STORE_STORE_KEY_H */
