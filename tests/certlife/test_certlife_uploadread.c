/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <plist/plist.h>

#include "apns/base/base64.h"
#include "desk.h"
#include "made_up.h"
#include "tests/support/unit.h"

static plist_t
open_upload(const char *upload)
{
    size_t len;
    unsigned char *xml = base64_read_loose(upload, strlen(upload), &len);
    plist_t root = NULL;

    assert_non_null(xml);
    plist_from_xml((char *)xml, (uint32_t)len, &root);
    assert_non_null(root);
    OPENSSL_free(xml);
    return root;
}

/* RSA PKCS#1 v1.5 with ${md} by ${key} over the DER of the request. */
static char *
sign_again(plist_t root, const EVP_MD *md, EVP_PKEY *key)
{
    char *text = desk_plist_string(root, "PushCertRequestCSR");
    unsigned char signature[512];
    size_t signature_len = sizeof signature;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t len;
    unsigned char *der = base64_read_loose(text, strlen(text), &len);

    EVP_DigestSignInit(context, NULL, md, NULL, key);
    assert_int_equal(
        EVP_DigestSign(context, signature, &signature_len, der, len), 1);
    EVP_MD_CTX_free(context);
    OPENSSL_free(der);
    free(text);
    return base64_new(signature, signature_len);
}

/* The same file, but its signature made anew. */
static char *
resign(const char *upload, const EVP_MD *md, EVP_PKEY *key)
{
    plist_t root = open_upload(upload);
    char *signature = sign_again(root, md, key);
    char *xml = NULL;
    uint32_t xml_len = 0;
    char *again;

    plist_dict_set_item(root, "PushCertSignature", plist_new_string(signature));
    plist_to_xml(root, &xml, &xml_len);
    again = base64_new(xml, xml_len);
    free(xml);
    free(signature);
    plist_free(root);
    return again;
}

EACH(NULL, made_up_forget);
ALL(desk_set_up, desk_tear_down);

TEST(sha1_or_anothers_signature_is_told)
{
    struct desk *desk = *state;
    struct certlife_upload facts;
    char *upload;
    char *bad;

    desk_lay_out(desk);
    assert_int_equal(desk_sign(desk, &upload), CERTLIFE_OK);
    bad = resign(upload, EVP_sha256(), desk->made_up.vendor_key);
    assert_int_equal(desk_read_back(desk, bad, &facts), CERTLIFE_OK);
    free(bad);
    bad = resign(upload, EVP_sha1(), desk->made_up.vendor_key);
    assert_int_equal(desk_read_back(desk, bad, &facts), CERTLIFE_EUPLOADSIG);
    assert_int_equal(facts.n_chain, 3);
    free(bad);
    bad = resign(upload, EVP_sha256(), desk->made_up.push_key);
    assert_int_equal(desk_read_back(desk, bad, &facts), CERTLIFE_EUPLOADSIG);
    free(bad);
    free(upload);
}

TEST(other_files_are_no_uploads)
{
    struct desk *desk = *state;
    static const char *const bad[] = {
        "",
        "<html></html>",
        "not base64!",
        "<plist version=\"1.0\"><dict></dict></plist>",
        "<plist version=\"1.0\"><dict><key>PushCertRequestCSR</key>"
        "<string>AAAA</string></dict></plist>",
        "<plist version=\"1.0\"><dict><key>PushCertRequestCSR</key>"
        "<data>AAAA</data><key>PushCertCertificateChain</key><string/>"
        "<key>PushCertSignature</key><string/></dict></plist>",
        "<plist version=\"1.0\"><array><string>x</string></array></plist>",
    };
    struct certlife_upload facts;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(desk_read_back(desk, bad[i], &facts),
                         CERTLIFE_EUPLOAD);
}

TEST(raw_xml_and_wrapped_base64_are_read_too)
{
    struct desk *desk = *state;
    struct certlife_upload facts;
    char *upload;
    char wrapped[32 * 1024];
    size_t n = 0;
    size_t len;
    unsigned char *xml;

    desk_lay_out(desk);
    assert_int_equal(desk_sign(desk, &upload), CERTLIFE_OK);
    for (size_t i = 0; upload[i] != '\0'; i++) {
        wrapped[n++] = upload[i];
        if (i % 76 == 75) {
            wrapped[n++] = '\r';
            wrapped[n++] = '\n';
        }
    }
    wrapped[n] = '\0';
    assert_int_equal(desk_read_back(desk, wrapped, &facts), CERTLIFE_OK);
    xml = base64_read_loose(upload, strlen(upload), &len);
    assert_int_equal(desk_read_back(desk, (char *)xml, &facts), CERTLIFE_OK);
    OPENSSL_free(xml);
    free(upload);
}

/* libplist's plain getter aborts on it. */
TEST(nul_in_a_value_is_damage)
{
    struct desk *desk = *state;
    static const char xml[] =
        "<plist version=\"1.0\"><dict><key>PushCertRequestCSR</key>"
        "<string>AA\0AA</string><key>PushCertCertificateChain</key>"
        "<string>x</string><key>PushCertSignature</key><string>x</string>"
        "</dict></plist>";
    struct certlife_file file = made_up_file("nul", xml, sizeof xml - 1);
    struct certlife_upload facts;

    assert_int_equal(certlife_upload_read(&file, MADE_UP_NOW, &facts,
                                          &desk->warnings, desk->detail),
                     CERTLIFE_EUPLOAD);
}
