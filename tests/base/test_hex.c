/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "apns/base/hex.h"
#include "tests/support/unit.h"

TEST(every_byte_comes_back_from_its_digits)
{
    uint8_t bytes[256], again[256];
    char hex[2 * 256 + 1], expected[24];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    /* Also what no block of eight covers, at every length. */
    for (size_t len = 0; len <= sizeof bytes; len++) {
        hex_write(bytes, len, hex);
        assert_int_equal(strlen(hex), 2 * len);
        for (size_t i = 0; i < len; i++) {
            snprintf(expected, sizeof expected, "%02zx", i);
            assert_memory_equal(hex + 2 * i, expected, 2);
        }
        assert_true(hex_read(hex, 2 * len, again));
        assert_memory_equal(again, bytes, len);
    }
}

TEST(either_case_is_read_and_nothing_else)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    uint8_t byte;

    for (int c = 0; c < 256; c++) {
        const char *at = c == 0 ? NULL : strchr(digits, c);
        int value = at == NULL ? -1 : (int)(at - digits);
        char pair[] = {(char)c, '1', '1', (char)c};

        if (value > 15)
            value -= 6;
        assert_int_equal(hex_digit((char)c), value);
        assert_int_equal(hex_read(pair, 2, &byte), value >= 0);
        assert_true(value < 0 || byte == (value << 4 | 1));
        assert_int_equal(hex_read(pair + 2, 2, &byte), value >= 0);
        assert_true(value < 0 || byte == (1 << 4 | value));
    }
}

TEST(an_odd_number_of_digits_is_refused)
{
    uint8_t bytes[2];

    assert_false(hex_read("abc", 3, bytes));
    assert_true(hex_read("", 0, bytes));
}
