/* SPDX-License-Identifier: MIT */
#ifndef APNS_CERT_PAIR_H
#define APNS_CERT_PAIR_H

/*
 * A push certificate and its private key, kept for the handshakes to come, as
 * DER: read, they take five times as much memory, and a handshake is rare.
 * Shared by whoever holds it; not between threads.
 */

#include <openssl/ssl.h>
#include <stdbool.h>

#include "apns/apns.h"

struct cert_pair;

/**
 * cert_pair_new(leaf, key, pair):
 * Copy a certificate and its key, which belong together.
 *
 *   errors   APNS_ENOMEM
 */
APNS_MUST_USE enum apns_err cert_pair_new(X509 *leaf, EVP_PKEY *key,
                                          struct cert_pair **pair);

/** cert_pair_share(pair): one share more; returns ${pair}. */
struct cert_pair *cert_pair_share(struct cert_pair *pair);

/** cert_pair_free(pair): give a share back; sessions have their own copies. */
void cert_pair_free(struct cert_pair *pair);

/** cert_pair_use(pair, ssl): present it; false: OpenSSL's queue says why. */
APNS_MUST_USE bool cert_pair_use(const struct cert_pair *pair, SSL *ssl);

/**
 * cert_pair_try(pair, context):
 * OpenSSL has rules of its own, and so may this machine; they are to be heard
 * of before we connect. False: OpenSSL's queue says why.
 */
APNS_MUST_USE bool cert_pair_try(const struct cert_pair *pair,
                                 SSL_CTX *context);

#endif /* APNS_CERT_PAIR_H */
