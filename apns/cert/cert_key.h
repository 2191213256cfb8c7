/* SPDX-License-Identifier: MIT */
#ifndef APNS_CERT_KEY_H
#define APNS_CERT_KEY_H

/*
 * Private keys: reading one, and whether it may be used for a certificate.
 * Errors stay in OpenSSL's queue for the caller to clear.
 */

#include <stdbool.h>

#include <openssl/evp.h>

#include "apns/base/pem.h"

#define CERT_KEY_MAX_DETAIL 256

/**
 * cert_key_read(block):
 * The key in a PRIVATE KEY, RSA PRIVATE KEY or EC PRIVATE KEY block that is
 * not encrypted; for EVP_PKEY_free. NULL: it cannot be read.
 */
EVP_PKEY *cert_key_read(const struct pem_block *block);

/**
 * cert_key_is_strong(key, detail):
 * It is of a kind and size that APNs and OpenSSL's default security level
 * take: RSA of 2048 bits or more, EC on a named curve of 256 or more. If not,
 * ${detail} (CERT_KEY_MAX_DETAIL bytes) says what it is.
 */
bool cert_key_is_strong(const EVP_PKEY *key, char *detail);

/**
 * cert_key_belongs(key, public_key):
 * What ${key} signs, ${public_key} verifies. ${public_key} is strong.
 */
bool cert_key_belongs(EVP_PKEY *key, EVP_PKEY *public_key);

#endif /* APNS_CERT_KEY_H */
