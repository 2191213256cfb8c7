/* SPDX-License-Identifier: MIT */

/*
 * The fake client's pure parts: certificates that are text, names of errors.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apns.h"

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
    static const char *const names[] = {"ready", "backoff", "stopped"};

    return names[state];
}
