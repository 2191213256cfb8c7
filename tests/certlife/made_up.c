/* SPDX-License-Identifier: MIT */
#include "made_up.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

EVP_PKEY *
made_up_key(void)
{
    EVP_PKEY *key = EVP_RSA_gen(2048);

    assert_non_null(key);
    return key;
}

static void
add_name(X509_NAME *name, const char *field, const char *value)
{
    if (value != NULL)
        assert_int_equal(
            X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                                       (const unsigned char *)value, -1, -1, 0),
            1);
}

static void
add_extension(X509 *cert, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

    assert_non_null(extension);
    assert_int_equal(X509_add_ext(cert, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

/* Apple's own marks: an OID with ASN.1 NULL as its value. */
static void
add_mark(X509 *cert, const char *oid)
{
    static const unsigned char null[] = {5, 0};
    ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    X509_EXTENSION *extension;

    assert_int_equal(ASN1_OCTET_STRING_set(value, null, sizeof null), 1);
    extension = X509_EXTENSION_create_by_OBJ(NULL, object, 0, value);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(cert, extension, -1), 1);
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(value);
    ASN1_OBJECT_free(object);
}

X509 *
made_up_cert(const struct made_up_spec *spec)
{
    static long serial = 0x1000;
    X509 *cert = X509_new();
    int64_t from =
        spec->from_unix != 0 ? spec->from_unix : MADE_UP_NOW - MADE_UP_DAY;
    int64_t to =
        spec->to_unix != 0 ? spec->to_unix : from + 365 * MADE_UP_DAY - 1;
    X509_NAME *name = X509_get_subject_name(cert);

    X509_set_version(cert, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), serial++);
    ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)from);
    ASN1_TIME_set(X509_getm_notAfter(cert), (time_t)to);
    if (spec->uid_len != 0)
        assert_int_equal(
            X509_NAME_add_entry_by_txt(name, "UID", MBSTRING_UTF8,
                                       (const unsigned char *)spec->uid,
                                       spec->uid_len, -1, 0),
            1);
    else
        add_name(name, "UID", spec->uid);
    add_name(name, "UID", spec->second_uid);
    add_name(name, "CN", spec->cn);
    add_name(name, "C", "US");
    X509_set_issuer_name(
        cert, spec->issuer ? X509_get_subject_name(spec->issuer) : name);
    X509_set_pubkey(cert, spec->key);
    add_extension(cert, NID_basic_constraints,
                  spec->is_ca ? "CA:TRUE" : "CA:FALSE");
    if (spec->eku != NULL)
        add_extension(cert, NID_ext_key_usage, spec->eku);
    if (spec->is_vendor)
        add_mark(cert, "1.2.840.113635.100.4.12");
    if (spec->is_app)
        add_mark(cert, "1.2.840.113635.100.6.3.6");
    const EVP_MD *digest = spec->digest != NULL
                               ? EVP_get_digestbyname(spec->digest)
                               : EVP_sha256();
    EVP_PKEY *signer = spec->issuer ? spec->issuer_key : spec->key;

    if (EVP_PKEY_get_base_id(signer) == EVP_PKEY_ED25519)
        digest = NULL; /* it has its own */
    assert_true(X509_sign(cert, signer, digest) > 0);
    return cert;
}

X509 *
made_up_push(const struct made_up *made_up, const char *uid, EVP_PKEY *key,
             int64_t from_unix, int64_t to_unix)
{
    return made_up_cert(&(struct made_up_spec){.cn = "APSP:made-up",
                                               .uid = uid,
                                               .issuer = made_up->aai,
                                               .issuer_key = made_up->aai_key,
                                               .key = key,
                                               .from_unix = from_unix,
                                               .to_unix = to_unix,
                                               .eku = "clientAuth"});
}

void
made_up_init(struct made_up *m)
{
    m->root_key = made_up_key();
    m->wwdr_key = made_up_key();
    m->aai_key = made_up_key();
    m->vendor_key = made_up_key();
    m->push_key = made_up_key();
    m->root = made_up_cert(&(struct made_up_spec){
        .cn = "Made-up Root CA", .key = m->root_key, .is_ca = true});
    m->wwdr =
        made_up_cert(&(struct made_up_spec){.cn = "Made-up Developer Relations",
                                            .issuer = m->root,
                                            .issuer_key = m->root_key,
                                            .key = m->wwdr_key,
                                            .is_ca = true});
    m->aai = made_up_cert(
        &(struct made_up_spec){.cn = "Made-up Application Integration 2",
                               .issuer = m->root,
                               .issuer_key = m->root_key,
                               .key = m->aai_key,
                               .is_ca = true});
    m->vendor = made_up_cert(&(struct made_up_spec){.cn = "Vendor of Things",
                                                    .issuer = m->wwdr,
                                                    .issuer_key = m->wwdr_key,
                                                    .key = m->vendor_key,
                                                    .is_vendor = true});
    m->push = made_up_push(m, MADE_UP_TOPIC, m->push_key, 0, 0);
}

void
made_up_fini(struct made_up *m)
{
    EVP_PKEY_free(m->root_key);
    EVP_PKEY_free(m->wwdr_key);
    EVP_PKEY_free(m->aai_key);
    EVP_PKEY_free(m->vendor_key);
    EVP_PKEY_free(m->push_key);
    X509_free(m->root);
    X509_free(m->wwdr);
    X509_free(m->aai);
    X509_free(m->vendor);
    X509_free(m->push);
}

void
made_up_errors(void)
{
    assert_int_equal(ERR_peek_error(), 0);
}

struct made_up apple;

int
made_up_set_up(__attribute__((unused)) void **state)
{
    made_up_init(&apple);
    return 0;
}

int
made_up_tear_down(__attribute__((unused)) void **state)
{
    made_up_fini(&apple);
    return 0;
}

int
made_up_forget(__attribute__((unused)) void **state)
{
    made_up_files_free();
    made_up_errors();
    return 0;
}
