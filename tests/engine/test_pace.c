/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/engine/wake/pace.h"

#define NOW INT64_C(1800000000000)

/* How many go in ${span_ms}, tried every ${step_ms}. */
static uint32_t
count(struct pace *pace, int64_t from_ms, int64_t span_ms, int64_t step_ms)
{
    uint32_t n = 0;

    for (int64_t at = from_ms; at < from_ms + span_ms; at += step_ms)
        while (n < 1000000 && pace_has(pace, at)) {
            pace_spend(pace);
            n++;
        }
    return n;
}

static void
no_rate_is_no_limit(void **state)
{
    struct pace pace = {0};

    (void)state;
    for (int i = 0; i < 100000; i++) {
        assert_true(pace_has(&pace, NOW));
        pace_spend(&pace);
    }
    assert_int_equal(pace_next(&pace, NOW), NOW);
}

static void
a_rate_holds_over_time(void **state)
{
    static const uint32_t rates[] = {1, 3, 10, 999, 1000, 50000};

    (void)state;
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        struct pace pace = {0};
        uint32_t n;

        pace_set(&pace, rates[i], NOW);
        n = count(&pace, NOW, 10000, 7);
        assert_in_range(n, rates[i] * 10 * 99 / 100,
                        rates[i] * 10 + rates[i] / 10 + 1);
    }
}

static void
idle_time_saves_a_tenth_of_a_second(void **state)
{
    struct pace pace = {0};

    (void)state;
    pace_set(&pace, 1000, NOW);
    count(&pace, NOW, 1, 1);
    assert_int_equal(count(&pace, NOW + 86400000, 1, 1), 101);
    pace_set(&pace, 2, NOW);
    assert_int_equal(count(&pace, NOW + 86400000, 1, 1), 1);
}

static void
next_is_when_one_more_may_go(void **state)
{
    struct pace pace = {0};
    int64_t next_ms;

    (void)state;
    pace_set(&pace, 3, NOW);
    count(&pace, NOW, 1, 1);
    next_ms = pace_next(&pace, NOW);
    assert_true(next_ms > NOW);
    assert_false(pace_has(&pace, next_ms - 1));
    assert_true(pace_has(&pace, next_ms));
}

static void
a_clock_set_back_earns_nothing_and_does_not_stick(void **state)
{
    struct pace pace = {0};

    (void)state;
    pace_set(&pace, 10, NOW);
    count(&pace, NOW, 1, 1);
    assert_false(pace_has(&pace, NOW - 3600000));
    assert_true(pace_has(&pace, NOW - 3600000 + 100));
}

static void
a_new_rate_counts_from_now(void **state)
{
    struct pace pace = {0};

    (void)state;
    pace_set(&pace, 10000, NOW);
    pace_set(&pace, 10, NOW);
    assert_int_equal(count(&pace, NOW, 1, 1), 2);
    pace_set(&pace, 0, NOW);
    assert_true(pace_has(&pace, NOW));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_rate_is_no_limit),
        cmocka_unit_test(a_rate_holds_over_time),
        cmocka_unit_test(idle_time_saves_a_tenth_of_a_second),
        cmocka_unit_test(next_is_when_one_more_may_go),
        cmocka_unit_test(a_clock_set_back_earns_nothing_and_does_not_stick),
        cmocka_unit_test(a_new_rate_counts_from_now),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
