/* SPDX-License-Identifier: MIT */

#include "apns/base/number.h"
#include "tests/support/unit.h"

TEST(whole_numbers_are_read_within_their_range)
{
    uint64_t n;

    assert_true(number_read("0", 0, 0, &n) && n == 0);
    assert_true(number_read("007", 1, 7, &n) && n == 7);
    assert_false(number_read("8", 1, 7, &n));
    assert_false(number_read("70", 1, 7, &n));
    assert_false(number_read("0", 1, 7, &n));
    assert_true(number_read("18446744073709551615", 0, UINT64_MAX, &n));
    assert_true(n == UINT64_MAX);
    assert_false(number_read("18446744073709551616", 0, UINT64_MAX, &n));
    assert_false(number_read("99999999999999999999", 0, UINT64_MAX, &n));
}

TEST(nothing_but_digits_is_a_number)
{
    static const char *const wrong[] = {"",   " 1", "1 ",  "+1", "-1",
                                        "1x", "x",  "0x1", "1.0"};
    uint64_t n;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(number_read(wrong[i], 0, 100, &n));
}

TEST(what_follows_the_digits_is_returned)
{
    static const char text[] = "12h";
    uint64_t n;

    assert_ptr_equal(number_take(text, 12, &n), text + 2);
    assert_int_equal(n, 12);
    assert_null(number_take(text, 11, &n));
    assert_null(number_take(text + 2, 11, &n));
}
