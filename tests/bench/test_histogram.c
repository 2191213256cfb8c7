/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "bench/harness/measure/histogram.h"
#include "tests/support/unit.h"

/* Too large for a stack. */
static struct histogram h;

static int
empty_both(void **state)
{
    (void)state;
    memset(&h, 0, sizeof h);
    return 0;
}

EACH(empty_both, NULL);

TEST(an_empty_histogram_answers_zero)
{
    assert_int_equal(histogram_quantile(&h, 0.5), 0);
    assert_int_equal(histogram_quantile(&h, 1), 0);
    assert_true(histogram_mean(&h) <= 0);
}

TEST(small_values_are_exact)
{
    for (uint64_t i = 0; i < HISTOGRAM_LINEAR; i++)
        histogram_add(&h, i);
    for (uint64_t i = 0; i < HISTOGRAM_LINEAR; i++)
        assert_int_equal(
            histogram_quantile(&h, (double)(i + 1) / HISTOGRAM_LINEAR), i);
}

/* Alone between two others, so that the answer is its bucket's edge. */
TEST(the_error_is_below_one_bucket)
{
    for (uint64_t value = 1; value < UINT64_C(1) << HISTOGRAM_MAX_BITS;
         value += value / 37 + 1) {
        uint64_t told;

        memset(&h, 0, sizeof h);
        histogram_add(&h, 0);
        histogram_add(&h, value);
        histogram_add(&h, UINT64_MAX);
        told = histogram_quantile(&h, 0.5);
        assert_true(told >= value);
        assert_true(told - value <= value / HISTOGRAM_LINEAR);
    }
}

TEST(quantiles_of_an_even_spread)
{
    for (uint64_t i = 1; i <= 100000; i++)
        histogram_add(&h, i * 10);
    assert_in_range(histogram_quantile(&h, 0.5), 500000, 504000);
    assert_in_range(histogram_quantile(&h, 0.99), 990000, 998000);
    assert_in_range(histogram_quantile(&h, 0.999), 999000, 1000000);
    assert_int_equal(histogram_quantile(&h, 1), 1000000);
}

TEST(quantiles_never_fall)
{
    uint64_t last = 0;

    srand(7);
    for (int i = 0; i < 5000; i++)
        histogram_add(&h, (uint64_t)rand() >> (rand() % 24));
    for (int i = 0; i <= 1000; i++) {
        uint64_t now = histogram_quantile(&h, i / 1000.);

        assert_true(now >= last);
        last = now;
    }
    assert_int_equal(last, h.max);
}

TEST(no_quantile_exceeds_the_maximum)
{
    histogram_add(&h, 1000001);
    histogram_add(&h, 1000001);
    assert_int_equal(histogram_quantile(&h, 0.5), 1000001);
}

TEST(enormous_values_are_counted)
{
    histogram_add(&h, UINT64_MAX / 2);
    histogram_add(&h, 5);
    assert_int_equal(h.n, 2);
    assert_int_equal(histogram_quantile(&h, 0.5), 5);
    assert_int_equal(histogram_quantile(&h, 1), UINT64_MAX / 2);
}

TEST(the_mean_is_exact)
{
    histogram_add(&h, 1000000);
    histogram_add(&h, 2000001);
    assert_true(histogram_mean(&h) > 1500000.4 &&
                histogram_mean(&h) < 1500000.6);
}
