/* SPDX-License-Identifier: MIT */
#ifndef BASE_HEX_H
#define BASE_HEX_H

/*
 * Bytes as hexadecimal digits and back. Quick, since every push writes a
 * token and every line of an import reads one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** hex_digit(c): the value of a digit of either case; -1: it is none. */
int hex_digit(char c);

/** hex_write(bytes, len, hex): 2*${len} lower-case digits and a NUL. */
void hex_write(const void *bytes, size_t len, char *hex);

/**
 * hex_read(hex, n_digits, bytes):
 * Read digits of either case, two a byte.
 *
 *   returns  false when their number is odd or one is none; ${bytes} then
 *            holds anything
 */
bool hex_read(const char *hex, size_t n_digits, uint8_t *bytes);

#endif /* BASE_HEX_H */
