/* SPDX-License-Identifier: MIT */
#include "phrase.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "apns/base/rfc3339.h"
#include "apns/base/utf8.h"

void
phrase_write(char *detail, const char *format, ...)
{
    va_list args;

    if (detail == NULL)
        return;
    va_start(args, format);
    vsnprintf(detail, CERTLIFE_MAX_DETAIL, format, args);
    va_end(args);
}

void
phrase_warn(struct certlife_warnings *warnings, const char *format, ...)
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
phrase_cut(const char *text, size_t max, char *out)
{
    size_t n = utf8_head(text, max);

    memcpy(out, text, n);
    out[n] = '\0';
    return out;
}

const char *
phrase_moment(int64_t unix_s, char text[32])
{
    rfc3339_text_s(unix_s, text);
    text[RFC3339_DAY - 1] = ' '; /* for the T */
    snprintf(strchr(text, 'Z'), 5, " UTC");
    return text;
}
