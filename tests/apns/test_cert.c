/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "cert_try.h"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include "apns/cert/cert_name.h"
#include "apns/cert/cert_pair.h"
#include "apns/cert/credential.h"
#include "tests/support/unit.h"

TEST(certificate_and_key_are_read)
{
    assert_int_equal(read_parts(made(&good), rsa_key(), NULL), APNS_OK);
    assert_string_equal(detail, "");
    assert_string_equal(cert.topic, TOPIC);
    assert_string_equal(cert.subject, "C=US,CN=APSP:test,UID=" TOPIC);
    assert_string_equal(cert.issuer, cert.subject);
    assert_string_equal(cert.serial, "1A2B3C4D5E6F7081");
    assert_int_equal(cert.not_before_unix, CERT_MAKE_NOW - 3600);
    assert_int_equal(cert.not_after_unix, CERT_MAKE_NOW + 365 * 86400);
    assert_true(cert.has_client_auth);
    assert_int_equal(strspn(cert.sha256, "0123456789abcdef"), 64);
    assert_int_equal(strspn(cert.sha1, "0123456789abcdef"), 40);
}

TEST(fingerprints_are_of_the_whole_certificate)
{
    char *pem = made(&good);
    BIO *bio = BIO_new_mem_buf(pem, -1);
    X509 *x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    unsigned char *der = NULL, digest[32];
    int len = i2d_X509(x509, &der);
    char hex[65];

    assert_true(len > 0);
    assert_true(EVP_Digest(der, (size_t)len, digest, NULL, EVP_sha256(), NULL));
    apns_token_hex(digest, 32, hex);
    assert_int_equal(read_parts(pem, rsa_key(), NULL), APNS_OK);
    assert_string_equal(cert.sha256, hex);
    assert_true(EVP_Digest(der, (size_t)len, digest, NULL, EVP_sha1(), NULL));
    apns_token_hex(digest, 20, hex);
    assert_string_equal(cert.sha1, hex);
    OPENSSL_free(der);
    X509_free(x509);
    BIO_free(bio);
}

TEST(order_newlines_and_text_around_do_not_matter)
{
    char *crlf, *pem;
    size_t n = 0;

    assert_int_equal(read_parts(rsa_key(), made(&good), NULL), APNS_OK);
    assert_int_equal(
        read_parts(without_last_newline(made(&good)), rsa_key(), NULL),
        APNS_OK);
    assert_int_equal(
        read_parts(without_last_newline(rsa_key()), made(&good), NULL),
        APNS_OK);
    assert_int_equal(read_parts(text("Bag Attributes\n  friendlyName: x\n"),
                                made(&good), text("\nkey follows\n"), rsa_key(),
                                text("\n\n"), NULL),
                     APNS_OK);
    pem = made(&good);
    crlf = calloc(2, strlen(pem) + 1);
    for (size_t i = 0; pem[i] != '\0'; i++) {
        if (pem[i] == '\n')
            crlf[n++] = '\r';
        crlf[n++] = pem[i];
    }
    free(pem);
    assert_int_equal(read_parts(crlf, rsa_key(), NULL), APNS_OK);
}

TEST(base64_on_a_single_line_is_read)
{
    char *pem = made(&good), *body = strchr(pem, '\n') + 1;
    char *to = body, *end = strstr(pem, "-----END");

    for (char *from = body; *from != '\0'; from++)
        if (*from != '\n' || from > end)
            *to++ = *from;
    *to = '\0';
    assert_int_equal(read_parts(pem, rsa_key(), NULL), APNS_OK);
}

TEST(every_kind_of_key_is_read)
{
    static const struct cert_make ec = {.uid = TOPIC, .key = CERT_MAKE_EC};

    assert_int_equal(read_parts(made(&good),
                                cert_make_old_key_pem(CERT_MAKE_RSA, NULL),
                                NULL),
                     APNS_OK);
    assert_int_equal(
        read_parts(made(&ec), cert_make_old_key_pem(CERT_MAKE_EC, NULL), NULL),
        APNS_OK);
    assert_int_equal(
        read_parts(made(&ec), cert_make_key_pem(CERT_MAKE_EC), NULL), APNS_OK);
}

TEST(of_several_keys_the_one_that_matches_is_taken)
{
    assert_int_equal(
        read_parts(cert_make_key_pem(CERT_MAKE_OTHER_RSA), made(&good),
                   cert_make_key_pem(CERT_MAKE_WEAK_RSA), rsa_key(),
                   cert_make_key_pem(CERT_MAKE_EC), NULL),
        APNS_OK);
    assert_string_equal(detail, "");
}

TEST(the_last_certificate_counts)
{
    static const struct cert_make other = {
        .uid = "com.apple.mgmt.External.other", .key = CERT_MAKE_OTHER_RSA};

    assert_int_equal(read_parts(made(&other), made(&good), rsa_key(), NULL),
                     APNS_OK);
    assert_string_equal(cert.topic, TOPIC);
    assert_int_equal(read_parts(made(&good), made(&other), rsa_key(), NULL),
                     APNS_EKEYMISMATCH);
    assert_int_equal(read_parts(made(&good), made(&other), rsa_key(),
                                cert_make_key_pem(CERT_MAKE_OTHER_RSA), NULL),
                     APNS_OK);
    assert_string_equal(cert.topic, "com.apple.mgmt.External.other");
}

TEST(certificate_without_uid_is_refused)
{
    static const struct cert_make nameless = {0};

    assert_int_equal(read_parts(made(&nameless), rsa_key(), NULL), APNS_ENOUID);
}

TEST(topics_of_others_are_refused_and_shown)
{
    static const struct {
        const char *uid;
        int len;
        const char *shown;
        const char *why;
    } wrong[] = {
        {"com.example.app", 0, "\"com.example.app\"", "does not begin with"},
        {"com.apple.mgmt.", 0, "\"com.apple.mgmt.\"", "nothing after"},
        {"com.apple.mgmtX.y", 0, "\"com.apple.mgmtX.y\"", "does not begin"},
        {"COM.APPLE.MGMT.x", 0, "\"COM.APPLE.MGMT.x\"", "capital letters"},
        {"com.apple.mgmt.a b", 0, "\"com.apple.mgmt.a?b\"", "a space"},
        {"com.apple.mgmt.a\nb", 0, "\"com.apple.mgmt.a?b\"", "a space"},
        {"com.apple.mgmt.a\0b", 18, "\"com.apple.mgmt.a?b\"", "a space"},
        {"com.apple.mgmt.\xc3\xa4", 0, "\"com.apple.mgmt.??\"", "a space"},
    };

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct cert_make make = {.uid = wrong[i].uid, .uid_len = wrong[i].len};

        assert_int_equal(read_parts(made(&make), rsa_key(), NULL),
                         APNS_EBADUID);
        assert_ptr_equal(strstr(detail, wrong[i].shown), detail);
        assert_non_null(strstr(detail, wrong[i].why));
        assert_string_equal(cert.topic, "");
    }
}

/* Whoever decides on the one and installs the other imports what was not
 * decided on: nobody picks one, whichever comes first. */
TEST(two_uids_are_refused_and_named)
{
    static const struct cert_make orders[] = {
        {.uid = "OTHER", .second_uid = TOPIC},
        {.uid = TOPIC, .second_uid = "OTHER"},
        {.uid = TOPIC, .second_uid = TOPIC},
    };

    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        assert_int_equal(read_parts(made(&orders[i]), rsa_key(), NULL),
                         APNS_EMANYUIDS);
        assert_non_null(strstr(detail, orders[i].uid));
        assert_non_null(strstr(detail, orders[i].second_uid));
        assert_string_equal(cert.topic, "");
    }
}

/* Every printable character may be in a topic, '~' as the last of them. */
TEST(a_topic_may_hold_what_is_printable)
{
    static const struct cert_make make = {.uid = "com.apple.mgmt.~!?\"Az"};

    assert_int_equal(read_parts(made(&make), rsa_key(), NULL), APNS_OK);
    assert_string_equal(cert.topic, make.uid);
}

TEST(names_are_shown_in_their_own_letters)
{
    static const struct {
        const char *cn;
        const char *shown;
    } names[] = {
        {"\xe6\xa0\xaa\xe5\xbc\x8f", "\xe6\xa0\xaa\xe5\xbc\x8f"},
        {"a\x1b[31mb", "a\\1B[31mb"},
        {"A\xc2\x9b[31mB", "A?[31mB"}, /* a control of eight bits */
        {"X\xe2\x80\xaegpj", "X?gpj"}, /* right to left */
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct cert_make make = {.uid = TOPIC, .cn = names[i].cn};
        char subject[128];

        snprintf(subject, sizeof subject, "C=US,CN=%s,UID=" TOPIC,
                 names[i].shown);
        assert_int_equal(read_parts(made(&make), rsa_key(), NULL), APNS_OK);
        assert_string_equal(cert.subject, subject);
    }
}

TEST(a_long_name_is_cut_between_characters)
{
    static char name[3 * 300 + 1];
    char cut[16];

    for (size_t i = 0; i + 3 < sizeof name; i += 3)
        memcpy(name + i, "\xe6\xa0\xaa", 3);
    cert_name_clean(name, strlen(name), cut, sizeof cut);
    assert_int_equal(strlen(cut), 15);
    cert_name_clean(name, strlen(name), cut, sizeof cut - 1);
    assert_int_equal(strlen(cut), 12);
    cert_name_clean("\xf0\x9f\x98\x80\xf4\x90\x80\x80\xed\xa0\x80\xe6", 12, cut,
                    sizeof cut);
    assert_string_equal(cut, "\xf0\x9f\x98\x80????????");
    cert_name_clean("a\xff\xc0\xaf", 4, cut, sizeof cut);
    assert_string_equal(cut, "a???");
}

TEST(longest_topic_is_read_and_a_longer_one_refused)
{
    char uid[APNS_MAX_TOPIC + 2] = "com.apple.mgmt.";
    struct cert_make make = {.uid = uid};

    memset(uid + 15, 'x', sizeof uid - 16);
    assert_int_equal(read_parts(made(&make), rsa_key(), NULL), APNS_EBADUID);
    uid[APNS_MAX_TOPIC] = '\0';
    assert_int_equal(read_parts(made(&make), rsa_key(), NULL), APNS_OK);
    assert_string_equal(cert.topic, uid);
}

TEST(dates_are_checked_and_told)
{
    static const struct cert_make early = {
        .uid = TOPIC, .from_s = 86400, .to_s = 2 * 86400};
    static const struct cert_make late = {
        .uid = TOPIC, .from_s = -2 * 86400, .to_s = -86400};

    assert_int_equal(read_parts(made(&early), rsa_key(), NULL),
                     APNS_ENOTYETVALID);
    assert_string_equal(detail, "2026-01-02T00:00:00Z");
    assert_string_equal(cert.topic, TOPIC);
    assert_int_equal(read_parts(made(&late), rsa_key(), NULL), APNS_EEXPIRED);
    assert_string_equal(detail, "2025-12-31T00:00:00Z");
    assert_int_equal(cert.not_after_unix, CERT_MAKE_NOW - 86400);
}

TEST(first_and_last_second_are_valid)
{
    char *leaf = made(&good), *key = rsa_key(), pem[8192];
    const int64_t first = CERT_MAKE_NOW - 3600;
    const int64_t last = CERT_MAKE_NOW + 365 * 86400;

    snprintf(pem, sizeof pem, "%s%s", leaf, key);
    assert_int_equal(read_at(pem, strlen(pem), first - 1), APNS_ENOTYETVALID);
    assert_int_equal(read_at(pem, strlen(pem), first), APNS_OK);
    assert_int_equal(read_at(pem, strlen(pem), last), APNS_OK);
    assert_int_equal(read_at(pem, strlen(pem), last + 1), APNS_EEXPIRED);
    free(leaf);
    free(key);
}

TEST(client_use_is_told)
{
    struct cert_make make = {.uid = TOPIC, .ext_use = "clientAuth"};

    assert_int_equal(read_parts(made(&make), rsa_key(), NULL), APNS_OK);
    assert_true(cert.has_client_auth);
    make.ext_use = "serverAuth";
    assert_int_equal(read_parts(made(&make), rsa_key(), NULL), APNS_OK);
    assert_false(cert.has_client_auth);
}

/* What is kept can be loaded again, alone, and used by a TLS context. */
TEST(normal_form_is_used_by_tls)
{
    char *leaf = made(&good), *pem;
    char *old_key = cert_make_old_key_pem(CERT_MAKE_RSA, NULL);
    char *other_key = cert_make_key_pem(CERT_MAKE_OTHER_RSA);
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(context);
    struct apns_credential *read, *loaded;
    const char *key_pem;

    pem = calloc(1, strlen(leaf) + strlen(old_key) + 1);
    snprintf(pem, strlen(leaf) + strlen(old_key) + 1, "%s%s", old_key, leaf);
    assert_int_equal(apns_credential_read(pem, strlen(pem), &read, detail),
                     APNS_OK);
    assert_string_equal(apns_credential_leaf_pem(read), leaf);
    key_pem = apns_credential_key_pem(read);
    assert_non_null(strstr(key_pem, "-----BEGIN PRIVATE KEY-----\n"));
    assert_int_equal(apns_credential_load(leaf, key_pem, &loaded), APNS_OK);
    assert_string_equal(apns_credential_cert(loaded)->sha256,
                        apns_credential_cert(read)->sha256);
    assert_true(cert_pair_try(credential_pair(loaded), context));
    assert_true(cert_pair_use(credential_pair(loaded), ssl));
    apns_credential_free(loaded); /* the session has its own */
    assert_int_equal(SSL_check_private_key(ssl), 1);

    assert_int_equal(apns_credential_load(leaf, other_key, &loaded),
                     APNS_EKEYMISMATCH);
    assert_int_equal(apns_credential_load("x", key_pem, &loaded),
                     APNS_ECERTPARSE);
    assert_int_equal(apns_credential_load(leaf, leaf, &loaded), APNS_EKEYPARSE);
    assert_null(loaded);
    assert_int_equal(ERR_peek_error(), 0);
    apns_credential_free(read);
    free(other_key);
    free(pem);
    free(old_key);
    free(leaf);
    SSL_free(ssl);
    SSL_CTX_free(context);
}

TEST(expired_ones_come_back_all_the_same)
{
    static const struct cert_make late = {
        .uid = TOPIC, .from_s = -2 * 86400, .to_s = -86400};
    char *leaf = made(&late), *key = rsa_key(), pem[8192];
    char *leaf_pem = NULL, *key_pem = NULL;

    snprintf(pem, sizeof pem, "%s%s", leaf, key);
    assert_int_equal(apns_cert_read(pem, strlen(pem), CERT_MAKE_NOW, &cert,
                                    &leaf_pem, &key_pem, detail),
                     APNS_EEXPIRED);
    assert_string_equal(leaf_pem, leaf);
    assert_string_equal(key_pem, key);
    free(leaf_pem);
    free(key_pem);
    /* On any other error nothing comes back. */
    assert_int_equal(apns_cert_read(leaf, strlen(leaf), CERT_MAKE_NOW, &cert,
                                    &leaf_pem, &key_pem, detail),
                     APNS_ENOKEY);
    assert_null(leaf_pem);
    assert_null(key_pem);
    free(leaf);
    free(key);
}
