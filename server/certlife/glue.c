/* SPDX-License-Identifier: MIT */
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>

#include "certlife_must.h"
#include "phrase.h"
#include "pile.h"

/* The key among the files that belongs to the object; or NULL. */
static char *
key_of(const struct certlife_check *check, size_t object)
{
    uint64_t fits = check->objects[object].fits;

    for (size_t i = 0; i < check->n_objects; i++)
        if ((fits >> i & 1) != 0 && check->pile->items[i].key != NULL)
            return certlife_check_pem(check, i);
    return NULL;
}

static enum certlife_err
judge(const char *pem, int64_t now_unix, struct apns_cert *cert, char *detail)
{
    char cause[256] = "";
    enum apns_err err =
        apns_cert_read(pem, strlen(pem), now_unix, cert, NULL, NULL, cause);

    if (err == APNS_OK)
        return CERTLIFE_OK;
    phrase_write(detail, "%s%s%.256s", apns_err_text(err),
                 cause[0] == '\0' ? "" : ": ", cause);
    if (err == APNS_ENOMEM)
        return CERTLIFE_ENOMEM;
    return err == APNS_EKEYMISMATCH ? CERTLIFE_EKEYMISMATCH
                                    : CERTLIFE_EIDENTITY;
}

enum certlife_err
certlife_check_identity(const struct certlife_check *check, size_t object,
                        const char *key_pem, int64_t now_unix, char **pem,
                        struct apns_cert *cert, char *detail)
{
    char *cert_pem = NULL;
    char *own_key = NULL;
    enum certlife_err err = CERTLIFE_EIDENTITY;

    must(object < check->n_objects);
    *pem = NULL;
    memset(cert, 0, sizeof *cert);
    phrase_write(detail, "%s", "");
    if (check->objects[object].kind != CERTLIFE_KIND_PUSH_CERT) {
        phrase_write(detail, "%s", check->objects[object].sentence);
        return err;
    }
    if (key_pem == NULL)
        key_pem = own_key = key_of(check, object);
    if (key_pem == NULL) {
        phrase_write(detail, "the private key of this push certificate is "
                             "not among the files");
        return err;
    }
    err = CERTLIFE_ENOMEM;
    if ((cert_pem = certlife_check_pem(check, object)) != NULL &&
        asprintf(pem, "%s%s", cert_pem, key_pem) < 0)
        *pem = NULL;
    if (*pem != NULL)
        err = judge(*pem, now_unix, cert, detail);
    if (err != CERTLIFE_OK) {
        certlife_secret_free(*pem);
        *pem = NULL;
    }
    free(cert_pem);
    certlife_secret_free(own_key);
    ERR_clear_error();
    return err;
}
