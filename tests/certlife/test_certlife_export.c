/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include <openssl/objects.h>
#include <openssl/pkcs12.h>

#include "made_up.h"
#include "tests/support/unit.h"

/* What leaves: the identity as PKCS#12. */

#define PASSPHRASE "correct horse"

static char detail[CERTLIFE_MAX_DETAIL];

EACH(NULL, made_up_forget);
ALL(made_up_set_up, made_up_tear_down);

static struct certlife_file
identity(EVP_PKEY *key)
{
    struct certlife_file cert = made_up_cert_pem("cert", apple.push);
    struct certlife_file pem = made_up_key_pem("key", key);

    return made_up_glued("identity", &cert, &pem);
}

static enum certlife_err export(const struct certlife_file *file,
                                const char *passphrase, unsigned char **der,
                                size_t *len) {
    return certlife_export_make(file->bytes, file->len, passphrase, "MDM push",
                                der, len, detail);
}

TEST(exported_pkcs12_opens_with_its_passphrase_only)
{
    struct certlife_file file = identity(apple.push_key);
    struct certlife_check *check;
    unsigned char *der;
    size_t len;

    assert_int_equal(export(&file, PASSPHRASE, &der, &len), CERTLIFE_OK);
    file = made_up_file("export.p12", der, len);
    file.password = PASSPHRASE;
    assert_int_equal(
        certlife_check_make(&file, 1, NULL, 0, MADE_UP_NOW, &check, NULL),
        CERTLIFE_OK);
    assert_int_equal(check->n_objects, 2);
    assert_int_equal(check->objects[0].fits, 2);
    certlife_check_free(check);
    file.password = "incorrect horse";
    assert_int_equal(
        certlife_check_make(&file, 1, NULL, 0, MADE_UP_NOW, &check, NULL),
        CERTLIFE_OK);
    assert_int_equal(check->objects[0].kind, CERTLIFE_KIND_LOCKED_PKCS12);
    certlife_check_free(check);
    free(der);
}

TEST(exported_pkcs12_is_aes_256_with_sha_256)
{
    struct certlife_file file = identity(apple.push_key);
    const X509_ALGOR *algorithm;
    const ASN1_OBJECT *oid;
    const ASN1_INTEGER *rounds;
    const unsigned char *at;
    unsigned char *der;
    size_t len;
    PKCS12 *p12;
    STACK_OF(PKCS7) * safes;

    assert_int_equal(export(&file, PASSPHRASE, &der, &len), CERTLIFE_OK);
    at = der;
    p12 = d2i_PKCS12(NULL, &at, (long)len);
    assert_non_null(p12);
    PKCS12_get0_mac(NULL, &algorithm, NULL, &rounds, p12);
    X509_ALGOR_get0(&oid, NULL, NULL, algorithm);
    assert_int_equal(OBJ_obj2nid(oid), NID_sha256);
    assert_true(ASN1_INTEGER_get(rounds) >= 100000);
    safes = PKCS12_unpack_authsafes(p12);
    for (int i = 0; i < sk_PKCS7_num(safes); i++) {
        PKCS7 *safe = sk_PKCS7_value(safes, i);
        PBE2PARAM *pbes2;

        if (!PKCS7_type_is_encrypted(safe))
            continue;
        algorithm = safe->d.encrypted->enc_data->algorithm;
        assert_int_equal(OBJ_obj2nid(algorithm->algorithm), NID_pbes2);
        pbes2 = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM),
                                          algorithm->parameter);
        assert_int_equal(OBJ_obj2nid(pbes2->encryption->algorithm),
                         NID_aes_256_cbc);
        assert_int_equal(OBJ_obj2nid(pbes2->keyfunc->algorithm), NID_id_pbkdf2);
        PBE2PARAM_free(pbes2);
    }
    sk_PKCS7_pop_free(safes, PKCS7_free);
    PKCS12_free(p12);
    free(der);
}

TEST(short_and_odd_passphrases_are_refused)
{
    static const char *const bad[] = {NULL, "", "elevenchars", "tab\there-xx",
                                      "not \xff utf-8 12"};
    struct certlife_file file = identity(apple.push_key);
    unsigned char *der;
    size_t len;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(export(&file, bad[i], &der, &len),
                         CERTLIFE_EPASSPHRASE);
        assert_non_null(strstr(detail, "12 to 1024"));
        assert_null(der);
    }
}

TEST(anything_but_an_identity_is_refused)
{
    struct certlife_file cert = made_up_cert_pem("cert", apple.push);
    struct certlife_file mixed = identity(apple.vendor_key);
    unsigned char *der;
    size_t len;

    assert_int_equal(export(&cert, PASSPHRASE, &der, &len), CERTLIFE_EIDENTITY);
    assert_int_equal(export(&mixed, PASSPHRASE, &der, &len),
                     CERTLIFE_EKEYMISMATCH);
    assert_null(der);
}

TEST(every_error_has_its_own_words)
{
    for (int i = 0; i < CERTLIFE_N_ERRORS; i++) {
        enum certlife_err err = (enum certlife_err)i;

        assert_true(strlen(certlife_err_text(err)) > 6);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(certlife_err_text((enum certlife_err)j),
                                    certlife_err_text(err));
    }
}
