/* SPDX-License-Identifier: MIT */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

/*
 * Bytes as base64 (RFC 4648, with padding) and back.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BASE64_SIZE(len) (((len) + 2) / 3 * 4 + 1) /* with the NUL */
#define BASE64_ROOM(len) ((len) / 4 * 3)           /* what base64_read needs */

/** base64_write(bytes, len, text): on one line, into BASE64_SIZE(${len})
 *  bytes. Returns the length without the NUL. */
size_t base64_write(const void *bytes, size_t len, char *text);

/**
 * base64_read(text, len, bytes, n):
 * Read whole groups of four with their padding, and nothing beside them.
 *
 *   shape    ${bytes} has room for BASE64_ROOM(${len}); ${*n} is what is used
 *   returns  false when it is not base64, or empty
 */
bool base64_read(const char *text, size_t len, uint8_t *bytes, size_t *n);

/** base64_new(bytes, len): as base64_write, in new memory; NULL: there is
 *  none. */
char *base64_new(const void *bytes, size_t len);

/**
 * base64_read_loose(text, len, n):
 * Read base64 with white space anywhere in it (also the two characters "\n"
 * that a shell or JSON left behind), into new memory with a NUL behind it.
 *
 *   owns     OPENSSL_clear_free(bytes, ${*n} + 1): it may be a key
 *   returns  NULL when it is not base64, empty, or memory is short
 */
unsigned char *base64_read_loose(const char *text, size_t len, size_t *n);

#endif /* BASE_BASE64_H */
