/* SPDX-License-Identifier: MIT */
#ifndef BASE_WIDTH_H
#define BASE_WIDTH_H

/*
 * How many columns of a terminal a UTF-8 text takes: East Asian wide
 * characters two, combining marks none. The table is our own, for the C
 * library's depends on the locale. A byte that is no UTF-8 takes one.
 */

#include <stddef.h>

/** width_of(text): columns of the whole text. */
size_t width_of(const char *text);

/** width_head(text, width): bytes of its longest beginning that takes at
 *  most ${width} columns. */
size_t width_head(const char *text, size_t width);

/** width_tail(text, width): the offset of its longest end that takes at
 *  most ${width} columns. */
size_t width_tail(const char *text, size_t width);

#endif /* BASE_WIDTH_H */
