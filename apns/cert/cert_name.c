/* SPDX-License-Identifier: MIT */
#include "cert_name.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "apns/base/utf8.h"

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

void
cert_name_clean(const char *bytes, size_t len, char *text, size_t size)
{
    size_t used = 0;

    while (len > 0) {
        uint32_t code = 0;
        size_t n = utf8_read(bytes, len, &code);
        bool is_shown = n > 0 && !is_acting(code);
        size_t n_out = is_shown ? n : 1;

        if (used + n_out + 1 > size)
            break;
        if (is_shown)
            memcpy(text + used, bytes, n);
        else
            text[used] = '?';
        used += n_out;
        bytes += n > 0 ? n : 1;
        len -= n > 0 ? n : 1;
    }
    text[used] = '\0';
}
