/* SPDX-License-Identifier: MIT */
#include "payload.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "apns/base/utf8.h"

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

/* True: all of it can be copied as it is, which is true of every magic that
 * Apple's devices have been seen to send. */
static bool
is_plain(const char *magic, size_t len)
{
    uint64_t word = 0;

    for (size_t at = 0; at + 8 <= len; at += 8) {
        memcpy(&word, magic + at, 8);
        if (!is_plain_word(word))
            return false;
    }
    /* The last eight once more for what is left of them. */
    if (len >= 8) {
        memcpy(&word, magic + len - 8, 8);
        return is_plain_word(word);
    }
    word = EVERY('x');
    memcpy(&word, magic, len);
    return is_plain_word(word);
}

/* Write one character, escaped if it must be; ${at} moves past it. Returns
 * the bytes written, 0 when there is no room or it is not UTF-8. */
static size_t
write_char(char *out, size_t room, const char **at)
{
    unsigned char c = (unsigned char)**at;
    char escaped[8];
    uint32_t code;
    size_t len;

    if (c == '"' || c == '\\')
        len = (size_t)snprintf(escaped, sizeof escaped, "\\%c", c);
    else if (c < 0x20)
        len = (size_t)snprintf(escaped, sizeof escaped, "\\u%04x", c);
    else
        len = utf8_read(*at, UTF8_MAX, &code);
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

static size_t
write_escaped(char *out, size_t room, const char *magic, size_t len)
{
    const char *end = magic + len;
    size_t used = 0;

    while (magic < end) {
        size_t n = write_char(out + used, room - used, &magic);

        if (n == 0)
            return 0;
        used += n;
    }
    return used;
}

size_t
payload_write(char *out, size_t out_size, const char *magic)
{
    size_t len = strlen(magic);
    size_t room;

    if (out_size < HEAD_LEN + TAIL_LEN)
        return 0;
    room = out_size - HEAD_LEN - TAIL_LEN;
    memcpy(out, head, HEAD_LEN);
    if (!is_plain(magic, len)) {
        len = write_escaped(out + HEAD_LEN, room, magic, len);
        if (len == 0)
            return 0;
    } else if (len > room) {
        return 0;
    } else {
        /* NOLINTNEXTLINE(bugprone-not-null-terminated-result): tail follows */
        memcpy(out + HEAD_LEN, magic, len);
    }
    memcpy(out + HEAD_LEN + len, tail, TAIL_LEN);
    return HEAD_LEN + len + TAIL_LEN;
}
