/* SPDX-License-Identifier: MIT */
#include "clean_text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of Unicode's category Cf, and the two separators that end a line. */
static const struct {
    uint32_t first;
    uint32_t last;
} formats[] = {
    {0x00ad, 0x00ad},   {0x0600, 0x0605}, {0x061c, 0x061c}, {0x06dd, 0x06dd},
    {0x070f, 0x070f},   {0x180e, 0x180e}, {0x200b, 0x200f}, {0x2028, 0x202e},
    {0x2060, 0x206f},   {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0x1d173, 0x1d17a},
    {0xe0000, 0xe007f},
};

/* The code point at ${*at}, moving behind it; false when it is no UTF-8. */
static bool
next_code(const unsigned char **at, uint32_t *code)
{
    static const uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *c = *at;
    size_t n = *c < 0x80                 ? 1
               : *c >= 0xc0 && *c < 0xe0 ? 2
               : *c >= 0xe0 && *c < 0xf0 ? 3
               : *c >= 0xf0 && *c < 0xf8 ? 4
                                         : 0;

    *code = n == 1 ? *c : *c & (0x7fU >> n);
    for (size_t i = 1; i < n; i++) {
        if ((c[i] & 0xc0) != 0x80)
            return false;
        *code = *code << 6 | (c[i] & 0x3fU);
    }
    *at += n;
    return n != 0 && *code >= lowest[n] && *code <= 0x10ffff &&
           (*code < 0xd800 || *code > 0xdfff);
}

static bool
is_format(uint32_t code)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (code >= formats[i].first && code <= formats[i].last)
            return true;
    }
    return false;
}

enum clean_text
clean_text_check(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    uint32_t code;

    while (*at != '\0') {
        if (!next_code(&at, &code))
            return CLEAN_TEXT_NO_UTF8;
        if (code < 0x20 || (code >= 0x7f && code <= 0x9f))
            return CLEAN_TEXT_CONTROL;
        if (is_format(code))
            return CLEAN_TEXT_FORMAT;
    }
    return CLEAN_TEXT_OK;
}
