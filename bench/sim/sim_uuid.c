/* SPDX-License-Identifier: MIT */
#include "sim_uuid.h"

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
