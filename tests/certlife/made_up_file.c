/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>

#include "made_up.h"

static void *kept[MADE_UP_MAX_FILES];
static size_t n_kept;

struct certlife_file
made_up_file(const char *name, const void *bytes, size_t len)
{
    void *copy = malloc(len + 1);

    assert_non_null(copy);
    assert_true(n_kept < MADE_UP_MAX_FILES);
    if (len > 0)
        memcpy(copy, bytes, len);
    kept[n_kept++] = copy;
    return (struct certlife_file){name, copy, len, NULL};
}

void
made_up_files_free(void)
{
    while (n_kept > 0)
        free(kept[--n_kept]);
}

struct certlife_file
made_up_text(const char *name, const char *text)
{
    return made_up_file(name, text, strlen(text));
}

static struct certlife_file
take_bio(const char *name, BIO *bio)
{
    char *bytes;
    long len = BIO_get_mem_data(bio, &bytes);
    struct certlife_file file = made_up_file(name, bytes, (size_t)len);

    assert_true(len > 0);
    BIO_free(bio);
    return file;
}

struct certlife_file
made_up_cert_pem(const char *name, X509 *cert)
{
    BIO *bio = BIO_new(BIO_s_mem());

    PEM_write_bio_X509(bio, cert);
    return take_bio(name, bio);
}

struct certlife_file
made_up_cert_der(const char *name, X509 *cert)
{
    BIO *bio = BIO_new(BIO_s_mem());

    i2d_X509_bio(bio, cert);
    return take_bio(name, bio);
}

struct certlife_file
made_up_key_pem(const char *name, EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());

    PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
    return take_bio(name, bio);
}

struct certlife_file
made_up_key_as(const char *name, EVP_PKEY *key, enum made_up_key_form form,
               const char *password)
{
    BIO *bio = BIO_new(BIO_s_mem());
    int n = password == NULL ? 0 : (int)strlen(password);
    struct certlife_file file;

    switch (form) {
    case MADE_UP_PKCS8_DER:
        i2d_PKCS8PrivateKey_bio(bio, key, NULL, NULL, 0, NULL, NULL);
        break;
    case MADE_UP_PKCS1_PEM:
        PEM_write_bio_PrivateKey_traditional(bio, key, NULL, NULL, 0, NULL,
                                             NULL);
        break;
    case MADE_UP_PKCS1_DER:
        i2d_PrivateKey_bio(bio, key);
        break;
    case MADE_UP_SEALED_PEM:
        PEM_write_bio_PKCS8PrivateKey(bio, key, EVP_aes_256_cbc(), password, n,
                                      NULL, NULL);
        break;
    case MADE_UP_SEALED_DER:
        i2d_PKCS8PrivateKey_bio(bio, key, EVP_aes_256_cbc(), password, n, NULL,
                                NULL);
        break;
    default:
        PEM_write_bio_PrivateKey_traditional(bio, key, EVP_des_ede3_cbc(),
                                             (const unsigned char *)password, n,
                                             NULL, NULL);
        break;
    }
    file = take_bio(name, bio);
    file.password = password;
    return file;
}

struct certlife_file
made_up_p12(const char *name, EVP_PKEY *key, X509 *cert, const char *password,
            int nid, int rounds)
{
    OSSL_PROVIDER *old = NULL;
    OSSL_PROVIDER *base = NULL;
    OSSL_LIB_CTX *own = OSSL_LIB_CTX_new();
    BIO *bio = BIO_new(BIO_s_mem());
    struct certlife_file file;
    PKCS12 *p12;

    assert_non_null(base = OSSL_PROVIDER_load(own, "default"));
    assert_non_null(old = OSSL_PROVIDER_load(own, "legacy"));
    p12 = PKCS12_create_ex(password, "made up", key, cert, NULL, nid, nid,
                           rounds, rounds, 0, own, NULL);
    assert_non_null(p12);
    assert_int_equal(i2d_PKCS12_bio(bio, p12), 1);
    PKCS12_free(p12);
    OSSL_PROVIDER_unload(old);
    OSSL_PROVIDER_unload(base);
    OSSL_LIB_CTX_free(own);
    file = take_bio(name, bio);
    file.password = password;
    return file;
}

struct certlife_file
made_up_csr(const char *name, EVP_PKEY *key)
{
    X509_REQ *req = X509_REQ_new();
    X509_NAME *subject = X509_NAME_new();
    BIO *bio = BIO_new(BIO_s_mem());

    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               (const unsigned char *)"Made Up School", -1, -1,
                               0);
    X509_REQ_set_subject_name(req, subject);
    X509_REQ_set_pubkey(req, key);
    assert_true(X509_REQ_sign(req, key, EVP_sha256()) > 0);
    PEM_write_bio_X509_REQ(bio, req);
    X509_NAME_free(subject);
    X509_REQ_free(req);
    return take_bio(name, bio);
}

struct certlife_file
made_up_glued(const char *name, const struct certlife_file *a,
              const struct certlife_file *b)
{
    size_t len = a->len;
    const char *bytes = a->bytes;
    char *both = malloc(a->len + b->len);
    struct certlife_file file;

    assert_non_null(both);
    while (len > 0 && bytes[len - 1] == '\n')
        len--;
    memcpy(both, a->bytes, len);
    memcpy(both + len, b->bytes, b->len);
    file = made_up_file(name, both, len + b->len);
    free(both);
    return file;
}
