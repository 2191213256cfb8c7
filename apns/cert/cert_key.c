/* SPDX-License-Identifier: MIT */
#include "cert_key.h"

#include <stdio.h>
#include <string.h>

#include <openssl/x509.h>

#include "apns/base/base64.h"

#define MIN_RSA_BITS 2048 /* OpenSSL's security level 2 */
#define MAX_RSA_BITS 8192 /* beyond it a handshake takes seconds */
#define MIN_EC_BITS  256

static EVP_PKEY *
parse_pkcs8(const unsigned char **at, long len)
{
    PKCS8_PRIV_KEY_INFO *pkcs8 = d2i_PKCS8_PRIV_KEY_INFO(NULL, at, len);
    EVP_PKEY *key = pkcs8 != NULL ? EVP_PKCS82PKEY(pkcs8) : NULL;

    PKCS8_PRIV_KEY_INFO_free(pkcs8);
    return key;
}

EVP_PKEY *
cert_key_read(const struct pem_block *block)
{
    size_t len = 0;
    unsigned char *der = base64_read_loose(block->body, block->body_len, &len);
    const unsigned char *at = der;
    EVP_PKEY *key;

    if (der == NULL)
        return NULL;
    if (strcmp(block->type, "RSA PRIVATE KEY") == 0)
        key = d2i_PrivateKey(EVP_PKEY_RSA, NULL, &at, (long)len);
    else if (strcmp(block->type, "EC PRIVATE KEY") == 0)
        key = d2i_PrivateKey(EVP_PKEY_EC, NULL, &at, (long)len);
    else
        key = parse_pkcs8(&at, (long)len);
    OPENSSL_clear_free(der, len + 1);
    return key;
}

bool
cert_key_is_strong(const EVP_PKEY *key, char *detail)
{
    int bits = EVP_PKEY_get_bits(key);
    char group[64];

    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
        if (bits >= MIN_RSA_BITS && bits <= MAX_RSA_BITS)
            return true;
        snprintf(detail, CERT_KEY_MAX_DETAIL, "RSA of %d bits, not %d to %d",
                 bits, MIN_RSA_BITS, MAX_RSA_BITS);
        return false;
    case EVP_PKEY_EC:
        /* A curve spelled out in numbers has no name, and no TLS. */
        if (bits >= MIN_EC_BITS &&
            EVP_PKEY_get_group_name(key, group, sizeof group, NULL) == 1)
            return true;
        snprintf(detail, CERT_KEY_MAX_DETAIL,
                 "EC of %d bits, not a named curve of at least %d", bits,
                 MIN_EC_BITS);
        return false;
    default:
        snprintf(detail, CERT_KEY_MAX_DETAIL, "neither RSA nor EC");
        return false;
    }
}

bool
cert_key_belongs(EVP_PKEY *key, EVP_PKEY *public_key)
{
    /* Comparing the public halves alone would believe a key file whose secret
     * half is damaged. */
    static const unsigned char text[] = "rouse: do they belong together?";
    unsigned char signature[MAX_RSA_BITS / 8];
    size_t len = sizeof signature;
    EVP_MD_CTX *sign = EVP_MD_CTX_new();
    EVP_MD_CTX *verify = EVP_MD_CTX_new();
    bool is_one =
        EVP_PKEY_eq(key, public_key) == 1 && sign != NULL && verify != NULL &&
        EVP_DigestSignInit(sign, NULL, EVP_sha256(), NULL, key) == 1 &&
        EVP_DigestSign(sign, signature, &len, text, sizeof text) == 1 &&
        EVP_DigestVerifyInit(verify, NULL, EVP_sha256(), NULL, public_key) ==
            1 &&
        EVP_DigestVerify(verify, signature, len, text, sizeof text) == 1;

    EVP_MD_CTX_free(sign);
    EVP_MD_CTX_free(verify);
    return is_one;
}
