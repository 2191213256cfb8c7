/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "apns/base/width.h"
#include "tests/support/unit.h"

static const struct {
    const char *text;
    size_t width;
    size_t head; /* bytes that fit into three columns */
    size_t tail; /* where the last three columns begin */
} cases[] = {
    {"", 0, 0, 0},
    {"abc", 3, 3, 0},
    {"abcde", 5, 3, 2},
    {"K\xc3\xb6ln", 4, 4, 1},
    /* two characters of two columns: one fits */
    {"\xe5\xad\xa6\xe6\xa0\xa1", 4, 3, 3},
    {"a\xe5\xad\xa6\xe6\xa0\xa1", 5, 4, 4},
    /* e and a combining acute; half-width katakana; a zero-width joiner */
    {"e\xcc\x81xyz", 4, 5, 3},
    {"\xef\xbd\xb6\xef\xbd\xb7", 2, 6, 0},
    {"\xe2\x80\x8d", 0, 3, 0},
    /* hangul, an emoji, full-width letters */
    {"\xed\x95\x9c", 2, 3, 0},
    {"\xf0\x9f\x98\x80", 2, 4, 0},
    {"\xef\xbc\xa1", 2, 3, 0},
    /* no UTF-8: a byte, a column; also where it breaks off */
    {"\xff\xfe", 2, 2, 0},
    {"\xe5\xad", 2, 2, 0},
};

TEST(columns_are_counted_not_bytes_or_characters)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(width_of(cases[i].text), cases[i].width);
}

TEST(a_cut_leaves_whole_characters)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(width_head(cases[i].text, 3), cases[i].head);
        assert_int_equal(width_tail(cases[i].text, 3), cases[i].tail);
    }
}

/* It is the same in any. */
static int
forget_locale(__attribute__((unused)) void **state)
{
    return setenv("LC_ALL", "C", 1);
}

ALL(forget_locale, NULL);
