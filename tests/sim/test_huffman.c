/* SPDX-License-Identifier: MIT */
#include <nghttp2/nghttp2.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "bench/sim/field.h"
#include "bench/sim/huffman.h"
#include "bench/sim/sim_uuid.h"

#define MAX_TEXT 300

/* Decode a header block of one header; its value must be the UUID. */
static void
expect_inflated(nghttp2_hd_inflater *inflater, uint8_t *block, size_t len,
                const char *uuid)
{
    nghttp2_nv nv = {.namelen = 0};
    int flags = 0;

    assert_true(nghttp2_hd_inflate_hd2(inflater, &nv, &flags, block, len, 1) >
                0);
    assert_true(flags & NGHTTP2_HD_INFLATE_EMIT);
    assert_int_equal(nv.valuelen, SIM_UUID_LEN);
    assert_memory_equal(nv.value, uuid, SIM_UUID_LEN);
    nghttp2_hd_inflate_end_headers(inflater);
}

static void
nghttp2_reads_every_uuid(void **state)
{
    struct rng rng = {.state = 42};
    nghttp2_hd_inflater *inflater;

    (void)state;
    assert_int_equal(nghttp2_hd_inflate_new(&inflater), 0);
    for (int i = 0; i < 5000; i++) {
        /* Literal without indexing, the name "x". */
        uint8_t block[4 + HUFFMAN_UUID_ROOM] = {0x00, 0x01, 'x'};
        char uuid[SIM_UUID_LEN];
        size_t len;

        sim_uuid_write(&rng, uuid);
        len = huffman_uuid(block + 4, uuid);
        assert_in_range(len, 22, 32);
        block[3] = (uint8_t)(0x80 | len);
        expect_inflated(inflater, block, 4 + len, uuid);
    }
    nghttp2_hd_inflate_del(inflater);
}

static const char hex[] = "0123456789abcdef";

/* Code it as a client does; the code's place in ${block}, and its length. */
static const uint8_t *
deflate(const char *text, size_t len, uint8_t *block, size_t *code_len)
{
    nghttp2_nv nv = {.name = (uint8_t *)(uintptr_t) ":path",
                     .value = (uint8_t *)(uintptr_t)text,
                     .namelen = 5,
                     .valuelen = len,
                     .flags = NGHTTP2_NV_FLAG_NO_INDEX};
    nghttp2_hd_deflater *deflater;
    uint32_t shift = 0;
    const uint8_t *at = block + 2;
    ssize_t n;

    assert_int_equal(nghttp2_hd_deflate_new(&deflater, 4096), 0);
    n = nghttp2_hd_deflate_hd(deflater, block, MAX_TEXT * 4, &nv, 1);
    nghttp2_hd_deflate_del(deflater);
    assert_true(n > 2);
    *code_len = block[1] & 0x7f;
    if (*code_len == 0x7f)
        do {
            *code_len += (size_t)(*at & 0x7f) << shift;
            shift += 7;
        } while (*at++ & 0x80);
    assert_int_equal(at + *code_len, block + n);
    return block[1] & 0x80 ? at : NULL; /* nghttp2 found it too long */
}

static void
what_nghttp2_codes_is_read(void **state)
{
    struct huffman *huffman = huffman_new();
    struct rng rng = {.state = 7};
    static uint8_t block[MAX_TEXT * 4];
    static char text[MAX_TEXT], read[HUFFMAN_ROOM(MAX_TEXT * 4)];
    uint32_t n_read = 0;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        size_t len = 1 + rng_below(&rng, MAX_TEXT - 1), code_len;
        /* All octets, or short codes with few long ones among them. */
        bool is_wild = rng_unit(&rng) < 0.1;
        const uint8_t *code;

        for (size_t j = 0; j < len; j++)
            text[j] = is_wild || rng_unit(&rng) < 0.05
                          ? (char)rng_below(&rng, 256)
                          : hex[rng_below(&rng, 16)];
        if ((code = deflate(text, len, block, &code_len)) == NULL)
            continue;
        n_read++;
        assert_int_equal(huffman_read(huffman, read, code, code_len), len);
        assert_memory_equal(read, text, len);
    }
    assert_true(n_read > 10000);
    huffman_free(huffman);
}

static void
every_octet_is_read(void **state)
{
    struct huffman *huffman = huffman_new();
    uint8_t block[MAX_TEXT * 4];
    char text[8], read[64];

    (void)state;
    /* Among zeros, so that nghttp2 does not find the code too long. */
    for (int c = 0; c < 256; c++) {
        size_t code_len;
        const uint8_t *code;

        memset(text, '0', sizeof text);
        text[3] = (char)c;
        code = deflate(text, sizeof text, block, &code_len);
        if (code == NULL)
            continue;
        assert_int_equal(huffman_read(huffman, read, code, code_len),
                         sizeof text);
        assert_memory_equal(read, text, sizeof text);
    }
    huffman_free(huffman);
}

static void
what_is_no_code_is_refused(void **state)
{
    struct huffman *huffman = huffman_new();
    static const struct {
        const char *code;
        size_t len;
    } cases[] = {
        {"\xff", 1},                 /* padding alone, and too much of it */
        {"\x07\xff", 2},             /* "0", then 11 bits of it */
        {"\x00", 1},                 /* "0", then padding of zeros */
        {"\x06", 1},                 /* the same, but for the last bits */
        {"\xff\xff\xff\xff", 4},     /* EOS */
        {"\x1f\xff\xff\xff\xfc", 5}, /* the same, behind a character */
        {"\xff\xfe", 2},             /* the beginning of a long code */
        {"\x00\x00\x00\x00\x00\x00\x00\x00\x00", 9},
    };
    char read[64];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (huffman_read(huffman, read, (const uint8_t *)cases[i].code,
                         cases[i].len) != HUFFMAN_BROKEN)
            fail_msg("case %zu is read", i);
    assert_int_equal(huffman_read(huffman, read, (const uint8_t *)"", 0), 0);
    huffman_free(huffman);
}

static void
tokens_are_read_out_of_usual_paths(void **state)
{
    struct huffman *huffman = huffman_new();
    struct rng rng = {.state = 9};
    uint8_t block[MAX_TEXT * 4], token[FIELD_MAX_TOKEN], wanted[32];

    (void)state;
    for (int i = 0; i < 5000; i++) {
        char path[sizeof "/3/device/" + 64];
        size_t code_len, n = 10;
        const uint8_t *code;

        memcpy(path, "/3/device/", n);
        for (size_t j = 0; j < 32; j++) {
            wanted[j] = (uint8_t)rng_next(&rng);
            path[n++] = hex[wanted[j] >> 4];
            path[n++] = hex[wanted[j] & 15];
        }
        code = deflate(path, n, block, &code_len);
        assert_non_null(code);
        assert_int_equal(huffman_read_token(huffman, token, code, code_len),
                         32);
        assert_memory_equal(token, wanted, 32);
        /* One bit less of padding, or a bit of it wrong. */
        assert_int_equal(huffman_read_token(huffman, token, code, code_len - 1),
                         0);
    }
    huffman_free(huffman);
}

static void
other_paths_are_not_mistaken_for_tokens(void **state)
{
    static const char *const paths[] = {
        "/3/device/",
        "/3/device/00000000",       /* zeros alone */
        "/3/device/0011223",        /* an odd digit */
        "/3/device/00112233445566", /* no multiple of 4 octets: unusual */
        "/3/device/0011223g",
        "/3/device/AABBCCDD",
        "/3/device/00112233/",
        "/3/devices/0011223344556677",
        "/2/device/0011223344556677",
    };
    struct huffman *huffman = huffman_new();
    uint8_t block[MAX_TEXT * 4], token[FIELD_MAX_TOKEN];

    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        size_t code_len;
        const uint8_t *code =
            deflate(paths[i], strlen(paths[i]), block, &code_len);

        assert_non_null(code);
        if (huffman_read_token(huffman, token, code, code_len) != 0)
            fail_msg("%s is taken", paths[i]);
    }
    huffman_free(huffman);
}

static void
uuids_are_canonical_and_differ(void **state)
{
    struct rng rng = {.state = 1};
    char uuid[SIM_UUID_LEN], other[SIM_UUID_LEN];

    (void)state;
    sim_uuid_write(&rng, uuid);
    sim_uuid_write(&rng, other);
    assert_memory_not_equal(uuid, other, sizeof uuid);
    for (int i = 0; i < SIM_UUID_LEN; i++) {
        if (i == 8 || i == 13 || i == 18 || i == 23)
            assert_int_equal(uuid[i], '-');
        else
            assert_non_null(memchr("0123456789ABCDEF", uuid[i], 16));
    }
    assert_int_equal(uuid[14], '4');
    assert_non_null(memchr("89AB", uuid[19], 4));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nghttp2_reads_every_uuid),
        cmocka_unit_test(what_nghttp2_codes_is_read),
        cmocka_unit_test(every_octet_is_read),
        cmocka_unit_test(what_is_no_code_is_refused),
        cmocka_unit_test(tokens_are_read_out_of_usual_paths),
        cmocka_unit_test(other_paths_are_not_mistaken_for_tokens),
        cmocka_unit_test(uuids_are_canonical_and_differ),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
