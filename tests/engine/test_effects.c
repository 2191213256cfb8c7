/* SPDX-License-Identifier: MIT */

#include "server/engine/wake/effects.h"
#include "tests/support/unit.h"

#define NOW    INT64_C(1800000000000)
#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)

static struct effects_verdict
decide(enum apns_class class_, uint32_t attempt, uint32_t chance)
{
    struct apns_result result = {.class_ = class_, .reason = ""};
    struct effects_push push = {
        .attempt = attempt,
        .now_ms = NOW,
        .deadline_ms = NOW + 7 * 24 * HOUR,
        .chance = chance,
    };

    return effects_decide(&result, &push);
}

/* From now until due, without jitter. */
static int64_t
span(enum apns_class class_, uint32_t attempt)
{
    return decide(class_, attempt, 0).due_ms - NOW;
}

TEST(each_class_has_its_effect)
{
    static const struct {
        enum apns_class class_;
        enum store_effect effect;
    } cases[] = {
        {APNS_CLASS_ACCEPTED, STORE_EFFECT_ACCEPTED},
        {APNS_CLASS_DEAD_TOKEN, STORE_EFFECT_DEAD},
        {APNS_CLASS_SUSPECT, STORE_EFFECT_SUSPECT},
        {APNS_CLASS_UNDECIDED, STORE_EFFECT_UNDECIDED},
        {APNS_CLASS_SLOW_DOWN, STORE_EFFECT_RETRY},
        {APNS_CLASS_TROUBLE, STORE_EFFECT_RETRY},
        {APNS_CLASS_NO_ANSWER, STORE_EFFECT_RETRY},
        {APNS_CLASS_IDENTITY, STORE_EFFECT_WAIT},
        {APNS_CLASS_OURS, STORE_EFFECT_DROPPED},
    };

    assert_int_equal(sizeof cases / sizeof cases[0], APNS_N_CLASSES);
    for (size_t i = 0; i < APNS_N_CLASSES; i++)
        assert_int_equal(decide(cases[i].class_, 0, 0).effect, cases[i].effect);
}

TEST(lost_answers_are_tried_soon_then_as_trouble)
{
    assert_int_equal(span(APNS_CLASS_NO_ANSWER, 0), 1000);
    assert_int_equal(span(APNS_CLASS_NO_ANSWER, 1), 5000);
    assert_int_equal(span(APNS_CLASS_NO_ANSWER, 2), 30000);
    assert_int_equal(span(APNS_CLASS_NO_ANSWER, 3), 15 * MINUTE);
    assert_int_equal(span(APNS_CLASS_NO_ANSWER, 4), 30 * MINUTE);
}

TEST(trouble_waits_a_quarter_hour_and_doubles_to_a_bound)
{
    assert_int_equal(span(APNS_CLASS_TROUBLE, 0), 15 * MINUTE);
    assert_int_equal(span(APNS_CLASS_TROUBLE, 1), 30 * MINUTE);
    assert_int_equal(span(APNS_CLASS_TROUBLE, 4), 4 * HOUR);
    assert_int_equal(span(APNS_CLASS_TROUBLE, UINT32_MAX), 4 * HOUR);
}

TEST(jitter_adds_up_to_a_third)
{
    int64_t most = decide(APNS_CLASS_TROUBLE, 0, UINT32_MAX).due_ms - NOW;
    int64_t half = decide(APNS_CLASS_TROUBLE, 0, UINT32_MAX / 2).due_ms - NOW;

    assert_int_equal(most, 20 * MINUTE);
    assert_in_range(half, 17 * MINUTE, 18 * MINUTE);
}

TEST(slow_down_backs_off_from_a_minute)
{
    assert_int_equal(span(APNS_CLASS_SLOW_DOWN, 0), MINUTE);
    assert_int_equal(span(APNS_CLASS_SLOW_DOWN, 2), 4 * MINUTE);
    assert_int_equal(span(APNS_CLASS_SLOW_DOWN, 40), HOUR);
}

static int64_t
span_after(enum apns_class class_, uint32_t retry_after_s)
{
    struct apns_result result = {
        .class_ = class_, .reason = "", .retry_after_s = retry_after_s};
    struct effects_push push = {.now_ms = NOW, .deadline_ms = INT64_MAX};

    return effects_decide(&result, &push).due_ms - NOW;
}

TEST(retry_after_is_heeded_within_reason)
{
    assert_int_equal(span_after(APNS_CLASS_SLOW_DOWN, 7), 7000);
    assert_int_equal(span_after(APNS_CLASS_SLOW_DOWN, 7200), 2 * HOUR);
    assert_int_equal(span_after(APNS_CLASS_SLOW_DOWN, UINT32_MAX), 24 * HOUR);
    assert_int_equal(span_after(APNS_CLASS_TROUBLE, 60), 15 * MINUTE);
    assert_int_equal(span_after(APNS_CLASS_TROUBLE, 7200), 2 * HOUR);
}

TEST(dead_without_a_timestamp_died_at_an_unknown_time)
{
    struct apns_result result = {.class_ = APNS_CLASS_DEAD_TOKEN,
                                 .reason = "Unregistered"};
    struct effects_push push = {.now_ms = NOW, .deadline_ms = INT64_MAX};

    assert_int_equal(effects_decide(&result, &push).died_at_ms, 0);
    result.timestamp_ms = NOW - HOUR;
    assert_int_equal(effects_decide(&result, &push).died_at_ms, NOW - HOUR);
}

TEST(waiting_ends_at_the_deadline)
{
    struct effects_push push = {.now_ms = NOW, .deadline_ms = NOW + 9 * HOUR};

    assert_int_equal(effects_wait(&push).due_ms, NOW + HOUR);
    push.deadline_ms = NOW + MINUTE;
    assert_int_equal(effects_wait(&push).due_ms, NOW + MINUTE);
    assert_true(effects_expire(&push).due_ms > push.deadline_ms);
}
