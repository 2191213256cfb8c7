/* SPDX-License-Identifier: MIT */
#include "huffman.h"

#include <endian.h>
#include <string.h>

#include "chance.h"

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

    for (int i = 0; i < CHANCE_UUID_LEN; i += 4) {
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
