/* SPDX-License-Identifier: MIT */
#ifndef CLI_WIDTH_H
#define CLI_WIDTH_H

/*
 * How many columns of a terminal a UTF-8 text takes: East Asian wide
 * characters two, combining marks none. The table is our own, for the C
 * library's depends on the locale. A byte that is no UTF-8 takes one.
 */

#include <stddef.h>

/** cli_width_of(text): columns of the whole text. */
size_t cli_width_of(const char *text);

/** cli_width_head(text, width): bytes of its longest beginning that takes at
 *  most ${width} columns. */
size_t cli_width_head(const char *text, size_t width);

/** cli_width_tail(text, width): the offset of its longest end that takes at
 *  most ${width} columns. */
size_t cli_width_tail(const char *text, size_t width);

#endif /* CLI_WIDTH_H */
