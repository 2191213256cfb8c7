/* SPDX-License-Identifier: MIT */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

/*
 * UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing beyond
 * U+10FFFF.
 */

#include <stddef.h>
#include <stdint.h>

/**
 * utf8_read(text, len, code):
 * Read the character that ${text} begins with. A NUL is one too, and what it
 * cuts off is none, so of a string ${len} may be UTF8_MAX.
 *
 *   returns  the bytes it has; 0: none begins here
 */
size_t utf8_read(const char *text, size_t len, uint32_t *code);

#define UTF8_MAX 4 /* bytes of a character */

/** utf8_head(text, max): the bytes of whole characters in the first ${max}
 *  of a string. */
size_t utf8_head(const char *text, size_t max);

#endif /* BASE_UTF8_H */
