/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/provider.h>

#include "apns/base/base64.h"
#include "apns/base/hex.h"
#include "made_up.h"
#include "tests/support/unit.h"

static char detail[CERTLIFE_MAX_DETAIL];

EACH(NULL, made_up_forget);
ALL(made_up_set_up, made_up_tear_down);

static void
ask(struct certlife_mdmcert *request)
{
    struct certlife_file csr = made_up_csr("push.csr", apple.push_key);

    assert_int_equal(certlife_mdmcert_make(&csr, "it@school.example", "api-key",
                                           MADE_UP_NOW, request, detail),
                     CERTLIFE_OK);
}

/* What the service does: the upload file, wrapped with CRLF. */
static char *
signed_request(void)
{
    struct certlife_file chain[] = {made_up_cert_pem("wwdr", apple.wwdr),
                                    made_up_cert_pem("root", apple.root)};
    struct certlife_signing signing = {
        .csr = made_up_csr("push.csr", apple.push_key),
        .vendor_cert = made_up_cert_pem("vendor", apple.vendor),
        .vendor_key = made_up_key_pem("key", apple.vendor_key),
        .chain = chain,
        .n_chain = 2};
    char *upload;
    char *wrapped;
    size_t n = 0;

    assert_int_equal(
        certlife_upload_make(&signing, MADE_UP_NOW, &upload, NULL, NULL),
        CERTLIFE_OK);
    wrapped = malloc(strlen(upload) * 2 + 3);
    for (size_t i = 0; upload[i] != '\0'; i++) {
        wrapped[n++] = upload[i];
        if (i % 76 == 75) {
            wrapped[n++] = '\r';
            wrapped[n++] = '\n';
        }
    }
    wrapped[n] = '\0';
    free(upload);
    return wrapped;
}

static struct certlife_file
reply(const char *content, const char *cert_pem, const char *cipher_name,
      bool is_hex)
{
    OSSL_LIB_CTX *own = OSSL_LIB_CTX_new();
    OSSL_PROVIDER *base = OSSL_PROVIDER_load(own, "default");
    OSSL_PROVIDER *old = OSSL_PROVIDER_load(own, "legacy");
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(own, cipher_name, NULL);
    BIO *in = BIO_new_mem_buf(content, -1);
    BIO *cert_bio = BIO_new_mem_buf(cert_pem, -1);
    X509 *cert = PEM_read_bio_X509(cert_bio, NULL, NULL, NULL);
    STACK_OF(X509) *to = sk_X509_new_null();
    unsigned char *der = NULL;
    struct certlife_file file;
    PKCS7 *p7;
    int len;

    sk_X509_push(to, cert);
    p7 = PKCS7_encrypt_ex(to, in, cipher, PKCS7_BINARY, own, NULL);
    assert_non_null(p7);
    len = i2d_PKCS7(p7, &der);
    assert_true(len > 0);
    if (is_hex) {
        char *hex = malloc(2 * (size_t)len + 1);

        hex_write(der, (size_t)len, hex);
        file = made_up_text("reply.p7", hex);
        free(hex);
    } else {
        file = made_up_file("reply.p7", der, (size_t)len);
    }
    OPENSSL_free(der);
    PKCS7_free(p7);
    sk_X509_pop_free(to, X509_free);
    BIO_free(cert_bio);
    BIO_free(in);
    EVP_CIPHER_free(cipher);
    OSSL_PROVIDER_unload(old);
    OSSL_PROVIDER_unload(base);
    OSSL_LIB_CTX_free(own);
    return file;
}

static char *
field(json_t *json, const char *name)
{
    const char *text = json_string_value(json_object_get(json, name));
    size_t len;

    assert_non_null(text);
    return (char *)base64_read_loose(text, strlen(text), &len);
}

TEST(request_is_what_the_service_takes)
{
    struct certlife_mdmcert request;
    json_t *json;
    char *csr;
    char *cert;

    ask(&request);
    json = json_loads(request.json, JSON_REJECT_DUPLICATES, NULL);
    assert_int_equal(json_object_size(json), 4);
    assert_string_equal(json_string_value(json_object_get(json, "email")),
                        "it@school.example");
    assert_string_equal(json_string_value(json_object_get(json, "key")),
                        "api-key");
    csr = field(json, "csr");
    assert_ptr_equal(strstr(csr, "-----BEGIN CERTIFICATE REQUEST-----"), csr);
    cert = field(json, "encrypt");
    assert_string_equal(cert, request.cert_pem);
    assert_null(strstr(request.json, "PRIVATE"));
    OPENSSL_free(csr);
    OPENSSL_free(cert);
    json_decref(json);
    certlife_mdmcert_fini(&request);
}

TEST(reply_opens_into_the_file_as_it_was_made)
{
    static const char *const ciphers[] = {"DES-CBC", "DES-EDE3-CBC",
                                          "AES-256-CBC"};
    struct certlife_mdmcert request;
    char *made = signed_request();

    ask(&request);
    for (size_t i = 0; i < 6; i++) {
        struct certlife_file file =
            reply(made, request.cert_pem, ciphers[i / 2], i % 2 == 0);
        char *upload = NULL;

        assert_int_equal(certlife_mdmcert_open(&file, request.key_pem,
                                               request.cert_pem, &upload,
                                               detail),
                         CERTLIFE_OK);
        assert_string_equal(upload, made);
        free(upload);
    }
    certlife_mdmcert_fini(&request);
    free(made);
}

TEST(white_space_in_the_hex_does_not_matter)
{
    struct certlife_mdmcert request;
    struct certlife_file file;
    char *made = signed_request();
    char *spaced;
    size_t n = 0;
    char *upload;

    ask(&request);
    file = reply(made, request.cert_pem, "AES-256-CBC", true);
    spaced = malloc(file.len * 3 + 8);
    spaced[n++] = '\n';
    for (size_t i = 0; i < file.len; i++) {
        spaced[n++] = ((const char *)file.bytes)[i];
        if (i % 61 == 0) {
            spaced[n++] = '\r';
            spaced[n++] = '\n';
        }
    }
    file = made_up_file("mail.txt", spaced, n);
    assert_int_equal(certlife_mdmcert_open(&file, request.key_pem,
                                           request.cert_pem, &upload, detail),
                     CERTLIFE_OK);
    free(upload);
    spaced[n++] = '0'; /* half a byte more */
    file = made_up_file("mail.txt", spaced, n);
    assert_int_equal(certlife_mdmcert_open(&file, request.key_pem,
                                           request.cert_pem, &upload, detail),
                     CERTLIFE_EREPLY);
    free(spaced);
    free(made);
    certlife_mdmcert_fini(&request);
}

TEST(reply_to_another_request_is_told)
{
    struct certlife_mdmcert first;
    struct certlife_mdmcert second;
    struct certlife_file file;
    char *made = signed_request();
    char *upload;

    ask(&first);
    ask(&second);
    file = reply(made, first.cert_pem, "AES-256-CBC", true);
    assert_int_equal(certlife_mdmcert_open(&file, second.key_pem,
                                           second.cert_pem, &upload, detail),
                     CERTLIFE_EREPLYKEY);
    assert_null(upload);
    certlife_mdmcert_fini(&first);
    certlife_mdmcert_fini(&second);
    free(made);
}

TEST(other_things_are_no_replies)
{
    static const char *const bad[] = {
        "", "zz", "30", "3080", "hello", "<html></html>", "3", "300"};
    struct certlife_mdmcert request;
    struct certlife_file file;
    char *upload;

    ask(&request);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        file = made_up_text("reply", bad[i]);
        assert_int_equal(certlife_mdmcert_open(&file, request.key_pem,
                                               request.cert_pem, &upload,
                                               detail),
                         CERTLIFE_EREPLY);
    }
    file = made_up_cert_der("cert.cer", apple.push);
    assert_int_equal(certlife_mdmcert_open(&file, request.key_pem,
                                           request.cert_pem, &upload, detail),
                     CERTLIFE_EREPLY);
    file = reply("not an upload", request.cert_pem, "AES-256-CBC", true);
    assert_int_equal(certlife_mdmcert_open(&file, request.key_pem,
                                           request.cert_pem, &upload, detail),
                     CERTLIFE_EUPLOAD);
    assert_int_equal(
        certlife_mdmcert_open(&file, "no key", "no cert", &upload, detail),
        CERTLIFE_EFIELD);
    file.len = CERTLIFE_MAX_FILE + 1;
    assert_int_equal(certlife_mdmcert_open(&file, request.key_pem,
                                           request.cert_pem, &upload, detail),
                     CERTLIFE_ETOOLARGE);
    certlife_mdmcert_fini(&request);
}

TEST(bad_fields_and_files_are_refused)
{
    struct certlife_file csr = made_up_csr("push.csr", apple.push_key);
    struct certlife_file cert = made_up_cert_pem("cert.pem", apple.push);
    struct certlife_mdmcert request;

    assert_int_equal(certlife_mdmcert_make(&csr, "nobody", "key", MADE_UP_NOW,
                                           &request, detail),
                     CERTLIFE_EFIELD);
    assert_non_null(strstr(detail, "email"));
    assert_int_equal(
        certlife_mdmcert_make(&csr, "a@b", "", MADE_UP_NOW, &request, detail),
        CERTLIFE_EFIELD);
    assert_non_null(strstr(detail, "API key"));
    assert_int_equal(certlife_mdmcert_make(&cert, "a@b", "key", MADE_UP_NOW,
                                           &request, detail),
                     CERTLIFE_ECSR);
    certlife_mdmcert_fini(&request);
}
