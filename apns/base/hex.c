/* SPDX-License-Identifier: MIT */
#include "hex.h"

#include <string.h>

/* Eight bytes at once or one table look-up per byte, without a branch per
 * digit. */

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
write_block(const uint8_t *from, char *hex)
{
    bytes8 bytes;
    words8 words, letters;

    memcpy(&bytes, from, sizeof bytes);
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

int
hex_digit(char c)
{
    uint8_t digit = digits[(uint8_t)c];

    return digit == 0 ? -1 : digit & 0x0f;
}

void
hex_write(const void *bytes, size_t len, char *hex)
{
    const uint8_t *from = bytes;
    size_t at = 0;

    for (; at + BLOCK <= len; at += BLOCK)
        write_block(from + at, hex + 2 * at);
    for (; at < len; at++)
        memcpy(hex + 2 * at, pairs[from[at]], 2);
    hex[2 * len] = '\0';
}

bool
hex_read(const char *hex, size_t n_digits, uint8_t *bytes)
{
    uint8_t all = IS_DIGIT;

    if (n_digits % 2 != 0)
        return false;
    for (size_t i = 0; i < n_digits / 2; i++) {
        uint8_t high = digits[(uint8_t)hex[2 * i]];
        uint8_t low = digits[(uint8_t)hex[2 * i + 1]];

        all &= high & low;
        bytes[i] = (uint8_t)(high << 4 | (low & 0x0f));
    }
    return (all & IS_DIGIT) != 0;
}
