/* SPDX-License-Identifier: MIT */
#include "tests/store/store_bed.h"
#include "tests/support/unit.h"

#include <string.h>

static int
set_up(void **state)
{
    struct bed *bed = bed_start();
    struct store_enrollment it = bed_enrollment("a");

    assert_int_equal(bed_put(bed, &it, 1), STORE_OK);
    assert_int_equal(bed_ask(bed, "a"), STORE_ASKED_NEW);
    assert_int_equal(bed_claim(bed), 1);
    *state = bed;
    return 0;
}

EACH(set_up, bed_tear_down);

static void
settle(struct bed *bed, const struct store_settled *settled)
{
    assert_int_equal(bed_settle(bed, settled, 1), STORE_OK);
}

TEST(accepted_ends_the_wake_and_is_remembered)
{
    struct bed *bed = *state;
    struct store_settled it =
        bed_settled(bed, bed->batch->due, STORE_EFFECT_ACCEPTED);
    const struct store_enrollment *a;

    settle(bed, &it);
    bed_reopen(bed);
    a = bed_get(bed, "a");
    assert_false(a->wake.exists);
    assert_int_equal(a->last_push.at_ms, BED_NOW);
    assert_int_equal(a->last_push.status, 200);
    assert_string_equal(a->last_push.reason, "");
    assert_string_equal(a->last_push.apns_id,
                        "123e4567-e89b-12d3-a456-426614174000");
    assert_int_equal(bed_stats(bed)->n_wakes, 0);
}

TEST(any_apns_id_comes_back_as_it_was)
{
    struct bed *bed = *state;
    static const char *const ids[] = {"123E4567-E89B-12D3-A456-426614174ABC",
                                      "", "odd",
                                      "123E4567-e89b-12D3-A456-426614174ABC",
                                      "123e4567ae89b-12d3-a456-426614174000"};

    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        struct store_settled it =
            bed_settled(bed, bed->batch->due, STORE_EFFECT_RETRY);

        it.apns_id = ids[i];
        settle(bed, &it);
        assert_string_equal(bed_get(bed, "a")->last_push.apns_id, ids[i]);
    }
}

TEST(dead_kills_the_token_that_was_pushed_to)
{
    struct bed *bed = *state;
    struct store_settled it =
        bed_settled(bed, bed->batch->due, STORE_EFFECT_DEAD);

    it.died_at_ms = bed->batch->due->token_at_ms;
    settle(bed, &it);
    assert_int_equal(bed_state(bed, "a"), STORE_STATE_DEAD);
    assert_false(bed_get(bed, "a")->wake.exists);
    assert_string_equal(bed_get(bed, "a")->last_push.reason, "Unregistered");
    assert_int_equal(bed_stats(bed)->n_wakes, 0);
    assert_int_equal(bed->topic.n[STORE_STATE_DEAD], 1);
    assert_int_equal(bed->topic.n[STORE_STATE_ENABLED], 0);
}

TEST(stale_410_keeps_a_newer_token_and_pushes_once_more)
{
    struct bed *bed = *state;
    struct store_settled it =
        bed_settled(bed, bed->batch->due, STORE_EFFECT_DEAD);

    it.died_at_ms = bed->batch->due->token_at_ms - 1;
    settle(bed, &it);
    assert_int_equal(bed_state(bed, "a"), STORE_STATE_ENABLED);
    assert_int_equal(bed_claim(bed), 1);
    assert_true(bed->batch->due->again);
    assert_int_equal(bed->batch->due->attempt, 1);
    /* Once: the same answer again ends it. */
    it = bed_settled(bed, bed->batch->due, STORE_EFFECT_DEAD);
    it.died_at_ms = bed->batch->due->token_at_ms - 1;
    settle(bed, &it);
    assert_int_equal(bed_state(bed, "a"), STORE_STATE_ENABLED);
    assert_false(bed_get(bed, "a")->wake.exists);
}

/* By a clock that is ahead of ours the token may look newer than the push. */
TEST(a_410_of_unknown_time_condemns_the_token_that_was_pushed_to)
{
    struct bed *bed = *state;
    struct store_settled it;

    bed_checkin(bed, STORE_CHECKIN_TOKEN_UPDATE, "a", BED_NOW + 3600000);
    it = bed_settled(bed, bed->batch->due, STORE_EFFECT_DEAD);
    it.died_at_ms = 0;
    settle(bed, &it);
    assert_int_equal(bed_state(bed, "a"), STORE_STATE_ENABLED);
    assert_int_equal(bed_claim(bed), 1);
    it = bed_settled(bed, bed->batch->due, STORE_EFFECT_DEAD);
    it.died_at_ms = 0;
    assert_true(bed->batch->due->token_at_ms > it.pushed_at_ms);
    settle(bed, &it);
    assert_int_equal(bed_state(bed, "a"), STORE_STATE_DEAD);
}

TEST(a_token_that_changed_in_flight_is_not_condemned)
{
    struct bed *bed = *state;
    struct store_settled dead =
        bed_settled(bed, bed->batch->due, STORE_EFFECT_DEAD);
    struct store_settled suspect =
        bed_settled(bed, bed->batch->due, STORE_EFFECT_SUSPECT);

    dead.died_at_ms = BED_NOW + 1000000;
    bed_checkin(bed, STORE_CHECKIN_TOKEN_UPDATE, "a", BED_NOW);
    settle(bed, &dead);
    assert_int_equal(bed_state(bed, "a"), STORE_STATE_ENABLED);
    assert_int_equal(bed_claim(bed), 1);
    settle(bed, &suspect);
    assert_int_equal(bed_state(bed, "a"), STORE_STATE_ENABLED);
    assert_int_equal(bed_claim(bed), 1);
    assert_int_equal(bed->batch->due->token_len, 16);
}

/* Authenticate sets the tally back, so the tally alone would lie. */
TEST(a_token_from_before_an_erase_does_not_condemn_the_new_one)
{
    struct bed *bed = *state;
    struct store_settled it =
        bed_settled(bed, bed->batch->due, STORE_EFFECT_SUSPECT);

    bed_checkin(bed, STORE_CHECKIN_AUTHENTICATE, "a", BED_NOW);
    bed_checkin(bed, STORE_CHECKIN_TOKEN_UPDATE, "a", BED_NOW + 1);
    assert_int_equal(bed->checkin.tally, 1);
    settle(bed, &it);
    assert_int_equal(bed_state(bed, "a"), STORE_STATE_ENABLED);
}

/* An old plist was handed over as if the device had just sent it. */
TEST(a_stale_410_that_comes_again_a_day_later_is_for_this_token)
{
    struct bed *bed = *state;
    int64_t token_at = bed->batch->due->token_at_ms;
    int64_t day = 24 * 3600 * INT64_C(1000);

    for (int i = 0; i < 2; i++) {
        struct store_settled it =
            bed_settled(bed, bed->batch->due, STORE_EFFECT_DEAD);

        assert_int_equal(bed_state(bed, "a"), STORE_STATE_ENABLED);
        it.died_at_ms = 1;
        it.pushed_at_ms = token_at + day + 1;
        settle(bed, &it);
        if (i == 0)
            assert_int_equal(bed_claim(bed), 1);
    }
    assert_int_equal(bed_state(bed, "a"), STORE_STATE_DEAD);
}

TEST(suspect_suspends_until_the_next_token)
{
    struct bed *bed = *state;
    struct store_settled it =
        bed_settled(bed, bed->batch->due, STORE_EFFECT_SUSPECT);

    settle(bed, &it);
    assert_int_equal(bed_state(bed, "a"), STORE_STATE_SUSPECT);
    assert_int_equal(bed_ask(bed, "a"), STORE_ASKED_UNPUSHABLE);
    bed_checkin(bed, STORE_CHECKIN_TOKEN_UPDATE, "a", BED_NOW);
    assert_int_equal(bed_ask(bed, "a"), STORE_ASKED_NEW);
}

TEST(retry_waits_and_counts_the_attempt)
{
    struct bed *bed = *state;
    struct store_settled it =
        bed_settled(bed, bed->batch->due, STORE_EFFECT_RETRY);

    settle(bed, &it);
    assert_int_equal(bed_claim(bed), 0);
    assert_int_equal(bed_next(bed), BED_NOW + 60000);
    bed->now += 60000;
    assert_int_equal(bed_claim(bed), 1);
    assert_int_equal(bed->batch->due->attempt, 1);
}

TEST(wait_does_not_count_and_leaves_no_push)
{
    struct bed *bed = *state;
    struct store_settled it =
        bed_settled(bed, bed->batch->due, STORE_EFFECT_WAIT);

    settle(bed, &it);
    bed->now += 60000;
    assert_int_equal(bed_claim(bed), 1);
    assert_int_equal(bed->batch->due->attempt, 0);
    assert_int_equal(bed_get(bed, "a")->last_push.at_ms, 0);
}

/* As the engine says how long it waits for the device: 0 is not at all. */
TEST(accepted_it_waits_for_the_check_in_when_it_is_told_how_long)
{
    struct bed *bed = *state;
    struct store_wake_terms terms = {.until = STORE_UNTIL_CHECK_IN};
    struct store_settled it =
        bed_settled(bed, bed->batch->due, STORE_EFFECT_ACCEPTED);

    settle(bed, &it);
    assert_int_equal(bed_ask_as(bed, "a", &terms), STORE_ASKED_NEW);
    assert_int_equal(bed_claim(bed), 1);
    it = bed_settled(bed, bed->batch->due, STORE_EFFECT_ACCEPTED);
    settle(bed, &it);
    assert_int_equal(bed_get(bed, "a")->wake.due_ms, it.due_ms);
    bed->now = it.due_ms;
    assert_int_equal(bed_claim(bed), 1);
    it = bed_settled(bed, bed->batch->due, STORE_EFFECT_ACCEPTED);
    it.due_ms = it.wait_ms = 0;
    settle(bed, &it);
    assert_false(bed_get(bed, "a")->wake.exists);
}

TEST(past_the_deadline_a_retry_ends_it)
{
    struct bed *bed = *state;
    struct store_settled it =
        bed_settled(bed, bed->batch->due, STORE_EFFECT_RETRY);

    it.due_ms = bed->batch->due->deadline_ms;
    settle(bed, &it);
    assert_true(bed_get(bed, "a")->wake.exists);
    bed->now = it.due_ms;
    assert_int_equal(bed_claim(bed), 1);
    it = bed_settled(bed, bed->batch->due, STORE_EFFECT_RETRY);
    settle(bed, &it);
    assert_false(bed_get(bed, "a")->wake.exists);
}

TEST(asked_for_in_flight_it_is_pushed_again)
{
    struct bed *bed = *state;
    struct store_settled it =
        bed_settled(bed, bed->batch->due, STORE_EFFECT_ACCEPTED);

    assert_int_equal(bed_ask(bed, "a"), STORE_ASKED_MERGED);
    settle(bed, &it);
    assert_int_equal(bed_claim(bed), 1);
    it = bed_settled(bed, bed->batch->due, STORE_EFFECT_ACCEPTED);
    settle(bed, &it);
    assert_int_equal(bed_claim(bed), 0);
    assert_false(bed_get(bed, "a")->wake.exists);
}

/* The back-off that APNs asked for holds for the newer ask, too. */
TEST(asked_for_in_flight_a_retry_keeps_its_time)
{
    struct bed *bed = *state;
    struct store_settled it =
        bed_settled(bed, bed->batch->due, STORE_EFFECT_RETRY);

    assert_int_equal(bed_ask(bed, "a"), STORE_ASKED_MERGED);
    settle(bed, &it);
    assert_int_equal(bed_next(bed), BED_NOW + 60000);
}

/* Dropped in flight and asked for anew: the old push must not end the new. */
TEST(the_settle_of_a_dropped_wake_leaves_its_successor)
{
    struct bed *bed = *state;
    struct store_settled it =
        bed_settled(bed, bed->batch->due, STORE_EFFECT_ACCEPTED);

    bed_checkin(bed, STORE_CHECKIN_CHECK_OUT, "a", BED_NOW);
    bed_checkin(bed, STORE_CHECKIN_TOKEN_UPDATE, "a", BED_NOW + 1);
    assert_int_equal(bed_ask(bed, "a"), STORE_ASKED_NEW);
    assert_int_equal(bed_claim(bed), 0);
    settle(bed, &it);
    assert_int_equal(bed_claim(bed), 1);
}

TEST(dropped_ends_the_wake)
{
    struct bed *bed = *state;
    struct store_settled it =
        bed_settled(bed, bed->batch->due, STORE_EFFECT_DROPPED);

    settle(bed, &it);
    assert_false(bed_get(bed, "a")->wake.exists);
    assert_int_equal(bed_state(bed, "a"), STORE_STATE_ENABLED);
}

TEST(broken_settles_are_refused)
{
    struct bed *bed = *state;
    struct store_settled it =
        bed_settled(bed, bed->batch->due, STORE_EFFECT_ACCEPTED);
    static char reason[STORE_MAX_REASON + 2];

    memset(reason, 'r', sizeof reason - 1);
    it.reason = reason;
    assert_int_equal(bed_settle(bed, &it, 1), STORE_EINVAL);
    it.reason = "";
    it.row = 0;
    assert_int_equal(bed_settle(bed, &it, 1), STORE_EINVAL);
    it.row = bed->batch->due->row;
    it.effect = STORE_N_EFFECTS;
    assert_int_equal(bed_settle(bed, &it, 1), STORE_EINVAL);
    assert_int_equal(bed_settle(bed, &it, STORE_MAX_BATCH + 1), STORE_EINVAL);
}
