/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include "made_up.h"
#include "tests/support/unit.h"

/* Files that want to hurt: too large, too many, too much work, damaged. */

static char detail[CERTLIFE_MAX_DETAIL];

EACH(NULL, made_up_forget);
ALL(made_up_set_up, made_up_tear_down);

static enum certlife_err
check(const struct certlife_file *files, size_t n, struct certlife_check **out)
{
    return certlife_check_make(files, n, NULL, 0, MADE_UP_NOW, out, detail);
}

TEST(limits_are_named)
{
    struct certlife_file files[CERTLIFE_MAX_FILES + 1];
    struct certlife_check *out;
    static char long_password[CERTLIFE_MAX_PASSWORD + 2];

    for (size_t i = 0; i <= CERTLIFE_MAX_FILES; i++)
        files[i] = made_up_text("x.pem", "x");
    assert_int_equal(check(files, CERTLIFE_MAX_FILES, &out), CERTLIFE_OK);
    certlife_check_free(out);
    assert_int_equal(check(files, CERTLIFE_MAX_FILES + 1, &out),
                     CERTLIFE_ETOOMANY);
    assert_null(out);
    files[1].len = CERTLIFE_MAX_FILE + 1; /* refused unread */
    files[1].name = "big.pem";
    assert_int_equal(check(files, 2, &out), CERTLIFE_ETOOLARGE);
    assert_non_null(strstr(detail, "big.pem"));
    memset(long_password, 'p', CERTLIFE_MAX_PASSWORD + 1);
    files[0].password = long_password;
    assert_int_equal(check(files, 1, &out), CERTLIFE_EFIELD);
    assert_non_null(strstr(detail, "password"));
}

TEST(more_than_64_objects_are_refused)
{
    struct certlife_file pem = made_up_cert_pem("push", apple.push);
    char *many = malloc(pem.len * 65);
    struct certlife_file file;
    struct certlife_check *out;

    for (size_t i = 0; i < 65; i++)
        memcpy(many + i * pem.len, pem.bytes, pem.len);
    file = made_up_file("64.pem", many, pem.len * 64);
    assert_int_equal(check(&file, 1, &out), CERTLIFE_OK);
    assert_int_equal(out->n_objects, 64);
    assert_true(out->objects[0].fits == (UINT64_MAX & ~UINT64_C(1)));
    certlife_check_free(out);
    file = made_up_file("65.pem", many, pem.len * 65);
    assert_int_equal(check(&file, 1, &out), CERTLIFE_ETOOMANY);
    assert_non_null(strstr(detail, "65.pem"));
    free(many);
}

/* Set what the file asks of whoever opens it, without doing it oneself. */
static struct certlife_file
p12_with_mac_rounds(long rounds)
{
    struct certlife_file plain = made_up_p12(
        "hostile.p12", apple.push_key, apple.push, "pass", NID_aes_256_cbc, 1);
    const unsigned char *at = plain.bytes;
    PKCS12 *p12 = d2i_PKCS12(NULL, &at, (long)plain.len);
    const ASN1_INTEGER *iterations;
    unsigned char *der = NULL;
    struct certlife_file file;
    int len;

    /* One round is the default, which is not written. */
    assert_int_equal(PKCS12_set_mac(p12, "pass", -1, NULL, 0, 2, EVP_sha256()),
                     1);
    PKCS12_get0_mac(NULL, NULL, NULL, &iterations, p12);
    assert_int_equal(
        ASN1_INTEGER_set((ASN1_INTEGER *)(uintptr_t)iterations, rounds), 1);
    len = i2d_PKCS12(p12, &der);
    file = made_up_file("hostile.p12", der, (size_t)len);
    file.password = "pass";
    OPENSSL_free(der);
    PKCS12_free(p12);
    return file;
}

static void
assert_refused(struct certlife_file file)
{
    struct certlife_check *out;

    assert_int_equal(check(&file, 1, &out), CERTLIFE_OK);
    assert_int_equal(out->n_objects, 1);
    assert_non_null(
        strstr(out->objects[0].sentence,
               "more key derivation rounds than are allowed (5000000"));
    certlife_check_free(out);
}

TEST(too_many_mac_rounds_are_refused_at_once)
{
    struct certlife_file file;
    struct certlife_check *out;

    assert_refused(p12_with_mac_rounds(CERTLIFE_MAX_ITERATIONS + 1));
    assert_refused(p12_with_mac_rounds(2147483647));
    assert_refused(p12_with_mac_rounds(0x7fffffffffffffff));
    file = p12_with_mac_rounds(-5);
    assert_int_equal(check(&file, 1, &out), CERTLIFE_OK);
    assert_int_equal(out->objects[0].kind, CERTLIFE_KIND_LOCKED_PKCS12);
    certlife_check_free(out);
}

/* An encrypted PKCS#8 whose key derivation is ${algorithm}. */
static struct certlife_file
sealed_with(X509_ALGOR *algorithm)
{
    X509_SIG *sealed = X509_SIG_new();
    X509_ALGOR *into;
    ASN1_OCTET_STRING *bytes;
    unsigned char *der = NULL;
    struct certlife_file file;
    int len;

    assert_non_null(algorithm);
    X509_SIG_getm(sealed, &into, &bytes);
    assert_int_equal(X509_ALGOR_copy(into, algorithm), 1);
    ASN1_OCTET_STRING_set(bytes, (const unsigned char *)"0123456789abcdef", 16);
    len = i2d_X509_SIG(sealed, &der);
    file = made_up_file("sealed.key", der, (size_t)len);
    file.password = "pass";
    OPENSSL_free(der);
    X509_SIG_free(sealed);
    X509_ALGOR_free(algorithm);
    return file;
}

TEST(too_many_rounds_of_a_key_are_refused_at_once)
{
    unsigned char salt[8] = "saltsalt";
    unsigned char iv[16] = {0};

    assert_refused(sealed_with(PKCS5_pbe2_set_iv(
        EVP_aes_256_cbc(), CERTLIFE_MAX_ITERATIONS + 1, salt, 8, iv, -1)));
    assert_refused(sealed_with(PKCS5_pbe_set(
        NID_pbe_WithSHA1And3_Key_TripleDES_CBC, 2000000000, salt, 8)));
    assert_refused(sealed_with(
        PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), salt, 8, iv, 1024, 1, 8192)));
}

TEST(scrypt_and_many_rounds_below_the_limit_open)
{
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(apple.push_key);
    unsigned char salt[8] = "saltsalt";
    unsigned char iv[16] = {0};
    X509_ALGOR *scrypt =
        PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), salt, 8, iv, 16384, 8, 1);
    X509_SIG *sealed = PKCS8_set0_pbe("pass", 4, info, scrypt);
    unsigned char *der = NULL;
    struct certlife_check *out;
    struct certlife_file file;
    int len;

    assert_non_null(sealed);
    len = i2d_X509_SIG(sealed, &der);
    file = made_up_file("scrypt.key", der, (size_t)len);
    file.password = "pass";
    assert_int_equal(check(&file, 1, &out), CERTLIFE_OK);
    assert_int_equal(out->objects[0].kind, CERTLIFE_KIND_PRIVATE_KEY);
    certlife_check_free(out);
    OPENSSL_free(der);
    X509_SIG_free(sealed);
    PKCS8_PRIV_KEY_INFO_free(info);
}

TEST(rounds_of_all_files_share_one_budget)
{
    struct certlife_file files[2];
    struct certlife_check *out;

    for (int i = 0; i < 2; i++)
        files[i] = p12_with_mac_rounds(CERTLIFE_MAX_ITERATIONS / 2 + 1);
    assert_int_equal(check(files, 2, &out), CERTLIFE_OK);
    assert_int_equal(out->n_objects, 2);
    assert_non_null(strstr(out->objects[0].sentence, "does not open it"));
    assert_non_null(strstr(out->objects[1].sentence, "more key derivation"));
    certlife_check_free(out);
}

TEST(huge_keys_are_not_decoded)
{
    EVP_PKEY *key = apple.push_key;
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
    static const unsigned char zeros[20000];
    unsigned char *der = NULL;
    struct certlife_check *out;
    struct certlife_file file;
    unsigned char *octets = OPENSSL_memdup(zeros, sizeof zeros);
    int len;

    PKCS8_pkey_set0(info, OBJ_nid2obj(NID_dsa), 0, V_ASN1_NULL, NULL, octets,
                    sizeof zeros);
    len = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
    file = made_up_file("huge.key", der, (size_t)len);
    assert_int_equal(check(&file, 1, &out), CERTLIFE_OK);
    assert_int_equal(out->objects[0].kind, CERTLIFE_KIND_BROKEN);
    certlife_check_free(out);
    OPENSSL_free(der);
    PKCS8_PRIV_KEY_INFO_free(info);
}

TEST(deep_plists_are_not_parsed)
{
    static const char array[] = "<array>";
    size_t len = 7;
    char *xml = malloc(7 * 100001);
    struct certlife_check *out;
    struct certlife_file file;

    memcpy(xml, "<plist>", 7);
    for (size_t i = 0; i < 100000; i++, len += 7)
        memcpy(xml + len, array, 7);
    file = made_up_file("deep.plist", xml, len);
    assert_int_equal(check(&file, 1, &out), CERTLIFE_OK);
    assert_int_equal(out->objects[0].kind, CERTLIFE_KIND_PLIST);
    certlife_check_free(out);
    free(xml);
}

/* Every byte of every kind of file, turned over one at a time. */
static void
damage_everywhere(const struct certlife_file *file, size_t stride)
{
    unsigned char *bytes = malloc(file->len);
    struct certlife_file bad = *file;
    struct certlife_check *out;

    memcpy(bytes, file->bytes, file->len);
    bad.bytes = bytes;
    for (size_t i = 0; i < file->len; i += stride) {
        bytes[i] ^= (unsigned char)(1 + i % 255);
        assert_int_equal(check(&bad, 1, &out), CERTLIFE_OK);
        assert_true(out->n_objects >= 1);
        certlife_check_free(out);
        bytes[i] = ((const unsigned char *)file->bytes)[i];
    }
    for (size_t i = 0; i < file->len; i += stride) {
        bad.len = i;
        assert_int_equal(check(&bad, 1, &out), CERTLIFE_OK);
        assert_true(out->n_objects >= 1);
        certlife_check_free(out);
    }
    free(bytes);
    made_up_errors();
}

TEST(damage_anywhere_is_an_answer)
{
    struct certlife_file files[] = {
        made_up_cert_der("cert", apple.push),
        made_up_cert_pem("cert", apple.push),
        made_up_csr("csr", apple.push_key),
        made_up_key_as("key", apple.push_key, MADE_UP_PKCS8_DER, NULL),
        made_up_key_as("key", apple.push_key, MADE_UP_PKCS1_DER, NULL),
    };

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        damage_everywhere(&files[i], 11);
}

TEST(damage_in_pkcs12_is_an_answer)
{
    struct certlife_file file = made_up_p12(
        "id.p12", apple.push_key, apple.push, "pass", NID_aes_256_cbc, 1);

    damage_everywhere(&file, 97);
}
