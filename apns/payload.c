/* SPDX-License-Identifier: MIT */
#include "payload.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const char head[] = "{\"mdm\":\"";
static const char tail[] = "\"}";

#define HEAD_LEN    (sizeof head - 1)
#define TAIL_LEN    (sizeof tail - 1)
#define EVERY(byte) (UINT64_C(0x0101010101010101) * (byte))

/* True: none of the eight bytes is a control character, quote, backslash or
 * beyond ASCII. May be false for eight plain bytes (a borrow runs upwards);
 * then they merely take the slow way. */
static bool
is_plain_word(uint64_t word)
{
    uint64_t quote = word ^ EVERY('"');
    uint64_t slash = word ^ EVERY('\\');
    uint64_t special =
        (word - EVERY(0x20)) | (quote - EVERY(1)) | (slash - EVERY(1)) | word;

    return (special & EVERY(0x80)) == 0;
}

/* The length of the UTF-8 sequence at ${at} (RFC 3629: no overlong forms, no
 * surrogates, nothing above U+10FFFF), 0 when it is none. The NUL at the
 * string's end is no continuation byte, so this never reads past it. */
static size_t
utf8_len(const unsigned char *at)
{
    unsigned char low = 0x80, high = 0xbf; /* of the second byte */
    size_t len;

    if (at[0] < 0x80)
        return 1;
    if (at[0] >= 0xc2 && at[0] <= 0xdf)
        len = 2;
    else if (at[0] >= 0xe0 && at[0] <= 0xef)
        len = 3;
    else if (at[0] >= 0xf0 && at[0] <= 0xf4)
        len = 4;
    else
        return 0;

    if (at[0] == 0xe0)
        low = 0xa0;
    else if (at[0] == 0xed)
        high = 0x9f;
    else if (at[0] == 0xf0)
        low = 0x90;
    else if (at[0] == 0xf4)
        high = 0x8f;
    if (at[1] < low || at[1] > high)
        return 0;
    for (size_t i = 2; i < len; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    return len;
}

/* Write one character, escaped if it must be; ${at} moves past it. Returns
 * the bytes written, 0 when there is no room or it is not UTF-8. */
static size_t
write_char(char *out, size_t room, const char **at)
{
    unsigned char c = (unsigned char)**at;
    char escaped[8];
    size_t len;

    if (c == '"' || c == '\\')
        len = (size_t)snprintf(escaped, sizeof escaped, "\\%c", c);
    else if (c < 0x20)
        len = (size_t)snprintf(escaped, sizeof escaped, "\\u%04x", c);
    else
        len = utf8_len((const unsigned char *)*at);
    if (len == 0 || len > room)
        return 0;
    if (c == '"' || c == '\\' || c < 0x20) {
        memcpy(out, escaped, len);
        *at += 1;
    } else {
        memcpy(out, *at, len);
        *at += len;
    }
    return len;
}

size_t
payload_write(char *out, size_t out_size, const char *magic)
{
    const char *end = magic + strlen(magic);
    size_t used = HEAD_LEN;
    size_t limit;

    if (out_size < HEAD_LEN + TAIL_LEN)
        return 0;
    limit = out_size - TAIL_LEN;
    memcpy(out, head, HEAD_LEN);
    while (magic < end) {
        uint64_t word;
        size_t len;

        if (end - magic >= 8 && limit - used >= 8) {
            memcpy(&word, magic, 8);
            if (is_plain_word(word)) {
                memcpy(out + used, &word, 8);
                magic += 8;
                used += 8;
                continue;
            }
        }
        len = write_char(out + used, limit - used, &magic);
        if (len == 0)
            return 0;
        used += len;
    }
    memcpy(out + used, tail, TAIL_LEN);
    return used + TAIL_LEN;
}
