/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_SIM_HPACK_H
#define ROUSE_SIM_HPACK_H

/*
 * Reading HPACK, RFC 7541: header blocks in, fields out. What a field is worth
 * (field.h) is found when it enters a table, and comes out with it.
 */

#include "field.h"

#define HPACK_TABLE_SIZE 4096  /* HTTP/2's default: SETTINGS never say more */
#define HPACK_BLOCK_MAX  16384 /* bytes of a block that hpack_next can take */

struct hpack;
struct huffman;

struct hpack_field {
    struct field_text name, value; /* no value: field.token is all of it */
    struct field field;
};

/* What is left of a block. */
struct hpack_block {
    const uint8_t *at, *end;
    bool is_broken; /* so is the table, then */
};

/**
 * hpack_new(huffman, topic):
 * A connection's decoder; its certificate is for ${topic}.
 *
 *   owns     borrows both
 *   returns  NULL without memory
 */
struct hpack *hpack_new(const struct huffman *huffman, const char *topic);

/** hpack_free(hpack): NULL is fine. */
void hpack_free(struct hpack *hpack);

/** hpack_begin(hpack, block): read what comes before its fields. */
void hpack_begin(struct hpack *hpack, struct hpack_block *block);

/**
 * hpack_next(hpack, block):
 * The block's next field, good until the next call.
 *
 *   returns  NULL when there is none, or when it is_broken
 */
const struct hpack_field *hpack_next(struct hpack *hpack,
                                     struct hpack_block *block);

#endif /* ROUSE_SIM_HPACK_H */
