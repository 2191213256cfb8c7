/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "apns/base/pem.h"
#include "tests/support/unit.h"

/* The ${n}th block of ${text}. */
static struct pem_block
block_of(const char *text, int n)
{
    struct pem_block block;
    size_t at = 0;

    for (; n > 0; n--)
        assert_true(pem_next(text, strlen(text), &at, &block));
    assert_true(pem_next(text, strlen(text), &at, &block));
    return block;
}

static void
expect_body(const struct pem_block *block, const char *body)
{
    assert_int_equal(block->body_len, strlen(body));
    assert_memory_equal(block->body, body, strlen(body));
}

TEST(blocks_are_found_between_any_text)
{
    static const char text[] = "Bag Attributes\n-----BEGIN A B-----\nQUJD\n"
                               "-----END A B----------BEGIN C-----Zm9v-----END "
                               "C-----rest";
    struct pem_block block = block_of(text, 0);
    size_t at = 0;

    assert_string_equal(block.type, "A B");
    expect_body(&block, "\nQUJD\n");
    assert_false(block.is_cut || block.is_other_end);
    assert_null(block.header);
    block = block_of(text, 1);
    assert_string_equal(block.type, "C");
    expect_body(&block, "Zm9v");
    assert_false(block.is_cut || block.is_other_end);
    assert_true(pem_next(text, strlen(text), &at, &block));
    assert_true(pem_next(text, strlen(text), &at, &block));
    assert_false(pem_next(text, strlen(text), &at, &block));
    at = 0;
    assert_false(pem_next("", 0, &at, &block));
}

TEST(a_block_without_its_end_is_cut)
{
    static const char text[] =
        "-----BEGIN A-----\nQUJD\n-----BEGIN B-----\nZm9v\n-----END B-----\n"
        "-----BEGIN C-----\nQUJD";
    struct pem_block block = block_of(text, 0);

    assert_true(block.is_cut);
    expect_body(&block, "\nQUJD\n");
    block = block_of(text, 1);
    assert_false(block.is_cut);
    assert_string_equal(block.type, "B");
    block = block_of(text, 2);
    assert_true(block.is_cut);
    expect_body(&block, "\nQUJD");
}

TEST(an_end_of_another_type_is_told_apart)
{
    struct pem_block block =
        block_of("-----BEGIN A-----QUJD-----END AB-----", 0);

    assert_true(block.is_other_end);
    assert_false(block.is_cut);
    expect_body(&block, "QUJD");
    assert_true(block_of("-----BEGIN A-----QUJD-----END A", 0).is_other_end);
}

#define SIXTEEN "XXXXXXXXXXXXXXXX"

TEST(what_cannot_be_shown_is_no_type)
{
    static const char *const texts[] = {
        "-----BEGIN -----\n-----END -----",
        "-----BEGIN A\nB-----\n-----END A\nB-----",
        "-----BEGIN \xff\xfe-----\n-----END \xff\xfe-----",
        "-----BEGIN ",
        "-----BEGIN " SIXTEEN SIXTEEN SIXTEEN SIXTEEN "-----",
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct pem_block block = block_of(texts[i], 0);

        assert_string_equal(block.type, "?");
        assert_true(block.is_cut);
        assert_int_equal(block.body_len, 0);
    }
}

TEST(an_old_encryption_header_is_split_off)
{
    static const char *const ends[] = {"\n", "\r\n"};
    static const char header[] = "Proc-Type: 4,ENCRYPTED\nDEK-Info: X,00\n";

    for (size_t i = 0; i < 2; i++) {
        char text[256];
        struct pem_block block;

        snprintf(text, sizeof text,
                 "-----BEGIN KEY-----%s%s%sQUJD-----END KEY-----", ends[i],
                 header, ends[i]);
        block = block_of(text, 0);
        assert_int_equal(block.header_len, strlen(header));
        assert_memory_equal(block.header, header, strlen(header));
        expect_body(&block, "QUJD");
    }
    /* Without the blank line nobody knows where it ends. */
    assert_int_equal(block_of("-----BEGIN KEY-----\nProc-Type: 4\nQUJD\n"
                              "-----END KEY-----",
                              0)
                         .header_len,
                     0);
}
