/* SPDX-License-Identifier: MIT */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

/* Strings that may be NULL. */

#include <stdbool.h>
#include <stddef.h>

/** text_is_short(text, max): no more than ${max} bytes; NULL is short. */
bool text_is_short(const char *text, size_t max);

/** text_copy(to, text, absent): a copy of ${text}, or of ${absent} where that
 *  is NULL, or NULL where both are. False: no memory. */
bool text_copy(const char **to, const char *text, const char *absent);

#endif /* BASE_TEXT_H */
