/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_ARMOR_H
#define ROUSE_ARMOR_H

/*
 * What becomes text, and hex that has been copied about.
 */

#include <stdbool.h>
#include <stddef.h>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

/**
 * armor_unhex(text, len, out_len):
 * Hex digits with white space anywhere. New, to be given to OPENSSL_free; NULL
 * when it is not hex, empty, or no memory.
 */
unsigned char *armor_unhex(const char *text, size_t len, size_t *out_len);

/** armor_sha256(bytes, len, hex): the digest as 64 digits; "" if it fails. */
void armor_sha256(const void *bytes, size_t len, char hex[65]);

/** armor_take(bio, len): copy a memory BIO into a new NUL-ended string. */
char *armor_take(BIO *bio, size_t *len);

/** armor_cert_pem, armor_csr_pem, armor_key_pem (PKCS#8): new, or NULL. */
char *armor_cert_pem(X509 *cert);
char *armor_csr_pem(X509_REQ *csr);
char *armor_key_pem(const EVP_PKEY *key);

#endif /* ROUSE_ARMOR_H */
