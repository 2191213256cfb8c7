/* SPDX-License-Identifier: MIT */

#include "paper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "temp_dir.h"

#define DAY           86400
#define VENDOR_MARK   "1.2.840.113635.100.4.12"
#define MARK_CONTENTS "DER:05:00"

enum {
    ROOT,
    WWDR,
    VENDOR,
    PUSH,
    N_KEYS
};

static EVP_PKEY *keys[N_KEYS];

static EVP_PKEY *
key_of(int which)
{
    if (keys[which] == NULL)
        keys[which] = EVP_RSA_gen(2048);
    assert_non_null(keys[which]);
    return keys[which];
}

int
paper_free_keys(void **state)
{
    (void)state;
    for (int i = 0; i < N_KEYS; i++) {
        EVP_PKEY_free(keys[i]);
        keys[i] = NULL;
    }
    return 0;
}

struct paper {
    const char *cn;
    const char *uid;  /* NULL: none */
    const char *oid;  /* an extension, or NULL */
    const char *text; /* what is in it */
    int key;
    int issuer_key;
    int days;
};

static X509 *
make_cert(const struct paper *paper, X509 *issuer)
{
    X509 *cert = X509_new();
    X509_NAME *name = X509_get_subject_name(cert);
    static long serial = 0x4711;

    X509_set_version(cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), serial++);
    X509_gmtime_adj(X509_getm_notBefore(cert), -(365L * DAY));
    /* a bit more, so that the days left are whole */
    X509_gmtime_adj(X509_getm_notAfter(cert), (long)paper->days * DAY + 3600);
    if (paper->uid != NULL)
        X509_NAME_add_entry_by_NID(name, NID_userId, MBSTRING_UTF8,
                                   (const unsigned char *)paper->uid, -1, -1,
                                   0);
    X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
                               (const unsigned char *)paper->cn, -1, -1, 0);
    X509_set_issuer_name(cert, X509_get_subject_name(issuer ? issuer : cert));
    X509_set_pubkey(cert, key_of(paper->key));
    if (paper->oid != NULL) {
        X509_EXTENSION *extension =
            X509V3_EXT_nconf(NULL, NULL, paper->oid, paper->text);

        assert_non_null(extension);
        X509_add_ext(cert, extension, -1);
        X509_EXTENSION_free(extension);
    }
    assert_true(X509_sign(cert, key_of(paper->issuer_key), EVP_sha256()) > 0);
    return cert;
}

static char *
write_cert(const char *dir, const char *name, X509 *cert)
{
    char *path = temp_dir_path(dir, "%s", name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(PEM_write_X509(file, cert), 1);
    fclose(file);
    X509_free(cert);
    return path;
}

static X509 *
make_root(void)
{
    return make_cert(&(struct paper){.cn = "Made-up Root CA",
                                     .oid = "basicConstraints",
                                     .text = "critical,CA:TRUE",
                                     .key = ROOT,
                                     .issuer_key = ROOT,
                                     .days = 3650},
                     NULL);
}

char *
paper_write_push(const char *dir, const char *name, int days)
{
    X509 *root = make_root();
    X509 *cert = make_cert(&(struct paper){.cn = "APSP:paper",
                                           .uid = PAPER_TOPIC,
                                           .oid = "extendedKeyUsage",
                                           .text = "clientAuth",
                                           .key = PUSH,
                                           .issuer_key = ROOT,
                                           .days = days},
                           root);

    X509_free(root);
    return write_cert(dir, name, cert);
}

static char *
write_key(const char *dir, const char *name, int key, const char *password)
{
    char *path = temp_dir_path(dir, "%s", name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(
        PEM_write_PKCS8PrivateKey(file, key_of(key),
                                  password != NULL ? EVP_aes_256_cbc() : NULL,
                                  NULL, 0, NULL, (void *)(uintptr_t)password),
        1);
    fclose(file);
    return path;
}

char *
paper_write_key(const char *dir, const char *name, const char *password)
{
    return write_key(dir, name, PUSH, password);
}

char *
paper_write_csr(const char *dir, const char *name)
{
    char *path = temp_dir_path(dir, "%s", name);
    X509_REQ *csr = X509_REQ_new();
    EVP_PKEY *key = EVP_RSA_gen(2048);
    FILE *file = fopen(path, "w");

    assert_non_null(csr);
    assert_non_null(key);
    assert_non_null(file);
    X509_NAME_add_entry_by_NID(X509_REQ_get_subject_name(csr), NID_commonName,
                               MBSTRING_UTF8, (const unsigned char *)"Push", -1,
                               -1, 0);
    X509_REQ_set_pubkey(csr, key);
    assert_true(X509_REQ_sign(csr, key, EVP_sha256()) > 0);
    assert_int_equal(PEM_write_X509_REQ(file, csr), 1);
    fclose(file);
    EVP_PKEY_free(key);
    X509_REQ_free(csr);
    return path;
}

void
paper_write_vendor(const char *dir, int days, const char *password,
                   char *paths[4])
{
    X509 *root = make_root();
    X509 *wwdr = make_cert(&(struct paper){.cn = "Made-up WWDR",
                                           .oid = "basicConstraints",
                                           .text = "critical,CA:TRUE",
                                           .key = WWDR,
                                           .issuer_key = ROOT,
                                           .days = 3650},
                           root);
    X509 *vendor = make_cert(&(struct paper){.cn = "MDM Vendor: Paper",
                                             .oid = VENDOR_MARK,
                                             .text = MARK_CONTENTS,
                                             .key = VENDOR,
                                             .issuer_key = WWDR,
                                             .days = days},
                             wwdr);

    paths[0] = write_cert(dir, "vendor.pem", vendor);
    paths[1] = write_key(dir, "vendor.key", VENDOR, password);
    paths[2] = write_cert(dir, "wwdr.pem", wwdr);
    paths[3] = write_cert(dir, "root.pem", root);
}
