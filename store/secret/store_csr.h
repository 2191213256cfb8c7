/* SPDX-License-Identifier: MIT */
#ifndef STORE_STORE_CSR_H
#define STORE_STORE_CSR_H

/*
 * Requests for push certificates that Apple has not answered yet: the private
 * key sealed, the CSR and what goes to Apple's portal in clear. Part of
 * store.h, which includes it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store_base.h"

#define STORE_MAX_UPLOAD ((size_t)1 << 20) /* bytes */

struct store_csr {
    const char *name;  /* unique, at most STORE_MAX_NAME bytes */
    const char *topic; /* that it is to renew; "" for a new identity */
    const char *csr_pem;
    const char *spki_sha256;   /* unique */
    const char *key_pem;       /* NULL in lists made without keys */
    const char *upload;        /* signed, for Apple's portal; "" not yet */
    const char *mail_cert_pem; /* mdmcert.download's reply is encrypted for
                                  it; "" without */
    const char *mail_key_pem;  /* sealed as well; NULL as key_pem, or "" */
    int64_t created_at_ms;     /* 0: now */
    const char *created_by;
};

typedef void store_csrs_fn(void *arg, enum store_err err,
                           const struct store_csr *csrs, size_t n);

/**
 * store_csr_put(store, csr, done, arg):
 * Keep a new one.
 *
 *   shape    name, csr_pem, spki_sha256 and key_pem are not empty
 *   owns     copies of keys are cleansed after the completion
 *   errors   STORE_ECONFLICT  the name or the key is taken
 */
STORE_MUST_USE enum store_err store_csr_put(struct store *store,
                                            const struct store_csr *csr,
                                            store_done_fn *done, void *arg);

/**
 * store_csr_sign(store, name, upload, done, arg):
 * ${upload} is what goes to Apple's portal: the vendor has signed it.
 *
 *   shape    ${upload} not NULL, at most STORE_MAX_UPLOAD bytes
 *   errors   STORE_ENOTFOUND
 */
STORE_MUST_USE enum store_err store_csr_sign(struct store *store,
                                             const char *name,
                                             const char *upload,
                                             store_done_fn *done, void *arg);

/**
 * store_csr_list(store, name, with_keys, done, arg):
 * All, oldest first; or the one of that ${name}.
 *
 *   owns     keys are cleansed after the completion
 *   errors   STORE_ENOTFOUND  there is none of that name; STORE_EIO  with
 *            keys: one was changed behind our back
 */
STORE_MUST_USE enum store_err store_csr_list(struct store *store,
                                             const char *name, bool with_keys,
                                             store_csrs_fn *done, void *arg);

/**
 * store_csr_delete(store, name, done, arg):
 * With its keys: the certificate that Apple may still make of it is useless.
 *
 *   errors   STORE_ENOTFOUND
 */
STORE_MUST_USE enum store_err store_csr_delete(struct store *store,
                                               const char *name,
                                               store_done_fn *done, void *arg);

/* Where a private key was found. */
struct store_found_key {
    const char *key_pem;
    const char *request; /* name of the request; or NULL and */
    const char *topic;   /* of a certificate that is or was held */
};

typedef void store_found_key_fn(void *arg, enum store_err err,
                                const struct store_found_key *found);

/**
 * store_csr_find_key(store, spki_sha256, done, arg):
 * The private key of this public key: of a request, else of a certificate
 * ever held, the newest first.
 *
 *   owns     the key is cleansed after the completion
 *   errors   STORE_ENOTFOUND; STORE_EIO  it was changed behind our back
 */
STORE_MUST_USE enum store_err store_csr_find_key(struct store *store,
                                                 const char *spki_sha256,
                                                 store_found_key_fn *done,
                                                 void *arg);

#endif /* STORE_STORE_CSR_H */
