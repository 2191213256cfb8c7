/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_SIM_HUFFMAN_H
#define ROUSE_SIM_HUFFMAN_H

/*
 * HPACK's Huffman code, RFC 7541 section 5.2: reading all of it, and writing
 * as much of it as an apns-id needs.
 */

#include <stddef.h>
#include <stdint.h>

#define HUFFMAN_UUID_ROOM 40 /* bytes that huffman_uuid may touch */

/* Bytes that huffman_read may touch for ${len} bytes of code: the shortest
 * code has 5 bits. */
#define HUFFMAN_ROOM(len) ((len)*8 / 5 + 2)

/* What huffman_read returns for what is no Huffman code. */
#define HUFFMAN_BROKEN SIZE_MAX

struct huffman;

/** huffman_new(): the tables for reading; NULL without memory. */
struct huffman *huffman_new(void);

/** huffman_free(huffman): NULL is fine. */
void huffman_free(struct huffman *huffman);

/**
 * huffman_read(huffman, to, code, len):
 * Decode a string.
 *
 *   shape    ${to} has HUFFMAN_ROOM(len) bytes
 *   returns  the characters' number, or HUFFMAN_BROKEN
 */
size_t huffman_read(const struct huffman *huffman, char *to,
                    const uint8_t *code, size_t len);

/**
 * huffman_read_token(huffman, token, code, len):
 * Decode a path that is FIELD_PATH_PREFIX and a device token in lower case,
 * as nearly all paths are, without the detour by its text.
 *
 *   shape    ${token} has FIELD_MAX_TOKEN bytes
 *   returns  the token's length in bytes; 0: it is something else
 */
uint16_t huffman_read_token(const struct huffman *huffman, uint8_t *token,
                            const uint8_t *code, size_t len);

/**
 * huffman_uuid(to, uuid):
 * Encode the CHANCE_UUID_LEN characters of an upper-case UUID.
 *
 *   returns  the bytes used, at most 32; up to HUFFMAN_UUID_ROOM are written
 */
size_t huffman_uuid(uint8_t *to, const char *uuid);

#endif /* ROUSE_SIM_HUFFMAN_H */
