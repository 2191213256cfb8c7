/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include <openssl/crypto.h>

#include "certlife_priv.h"

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

void
certlife_detail(char *detail, const char *format, ...)
{
    va_list args;

    if (detail == NULL)
        return;
    va_start(args, format);
    vsnprintf(detail, CERTLIFE_MAX_DETAIL, format, args);
    va_end(args);
}

void
certlife_warn(struct certlife_warnings *warnings, const char *format, ...)
{
    va_list args;

    if (warnings == NULL || warnings->n == CERTLIFE_MAX_WARNINGS)
        return;
    va_start(args, format);
    vsnprintf(warnings->text[warnings->n], CERTLIFE_MAX_TEXT, format, args);
    va_end(args);
    warnings->n++;
}

const char *
certlife_date(int64_t unix_s, char text[16])
{
    time_t when = (time_t)unix_s;
    struct tm tm;

    if (gmtime_r(&when, &tm) == NULL ||
        strftime(text, 16, "%Y-%m-%d", &tm) == 0)
        snprintf(text, 16, "?");
    return text;
}

const char *
certlife_time(int64_t unix_s, char text[32])
{
    time_t when = (time_t)unix_s;
    struct tm tm;

    if (gmtime_r(&when, &tm) == NULL ||
        strftime(text, 32, "%Y-%m-%dT%H:%M:%S.000Z", &tm) == 0)
        snprintf(text, 32, "?");
    return text;
}
