/* SPDX-License-Identifier: MIT */
#ifndef APNS_TLS_H
#define APNS_TLS_H

/*
 * TLS towards APNs: 1.2 or later, ALPN h2, the host's name verified against a
 * trust store that all identities share, the identity's certificate
 * presented. Nothing here can be switched off.
 */

#include <openssl/ssl.h>
#include <stdbool.h>

#include "apns/apns.h"
#include "apns/cert/cert_pair.h"

/* What all identities share: a context of OpenSSL's takes more memory than a
 * certificate and its key. */
struct tls {
    SSL_CTX *context;
    BIO_METHOD *socket;
};

/**
 * tls_init(tls, ca_file): read the trusted certificates once.
 *
 *   errors   APNS_ECAFILE, APNS_ETLS
 */
APNS_MUST_USE enum apns_err tls_init(struct tls *tls, const char *ca_file);

/** tls_fini(tls): sessions are gone. */
void tls_fini(struct tls *tls);

/**
 * tls_open(tls, pair, fd, host):
 * A session on a connected socket, before its handshake. ${host} is a name or
 * an address, and the server's certificate must be for it. NULL: out of memory.
 */
SSL *tls_open(const struct tls *tls, const struct cert_pair *pair, int fd,
              const char *host);

/** tls_has_h2(ssl): the handshake chose HTTP/2. */
bool tls_has_h2(const SSL *ssl);

/* Why a session failed. */
struct tls_fault {
    int alert;   /* fatal alert that the peer sent; -1: none */
    bool is_cut; /* the socket ended, without a word of TLS */
    char text[128];
};

/**
 * tls_fault_read(ssl, rv, fault):
 * After an SSL call returned ${rv} <= 0 and cannot go on: empty OpenSSL's
 * error queue and say what it was. Keeps errno's meaning, so call it at once.
 */
void tls_fault_read(const SSL *ssl, int rv, struct tls_fault *fault);

#endif /* APNS_TLS_H */
