/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <plist/plist.h>

#include "apns/base/base64.h"
#include "apns/base/pem.h"
#include "desk.h"
#include "made_up.h"
#include "server/certlife/read/armor.h"
#include "tests/support/unit.h"

static plist_t
open_upload(const char *upload)
{
    size_t len;
    unsigned char *xml = base64_read_loose(upload, strlen(upload), &len);
    plist_t root = NULL;
    plist_dict_iter at = NULL;
    static const char *const order[] = {
        "PushCertRequestCSR", "PushCertCertificateChain", "PushCertSignature"};

    assert_non_null(xml);
    assert_ptr_equal(strstr((char *)xml, "<?xml version=\"1.0\" "
                                         "encoding=\"UTF-8\"?>\n<!DOCTYPE"),
                     xml);
    plist_from_xml((char *)xml, (uint32_t)len, &root);
    assert_non_null(root);
    assert_int_equal(plist_dict_get_size(root), 3);
    plist_dict_new_iter(root, &at);
    for (int i = 0; i < 3; i++) {
        char *key = NULL;

        plist_dict_next_item(root, at, &key, NULL);
        assert_string_equal(key, order[i]);
        free(key);
    }
    free(at);
    OPENSSL_free(xml);
    return root;
}

EACH(NULL, made_up_forget);
ALL(desk_set_up, desk_tear_down);

TEST(upload_is_base64_of_three_strings_in_order)
{
    struct desk *desk = *state;
    char *upload;
    char *text;
    plist_t root;
    size_t len;
    unsigned char *der;
    const unsigned char *at;
    X509_REQ *req;

    desk_lay_out(desk);
    assert_int_equal(desk_sign(desk, &upload), CERTLIFE_OK);
    assert_int_equal(desk->warnings.n, 0);
    assert_null(strpbrk(upload, " \r\n"));
    root = open_upload(upload);
    text = desk_plist_string(root, "PushCertRequestCSR");
    at = der = base64_read_loose(text, strlen(text), &len);
    req = d2i_X509_REQ(NULL, &at, (long)len);
    assert_non_null(req);
    assert_int_equal(
        EVP_PKEY_eq(X509_REQ_get0_pubkey(req), desk->made_up.push_key), 1);
    X509_REQ_free(req);
    OPENSSL_free(der);
    free(text);
    plist_free(root);
    free(upload);
}

TEST(chain_is_sorted_in_lines_of_64)
{
    struct desk *desk = *state;
    X509 *expected[] = {desk->made_up.vendor, desk->made_up.wwdr,
                        desk->made_up.root};
    char *upload;
    char *pem;
    plist_t root;
    BIO *bio;

    desk_lay_out(desk);
    assert_int_equal(desk_sign(desk, &upload), CERTLIFE_OK);
    root = open_upload(upload);
    pem = desk_plist_string(root, "PushCertCertificateChain");
    bio = BIO_new_mem_buf(pem, -1);
    for (int i = 0; i < 3; i++) {
        X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);

        assert_non_null(cert);
        assert_int_equal(X509_cmp(cert, expected[i]), 0);
        X509_free(cert);
    }
    BIO_free(bio);
    for (char *line = pem, *end; (end = strchr(line, '\n')) != NULL;
         line = end + 1) {
        if (line[0] != '-' && end[1] != '-')
            assert_int_equal(end - line, 64);
        assert_true(end - line <= 64);
    }
    free(pem);
    plist_free(root);
    free(upload);
}

TEST(signature_is_sha256_with_rsa_over_the_der)
{
    struct desk *desk = *state;
    struct certlife_upload facts;
    char *upload;

    desk_lay_out(desk);
    assert_int_equal(desk_sign(desk, &upload), CERTLIFE_OK);
    assert_int_equal(desk_read_back(desk, upload, &facts), CERTLIFE_OK);
    assert_int_equal(desk->warnings.n, 0);
    assert_true(facts.is_chain_complete);
    assert_int_equal(facts.n_chain, 3);
    assert_string_equal(facts.csr_subject, "CN=Made Up School");
    assert_non_null(strstr(facts.vendor.subject, "Vendor of Things"));
    free(upload);
}

TEST(every_form_of_vendor_key_signs)
{
    struct desk *desk = *state;
    char *upload;

    for (int form = 0; form < MADE_UP_N_KEY_FORMS; form++) {
        desk_lay_out(desk);
        desk->signing.vendor_key =
            made_up_key_as("vendor.key", desk->made_up.vendor_key,
                           (enum made_up_key_form)form, "secret-word");
        assert_int_equal(desk_sign(desk, &upload), CERTLIFE_OK);
        free(upload);
    }
}

TEST(pkcs12_brings_key_and_certificate)
{
    struct desk *desk = *state;
    char *upload;

    desk_lay_out(desk);
    desk->signing.vendor_cert = (struct certlife_file){0};
    desk->signing.vendor_key = made_up_p12(
        "vendor.p12", desk->made_up.vendor_key, desk->made_up.vendor,
        "secret-word", NID_pbe_WithSHA1And40BitRC2_CBC, 2048);
    assert_int_equal(desk_sign(desk, &upload), CERTLIFE_OK);
    assert_int_equal(desk->warnings.n, 0);
    free(upload);
    desk->signing.vendor_key.password = "wrong";
    assert_int_equal(desk_sign(desk, &upload), CERTLIFE_EPASSWORD);
    desk->signing.vendor_key.password = NULL;
    assert_int_equal(desk_sign(desk, &upload), CERTLIFE_EPASSWORD);
    assert_null(upload);
    assert_non_null(strstr(desk->detail, "vendor.p12"));
}

TEST(missing_links_are_named)
{
    struct desk *desk = *state;
    struct certlife_upload facts;
    char *upload;

    desk_lay_out(desk);
    desk->signing.n_chain = 1; /* the root, but not what joins it */
    assert_int_equal(desk_sign(desk, &upload), CERTLIFE_OK);
    assert_int_equal(desk->warnings.n, 1);
    assert_non_null(
        strstr(desk->warnings.text[0], "Made-up Developer Relations"));
    assert_int_equal(desk_read_back(desk, upload, &facts), CERTLIFE_OK);
    assert_false(facts.is_chain_complete);
    assert_int_equal(facts.n_chain, 1);
    free(upload);
    desk->chain[0] = desk->chain[1];
    assert_int_equal(desk_sign(desk, &upload), CERTLIFE_OK);
    assert_int_equal(desk->warnings.n, 1);
    assert_non_null(strstr(desk->warnings.text[0], "Made-up Root CA"));
    free(upload);
}

TEST(expired_and_future_vendor_certificates_are_warned_of)
{
    struct desk *desk = *state;
    char *upload;

    desk_lay_out(desk);
    assert_int_equal(
        certlife_upload_make(&desk->signing, MADE_UP_NOW + 400 * MADE_UP_DAY,
                             &upload, &desk->warnings, desk->detail),
        CERTLIFE_OK);
    assert_int_equal(desk->warnings.n, 3); /* the whole chain is as old */
    assert_non_null(strstr(desk->warnings.text[0], "expired"));
    free(upload);
    assert_int_equal(
        certlife_upload_make(&desk->signing, MADE_UP_NOW - 400 * MADE_UP_DAY,
                             &upload, &desk->warnings, desk->detail),
        CERTLIFE_OK);
    assert_non_null(strstr(desk->warnings.text[0], "not valid before"));
    free(upload);
}

TEST(certificate_without_the_vendor_mark_is_warned_of)
{
    struct desk *desk = *state;
    char *upload;
    X509 *plain = made_up_cert(
        &(struct made_up_spec){.cn = "Developer of Things",
                               .issuer = desk->made_up.wwdr,
                               .issuer_key = desk->made_up.wwdr_key,
                               .key = desk->made_up.vendor_key});

    desk_lay_out(desk);
    desk->signing.vendor_cert = made_up_cert_pem("developer.pem", plain);
    assert_int_equal(desk_sign(desk, &upload), CERTLIFE_OK);
    assert_int_equal(desk->warnings.n, 1);
    assert_non_null(strstr(desk->warnings.text[0], "1.2.840.113635.100.4.12"));
    free(upload);
    X509_free(plain);
}

TEST(wrong_files_stop_it_and_are_named)
{
    struct desk *desk = *state;
    char *upload;

    desk_lay_out(desk);
    desk->signing.csr = made_up_cert_pem("a.pem", desk->made_up.push);
    assert_int_equal(desk_sign(desk, &upload), CERTLIFE_ECSR);
    assert_non_null(strstr(desk->detail, "a.pem"));
    assert_non_null(strstr(desk->detail, "push certificate"));
    desk_lay_out(desk);
    desk->signing.vendor_cert = made_up_cert_pem("b.pem", desk->made_up.push);
    assert_int_equal(desk_sign(desk, &upload), CERTLIFE_EVENDORCERT);
    assert_non_null(strstr(desk->detail, "b.pem"));
    desk_lay_out(desk);
    desk->signing.vendor_cert = made_up_cert_pem("b.pem", desk->made_up.root);
    assert_int_equal(desk_sign(desk, &upload), CERTLIFE_EVENDORCERT);
    desk_lay_out(desk);
    desk->signing.vendor_key = made_up_csr("c.csr", desk->made_up.vendor_key);
    assert_int_equal(desk_sign(desk, &upload), CERTLIFE_EVENDORKEY);
    desk_lay_out(desk);
    desk->signing.vendor_key = made_up_key_pem("d.key", desk->made_up.push_key);
    assert_int_equal(desk_sign(desk, &upload), CERTLIFE_EKEYMISMATCH);
    assert_non_null(strstr(desk->detail, "d.key"));
    desk_lay_out(desk);
    desk->chain[1] = made_up_text("e.html", "<html>Sign in</html>");
    assert_int_equal(desk_sign(desk, &upload), CERTLIFE_ECHAIN);
    assert_non_null(strstr(desk->detail, "e.html"));
    assert_non_null(strstr(desk->detail, "web page"));
    desk_lay_out(desk);
    desk->signing.csr.len = CERTLIFE_MAX_FILE + 1; /* refused unread */
    assert_int_equal(desk_sign(desk, &upload), CERTLIFE_ETOOLARGE);
    desk_lay_out(desk);
    desk->signing.n_chain = CERTLIFE_MAX_FILES + 1;
    assert_int_equal(desk_sign(desk, &upload), CERTLIFE_ETOOMANY);
    assert_null(upload);
}

TEST(damaged_request_is_refused)
{
    struct desk *desk = *state;
    struct certlife_file pem;
    struct pem_block block;
    size_t at = 0;
    size_t len;
    unsigned char *der;
    char *upload;

    desk_lay_out(desk);
    pem = desk->signing.csr;
    assert_true(pem_next(pem.bytes, pem.len, &at, &block));
    der = base64_read_loose(block.body, block.body_len, &len);
    der[len - 1] ^= 1; /* the last byte of its signature */
    desk->signing.csr = made_up_file("push.der", der, len);
    assert_int_equal(desk_sign(desk, &upload), CERTLIFE_ECSRSIG);
    OPENSSL_free(der);
}

TEST(unusual_request_keys_are_warned_of)
{
    struct desk *desk = *state;
    EVP_PKEY *ec = EVP_EC_gen("P-256");
    char *upload;

    desk_lay_out(desk);
    desk->signing.csr = made_up_csr("ec.csr", ec);
    assert_int_equal(desk_sign(desk, &upload), CERTLIFE_OK);
    assert_int_equal(desk->warnings.n, 1);
    assert_non_null(strstr(desk->warnings.text[0], "not RSA 2048"));
    free(upload);
    EVP_PKEY_free(ec);
}
