/* SPDX-License-Identifier: MIT */
#include "cert_pair.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>

struct cert_pair {
    unsigned char *leaf; /* X.509 */
    unsigned char *key;  /* the traditional form of key_kind */
    int leaf_len;
    int key_len;
    int key_kind; /* EVP_PKEY_RSA or EVP_PKEY_EC */
};

/* Our own PEM is never encrypted; OpenSSL must never ask at the terminal. */
static int
on_passphrase(char *out, int size, int is_write, void *arg)
{
    (void)out, (void)size, (void)is_write, (void)arg;
    return -1;
}

static enum apns_err
read_pem(const char *leaf_pem, const char *key_pem, X509 **leaf, EVP_PKEY **key)
{
    BIO *leaf_bio = BIO_new_mem_buf(leaf_pem, -1);
    BIO *key_bio = BIO_new_mem_buf(key_pem, -1);
    enum apns_err err = APNS_OK;

    if (leaf_bio == NULL || key_bio == NULL)
        err = APNS_ENOMEM;
    else if ((*leaf = PEM_read_bio_X509(leaf_bio, NULL, on_passphrase, NULL)) ==
             NULL)
        err = APNS_ECERTPARSE;
    else if ((*key = PEM_read_bio_PrivateKey(key_bio, NULL, on_passphrase,
                                             NULL)) == NULL)
        err = APNS_EKEYPARSE;
    else if (X509_check_private_key(*leaf, *key) != 1)
        err = APNS_EKEYMISMATCH;
    BIO_free(leaf_bio);
    BIO_free(key_bio);
    return err;
}

static enum apns_err
fill(struct cert_pair *pair, const char *leaf_pem, const char *key_pem)
{
    X509 *leaf = NULL;
    EVP_PKEY *key = NULL;
    enum apns_err err = read_pem(leaf_pem, key_pem, &leaf, &key);

    if (err == APNS_OK) {
        pair->leaf_len = i2d_X509(leaf, &pair->leaf);
        pair->key_len = i2d_PrivateKey(key, &pair->key);
        pair->key_kind = EVP_PKEY_get_base_id(key);
        if (pair->leaf_len <= 0 || pair->key_len <= 0)
            err = APNS_ENOMEM;
    }
    X509_free(leaf);
    EVP_PKEY_free(key);
    return err;
}

/* OpenSSL has rules of its own; they are to be heard of now, not when we
 * connect. */
static enum apns_err
try(const struct cert_pair *pair, SSL_CTX *context)
{
    SSL *ssl = SSL_new(context);
    bool is_fine = ssl != NULL && cert_pair_use(pair, ssl);

    SSL_free(ssl);
    return is_fine ? APNS_OK : APNS_ETLS;
}

enum apns_err
cert_pair_new(SSL_CTX *context, const char *leaf_pem, const char *key_pem,
              struct cert_pair **pair)
{
    struct cert_pair *made = calloc(1, sizeof *made);
    enum apns_err err = APNS_ENOMEM;

    *pair = NULL;
    if (made != NULL)
        err = fill(made, leaf_pem, key_pem);
    if (err == APNS_OK)
        err = try(made, context);
    if (err == APNS_OK)
        *pair = made;
    else
        cert_pair_free(made);
    ERR_clear_error();
    return err;
}

void
cert_pair_free(struct cert_pair *pair)
{
    if (pair == NULL)
        return;
    OPENSSL_free(pair->leaf);
    if (pair->key != NULL)
        OPENSSL_clear_free(pair->key, (size_t)pair->key_len);
    free(pair);
}

bool
cert_pair_use(const struct cert_pair *pair, SSL *ssl)
{
    return SSL_use_certificate_ASN1(ssl, pair->leaf, pair->leaf_len) == 1 &&
           SSL_use_PrivateKey_ASN1(pair->key_kind, ssl, pair->key,
                                   pair->key_len) == 1;
}
