/* SPDX-License-Identifier: MIT */
#include "clean_text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "apns/base/utf8.h"

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
    uint32_t code;

    for (size_t n; *text != '\0'; text += n) {
        if ((n = utf8_read(text, UTF8_MAX, &code)) == 0)
            return CLEAN_TEXT_NO_UTF8;
        if (code < 0x20 || (code >= 0x7f && code <= 0x9f))
            return CLEAN_TEXT_CONTROL;
        if (is_format(code))
            return CLEAN_TEXT_FORMAT;
    }
    return CLEAN_TEXT_OK;
}
