/* SPDX-License-Identifier: MIT */
#include "tests/store/store_bed.h"
#include "tests/support/unit.h"

#include <stdio.h>
#include <string.h>

#define AUTHENTICATE STORE_CHECKIN_AUTHENTICATE
#define TOKEN_UPDATE STORE_CHECKIN_TOKEN_UPDATE
#define CHECK_OUT    STORE_CHECKIN_CHECK_OUT
#define SEEN         STORE_CHECKIN_SEEN

EACH(bed_set_up, bed_tear_down);

struct sent {
    enum store_checkin_type type;
    int64_t at;
};

#define N_SENT   4
#define A_MINUTE 60000

/* All orders of four check-ins of one device, by Heap's algorithm. */
static void
swap(struct sent *a, struct sent *b)
{
    struct sent kept = *a;

    *a = *b;
    *b = kept;
}

static void
try_order(struct bed *bed, const struct sent *sent, int number,
          enum store_state want)
{
    const struct store_enrollment *it;
    char id[32];

    snprintf(id, sizeof id, "device-%d-%d", (int)want, number);
    for (int i = 0; i < N_SENT; i++) {
        bed->now += 2 * A_MINUTE; /* none of them cross by coming together */
        assert_int_equal(bed_checkin(bed, sent[i].type, id, sent[i].at),
                         STORE_OK);
    }
    it = bed_get(bed, id);
    assert_non_null(it);
    assert_int_equal(it->state, want);
}

static void
try_orders(struct bed *bed, struct sent *sent, enum store_state want)
{
    int turns[N_SENT] = {0}, number = 0;

    try_order(bed, sent, number++, want);
    for (int i = 0; i < N_SENT;) {
        if (turns[i] < i) {
            swap(&sent[i % 2 ? turns[i] : 0], &sent[i]);
            try_order(bed, sent, number++, want);
            turns[i]++;
            i = 0;
        } else {
            turns[i++] = 0;
        }
    }
    assert_int_equal(number, 24);
}

TEST(the_newest_decides_in_whatever_order_they_come)
{
    struct bed *bed = *state;
    struct sent enrolled[N_SENT] = {{AUTHENTICATE, 100},
                                    {TOKEN_UPDATE, 200},
                                    {SEEN, 250},
                                    {TOKEN_UPDATE, 300}};
    struct sent renewed[N_SENT] = {{TOKEN_UPDATE, 100},
                                   {CHECK_OUT, 200},
                                   {AUTHENTICATE, 300},
                                   {TOKEN_UPDATE, 400}};

    try_orders(bed, enrolled, STORE_STATE_ENABLED);
    try_orders(bed, renewed, STORE_STATE_ENABLED);
}

TEST(a_wiped_device_stays_disabled_in_whatever_order)
{
    struct bed *bed = *state;
    struct sent wiped[N_SENT] = {{AUTHENTICATE, 100},
                                 {TOKEN_UPDATE, 200},
                                 {SEEN, 250},
                                 {AUTHENTICATE, 201 + A_MINUTE}};

    try_orders(bed, wiped, STORE_STATE_DISABLED);
}

TEST(an_older_token_never_replaces_a_newer_one)
{
    struct bed *bed = *state;
    struct store_checkin old = {.type = TOKEN_UPDATE,
                                .at_ms = 100,
                                .id = "a",
                                .topic = BED_TOPIC,
                                .token = (const uint8_t *)"old",
                                .token_len = 3,
                                .magic = "old"};

    assert_int_equal(bed_checkin(bed, TOKEN_UPDATE, "a", 200), STORE_OK);
    assert_int_equal(bed_checkin_as(bed, &old), STORE_OK);
    assert_true(bed->checkin.is_known);
    assert_false(bed->checkin.is_applied);
    assert_string_equal(bed_get(bed, "a")->magic, "magic");
    assert_int_equal(bed_get(bed, "a")->seen_at_ms, 200);
    /* Equal times: applied. */
    old.at_ms = 200;
    assert_int_equal(bed_checkin_as(bed, &old), STORE_OK);
    assert_true(bed->checkin.is_applied);
    assert_true(bed->checkin.is_changed);
    assert_string_equal(bed_get(bed, "a")->magic, "old");
}

TEST(the_tally_counts_since_authenticate)
{
    struct bed *bed = *state;

    bed_checkin(bed, AUTHENTICATE, "a", 100);
    assert_false(bed->checkin.is_known);
    assert_int_equal(bed->checkin.tally, 0);
    bed_checkin(bed, TOKEN_UPDATE, "a", 110);
    assert_true(bed->checkin.is_known);
    assert_true(bed->checkin.is_changed);
    assert_int_equal(bed->checkin.tally, 1);
    bed_checkin(bed, TOKEN_UPDATE, "a", 120);
    assert_int_equal(bed->checkin.tally, 2);
    assert_false(bed->checkin.is_changed);
    bed->now += 2 * A_MINUTE;
    bed_checkin(bed, AUTHENTICATE, "a", 121 + A_MINUTE);
    assert_int_equal(bed->checkin.tally, 0);
    assert_int_equal(bed_state(bed, "a"), STORE_STATE_DISABLED);
}

static void
put_user(struct bed *bed, const char *id, int64_t at)
{
    struct store_checkin user = {.type = TOKEN_UPDATE,
                                 .at_ms = at,
                                 .id = id,
                                 .kind = STORE_KIND_USER,
                                 .parent = "D",
                                 .topic = BED_TOPIC,
                                 .token = (const uint8_t *)"user",
                                 .token_len = 4,
                                 .magic = "user"};

    assert_int_equal(bed_checkin_as(bed, &user), STORE_OK);
}

TEST(authenticate_disables_the_users_that_are_older)
{
    struct bed *bed = *state;

    bed_checkin(bed, TOKEN_UPDATE, "D", 100);
    put_user(bed, "D:old", 150);
    put_user(bed, "D:new", 100250);
    assert_int_equal(bed_ask(bed, "D:old"), STORE_ASKED_NEW);
    bed->now += 2 * A_MINUTE;
    bed_checkin(bed, AUTHENTICATE, "D", 100200);
    assert_int_equal(bed_state(bed, "D"), STORE_STATE_DISABLED);
    assert_int_equal(bed_state(bed, "D:old"), STORE_STATE_DISABLED);
    assert_false(bed_get(bed, "D:old")->wake.exists);
    assert_int_equal(bed_get(bed, "D:old")->tally, 0);
    assert_int_equal(bed_state(bed, "D:new"), STORE_STATE_ENABLED);
    /* A user's TokenUpdate from before must not revive it. */
    put_user(bed, "D:old", 100199 - A_MINUTE);
    assert_int_equal(bed_state(bed, "D:old"), STORE_STATE_DISABLED);
    put_user(bed, "D:old", 100201);
    assert_int_equal(bed_state(bed, "D:old"), STORE_STATE_ENABLED);
}

TEST(a_user_that_checks_out_leaves_its_device_alone)
{
    struct bed *bed = *state;

    bed_checkin(bed, TOKEN_UPDATE, "D", 100);
    put_user(bed, "D:u", 150);
    bed_checkin(bed, CHECK_OUT, "D:u", 200);
    assert_int_equal(bed_state(bed, "D:u"), STORE_STATE_DISABLED);
    assert_int_equal(bed_state(bed, "D"), STORE_STATE_ENABLED);
}

TEST(check_out_disables_and_drops_the_wake)
{
    struct bed *bed = *state;

    bed_checkin(bed, TOKEN_UPDATE, "D", 100);
    put_user(bed, "D:u", 150);
    assert_int_equal(bed_ask(bed, "D"), STORE_ASKED_NEW);
    bed_checkin(bed, CHECK_OUT, "D", 200);
    assert_int_equal(bed_state(bed, "D"), STORE_STATE_DISABLED);
    assert_int_equal(bed_state(bed, "D:u"), STORE_STATE_DISABLED);
    assert_int_equal(bed_claim(bed), 0);
    assert_int_equal(bed_ask(bed, "D"), STORE_ASKED_UNPUSHABLE);
    assert_int_equal(bed->answers[0].state, STORE_STATE_DISABLED);
}

TEST(unknown_ones_are_no_error)
{
    struct bed *bed = *state;

    assert_int_equal(bed_checkin(bed, SEEN, "x", 1), STORE_OK);
    assert_false(bed->checkin.is_known);
    assert_false(bed->checkin.is_applied);
    assert_int_equal(bed_checkin(bed, CHECK_OUT, "x", 1), STORE_OK);
    assert_false(bed->checkin.is_applied);
    assert_null(bed_get(bed, "x"));
}

TEST(token_update_revives_the_dead_and_the_suspect)
{
    struct bed *bed = *state;
    struct store_enrollment it = bed_enrollment("a");

    it.state = STORE_STATE_DEAD;
    assert_int_equal(bed_put(bed, &it, 1), STORE_OK);
    it.state = STORE_STATE_SUSPECT;
    it.id = "b";
    assert_int_equal(bed_put(bed, &it, 1), STORE_OK);
    bed_checkin(bed, TOKEN_UPDATE, "a", BED_NOW);
    bed_checkin(bed, TOKEN_UPDATE, "b", BED_NOW);
    assert_int_equal(bed_state(bed, "a"), STORE_STATE_ENABLED);
    assert_int_equal(bed_state(bed, "b"), STORE_STATE_ENABLED);
}

TEST(what_a_token_update_leaves_open_is_kept)
{
    struct bed *bed = *state;
    struct store_enrollment it = bed_enrollment("a");

    it.serial = "C02XYZ";
    assert_int_equal(bed_put(bed, &it, 1), STORE_OK);
    bed_checkin(bed, TOKEN_UPDATE, "a", BED_NOW);
    assert_string_equal(bed_get(bed, "a")->serial, "C02XYZ");
    assert_int_equal(bed_get(bed, "a")->token_len, 16);
}

TEST(incomplete_check_ins_are_refused)
{
    struct bed *bed = *state;
    struct store_checkin good = {.type = TOKEN_UPDATE,
                                 .at_ms = 100,
                                 .id = "a",
                                 .topic = BED_TOPIC,
                                 .token = (const uint8_t *)"token",
                                 .token_len = 5,
                                 .magic = "magic"};
    struct store_checkin bad;

#define REFUSED(field, value)                                      \
    do {                                                           \
        bad = good;                                                \
        bad.field = value;                                         \
        assert_int_equal(bed_checkin_as(bed, &bad), STORE_EINVAL); \
    } while (0)
    REFUSED(id, "");
    REFUSED(id, NULL);
    REFUSED(topic, "");
    REFUSED(magic, NULL);
    REFUSED(token_len, 0);
    REFUSED(token_len, STORE_MAX_TOKEN + 1);
    REFUSED(at_ms, -1);
    REFUSED(kind, STORE_N_KINDS);
#undef REFUSED
    assert_int_equal(bed_checkin_as(bed, &good), STORE_OK);
}

TEST(a_wake_that_waits_for_the_device_ends_when_it_is_seen)
{
    struct bed *bed = *state;
    struct store_wake_terms terms = {.until = STORE_UNTIL_CHECK_IN};

    bed_checkin(bed, TOKEN_UPDATE, "a", BED_NOW - 10);
    assert_int_equal(bed_ask_as(bed, "a", &terms), STORE_ASKED_NEW);
    bed_checkin(bed, SEEN, "a", BED_NOW - 1);
    assert_true(bed_get(bed, "a")->wake.exists);
    bed_checkin(bed, SEEN, "a", BED_NOW);
    assert_false(bed_get(bed, "a")->wake.exists);
}

TEST(times_ahead_of_the_clock_do_not_shut_out_what_comes_now)
{
    struct bed *bed = *state;
    struct store_enrollment user = bed_enrollment("a:u");

    bed_checkin(bed, TOKEN_UPDATE, "a", BED_NOW);
    user.kind = STORE_KIND_USER;
    user.parent = "a";
    user.token_at_ms = BED_NOW;
    assert_int_equal(bed_put(bed, &user, 1), STORE_OK);
    bed->now = BED_NOW - 3600000; /* set back: it had run ahead */
    assert_int_equal(bed_checkin(bed, SEEN, "a", bed->now), STORE_OK);
    assert_int_equal(bed_get(bed, "a")->seen_at_ms, bed->now);
    bed->now += 1000;
    assert_int_equal(bed_checkin(bed, AUTHENTICATE, "a", bed->now), STORE_OK);
    assert_true(bed->checkin.is_applied);
    assert_int_equal(bed_state(bed, "a"), STORE_STATE_DISABLED);
    assert_int_equal(bed_state(bed, "a:u"), STORE_STATE_DISABLED);
    bed->now += 1000;
    assert_int_equal(bed_checkin(bed, TOKEN_UPDATE, "a", bed->now), STORE_OK);
    assert_true(bed->checkin.is_applied);
    assert_int_equal(bed_state(bed, "a"), STORE_STATE_ENABLED);
    assert_int_equal(bed_get(bed, "a")->token_at_ms, bed->now);
    /* And now that all is true again, the older loses as ever. */
    assert_int_equal(bed_checkin(bed, AUTHENTICATE, "a", bed->now - 1),
                     STORE_OK);
    assert_false(bed->checkin.is_applied);
}
