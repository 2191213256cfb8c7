/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_SIM_HUFFMAN_H
#define ROUSE_SIM_HUFFMAN_H

/*
 * HPACK's Huffman code, as much of it as an apns-id needs.
 */

#include <stddef.h>
#include <stdint.h>

#define HUFFMAN_UUID_ROOM 40 /* bytes that huffman_uuid may touch */

/**
 * huffman_uuid(to, uuid):
 * Encode the CHANCE_UUID_LEN characters of an upper-case UUID.
 *
 *   returns  the bytes used, at most 32; up to HUFFMAN_UUID_ROOM are written
 */
size_t huffman_uuid(uint8_t *to, const char *uuid);

#endif /* ROUSE_SIM_HUFFMAN_H */
