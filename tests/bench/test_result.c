/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "bench/harness/measure/result.h"
#include "tests/support/unit.h"

TEST(failures_are_counted_by_status_and_reason)
{
    struct result result = {0};

    result_fail(&result, 503, "ServiceUnavailable");
    result_fail(&result, 400, "BadDeviceToken");
    result_fail(&result, 503, "ServiceUnavailable");
    result_fail(&result, 503, "Shutdown");
    result_fail(&result, 0, "deadline");
    assert_int_equal(result.n_failed, 5);
    assert_int_equal(result.n_failures, 4);
    assert_int_equal(result.failures[0].n, 2);
    assert_int_equal(result.failures[0].status, 503);
    assert_string_equal(result.failures[0].reason, "ServiceUnavailable");
    assert_string_equal(result.failures[3].reason, "deadline");
}

TEST(what_has_no_place_is_counted_as_other)
{
    struct result result = {0};
    char reason[32];

    for (int i = 0; i < 100; i++) {
        snprintf(reason, sizeof reason, "Reason%d", i);
        result_fail(&result, 400, reason);
    }
    result_fail(&result, 400, "Reason0");
    assert_int_equal(result.n_failed, 101);
    assert_int_equal(result.n_failures, RESULT_MAX_FAILURES);
    assert_int_equal(result.failures[0].n, 2);
    assert_int_equal(result.failures[RESULT_MAX_FAILURES - 1].n,
                     100 - (RESULT_MAX_FAILURES - 1));
    assert_string_equal(result.failures[RESULT_MAX_FAILURES - 1].reason,
                        "other");
}
