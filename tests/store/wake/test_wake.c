/* SPDX-License-Identifier: MIT */
#include "tests/store/store_bed.h"
#include "tests/support/unit.h"

#include <stdio.h>
#include <string.h>

#define HOUR_MS 3600000

static int
set_up(void **state)
{
    struct bed *bed = bed_start();
    struct store_enrollment batch[] = {bed_enrollment("a"),
                                       bed_enrollment("b")};

    assert_int_equal(bed_put(bed, batch, 2), STORE_OK);
    *state = bed;
    return 0;
}

EACH(set_up, bed_tear_down);

TEST(ask_stores_a_wake_that_a_claim_hands_out)
{
    struct bed *bed = *state;
    const struct store_due *due;

    assert_int_equal(bed_ask(bed, "a"), STORE_ASKED_NEW);
    assert_true(bed_get(bed, "a")->wake.exists);
    assert_int_equal(bed_next(bed), BED_NOW);
    assert_int_equal(bed_claim(bed), 1);
    due = bed->batch->due;
    assert_int_equal(due->wave, 0);
    assert_int_equal(due->attempt, 0);
    assert_int_equal(due->token_len, 32);
    assert_string_equal(due->topic, BED_TOPIC);
    assert_string_equal(due->magic, "7C8F3F0B-7D1F-4E1C-8E4A-6C2F4E6A3B10");
    assert_int_equal(due->asked_at_ms, BED_NOW);
    assert_int_equal(due->deadline_ms, BED_NOW + HOUR_MS);
    assert_int_equal(due->row, bed->answers[0].row);
    assert_true(bed_get(bed, "a")->wake.is_claimed);
}

TEST(what_is_claimed_is_not_claimed_twice)
{
    struct bed *bed = *state;

    bed_ask(bed, "a");
    assert_int_equal(bed_claim(bed), 1);
    assert_int_equal(bed_claim(bed), 0);
    assert_int_equal(bed_next(bed), -1);
    assert_int_equal(bed_stats(bed)->oldest_due_ms, 0);
}

TEST(a_claim_ends_when_the_store_is_opened_again)
{
    struct bed *bed = *state;

    bed_ask(bed, "a");
    assert_int_equal(bed_claim(bed), 1);
    bed_reopen(bed);
    assert_false(bed_get(bed, "a")->wake.is_claimed);
    assert_int_equal(bed_claim(bed), 1);
}

TEST(ask_can_hand_out_at_once)
{
    struct bed *bed = *state;
    struct store_wake_terms terms = {.is_claimed_now = true};

    assert_int_equal(bed_ask_as(bed, "a", &terms), STORE_ASKED_NEW);
    assert_int_equal(bed->n, 1);
    assert_string_equal(bed->batch->due[0].id, "a");
    assert_string_equal(bed->batch->due[0].topic, BED_TOPIC);
    assert_int_equal(bed->batch->due[0].token_len, 32);
    assert_int_equal(bed_claim(bed), 0);
    /* In flight: merged, and not handed out again. */
    assert_int_equal(bed_ask_as(bed, "a", &terms), STORE_ASKED_MERGED);
    assert_int_equal(bed->n, 0);
    /* Not due: stored only. */
    terms.due_ms = BED_NOW + 1;
    assert_int_equal(bed_ask_as(bed, "b", &terms), STORE_ASKED_NEW);
    assert_int_equal(bed->n, 0);
}

TEST(asking_again_merges)
{
    struct bed *bed = *state;
    struct store_wake_terms late = {.due_ms = BED_NOW + HOUR_MS,
                                    .deadline_ms = BED_NOW + 2 * HOUR_MS};
    struct store_wake_terms soon = {.due_ms = BED_NOW + 5,
                                    .until = STORE_UNTIL_CHECK_IN,
                                    .deadline_ms = BED_NOW + HOUR_MS};
    const struct store_enrollment *it;

    assert_int_equal(bed_ask_as(bed, "a", &late), STORE_ASKED_NEW);
    assert_int_equal(bed_ask_as(bed, "a", &soon), STORE_ASKED_MERGED);
    assert_int_equal(bed_ask_as(bed, "a", &late), STORE_ASKED_MERGED);
    it = bed_get(bed, "a");
    assert_int_equal(it->wake.due_ms, BED_NOW + 5);
    assert_int_equal(it->wake.deadline_ms, BED_NOW + 2 * HOUR_MS);
    assert_int_equal(it->wake.until, STORE_UNTIL_CHECK_IN);
    assert_int_equal(bed_stats(bed)->n_wakes, 1);
    assert_int_equal(bed_claim(bed), 0);
    bed->now += 5;
    assert_int_equal(bed_claim(bed), 1);
}

TEST(answers_come_in_the_order_of_the_ids)
{
    struct bed *bed = *state;
    static const char *const ids[] = {"nobody", "b", "a", "b"};
    struct store_enrollment off = bed_enrollment("a");
    struct store_wake_terms terms = {0};

    off.state = STORE_STATE_SUSPECT;
    assert_int_equal(bed_put(bed, &off, 1), STORE_OK);
    assert_int_equal(bed_ask_as(bed, ids[0], &terms), STORE_ASKED_UNKNOWN);
    assert_int_equal(bed->answers[0].row, 0);
    assert_int_equal(bed_ask_as(bed, ids[1], &terms), STORE_ASKED_NEW);
    assert_int_equal(bed_ask_as(bed, ids[2], &terms), STORE_ASKED_UNPUSHABLE);
    assert_int_equal(bed->answers[0].state, STORE_STATE_SUSPECT);
    assert_int_equal(bed_ask_as(bed, ids[3], &terms), STORE_ASKED_MERGED);
}

TEST(held_topics_are_left_alone)
{
    struct bed *bed = *state;
    struct store_enrollment other = bed_enrollment("c");

    other.topic = "other";
    assert_int_equal(bed_put(bed, &other, 1), STORE_OK);
    bed_ask(bed, "a");
    bed_ask(bed, "c");
    assert_int_equal(bed_claim_held(bed, BED_TOPIC, 10), 1);
    assert_string_equal(bed->batch->due[0].topic, "other");
    assert_int_equal(bed_claim(bed), 1);
}

TEST(a_claim_stops_at_its_max_and_says_so)
{
    struct bed *bed = *state;

    bed_ask(bed, "a");
    bed_ask(bed, "b");
    assert_int_equal(bed_claim_held(bed, NULL, 1), 1);
    assert_true(bed->is_more);
    assert_int_equal(bed_claim_held(bed, NULL, 2), 1);
    assert_false(bed->is_more);
}

/* Ten times as many wait for one topic as for the others. */
TEST(a_backlog_of_one_topic_does_not_hold_up_others)
{
    struct bed *bed = *state;
    bool has_small = false;
    char id[16];

    for (int i = 0; i < 22; i++) {
        struct store_enrollment it;

        snprintf(id, sizeof id, "n%d", i);
        it = bed_enrollment(id);
        it.topic = i < 20 ? "large" : "small";
        assert_int_equal(bed_put(bed, &it, 1), STORE_OK);
        assert_int_equal(bed_ask(bed, id), STORE_ASKED_NEW);
    }
    assert_int_equal(bed_claim_held(bed, NULL, 10), 10);
    assert_true(bed->is_more);
    for (size_t i = 0; i < bed->n; i++)
        has_small |= strcmp(bed->batch->due[i].topic, "small") == 0;
    assert_true(has_small);
    assert_int_equal(bed_claim_held(bed, NULL, 10), 10);
    assert_int_equal(bed_claim_held(bed, NULL, 10), 2);
}

TEST(cancel_ends_what_is_not_in_flight)
{
    struct bed *bed = *state;

    bed_ask(bed, "a");
    assert_int_equal(bed_cancel(bed, "a"), 1);
    assert_int_equal(bed_cancel(bed, "a"), 0);
    assert_int_equal(bed_cancel(bed, "nobody"), 0);
    assert_int_equal(bed_claim(bed), 0);
    bed_ask(bed, "a");
    assert_int_equal(bed_claim(bed), 1);
    assert_int_equal(bed_cancel(bed, "a"), 0);
}

TEST(release_makes_due_what_waits_and_only_that)
{
    struct bed *bed = *state;
    struct store_settled settled[2];

    bed_ask(bed, "a");
    bed_ask(bed, "b");
    assert_int_equal(bed_claim(bed), 2);
    settled[0] = bed_settled(bed, &bed->batch->due[0], STORE_EFFECT_WAIT);
    settled[1] = bed_settled(bed, &bed->batch->due[1], STORE_EFFECT_RETRY);
    assert_int_equal(bed_settle(bed, settled, 2), STORE_OK);
    assert_int_equal(bed_next(bed), BED_NOW + 60000);
    bed->n_done = 0;
    assert_int_equal(
        store_wake_release(bed->store, BED_TOPIC, bed->now, bed_on_done, bed),
        STORE_OK);
    bed_wait(bed, 1);
    assert_int_equal(bed->err, STORE_OK);
    assert_int_equal(bed_claim(bed), 1);
    assert_int_equal(bed->batch->due[0].row, settled[0].row);
    assert_int_equal(bed->batch->due[0].attempt, 0);
}
