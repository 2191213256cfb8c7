/* SPDX-License-Identifier: MIT */
#include "number.h"

#include <stddef.h>

const char *
number_take(const char *text, uint64_t max, uint64_t *number)
{
    const char *at = text;

    for (*number = 0; *at >= '0' && *at <= '9'; at++) {
        uint64_t digit = (uint64_t)(*at - '0');

        if (digit > max || *number > (max - digit) / 10)
            return NULL;
        *number = *number * 10 + digit;
    }
    return at > text ? at : NULL;
}

bool
number_read(const char *text, uint64_t min, uint64_t max, uint64_t *number)
{
    const char *rest = number_take(text, max, number);

    return rest != NULL && *rest == '\0' && *number >= min;
}
