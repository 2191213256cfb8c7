/* SPDX-License-Identifier: MIT */

#include "apns/push/throttle.h"
#include "tests/support/unit.h"

#define MS  UINT64_C(1000)
#define NOW (3600000 * MS)

/* As many refusals at once as begin a pause. */
static void
refuse_many(struct throttle *throttle, uint64_t now_us, double chance)
{
    for (int i = 0; i <= THROTTLE_TOLERATED; i++)
        throttle_on_refusal(throttle, now_us, chance);
}

TEST(a_few_refusals_change_nothing)
{
    struct throttle throttle = {0};

    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < THROTTLE_TOLERATED; i++)
            throttle_on_refusal(&throttle, NOW, 0.5);
        assert_false(throttle_is_pausing(&throttle, NOW));
        assert_int_equal(throttle_room(&throttle, 300, 700), 700);
        throttle_on_answer(&throttle, 1000);
    }
}

TEST(many_pause_and_then_probe)
{
    struct throttle throttle = {0};

    refuse_many(&throttle, NOW, 0);
    assert_true(throttle_is_pausing(&throttle, NOW));
    assert_int_equal(throttle.until_us, NOW + THROTTLE_MIN_PAUSE_MS / 2 * MS);
    assert_false(throttle_is_pausing(&throttle, throttle.until_us));
    assert_int_equal(throttle_room(&throttle, 0, 1000), THROTTLE_PROBES);
    assert_int_equal(throttle_room(&throttle, 1, 999), THROTTLE_PROBES - 1);
    assert_int_equal(throttle_room(&throttle, 900, 100), 0);
    assert_int_equal(throttle_room(&throttle, 0, 1), 1);
}

/* The rest of what was on its way belongs to the same pause. */
TEST(what_is_refused_in_a_pause_does_not_count)
{
    struct throttle throttle = {0};
    uint64_t until_us;

    refuse_many(&throttle, NOW, 0.5);
    until_us = throttle.until_us;
    for (int i = 0; i < 1000; i++)
        throttle_on_refusal(&throttle, until_us - 1, 0.9);
    assert_int_equal(throttle.until_us, until_us);
    assert_int_equal(throttle.pause_ms, THROTTLE_MIN_PAUSE_MS);
}

TEST(pauses_double_up_to_a_bound)
{
    struct throttle throttle = {0};
    uint32_t ms = THROTTLE_MIN_PAUSE_MS;
    uint64_t now_us = NOW;

    refuse_many(&throttle, now_us, 0.999);
    for (int i = 0; i < 12; i++) {
        assert_int_equal(throttle.pause_ms, ms);
        assert_in_range(throttle.until_us, now_us + ms * MS / 2,
                        now_us + ms * MS);
        now_us = throttle.until_us;
        throttle_on_refusal(&throttle, now_us, 0.999); /* one probe is enough */
        ms = 2 * ms < THROTTLE_MAX_PAUSE_MS ? 2 * ms : THROTTLE_MAX_PAUSE_MS;
    }
}

TEST(answers_lead_back_to_full_speed)
{
    struct throttle throttle = {0};

    refuse_many(&throttle, NOW, 0.5);
    for (uint32_t i = THROTTLE_PROBES + 1; i < 100; i++) {
        throttle_on_answer(&throttle, 100);
        assert_int_equal(throttle_room(&throttle, 0, 100), i);
    }
    throttle_on_answer(&throttle, 100);
    assert_int_equal(throttle.allowance, 0);
    assert_int_equal(throttle_room(&throttle, 0, 1000), 1000);
    /* And the next pause takes as many, and is a short one. */
    throttle_on_refusal(&throttle, throttle.until_us, 0.5);
    assert_false(throttle_is_pausing(&throttle, throttle.until_us));
    assert_int_equal(throttle_room(&throttle, 0, 1000), 1000);
    throttle_on_answer(&throttle, 100);
    refuse_many(&throttle, throttle.until_us, 0.5);
    assert_int_equal(throttle.pause_ms, THROTTLE_MIN_PAUSE_MS);
}
