/* SPDX-License-Identifier: MIT */

/*
 * The fake client's pure parts: certificates that are text, names of errors.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apns.h"
#include "apns/cert/cert_describe.h"
#include "apns/cert/credential.h"

/* "topic serial [uN]": N is when it expires, in unix seconds. */
enum apns_err
apns_cert_read(const char *pem, size_t len, int64_t unix_now,
               struct apns_cert *cert, char **leaf_pem, char **key_pem,
               char *detail)
{
    char text[512] = "";
    char rest[32] = "";

    if (detail != NULL)
        detail[0] = '\0';
    memset(cert, 0, sizeof *cert);
    if (leaf_pem != NULL)
        *leaf_pem = NULL;
    if (key_pem != NULL)
        *key_pem = NULL;
    snprintf(text, sizeof text, "%.*s", (int)len, pem);
    if (sscanf(text, "%255s %64s %31s", cert->topic, cert->serial, rest) < 2)
        return APNS_EPEM;
    snprintf(cert->sha256, sizeof cert->sha256, "%064x",
             (unsigned)strtoul(cert->serial, NULL, 16));
    snprintf(cert->subject, sizeof cert->subject, "UID=%s", cert->topic);
    snprintf(cert->issuer, sizeof cert->issuer, "CN=fake");
    cert->not_before_unix = 1700000000;
    cert->not_after_unix =
        rest[0] == 'u' ? strtol(rest + 1, NULL, 10) : 2000000000;
    if (leaf_pem != NULL)
        *leaf_pem = strdup(text);
    if (key_pem != NULL)
        *key_pem = strdup("key");
    return unix_now >= cert->not_after_unix ? APNS_EEXPIRED : APNS_OK;
}

struct apns_credential {
    unsigned n_shares;
    struct apns_cert cert;
    char *text;
};

enum apns_err
apns_credential_read(const char *pem, size_t len,
                     struct apns_credential **credential, char *detail)
{
    struct apns_credential *made = calloc(1, sizeof *made);
    enum apns_err err =
        apns_cert_read(pem, len, 0, &made->cert, &made->text, NULL, detail);

    *credential = NULL;
    made->n_shares = 1;
    if (err == APNS_OK)
        *credential = made;
    else
        apns_credential_free(made);
    return err;
}

enum apns_err
apns_credential_load(const char *leaf_pem, const char *key_pem,
                     struct apns_credential **credential)
{
    (void)key_pem;
    return apns_credential_read(leaf_pem, strlen(leaf_pem), credential, NULL);
}

const struct apns_cert *
apns_credential_cert(const struct apns_credential *credential)
{
    return &credential->cert;
}

const char *
apns_credential_leaf_pem(const struct apns_credential *credential)
{
    return credential->text;
}

const char *
apns_credential_key_pem(const struct apns_credential *credential)
{
    (void)credential;
    return "key";
}

struct apns_credential *
apns_credential_share(struct apns_credential *credential)
{
    credential->n_shares++;
    return credential;
}

void
apns_credential_free(struct apns_credential *credential)
{
    if (credential == NULL || --credential->n_shares > 0)
        return;
    free(credential->text);
    free(credential);
}

/* No story reads files; what certlife needs for that is never called. */

enum apns_err
cert_describe_x509(X509 *x509, struct apns_cert *cert, char *detail)
{
    (void)x509, (void)cert, (void)detail;
    abort();
}

void
cert_describe_name(const X509_NAME *name, char *text, size_t size)
{
    (void)name, (void)text, (void)size;
    abort();
}

bool
cert_describe_is_push(const X509 *x509)
{
    (void)x509;
    abort();
}

enum apns_err
credential_new(X509 *leaf, EVP_PKEY *key, struct apns_credential **credential,
               char *detail)
{
    (void)leaf, (void)key, (void)credential, (void)detail;
    abort();
}

const char *
apns_err_text(enum apns_err err)
{
    return err == APNS_OK ? "success" : "fake error";
}

const char *
apns_err_name(enum apns_err err)
{
    return err == APNS_OK ? "APNS_OK" : "APNS_FAKE";
}

enum apns_err_category
apns_err_category(enum apns_err err)
{
    return err == APNS_ENOMEM ? APNS_CATEGORY_SYSTEM : APNS_CATEGORY_CERT;
}

const char *
apns_identity_state_name(enum apns_identity_state state)
{
    static const char *const names[] = {"ready", "backoff", "stopped",
                                        "probing"};

    return names[state];
}
