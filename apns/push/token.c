/* SPDX-License-Identifier: MIT */
#include "apns/apns.h"

#include <string.h>

/* Tokens are written for every push and read for every import line: eight
 * bytes at once or one table look-up per byte, without a branch per digit. */

/* A byte as its two digits, so that one copy writes both. */
#define ROW(h)                                                            \
    h "0", h "1", h "2", h "3", h "4", h "5", h "6", h "7", h "8", h "9", \
        h "a", h "b", h "c", h "d", h "e", h "f"

static const char pairs[256][3] = {
    ROW("0"), ROW("1"), ROW("2"), ROW("3"), ROW("4"), ROW("5"),
    ROW("6"), ROW("7"), ROW("8"), ROW("9"), ROW("a"), ROW("b"),
    ROW("c"), ROW("d"), ROW("e"), ROW("f"),
};

#define IS_DIGIT     0x10 /* beside the value; every other byte is 0 */
#define DIGIT(value) (IS_DIGIT | (value))
#define LETTER(lower, upper, value) \
    [lower] = DIGIT(value), [upper] = DIGIT(value)

static const uint8_t digits[256] = {
    ['0'] = DIGIT(0),     ['1'] = DIGIT(1),     ['2'] = DIGIT(2),
    ['3'] = DIGIT(3),     ['4'] = DIGIT(4),     ['5'] = DIGIT(5),
    ['6'] = DIGIT(6),     ['7'] = DIGIT(7),     ['8'] = DIGIT(8),
    ['9'] = DIGIT(9),     LETTER('a', 'A', 10), LETTER('b', 'B', 11),
    LETTER('c', 'C', 12), LETTER('d', 'D', 13), LETTER('e', 'E', 14),
    LETTER('f', 'F', 15),
};

#define BLOCK 8 /* bytes that are written at once */

typedef uint8_t bytes8 __attribute__((vector_size(BLOCK)));
typedef uint16_t words8 __attribute__((vector_size(2 * BLOCK)));

/* Each byte becomes a word that has its two digits in memory's order. */
static void
write_block(const uint8_t *token, char *hex)
{
    bytes8 bytes;
    words8 words, letters;

    memcpy(&bytes, token, sizeof bytes);
    words = __builtin_convertvector(bytes, words8);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    words = words >> 4 | (words & 0x0f) << 8;
#else
    words = (words & 0xf0) << 4 | (words & 0x0f);
#endif
    /* 6 more carry over 16 from 10 on: a letter. */
    letters = (words + 0x0606) >> 4 & 0x0101;
    words += 0x3030 + letters * ('a' - '0' - 10);
    memcpy(hex, &words, sizeof words);
}

void
apns_token_hex(const uint8_t *token, size_t len, char *hex)
{
    size_t at = 0;

    for (; at + BLOCK <= len; at += BLOCK)
        write_block(token + at, hex + 2 * at);
    for (; at < len; at++)
        memcpy(hex + 2 * at, pairs[token[at]], 2);
    hex[2 * len] = '\0';
}

enum apns_err
apns_token_read(const char *hex, uint8_t *token, size_t *len)
{
    /* strnlen: a caller's megabyte need not be walked to be too long. */
    const size_t max_digits = (size_t)2 * APNS_MAX_TOKEN;
    size_t n_digits = strnlen(hex, max_digits + 1);
    uint8_t all = IS_DIGIT;

    if (n_digits == 0 || n_digits % 2 != 0 || n_digits > max_digits)
        return APNS_EINVAL;
    for (size_t i = 0; i < n_digits / 2; i++) {
        uint8_t high = digits[(uint8_t)hex[2 * i]];
        uint8_t low = digits[(uint8_t)hex[2 * i + 1]];

        all &= high & low;
        token[i] = (uint8_t)(high << 4 | (low & 0x0f));
    }
    if ((all & IS_DIGIT) == 0)
        return APNS_EINVAL;
    *len = n_digits / 2;
    return APNS_OK;
}
