/* SPDX-License-Identifier: MIT */

/*
 * Check-ins that crossed each other on the way: stamped in the wrong order,
 * come in the wrong order, twice, or very late. And those that were read from
 * a server's storage.
 */

#include "store_bed.h"

#include <string.h>

#define MAX_STEPS 6
#define MINUTE    60000
#define SERIAL    "C02SERIAL"

static int
set_up(void **state)
{
    *state = bed_start();
    return 0;
}

static int
tear_down(void **state)
{
    bed_free(*state);
    return 0;
}

enum what {
    END,
    AUTH,
    OLD,  /* the device's TokenUpdate with its old token */
    NEW,  /* and with the new one */
    USER, /* the TokenUpdate of a user channel */
    OUT,  /* CheckOut */
};

struct step {
    enum what what;
    int64_t at;     /* ms after BED_NOW: the event's stamp */
    int64_t came;   /* and when it came */
    uint32_t tally; /* as the server counts; 0: it does not say */
};

struct crossing {
    const char *name;
    struct step steps[MAX_STEPS];
    enum store_state want;
    uint32_t tally;
    enum store_state user; /* where there is one */
};

#define ENABLED  STORE_STATE_ENABLED
#define DISABLED STORE_STATE_DISABLED

static const struct crossing crossings[] = {
    {"in order", {{AUTH, 0, 0, 0}, {NEW, 5, 5, 0}}, ENABLED, 1, 0},
    {"stamped the wrong way round",
     {{AUTH, 5, 5, 0}, {NEW, 0, 6, 0}},
     ENABLED,
     1,
     0},
    {"come the wrong way round",
     {{NEW, 5, 5, 0}, {AUTH, 0, 6, 0}},
     ENABLED,
     1,
     0},
    {"stamped and come the wrong way round",
     {{NEW, 0, 5, 0}, {AUTH, 5, 6, 0}},
     ENABLED,
     1,
     0},
    {"stamped alike", {{AUTH, 5, 5, 0}, {NEW, 5, 6, 0}}, ENABLED, 1, 0},
    {"stamped alike, token first",
     {{NEW, 5, 5, 0}, {AUTH, 5, 6, 0}},
     ENABLED,
     1,
     0},
    {"a minute before, by its stamp",
     {{AUTH, MINUTE, MINUTE, 0}, {NEW, 0, MINUTE + 1, 0}},
     ENABLED,
     1,
     0},
    {"more than a minute before, by its stamp",
     {{AUTH, MINUTE + 1, MINUTE + 1, 0}, {NEW, 0, MINUTE + 2, 0}},
     DISABLED,
     0,
     0},
    {"comes long after, stamped within the minute",
     {{NEW, 0, 0, 0}, {AUTH, MINUTE, 9 * MINUTE, 0}},
     ENABLED,
     1,
     0},
    {"comes within the minute, stamped long after",
     {{NEW, 0, 9 * MINUTE, 0}, {AUTH, 9 * MINUTE, 10 * MINUTE, 0}},
     ENABLED,
     1,
     0},
    {"a minute is over",
     {{NEW, 0, 0, 0}, {AUTH, MINUTE + 1, MINUTE + 1, 0}},
     DISABLED,
     0,
     0},
    {"an Authenticate that comes an hour late",
     {{NEW, 5, 5, 0}, {NEW, 3000, 3000, 0}, {AUTH, 0, 60 * MINUTE, 0}},
     ENABLED,
     1,
     0},
    {"the same where the server counts",
     {{NEW, 5, 5, 1}, {NEW, 3000, 3000, 2}, {AUTH, 0, 60 * MINUTE, 0}},
     ENABLED,
     2,
     0},
    {"Authenticate twice",
     {{AUTH, 0, 0, 0}, {NEW, 5, 5, 0}, {AUTH, 0, 9, 0}},
     ENABLED,
     1,
     0},
    {"Authenticate again, long after",
     {{AUTH, 0, 0, 0},
      {NEW, 5, 5, 0},
      {NEW, 9 * MINUTE, 9 * MINUTE, 0},
      {AUTH, 0, 20 * MINUTE, 0}},
     ENABLED,
     2,
     0},
    {"TokenUpdate twice where the server counts",
     {{AUTH, 0, 0, 0}, {NEW, 5, 5, 1}, {NEW, 5, 9, 1}},
     ENABLED,
     1,
     0},

    {"enrolled again",
     {{OLD, 0, 0, 0},
      {USER, 10, 10, 0},
      {AUTH, 2 * MINUTE, 2 * MINUTE, 0},
      {NEW, 2 * MINUTE + 5, 2 * MINUTE + 5, 0}},
     ENABLED,
     1,
     DISABLED},
    {"enrolled again, no token yet",
     {{OLD, 0, 0, 0}, {USER, 10, 10, 0}, {AUTH, 2 * MINUTE, 2 * MINUTE, 0}},
     DISABLED,
     0,
     DISABLED},
    {"enrolled again, come the wrong way round",
     {{OLD, 0, 0, 0},
      {OLD, 5, 5, 0},
      {USER, 10, 10, 0},
      {NEW, 2 * MINUTE + 5, 2 * MINUTE + 5, 0},
      {AUTH, 2 * MINUTE, 2 * MINUTE + 6, 0}},
     ENABLED,
     1,
     DISABLED},
    {"enrolled again, stamped the wrong way round",
     {{OLD, 0, 0, 0},
      {OLD, 5, 5, 0},
      {USER, 10, 10, 0},
      {NEW, 2 * MINUTE, 2 * MINUTE + 5, 0},
      {AUTH, 2 * MINUTE + 5, 2 * MINUTE + 6, 0}},
     ENABLED,
     1,
     DISABLED},
    {"enrolled again within the minute",
     {{OLD, 0, 0, 0},
      {OLD, 5, 5, 0},
      {USER, 10, 10, 0},
      {AUTH, 2000, 2000, 0},
      {NEW, 2005, 2005, 0}},
     ENABLED,
     1,
     DISABLED},
    {"enrolled again, and the Authenticate got lost",
     {{OLD, 0, 0, 7}, {USER, 10, 10, 1}, {NEW, 2 * MINUTE, 2 * MINUTE, 1}},
     ENABLED,
     1,
     DISABLED},
    {"a user of the new enrollment stays",
     {{NEW, 5, 5, 0}, {USER, 20, 20, 0}, {AUTH, 0, 30, 0}},
     ENABLED,
     1,
     ENABLED},
    {"a user that is stamped before the Authenticate and comes after it",
     {{AUTH, 8, 8, 0}, {NEW, 5, 9, 0}, {USER, 7, 10, 0}},
     ENABLED,
     1,
     ENABLED},

    {"checked out in between",
     {{OLD, 0, 0, 0},
      {OUT, 2 * MINUTE, 2 * MINUTE, 0},
      {NEW, 4 * MINUTE + 5, 4 * MINUTE + 5, 0},
      {AUTH, 4 * MINUTE, 4 * MINUTE + 6, 0}},
     ENABLED,
     1,
     0},
    {"checked out in between, which comes last",
     {{OLD, 0, 0, 0},
      {NEW, 4 * MINUTE + 5, 4 * MINUTE + 5, 0},
      {AUTH, 4 * MINUTE, 4 * MINUTE + 6, 0},
      {OUT, 2 * MINUTE, 4 * MINUTE + 7, 0}},
     ENABLED,
     1,
     0},
    {"checked out, and the token comes last",
     {{AUTH, 0, 0, 0}, {OUT, 10, 10, 0}, {NEW, 5, 20, 0}},
     DISABLED,
     0,
     0},
    {"checked out within the minute",
     {{AUTH, 0, 0, 0}, {NEW, 5, 5, 0}, {OUT, 10, 10, 0}},
     DISABLED,
     1,
     0},
};

static void
take(struct bed *bed, const struct step *step)
{
    bool is_user = step->what == USER;
    bool is_old = step->what == OLD;
    struct store_checkin checkin = {
        .type = step->what == AUTH  ? STORE_CHECKIN_AUTHENTICATE
                : step->what == OUT ? STORE_CHECKIN_CHECK_OUT
                                    : STORE_CHECKIN_TOKEN_UPDATE,
        .at_ms = BED_NOW + step->at,
        .tally = step->tally,
        .id = is_user ? "D:u" : "D",
        .kind = is_user ? STORE_KIND_USER : STORE_KIND_DEVICE,
        .parent = is_user ? "D" : "",
        .serial = step->what == AUTH ? SERIAL : "",
        .topic = BED_TOPIC,
        .token = (const uint8_t *)(is_old ? "old" : "new"),
        .token_len = 3,
        .magic = is_old ? "old" : "new",
    };

    bed->now = BED_NOW + step->came;
    assert_int_equal(bed_checkin_as(bed, &checkin), STORE_OK);
}

static void
expect(struct bed *bed, const struct crossing *crossing, bool has_user,
       bool has_serial)
{
    const struct store_enrollment *it = bed_get(bed, "D");

    if (it->state != crossing->want || it->tally != crossing->tally)
        fail_msg("%s: %s, tally %u", crossing->name,
                 store_state_text(it->state), it->tally);
    if (strcmp(it->serial, has_serial ? SERIAL : "") != 0)
        fail_msg("%s: serial number \"%s\"", crossing->name, it->serial);
    if (it->state == ENABLED && strcmp(it->magic, "new") != 0)
        fail_msg("%s: has the old token", crossing->name);
    if (has_user && bed_state(bed, "D:u") != crossing->user)
        fail_msg("%s: its user is %s", crossing->name,
                 store_state_text(bed_state(bed, "D:u")));
}

static void
crossed_events_end_as_if_they_had_come_in_order(void **state)
{
    struct bed *bed = *state;

    for (size_t i = 0; i < sizeof crossings / sizeof crossings[0]; i++) {
        const struct crossing *crossing = &crossings[i];
        bool has_user = false, has_serial = false;

        for (int k = 0; k < MAX_STEPS && crossing->steps[k].what != END; k++) {
            take(bed, &crossing->steps[k]);
            has_user |= crossing->steps[k].what == USER;
            has_serial |= crossing->steps[k].what == AUTH;
        }
        expect(bed, crossing, has_user, has_serial);
        bed_delete(bed, "D:u");
        bed_delete(bed, "D");
    }
}

static void
a_crossing_survives_a_clock_that_is_set_back_a_bit(void **state)
{
    struct bed *bed = *state;

    take(bed, &(struct step){NEW, 5000, 5000, 0});
    take(bed, &(struct step){AUTH, 2999, 3000, 0});
    assert_int_equal(bed_state(bed, "D"), ENABLED);
}

/*
 * Read from a server's storage.
 */
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

static void
a_replayed_device_has_no_times(void **state)
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

static void
any_410_counts_against_a_replayed_token(void **state)
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

static void
what_the_device_says_beats_what_is_replayed(void **state)
{
    struct bed *bed = *state;

    /* By a server whose clock is behind ours. */
    REPLAY(bed, "old");
    take(bed, &(struct step){OUT, -5000, 0, 0});
    assert_int_equal(bed_state(bed, "D"), DISABLED);
    REPLAY(bed, "old");
    assert_int_equal(bed_state(bed, "D"), DISABLED);
    take(bed, &(struct step){NEW, -4000, 0, 0});
    assert_int_equal(bed_state(bed, "D"), ENABLED);
    /* A replay that was read before that. */
    REPLAY(bed, "old");
    assert_string_equal(bed_get(bed, "D")->magic, "new");
    /* One that comes later knows more: events were missed. */
    bed->now += MINUTE + 1;
    REPLAY(bed, "newer");
    assert_string_equal(bed_get(bed, "D")->magic, "newer");
    assert_int_equal(bed_get(bed, "D")->seen_at_ms, BED_NOW - 4000);
}

static void
a_replay_wakes_nobody_from_a_wait(void **state)
{
    struct bed *bed = *state;
    struct store_wake_terms terms = {.until = STORE_UNTIL_CHECK_IN};

    take(bed, &(struct step){NEW, 0, 0, 0});
    assert_int_equal(bed_ask_as(bed, "D", &terms), STORE_ASKED_NEW);
    bed->now += 2 * MINUTE;
    replay(bed, STORE_CHECKIN_SEEN, "new");
    REPLAY(bed, "new");
    assert_true(bed_get(bed, "D")->wake.exists);
    assert_int_equal(bed_get(bed, "D")->seen_at_ms, BED_NOW);
}

static void
a_replayed_check_out_disables(void **state)
{
    struct bed *bed = *state;

    REPLAY(bed, "new");
    replay(bed, STORE_CHECKIN_CHECK_OUT, "");
    assert_int_equal(bed_state(bed, "D"), DISABLED);
    take(bed, &(struct step){NEW, 0, 0, 0});
    assert_int_equal(bed_state(bed, "D"), ENABLED);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(crossed_events_end_as_if_they_had_come_in_order),
        TEST(a_crossing_survives_a_clock_that_is_set_back_a_bit),
        TEST(a_replayed_device_has_no_times),
        TEST(any_410_counts_against_a_replayed_token),
        TEST(what_the_device_says_beats_what_is_replayed),
        TEST(a_replay_wakes_nobody_from_a_wait),
        TEST(a_replayed_check_out_disables),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
