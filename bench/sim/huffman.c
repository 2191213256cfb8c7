/* SPDX-License-Identifier: MIT */
#include "huffman.h"

#include <endian.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "field.h"
#include "sim_uuid.h"

#define N_SYMBOLS   257 /* the last one is EOS */
#define MAX_BITS    30  /* of a code */
#define LOOK_BITS   12  /* seen at a time: two characters of a token */
#define LONG_DIGIT  6   /* bits of a hex digit */
#define SHORT_DIGIT 5   /* the same, of the more frequent ones */
#define MIN_OCTET   (2 * SHORT_DIGIT)
#define OCTETS      4 /* read out of a word: as many as it has for sure */
#define MAX_PADDING 7 /* bits after the last code, all of them ones */

/* RFC 7541, appendix B. Its code is canonical: lengths are all of it. */
static const uint8_t lengths[N_SYMBOLS] = {
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28,
    28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28, 6,  10, 10, 12, 13, 6,
    8,  11, 10, 10, 8,  11, 8,  6,  6,  6,  5,  5,  5,  6,  6,  6,  6,  6,  6,
    6,  7,  8,  15, 6,  12, 10, 13, 6,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,
    7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  8,  7,  8,  13, 19, 13, 14,
    6,  15, 5,  6,  5,  6,  5,  6,  6,  6,  5,  7,  7,  6,  6,  6,  5,  6,  7,
    6,  5,  5,  6,  7,  7,  7,  7,  7,  15, 11, 14, 13, 28, 20, 22, 20, 20, 22,
    22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23,
    23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22,
    24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22,
    22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19,
    21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21,
    22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27,
    27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
};

/* What LOOK_BITS begin with: one or two characters. */
struct pair {
    uint8_t n_bits; /* of all; 0: a longer code */
    uint8_t n_chars;
    char text[2];
};

/* The same, if it is two hex digits in lower case. */
struct octet {
    uint8_t n_bits; /* 0: it is not */
    uint8_t value;
};

struct huffman {
    struct pair pairs[1 << LOOK_BITS];
    struct octet octets[1 << LOOK_BITS];
    uint64_t prefix; /* FIELD_PATH_PREFIX, from the left */
    uint8_t prefix_bits;
    uint16_t symbols[N_SYMBOLS]; /* in the order of their codes */
    uint64_t end[MAX_BITS + 1];  /* above the codes of a length; 64 bits wide */
    int32_t base[MAX_BITS + 1];  /* code + base is the place in symbols */
};

/*
 * Reading.
 */

static void
sort_symbols(struct huffman *huffman)
{
    uint32_t code = 0, n = 0;

    for (uint8_t length = 1; length <= MAX_BITS; length++) {
        code <<= 1;
        huffman->base[length] = (int32_t)n - (int32_t)code;
        for (uint16_t symbol = 0; symbol < N_SYMBOLS; symbol++) {
            if (lengths[symbol] != length)
                continue;
            huffman->symbols[n++] = symbol;
            code++;
        }
        /* EOS ends at 2^30, and must not wrap round: it is no character. */
        huffman->end[length] = (uint64_t)(code - (length == MAX_BITS))
                               << (64 - length);
    }
}

/* The character that ${bits} begin with, and its code's length; 0: none. */
static uint8_t
find_symbol(const struct huffman *huffman, uint64_t bits, char *to)
{
    for (uint8_t length = 5; length <= MAX_BITS; length++) {
        if (bits < huffman->end[length]) {
            int32_t code = (int32_t)(bits >> (64 - length));

            *to = (char)huffman->symbols[code + huffman->base[length]];
            return length;
        }
    }
    return 0;
}

static void
fill_pair(const struct huffman *huffman, struct pair *pair, uint64_t bits)
{
    while (pair->n_chars < 2) {
        uint8_t n = find_symbol(huffman, bits << pair->n_bits,
                                &pair->text[pair->n_chars]);

        if (n == 0 || pair->n_bits + n > LOOK_BITS)
            return;
        pair->n_bits = (uint8_t)(pair->n_bits + n);
        pair->n_chars++;
    }
}

/* In lower case; less than 0: none. */
static int
hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void
fill_octet(struct octet *octet, const struct pair *pair)
{
    int high = hex_value(pair->text[0]), low = hex_value(pair->text[1]);

    if (pair->n_chars < 2 || high < 0 || low < 0)
        return;
    octet->n_bits = pair->n_bits;
    octet->value = (uint8_t)(high << 4 | low);
}

static void
code_prefix(struct huffman *huffman)
{
    for (const char *at = FIELD_PATH_PREFIX; *at != '\0'; at++) {
        uint8_t length = lengths[(uint8_t)*at];
        int32_t place = 0;

        while (huffman->symbols[place] != (uint8_t)*at)
            place++;
        huffman->prefix_bits = (uint8_t)(huffman->prefix_bits + length);
        huffman->prefix |= (uint64_t)(place - huffman->base[length])
                           << (64 - huffman->prefix_bits);
    }
}

struct huffman *
huffman_new(void)
{
    struct huffman *huffman = calloc(1, sizeof *huffman);

    if (huffman == NULL)
        return NULL;
    sort_symbols(huffman);
    for (uint64_t i = 0; i < 1 << LOOK_BITS; i++)
        fill_pair(huffman, &huffman->pairs[i], i << (64 - LOOK_BITS));
    for (size_t i = 0; i < 1 << LOOK_BITS; i++)
        fill_octet(&huffman->octets[i], &huffman->pairs[i]);
    code_prefix(huffman);
    return huffman;
}

void
huffman_free(struct huffman *huffman)
{
    free(huffman);
}

/* The code's bits from ${at} on, from the left; 57 at least, or all. */
static uint64_t
load(const uint8_t *code, size_t len, size_t at)
{
    size_t byte = at / 8 + 8 <= len ? at / 8 : len - 8;
    uint64_t bits;

    memcpy(&bits, code + byte, sizeof bits);
    return be64toh(bits) << (at - 8 * byte);
}

/* What is left when a whole look does not fit in: less than LOOK_BITS. */
static char *
read_end(const struct huffman *huffman, char *to, uint64_t bits, size_t left)
{
    uint8_t n;

    /* Ones behind the end: they are the padding's. */
    bits |= UINT64_MAX >> left;
    while ((n = find_symbol(huffman, bits, to)) > 0 && n <= left) {
        to++;
        bits = bits << n | ((UINT64_C(1) << n) - 1);
        left -= n;
    }
    return bits == UINT64_MAX && left <= MAX_PADDING ? to : NULL;
}

size_t
huffman_read(const struct huffman *huffman, char *to, const uint8_t *code,
             size_t len)
{
    const char *start = to;
    size_t at = 0, n_bits = 8 * len;
    uint8_t few[8] = {0};

    if (len < sizeof few) {
        memcpy(few, code, len);
        code = few;
        len = sizeof few;
    }
    while (n_bits - at >= LOOK_BITS) {
        uint64_t bits = load(code, len, at);
        int looks = n_bits - at >= 4 * LOOK_BITS ? 4 : 1;

        for (; looks > 0; looks--) {
            const struct pair *pair = &huffman->pairs[bits >> (64 - LOOK_BITS)];

            if (pair->n_bits == 0)
                break;
            memcpy(to, pair->text, 2);
            to += pair->n_chars;
            bits <<= pair->n_bits;
            at += pair->n_bits;
        }
        if (looks > 0) {
            uint8_t n = find_symbol(huffman, load(code, len, at), to++);

            if (n == 0 || n > n_bits - at)
                return HUFFMAN_BROKEN;
            at += n;
        }
    }
    to = read_end(huffman, to, n_bits == at ? 0 : load(code, len, at),
                  n_bits - at);
    return to == NULL ? HUFFMAN_BROKEN : (size_t)(to - start);
}

/* Two digits, and what comes behind them. Both shifts are made and one is
 * taken: the table's answer would take twice as long to come. */
static inline uint64_t
skip_octet(uint64_t bits, uint64_t end_of_short)
{
    uint64_t behind_short = bits << SHORT_DIGIT;

    bits = bits < end_of_short ? behind_short : bits << LONG_DIGIT;
    behind_short = bits << SHORT_DIGIT;
    return bits < end_of_short ? behind_short : bits << LONG_DIGIT;
}

/* Tokens whose length is no multiple of OCTETS are left to others: none has
 * been seen. So for the usual length each loop has one length too. */
uint16_t
huffman_read_token(const struct huffman *huffman, uint8_t *token,
                   const uint8_t *code, size_t len)
{
    const uint64_t end_of_short = huffman->end[SHORT_DIGIT];
    size_t at = huffman->prefix_bits, n_bits = 8 * len;
    uint8_t any = 0;
    uint64_t bits;
    uint16_t n = 0;

    if (n_bits <= at ||
        (load(code, len, 0) ^ huffman->prefix) >> (64 - at) != 0)
        return 0;
    bits = load(code, len, at);
    while (n_bits > at + MAX_PADDING && n <= FIELD_MAX_TOKEN - OCTETS) {
        /* Early, since where the next word begins is nearly known. */
        size_t nearly = at + OCTETS * MIN_OCTET;
        uint64_t next = nearly < n_bits ? load(code, len, nearly) : 0;

        for (int i = 0; i < OCTETS; i++) {
            struct octet octet = huffman->octets[bits >> (64 - LOOK_BITS)];

            token[n++] = octet.value;
            any |= octet.value;
            at += octet.n_bits;
            bits = skip_octet(bits, end_of_short);
        }
        if (at < nearly)
            return 0;
        bits = next << (at - nearly);
    }
    if (at > n_bits || at + MAX_PADDING < n_bits || any == 0)
        return 0;
    return at == n_bits || ~(bits | UINT64_MAX >> (n_bits - at)) == 0 ? n : 0;
}

/*
 * Writing.
 */

/* HPACK's Huffman code, RFC 7541 appendix B, from '-' to 'F'. */
static const struct {
    uint8_t code, n_bits;
} codes['F' - '-' + 1] = {
    ['-' - '-'] = {0x16, 6}, ['0' - '-'] = {0x00, 5}, ['1' - '-'] = {0x01, 5},
    ['2' - '-'] = {0x02, 5}, ['3' - '-'] = {0x19, 6}, ['4' - '-'] = {0x1a, 6},
    ['5' - '-'] = {0x1b, 6}, ['6' - '-'] = {0x1c, 6}, ['7' - '-'] = {0x1d, 6},
    ['8' - '-'] = {0x1e, 6}, ['9' - '-'] = {0x1f, 6}, ['A' - '-'] = {0x21, 6},
    ['B' - '-'] = {0x5d, 7}, ['C' - '-'] = {0x5e, 7}, ['D' - '-'] = {0x5f, 7},
    ['E' - '-'] = {0x60, 7}, ['F' - '-'] = {0x61, 7},
};

/*
 * A UUID's digits are random, so that a branch on them is mispredicted. Four
 * are gathered and stored as whole bytes, without one.
 */
size_t
huffman_uuid(uint8_t *to, const char *uuid)
{
    uint64_t bits = 0;
    uint32_t n_bits = 0;
    uint8_t *start = to;

    for (int i = 0; i < SIM_UUID_LEN; i += 4) {
        uint64_t left;

        for (int j = i; j < i + 4; j++) {
            bits =
                bits << codes[uuid[j] - '-'].n_bits | codes[uuid[j] - '-'].code;
            n_bits += codes[uuid[j] - '-'].n_bits;
        }
        left = htobe64(bits << (64 - n_bits));
        memcpy(to, &left, sizeof left);
        to += n_bits / 8;
        n_bits %= 8;
    }
    if (n_bits > 0) /* filled up with ones */
        *to++ |= (uint8_t)(0xff >> n_bits);
    return (size_t)(to - start);
}
