/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <limits.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/pem.h>

#include "apns/base/hex.h"
#include "apns/base/must.h"
#include "armor.h"

unsigned char *
armor_unhex(const char *text, size_t len, size_t *out_len)
{
    unsigned char *out = OPENSSL_zalloc(len / 2 + 1);
    size_t n = 0;

    if (out == NULL)
        return NULL;
    for (size_t i = 0; i < len; i++) {
        int digit = hex_digit(text[i]);

        if (digit < 0 && isspace((unsigned char)text[i]))
            continue;
        if (digit < 0)
            goto fail;
        out[n / 2] = (unsigned char)(out[n / 2] << 4 | digit);
        n++;
    }
    if (n == 0 || n % 2 != 0)
        goto fail;
    *out_len = n / 2;
    return out;
fail:
    OPENSSL_free(out);
    return NULL;
}

void
armor_sha256(const void *bytes, size_t len, char hex[65])
{
    unsigned char digest[32];

    hex[0] = '\0';
    if (EVP_Digest(bytes, len, digest, NULL, EVP_sha256(), NULL) == 1)
        hex_write(digest, sizeof digest, hex);
}

char *
armor_take(BIO *bio, size_t *len)
{
    char *bytes;
    long n = BIO_get_mem_data(bio, &bytes);
    char *copy;

    if (n < 0 || (copy = malloc((size_t)n + 1)) == NULL)
        return NULL;
    if (n > 0)
        memcpy(copy, bytes, (size_t)n);
    copy[n] = '\0';
    if (len != NULL)
        *len = (size_t)n;
    return copy;
}

/* A memory BIO cleanses its buffer when it is freed, so keys may pass. */
char *
armor_cert_pem(X509 *cert)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *pem = NULL;

    if (bio != NULL && PEM_write_bio_X509(bio, cert) == 1)
        pem = armor_take(bio, NULL);
    BIO_free(bio);
    return pem;
}

char *
armor_csr_pem(X509_REQ *csr)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *pem = NULL;

    if (bio != NULL && PEM_write_bio_X509_REQ(bio, csr) == 1)
        pem = armor_take(bio, NULL);
    BIO_free(bio);
    return pem;
}

char *
armor_key_pem(const EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *pem = NULL;

    if (bio != NULL &&
        PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1)
        pem = armor_take(bio, NULL);
    BIO_free(bio);
    return pem;
}
