/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "apns/apns.h"
#include "apns/base/must.h"

/* Any bytes as certificate and key: never a crash, never a leftover in
 * OpenSSL's queue; what is read can be used by TLS. An input that begins with
 * a NUL is DER (kind of key, length of the certificate in two bytes, then
 * certificate and key) and is made PEM here: base64 keeps mutations from ever
 * reaching what lies behind it. */

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len);

/* Half of the corpus is valid now, half has expired. */
#define NOW 1800000000

static void
check(const struct apns_cert *cert, const char *leaf_pem, const char *key_pem)
{
    struct apns_credential *credential;

    must(strncmp(cert->topic, "com.apple.mgmt.", 15) == 0);
    must(strlen(cert->topic) > 15);
    must(strlen(cert->sha256) == 64 && strlen(cert->sha1) == 40);
    must(strlen(cert->spki_sha256) == 64);
    must(leaf_pem != NULL && key_pem != NULL);
    must(apns_credential_load(leaf_pem, key_pem, &credential) == APNS_OK);
    must(strcmp(apns_credential_cert(credential)->sha256, cert->sha256) == 0);
    apns_credential_free(credential);
}

static char *
append_block(char *at, const char *type, const uint8_t *der, size_t len)
{
    at += snprintf(at, 64, "-----BEGIN %s-----\n", type);
    at += EVP_EncodeBlock((unsigned char *)at, der, (int)len);
    return at + snprintf(at, 64, "\n-----END %s-----\n", type);
}

/* Room for base64 and the four lines. */
static size_t
make_pem(char *pem, const uint8_t *der, size_t len)
{
    static const char *const types[] = {"PRIVATE KEY", "RSA PRIVATE KEY",
                                        "EC PRIVATE KEY"};
    size_t leaf_len = (size_t)der[2] << 8 | der[3];
    const char *type = types[der[1] % 3];
    char *end;

    der += 4;
    len -= 4;
    if (leaf_len > len)
        leaf_len = len;
    end = append_block(pem, "CERTIFICATE", der, leaf_len);
    end = append_block(end, type, der + leaf_len, len - leaf_len);
    return (size_t)(end - pem);
}

static void
try(const char *pem, size_t len)
{
    char *leaf_pem, *key_pem;
    struct apns_cert cert;
    char detail[256];
    enum apns_err err;

    memset(detail, 'x', sizeof detail);
    err = apns_cert_read(pem, len, NOW, &cert, &leaf_pem, &key_pem, detail);
    must(memchr(detail, '\0', sizeof detail) != NULL);
    if (err == APNS_OK || err == APNS_ENOTYETVALID || err == APNS_EEXPIRED)
        check(&cert, leaf_pem, key_pem);
    else
        must(leaf_pem == NULL && key_pem == NULL);
    must(ERR_peek_error() == 0);
    free(leaf_pem);
    free(key_pem);
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    char *pem;

    if (len < 4 || input[0] != 0) {
        try((const char *)input, len);
        return 0;
    }
    pem = malloc(2 * len + 512);
    try(pem, make_pem(pem, input, len));
    free(pem);
    return 0;
}
