/* SPDX-License-Identifier: MIT */
#include "cert_name.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Ranges of characters that show as something else than themselves. */
static const struct {
    uint32_t first, last;
} acting[] = {
    {0x0000, 0x001f}, {0x007f, 0x009f},   /* controls */
    {0x200b, 0x200f}, {0x2028, 0x202e},   /* zero width, direction */
    {0x2060, 0x206f}, {0xfeff, 0xfeff},   /* likewise */
    {0xfff9, 0xfffb}, {0xe0000, 0xe007f}, /* annotations, tags */
};

static bool
is_acting(uint32_t code)
{
    for (size_t i = 0; i < sizeof acting / sizeof acting[0]; i++)
        if (code >= acting[i].first && code <= acting[i].last)
            return true;
    return false;
}

/* Bytes of the character at ${at}, RFC 3629; 0: none begins there. */
static size_t
decode(const unsigned char *at, size_t len, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = at[0] < 0x80   ? 1
               : at[0] < 0xc0 ? 0
               : at[0] < 0xe0 ? 2
               : at[0] < 0xf0 ? 3
               : at[0] < 0xf8 ? 4
                              : 0;

    if (n == 0 || n > len)
        return 0;
    *code = n == 1 ? at[0] : at[0] & (0x7fU >> n);
    for (size_t i = 1; i < n; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        *code = *code << 6 | (at[i] & 0x3f);
    }
    if (*code < least[n] || *code > 0x10ffff ||
        (*code >= 0xd800 && *code <= 0xdfff))
        return 0;
    return n;
}

void
cert_name_clean(const char *bytes, size_t len, char *text, size_t size)
{
    const unsigned char *at = (const unsigned char *)bytes;
    size_t used = 0;

    while (len > 0) {
        uint32_t code = 0;
        size_t n = decode(at, len, &code);
        bool is_shown = n > 0 && !is_acting(code);
        size_t n_out = is_shown ? n : 1;

        if (used + n_out + 1 > size)
            break;
        if (is_shown)
            memcpy(text + used, at, n);
        else
            text[used] = '?';
        used += n_out;
        at += n > 0 ? n : 1;
        len -= n > 0 ? n : 1;
    }
    text[used] = '\0';
}
