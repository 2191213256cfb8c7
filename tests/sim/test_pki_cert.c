/* SPDX-License-Identifier: MIT */
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/sim/pki/pki.h"
#include "bench/sim/pki/pki_cert.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unit.h"

#define UUID      "2f1d0c3a-5e1b-4c6a-9d8e-7f6a5b4c3d2e"
#define TOPIC     "com.apple.mgmt.External." UUID
#define STARTS_AT INT64_C(1800000000)
#define YEAR_S    INT64_C(31536000)

/* Making keys is slow; all tests look at the same certificates. */
static struct pki_pair ca, server, push;

static int
make_pairs(void **state)
{
    const struct pki_cert_subject what = {.topic = TOPIC,
                                          .name = UUID,
                                          .not_before_unix = STARTS_AT,
                                          .not_after_unix =
                                              STARTS_AT + YEAR_S - 1};

    (void)state;
    return pki_cert_ca(&ca) != 0 || pki_cert_server(&server, &ca) != 0 ||
           pki_cert_push(&push, &ca, &what) != 0;
}

static int
free_pairs(void **state)
{
    (void)state;
    pki_cert_free(&push);
    pki_cert_free(&server);
    pki_cert_free(&ca);
    return 0;
}

ALL(make_pairs, free_pairs);

struct name_part {
    int nid;
    int type;
    const char *text;
};

static void
expect_name(const X509_NAME *name, const struct name_part *parts, int n)
{
    assert_int_equal(X509_NAME_entry_count(name), n);
    for (int i = 0; i < n; i++) {
        X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);
        ASN1_STRING *text = X509_NAME_ENTRY_get_data(entry);

        assert_int_equal(OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry)),
                         parts[i].nid);
        assert_int_equal(ASN1_STRING_type(text), parts[i].type);
        assert_int_equal(ASN1_STRING_length(text), strlen(parts[i].text));
        assert_memory_equal(ASN1_STRING_get0_data(text), parts[i].text,
                            strlen(parts[i].text));
    }
}

TEST(the_subject_is_uid_cn_c)
{
    static const struct name_part parts[] = {
        {NID_userId, V_ASN1_UTF8STRING, TOPIC},
        {NID_commonName, V_ASN1_UTF8STRING, "APSP:" UUID},
        {NID_countryName, V_ASN1_PRINTABLESTRING, "US"},
    };

    expect_name(X509_get_subject_name(push.cert), parts, 3);
}

TEST(the_issuer_is_in_apples_order_but_not_apple)
{
    static const int order[] = {NID_commonName, NID_organizationalUnitName,
                                NID_organizationName, NID_countryName};
    X509_NAME *issuer = X509_get_issuer_name(push.cert);
    char name[256];

    assert_int_equal(X509_NAME_entry_count(issuer), 4);
    for (int i = 0; i < 4; i++)
        assert_int_equal(OBJ_obj2nid(X509_NAME_ENTRY_get_object(
                             X509_NAME_get_entry(issuer, i))),
                         order[i]);
    X509_NAME_get_text_by_NID(issuer, NID_commonName, name, sizeof name);
    assert_string_equal(name, "rouse-sim Application Integration 2 "
                              "Certification Authority");
}

TEST(it_is_valid_a_year_less_a_second)
{
    const ASN1_TIME *from = X509_get0_notBefore(push.cert);
    const ASN1_TIME *to = X509_get0_notAfter(push.cert);
    int days, seconds;

    assert_int_equal(ASN1_STRING_type(from), V_ASN1_UTCTIME);
    assert_int_equal(ASN1_STRING_type(to), V_ASN1_UTCTIME);
    assert_int_equal(ASN1_TIME_cmp_time_t(from, (time_t)STARTS_AT), 0);
    assert_int_equal(ASN1_TIME_diff(&days, &seconds, from, to), 1);
    assert_int_equal(days, 364);
    assert_int_equal(seconds, 86399);
}

TEST(version_serial_and_key_are_apples)
{
    const ASN1_INTEGER *serial = X509_get0_serialNumber(push.cert);

    assert_int_equal(X509_get_version(push.cert), X509_VERSION_3);
    assert_int_equal(ASN1_STRING_type(serial), V_ASN1_INTEGER);
    assert_int_equal(ASN1_STRING_length(serial), 8);
    assert_int_equal(X509_get_signature_nid(push.cert),
                     NID_sha256WithRSAEncryption);
    assert_int_equal(EVP_PKEY_get_base_id(push.key), EVP_PKEY_RSA);
    assert_int_equal(EVP_PKEY_get_bits(push.key), 2048);
    assert_int_equal(X509_check_private_key(push.cert, push.key), 1);
    assert_int_equal(X509_verify(push.cert, ca.key), 1);
}

TEST(extensions_are_apples_in_apples_order)
{
    static const char *const order[] = {
        "2.5.29.19", "2.5.29.35", "2.5.29.32", "2.5.29.37",
        "2.5.29.31", "2.5.29.14", "2.5.29.15", "1.2.840.113635.100.6.3.2",
    };
    char oid[64];

    assert_int_equal(X509_get_ext_count(push.cert), 8);
    for (int i = 0; i < 8; i++) {
        X509_EXTENSION *extension = X509_get_ext(push.cert, i);

        OBJ_obj2txt(oid, sizeof oid, X509_EXTENSION_get_object(extension), 1);
        assert_string_equal(oid, order[i]);
        assert_int_equal(X509_EXTENSION_get_critical(extension), 0);
    }
}

/* Byte for byte where Apple's bytes are known. */
static void
expect_bytes(int place, const char *bytes, int len)
{
    const ASN1_OCTET_STRING *value =
        X509_EXTENSION_get_data(X509_get_ext(push.cert, place));

    assert_int_equal(ASN1_STRING_length(value), len);
    assert_memory_equal(ASN1_STRING_get0_data(value), bytes, (size_t)len);
}

TEST(known_extension_values_are_apples)
{
    EXTENDED_KEY_USAGE *usage;

    expect_bytes(0, "\x30\x00", 2);
    expect_bytes(6, "\x03\x02\x07\x80", 4);
    expect_bytes(7, "\x05\x00", 2);
    usage = X509_get_ext_d2i(push.cert, NID_ext_key_usage, NULL, NULL);
    assert_int_equal(sk_ASN1_OBJECT_num(usage), 1);
    assert_int_equal(OBJ_obj2nid(sk_ASN1_OBJECT_value(usage, 0)),
                     NID_client_auth);
    EXTENDED_KEY_USAGE_free(usage);
}

TEST(key_identifiers_name_the_ca)
{
    const ASN1_OCTET_STRING *authority = X509_get0_authority_key_id(push.cert);

    assert_non_null(authority);
    assert_non_null(X509_get0_subject_key_id(push.cert));
    assert_int_equal(
        ASN1_OCTET_STRING_cmp(authority, X509_get0_subject_key_id(ca.cert)), 0);
}

TEST(the_server_is_known_by_its_names)
{
    assert_int_equal(X509_check_host(server.cert, "localhost", 0, 0, NULL), 1);
    assert_int_equal(X509_check_host(server.cert, "apns.test", 0, 0, NULL), 1);
    assert_int_equal(
        X509_check_host(server.cert, "api.push.apple.com", 0, 0, NULL), 1);
    assert_int_equal(X509_check_host(server.cert, "apple.com", 0, 0, NULL), 0);
    assert_int_equal(X509_check_ip_asc(server.cert, "127.0.0.1", 0), 1);
    assert_int_equal(X509_check_ip_asc(server.cert, "::1", 0), 1);
    assert_int_equal(X509_verify(server.cert, ca.key), 1);
}

TEST(a_subject_may_lack_its_uid)
{
    const struct pki_cert_subject what = {.name = UUID,
                                          .not_before_unix = STARTS_AT,
                                          .not_after_unix = STARTS_AT + 1};
    struct pki_pair pair;

    assert_int_equal(pki_cert_push(&pair, &ca, &what), 0);
    assert_int_equal(X509_NAME_get_index_by_NID(
                         X509_get_subject_name(pair.cert), NID_userId, -1),
                     -1);
    assert_int_not_equal(ASN1_INTEGER_cmp(X509_get0_serialNumber(pair.cert),
                                          X509_get0_serialNumber(push.cert)),
                         0);
    pki_cert_free(&pair);
}

static EVP_PKEY *
read_key(const char *dir, const char *topic)
{
    char *path = temp_dir_path(dir, "%s.pem", topic);
    FILE *file = fopen(path, "r");
    EVP_PKEY *key;

    assert_non_null(file);
    key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    assert_non_null(key);
    fclose(file);
    free(path);
    return key;
}

static bool
have_one_key(const char *dir, const struct pki_order *order)
{
    EVP_PKEY *keys[2];
    bool is_one;

    assert_true(pki_issue(dir, order));
    for (size_t i = 0; i < 2; i++)
        keys[i] = read_key(dir, order->topics[i]);
    is_one = EVP_PKEY_eq(keys[0], keys[1]) == 1;
    for (size_t i = 0; i < 2; i++)
        EVP_PKEY_free(keys[i]);
    return is_one;
}

TEST(keys_are_shared_when_asked_only)
{
    struct pki_order order = {
        .topics = {TOPIC ".1", TOPIC ".2"}, .n_topics = 2, .days = 1};
    char *dir = temp_dir_new();

    assert_false(have_one_key(dir, &order));
    order.is_one_key = true;
    assert_true(have_one_key(dir, &order));
    temp_dir_free(dir);
}

TEST(only_topics_of_mdm_are_good)
{
    assert_true(pki_topic_is_good(TOPIC));
    assert_false(pki_topic_is_good("com.apple.mgmt."));
    assert_false(pki_topic_is_good("com.example.app"));
    assert_false(pki_topic_is_good("com.apple.mgmt.a/b"));
    assert_false(pki_topic_is_good("com.apple.mgmt.a b"));
    assert_false(pki_topic_is_good(""));
}

TEST(fault_words_are_read)
{
    enum pki_fault fault = PKI_NONE;

    assert_true(pki_fault_read("not-yet-valid", &fault));
    assert_int_equal(fault, PKI_NOT_YET_VALID);
    assert_true(pki_fault_read("revoked", &fault));
    assert_int_equal(fault, PKI_REVOKED);
    assert_false(pki_fault_read("none", &fault));
    assert_false(pki_fault_read("", &fault));
}
