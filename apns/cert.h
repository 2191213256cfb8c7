/* SPDX-License-Identifier: MIT */
#ifndef APNS_CERT_H
#define APNS_CERT_H

/*
 * Push certificates: reading and checking one is apns_cert_read in apns.h;
 * here is how a connection puts it to use.
 */

#include <openssl/ssl.h>

#include "apns.h"

/**
 * cert_use(ctx, leaf_pem, key_pem):
 * Present this certificate and key, in the form that apns_cert_read returns,
 * on connections made from ${ctx}. Leaves OpenSSL's error queue empty.
 *
 *   errors   APNS_ECERTPARSE, APNS_EKEYPARSE, APNS_EKEYMISMATCH
 *            APNS_ETLS  OpenSSL refuses to use it
 *            APNS_ENOMEM
 */
APNS_MUST_USE enum apns_err cert_use(SSL_CTX *ctx, const char *leaf_pem,
                                     const char *key_pem);

#endif /* APNS_CERT_H */
