/* SPDX-License-Identifier: MIT */
#include <string.h>

#include <openssl/crypto.h>

#include "server/certlife/certlife.h"

const char *
certlife_err_text(enum certlife_err err)
{
    static const char *const texts[CERTLIFE_N_ERRORS] = {
#define X(name, text) text,
        CERTLIFE_ERRORS(X)
#undef X
    };

    return (unsigned)err < CERTLIFE_N_ERRORS ? texts[err] : "unknown";
}

const char *
certlife_kind_word(enum certlife_kind kind)
{
    static const char *const words[CERTLIFE_N_KINDS] = {
#define X(name, word) word,
        CERTLIFE_KINDS(X)
#undef X
    };

    return (unsigned)kind < CERTLIFE_N_KINDS ? words[kind] : "unknown";
}

void
certlife_secret_free(char *secret)
{
    if (secret == NULL)
        return;
    OPENSSL_cleanse(secret, strlen(secret));
    free(secret);
}
