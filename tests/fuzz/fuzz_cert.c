/* SPDX-License-Identifier: MIT */
#include <string.h>

#include <openssl/err.h>

#include "apns/cert.h"
#include "apns/must.h"

/* Any bytes as certificate and key: never a crash, never a leftover in
 * OpenSSL's queue; what is read can be used by TLS. */

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len);

/* Half of the corpus is valid now, half has expired. */
#define NOW 1800000000

static void
check(const struct apns_cert *cert, const char *leaf_pem, const char *key_pem)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

    must(strncmp(cert->topic, "com.apple.mgmt.", 15) == 0);
    must(strlen(cert->topic) > 15);
    must(strlen(cert->sha256) == 64 && strlen(cert->sha1) == 40);
    must(leaf_pem != NULL && key_pem != NULL);
    /* OpenSSL may still find a signature too weak; all else was checked. */
    switch (cert_use(ctx, leaf_pem, key_pem)) {
    case APNS_OK:
    case APNS_ETLS:
        break;
    default:
        must(false);
    }
    SSL_CTX_free(ctx);
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    char *leaf_pem, *key_pem;
    struct apns_cert cert;
    char detail[256];
    enum apns_err err;

    memset(detail, 'x', sizeof detail);
    err = apns_cert_read((const char *)input, len, NOW, &cert, &leaf_pem,
                         &key_pem, detail);
    must(memchr(detail, '\0', sizeof detail) != NULL);
    if (err == APNS_OK || err == APNS_ENOTYETVALID || err == APNS_EEXPIRED)
        check(&cert, leaf_pem, key_pem);
    else
        must(leaf_pem == NULL && key_pem == NULL);
    must(ERR_peek_error() == 0);
    free(leaf_pem);
    free(key_pem);
    return 0;
}
