/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>

#include "apns/base/base64.h"
#include "made_up.h"
#include "tests/support/unit.h"

/* What is each file? */

EACH(NULL, made_up_forget);
ALL(made_up_set_up, made_up_tear_down);

static struct certlife_check *
check_one(const struct certlife_file *file)
{
    struct certlife_check *check = NULL;

    assert_int_equal(
        certlife_check_make(file, 1, NULL, 0, MADE_UP_NOW, &check, NULL),
        CERTLIFE_OK);
    made_up_errors();
    return check;
}

/* The file is one thing of that kind, and its sentence has that word. */
static void
expect(struct certlife_file file, enum certlife_kind kind, const char *word)
{
    struct certlife_check *check = check_one(&file);

    if (check->n_objects != 1 || check->objects[0].kind != kind ||
        strstr(check->objects[0].sentence, word) == NULL)
        fail_msg("%s: %zu objects, a %s: %s", file.name, check->n_objects,
                 certlife_kind_word(check->objects[0].kind),
                 check->objects[0].sentence);
    certlife_check_free(check);
}

static void
text_is(const char *text, enum certlife_kind kind, const char *word)
{
    expect(made_up_text(text, text), kind, word);
}

TEST(certificates_are_told_apart)
{
    X509 *app = made_up_cert(
        &(struct made_up_spec){.cn = "Apple Push Services: com.example.app",
                               .uid = "com.example.app",
                               .issuer = apple.aai,
                               .issuer_key = apple.aai_key,
                               .key = apple.push_key,
                               .is_app = true,
                               .eku = "clientAuth"});
    X509 *server =
        made_up_cert(&(struct made_up_spec){.cn = "mdm.school.example",
                                            .key = apple.push_key,
                                            .eku = "serverAuth"});
    X509 *device =
        made_up_cert(&(struct made_up_spec){.cn = "MDM Identity",
                                            .issuer = apple.aai,
                                            .issuer_key = apple.aai_key,
                                            .key = apple.push_key,
                                            .eku = "clientAuth"});
    X509 *iphone =
        made_up_cert(&(struct made_up_spec){.cn = "Apple iPhone Device CA",
                                            .issuer = apple.root,
                                            .issuer_key = apple.root_key,
                                            .key = apple.push_key,
                                            .is_ca = true});

    expect(made_up_cert_pem("push.pem", apple.push), CERTLIFE_KIND_PUSH_CERT,
           MADE_UP_TOPIC);
    expect(made_up_cert_der("push.cer", apple.push), CERTLIFE_KIND_PUSH_CERT,
           "(363 days left)");
    expect(made_up_cert_der("mdm.cer", apple.vendor), CERTLIFE_KIND_VENDOR_CERT,
           "signs requests");
    expect(made_up_cert_pem("root", apple.root), CERTLIFE_KIND_ROOT,
           "CA certificate");
    expect(made_up_cert_pem("wwdr", apple.wwdr), CERTLIFE_KIND_INTERMEDIATE,
           "CA certificate");
    expect(made_up_cert_der("aps.cer", app), CERTLIFE_KIND_APP_CERT,
           "com.example.app");
    expect(made_up_cert_pem("tls", server), CERTLIFE_KIND_OTHER_CERT,
           "mdm.school.example");
    expect(made_up_cert_pem("id", device), CERTLIFE_KIND_OTHER_CERT,
           "perhaps the identity of a device");
    expect(made_up_cert_pem("iphone", iphone), CERTLIFE_KIND_INTERMEDIATE,
           "belongs in devices,");
    X509_free(iphone);
    X509_free(device);
    X509_free(server);
    X509_free(app);
}

/* Not every vendor's certificate has the mark; the portal's name will do. */
TEST(a_vendor_certificate_is_known_by_its_name_too)
{
    static const char *const names[] = {"MDM Vendor: School",
                                        "MDM CSR Signing"};

    for (size_t i = 0; i < 2; i++) {
        X509 *vendor =
            made_up_cert(&(struct made_up_spec){.cn = names[i],
                                                .issuer = apple.wwdr,
                                                .issuer_key = apple.wwdr_key,
                                                .key = apple.vendor_key});

        expect(made_up_cert_pem("mdm.cer", vendor), CERTLIFE_KIND_VENDOR_CERT,
               "signs requests");
        X509_free(vendor);
    }
}

/* What lies beside the certificate in a folder of downloads. */
TEST(other_things_of_mdm_are_named)
{
    static const char token[] =
        "{\"expDate\":\"2027-03-01T00:00:00+0000\",\"token\":\"abc\","
        "\"orgName\":\"School\"}";
    char base64[256];

    EVP_EncodeBlock((unsigned char *)base64, (const unsigned char *)token,
                    (int)sizeof token - 1);
    text_is(token, CERTLIFE_KIND_CONTENT_TOKEN, "valid until 2027-03-01");
    text_is(base64, CERTLIFE_KIND_CONTENT_TOKEN, "content token");
    text_is("<?xml version=\"1.0\"?><plist><dict><key>MessageType</key>"
            "<string>TokenUpdate</string><key>UDID</key><string>1</string>"
            "</dict></plist>",
            CERTLIFE_KIND_CHECKIN, "its MDM server, TokenUpdate");
    text_is("<?xml version=\"1.0\"?><plist><dict><key>PayloadType</key>"
            "<string>Configuration</string></dict></plist>",
            CERTLIFE_KIND_PROFILE, ".mobileconfig");
    text_is("{\"topic\":\"mdm.TokenUpdate\",\"checkin_event\":{}}",
            CERTLIFE_KIND_JSON, "webhook");
}

TEST(facts_of_a_push_certificate_are_right)
{
    struct certlife_file file = made_up_cert_pem("push", apple.push);
    struct certlife_check *check = check_one(&file);
    const struct apns_cert *cert = &check->objects[0].cert;

    assert_string_equal(cert->topic, MADE_UP_TOPIC);
    assert_string_equal(cert->subject,
                        "C=US,CN=APSP:made-up,UID=" MADE_UP_TOPIC);
    assert_string_equal(cert->issuer,
                        "C=US,CN=Made-up Application Integration 2");
    assert_int_equal(cert->not_before_unix, MADE_UP_NOW - MADE_UP_DAY);
    assert_int_equal(cert->not_after_unix, MADE_UP_NOW + 364 * MADE_UP_DAY - 1);
    assert_true(cert->has_client_auth);
    assert_int_equal(strlen(cert->sha256), 64);
    assert_int_equal(strlen(cert->sha1), 40);
    assert_string_equal(check->objects[0].key_type, "RSA 2048");
    certlife_check_free(check);
}

TEST(requests_are_not_certificates)
{
    struct certlife_file chain[] = {made_up_cert_pem("chain", apple.wwdr)};
    struct certlife_signing signing = {
        .csr = made_up_csr("push.csr", apple.push_key),
        .vendor_cert = made_up_cert_pem("vendor", apple.vendor),
        .vendor_key = made_up_key_pem("key", apple.vendor_key),
        .chain = chain,
        .n_chain = 1};
    char *upload;
    size_t len;
    unsigned char *xml;

    expect(signing.csr, CERTLIFE_KIND_CSR,
           "not the certificate that Apple gives you");
    assert_int_equal(
        certlife_upload_make(&signing, MADE_UP_NOW, &upload, NULL, NULL),
        CERTLIFE_OK);
    text_is(upload, CERTLIFE_KIND_UPLOAD,
            "This is the request that you upload to Apple");
    xml = base64_read_loose(upload, strlen(upload), &len);
    text_is((char *)xml, CERTLIFE_KIND_UPLOAD, "not the certificate");
    OPENSSL_free(xml);
    free(upload);
}

TEST(every_form_of_key_is_read)
{
    expect(made_up_key_pem("PKCS#8 PEM", apple.push_key),
           CERTLIFE_KIND_PRIVATE_KEY, "RSA 2048");
    for (int i = 0; i < MADE_UP_N_KEY_FORMS; i++) {
        enum made_up_key_form form = (enum made_up_key_form)i;
        struct certlife_file file =
            made_up_key_as("key", apple.push_key, form, "pass phrase");

        expect(file, CERTLIFE_KIND_PRIVATE_KEY, "RSA 2048");
        if (form < MADE_UP_SEALED_PEM)
            continue;
        file.password = "wrong";
        expect(file, CERTLIFE_KIND_LOCKED_KEY, "password does not open it");
        file.password = NULL;
        expect(file, CERTLIFE_KIND_LOCKED_KEY, "--password-file FILE");
    }
}

TEST(ec_keys_are_named_as_useless)
{
    EVP_PKEY *ec = EVP_EC_gen("P-256");

    expect(made_up_key_pem("AuthKey_ABC.p8", ec), CERTLIFE_KIND_PRIVATE_KEY,
           "AuthKey");
    expect(made_up_key_as("sec1.pem", ec, MADE_UP_PKCS1_PEM, NULL),
           CERTLIFE_KIND_PRIVATE_KEY, "EC 256");
    expect(made_up_key_as("sec1.der", ec, MADE_UP_PKCS1_DER, NULL),
           CERTLIFE_KIND_PRIVATE_KEY, "EC 256");
    EVP_PKEY_free(ec);
}

TEST(keys_of_other_types_are_not_decoded)
{
    EVP_PKEY *ed = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

    expect(made_up_key_pem("ed25519", ed), CERTLIFE_KIND_PRIVATE_KEY,
           "ED25519");
    EVP_PKEY_free(ed);
    text_is("-----BEGIN DSA PRIVATE KEY-----\nAAAA\n"
            "-----END DSA PRIVATE KEY-----\n",
            CERTLIFE_KIND_PRIVATE_KEY, "DSA");
}

TEST(pkcs12_opens_with_new_and_old_ciphers)
{
    static const int ciphers[] = {NID_aes_256_cbc,
                                  NID_pbe_WithSHA1And3_Key_TripleDES_CBC,
                                  NID_pbe_WithSHA1And40BitRC2_CBC};
    static const char *const passwords[] = {"pass phrase", "", NULL};

    for (size_t i = 0; i < 9; i++) {
        struct certlife_file file =
            made_up_p12("identity.p12", apple.push_key, apple.push,
                        passwords[i / 3], ciphers[i % 3], 2048);
        struct certlife_check *check = check_one(&file);

        assert_int_equal(check->n_objects, 2);
        assert_int_equal(check->objects[0].fits, 2);
        assert_int_equal(check->objects[1].fits, 1);
        assert_int_equal(certlife_check_push(check),
                         check->objects[0].kind == CERTLIFE_KIND_PUSH_CERT ? 0
                                                                           : 1);
        certlife_check_free(check);
    }
}

TEST(locked_pkcs12_says_what_is_needed)
{
    struct certlife_file file =
        made_up_p12("identity.p12", apple.push_key, apple.push, "right",
                    NID_aes_256_cbc, 2048);

    file.password = NULL;
    expect(file, CERTLIFE_KIND_LOCKED_PKCS12, "--password-file FILE");
    file.password = "wrong";
    expect(file, CERTLIFE_KIND_LOCKED_PKCS12, "password does not open it");
    file.password = "";
    expect(file, CERTLIFE_KIND_LOCKED_PKCS12, "password does not open it");
    /* Nor one whose contents are open, and only its MAC needs the password. */
    file = made_up_p12("identity.p12", apple.push_key, apple.push, "right", -1,
                       2048);
    file.password = "wrong";
    expect(file, CERTLIFE_KIND_LOCKED_PKCS12, "password does not open it");
}

TEST(bundle_lists_its_certificates)
{
    PKCS7 *p7 = PKCS7_new();
    BIO *bio = BIO_new(BIO_s_mem());
    struct certlife_file file;
    struct certlife_check *check;
    char *bytes;
    long len;

    PKCS7_set_type(p7, NID_pkcs7_signed);
    PKCS7_content_new(p7, NID_pkcs7_data);
    PKCS7_add_certificate(p7, apple.push);
    PKCS7_add_certificate(p7, apple.aai);
    PEM_write_bio_PKCS7(bio, p7);
    len = BIO_get_mem_data(bio, &bytes);
    file = made_up_file("chain.p7b", bytes, (size_t)len);
    check = check_one(&file);
    assert_int_equal(check->n_objects, 3);
    assert_int_equal(check->objects[0].kind, CERTLIFE_KIND_BUNDLE);
    assert_int_equal(certlife_check_push(check), 1);
    assert_int_equal(check->objects[1].issuer, 2);
    certlife_check_free(check);
    BIO_free(bio);
    PKCS7_free(p7);
}

TEST(glued_blocks_are_all_found)
{
    struct certlife_file cert = made_up_cert_pem("cert", apple.push);
    struct certlife_file key = made_up_key_pem("key", apple.push_key);
    struct certlife_file ca = made_up_cert_pem("ca", apple.aai);
    struct certlife_file two = made_up_glued("two", &cert, &key);
    struct certlife_file three = made_up_glued("three", &two, &ca);
    struct certlife_check *check = check_one(&three);

    assert_non_null(strstr(three.bytes, "----------BEGIN"));
    assert_int_equal(check->n_objects, 3);
    assert_int_equal(check->objects[0].kind, CERTLIFE_KIND_PUSH_CERT);
    assert_int_equal(check->objects[1].kind, CERTLIFE_KIND_PRIVATE_KEY);
    assert_int_equal(check->objects[0].fits, 2);
    assert_int_equal(check->objects[2].kind, CERTLIFE_KIND_INTERMEDIATE);
    certlife_check_free(check);
}

/* As shells, spreadsheets and mail programs leave it. */
TEST(mangled_pem_is_read)
{
    struct certlife_file pem = made_up_cert_pem("push", apple.push);
    const char *text = pem.bytes;
    char out[8192];
    size_t n;

    n = 0;
    for (size_t i = 0; i < pem.len; i++)
        out[n++] = text[i] == '\n' ? ' ' : text[i];
    expect(made_up_file("one line", out, n), CERTLIFE_KIND_PUSH_CERT, "");
    n = 0;
    for (size_t i = 0; i < pem.len; i++) {
        out[n++] = text[i] == '\n' ? '\\' : text[i];
        if (text[i] == '\n')
            out[n++] = 'n';
    }
    expect(made_up_file("literal \\n", out, n), CERTLIFE_KIND_PUSH_CERT, "");
    n = 0;
    memcpy(out, "\xef\xbb\xbf\r\n", 5);
    n = 5;
    for (size_t i = 0; i < pem.len; i++) {
        if (text[i] == '\n')
            out[n++] = '\r';
        out[n++] = text[i];
    }
    expect(made_up_file("BOM and CRLF", out, n), CERTLIFE_KIND_PUSH_CERT, "");
}

TEST(base64_without_begin_and_end_is_read)
{
    struct certlife_file der = made_up_cert_der("push", apple.push);
    char *text = base64_new(der.bytes, der.len);

    text_is(text, CERTLIFE_KIND_PUSH_CERT, MADE_UP_TOPIC);
    free(text);
}

TEST(cut_and_damaged_files_are_named_so)
{
    struct certlife_file pem = made_up_cert_pem("push.pem", apple.push);
    struct certlife_file der = made_up_cert_der("push.cer", apple.push);

    expect(made_up_file("half", pem.bytes, pem.len / 2), CERTLIFE_KIND_BROKEN,
           "truncated");
    expect(made_up_file("half", der.bytes, der.len / 2), CERTLIFE_KIND_BROKEN,
           "Download or copy the whole file again");
    text_is("-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
            CERTLIFE_KIND_BROKEN, "CERTIFICATE");
    text_is("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            CERTLIFE_KIND_BROKEN, "CERTIFICATE");
    text_is("-----BEGIN ", CERTLIFE_KIND_BROKEN, "");
}

TEST(other_files_are_told_by_their_bytes)
{
    text_is("", CERTLIFE_KIND_EMPTY, "empty");
    text_is(" \r\n\t\n", CERTLIFE_KIND_EMPTY, "empty");
    text_is("<!doctype HTML><title>Sign in</title>", CERTLIFE_KIND_HTML,
            "web page");
    text_is("\n <html lang=en>", CERTLIFE_KIND_HTML, "web page");
    text_is("<?xml version=\"1.0\"?><!DOCTYPE html><html>", CERTLIFE_KIND_HTML,
            "web page");
    text_is("PK\x03\x04whatever", CERTLIFE_KIND_ZIP, "Unpack");
    text_is("ssh-rsa AAAAB3NzaC1yc2E= me@here", CERTLIFE_KIND_SSH_KEY, "SSH");
    text_is("-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbg==\n"
            "-----END OPENSSH PRIVATE KEY-----\n",
            CERTLIFE_KIND_SSH_KEY, "SSH");
    text_is("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
            CERTLIFE_KIND_PUBLIC_KEY, "public key");
    text_is("Content-Type: application/pkcs7-mime; smime-type=enveloped-data",
            CERTLIFE_KIND_SERVER_TOKEN, "enrollment");
    text_is("bplist00....", CERTLIFE_KIND_PLIST, "property list");
    text_is("<?xml version=\"1.0\"?><plist><dict/></plist>",
            CERTLIFE_KIND_PLIST, "property list");
    text_is("\xff\xfe-\x01-\x01", CERTLIFE_KIND_UTF16, "UTF-16");
    text_is("Dear colleague, see attachment.", CERTLIFE_KIND_UNKNOWN,
            "does not appear to have anything to do");
    text_is("{\"cert\":1}", CERTLIFE_KIND_JSON, "webhook");
}
