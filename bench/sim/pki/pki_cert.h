/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_SIM_PKI_CERT_H
#define ROUSE_SIM_PKI_CERT_H

/*
 * Certificates as such: a throwaway CA, a server's, and push certificates in
 * the layout of those that Apple issues. No files.
 */

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdint.h>

struct pki_pair {
    X509 *cert;
    EVP_PKEY *key;
};

/* What a push certificate says. */
struct pki_cert_subject {
    const char *topic; /* the subject's UID; NULL: it has none */
    const char *name;  /* for the subject's CN: "APSP:" and this */
    EVP_PKEY *key;     /* its key, the caller's; NULL: a new one */
    int64_t not_before_unix;
    int64_t not_after_unix;
};

/**
 * pki_cert_ca(pair), pki_cert_server(pair, ca), pki_cert_push(pair, ca, what):
 * Make a certificate with a new RSA key of 2048 bits, unless ${what} has one,
 * and a new random serial number of 8 bytes.
 *
 *   owns     the caller gives ${pair} to pki_cert_free
 *   returns  0, or -1; then OpenSSL's error queue says why and ${pair} is
 *            empty
 */
int pki_cert_ca(struct pki_pair *pair);
int pki_cert_server(struct pki_pair *pair, const struct pki_pair *ca);
int pki_cert_push(struct pki_pair *pair, const struct pki_pair *ca,
                  const struct pki_cert_subject *what);

/** pki_cert_free(pair): and empty it; an empty one is fine. */
void pki_cert_free(struct pki_pair *pair);

#endif /* ROUSE_SIM_PKI_CERT_H */
