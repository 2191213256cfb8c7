/* SPDX-License-Identifier: MIT */
#include "credential.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "cert_describe.h"
#include "cert_key.h"
#include "cert_pair.h"

struct apns_credential {
    unsigned n_shares;
    struct apns_cert cert;
    struct cert_pair *pair;
    char *leaf_pem;
    char *key_pem; /* cleansed before it is freed */
};

static char *
copy_bio(BIO *bio)
{
    char *text = NULL;
    long len = BIO_get_mem_data(bio, &text);

    return len > 0 ? strndup(text, (size_t)len) : NULL;
}

/* Memory BIOs cleanse themselves when they grow and when they go. */
static bool
write_pem(struct apns_credential *credential, X509 *leaf, EVP_PKEY *key)
{
    BIO *leaf_bio = BIO_new(BIO_s_mem());
    BIO *key_bio = BIO_new(BIO_s_mem());

    if (leaf_bio != NULL && key_bio != NULL &&
        PEM_write_bio_X509(leaf_bio, leaf) == 1 &&
        PEM_write_bio_PKCS8PrivateKey(key_bio, key, NULL, NULL, 0, NULL,
                                      NULL) == 1) {
        credential->leaf_pem = copy_bio(leaf_bio);
        credential->key_pem = copy_bio(key_bio);
    }
    BIO_free(leaf_bio);
    BIO_free(key_bio);
    return credential->leaf_pem != NULL && credential->key_pem != NULL;
}

static struct apns_credential *
new_empty(void)
{
    struct apns_credential *made = calloc(1, sizeof *made);

    if (made != NULL)
        made->n_shares = 1;
    return made;
}

static enum apns_err
fill(struct apns_credential *credential, X509 *leaf, EVP_PKEY *key,
     char *detail)
{
    enum apns_err err = cert_describe_x509(leaf, &credential->cert, detail);

    if (err == APNS_OK)
        err = cert_pair_new(leaf, key, &credential->pair);
    if (err == APNS_OK && !write_pem(credential, leaf, key))
        err = APNS_ENOMEM;
    return err;
}

/* With no client at hand: by what this machine's OpenSSL allows. */
static enum apns_err
try(const struct apns_credential *credential, char *detail)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    enum apns_err err = APNS_OK;

    if (context == NULL) {
        err = APNS_ENOMEM;
    } else if (!cert_pair_try(credential->pair, context)) {
        const char *why = ERR_reason_error_string(ERR_peek_last_error());

        snprintf(detail, CERT_DESCRIBE_MAX_DETAIL, "%s",
                 why != NULL ? why : "no reason given");
        err = APNS_ETLS;
    }
    SSL_CTX_free(context);
    return err;
}

enum apns_err
credential_new(X509 *leaf, EVP_PKEY *key, struct apns_credential **credential,
               char *detail)
{
    struct apns_credential *made = new_empty();
    enum apns_err err = APNS_ENOMEM;

    *credential = NULL;
    if (made != NULL)
        err = fill(made, leaf, key, detail);
    if (err == APNS_OK && !cert_key_belongs(key, X509_get0_pubkey(leaf)))
        err = APNS_EKEYMISMATCH;
    if (err == APNS_OK)
        err = try(made, detail);
    if (err == APNS_OK)
        *credential = made;
    else
        apns_credential_free(made);
    ERR_clear_error();
    return err;
}

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

enum apns_err
apns_credential_load(const char *leaf_pem, const char *key_pem,
                     struct apns_credential **credential)
{
    struct apns_credential *made = new_empty();
    char detail[CERT_DESCRIBE_MAX_DETAIL];
    X509 *leaf = NULL;
    EVP_PKEY *key = NULL;
    enum apns_err err = APNS_ENOMEM;

    *credential = NULL;
    if (made != NULL)
        err = read_pem(leaf_pem, key_pem, &leaf, &key);
    if (err == APNS_OK)
        err = fill(made, leaf, key, detail);
    if (err == APNS_OK)
        *credential = made;
    else
        apns_credential_free(made);
    X509_free(leaf);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return err;
}

const struct apns_cert *
apns_credential_cert(const struct apns_credential *credential)
{
    return &credential->cert;
}

const char *
apns_credential_leaf_pem(const struct apns_credential *credential)
{
    return credential->leaf_pem;
}

const char *
apns_credential_key_pem(const struct apns_credential *credential)
{
    return credential->key_pem;
}

struct cert_pair *
credential_pair(const struct apns_credential *credential)
{
    return credential->pair;
}

struct apns_credential *
apns_credential_share(struct apns_credential *credential)
{
    credential->n_shares++;
    return credential;
}

void
apns_credential_free(struct apns_credential *credential)
{
    if (credential == NULL || --credential->n_shares > 0)
        return;
    if (credential->key_pem != NULL)
        OPENSSL_cleanse(credential->key_pem, strlen(credential->key_pem));
    free(credential->key_pem);
    free(credential->leaf_pem);
    cert_pair_free(credential->pair);
    free(credential);
}
