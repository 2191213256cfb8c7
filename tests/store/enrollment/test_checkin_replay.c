/* SPDX-License-Identifier: MIT */

/*
 * Check-ins that were read from a server's storage: nobody knows when the
 * device sent them.
 */

#include "tests/store/store_bed.h"
#include "tests/support/unit.h"

#include <string.h>

#define MINUTE   60000
#define SERIAL   "C02SERIAL"
#define ENABLED  STORE_STATE_ENABLED
#define DISABLED STORE_STATE_DISABLED

EACH(bed_set_up, bed_tear_down);

/* The device itself, ${at} ms after BED_NOW. */
static void
say(struct bed *bed, enum store_checkin_type type, int64_t at)
{
    const struct store_checkin checkin = {.type = type,
                                          .at_ms = BED_NOW + at,
                                          .id = "D",
                                          .topic = BED_TOPIC,
                                          .token = (const uint8_t *)"new",
                                          .token_len = 3,
                                          .magic = "new"};

    assert_int_equal(bed_checkin_as(bed, &checkin), STORE_OK);
}

static void
replay(struct bed *bed, enum store_checkin_type type, const char *magic)
{
    struct store_checkin checkin = {
        .type = type,
        .is_replayed = true,
        .id = "D",
        .serial = type == STORE_CHECKIN_AUTHENTICATE ? SERIAL : "",
        .topic = BED_TOPIC,
        .token = (const uint8_t *)magic,
        .token_len = strlen(magic),
        .magic = magic,
    };

    assert_int_equal(bed_checkin_as(bed, &checkin), STORE_OK);
}

#define REPLAY(bed, magic)                              \
    do {                                                \
        replay(bed, STORE_CHECKIN_AUTHENTICATE, magic); \
        replay(bed, STORE_CHECKIN_TOKEN_UPDATE, magic); \
    } while (0)

TEST(a_replayed_device_has_no_times)
{
    struct bed *bed = *state;
    const struct store_enrollment *it;

    REPLAY(bed, "new");
    it = bed_get(bed, "D");
    assert_int_equal(it->state, ENABLED);
    assert_int_equal(it->token_at_ms, 0);
    assert_int_equal(it->seen_at_ms, 0);
    assert_int_equal(it->tally, 1);
    assert_string_equal(it->serial, SERIAL);
    /* So it counts as silent. */
    assert_int_equal(
        bed_count(bed, &(struct store_filter){.seen_before_ms = 1}), 1);
}

TEST(any_410_counts_against_a_replayed_token)
{
    struct bed *bed = *state;
    struct store_settled it;

    REPLAY(bed, "new");
    assert_int_equal(bed_ask(bed, "D"), STORE_ASKED_NEW);
    assert_int_equal(bed_claim(bed), 1);
    it = bed_settled(bed, bed->batch->due, STORE_EFFECT_DEAD);
    it.died_at_ms = 1;
    assert_int_equal(bed_settle(bed, &it, 1), STORE_OK);
    assert_int_equal(bed_state(bed, "D"), STORE_STATE_DEAD);
    /* Replayed again it stays so; a token that is another one is good news. */
    REPLAY(bed, "new");
    assert_int_equal(bed_state(bed, "D"), STORE_STATE_DEAD);
    REPLAY(bed, "other");
    assert_int_equal(bed_state(bed, "D"), ENABLED);
}

TEST(what_the_device_says_beats_what_is_replayed)
{
    struct bed *bed = *state;

    /* By a server whose clock is behind ours. */
    REPLAY(bed, "old");
    say(bed, STORE_CHECKIN_CHECK_OUT, -5000);
    assert_int_equal(bed_state(bed, "D"), DISABLED);
    REPLAY(bed, "old");
    assert_int_equal(bed_state(bed, "D"), DISABLED);
    say(bed, STORE_CHECKIN_TOKEN_UPDATE, -4000);
    assert_int_equal(bed_state(bed, "D"), ENABLED);
    /* A replay that was read before that. */
    REPLAY(bed, "old");
    assert_string_equal(bed_get(bed, "D")->magic, "new");
    /* One that comes later knows more: events were missed. */
    bed->now += MINUTE + 1;
    REPLAY(bed, "newer");
    assert_string_equal(bed_get(bed, "D")->magic, "newer");
    assert_int_equal(bed_get(bed, "D")->token_at_ms, 0);
    assert_int_equal(bed_get(bed, "D")->seen_at_ms, BED_NOW - 4000);
}

TEST(a_replayed_authenticate_gives_its_serial_number)
{
    struct bed *bed = *state;

    say(bed, STORE_CHECKIN_TOKEN_UPDATE, 0);
    assert_string_equal(bed_get(bed, "D")->serial, "");
    replay(bed, STORE_CHECKIN_AUTHENTICATE, "");
    assert_string_equal(bed_get(bed, "D")->serial, SERIAL);
    assert_int_equal(bed_state(bed, "D"), ENABLED);
    assert_int_equal(bed_get(bed, "D")->tally, 1);
}

TEST(a_replayed_token_of_another_topic_is_another_one)
{
    struct bed *bed = *state;
    const struct store_checkin checkin = {.type = STORE_CHECKIN_TOKEN_UPDATE,
                                          .is_replayed = true,
                                          .id = "D",
                                          .topic = "other",
                                          .token = (const uint8_t *)"new",
                                          .token_len = 3,
                                          .magic = "new"};

    REPLAY(bed, "new");
    assert_int_equal(bed_checkin_as(bed, &checkin), STORE_OK);
    assert_true(bed->checkin.is_applied);
    assert_string_equal(bed_get(bed, "D")->topic, "other");
}

TEST(a_replay_wakes_nobody_from_a_wait)
{
    struct bed *bed = *state;
    struct store_wake_terms terms = {.until = STORE_UNTIL_CHECK_IN};

    say(bed, STORE_CHECKIN_TOKEN_UPDATE, 0);
    assert_int_equal(bed_ask_as(bed, "D", &terms), STORE_ASKED_NEW);
    bed->now += 2 * MINUTE;
    replay(bed, STORE_CHECKIN_SEEN, "new");
    REPLAY(bed, "new");
    assert_true(bed_get(bed, "D")->wake.exists);
    assert_int_equal(bed_get(bed, "D")->seen_at_ms, BED_NOW);
}

TEST(a_replayed_check_out_disables)
{
    struct bed *bed = *state;

    REPLAY(bed, "new");
    replay(bed, STORE_CHECKIN_CHECK_OUT, "");
    assert_int_equal(bed_state(bed, "D"), DISABLED);
    say(bed, STORE_CHECKIN_TOKEN_UPDATE, 0);
    assert_int_equal(bed_state(bed, "D"), ENABLED);
}
