/* SPDX-License-Identifier: MIT */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

/*
 * Decimal numbers out of text: digits and nothing else, no blank, no sign.
 */

#include <stdbool.h>
#include <stdint.h>

/** number_take(text, max, number): read the digits that ${text} begins with.
 *  Returns what follows; NULL: there are none, or they are above ${max}. */
const char *number_take(const char *text, uint64_t max, uint64_t *number);

/** number_read(text, min, max, number): the whole text; false when it is none
 *  from ${min} to ${max}. */
bool number_read(const char *text, uint64_t min, uint64_t max,
                 uint64_t *number);

#endif /* BASE_NUMBER_H */
