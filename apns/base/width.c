/* SPDX-License-Identifier: MIT */

#include "width.h"

#include <stdbool.h>
#include <stdint.h>

struct range {
    uint32_t first;
    uint32_t last;
};

/* Unicode 15: what is drawn over its neighbour or not at all, of the scripts
   that names are written in. */
static const struct range zero[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd},   {0x05bf, 0x05bf},
    {0x05c1, 0x05c2}, {0x05c4, 0x05c5}, {0x05c7, 0x05c7},   {0x0610, 0x061a},
    {0x064b, 0x065f}, {0x0670, 0x0670}, {0x06d6, 0x06dc},   {0x06df, 0x06e4},
    {0x06e7, 0x06e8}, {0x06ea, 0x06ed}, {0x0900, 0x0902},   {0x093a, 0x093a},
    {0x093c, 0x093c}, {0x0941, 0x0948}, {0x094d, 0x094d},   {0x0e31, 0x0e31},
    {0x0e34, 0x0e3a}, {0x0e47, 0x0e4e}, {0x1160, 0x11ff},   {0x1ab0, 0x1aff},
    {0x1dc0, 0x1dff}, {0x200b, 0x200f}, {0x202a, 0x202e},   {0x2060, 0x2064},
    {0x20d0, 0x20ff}, {0x302a, 0x302d}, {0x3099, 0x309a},   {0xfe00, 0xfe0f},
    {0xfe20, 0xfe2f}, {0xfeff, 0xfeff}, {0xe0100, 0xe01ef},
};

/* East Asian Width W and F, and emoji. */
static const struct range wide[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x2329, 0x232a},
    {0x23e9, 0x23ec},   {0x2e80, 0x3029},   {0x302e, 0x303e},
    {0x3041, 0x3098},   {0x309b, 0x33ff},   {0x3400, 0x4dbf},
    {0x4e00, 0xa4cf},   {0xa960, 0xa97f},   {0xac00, 0xd7a3},
    {0xf900, 0xfaff},   {0xfe10, 0xfe19},   {0xfe30, 0xfe6f},
    {0xff01, 0xff60},   {0xffe0, 0xffe6},   {0x1b000, 0x1b2ff},
    {0x1f200, 0x1f320}, {0x1f32d, 0x1f64f}, {0x1f680, 0x1f6ff},
    {0x1f900, 0x1f9ff}, {0x1fa70, 0x1faff}, {0x20000, 0x3fffd},
};

static bool
is_in(const struct range *ranges, size_t n, uint32_t c)
{
    size_t low = 0;

    while (low < n) {
        size_t middle = low + (n - low) / 2;

        if (c > ranges[middle].last)
            low = middle + 1;
        else if (c < ranges[middle].first)
            n = middle;
        else
            return true;
    }
    return false;
}

static size_t
columns_of(uint32_t c)
{
    if (c < 0x300)
        return 1;
    if (is_in(zero, sizeof zero / sizeof zero[0], c))
        return 0;
    return is_in(wide, sizeof wide / sizeof wide[0], c) ? 2 : 1;
}

/* The character that ${text} begins with; ${*len} bytes, at least one. */
static size_t
take(const char *text, size_t *len)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc0 ? 2 : 1;
    uint32_t c = n == 1 ? p[0] : p[0] & (0x7fu >> n);

    *len = 1;
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 1; /* no UTF-8 */
        c = c << 6 | (p[i] & 0x3f);
    }
    *len = n;
    return columns_of(c);
}

size_t
width_of(const char *text)
{
    size_t width = 0;
    size_t len;

    for (; *text != '\0'; text += len)
        width += take(text, &len);
    return width;
}

size_t
width_head(const char *text, size_t width)
{
    size_t at = 0;

    while (text[at] != '\0') {
        size_t len;
        size_t columns = take(text + at, &len);

        if (columns > width)
            break;
        width -= columns;
        at += len;
    }
    return at;
}

size_t
width_tail(const char *text, size_t width)
{
    size_t left = width_of(text);
    size_t at = 0;

    /* marks of a character that is cut go with it */
    while (text[at] != '\0') {
        size_t len;
        size_t columns = take(text + at, &len);

        if (left <= width && (columns > 0 || at == 0))
            break;
        left -= columns;
        at += len;
    }
    return at;
}
