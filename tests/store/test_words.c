/* SPDX-License-Identifier: MIT */

/*
 * The words for errors, kinds and states.
 */

#include <string.h>

#include "store/store.h"
#include "tests/support/unit.h"

TEST(every_error_has_a_name_a_text_and_a_category)
{
    for (enum store_err err = 0; err < STORE_N_ERRORS; err++) {
        assert_memory_equal(store_err_name(err), "STORE_", 6);
        assert_true(strlen(store_err_text(err)) > 3);
    }
    assert_int_equal(store_err_category(STORE_OK), STORE_CATEGORY_NONE);
    assert_int_equal(store_err_category(STORE_EFULL), STORE_CATEGORY_SYSTEM);
    assert_string_equal(store_err_name(STORE_EBUSY), "STORE_EBUSY");
}

TEST(words_are_read_back)
{
    enum store_kind kind;
    enum store_state it;

    for (enum store_kind i = 0; i < STORE_N_KINDS; i++) {
        assert_true(store_kind_read(store_kind_text(i), &kind));
        assert_int_equal(kind, i);
    }
    for (enum store_state i = 0; i < STORE_N_STATES; i++) {
        assert_true(store_state_read(store_state_text(i), &it));
        assert_int_equal(it, i);
    }
    assert_false(store_kind_read("device", &kind));
    assert_false(store_state_read("", &it));
    assert_string_equal(store_wave_state_text(STORE_WAVE_DONE), "done");
}
