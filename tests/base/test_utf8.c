/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "apns/base/utf8.h"
#include "tests/support/unit.h"

/* The first and the last character of each length. */
TEST(every_length_is_read_at_its_ends)
{
    static const struct {
        const char *text;
        uint32_t code;
    } all[] = {
        {"", 0},
        {"\x7f", 0x7f},
        {"\xc2\x80", 0x80},
        {"\xdf\xbf", 0x7ff},
        {"\xe0\xa0\x80", 0x800},
        {"\xed\x9f\xbf", 0xd7ff},
        {"\xee\x80\x80", 0xe000},
        {"\xef\xbf\xbf", 0xffff},
        {"\xf0\x90\x80\x80", 0x10000},
        {"\xf4\x8f\xbf\xbf", 0x10ffff},
    };

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        size_t len = i == 0 ? 1 : strlen(all[i].text);
        uint32_t code = 0xdead;

        assert_int_equal(utf8_read(all[i].text, UTF8_MAX, &code), len);
        assert_int_equal(code, all[i].code);
        assert_int_equal(utf8_read(all[i].text, len - 1, &code), 0);
    }
}

TEST(what_the_rfc_forbids_is_no_character)
{
    static const char *const wrong[] = {
        "\x80",
        "\xbf",
        "\xc0\x80",
        "\xc1\xbf",
        "\xe0\x9f\xbf",
        "\xed\xa0\x80",
        "\xed\xbf\xbf",
        "\xf0\x8f\xbf\xbf",
        "\xf8\x88\x80\x80\x80",
        "\xf4\x90\x80\x80",
        "\xff",
        "\xc2",
        "\xc2\x61",
        "\xe2\x82",
        "\xe2\x82\x61",
        "\xf0\x9f\x98",
    };
    uint32_t code;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(utf8_read(wrong[i], UTF8_MAX, &code), 0);
}

TEST(a_head_ends_between_characters)
{
    static const char text[] = "a\xe2\x82\xac"
                               "b"; /* a, the euro, b */
    static const size_t heads[] = {0, 1, 1, 1, 4, 5, 5};

    for (size_t max = 0; max < sizeof heads / sizeof heads[0]; max++)
        assert_int_equal(utf8_head(text, max), heads[max]);
}
