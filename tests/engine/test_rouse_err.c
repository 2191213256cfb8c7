/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "server/engine/rouse_err.h"
#include "server/rouse.h"
#include "tests/support/unit.h"

TEST(every_error_has_its_own_name_and_text)
{
    for (int i = 0; i < ROUSE_N_ERRORS; i++) {
        assert_true(strlen(rouse_err_text((enum rouse_err)i)) > 0);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(rouse_err_name((enum rouse_err)i),
                                    rouse_err_name((enum rouse_err)j));
    }
}

TEST(a_number_that_is_no_error_has_them_too)
{
    assert_string_equal(rouse_err_text(ROUSE_N_ERRORS), "unknown error");
    assert_string_equal(rouse_err_name(ROUSE_N_ERRORS), "ROUSE_UNKNOWN");
    assert_string_equal(rouse_err_name((enum rouse_err)9999), "ROUSE_UNKNOWN");
    assert_int_equal(rouse_err_of_store(STORE_N_ERRORS), ROUSE_EIO);
}
