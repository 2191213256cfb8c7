/* SPDX-License-Identifier: MIT */
#ifndef STORE_STORE_LOST_H
#define STORE_STORE_LOST_H

/*
 * A master key that is lost. Part of store.h, which includes it.
 */

#include <stdint.h>

#include "store/store_base.h"

struct store_options;

/* What the lost key sealed. */
struct store_lost {
    int64_t n_certs; /* keys of certificates, in force or ever held */
    int64_t n_requests;
    int64_t n_vendors;
    int64_t n; /* private keys in all */
};

/**
 * store_lost_key(options, n_confirmed, by, lost, why):
 * Go on with another master key, without the store being open: every private
 * key is given up, requests and the vendor's certificate with theirs. All
 * else stays; certificates stay too, and take their keys again when they are
 * imported again. The new key is the one in the key's file; where there is
 * none, it is made. No file with a key is ever changed. Blocking.
 *
 *   shape    ${n_confirmed} must be ${lost->n}: whoever asks knows
 *   why      256 bytes; on error, one line that says what to do next
 *   errors   STORE_EINVAL  ${n_confirmed} is wrong, see ${lost};
 *            STORE_ECONFLICT  the key is not lost: it opens the database;
 *            STORE_ENOTFOUND  there is no database; as store_open. Nothing
 *            was changed then
 */
STORE_MUST_USE enum store_err
store_lost_key(const struct store_options *options, int64_t n_confirmed,
               const char *by, struct store_lost *lost, char *why);

#endif /* STORE_STORE_LOST_H */
