/* SPDX-License-Identifier: MIT */
#include "cert_make.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

static char passphrase[] = "open sesame";

EVP_PKEY *
cert_make_key(enum cert_make_key which)
{
    static EVP_PKEY *keys[CERT_MAKE_N_KEYS];

    if (keys[which] != NULL)
        return keys[which];
    switch (which) {
    case CERT_MAKE_EC:
        keys[which] = EVP_EC_gen("P-256");
        break;
    case CERT_MAKE_WEAK_EC:
        keys[which] = EVP_EC_gen("P-224");
        break;
    case CERT_MAKE_ED25519:
        keys[which] = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
        break;
    case CERT_MAKE_WEAK_RSA:
        keys[which] = EVP_RSA_gen(1024);
        break;
    default:
        keys[which] = EVP_RSA_gen(2048);
        break;
    }
    assert_non_null(keys[which]);
    return keys[which];
}

static char *
take_text(BIO *bio)
{
    char *text = NULL;
    long len = BIO_get_mem_data(bio, &text);
    char *copy;

    assert_true(len > 0);
    copy = strndup(text, (size_t)len);
    assert_non_null(copy);
    BIO_free(bio);
    return copy;
}

static void
name_subject(X509 *x509, const struct cert_make *make)
{
    X509_NAME *name = X509_NAME_new();
    int len = make->uid_len != 0 ? make->uid_len : -1;

    assert_non_null(name);
    if (make->uid != NULL)
        assert_true(X509_NAME_add_entry_by_txt(name, "UID", MBSTRING_UTF8,
                                               (const unsigned char *)make->uid,
                                               len, -1, 0));
    if (make->second_uid != NULL)
        assert_true(X509_NAME_add_entry_by_txt(
            name, "UID", MBSTRING_UTF8, (const unsigned char *)make->second_uid,
            -1, -1, 0));
    assert_true(X509_NAME_add_entry_by_txt(
        name, "CN", V_ASN1_UTF8STRING,
        (const unsigned char *)(make->cn != NULL ? make->cn : "APSP:test"), -1,
        -1, 0));
    assert_true(X509_NAME_add_entry_by_txt(
        name, "C", MBSTRING_ASC, (const unsigned char *)"US", -1, -1, 0));
    assert_true(X509_set_subject_name(x509, name));
    assert_true(X509_set_issuer_name(x509, name));
    X509_NAME_free(name);
}

char *
cert_make_pem(const struct cert_make *make)
{
    EVP_PKEY *key = cert_make_key(make->key);
    X509 *x509 = X509_new();
    BIO *bio = BIO_new(BIO_s_mem());
    bool is_default = make->from_s == 0 && make->to_s == 0;
    int64_t from_s = is_default ? -3600 : make->from_s;
    int64_t to_s = is_default ? 365 * 86400 : make->to_s;

    assert_non_null(x509);
    assert_non_null(bio);
    assert_true(X509_set_version(x509, X509_VERSION_3));
    assert_true(ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509),
                                        UINT64_C(0x1a2b3c4d5e6f7081)));
    assert_non_null(
        ASN1_TIME_set(X509_getm_notBefore(x509), CERT_MAKE_NOW + from_s));
    assert_non_null(
        ASN1_TIME_set(X509_getm_notAfter(x509), CERT_MAKE_NOW + to_s));
    name_subject(x509, make);
    assert_true(X509_set_pubkey(x509, key));
    if (make->ext_use != NULL) {
        X509_EXTENSION *use =
            X509V3_EXT_conf_nid(NULL, NULL, NID_ext_key_usage, make->ext_use);

        assert_non_null(use);
        assert_true(X509_add_ext(x509, use, -1));
        X509_EXTENSION_free(use);
    }
    assert_true(X509_sign(x509, key,
                          make->key == CERT_MAKE_ED25519 ? NULL
                          : make->digest != NULL
                              ? EVP_get_digestbyname(make->digest)
                              : EVP_sha256()));
    assert_true(PEM_write_bio_X509(bio, x509));
    X509_free(x509);
    return take_text(bio);
}

char *
cert_make_key_pem(enum cert_make_key which)
{
    BIO *bio = BIO_new(BIO_s_mem());

    assert_true(PEM_write_bio_PKCS8PrivateKey(bio, cert_make_key(which), NULL,
                                              NULL, 0, NULL, NULL));
    return take_text(bio);
}

char *
cert_make_old_key_pem(enum cert_make_key which, const EVP_CIPHER *cipher)
{
    BIO *bio = BIO_new(BIO_s_mem());

    assert_true(PEM_write_bio_PrivateKey_traditional(
        bio, cert_make_key(which), cipher,
        cipher != NULL ? (unsigned char *)passphrase : NULL,
        cipher != NULL ? (int)strlen(passphrase) : 0, NULL, NULL));
    return take_text(bio);
}

char *
cert_make_locked_key_pem(enum cert_make_key which)
{
    BIO *bio = BIO_new(BIO_s_mem());

    assert_true(PEM_write_bio_PKCS8PrivateKey(
        bio, cert_make_key(which), EVP_aes_256_cbc(), passphrase,
        (int)strlen(passphrase), NULL, NULL));
    return take_text(bio);
}
