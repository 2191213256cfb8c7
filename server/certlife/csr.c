/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "server/certlife/judge/facts.h"
#include "server/certlife/judge/fields.h"
#include "server/certlife/read/armor.h"
#include "server/certlife/read/phrase.h"

#define KEY_BITS 2048 /* what Apple's certificates have; others are untried */

static bool
add_name(X509_NAME *name, const char *field, int type, const char *value)
{
    return X509_NAME_add_entry_by_txt(
               name, field, type, (const unsigned char *)value, -1, -1, 0) == 1;
}

static X509_REQ *
make_request(const struct certlife_subject *subject, EVP_PKEY *key)
{
    X509_REQ *req = X509_REQ_new();
    X509_NAME *name = X509_NAME_new();
    char country[3];

    if (req == NULL || name == NULL)
        goto fail;
    country[0] = (char)toupper((unsigned char)subject->country[0]);
    country[1] = (char)toupper((unsigned char)subject->country[1]);
    country[2] = '\0';
    if (!add_name(name, "C", MBSTRING_ASC, country) ||
        !add_name(name, "CN", MBSTRING_UTF8, subject->common_name) ||
        !add_name(name, "emailAddress", V_ASN1_IA5STRING, subject->email))
        goto fail;
    if (X509_REQ_set_version(req, X509_REQ_VERSION_1) != 1 ||
        X509_REQ_set_subject_name(req, name) != 1 ||
        X509_REQ_set_pubkey(req, key) != 1 ||
        X509_REQ_sign(req, key, EVP_sha256()) <= 0)
        goto fail;
    X509_NAME_free(name);
    return req;
fail:
    X509_NAME_free(name);
    X509_REQ_free(req);
    return NULL;
}

static bool
fill(struct certlife_csr *csr, X509_REQ *req, EVP_PKEY *key)
{
    int len = i2d_X509_REQ(req, &csr->csr_der);

    if (len <= 0)
        return false;
    csr->csr_der_len = (size_t)len;
    armor_sha256(csr->csr_der, csr->csr_der_len, csr->csr_sha256);
    facts_spki(key, csr->spki_sha256);
    csr->csr_pem = armor_csr_pem(req);
    csr->key_pem = armor_key_pem(key);
    return csr->csr_pem != NULL && csr->key_pem != NULL &&
           csr->csr_sha256[0] != '\0' && csr->spki_sha256[0] != '\0';
}

enum certlife_err
certlife_csr_make(const struct certlife_subject *subject,
                  struct certlife_csr *csr, char *detail)
{
    enum certlife_err err = CERTLIFE_ECRYPTO;
    EVP_PKEY *key;
    X509_REQ *req = NULL;

    memset(csr, 0, sizeof *csr);
    phrase_write(detail, "%s", "");
    if (!fields_common_name(subject->common_name, detail) ||
        !fields_country(subject->country, detail) ||
        !fields_email(subject->email, detail))
        return CERTLIFE_EFIELD;
    if ((key = EVP_RSA_gen(KEY_BITS)) != NULL &&
        (req = make_request(subject, key)) != NULL && fill(csr, req, key))
        err = CERTLIFE_OK;
    X509_REQ_free(req);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return err;
}

void
certlife_csr_fini(struct certlife_csr *csr)
{
    certlife_secret_free(csr->key_pem);
    free(csr->csr_pem);
    OPENSSL_free(csr->csr_der);
    memset(csr, 0, sizeof *csr);
}
