/* SPDX-License-Identifier: MIT */
#include "wrong_files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "tests/support/temp_dir.h"

#define DAY         86400L
#define VENDOR_MARK "1.2.840.113635.100.4.12"
#define APP_MARK    "1.2.840.113635.100.6.3.6"

enum key {
    ROOT,
    WWDR,
    PUSH,
    OTHER,
    VENDOR,
    SMALL, /* RSA 1024 */
    EC,
    ED, /* Ed25519 */
    N_KEYS
};

struct folder {
    const char *dir;
    const char *topic;
    EVP_PKEY *keys[N_KEYS];
    X509 *root;
    X509 *wwdr;
};

struct spec {
    const char *cn;
    const char *uid; /* NULL: none */
    const char *second_uid;
    const char *eku;
    const char *mark;   /* an OID of Apple's; NULL */
    const char *digest; /* NULL: SHA-256 */
    enum key key;
    X509 *issuer; /* NULL: self-signed */
    enum key issuer_key;
    long from_days;
    long to_days;
    bool is_ca;
};

static EVP_PKEY *
make_key(enum key which)
{
    EVP_PKEY *key = which == SMALL ? EVP_RSA_gen(1024)
                    : which == EC  ? EVP_EC_gen("P-256")
                    : which == ED  ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")
                                   : EVP_RSA_gen(2048);

    assert_non_null(key);
    return key;
}

static FILE *
open_file(const struct folder *it, const char *name)
{
    char *path = temp_dir_path(it->dir, "%s", name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    free(path);
    return file;
}

static void
write_text(const struct folder *it, const char *name, const char *text)
{
    FILE *file = open_file(it, name);

    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void
write_key(const struct folder *it, const char *name, enum key which,
          const char *password)
{
    FILE *file = open_file(it, name);

    assert_int_equal(
        PEM_write_PKCS8PrivateKey(file, it->keys[which],
                                  password != NULL ? EVP_aes_256_cbc() : NULL,
                                  NULL, 0, NULL, (void *)(uintptr_t)password),
        1);
    fclose(file);
}

static void
add_name(X509_NAME *name, int nid, const char *text)
{
    if (text != NULL)
        assert_int_equal(X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8,
                                                    (const unsigned char *)text,
                                                    -1, -1, 0),
                         1);
}

static void
add_extension(X509 *cert, const char *name, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_nconf(NULL, NULL, name, value);

    assert_non_null(extension);
    X509_add_ext(cert, extension, -1);
    X509_EXTENSION_free(extension);
}

static X509 *
make_cert(const struct folder *it, const struct spec *spec)
{
    static long serial = 0x1001;
    const EVP_MD *digest = spec->digest != NULL
                               ? EVP_get_digestbyname(spec->digest)
                               : EVP_sha256();
    X509 *cert = X509_new();
    X509_NAME *name = X509_get_subject_name(cert);

    X509_set_version(cert, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), serial++);
    X509_gmtime_adj(X509_getm_notBefore(cert), spec->from_days * DAY);
    /* an hour more, so that the days left are whole */
    X509_gmtime_adj(X509_getm_notAfter(cert), spec->to_days * DAY + 3600);
    add_name(name, NID_userId, spec->uid);
    add_name(name, NID_userId, spec->second_uid);
    add_name(name, NID_commonName, spec->cn);
    X509_set_issuer_name(cert, X509_get_subject_name(
                                   spec->issuer != NULL ? spec->issuer : cert));
    X509_set_pubkey(cert, it->keys[spec->key]);
    if (spec->is_ca)
        add_extension(cert, "basicConstraints", "critical,CA:TRUE");
    if (spec->eku != NULL)
        add_extension(cert, "extendedKeyUsage", spec->eku);
    if (spec->mark != NULL)
        add_extension(cert, spec->mark, "DER:05:00");
    assert_true(X509_sign(cert, it->keys[spec->issuer_key], digest) > 0);
    return cert;
}

/* Takes ${cert}. */
static void
write_cert(const struct folder *it, const char *name, X509 *cert)
{
    FILE *file = open_file(it, name);

    assert_int_equal(PEM_write_X509(file, cert), 1);
    fclose(file);
    X509_free(cert);
}

/* As Apple's are, but for what ${odd} has. */
static X509 *
make_push(const struct folder *it, struct spec odd)
{
    odd.cn = "APSP:made-up";
    odd.eku = "clientAuth";
    if (odd.uid == NULL)
        odd.uid = it->topic;
    if (odd.issuer == NULL && odd.issuer_key == ROOT) {
        odd.issuer = it->wwdr;
        odd.issuer_key = WWDR;
    }
    if (odd.from_days == 0 && odd.to_days == 0) {
        odd.from_days = -1;
        odd.to_days = 400;
    }
    return make_cert(it, &odd);
}

static void
write_push(const struct folder *it, const char *name, struct spec odd)
{
    odd.key = odd.key == ROOT ? PUSH : odd.key;
    write_cert(it, name, make_push(it, odd));
}

static void
write_pushes(const struct folder *it)
{
    write_push(it, "push.pem", (struct spec){0});
    write_push(it, "expired.pem",
               (struct spec){.from_days = -400, .to_days = -35});
    write_push(it, "last-year.pem",
               (struct spec){.from_days = -345, .to_days = 20});
    write_push(it, "tomorrow.pem",
               (struct spec){.from_days = 1, .to_days = 366});
    write_push(it, "created.pem",
               (struct spec){.uid = "com.apple.mgmt.External.created"});
    write_push(it, "two-uids.pem",
               (struct spec){.uid = "OTHER", .second_uid = it->topic});
    write_push(it, "blank.pem",
               (struct spec){.uid = "com.apple.mgmt.External.a b"});
    write_push(it, "sha1.pem", (struct spec){.digest = "SHA1"});
    write_push(it, "weak.pem", (struct spec){.key = SMALL});
    write_push(it, "self-signed.pem",
               (struct spec){.issuer_key = PUSH, .is_ca = true});
}

static void
write_others(const struct folder *it)
{
    write_cert(it, "mdm.pem",
               make_cert(it, &(struct spec){.cn = "MDM Vendor: School",
                                            .mark = VENDOR_MARK,
                                            .key = VENDOR,
                                            .issuer = it->wwdr,
                                            .issuer_key = WWDR,
                                            .from_days = -1,
                                            .to_days = 100}));
    write_cert(it, "aps.pem",
               make_cert(it, &(struct spec){.cn = "Apple Push Services: app",
                                            .uid = "com.example.app",
                                            .mark = APP_MARK,
                                            .eku = "clientAuth",
                                            .key = PUSH,
                                            .issuer = it->wwdr,
                                            .issuer_key = WWDR,
                                            .from_days = -1,
                                            .to_days = 100}));
    write_cert(it, "device.pem",
               make_cert(it, &(struct spec){.cn = "MDM Identity",
                                            .eku = "clientAuth",
                                            .key = PUSH,
                                            .issuer = it->wwdr,
                                            .issuer_key = WWDR,
                                            .from_days = -1,
                                            .to_days = 100}));
    X509_up_ref(it->root);
    write_cert(it, "root.pem", it->root);
    X509_up_ref(it->wwdr);
    write_cert(it, "wwdr.pem", it->wwdr);
}

static void
write_keys(const struct folder *it)
{
    write_key(it, "push.key", PUSH, NULL);
    write_key(it, "locked.key", PUSH, "sesame");
    write_key(it, "other.key", OTHER, NULL);
    write_key(it, "mdm.key", VENDOR, NULL);
    write_key(it, "weak.key", SMALL, NULL);
    write_key(it, "AuthKey_ABC.p8", EC, NULL);
    write_key(it, "ed25519.key", ED, NULL);
}

static void
write_csr(const struct folder *it)
{
    X509_REQ *csr = X509_REQ_new();
    FILE *file = open_file(it, "push.csr");

    add_name(X509_REQ_get_subject_name(csr), NID_commonName, "MDM push");
    X509_REQ_set_pubkey(csr, it->keys[PUSH]);
    assert_true(X509_REQ_sign(csr, it->keys[PUSH], EVP_sha256()) > 0);
    assert_int_equal(PEM_write_X509_REQ(file, csr), 1);
    fclose(file);
    X509_REQ_free(csr);
}

static void
write_pkcs12(const struct folder *it)
{
    X509 *cert = make_push(it, (struct spec){.key = PUSH});
    PKCS12 *p12 = PKCS12_create("sesame", "push", it->keys[PUSH], cert, NULL, 0,
                                0, 0, 0, 0);
    FILE *file = open_file(it, "push.p12");

    assert_non_null(p12);
    assert_int_equal(i2d_PKCS12_fp(file, p12), 1);
    fclose(file);
    PKCS12_free(p12);
    X509_free(cert);
}

/* The first half of it. */
static void
write_half(const struct folder *it, const char *of, const char *name)
{
    char *path = temp_dir_path(it->dir, "%s", of);
    char *text = temp_dir_read(path, NULL);

    text[strlen(text) / 2] = '\0';
    write_text(it, name, text);
    free(text);
    free(path);
}

static void
write_texts(const struct folder *it)
{
    write_text(it, "login.html", "<!DOCTYPE html><html>Sign In</html>");
    write_text(it, "empty.pem", "");
    write_text(it, "wrong.txt", "open\n");
    write_text(it, "right.txt", "sesame\n");
    write_text(it, "archive.zip", "PK\x03\x04 and so on");
    write_text(it, "server.p7m",
               "Content-Type: application/pkcs7-mime; name=\"smime.p7m\"\n\n"
               "MIAG\n");
    write_text(it, "token.vpptoken",
               "{\"expDate\":\"2031-03-01T00:00:00+0000\",\"token\":\"abc\","
               "\"orgName\":\"School\"}");
    write_text(it, "wifi.mobileconfig",
               "<?xml version=\"1.0\"?><plist><dict><key>PayloadType</key>"
               "<string>Configuration</string></dict></plist>");
    write_text(it, "TokenUpdate.plist",
               "<?xml version=\"1.0\"?><plist><dict><key>MessageType</key>"
               "<string>TokenUpdate</string></dict></plist>");
    write_text(it, "webhook.json", "{\"topic\":\"mdm.TokenUpdate\"}");
    write_half(it, "push.pem", "half.pem");
    write_half(it, "push.key", "half.key");
}

static X509 *
make_authority(const struct folder *it, const char *cn, enum key key,
               X509 *issuer)
{
    return make_cert(it, &(struct spec){.cn = cn,
                                        .key = key,
                                        .issuer = issuer,
                                        .issuer_key = ROOT,
                                        .from_days = -1,
                                        .to_days = 3650,
                                        .is_ca = true});
}

void
wrong_files_write(const char *dir, const char *topic)
{
    struct folder it = {.dir = dir, .topic = topic};

    for (int i = 0; i < N_KEYS; i++)
        it.keys[i] = make_key((enum key)i);
    it.root = make_authority(&it, "Made-up Root", ROOT, NULL);
    it.wwdr = make_authority(&it, "Made-up WWDR", WWDR, it.root);
    write_pushes(&it);
    write_others(&it);
    write_keys(&it);
    write_csr(&it);
    write_pkcs12(&it);
    write_texts(&it);
    X509_free(it.root);
    X509_free(it.wwdr);
    for (int i = 0; i < N_KEYS; i++)
        EVP_PKEY_free(it.keys[i]);
}
