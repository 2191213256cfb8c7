/* SPDX-License-Identifier: MIT */
/*
 * HPACK's decoder against nghttp2, which is right by definition: what its
 * encoder writes is read, and what its decoder refuses is refused.
 */
#include <nghttp2/nghttp2.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "apns/base/rng.h"
#include "bench/sim/hpack.h"
#include "bench/sim/huffman.h"

#define TOPIC      "com.apple.mgmt.External.hpack"
#define MAX_FIELDS 12
#define MAX_TEXT   200

static struct huffman *huffman;
static struct hpack *hpack;

static int
open_hpack(void **state)
{
    (void)state;
    huffman = huffman_new();
    hpack = hpack_new(huffman, TOPIC);
    return huffman == NULL || hpack == NULL;
}

static int
close_hpack(void **state)
{
    (void)state;
    hpack_free(hpack);
    huffman_free(huffman);
    return 0;
}

static void
expect_bytes(struct field_text text, const void *wanted, size_t len)
{
    assert_int_equal(text.len, len);
    assert_memory_equal(text.at, wanted, len);
}

/* A path whose token is known has no value. */
static void
expect_value_of(const struct hpack_field *field, const nghttp2_nv *nv)
{
    uint8_t token[FIELD_MAX_TOKEN];
    uint16_t len;

    if (field->field.token == NULL) {
        expect_bytes(field->value, nv->value, nv->valuelen);
        return;
    }
    assert_null(field_path_read(
        (struct field_text){(const char *)nv->value, nv->valuelen}, token,
        &len));
    assert_int_equal(field->field.token_len, len);
    assert_memory_equal(field->field.token, token, len);
}

/* What comes with a field out of the table is what it is worth. */
static void
expect_worth(const struct hpack_field *field, const nghttp2_nv *nv)
{
    struct field_text name = {(const char *)nv->name, nv->namelen};
    struct field_text value = {(const char *)nv->value, nv->valuelen};
    enum field_kind kind = field_kind_of(name);
    struct field worth = field_read(kind, name, value, TOPIC);

    assert_int_equal(field->field.kind, kind);
    if (field->field.token != NULL)
        return;
    assert_int_equal(field->field.is_malformed, worth.is_malformed);
    assert_ptr_equal(field->field.reason, worth.reason);
}

/* The block in memory of its own, so that reading beyond it is found. */
static void
expect_fields(const uint8_t *block, size_t len, const nghttp2_nv *nva, size_t n)
{
    uint8_t *copy = test_malloc(len);
    struct hpack_block left = {.at = copy, .end = copy + len};
    const struct hpack_field *field;
    size_t i = 0;

    memcpy(copy, block, len);
    hpack_begin(hpack, &left);
    while ((field = hpack_next(hpack, &left)) != NULL) {
        assert_true(i < n);
        expect_bytes(field->name, nva[i].name, nva[i].namelen);
        expect_value_of(field, &nva[i]);
        expect_worth(field, &nva[i]);
        i++;
    }
    assert_false(left.is_broken);
    assert_int_equal(i, n);
    test_free(copy);
}

/* Few names and values, that come again, and some that do not. */
static nghttp2_nv
make_nv(struct rng *rng, char *text)
{
    static const char *const names[] = {
        ":method", ":path",   ":scheme",       ":authority", "apns-topic",
        "apns-id", "x-other", "apns-priority", "cookie",     "accept",
    };
    static const char *const values[] = {
        "POST", "https", "/3/device/00112233445566778899aabbccddeeff",
        "mdm",  "10",    "/3/device/AABB",
        TOPIC,  "",      "EC1BF194-B3B2-424A-89A9-5A918A6E6B5F",
    };
    const char *name = names[rng_below(rng, 10)];
    const char *value = values[rng_below(rng, 9)];
    size_t len = strlen(value);

    if (rng_unit(rng) < 0.3) {
        value = text;
        len = rng_below(rng, MAX_TEXT);
        for (size_t i = 0; i < len; i++)
            text[i] = (char)(rng_unit(rng) < 0.9 ? 'a' + (int)rng_below(rng, 26)
                                                 : (int)rng_below(rng, 256));
    }
    return (nghttp2_nv){
        .name = (uint8_t *)(uintptr_t)name,
        .value = (uint8_t *)(uintptr_t)value,
        .namelen = strlen(name),
        .valuelen = len,
        .flags = rng_unit(rng) < 0.2 ? NGHTTP2_NV_FLAG_NO_INDEX
                                     : NGHTTP2_NV_FLAG_NONE,
    };
}

static void
what_nghttp2_writes_is_read(void **state)
{
    struct rng rng = {.state = 3};
    nghttp2_hd_deflater *deflater;
    static uint8_t block[16384];
    static char texts[MAX_FIELDS][MAX_TEXT];
    nghttp2_nv nva[MAX_FIELDS] = {{.namelen = 0}};

    (void)state;
    assert_int_equal(nghttp2_hd_deflate_new(&deflater, HPACK_TABLE_SIZE), 0);
    for (int i = 0; i < 20000; i++) {
        size_t n = rng_below(&rng, MAX_FIELDS + 1);
        ssize_t len;

        /* Sizes that empty the table, hold some, and are announced twice. */
        while (rng_unit(&rng) < 0.02)
            nghttp2_hd_deflate_change_table_size(
                deflater, rng_below(&rng, HPACK_TABLE_SIZE + 1));
        for (size_t j = 0; j < n; j++)
            nva[j] = make_nv(&rng, texts[j]);
        len = nghttp2_hd_deflate_hd(deflater, block, sizeof block, nva, n);
        assert_true(len >= 0);
        expect_fields(block, (size_t)len, nva, n);
    }
    nghttp2_hd_deflate_del(deflater);
}

/* Read all of a block; false when it is broken. */
static bool
is_read(const void *bytes, size_t len)
{
    uint8_t *copy = test_malloc(len);
    struct hpack_block block = {.at = copy, .end = copy + len};

    memcpy(copy, bytes, len);
    hpack_begin(hpack, &block);
    while (hpack_next(hpack, &block) != NULL)
        ;
    test_free(copy);
    return !block.is_broken;
}

static void
what_is_no_block_is_refused(void **state)
{
    static const struct {
        const char *what, *block;
        size_t len;
    } cases[] = {
        {"index 0", "\x80", 1},
        {"an index beyond the tables", "\xbe", 1},
        {"an index without its end", "\xff", 1},
        {"an endless index", "\xff\xff\xff\xff\xff\xff\xff\xff", 8},
        {"an index of more than 2^24", "\xff\x80\x80\x80\x7f", 5},
        {"a name's index beyond the tables", "\x7e\x01x", 3},
        {"a literal without a value", "\x04", 1},
        {"a value longer than the block", "\x04\x05/", 3},
        {"a name longer than the block", "\x00\x05x", 3},
        {"a value that is no Huffman code", "\x04\x81\xff", 3},
        {"a table of more than 4096", "\x3f\xe2\x1f", 3},
        {"a table size behind a field", "\x82\x20", 2},
        {"a table size without its end", "\x3f", 1},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (is_read(cases[i].block, cases[i].len))
            fail_msg("%s is read", cases[i].what);
        close_hpack(state);
        open_hpack(state);
    }
}

static void
every_form_of_a_field_is_read(void **state)
{
    static const char id[] = "apns-priority", value[] = "10";
    static const struct {
        const char *block;
        size_t len;
    } cases[] = {
        /* inserted, new name */
        {"\x40\x0d"
         "apns-priority\x02"
         "10",
         18},
        /* from the table */
        {"\xbe", 1},
        /* name from the table */
        {"\x0f\x2f\x02"
         "10",
         5},
        /* never indexed, name from the table */
        {"\x1f\x2f\x02"
         "10",
         5},
        /* not indexed, new name */
        {"\x00\x0d"
         "apns-priority\x02"
         "10",
         18},
        /* never indexed, new name */
        {"\x10\x0d"
         "apns-priority\x02"
         "10",
         18},
        /* Huffman */
        {"\x0f\x2f\x82\x08\x3f", 5},
        /* behind two table sizes */
        {"\x20\x3f\xe1\x1f\x00\x0d"
         "apns-priority\x02"
         "10",
         22},
    };
    nghttp2_nv nv = {.name = (uint8_t *)(uintptr_t)id,
                     .value = (uint8_t *)(uintptr_t)value,
                     .namelen = sizeof id - 1,
                     .valuelen = sizeof value - 1};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        expect_fields((const uint8_t *)cases[i].block, cases[i].len, &nv, 1);
    }
    /* The last one emptied the table. */
    assert_false(is_read("\xbe", 1));
}

static void
what_is_larger_than_the_table_empties_it(void **state)
{
    static uint8_t block[8 + HPACK_TABLE_SIZE] = {0x40, 0x01, 'x', 0x7f};
    size_t len = HPACK_TABLE_SIZE;

    (void)state;
    assert_true(is_read("\x40\x01x\x01y", 5));
    assert_true(is_read("\xbe", 1));
    memset(block + 6, 'z', len);
    block[4] = (uint8_t)(0x80 | ((len - 127) & 0x7f));
    block[5] = (uint8_t)((len - 127) >> 7);
    assert_true(is_read(block, 6 + len));
    assert_false(is_read("\xbe", 1));
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, open_hpack, close_hpack)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_nghttp2_writes_is_read),
        TEST(what_is_no_block_is_refused),
        TEST(every_form_of_a_field_is_read),
        TEST(what_is_larger_than_the_table_empties_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
