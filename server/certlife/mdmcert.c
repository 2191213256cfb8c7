/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "apns/base/base64.h"
#include "server/certlife/judge/fields.h"
#include "server/certlife/read/armor.h"
#include "server/certlife/read/legacy.h"
#include "server/certlife/read/phrase.h"
#include "server/certlife/read/pick.h"

#define THROWAWAY_DAYS 30 /* the mail comes within minutes */

/* Random: replies name their recipient by issuer and serial number. */
static bool
set_serial(X509 *cert)
{
    BIGNUM *number = BN_new();
    bool is_set =
        number != NULL &&
        BN_rand(number, 63, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
        BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL;

    BN_free(number);
    return is_set;
}

static bool
fill_throwaway(X509 *cert, EVP_PKEY *key, int64_t now_unix)
{
    X509_NAME *name = X509_get_subject_name(cert);
    time_t now = (time_t)now_unix;

    return X509_set_version(cert, X509_VERSION_3) == 1 && set_serial(cert) &&
           X509_time_adj_ex(X509_getm_notBefore(cert), -1, 0, &now) != NULL &&
           X509_time_adj_ex(X509_getm_notAfter(cert), THROWAWAY_DAYS, 0,
                            &now) != NULL &&
           X509_NAME_add_entry_by_txt(
               name, "CN", MBSTRING_ASC,
               (const unsigned char *)"rouse mdmcert.download", -1, -1,
               0) == 1 &&
           X509_set_issuer_name(cert, name) == 1 &&
           X509_set_pubkey(cert, key) == 1 &&
           X509_sign(cert, key, EVP_sha256()) > 0;
}

static bool
make_throwaway(struct certlife_mdmcert *request, int64_t now_unix)
{
    EVP_PKEY *key = EVP_RSA_gen(2048);
    X509 *cert = X509_new();

    if (key != NULL && cert != NULL && fill_throwaway(cert, key, now_unix)) {
        request->key_pem = armor_key_pem(key);
        request->cert_pem = armor_cert_pem(cert);
    }
    X509_free(cert);
    EVP_PKEY_free(key);
    return request->key_pem != NULL && request->cert_pem != NULL;
}

static char *
write_json(const char *csr_pem, const char *cert_pem, const char *email,
           const char *api_key)
{
    char *csr = base64_new(csr_pem, strlen(csr_pem));
    char *cert = base64_new(cert_pem, strlen(cert_pem));
    json_t *json = NULL;
    char *text = NULL;

    if (csr != NULL && cert != NULL)
        json = json_pack("{s:s, s:s, s:s, s:s}", "csr", csr, "email", email,
                         "key", api_key, "encrypt", cert);
    if (json != NULL)
        text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    free(cert);
    free(csr);
    return text;
}

enum certlife_err
certlife_mdmcert_make(const struct certlife_file *csr, const char *email,
                      const char *api_key, int64_t now_unix,
                      struct certlife_mdmcert *request, char *detail)
{
    X509_REQ *req = NULL;
    char *pem = NULL;
    enum certlife_err err;

    memset(request, 0, sizeof *request);
    phrase_write(detail, "%s", "");
    if (!fields_email(email, detail) || !fields_api_key(api_key, detail))
        return CERTLIFE_EFIELD;
    if ((err = pick_csr(csr, &req, detail)) == CERTLIFE_OK) {
        if ((pem = armor_csr_pem(req)) == NULL ||
            !make_throwaway(request, now_unix) ||
            (request->json =
                 write_json(pem, request->cert_pem, email, api_key)) == NULL)
            err = CERTLIFE_ECRYPTO;
    }
    free(pem);
    X509_REQ_free(req);
    ERR_clear_error();
    return err;
}

void
certlife_mdmcert_fini(struct certlife_mdmcert *request)
{
    free(request->json);
    certlife_secret_free(request->key_pem);
    free(request->cert_pem);
    memset(request, 0, sizeof *request);
}

static int
refuse_password(char *buffer, int size, int is_writing, void *arg)
{
    (void)buffer;
    (void)size;
    (void)is_writing;
    (void)arg;
    return -1; /* or OpenSSL would ask on the terminal */
}

/* Runs inside the legacy context: such replies are often single DES. */
static enum certlife_err
decrypt(PKCS7 *p7, const char *key_pem, const char *cert_pem, char **upload)
{
    BIO *key_bio = BIO_new_mem_buf(key_pem, -1);
    BIO *cert_bio = BIO_new_mem_buf(cert_pem, -1);
    BIO *out = BIO_new(BIO_s_mem());
    EVP_PKEY *key = NULL;
    X509 *cert = NULL;
    enum certlife_err err = CERTLIFE_ENOMEM;

    if (key_bio == NULL || cert_bio == NULL || out == NULL)
        goto done;
    key = PEM_read_bio_PrivateKey(key_bio, NULL, refuse_password, NULL);
    cert = PEM_read_bio_X509(cert_bio, NULL, refuse_password, NULL);
    err = CERTLIFE_EFIELD;
    if (key == NULL || cert == NULL)
        goto done;
    err = CERTLIFE_EREPLYKEY;
    if (PKCS7_decrypt(p7, key, cert, out, PKCS7_BINARY) == 1) {
        *upload = armor_take(out, NULL);
        err = *upload == NULL ? CERTLIFE_ENOMEM : CERTLIFE_OK;
    }
done:
    X509_free(cert);
    EVP_PKEY_free(key);
    BIO_free(out);
    BIO_free(cert_bio);
    BIO_free(key_bio);
    return err;
}

static enum certlife_err
open_der(const unsigned char *der, size_t len, const char *key_pem,
         const char *cert_pem, char **upload)
{
    struct legacy legacy;
    enum certlife_err err = CERTLIFE_EREPLY;
    PKCS7 *p7;

    legacy_init(&legacy);
    if (!legacy_enter(&legacy)) {
        legacy_fini(&legacy);
        return CERTLIFE_ECRYPTO;
    }
    if ((p7 = d2i_PKCS7(NULL, &der, (long)len)) != NULL &&
        PKCS7_type_is_enveloped(p7))
        err = decrypt(p7, key_pem, cert_pem, upload);
    PKCS7_free(p7);
    legacy_leave(&legacy);
    legacy_fini(&legacy);
    return err;
}

/* What came out must be what Apple takes, or it is of no use. */
static enum certlife_err
approve(char **upload, const char *name, char *detail)
{
    struct certlife_file file = {name, *upload, strlen(*upload), NULL};
    struct certlife_upload facts;
    enum certlife_err err =
        certlife_upload_read(&file, 0, &facts, NULL, detail);

    if (err == CERTLIFE_OK)
        return err;
    free(*upload);
    *upload = NULL;
    return err;
}

enum certlife_err
certlife_mdmcert_open(const struct certlife_file *reply, const char *key_pem,
                      const char *cert_pem, char **upload, char *detail)
{
    unsigned char *der = NULL;
    size_t len = 0;
    enum certlife_err err = CERTLIFE_EREPLY;

    *upload = NULL;
    phrase_write(detail, "%s", "");
    if (reply->len > CERTLIFE_MAX_FILE)
        return CERTLIFE_ETOOLARGE;
    if (key_pem == NULL || cert_pem == NULL)
        return CERTLIFE_EFIELD;
    if (reply->len > 0 && *(const unsigned char *)reply->bytes == 0x30)
        err = open_der(reply->bytes, reply->len, key_pem, cert_pem, upload);
    /* The digit 0 is 0x30 too. */
    if (err == CERTLIFE_EREPLY &&
        (der = armor_unhex(reply->bytes, reply->len, &len)) != NULL)
        err = open_der(der, len, key_pem, cert_pem, upload);
    OPENSSL_free(der);
    if (err == CERTLIFE_OK)
        err = approve(upload, reply->name, detail);
    else
        phrase_write(detail, "%.80s: %s",
                     reply->name == NULL ? "?" : reply->name,
                     certlife_err_text(err));
    ERR_clear_error();
    return err;
}
