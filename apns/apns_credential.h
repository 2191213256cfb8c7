/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_APNS_CREDENTIAL_H
#define ROUSE_APNS_CREDENTIAL_H

/*
 * Certificate and private key, read and checked once and ready for TLS: for
 * those who keep slow work off the thread that pushes. A part of apns.h, which
 * includes it. Made in any thread; then one thread at a time uses it.
 */

#include "apns.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * apns_credential_read(pem, len, credential, detail):
 * As apns_cert_read, but that dates are no error: apns_identity_use looks at
 * them. Proves by a signature that the key belongs to the certificate, which
 * for the largest keys takes tens of milliseconds: keep it off a thread that
 * pushes.
 *
 *   owns     ${*credential} is new, NULL after an error; apns_credential_free
 *   errors   as apns_cert_read without its dates; APNS_ETLS: OpenSSL's policy
 *            on this machine refuses it, detail says why
 */
APNS_API APNS_MUST_USE enum apns_err
apns_credential_read(const char *pem, size_t len,
                     struct apns_credential **credential, char *detail);

/**
 * apns_credential_load(leaf_pem, key_pem, credential):
 * What apns_credential_leaf_pem and _key_pem gave, back from a safe place:
 * key and certificate are compared, but not proven again. No slow work.
 *
 *   errors   as apns_credential_read
 */
APNS_API APNS_MUST_USE enum apns_err
apns_credential_load(const char *leaf_pem, const char *key_pem,
                     struct apns_credential **credential);

/** apns_credential_cert(credential): what it says of itself; borrowed. */
APNS_API const struct apns_cert *
apns_credential_cert(const struct apns_credential *credential);

/** apns_credential_leaf_pem, apns_credential_key_pem: in normal form, the key
 *  as unencrypted PKCS#8; borrowed. */
APNS_API const char *
apns_credential_leaf_pem(const struct apns_credential *credential);
APNS_API const char *
apns_credential_key_pem(const struct apns_credential *credential);

/** apns_credential_share(credential): one share more; returns it. */
APNS_API struct apns_credential *
apns_credential_share(struct apns_credential *credential);

/** apns_credential_free(credential): give a share back; NULL is fine. The key
 *  is cleansed with the last. Clients that use it have shares of their own. */
APNS_API void apns_credential_free(struct apns_credential *credential);

#ifdef __cplusplus
}
#endif

#endif /* ROUSE_APNS_CREDENTIAL_H */
