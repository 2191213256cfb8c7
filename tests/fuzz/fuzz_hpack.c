/* SPDX-License-Identifier: MIT */
#include <nghttp2/nghttp2.h>
#include <stdlib.h>
#include <string.h>

#include "bench/sim/hpack.h"
#include "bench/sim/huffman.h"
#include "bench/sim/sim.h"

/*
 * Any bytes as header blocks, one after the other on one connection: nghttp2's
 * decoder finds the same fields, or both find the block broken. The input's
 * first byte of each block is its length.
 */

#define TOPIC "com.apple.mgmt.External.fuzz"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len);

static void
check_same(const struct hpack_field *field, const nghttp2_nv *nv)
{
    struct field_text value = {(const char *)nv->value, nv->valuelen};
    uint8_t token[FIELD_MAX_TOKEN];
    uint16_t token_len;

    must(field->name.len == nv->namelen &&
         memcmp(field->name.at, nv->name, nv->namelen) == 0);
    if (field->field.token == NULL) {
        must(field->value.len == nv->valuelen);
        must(nv->valuelen == 0 ||
             memcmp(field->value.at, nv->value, nv->valuelen) == 0);
    } else {
        must(field_path_read(value, token, &token_len) == NULL);
        must(field->field.token_len == token_len);
        must(memcmp(field->field.token, token, token_len) == 0);
    }
}

/* nghttp2's next field; 1: there is one, 0: none, less: broken. */
static int
next_of_nghttp2(nghttp2_hd_inflater *inflater, const uint8_t **at,
                const uint8_t *end, nghttp2_nv *nv)
{
    int flags;

    do {
        ssize_t n;

        flags = 0;
        n = nghttp2_hd_inflate_hd2(inflater, nv, &flags, *at,
                                   (size_t)(end - *at), 1);
        if (n < 0)
            return -1;
        *at += n;
        if (flags & NGHTTP2_HD_INFLATE_EMIT)
            return 1;
    } while (!(flags & NGHTTP2_HD_INFLATE_FINAL));
    nghttp2_hd_inflate_end_headers(inflater);
    return 0;
}

/* False when the block is broken: then the connection ends. */
static bool
check_block(struct hpack *hpack, nghttp2_hd_inflater *inflater,
            const uint8_t *bytes, size_t len)
{
    struct hpack_block block = {.at = bytes, .end = bytes + len};
    const struct hpack_field *field;
    const uint8_t *at = bytes;
    nghttp2_nv nv;

    hpack_begin(hpack, &block);
    while ((field = hpack_next(hpack, &block)) != NULL) {
        must(next_of_nghttp2(inflater, &at, bytes + len, &nv) == 1);
        check_same(field, &nv);
    }
    must(next_of_nghttp2(inflater, &at, bytes + len, &nv) ==
         (block.is_broken ? -1 : 0));
    return !block.is_broken;
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    /* Made once: it takes longer than all the rest. */
    static struct huffman *huffman;
    struct hpack *hpack;
    nghttp2_hd_inflater *inflater;
    bool is_good = true;

    if (huffman == NULL)
        must((huffman = huffman_new()) != NULL);
    must((hpack = hpack_new(huffman, TOPIC)) != NULL);
    must(nghttp2_hd_inflate_new(&inflater) == 0);
    while (is_good && len > 0) {
        size_t n = *input++;

        len--;
        if (n > len)
            n = len;
        is_good = check_block(hpack, inflater, input, n);
        input += n;
        len -= n;
    }
    nghttp2_hd_inflate_del(inflater);
    hpack_free(hpack);
    return 0;
}
