/* SPDX-License-Identifier: MIT */
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pkcs12.h>

#include "server/certlife/judge/fields.h"
#include "server/certlife/read/phrase.h"
#include "server/certlife/read/pile.h"

#define ROUNDS 200000 /* of PBKDF2 and of the MAC */

static enum certlife_err
write_p12(X509 *cert, EVP_PKEY *key, const char *passphrase, const char *name,
          unsigned char **der, size_t *der_len)
{
    /* mac_iter -1: no MAC yet, since PKCS12_create would make it SHA-1. */
    PKCS12 *p12 =
        PKCS12_create(passphrase, name, key, cert, NULL, NID_aes_256_cbc,
                      NID_aes_256_cbc, ROUNDS, -1, 0);
    unsigned char *bytes = NULL;
    int len = 0;
    enum certlife_err err = CERTLIFE_ECRYPTO;

    if (p12 != NULL &&
        PKCS12_set_mac(p12, passphrase, -1, NULL, 0, ROUNDS, EVP_sha256()) == 1)
        len = i2d_PKCS12(p12, &bytes);
    if (len > 0 && (*der = malloc((size_t)len)) != NULL) {
        memcpy(*der, bytes, (size_t)len);
        *der_len = (size_t)len;
        err = CERTLIFE_OK;
    }
    OPENSSL_free(bytes);
    PKCS12_free(p12);
    return err;
}

/* What is stored was checked when it came in; so the first of each will do. */
static void
find_parts(const struct pile *pile, X509 **cert, EVP_PKEY **key)
{
    for (size_t i = 0; i < pile->n; i++) {
        if (*cert == NULL && pile->items[i].kind == CERTLIFE_KIND_PUSH_CERT)
            *cert = pile->items[i].cert;
        if (*key == NULL && pile->items[i].key != NULL)
            *key = pile->items[i].key;
    }
}

enum certlife_err
certlife_export_make(const char *pem, size_t len, const char *passphrase,
                     const char *name, unsigned char **der, size_t *der_len,
                     char *detail)
{
    struct certlife_file file = {"the stored identity", pem, len, NULL};
    struct pile *pile;
    X509 *cert = NULL;
    EVP_PKEY *key = NULL;
    enum certlife_err err;

    *der = NULL;
    *der_len = 0;
    phrase_write(detail, "%s", "");
    if (!fields_passphrase(passphrase, detail))
        return CERTLIFE_EPASSPHRASE;
    if ((pile = pile_new()) == NULL)
        return CERTLIFE_ENOMEM;
    if ((err = pile_read(pile, 0, &file)) == CERTLIFE_OK) {
        find_parts(pile, &cert, &key);
        if (cert == NULL || key == NULL)
            err = CERTLIFE_EIDENTITY;
        else if (X509_check_private_key(cert, key) != 1)
            err = CERTLIFE_EKEYMISMATCH;
        else
            err = write_p12(cert, key, passphrase, name, der, der_len);
    }
    pile_free(pile);
    ERR_clear_error();
    return err;
}
