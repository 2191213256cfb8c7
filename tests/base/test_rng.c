/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "apns/base/rng.h"

/* What the authors' program of splitmix64 prints. */
static void
it_is_splitmix64(void **state)
{
    struct rng rng;

    (void)state;
    rng_seed(&rng, 1234567);
    assert_true(rng_next(&rng) == UINT64_C(6457827717110365317));
    assert_true(rng_next(&rng) == UINT64_C(3203168211198807973));
    assert_true(rng_next(&rng) == UINT64_C(9817491932198370423));
    assert_true(rng_spread(1234567) == UINT64_C(6457827717110365317));
}

static void
zero_takes_a_seed_from_the_system(void **state)
{
    struct rng one, other;

    (void)state;
    rng_seed(&one, 0);
    rng_seed(&other, 0);
    assert_true(one.state != 0 && one.state != other.state);
}

static void
numbers_stay_in_their_ranges_and_reach_all_of_them(void **state)
{
    struct rng rng = {.state = 7};
    unsigned n_of[6] = {0}, n_high = 0, n_low = 0;

    (void)state;
    for (int i = 0; i < 6000; i++) {
        uint64_t n = rng_below(&rng, 6);
        double unit = rng_unit(&rng);

        assert_true(n < 6);
        n_of[n]++;
        assert_true(unit >= 0 && unit < 1);
        n_low += unit < 0.5;
        n_high += rng_next_u32(&rng) > UINT32_MAX / 2;
    }
    for (int i = 0; i < 6; i++)
        assert_in_range(n_of[i], 900, 1100);
    assert_in_range(n_low, 2850, 3150);
    assert_in_range(n_high, 2850, 3150);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_splitmix64),
        cmocka_unit_test(zero_takes_a_seed_from_the_system),
        cmocka_unit_test(numbers_stay_in_their_ranges_and_reach_all_of_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
