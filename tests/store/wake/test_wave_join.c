/* SPDX-License-Identifier: MIT */

/*
 * One device, one push: who asks for what others wait for already.
 */

#include "tests/store/store_bed.h"
#include "tests/support/unit.h"

#include <sqlite3.h>
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

/* A wave whose pushes all wait for a retry. */
static int64_t
wave_that_waits(struct bed *bed)
{
    int64_t id = bed_wave_ask(bed, &everyone);

    assert_int_equal(bed_wave_claim(bed, id, 0, BED_MAX), STORE_OK);
    assert_int_equal(bed->n, N_DEVICES);
    bed_settle_all(bed, STORE_EFFECT_RETRY);
    assert_int_equal(bed_wave_pass(bed, id, 0, true), STORE_OK);
    return id;
}

/* One that finds nothing to push: it waits for the same wakes. */
static int64_t
wave_that_joins(struct bed *bed)
{
    int64_t id = bed_wave_ask(bed, &everyone);

    assert_int_equal(bed_wave_claim(bed, id, 0, BED_MAX), STORE_OK);
    assert_int_equal(bed->n, 0);
    assert_int_equal(bed_wave_pass(bed, id, 0, true), STORE_OK);
    return id;
}

TEST(a_page_ends_before_a_push_in_flight)
{
    struct bed *bed = *state;
    int64_t first = bed_wave_ask(bed, &everyone);
    int64_t second = bed_wave_ask(bed, &everyone);
    struct store_settled it[2];

    assert_int_equal(bed_wave_claim(bed, first, 0, 2), STORE_OK);
    for (int i = 0; i < 2; i++)
        it[i] = bed_settled(bed, &bed->batch->due[i], STORE_EFFECT_ACCEPTED);
    assert_int_equal(bed_wave_claim(bed, second, 0, BED_MAX), STORE_OK);
    assert_true(bed->is_blocked);
    assert_int_equal(bed->n, 0);
    assert_int_equal(bed->next, 0);
    assert_int_equal(bed_settle(bed, it, 1), STORE_OK);
    assert_int_equal(bed_wave_claim(bed, second, 0, BED_MAX), STORE_OK);
    assert_true(bed->is_blocked);
    assert_int_equal(bed->next, it[0].row);
    assert_int_equal(bed_wave(bed, second)->n_accepted, 1);
    assert_int_equal(bed_settle(bed, it + 1, 1), STORE_OK);
    assert_int_equal(bed_wave_claim(bed, second, it[0].row, BED_MAX), STORE_OK);
    assert_false(bed->is_blocked);
    assert_int_equal(bed->n, N_DEVICES - 2);
    assert_int_equal(bed_wave(bed, second)->n_accepted, 2);
}

/* The number of an ask decides, and not that the clock stands still. */
TEST(a_push_before_the_ask_serves_no_wave)
{
    struct bed *bed = *state;

    assert_int_equal(bed_ask(bed, "d0"), STORE_ASKED_NEW);
    assert_int_equal(bed_claim(bed), 1);
    bed_settle_all(bed, STORE_EFFECT_ACCEPTED);
    bed_wave_ask(bed, &everyone);
    assert_int_equal(bed_wave_claim(bed, bed->wave.id, 0, BED_MAX), STORE_OK);
    assert_int_equal(bed->n, N_DEVICES);
}

TEST(numbers_grow_over_a_restart)
{
    struct bed *bed = *state;
    int64_t last = 0;

    for (int i = 0; i < 3; i++) {
        bed_wave_ask(bed, &everyone);
        assert_true(bed->wave.ask_no > last);
        last = bed->wave.ask_no;
        assert_int_equal(bed_ask(bed, "d0") == STORE_ASKED_UNKNOWN, 0);
        assert_true(bed->answers[0].ask_no > last);
        last = bed->answers[0].ask_no;
        bed_reopen(bed);
    }
}

/* Its answer may have been lost in the engine's memory. */
TEST(a_page_that_is_claimed_again_counts_once)
{
    struct bed *bed = *state;
    int64_t id;

    wave_that_waits(bed);
    id = bed_wave_ask(bed, &everyone);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(bed_wave_claim(bed, id, 0, BED_MAX), STORE_OK);
        assert_int_equal(bed_wave(bed, id)->n_waiting, N_DEVICES);
    }
    assert_int_equal(bed_wave_pass(bed, id, 0, true), STORE_OK);
    assert_int_equal(bed_wave(bed, id)->n_waiting, N_DEVICES);
    assert_int_equal(bed->wave.n_total, N_DEVICES);
}

TEST(all_waves_that_wait_count_the_end)
{
    static const enum store_effect effects[N_DEVICES] = {
        STORE_EFFECT_ACCEPTED, STORE_EFFECT_DEAD,  STORE_EFFECT_SUSPECT,
        STORE_EFFECT_DROPPED,  STORE_EFFECT_RETRY, STORE_EFFECT_RETRY};
    struct bed *bed = *state;
    int64_t ids[3] = {wave_that_waits(bed), wave_that_joins(bed),
                      wave_that_joins(bed)};
    struct store_settled it[N_DEVICES];

    bed->now += 60000;
    assert_int_equal(bed_claim(bed), N_DEVICES);
    for (int i = 0; i < N_DEVICES; i++)
        it[i] = bed_settled(bed, &bed->batch->due[i], effects[i]);
    assert_int_equal(bed_cancel(bed, "d5"), 0);
    assert_int_equal(bed_settle(bed, it, N_DEVICES), STORE_OK);
    assert_false(bed->settled.is_wave_over);
    assert_int_equal(bed_cancel(bed, "d4"), 1);
    bed_checkin(bed, STORE_CHECKIN_CHECK_OUT, "d5", bed->now);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(bed_wave(bed, ids[i])->state, STORE_WAVE_DONE);
        assert_int_equal(bed->wave.n_total, N_DEVICES);
        assert_int_equal(bed->wave.n_accepted, 1);
        assert_int_equal(bed->wave.n_dead, 1);
        assert_int_equal(bed->wave.n_suspect, 1);
        assert_int_equal(bed->wave.n_dropped, 1);
        assert_int_equal(bed->wave.n_cancelled, 1);
        assert_int_equal(bed->wave.n_skipped, 1);
        assert_int_equal(bed->wave.n_waiting, 0);
    }
    assert_int_equal(bed_stats(bed)->n_wakes, 0);
}

TEST(a_settle_tells_that_waves_are_over)
{
    struct bed *bed = *state;

    wave_that_waits(bed);
    wave_that_joins(bed);
    bed->now += 60000;
    assert_int_equal(bed_claim(bed), N_DEVICES);
    bed_settle_all(bed, STORE_EFFECT_ACCEPTED);
    assert_true(bed->settled.is_wave_over);
    assert_int_equal(bed_stats(bed)->n_open_waves, 0);
}

TEST(a_cancelled_wave_leaves_its_wakes_to_the_others)
{
    struct bed *bed = *state;
    int64_t first = wave_that_waits(bed);
    int64_t second = wave_that_joins(bed);

    assert_int_equal(bed_wave_cancel(bed, first), STORE_OK);
    assert_int_equal(bed_wave(bed, first)->n_cancelled, N_DEVICES);
    assert_int_equal(bed_wave(bed, second)->n_waiting, N_DEVICES);
    assert_int_equal(bed_stats(bed)->n_wakes, N_DEVICES);
    assert_int_equal(bed_wave_cancel(bed, second), STORE_OK);
    assert_int_equal(bed_stats(bed)->n_wakes, 0);
}

/* What its page holds is free again, sent or not. */
TEST(a_cancelled_wave_gives_its_claims_back)
{
    struct bed *bed = *state;
    int64_t first = bed_wave_ask(bed, &everyone);
    int64_t second = bed_wave_ask(bed, &everyone);
    struct store_settled it;

    assert_int_equal(bed_wave_claim(bed, first, 0, 3), STORE_OK);
    it = bed_settled(bed, bed->batch->due, STORE_EFFECT_RETRY);
    assert_int_equal(bed_wave_cancel(bed, first), STORE_OK);
    assert_int_equal(bed_wave_claim(bed, second, 0, 3), STORE_OK);
    assert_false(bed->is_blocked);
    assert_int_equal(bed->n, 3);
    /* The late settle touches neither the claim nor the wave that has it. */
    assert_int_equal(bed_settle(bed, &it, 1), STORE_OK);
    assert_true(bed_get(bed, "d0")->wake.exists == false);
    assert_int_equal(bed_wave(bed, second)->n_waiting, 0);
    assert_int_equal(bed_ask(bed, "d0"), STORE_ASKED_NEW);
    assert_true(bed->answers[0].is_claimed);
}

/* Asked for while the page was in flight, and before it was submitted. */
TEST(a_waves_push_serves_a_wake_that_was_asked_before_it)
{
    struct bed *bed = *state;
    int64_t id = bed_wave_ask(bed, &everyone);
    struct store_settled it[2];

    assert_int_equal(bed_wave_claim(bed, id, 0, 2), STORE_OK);
    for (int i = 0; i < 2; i++)
        it[i] = bed_settled(bed, &bed->batch->due[i], STORE_EFFECT_ACCEPTED);
    assert_int_equal(bed_ask(bed, "d0"), STORE_ASKED_NEW);
    assert_true(bed->answers[0].is_claimed);
    it[0].ask_no = bed->answers[0].ask_no;
    assert_int_equal(bed_ask(bed, "d1"), STORE_ASKED_NEW);
    assert_int_equal(bed_claim(bed), 0);
    assert_int_equal(bed_settle(bed, it, 2), STORE_OK);
    assert_false(bed_get(bed, "d0")->wake.exists);
    /* The other one was submitted before its ask: one more. */
    assert_true(bed->settled.is_wake_due);
    assert_int_equal(bed_claim(bed), 1);
    assert_int_equal(bed->batch->due[0].row, it[1].row);
    assert_int_equal(bed_wave(bed, id)->n_accepted, 2);
}

TEST(a_waves_retry_and_a_wake_that_was_asked_meanwhile_are_one)
{
    struct bed *bed = *state;
    int64_t id = bed_wave_ask(bed, &everyone);
    struct store_settled it;

    assert_int_equal(bed_wave_claim(bed, id, 0, 1), STORE_OK);
    it = bed_settled(bed, bed->batch->due, STORE_EFFECT_RETRY);
    it.deadline_ms = BED_NOW + 2 * HOUR_MS;
    assert_int_equal(bed_ask(bed, "d0"), STORE_ASKED_NEW);
    assert_int_equal(bed_settle(bed, &it, 1), STORE_OK);
    assert_int_equal(bed_wave(bed, id)->n_waiting, 1);
    assert_int_equal(bed_get(bed, "d0")->wake.due_ms, BED_NOW + 60000);
    assert_int_equal(bed_get(bed, "d0")->wake.deadline_ms,
                     BED_NOW + 2 * HOUR_MS);
    assert_int_equal(bed_get(bed, "d0")->wake.attempt, 1);
    bed->now += 60000;
    assert_int_equal(bed_claim(bed), 1);
    bed_settle_all(bed, STORE_EFFECT_ACCEPTED);
    assert_int_equal(bed_wave(bed, id)->n_accepted, 1);
    assert_int_equal(bed_stats(bed)->n_wakes, 0);
}

/* A wake that is meant for tomorrow is not served by a push of today. */
TEST(a_waves_push_leaves_a_wake_for_a_later_hour)
{
    struct bed *bed = *state;
    struct store_wake_terms later = {.due_ms = BED_NOW + HOUR_MS,
                                     .deadline_ms = BED_NOW + 2 * HOUR_MS};
    int64_t id = bed_wave_ask(bed, &everyone);
    struct store_settled it;

    assert_int_equal(bed_wave_claim(bed, id, 0, 1), STORE_OK);
    it = bed_settled(bed, bed->batch->due, STORE_EFFECT_ACCEPTED);
    assert_int_equal(bed_ask_as(bed, "d0", &later), STORE_ASKED_NEW);
    it.ask_no = bed->answers[0].ask_no;
    assert_int_equal(bed_settle(bed, &it, 1), STORE_OK);
    assert_int_equal(bed_get(bed, "d0")->wake.due_ms, BED_NOW + HOUR_MS);
}

/* It was found dead for another wave: that is what became of it. */
TEST(a_token_that_died_since_the_ask_counts_so)
{
    struct bed *bed = *state;
    int64_t first = bed_wave_ask(bed, &everyone);
    int64_t second = bed_wave_ask(bed, &everyone);
    struct store_settled it[2];

    assert_int_equal(bed_wave_claim(bed, first, 0, 2), STORE_OK);
    it[0] = bed_settled(bed, &bed->batch->due[0], STORE_EFFECT_DEAD);
    it[1] = bed_settled(bed, &bed->batch->due[1], STORE_EFFECT_SUSPECT);
    assert_int_equal(bed_settle(bed, it, 2), STORE_OK);
    assert_int_equal(bed_wave_claim(bed, second, 0, BED_MAX), STORE_OK);
    assert_int_equal(bed->n, N_DEVICES - 2);
    bed_settle_all(bed, STORE_EFFECT_ACCEPTED);
    assert_int_equal(bed_wave_pass(bed, second, 0, true), STORE_OK);
    assert_int_equal(bed_wave(bed, second)->n_dead, 1);
    assert_int_equal(bed->wave.n_suspect, 1);
    assert_int_equal(bed->wave.n_accepted, N_DEVICES - 2);
    assert_int_equal(bed->wave.state, STORE_WAVE_DONE);
    /* One that died before the ask was never meant. */
    bed_wave_ask(bed, &everyone);
    assert_int_equal(bed->wave.n_total, N_DEVICES - 2);
    assert_int_equal(bed_wave_claim(bed, bed->wave.id, 0, BED_MAX), STORE_OK);
    bed_settle_all(bed, STORE_EFFECT_ACCEPTED);
    assert_int_equal(bed_wave_pass(bed, bed->wave.id, 0, true), STORE_OK);
    assert_int_equal(bed_wave(bed, bed->wave.id)->n_dead, 0);
}

/* It joined before the crash, and changed its topic before the wave looks at
   it again. */
TEST(one_that_joined_and_left_the_filter_counts_once)
{
    struct bed *bed = *state;
    struct store_filter filter = {.topic = BED_TOPIC};
    struct store_enrollment moved = bed_enrollment("d0");
    const struct store_wave *wave;
    int64_t id = bed_wave_ask(bed, &filter);

    assert_int_equal(bed_wave_claim(bed, id, 0, BED_MAX), STORE_OK);
    bed_settle_all(bed, STORE_EFFECT_RETRY);
    bed_reopen(bed);
    moved.topic = "other";
    assert_int_equal(bed_put(bed, &moved, 1), STORE_OK);
    assert_int_equal(bed_wave_claim(bed, id, 0, BED_MAX), STORE_OK);
    assert_int_equal(bed->n, 0);
    assert_int_equal(bed_wave(bed, id)->n_waiting, N_DEVICES);
    moved.state = STORE_STATE_DISABLED;
    assert_int_equal(bed_put(bed, &moved, 1), STORE_OK);
    assert_int_equal(bed_wave_pass(bed, id, 0, true), STORE_OK);
    wave = bed_wave(bed, id);
    assert_int_equal(wave->n_waiting, N_DEVICES - 1);
    assert_int_equal(wave->n_skipped, 1);
}

/* Seen because it was woken: it matches no more, and was woken all the same. */
TEST(a_silent_one_that_was_woken_counts_after_a_crash)
{
    struct bed *bed = *state;
    struct store_filter silent = {.seen_before_ms = BED_NOW};
    int64_t id = bed_wave_ask(bed, &silent);
    struct store_settled it[2];

    assert_int_equal(bed->wave.n_total, N_DEVICES);
    assert_int_equal(bed_wave_claim(bed, id, 0, BED_MAX), STORE_OK);
    it[0] = bed_settled(bed, &bed->batch->due[0], STORE_EFFECT_ACCEPTED);
    it[1] = bed_settled(bed, &bed->batch->due[1], STORE_EFFECT_RETRY);
    assert_int_equal(bed_settle(bed, it, 2), STORE_OK);
    bed_checkin(bed, STORE_CHECKIN_SEEN, "d0", BED_NOW + 1);
    bed_checkin(bed, STORE_CHECKIN_SEEN, "d1", BED_NOW + 1);
    bed_checkin(bed, STORE_CHECKIN_SEEN, "d2", BED_NOW + 1);
    bed_reopen(bed);
    assert_int_equal(bed_wave_claim(bed, id, 0, BED_MAX), STORE_OK);
    assert_int_equal(bed->n, N_DEVICES - 3);
    assert_int_equal(bed_wave(bed, id)->n_accepted, 1);
    assert_int_equal(bed->wave.n_waiting, 1);
}

/* A database of schema 5, with a wave under way and one that settles. */
static const char as_before[] =
    "DROP INDEX api_key_revoked;"
    "ALTER TABLE identity DROP COLUMN apple_account;"
    "DROP INDEX wake_waits;"
    "DROP INDEX wake_undecided;"
    "ALTER TABLE identity_history DROP COLUMN host;"
    "ALTER TABLE identity_history DROP COLUMN proven_at;"
    "ALTER TABLE identity_history RENAME COLUMN taken_at TO proven_at;"
    "DROP TABLE ask_no;"
    "ALTER TABLE wave DROP COLUMN ask_no;"
    "ALTER TABLE push DROP COLUMN ask_no;"
    "ALTER TABLE push DROP COLUMN served;"
    "ALTER TABLE push DROP COLUMN not_before;"
    "ALTER TABLE push DROP COLUMN pause;"
    "ALTER TABLE wake DROP COLUMN ask_no;"
    "ALTER TABLE wake DROP COLUMN pause;"
    "ALTER TABLE wake ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE wake ADD COLUMN wave INTEGER NOT NULL DEFAULT 0;"
    "DROP TABLE wake_wave;"
    "CREATE INDEX wake_wave ON wake (wave) WHERE wave <> 0;"
    "PRAGMA user_version = 5;"
    /* Wave 1 passed d0 and d1; d1 waits. It pushed d2; d3 waits, too. */
    "INSERT INTO wave (id, state, kinds, states, seen_before, until, pace,"
    " asked_at, deadline, asked_by, cursor, last_row, n_total, n_accepted,"
    " n_waiting) VALUES (1, 0, 0, 0, 0, 0, 0, 1700000000000, 1700000009999,"
    " '', 2, 6, 6, 2, 2);"
    "INSERT INTO push VALUES (1, 1700000000001, 200, 1, '', x''),"
    " (2, 1700000000001, 503, 1, '', x''), (3, 1700000000001, 200, 1, '', x''),"
    " (4, 1700000000001, 503, 1, '', x''), (5, 1699999999999, 200, 0, '', x'');"
    "INSERT INTO wake (row, topic, due, asked_at, deadline, attempt, until,"
    " flags, wave) VALUES (2, 1, 1700000060000, 1700000000000, 1700000009999,"
    " 1, 0, 0, 1), (4, 1, 1700000060000, 1700000000000, 1700000009999, 1, 0,"
    " 0, 1);"
    "UPDATE topic SET n_wakes = 2 WHERE id = 1;";

TEST(a_database_of_before_goes_on)
{
    struct bed *bed = *state;
    sqlite3 *sqlite;
    char *text = NULL;

    bed_close(bed);
    assert_int_equal(sqlite3_open(bed_path(bed, "rouse.db"), &sqlite),
                     SQLITE_OK);
    sqlite3_exec(sqlite, as_before, NULL, NULL, &text);
    assert_null(text);
    assert_int_equal(sqlite3_close(sqlite), SQLITE_OK);
    assert_int_equal(bed_open(bed), STORE_OK);
    assert_int_equal(bed_wave(bed, 1)->n_accepted, 1);
    assert_int_equal(bed->wave.n_waiting, 1);
    assert_int_equal(bed_wave_claim(bed, 1, 2, BED_MAX), STORE_OK);
    assert_int_equal(bed->n, 2); /* d4, d5: not pushed since the ask */
    assert_int_equal(bed_wave(bed, 1)->n_accepted, 2);
    assert_int_equal(bed->wave.n_waiting, 2);
    bed_settle_all(bed, STORE_EFFECT_ACCEPTED);
    assert_int_equal(bed_wave_pass(bed, 1, 0, true), STORE_OK);
    bed->now += 60000;
    assert_int_equal(bed_claim(bed), 2);
    bed_settle_all(bed, STORE_EFFECT_ACCEPTED);
    assert_int_equal(bed_wave(bed, 1)->n_accepted, N_DEVICES);
    assert_int_equal(bed->wave.n_total, N_DEVICES);
    assert_int_equal(bed->wave.state, STORE_WAVE_DONE);
    /* The next ask is newer than any push of before. */
    bed_wave_ask(bed, &everyone);
    assert_int_equal(bed_wave_claim(bed, bed->wave.id, 0, BED_MAX), STORE_OK);
    assert_int_equal(bed->n, N_DEVICES);
}
