/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "apns/apns.h"
#include "apns/base/base64.h"
#include "apns/base/pem.h"
#include "cert_describe.h"
#include "cert_key.h"
#include "credential.h"

#define MAX_KEYS   16 /* key blocks in one file */
#define MAX_DETAIL CERT_DESCRIBE_MAX_DETAIL

/* What has been found so far; freed as one. */
struct reading {
    struct pem_block leaf; /* the last certificate; body NULL: none yet */
    struct pem_block keys[MAX_KEYS];
    size_t n_keys;
    X509 *x509;
    char detail[MAX_DETAIL];
};

/*
 * Blocks.
 */

/* OpenSSL's old encryption says so above the base64. */
static bool
is_encrypted(const struct pem_block *block)
{
    const char *end = block->body + block->body_len;

    return block->header != NULL &&
           memmem(block->header, (size_t)(end - block->header), "ENCRYPTED",
                  9) != NULL;
}

static enum apns_err
take_block(struct reading *reading, const struct pem_block *block)
{
    if (strcmp(block->type, "CERTIFICATE") == 0) {
        reading->leaf = *block;
        return APNS_OK;
    }
    if (strcmp(block->type, "ENCRYPTED PRIVATE KEY") == 0)
        return APNS_EKEYENCRYPTED;
    if (strcmp(block->type, "PRIVATE KEY") != 0 &&
        strcmp(block->type, "RSA PRIVATE KEY") != 0 &&
        strcmp(block->type, "EC PRIVATE KEY") != 0)
        return APNS_EPEMTYPE;
    if (is_encrypted(block))
        return APNS_EKEYENCRYPTED;
    if (reading->n_keys == MAX_KEYS) {
        snprintf(reading->detail, MAX_DETAIL, "more than %d private keys",
                 MAX_KEYS);
        return APNS_EINVAL;
    }
    reading->keys[reading->n_keys++] = *block;
    return APNS_OK;
}

static enum apns_err
take_blocks(struct reading *reading, const char *pem, size_t len)
{
    struct pem_block block;
    size_t at = 0;
    bool is_empty = true;

    while (pem_next(pem, len, &at, &block)) {
        enum apns_err err;

        if (block.is_cut || block.is_other_end) {
            snprintf(reading->detail, MAX_DETAIL, "BEGIN %s without its END",
                     block.type);
            return APNS_EPEM;
        }
        err = take_block(reading, &block);
        if (err == APNS_EPEMTYPE || err == APNS_EKEYENCRYPTED)
            snprintf(reading->detail, MAX_DETAIL, "%s", block.type);
        if (err != APNS_OK)
            return err;
        is_empty = false;
    }
    if (is_empty)
        return APNS_EPEM;
    if (reading->leaf.body == NULL)
        return APNS_ENOCERT;
    return reading->n_keys == 0 ? APNS_ENOKEY : APNS_OK;
}

/*
 * Certificate and key.
 */

static enum apns_err
parse_leaf(struct reading *reading)
{
    size_t len = 0;
    unsigned char *der =
        base64_read_loose(reading->leaf.body, reading->leaf.body_len, &len);
    const unsigned char *at = der;

    if (der == NULL) {
        snprintf(reading->detail, MAX_DETAIL, "CERTIFICATE is not base64");
        return APNS_ECERTPARSE;
    }
    reading->x509 = d2i_X509(NULL, &at, (long)len);
    if (reading->x509 != NULL && at != der + len) {
        X509_free(reading->x509); /* bytes behind it: not what was signed */
        reading->x509 = NULL;
    }
    OPENSSL_free(der);
    if (reading->x509 == NULL)
        return APNS_ECERTPARSE;
    if (X509_get0_pubkey(reading->x509) == NULL) {
        snprintf(reading->detail, MAX_DETAIL, "its public key cannot be read");
        return APNS_ECERTPARSE;
    }
    return APNS_OK;
}

/* Of several keys take the one that belongs to the certificate. */
static enum apns_err
choose_key(struct reading *reading, struct apns_credential **credential)
{
    EVP_PKEY *public_key = X509_get0_pubkey(reading->x509);
    enum apns_err err = APNS_EKEYMISMATCH;

    for (size_t i = 0; i < reading->n_keys && *credential == NULL; i++) {
        EVP_PKEY *key = cert_key_read(&reading->keys[i]);

        if (key == NULL)
            err = APNS_EKEYPARSE;
        else if (EVP_PKEY_eq(key, public_key) == 1)
            err =
                credential_new(reading->x509, key, credential, reading->detail);
        EVP_PKEY_free(key);
    }
    return err;
}

static enum apns_err
read_all(struct reading *reading, const char *pem, size_t len,
         struct apns_credential **credential)
{
    enum apns_err err;

    if (len > (size_t)APNS_MAX_PEM) {
        snprintf(reading->detail, MAX_DETAIL, "%zu bytes, at most %d", len,
                 APNS_MAX_PEM);
        return APNS_EINVAL;
    }
    if (len == 0)
        return APNS_EPEM; /* and pem may be NULL */
    if ((err = take_blocks(reading, pem, len)) != APNS_OK ||
        (err = parse_leaf(reading)) != APNS_OK)
        return err;
    return choose_key(reading, credential);
}

static enum apns_err
read_into(struct reading *reading, const char *pem, size_t len,
          struct apns_credential **credential)
{
    enum apns_err err;

    *credential = NULL;
    err = read_all(reading, pem, len, credential);
    X509_free(reading->x509);
    ERR_clear_error();
    return err;
}

enum apns_err
apns_credential_read(const char *pem, size_t len,
                     struct apns_credential **credential, char *detail)
{
    struct reading reading = {0};
    enum apns_err err = read_into(&reading, pem, len, credential);

    if (detail != NULL)
        memcpy(detail, reading.detail, MAX_DETAIL);
    return err;
}

/* Both or none; either place may be NULL. */
static enum apns_err
copy_pem(const struct apns_credential *credential, char **leaf_pem,
         char **key_pem)
{
    if (leaf_pem != NULL &&
        (*leaf_pem = strdup(apns_credential_leaf_pem(credential))) == NULL)
        return APNS_ENOMEM;
    if (key_pem == NULL ||
        (*key_pem = strdup(apns_credential_key_pem(credential))) != NULL)
        return APNS_OK;
    if (leaf_pem != NULL) {
        free(*leaf_pem);
        *leaf_pem = NULL;
    }
    return APNS_ENOMEM;
}

enum apns_err
apns_cert_read(const char *pem, size_t len, int64_t now_unix,
               struct apns_cert *cert, char **leaf_pem, char **key_pem,
               char *detail)
{
    struct reading reading = {0};
    struct apns_credential *credential;
    enum apns_err err, dates;

    memset(cert, 0, sizeof *cert);
    if (leaf_pem != NULL)
        *leaf_pem = NULL;
    if (key_pem != NULL)
        *key_pem = NULL;
    err = read_into(&reading, pem, len, &credential);
    if (err == APNS_OK) {
        *cert = *apns_credential_cert(credential);
        dates = cert_describe_dates(cert, now_unix, reading.detail);
        err = copy_pem(credential, leaf_pem, key_pem);
        if (err == APNS_OK)
            err = dates;
    }
    if (detail != NULL)
        memcpy(detail, reading.detail, MAX_DETAIL);
    apns_credential_free(credential);
    return err;
}
