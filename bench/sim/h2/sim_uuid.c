/* SPDX-License-Identifier: MIT */
#include "sim_uuid.h"

#include <endian.h>
#include <string.h>

/* Write the low ${n} nibbles of ${bits}, lowest first. */
static char *
put_hex(char *to, uint64_t bits, int n)
{
    static const char digits[16] = {'0', '1', '2', '3', '4', '5', '6', '7',
                                    '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'};

    for (int i = 0; i < n; i++, bits >>= 4)
        *to++ = digits[bits & 15];
    return to;
}

void
sim_uuid_write(struct rng *rng, char *uuid)
{
    uint64_t high = rng_next(rng);
    uint64_t low = rng_next(rng);

    uuid = put_hex(uuid, high, 8);
    *uuid++ = '-';
    uuid = put_hex(uuid, high >> 32, 4);
    *uuid++ = '-';
    *uuid++ = '4';
    uuid = put_hex(uuid, high >> 48, 3);
    *uuid++ = '-';
    uuid = put_hex(uuid, 8 | (low & 3), 1);
    uuid = put_hex(uuid, low >> 2, 3);
    *uuid++ = '-';
    put_hex(uuid, low >> 14, 12);
}

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
sim_uuid_code(uint8_t *to, const char *uuid)
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
