/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "cert_try.h"
#include "tests/support/unit.h"

#include <openssl/pem.h>
#include <openssl/x509.h>

TEST(missing_parts_are_named)
{
    assert_int_equal(read_parts(made(&good), NULL), APNS_ENOKEY);
    assert_int_equal(read_parts(rsa_key(), NULL), APNS_ENOCERT);
    assert_int_equal(read_parts(text(""), NULL), APNS_EPEM);
    assert_int_equal(read_parts(text("no PEM at all"), NULL), APNS_EPEM);
    assert_int_equal(read_at(NULL, 0, CERT_MAKE_NOW), APNS_EPEM);
}

TEST(foreign_key_is_refused)
{
    static const struct cert_make ec = {.uid = TOPIC, .key = CERT_MAKE_EC};

    assert_int_equal(
        read_parts(made(&good), cert_make_key_pem(CERT_MAKE_OTHER_RSA), NULL),
        APNS_EKEYMISMATCH);
    assert_int_equal(
        read_parts(made(&good), cert_make_key_pem(CERT_MAKE_EC), NULL),
        APNS_EKEYMISMATCH);
    assert_int_equal(read_parts(made(&ec), rsa_key(), NULL), APNS_EKEYMISMATCH);
}

TEST(encrypted_keys_are_refused_by_name)
{
    assert_int_equal(
        read_parts(made(&good), cert_make_locked_key_pem(CERT_MAKE_RSA), NULL),
        APNS_EKEYENCRYPTED);
    assert_string_equal(detail, "ENCRYPTED PRIVATE KEY");
    assert_int_equal(
        read_parts(made(&good),
                   cert_make_old_key_pem(CERT_MAKE_RSA, EVP_aes_128_cbc()),
                   NULL),
        APNS_EKEYENCRYPTED);
    assert_string_equal(detail, "RSA PRIVATE KEY");
}

TEST(foreign_pem_blocks_are_refused_by_name)
{
    assert_int_equal(
        read_parts(made(&good), rsa_key(),
                   text("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n"
                        "-----END CERTIFICATE REQUEST-----\n"),
                   NULL),
        APNS_EPEMTYPE);
    assert_string_equal(detail, "CERTIFICATE REQUEST");
}

TEST(broken_pem_is_refused)
{
    static const char *const broken[] = {
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\nAAAA\n",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END PRIVATE KEY-----",
        "-----BEGIN -----\n-----END -----",
        "-----BEGIN A\nB-----\n-----END A\nB-----",
        "-----BEGIN \xff\xfe-----\n-----END \xff\xfe-----",
        "-----BEGIN ",
        ("-----BEGIN XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX"
         "XXXXXXXXXXXXXXXXXXXXXXXXXXXXX-----\n-----END -----"),
    };

    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
        assert_int_equal(read_parts(text(broken[i]), NULL), APNS_EPEM);
    assert_int_equal(read_parts(made(&good), rsa_key(), text(broken[1]), NULL),
                     APNS_EPEM);
    assert_non_null(strstr(detail, "CERTIFICATE"));
}

TEST(garbage_between_the_lines_is_refused)
{
    static const char *const garbage[] = {
        "",         "AAAA",     "MIIC",  "!!!!", "MAA=\nMAA=",
        "MIIB////", "=AAA",     "A",     "MIQ=", "Proc-Type: 4,CLEAR\n\nMAA=",
        "MIL/////", "MIT/////", "MICAAA"};
    char block[256];

    for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++) {
        snprintf(block, sizeof block,
                 "-----BEGIN CERTIFICATE-----\n%s\n"
                 "-----END CERTIFICATE-----\n",
                 garbage[i]);
        assert_int_equal(read_parts(text(block), rsa_key(), NULL),
                         APNS_ECERTPARSE);
        snprintf(block, sizeof block,
                 "-----BEGIN PRIVATE KEY-----\n%s\n"
                 "-----END PRIVATE KEY-----\n",
                 garbage[i]);
        assert_int_equal(read_parts(made(&good), text(block), NULL),
                         APNS_EKEYPARSE);
        snprintf(block, sizeof block,
                 "-----BEGIN EC PRIVATE KEY-----\n%s\n"
                 "-----END EC PRIVATE KEY-----\n",
                 garbage[i]);
        assert_int_equal(read_parts(made(&good), text(block), NULL),
                         APNS_EKEYPARSE);
    }
}

/* What stands behind the certificate was never signed. */
TEST(bytes_behind_a_certificate_are_refused)
{
    char *leaf = made(&good), pem[4096], base64[3072];
    unsigned char der[2048];
    BIO *bio = BIO_new_mem_buf(leaf, -1);
    X509 *x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    unsigned char *at = der;
    int len = i2d_X509(x509, NULL);

    assert_in_range(len, 1, sizeof der - 1);
    i2d_X509(x509, &at);
    *at = 0;
    for (int n = len; n <= len + 1; n++) {
        EVP_EncodeBlock((unsigned char *)base64, der, n);
        snprintf(pem, sizeof pem,
                 "-----BEGIN CERTIFICATE-----\n%s\n"
                 "-----END CERTIFICATE-----\n",
                 base64);
        assert_int_equal(read_parts(text(pem), rsa_key(), NULL),
                         n == len ? APNS_OK : APNS_ECERTPARSE);
    }
    X509_free(x509);
    BIO_free(bio);
    free(leaf);
}

/* Each single damaged byte of the base64 is an error or a certificate that
 * still reads; never a crash, never something left in OpenSSL's queue. */
TEST(damaged_certificates_do_no_harm)
{
    char *leaf = made(&good), *key = rsa_key();
    char pem[8192];
    size_t len;
    int n_refused = 0;

    snprintf(pem, sizeof pem, "%s%s", leaf, key);
    len = strlen(pem);
    for (size_t i = 28; i < strlen(leaf); i += 3) {
        char was = pem[i];

        pem[i] = was == 'A' ? '/' : 'A';
        n_refused += read_at(pem, len, CERT_MAKE_NOW) != APNS_OK;
        pem[i] = was;
    }
    assert_true(n_refused > 10);
    for (size_t cut = 1; cut < len; cut += 7)
        assert_int_not_equal(read_at(pem, len - cut - 1, CERT_MAKE_NOW),
                             APNS_OK);
    free(leaf);
    free(key);
}

/* The public half is right, the secret one is not: flip a bit in the middle
 * of the private exponent's region and let a signature tell. */
TEST(damaged_key_is_found_by_signing)
{
    static const struct cert_make ec = {.uid = TOPIC, .key = CERT_MAKE_EC};
    unsigned char *der = NULL;
    char base64[512], pem[640];
    int len;

    len = i2d_PrivateKey(cert_make_key(CERT_MAKE_EC), &der);
    assert_true(len > 40);
    der[20] ^= 1; /* SEC1: the scalar is bytes 7 to 38 */
    EVP_EncodeBlock((unsigned char *)base64, der, len);
    snprintf(pem, sizeof pem,
             "-----BEGIN EC PRIVATE KEY-----\n%s\n"
             "-----END EC PRIVATE KEY-----\n",
             base64);
    OPENSSL_free(der);
    assert_int_not_equal(read_parts(made(&ec), text(pem), NULL), APNS_OK);
}

/* Loading what is stored uses no private key: it may run where pushes do. So
 * it believes one whose secret half is damaged, which reading does not. */
TEST(loading_signs_nothing)
{
    static const struct cert_make ec = {.uid = TOPIC, .key = CERT_MAKE_EC};
    char *leaf = made(&ec);
    struct apns_credential *credential;
    unsigned char *der = NULL;
    char base64[512], pem[640], both[4096];
    int len = i2d_PrivateKey(cert_make_key(CERT_MAKE_EC), &der);

    der[20] ^= 1;
    EVP_EncodeBlock((unsigned char *)base64, der, len);
    snprintf(pem, sizeof pem,
             "-----BEGIN EC PRIVATE KEY-----\n%s\n"
             "-----END EC PRIVATE KEY-----\n",
             base64);
    OPENSSL_free(der);
    assert_int_equal(apns_credential_load(leaf, pem, &credential), APNS_OK);
    apns_credential_free(credential);
    snprintf(both, sizeof both, "%s%s", leaf, pem);
    assert_int_not_equal(
        apns_credential_read(both, strlen(both), &credential, NULL), APNS_OK);
    assert_null(credential);
    free(leaf);
}

TEST(weak_keys_are_refused)
{
    static const struct {
        enum cert_make_key key;
        const char *word;
    } weak[] = {
        {CERT_MAKE_WEAK_RSA, "RSA of 1024 bits"},
        {CERT_MAKE_WEAK_EC, "EC of 224 bits"},
        {CERT_MAKE_ED25519, "neither RSA nor EC"},
    };

    for (size_t i = 0; i < sizeof weak / sizeof weak[0]; i++) {
        struct cert_make make = {.uid = TOPIC, .key = weak[i].key};

        assert_int_equal(
            read_parts(made(&make), cert_make_key_pem(weak[i].key), NULL),
            APNS_EWEAKKEY);
        assert_non_null(strstr(detail, weak[i].word));
    }
}

TEST(weak_signatures_are_refused_by_name)
{
    static const struct cert_make sha1 = {.uid = TOPIC, .digest = "SHA1"};
    static const struct cert_make md5 = {.uid = TOPIC, .digest = "MD5"};

    assert_int_equal(read_parts(made(&sha1), rsa_key(), NULL), APNS_EWEAKSIGN);
    assert_string_equal(detail, "SHA-1");
    assert_int_equal(read_parts(made(&md5), rsa_key(), NULL), APNS_EWEAKSIGN);
    assert_string_equal(detail, "MD5");
}

TEST(size_is_bounded)
{
    static char pem[APNS_MAX_PEM + 1];

    memset(pem, '\n', sizeof pem);
    assert_int_equal(read_at(pem, sizeof pem, CERT_MAKE_NOW), APNS_EINVAL);
    assert_string_equal(detail, "65537 bytes, at most 65536");
    assert_int_equal(read_at(pem, APNS_MAX_PEM, CERT_MAKE_NOW), APNS_EPEM);
}

TEST(number_of_keys_is_bounded)
{
    char pem[32768] = "";
    char *key = cert_make_key_pem(CERT_MAKE_EC);
    size_t len = 0;

    for (int i = 0; i < 17; i++)
        len += (size_t)snprintf(pem + len, sizeof pem - len, "%s", key);
    free(key);
    assert_int_equal(read_at(pem, len, CERT_MAKE_NOW), APNS_EINVAL);
    assert_non_null(strstr(detail, "16"));
}
