/* SPDX-License-Identifier: MIT */
#include "tests/store/store_bed.h"
#include "tests/support/unit.h"

#include <stdio.h>
#include <string.h>

static const struct store_filter everyone = {0};

static void
put_fleet(struct bed *bed, int n)
{
    char id[16];

    for (int i = 0; i < n; i++) {
        struct store_enrollment it;

        snprintf(id, sizeof id, "d%d", i);
        it = bed_enrollment(id);
        it.kind = i % 2 ? STORE_KIND_USER_ENROLLMENT_DEVICE : STORE_KIND_DEVICE;
        assert_int_equal(bed_put(bed, &it, 1), STORE_OK);
    }
}

static int
set_up(void **state)
{
    struct bed *bed = bed_start();

    put_fleet(bed, 10);
    *state = bed;
    return 0;
}

EACH(set_up, bed_tear_down);

static int64_t
sum(const struct store_wave *wave)
{
    return wave->n_accepted + wave->n_dead + wave->n_suspect + wave->n_dropped +
           wave->n_expired + wave->n_cancelled + wave->n_skipped +
           wave->n_waiting;
}

TEST(ask_counts_those_that_match_and_can_be_pushed)
{
    struct bed *bed = *state;
    struct store_filter by_kind = {.kinds = 1U << STORE_KIND_DEVICE};
    struct store_filter dead = {.states = 1U << STORE_STATE_DEAD};
    struct store_filter silent = {.seen_before_ms = BED_NOW - 1000};
    struct store_enrollment it = bed_enrollment("d0");

    it.state = STORE_STATE_DEAD;
    assert_int_equal(bed_put(bed, &it, 1), STORE_OK);
    bed_wave_ask(bed, &everyone);
    assert_int_equal(bed->wave.n_total, 9);
    assert_int_equal(bed->wave.state, STORE_WAVE_RUNNING);
    assert_int_equal(bed->wave.asked_at_ms, BED_NOW);
    assert_string_equal(bed->wave.asked_by, "test");
    bed_wave_ask(bed, &by_kind);
    assert_int_equal(bed->wave.n_total, 4);
    assert_int_equal(bed->wave.filter.kinds, by_kind.kinds);
    bed_wave_ask(bed, &dead);
    assert_int_equal(bed->wave.n_total, 0);
    assert_int_equal(bed_wave_claim(bed, bed->wave.id, 0, 10), STORE_OK);
    assert_int_equal(bed->n, 0);
    bed_wave_ask(bed, &silent);
    assert_int_equal(bed->wave.n_total, 0);
}

TEST(a_wave_walks_page_by_page_to_the_end)
{
    struct bed *bed = *state;
    int64_t id = bed_wave_ask(bed, &everyone), next = 0;
    size_t n = 0;

    do {
        assert_int_equal(bed_wave_claim(bed, id, next, 3), STORE_OK);
        next = bed->next;
        n += bed->n;
        for (size_t i = 0; i < bed->n; i++)
            assert_int_equal(bed->batch->due[i].wave, id);
        bed_settle_all(bed, STORE_EFFECT_ACCEPTED);
        assert_int_equal(bed_wave_pass(bed, id, next, next == 0), STORE_OK);
        assert_int_equal(bed_wave(bed, id)->n_accepted, n);
    } while (next != 0);
    assert_int_equal(n, 10);
    assert_int_equal(bed->wave.state, STORE_WAVE_DONE);
    assert_int_equal(bed->wave.ended_at_ms, BED_NOW);
    assert_int_equal(bed_wave_claim(bed, id, 0, 3), STORE_ECONFLICT);
    assert_int_equal(bed_wave_pass(bed, id, 0, true), STORE_ECONFLICT);
    assert_int_equal(bed_wave_claim(bed, id + 1, 0, 3), STORE_ENOTFOUND);
}

TEST(what_comes_after_the_ask_is_not_meant)
{
    struct bed *bed = *state;
    int64_t id = bed_wave_ask(bed, &everyone);
    struct store_enrollment late = bed_enrollment("late");

    assert_int_equal(bed_put(bed, &late, 1), STORE_OK);
    assert_int_equal(bed_wave_claim(bed, id, 0, 64), STORE_OK);
    assert_int_equal(bed->n, 10);
    assert_int_equal(bed->next, 0);
}

TEST(those_pushed_since_the_ask_count_as_what_that_came_to)
{
    struct bed *bed = *state;
    int64_t id = bed_wave_ask(bed, &everyone);

    assert_int_equal(bed_ask(bed, "d3"), STORE_ASKED_NEW);
    assert_int_equal(bed_claim(bed), 1);
    bed_settle_all(bed, STORE_EFFECT_ACCEPTED);
    assert_int_equal(bed_wave_claim(bed, id, 0, 6), STORE_OK);
    assert_int_equal(bed->n, 6);
    int64_t next = bed->next;
    bed_settle_all(bed, STORE_EFFECT_ACCEPTED);
    assert_int_equal(bed_wave(bed, id)->n_accepted, 7);
    assert_int_equal(bed_wave_pass(bed, id, next, false), STORE_OK);
    assert_int_equal(bed_wave(bed, id)->n_accepted, 7);
    assert_int_equal(bed->wave.cursor, next);
    assert_int_equal(bed_wave_claim(bed, id, next, 6), STORE_OK);
    assert_int_equal(bed->n, 3);
    bed_settle_all(bed, STORE_EFFECT_ACCEPTED);
    assert_int_equal(bed_wave_pass(bed, id, 0, true), STORE_OK);
    assert_int_equal(bed_wave(bed, id)->n_accepted, 10);
    assert_int_equal(bed->wave.n_skipped, 0);
    assert_int_equal(bed->wave.cursor, next);
    assert_int_equal(bed->wave.state, STORE_WAVE_DONE);
}

TEST(a_crash_repeats_only_what_was_in_flight)
{
    struct bed *bed = *state;
    int64_t id = bed_wave_ask(bed, &everyone);
    struct store_settled half[4];

    assert_int_equal(bed_wave_claim(bed, id, 0, 8), STORE_OK);
    for (size_t i = 0; i < 4; i++)
        half[i] =
            bed_settled(bed, &bed->batch->due[i],
                        i == 3 ? STORE_EFFECT_WAIT : STORE_EFFECT_ACCEPTED);
    assert_int_equal(bed_settle(bed, half, 4), STORE_OK);
    bed_reopen(bed);
    assert_int_equal(bed_wave(bed, id)->cursor, 0);
    /* What was counted behind the cursor is forgotten, and looked at again. */
    assert_int_equal(bed->wave.n_accepted, 0);
    assert_int_equal(bed->wave.n_waiting, 0);
    assert_int_equal(bed_wave_claim(bed, id, 0, 64), STORE_OK);
    assert_int_equal(bed->n, 6);
    assert_int_equal(bed_wave(bed, id)->n_accepted, 3);
    assert_int_equal(bed->wave.n_waiting, 1);
    bed_settle_all(bed, STORE_EFFECT_ACCEPTED);
    assert_int_equal(bed_wave_pass(bed, id, 0, true), STORE_OK);
    assert_int_equal(bed_wave(bed, id)->n_accepted, 9);
    assert_int_equal(bed->wave.n_skipped, 0);
    assert_int_equal(bed->wave.state, STORE_WAVE_SETTLING);
}

TEST(a_retry_becomes_a_wake_that_the_wave_waits_for)
{
    struct bed *bed = *state;
    int64_t id = bed_wave_ask(bed, &everyone);

    assert_int_equal(bed_wave_claim(bed, id, 0, 64), STORE_OK);
    bed_settle_all(bed, STORE_EFFECT_RETRY);
    assert_int_equal(bed_wave(bed, id)->n_waiting, 10);
    assert_int_equal(bed_wave_pass(bed, id, 0, true), STORE_OK);
    assert_int_equal(bed_wave(bed, id)->state, STORE_WAVE_SETTLING);
    bed->now += 60000;
    assert_int_equal(bed_claim(bed), 10);
    assert_int_equal(bed->batch->due[0].wave, 0);
    assert_int_equal(bed->batch->due[0].attempt, 1);
    assert_int_equal(bed->batch->due[0].asked_at_ms, BED_NOW);
    bed_settle_all(bed, STORE_EFFECT_ACCEPTED);
    assert_int_equal(bed_wave(bed, id)->n_accepted, 10);
    assert_int_equal(bed->wave.n_waiting, 0);
    assert_int_equal(bed->wave.state, STORE_WAVE_DONE);
    assert_int_equal(bed->wave.ended_at_ms, BED_NOW + 60000);
}

TEST(a_wake_for_a_later_hour_is_pushed_with_the_wave)
{
    struct bed *bed = *state;
    int64_t id = bed_wave_ask(bed, &everyone);
    struct store_wake_terms later = {.due_ms = BED_NOW + 3600000,
                                     .deadline_ms = BED_NOW + 7200000};

    assert_int_equal(bed_ask_as(bed, "d0", &later), STORE_ASKED_NEW);
    assert_int_equal(bed_wave_claim(bed, id, 0, 1), STORE_OK);
    assert_int_equal(bed->batch->due[0].row, 2);
    assert_int_equal(bed_wave(bed, id)->n_waiting, 1);
    assert_int_equal(bed_claim(bed), 1);
    bed_settle_all(bed, STORE_EFFECT_ACCEPTED);
    assert_int_equal(bed_wave(bed, id)->n_accepted, 1);
    assert_int_equal(bed->wave.n_waiting, 0);
    assert_false(bed_get(bed, "d0")->wake.exists);
}

TEST(a_check_out_ends_the_waves_wake_as_skipped)
{
    struct bed *bed = *state;
    int64_t id = bed_wave_ask(bed, &everyone);

    assert_int_equal(bed_wave_claim(bed, id, 0, 64), STORE_OK);
    bed_settle_all(bed, STORE_EFFECT_RETRY);
    assert_int_equal(bed_wave_pass(bed, id, 0, true), STORE_OK);
    for (int i = 0; i < 10; i++) {
        char device[16];

        snprintf(device, sizeof device, "d%d", i);
        bed_checkin(bed, STORE_CHECKIN_CHECK_OUT, device, BED_NOW);
        assert_int_equal(bed_wave(bed, id)->n_skipped, i + 1);
    }
    assert_int_equal(bed->wave.state, STORE_WAVE_DONE);
}

TEST(every_effect_has_its_counter)
{
    struct bed *bed = *state;
    int64_t id = bed_wave_ask(bed, &everyone);
    struct store_settled it[6];
    static const enum store_effect effects[] = {
        STORE_EFFECT_ACCEPTED, STORE_EFFECT_DEAD,  STORE_EFFECT_SUSPECT,
        STORE_EFFECT_DROPPED,  STORE_EFFECT_RETRY, STORE_EFFECT_RETRY};

    assert_int_equal(bed_wave_claim(bed, id, 0, 6), STORE_OK);
    for (size_t i = 0; i < 6; i++)
        it[i] = bed_settled(bed, &bed->batch->due[i], effects[i]);
    it[5].deadline_ms = it[5].due_ms - 1;
    assert_int_equal(bed_settle(bed, it, 6), STORE_OK);
    assert_int_equal(bed_wave(bed, id)->n_accepted, 1);
    assert_int_equal(bed->wave.n_dead, 1);
    assert_int_equal(bed->wave.n_suspect, 1);
    assert_int_equal(bed->wave.n_dropped, 1);
    assert_int_equal(bed->wave.n_waiting, 1);
    assert_int_equal(bed->wave.n_expired, 1);
    assert_int_equal(bed_state(bed, "d1"), STORE_STATE_DEAD);
    assert_int_equal(bed_state(bed, "d2"), STORE_STATE_SUSPECT);
}

TEST(a_stale_410_of_a_wave_is_pushed_once_more)
{
    struct bed *bed = *state;
    int64_t id = bed_wave_ask(bed, &everyone);
    struct store_settled it;

    assert_int_equal(bed_wave_claim(bed, id, 0, 1), STORE_OK);
    it = bed_settled(bed, bed->batch->due, STORE_EFFECT_DEAD);
    it.died_at_ms = bed->batch->due->token_at_ms - 1;
    assert_int_equal(bed_settle(bed, &it, 1), STORE_OK);
    assert_int_equal(bed_wave(bed, id)->n_waiting, 1);
    assert_int_equal(bed_claim(bed), 1);
    assert_true(bed->batch->due->again);
    it = bed_settled(bed, bed->batch->due, STORE_EFFECT_DEAD);
    it.died_at_ms = bed->batch->due->token_at_ms - 1;
    assert_int_equal(bed_settle(bed, &it, 1), STORE_OK);
    assert_int_equal(bed_wave(bed, id)->n_dead, 1);
    assert_int_equal(bed->wave.n_waiting, 0);
    assert_int_equal(bed_state(bed, "d0"), STORE_STATE_ENABLED);
}

TEST(cancel_ends_all_but_what_was_asked_for_by_itself)
{
    struct bed *bed = *state;
    int64_t id = bed_wave_ask(bed, &everyone);

    assert_int_equal(bed_wave_claim(bed, id, 0, 4), STORE_OK);
    bed_settle_all(bed, STORE_EFFECT_RETRY);
    assert_int_equal(bed_ask(bed, "d1"), STORE_ASKED_MERGED);
    assert_int_equal(bed_wave_cancel(bed, id), STORE_OK);
    assert_int_equal(bed_wave(bed, id)->state, STORE_WAVE_CANCELLED);
    assert_int_equal(bed->wave.n_cancelled, 10);
    assert_int_equal(bed->wave.n_waiting, 0);
    assert_int_equal(bed_stats(bed)->n_wakes, 1);
    assert_true(bed_get(bed, "d1")->wake.exists);
    assert_int_equal(bed_wave_cancel(bed, id), STORE_ECONFLICT);
    assert_int_equal(bed_wave_cancel(bed, id + 1), STORE_ENOTFOUND);
}

TEST(what_was_in_flight_at_the_cancel_counts_as_what_it_became)
{
    struct bed *bed = *state;
    int64_t id = bed_wave_ask(bed, &everyone);
    struct store_settled it[2];

    assert_int_equal(bed_wave_claim(bed, id, 0, 2), STORE_OK);
    it[0] = bed_settled(bed, &bed->batch->due[0], STORE_EFFECT_ACCEPTED);
    it[1] = bed_settled(bed, &bed->batch->due[1], STORE_EFFECT_RETRY);
    assert_int_equal(bed_wave_cancel(bed, id), STORE_OK);
    assert_int_equal(bed_settle(bed, it, 2), STORE_OK);
    assert_int_equal(bed_wave(bed, id)->n_accepted, 1);
    assert_int_equal(bed->wave.n_cancelled, 9);
    assert_int_equal(bed_stats(bed)->n_wakes, 0);
}

TEST(a_walk_that_the_deadline_cuts_off_expires_the_rest)
{
    struct bed *bed = *state;
    struct store_wave wave = {.deadline_ms = BED_NOW + 10};
    int64_t id;

    bed->n_done = 0;
    bed->texts_len = 0;
    assert_int_equal(store_wave_ask(bed->store, &wave, bed_on_waves, bed),
                     STORE_OK);
    bed_wait(bed, 1);
    id = bed->wave.id;
    assert_int_equal(bed_wave_claim(bed, id, 0, 4), STORE_OK);
    assert_int_equal(bed->batch->due[0].deadline_ms, BED_NOW + 10);
    int64_t next = bed->next;
    bed_settle_all(bed, STORE_EFFECT_ACCEPTED);
    bed->now += 10;
    assert_int_equal(bed_wave_pass(bed, id, next, true), STORE_OK);
    assert_int_equal(bed_wave(bed, id)->n_accepted, 4);
    assert_int_equal(bed->wave.n_expired, 6);
    assert_int_equal(bed->wave.n_skipped, 0);
    assert_int_equal(bed->wave.state, STORE_WAVE_DONE);
}

/* Disabled at the ask, revived before its turn: it is pushed, and the sum
   stays true. */
TEST(those_that_come_to_match_add_to_the_total)
{
    struct bed *bed = *state;
    struct store_enrollment it = bed_enrollment("d5");
    int64_t id;

    it.state = STORE_STATE_SUSPECT;
    assert_int_equal(bed_put(bed, &it, 1), STORE_OK);
    id = bed_wave_ask(bed, &everyone);
    assert_int_equal(bed->wave.n_total, 9);
    bed_checkin(bed, STORE_CHECKIN_TOKEN_UPDATE, "d5", BED_NOW);
    assert_int_equal(bed_wave_claim(bed, id, 0, 64), STORE_OK);
    bed_settle_all(bed, STORE_EFFECT_ACCEPTED);
    assert_int_equal(bed_wave_pass(bed, id, 0, true), STORE_OK);
    assert_int_equal(bed_wave(bed, id)->n_accepted, 10);
    assert_int_equal(bed->wave.n_total, 10);
    assert_int_equal(sum(&bed->wave), 10);
}

TEST(waves_are_listed_newest_first)
{
    struct bed *bed = *state;
    int64_t first = bed_wave_ask(bed, &everyone);
    int64_t second = bed_wave_ask(bed, &everyone);

    assert_int_equal(bed_wave_cancel(bed, second), STORE_OK);
    bed->n_done = 0;
    assert_int_equal(
        store_wave_list(bed->store, false, 0, 1, bed_on_waves, bed), STORE_OK);
    bed_wait(bed, 1);
    assert_int_equal(bed->wave.id, second);
    assert_int_equal(bed->next, second);
    bed->n_done = 0;
    assert_int_equal(
        store_wave_list(bed->store, false, second, 1, bed_on_waves, bed),
        STORE_OK);
    bed_wait(bed, 1);
    assert_int_equal(bed->wave.id, first);
    assert_int_equal(bed->next, 0);
    bed->n_done = 0;
    assert_int_equal(
        store_wave_list(bed->store, true, 0, 10, bed_on_waves, bed), STORE_OK);
    bed_wait(bed, 1);
    assert_int_equal(bed->n, 1);
    assert_int_equal(bed->wave.id, first);
    assert_int_equal(bed_stats(bed)->n_open_waves, 1);
}

/* One of a hundred thousand matches: no page looks at all of them. */
TEST(a_filter_that_matches_little_walks_in_bounded_steps)
{
    struct bed *bed = *state;
    struct store_filter filter = {.seen_before_ms = 2};
    static struct store_enrollment batch[STORE_MAX_BATCH];
    static char ids[STORE_MAX_BATCH][16];
    int64_t id, next = 0;
    int n_pages = 0;
    size_t n = 0;

    for (int first = 0; first < 100000; first += 10000) {
        for (int i = 0; i < 10000; i++) {
            snprintf(ids[i], sizeof ids[i], "n%d", first + i);
            batch[i] = bed_enrollment(ids[i]);
            batch[i].seen_at_ms = first + i == 99999 ? 1 : BED_NOW;
        }
        assert_int_equal(bed_put(bed, batch, 10000), STORE_OK);
    }
    id = bed_wave_ask(bed, &filter);
    assert_int_equal(bed->wave.n_total, 1);
    do {
        assert_int_equal(bed_wave_claim(bed, id, next, 100), STORE_OK);
        next = bed->next;
        n += bed->n;
        n_pages++;
    } while (next != 0);
    assert_int_equal(n, 1);
    assert_int_equal(n_pages, 2);
}
