/* SPDX-License-Identifier: MIT */
#include "utf8.h"

#include <string.h>

size_t
utf8_read(const char *text, size_t len, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *at = (const unsigned char *)text;
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
        *code = *code << 6 | (at[i] & 0x3fU);
    }
    if (*code < least[n] || *code > 0x10ffff ||
        (*code >= 0xd800 && *code <= 0xdfff))
        return 0;
    return n;
}

size_t
utf8_head(const char *text, size_t max)
{
    size_t n = strnlen(text, max);

    if (n == max)
        while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
            n--;
    return n;
}
