/* SPDX-License-Identifier: MIT */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "armor.h"
#include "certlife_must.h"
#include "server/certlife/certlife.h"

#define MAX_SECRET 4096 /* bytes */

static bool
digest(const void *secret, size_t secret_len, const char *stamp,
       const void *body, size_t body_len, unsigned char mac[32])
{
    static char sha256[] = "SHA256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, sha256, 0),
        OSSL_PARAM_construct_end()};
    EVP_MAC *algorithm = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *hmac = algorithm == NULL ? NULL : EVP_MAC_CTX_new(algorithm);
    size_t len = 0;
    bool is_done =
        hmac != NULL && EVP_MAC_init(hmac, secret, secret_len, params) == 1 &&
        EVP_MAC_update(hmac, (const unsigned char *)stamp, strlen(stamp)) ==
            1 &&
        (body_len == 0 || EVP_MAC_update(hmac, body, body_len) == 1) &&
        EVP_MAC_final(hmac, mac, &len, 32) == 1 && len == 32;

    EVP_MAC_CTX_free(hmac);
    EVP_MAC_free(algorithm);
    return is_done;
}

enum certlife_err
certlife_signature_make(const void *secret, size_t secret_len, int64_t at_unix,
                        const void *body, size_t body_len, char *value)
{
    unsigned char mac[32];
    char stamp[32];
    int n;

    value[0] = '\0';
    if (secret == NULL || secret_len == 0 || secret_len > MAX_SECRET)
        return CERTLIFE_EFIELD;
    snprintf(stamp, sizeof stamp, "%lld.", (long long)at_unix);
    if (!digest(secret, secret_len, stamp, body, body_len, mac)) {
        ERR_clear_error();
        return CERTLIFE_ECRYPTO;
    }
    n = snprintf(value, CERTLIFE_MAX_SIGNATURE,
                 "t=%lld,v1=", (long long)at_unix);
    must(n > 0 && n + 65 <= CERTLIFE_MAX_SIGNATURE);
    armor_hex(mac, sizeof mac, value + n);
    return CERTLIFE_OK;
}
