/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "apns/base/base64.h"
#include "tests/support/unit.h"

/* RFC 4648, section 10, and what needs the last two letters. */
static const struct {
    const char *bytes;
    const char *text;
} pairs[] = {
    {"f", "Zg=="},        {"fo", "Zm8="},        {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"},
    {"\xfb\xff", "+/8="},
};

#define N_PAIRS (sizeof pairs / sizeof pairs[0])

TEST(the_vectors_of_the_rfc_are_written_and_read)
{
    for (size_t i = 0; i < N_PAIRS; i++) {
        size_t len = strlen(pairs[i].bytes), text_len = strlen(pairs[i].text);
        size_t n = 0;
        char text[16], *made = base64_new(pairs[i].bytes, len);
        uint8_t bytes[16];

        assert_int_equal(base64_write(pairs[i].bytes, len, text), text_len);
        assert_string_equal(text, pairs[i].text);
        assert_string_equal(made, pairs[i].text);
        assert_int_equal(BASE64_SIZE(len), text_len + 1);
        free(made);
        assert_true(base64_read(text, text_len, bytes, &n));
        assert_int_equal(n, len);
        assert_memory_equal(bytes, pairs[i].bytes, len);
    }
}

TEST(anything_but_whole_groups_is_refused)
{
    static const char *const others[] = {
        "",          "Zm9",
        "Zm9vY",     "Z===",
        "====",      "Zg==Zg==",
        "Zm9v\n   ", " Zm9v   ",
        "Zm9-",      "Zm9vZm9-",
        "Zm9v----",  "Zm_v",
        "Z=m=",      "Zm9v\xc3\xa4\xc3\xa4",
    };

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        uint8_t bytes[16];
        size_t n;

        assert_false(base64_read(others[i], strlen(others[i]), bytes, &n));
    }
}

TEST(the_loose_reader_passes_over_white_space_alone)
{
    static const char text[] = " Zm\n9v\\nYm\\r\t\r\nFy\\n";
    size_t n = 0;
    unsigned char *bytes = base64_read_loose(text, strlen(text), &n);

    assert_int_equal(n, 6);
    assert_memory_equal(bytes, "foobar", sizeof "foobar");
    OPENSSL_free(bytes);
    assert_null(base64_read_loose("Zm9v-", 5, &n));
    assert_null(base64_read_loose("Zm9v\\t", 6, &n));
    assert_null(base64_read_loose("\n", 1, &n));
    assert_null(base64_read_loose("", 0, &n));
}
