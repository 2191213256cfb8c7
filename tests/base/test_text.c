/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "apns/base/text.h"
#include "tests/support/unit.h"

TEST(no_text_is_short_and_its_copy_is_what_stands_in)
{
    const char *copy = "x";

    assert_true(text_is_short(NULL, 0));
    assert_true(text_is_short("", 0));
    assert_true(text_is_short("abc", 3));
    assert_false(text_is_short("abcd", 3));
    assert_true(text_copy(&copy, NULL, NULL));
    assert_null(copy);
    assert_true(text_copy(&copy, NULL, "absent"));
    assert_string_equal(copy, "absent");
    free((void *)(uintptr_t)copy);
    assert_true(text_copy(&copy, "here", "absent"));
    assert_string_equal(copy, "here");
    free((void *)(uintptr_t)copy);
}
