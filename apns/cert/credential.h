/* SPDX-License-Identifier: MIT */
#ifndef APNS_CREDENTIAL_H
#define APNS_CREDENTIAL_H

/*
 * One credential from file to connection: what apns.h shows of it, made of
 * things that are parsed already, and what the client takes of it.
 */

#include <openssl/x509.h>

#include "apns/apns.h"

struct cert_pair;

/**
 * credential_new(leaf, key, credential, detail):
 * As apns_credential_read, of a certificate and a key from outside. The
 * caller keeps both.
 *
 *   detail   CERT_DESCRIBE_MAX_DETAIL bytes
 *   errors   as cert_describe_x509; APNS_EKEYMISMATCH, APNS_ETLS, APNS_ENOMEM
 */
APNS_MUST_USE enum apns_err credential_new(X509 *leaf, EVP_PKEY *key,
                                           struct apns_credential **credential,
                                           char *detail);

/** credential_pair(credential): for handshakes; borrowed. */
struct cert_pair *credential_pair(const struct apns_credential *credential);

#endif /* APNS_CREDENTIAL_H */
