/* SPDX-License-Identifier: MIT */

/*
 * Pauses that APNs asks for, and waits while the clock is wrong.
 */

#include "tests/store/store_bed.h"
#include "tests/support/unit.h"

#include <stdio.h>

#define N_DEVICES 6
#define HOUR_MS   3600000

static const struct store_filter everyone = {0};

static int
set_up(void **state)
{
    *state = bed_start_with(N_DEVICES);
    return 0;
}

EACH(set_up, bed_tear_down);

TEST(nobodys_ask_undercuts_a_pause)
{
    struct bed *bed = *state;
    int64_t first = bed_wave_ask(bed, &everyone), second;
    struct store_settled it[2];

    assert_int_equal(bed_wave_claim(bed, first, 0, 2), STORE_OK);
    for (int i = 0; i < 2; i++) {
        it[i] = bed_settled(bed, &bed->batch->due[i], STORE_EFFECT_RETRY);
        it[i].pause_ms = 50000;
    }
    /* This one expires before the end of its pause. */
    it[1].deadline_ms = BED_NOW + 1000;
    assert_int_equal(bed_settle(bed, it, 2), STORE_OK);
    assert_int_equal(bed_get(bed, "d0")->last_push.not_before_ms,
                     BED_NOW + 50000);
    assert_false(bed_get(bed, "d1")->wake.exists);
    assert_int_equal(bed_ask(bed, "d0"), STORE_ASKED_MERGED);
    assert_int_equal(bed->answers[0].not_before_ms, BED_NOW + 50000);
    assert_int_equal(bed_get(bed, "d0")->wake.due_ms, BED_NOW + 50000);
    second = bed_wave_ask(bed, &everyone);
    assert_int_equal(bed_wave_claim(bed, second, 0, 1), STORE_OK);
    assert_int_equal(bed->batch->due[0].row, it[1].row + 1);
    assert_int_equal(bed_wave(bed, second)->n_waiting, 2);
    assert_int_equal(bed_get(bed, "d1")->wake.due_ms, BED_NOW + 50000);
    assert_int_equal(bed_claim(bed), 0);
    bed->now += 50000;
    assert_int_equal(bed_claim(bed), 2);
    assert_int_equal(bed_ask(bed, "d2"), STORE_ASKED_NEW);
    assert_int_equal(bed->answers[0].not_before_ms, 0);
}

TEST(a_pause_is_no_longer_than_it_was_meant_to_be)
{
    struct bed *bed = *state;
    struct store_wake_terms tomorrow = {.due_ms = BED_NOW + 48 * HOUR_MS};
    struct store_settled it[2];

    bed->now += 24 * HOUR_MS; /* and this is wrong */
    assert_int_equal(bed_ask(bed, "d0"), STORE_ASKED_NEW);
    assert_int_equal(bed_ask(bed, "d1"), STORE_ASKED_NEW);
    assert_int_equal(bed_ask_as(bed, "d2", &tomorrow), STORE_ASKED_NEW);
    assert_int_equal(bed_claim(bed), 2);
    for (int i = 0; i < 2; i++)
        it[i] = bed_settled(bed, &bed->batch->due[i], STORE_EFFECT_RETRY);
    it[0].pause_ms = 50000;
    it[1].pause_ms = 40000;
    assert_int_equal(bed_settle(bed, it, 1), STORE_OK);
    bed->now = BED_NOW;
    /* What is settled after the step is bounded at once. */
    assert_int_equal(bed_settle(bed, it + 1, 1), STORE_OK);
    assert_int_equal(bed_get(bed, "d1")->wake.due_ms, BED_NOW + 60000);
    bed->n_done = 0;
    assert_int_equal(store_wake_follow_clock(bed->store, bed_on_done, bed),
                     STORE_OK);
    bed_wait(bed, 1);
    assert_int_equal(bed_get(bed, "d0")->wake.due_ms, BED_NOW + 60000);
    assert_int_equal(bed_ask(bed, "d0"), STORE_ASKED_MERGED);
    assert_int_equal(bed_get(bed, "d0")->wake.due_ms, BED_NOW + 50000);
    assert_int_equal(bed_get(bed, "d2")->wake.due_ms, BED_NOW + 48 * HOUR_MS);
    assert_int_equal(bed_cancel(bed, "d1"), 1);
    bed->now += 39999;
    assert_int_equal(bed_ask(bed, "d1"), STORE_ASKED_NEW);
    assert_int_equal(bed->answers[0].not_before_ms, BED_NOW + 40000);
    bed->now += 1;
    assert_int_equal(bed_ask(bed, "d1"), STORE_ASKED_MERGED);
    assert_int_equal(bed->answers[0].not_before_ms, 0);
}
