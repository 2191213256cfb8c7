/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_ARMOR_H
#define ROUSE_ARMOR_H

/*
 * Bytes as text and back: base64, hex, PEM blocks. Tolerant of white space
 * only; whatever else does not belong makes it fail.
 */

#include <stdbool.h>
#include <stddef.h>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

/** armor_unhex(text, len, out_len): the same for hex; free with OPENSSL_free */
unsigned char *armor_unhex(const char *text, size_t len, size_t *out_len);

/** armor_sha256(bytes, len, hex): the digest as 64 digits; "" if it fails. */
void armor_sha256(const void *bytes, size_t len, char hex[65]);

/** armor_take(bio, len): copy a memory BIO into a new NUL-ended string. */
char *armor_take(BIO *bio, size_t *len);

/** armor_cert_pem, armor_csr_pem, armor_key_pem (PKCS#8): new, or NULL. */
char *armor_cert_pem(X509 *cert);
char *armor_csr_pem(X509_REQ *csr);
char *armor_key_pem(const EVP_PKEY *key);

/* One "-----BEGIN type-----" … "-----END type-----". Borrowed bytes. */
struct armor_block {
    char type[64];
    const char *header; /* Proc-Type and DEK-Info lines; or NULL */
    size_t header_len;
    const char *body; /* base64 */
    size_t body_len;
    bool is_cut; /* no END line */
};

/**
 * armor_block_next(text, len, at, block):
 * The next block from offset ${*at} on; blocks may be glued together without
 * a newline. False: no more.
 */
bool armor_block_next(const char *text, size_t len, size_t *at,
                      struct armor_block *block);

#endif /* ROUSE_ARMOR_H */
