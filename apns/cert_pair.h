/* SPDX-License-Identifier: MIT */
#ifndef APNS_CERT_PAIR_H
#define APNS_CERT_PAIR_H

/*
 * A push certificate and its private key, kept for the handshakes to come, as
 * DER: read, they take five times as much memory, and a handshake is rare.
 * Reading and checking them is apns_cert_read in apns.h.
 */

#include <openssl/ssl.h>
#include <stdbool.h>

#include "apns.h"

struct cert_pair;

/**
 * cert_pair_new(context, leaf_pem, key_pem, pair):
 * Take a certificate and its key, in the form that apns_cert_read returns,
 * for sessions of ${context}. Leaves OpenSSL's error queue empty.
 *
 *   errors   APNS_ECERTPARSE, APNS_EKEYPARSE, APNS_EKEYMISMATCH
 *            APNS_ETLS  OpenSSL refuses to use it
 *            APNS_ENOMEM
 */
APNS_MUST_USE enum apns_err cert_pair_new(SSL_CTX *context,
                                          const char *leaf_pem,
                                          const char *key_pem,
                                          struct cert_pair **pair);

/** cert_pair_free(pair): sessions that use it have copies of their own. */
void cert_pair_free(struct cert_pair *pair);

/** cert_pair_use(pair, ssl): present it; false: OpenSSL's queue says why. */
APNS_MUST_USE bool cert_pair_use(const struct cert_pair *pair, SSL *ssl);

#endif /* APNS_CERT_PAIR_H */
