/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "apns/base/hex.h"

static void
every_byte_comes_back_from_its_digits(void **state)
{
    uint8_t bytes[256], again[256];
    char hex[2 * 256 + 1], expected[24];

    (void)state;
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

static void
either_case_is_read_and_nothing_else(void **state)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    uint8_t byte;

    (void)state;
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

static void
an_odd_number_of_digits_is_refused(void **state)
{
    uint8_t bytes[2];

    (void)state;
    assert_false(hex_read("abc", 3, bytes));
    assert_true(hex_read("", 0, bytes));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_comes_back_from_its_digits),
        cmocka_unit_test(either_case_is_read_and_nothing_else),
        cmocka_unit_test(an_odd_number_of_digits_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
