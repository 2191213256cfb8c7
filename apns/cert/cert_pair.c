/* SPDX-License-Identifier: MIT */
#include "cert_pair.h"

#include <stdlib.h>

struct cert_pair {
    unsigned n_shares;
    unsigned char *leaf; /* X.509 */
    unsigned char *key;  /* the traditional form of key_kind */
    int leaf_len;
    int key_len;
    int key_kind; /* EVP_PKEY_RSA or EVP_PKEY_EC */
};

enum apns_err
cert_pair_new(X509 *leaf, EVP_PKEY *key, struct cert_pair **pair)
{
    struct cert_pair *made = calloc(1, sizeof *made);

    *pair = NULL;
    if (made == NULL)
        return APNS_ENOMEM;
    made->n_shares = 1;
    made->leaf_len = i2d_X509(leaf, &made->leaf);
    made->key_len = i2d_PrivateKey(key, &made->key);
    made->key_kind = EVP_PKEY_get_base_id(key);
    if (made->leaf_len <= 0 || made->key_len <= 0) {
        cert_pair_free(made);
        return APNS_ENOMEM;
    }
    *pair = made;
    return APNS_OK;
}

struct cert_pair *
cert_pair_share(struct cert_pair *pair)
{
    pair->n_shares++;
    return pair;
}

void
cert_pair_free(struct cert_pair *pair)
{
    if (pair == NULL || --pair->n_shares > 0)
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

bool
cert_pair_try(const struct cert_pair *pair, SSL_CTX *context)
{
    SSL *ssl = SSL_new(context);
    bool is_fine = ssl != NULL && cert_pair_use(pair, ssl);

    SSL_free(ssl);
    return is_fine;
}
