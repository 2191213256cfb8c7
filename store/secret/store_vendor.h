/* SPDX-License-Identifier: MIT */
#ifndef STORE_STORE_VENDOR_H
#define STORE_STORE_VENDOR_H

/*
 * The MDM vendor's certificate, chain and key, at most one. Part of store.h,
 * which includes it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store_base.h"

struct store_vendor {
    const char *cert_pem;
    const char *chain_pem; /* its issuers, glued; "" */
    const char *key_pem;   /* sealed; NULL when read without */
    const char *sha256;    /* of the certificate */
    int64_t put_at_ms;     /* 0: now */
    const char *put_by;
};

typedef void store_vendor_fn(void *arg, enum store_err err,
                             const struct store_vendor *vendor);

/**
 * store_vendor_put(store, vendor, done, arg):
 * In place of the one that there may be.
 *
 *   shape    cert_pem, key_pem and sha256 are not empty
 *   owns     the copy of the key is cleansed after the completion
 */
STORE_MUST_USE enum store_err
store_vendor_put(struct store *store, const struct store_vendor *vendor,
                 store_done_fn *done, void *arg);
/**
 * store_vendor_get(store, with_key, done, arg):
 *
 *   owns     the key is cleansed after the completion
 *   errors   STORE_ENOTFOUND; STORE_EIO  the key was changed behind our back
 */
STORE_MUST_USE enum store_err store_vendor_get(struct store *store,
                                               bool with_key,
                                               store_vendor_fn *done,
                                               void *arg);
/**
 * store_vendor_delete(store, done, arg):
 *
 *   errors   STORE_ENOTFOUND
 */
STORE_MUST_USE enum store_err
store_vendor_delete(struct store *store, store_done_fn *done, void *arg);

#endif /* STORE_STORE_VENDOR_H */
