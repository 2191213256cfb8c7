/* SPDX-License-Identifier: MIT */

#include "apns/base/rng.h"
#include "tests/support/unit.h"

/* What the authors' program of splitmix64 prints. */
TEST(it_is_splitmix64)
{
    struct rng rng;

    rng_seed(&rng, 1234567);
    assert_true(rng_next(&rng) == UINT64_C(6457827717110365317));
    assert_true(rng_next(&rng) == UINT64_C(3203168211198807973));
    assert_true(rng_next(&rng) == UINT64_C(9817491932198370423));
    assert_true(rng_spread(1234567) == UINT64_C(6457827717110365317));
}

TEST(zero_takes_a_seed_from_the_system)
{
    struct rng one, other;

    rng_seed(&one, 0);
    rng_seed(&other, 0);
    assert_true(one.state != 0 && one.state != other.state);
}

TEST(numbers_stay_in_their_ranges_and_reach_all_of_them)
{
    struct rng rng = {.state = 7};
    unsigned n_of[6] = {0}, n_high = 0, n_low = 0;

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
