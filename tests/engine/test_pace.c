/* SPDX-License-Identifier: MIT */

#include "server/engine/wake/pace.h"
#include "tests/support/unit.h"

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

TEST(no_rate_is_no_limit)
{
    struct pace pace = {0};

    for (int i = 0; i < 100000; i++) {
        assert_true(pace_has(&pace, NOW));
        pace_spend(&pace);
    }
    assert_int_equal(pace_next(&pace, NOW), NOW);
}

TEST(a_rate_holds_over_time)
{
    static const uint32_t rates[] = {1, 3, 10, 999, 1000, 50000};

    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        struct pace pace = {0};
        uint32_t n;

        pace_set(&pace, rates[i], NOW);
        n = count(&pace, NOW, 10000, 7);
        assert_in_range(n, rates[i] * 10 * 99 / 100,
                        rates[i] * 10 + rates[i] / 10 + 1);
    }
}

TEST(idle_time_saves_a_tenth_of_a_second)
{
    struct pace pace = {0};

    pace_set(&pace, 1000, NOW);
    count(&pace, NOW, 1, 1);
    assert_int_equal(count(&pace, NOW + 86400000, 1, 1), 101);
    pace_set(&pace, 2, NOW);
    assert_int_equal(count(&pace, NOW + 86400000, 1, 1), 1);
}

TEST(next_is_when_one_more_may_go)
{
    struct pace pace = {0};
    int64_t next_ms;

    pace_set(&pace, 3, NOW);
    count(&pace, NOW, 1, 1);
    next_ms = pace_next(&pace, NOW);
    assert_true(next_ms > NOW);
    assert_false(pace_has(&pace, next_ms - 1));
    assert_true(pace_has(&pace, next_ms));
}

TEST(a_clock_set_back_earns_nothing_and_does_not_stick)
{
    struct pace pace = {0};

    pace_set(&pace, 10, NOW);
    count(&pace, NOW, 1, 1);
    assert_false(pace_has(&pace, NOW - 3600000));
    assert_true(pace_has(&pace, NOW - 3600000 + 100));
}

TEST(a_new_rate_counts_from_now)
{
    struct pace pace = {0};

    pace_set(&pace, 10000, NOW);
    pace_set(&pace, 10, NOW);
    assert_int_equal(count(&pace, NOW, 1, 1), 2);
    pace_set(&pace, 0, NOW);
    assert_true(pace_has(&pace, NOW));
}
