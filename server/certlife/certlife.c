/* SPDX-License-Identifier: MIT */
#include <string.h>

#include <openssl/crypto.h>

#include "apns/base/must.h"
#include "server/certlife/certlife.h"

static const struct {
    const char *name;
    enum certlife_err_category category;
    const char *text;
} errors[CERTLIFE_N_ERRORS] = {
#define X(name, category, text) \
    {"CERTLIFE_" #name, CERTLIFE_CATEGORY_##category, text},
    CERTLIFE_ERRORS(X)
#undef X
};

const char *
certlife_err_text(enum certlife_err err)
{
    return (unsigned)err < CERTLIFE_N_ERRORS ? errors[err].text : "unknown";
}

const char *
certlife_err_name(enum certlife_err err)
{
    return (unsigned)err < CERTLIFE_N_ERRORS ? errors[err].name : "unknown";
}

enum certlife_err_category
certlife_err_category(enum certlife_err err)
{
    must((unsigned)err < CERTLIFE_N_ERRORS);
    return errors[err].category;
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
