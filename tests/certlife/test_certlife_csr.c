/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>

#include "made_up.h"
#include "server/certlife/read/armor.h"
#include "tests/support/unit.h"

static const struct certlife_subject good = {
    .common_name = "Schule am Fluß",
    .country = "de",
    .email = "mdm@school.example",
};

static X509_REQ *
read_csr(const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    X509_REQ *req = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);

    assert_non_null(req);
    BIO_free(bio);
    return req;
}

TEST(request_is_rsa_2048_and_sha_256)
{
    struct certlife_csr csr;
    char subject[256];
    X509_REQ *req;
    EVP_PKEY *key;

    assert_int_equal(certlife_csr_make(&good, &csr, NULL), CERTLIFE_OK);
    req = read_csr(csr.csr_pem);
    key = X509_REQ_get0_pubkey(req);
    assert_int_equal(EVP_PKEY_get_base_id(key), EVP_PKEY_RSA);
    assert_int_equal(EVP_PKEY_get_bits(key), 2048);
    assert_int_equal(X509_REQ_get_signature_nid(req),
                     NID_sha256WithRSAEncryption);
    assert_int_equal(X509_REQ_verify(req, key), 1);
    X509_NAME_oneline(X509_REQ_get_subject_name(req), subject, sizeof subject);
    assert_string_equal(subject, "/C=DE/CN=Schule am Flu\\xC3\\x9F"
                                 "/emailAddress=mdm@school.example");
    X509_REQ_free(req);
    certlife_csr_fini(&csr);
    made_up_errors();
}

TEST(key_is_unencrypted_pkcs8_and_belongs_to_the_request)
{
    struct certlife_csr csr;
    struct certlife_file files[2];
    struct certlife_check *check;

    assert_int_equal(certlife_csr_make(&good, &csr, NULL), CERTLIFE_OK);
    assert_ptr_equal(strstr(csr.key_pem, "-----BEGIN PRIVATE KEY-----"),
                     csr.key_pem);
    files[0] = made_up_text("key", csr.key_pem);
    files[1] = made_up_file("csr", csr.csr_der, csr.csr_der_len);
    assert_int_equal(
        certlife_check_make(files, 2, NULL, 0, MADE_UP_NOW, &check, NULL),
        CERTLIFE_OK);
    assert_int_equal(check->objects[0].fits, 2);
    assert_string_equal(check->objects[0].spki_sha256, csr.spki_sha256);
    assert_string_equal(check->objects[1].cert.sha256, csr.csr_sha256);
    certlife_check_free(check);
    certlife_csr_fini(&csr);
    made_up_files_free();
    made_up_errors();
}

TEST(bad_fields_are_named)
{
    static const struct {
        struct certlife_subject subject;
        const char *named;
    } cases[] = {
        {{"", "DE", "a@b"}, "common name"},
        {{NULL, "DE", "a@b"}, "common name"},
        {{"   ", "DE", "a@b"}, "common name"},
        {{"line\nbreak", "DE", "a@b"}, "common name"},
        {{"bad \xff utf-8", "DE", "a@b"}, "common name"},
        {{"12345678901234567890123456789012345678901234567890123456789012345",
          "DE", "a@b"},
         "common name"},
        {{"School", "", "a@b"}, "country"},
        {{"School", "D", "a@b"}, "country"},
        {{"School", "DEU", "a@b"}, "country"},
        {{"School", "D3", "a@b"}, "country"},
        {{"School", NULL, "a@b"}, "country"},
        {{"School", "DE", ""}, "email"},
        {{"School", "DE", NULL}, "email"},
        {{"School", "DE", "nobody"}, "email"},
        {{"School", "DE", "@b"}, "email"},
        {{"School", "DE", "a@"}, "email"},
        {{"School", "DE", "a@b@c"}, "email"},
        {{"School", "DE", "a b@c"}, "email"},
        {{"School", "DE", "ü@b"}, "email"},
    };
    char detail[CERTLIFE_MAX_DETAIL];

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct certlife_csr csr;

        assert_int_equal(certlife_csr_make(&cases[i].subject, &csr, detail),
                         CERTLIFE_EFIELD);
        assert_ptr_equal(strstr(detail, cases[i].named), detail);
        assert_null(csr.key_pem);
        certlife_csr_fini(&csr);
    }
    made_up_errors();
}

TEST(longest_fields_pass)
{
    char name[CERTLIFE_MAX_NAME + 1];
    char email[CERTLIFE_MAX_EMAIL + 1];
    struct certlife_subject subject = {name, "US", email};
    struct certlife_csr csr;

    memset(name, 'n', sizeof name);
    name[CERTLIFE_MAX_NAME] = '\0';
    memset(email, 'e', sizeof email);
    email[3] = '@';
    email[CERTLIFE_MAX_EMAIL] = '\0';
    assert_int_equal(certlife_csr_make(&subject, &csr, NULL), CERTLIFE_OK);
    certlife_csr_fini(&csr);
    made_up_errors();
}
