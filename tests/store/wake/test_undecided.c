/* SPDX-License-Identifier: MIT */
#include "tests/store/store_bed.h"
#include "tests/support/unit.h"

#include <stdio.h>
#include <string.h>

#define BAD   "BadDeviceToken"
#define TOPIC "DeviceTokenNotForTopic"
#define DAY   INT64_C(86400000)
#define HOST  "api.push.apple.com"

EACH(bed_set_up, bed_tear_down);

static void
enroll(struct bed *bed, const char *id)
{
    struct store_enrollment it = bed_enrollment(id);

    assert_int_equal(bed_put(bed, &it, 1), STORE_OK);
}

static enum store_asked
ask(struct bed *bed, const char *id, int64_t deadline_ms)
{
    const struct store_wake_terms terms = {.deadline_ms = deadline_ms};

    return bed_ask_as(bed, id, &terms);
}

/* All that is due was pushed, and ended so. */
static void
settle_due(struct bed *bed, enum store_effect effect, const char *reason)
{
    size_t n = bed_claim(bed);

    for (size_t i = 0; i < n; i++) {
        struct store_settled it = bed_settled(bed, &bed->batch->due[i], effect);

        it.status = 400;
        it.reason = reason;
        assert_int_equal(bed_settle(bed, &it, 1), STORE_OK);
    }
}

static void
refuse(struct bed *bed, const char *id, const char *reason)
{
    enroll(bed, id);
    assert_int_equal(ask(bed, id, bed->now + DAY), STORE_ASKED_NEW);
    settle_due(bed, STORE_EFFECT_UNDECIDED, reason);
}

static int64_t
mark(struct bed *bed, size_t max)
{
    bed->n_done = 0;
    assert_int_equal(
        store_undecided_mark(bed->store, BED_TOPIC, max, bed_on_count, bed),
        STORE_OK);
    bed_wait(bed, 1);
    assert_int_equal(bed->err, STORE_OK);
    return bed->count;
}

static void
put_cert(struct bed *bed, const char *sha256)
{
    const struct store_identity identity = {
        .topic = BED_TOPIC,
        .cert_pem = "-----BEGIN CERTIFICATE-----\n",
        .key_pem = "-----BEGIN PRIVATE KEY-----\n",
        .sha256 = sha256,
        .serial = "01",
        .subject = "UID=x",
        .issuer = "CN=Apple",
        .not_before_unix = 1,
        .not_after_unix = 2,
        .imported_by = "test",
    };

    bed->n_done = 0;
    assert_int_equal(
        store_identity_put(bed->store, &identity, bed_on_done, bed), STORE_OK);
    bed_wait(bed, 1);
    assert_int_equal(bed->err, STORE_OK);
}

static void
learn(struct bed *bed, const char *sha256, const char *host, int64_t proven_at)
{
    const struct store_identity_mark it = {.topic = BED_TOPIC,
                                           .sha256 = sha256,
                                           .host = host,
                                           .proven_at_ms = proven_at};

    bed->n_done = 0;
    assert_int_equal(store_identity_learn(bed->store, &it, bed_on_done, bed),
                     STORE_OK);
    bed_wait(bed, 1);
    assert_int_equal(bed->err, STORE_OK);
}

static const struct store_identity *
current(struct bed *bed)
{
    bed->n_done = 0;
    bed->texts_len = 0;
    assert_int_equal(store_identity_list(bed->store, BED_TOPIC, false,
                                         bed_on_identities, bed),
                     STORE_OK);
    bed_wait(bed, 1);
    assert_int_equal(bed->n, 1);
    return &bed->identities[0];
}

static void
check_undecided(struct bed *bed, const char *id, bool is)
{
    const struct store_enrollment *it = bed_get(bed, id);

    assert_int_equal(it->state, STORE_STATE_ENABLED);
    assert_true(it->wake.exists);
    assert_int_equal(it->wake.is_undecided, is);
    assert_int_equal(it->wake.due_ms, is ? it->wake.deadline_ms : bed->now);
}

TEST(it_waits_out_of_the_queue_until_its_deadline)
{
    struct bed *bed = *state;

    refuse(bed, "a", BAD);
    bed_reopen(bed);
    check_undecided(bed, "a", true);
    assert_string_equal(bed_get(bed, "a")->last_push.reason, BAD);
    assert_int_equal(bed_claim(bed), 0);
    assert_int_equal(bed_next(bed), BED_NOW + DAY);
    /* Asking again pushes nothing, but may put the deadline off. */
    assert_int_equal(ask(bed, "a", BED_NOW + 2 * DAY), STORE_ASKED_UNDECIDED);
    check_undecided(bed, "a", true);
    assert_int_equal(bed_next(bed), BED_NOW + 2 * DAY);
    assert_int_equal(ask(bed, "a", BED_NOW + DAY), STORE_ASKED_UNDECIDED);
    assert_int_equal(bed_next(bed), BED_NOW + 2 * DAY);
    bed->now += 2 * DAY;
    assert_int_equal(bed_claim(bed), 1);
    assert_int_equal(bed_cancel(bed, "a"), 0); /* claimed */
}

TEST(proof_marks_them_in_pages)
{
    struct bed *bed = *state;
    char id[8];

    for (int i = 0; i < 5; i++) {
        snprintf(id, sizeof id, "d%d", i);
        refuse(bed, id, BAD);
    }
    enroll(bed, "other");
    assert_int_equal(bed_ask(bed, "other"), STORE_ASKED_NEW);
    assert_int_equal(mark(bed, 3), 3);
    assert_int_equal(mark(bed, 3), 2);
    assert_int_equal(mark(bed, 3), 0);
    for (int i = 0; i < 5; i++) {
        snprintf(id, sizeof id, "d%d", i);
        assert_int_equal(bed_state(bed, id), STORE_STATE_SUSPECT);
        assert_false(bed_get(bed, id)->wake.exists);
    }
    assert_true(bed_get(bed, "other")->wake.exists);
    assert_int_equal(bed_stats(bed)->n_wakes, 1);
}

TEST(another_token_is_due_now)
{
    struct bed *bed = *state;

    refuse(bed, "a", BAD);
    bed->now += 1000;
    assert_int_equal(
        bed_checkin(bed, STORE_CHECKIN_TOKEN_UPDATE, "a", bed->now), STORE_OK);
    check_undecided(bed, "a", false);
    assert_int_equal(mark(bed, 10), 0);
    assert_int_equal(bed_claim(bed), 1);
    /* And what was pushed before it says nothing of it. */
    refuse(bed, "b", BAD);
    enroll(bed, "c");
    assert_int_equal(ask(bed, "c", bed->now + DAY), STORE_ASKED_NEW);
    assert_int_equal(bed_claim(bed), 1);
    assert_int_equal(
        bed_checkin(bed, STORE_CHECKIN_TOKEN_UPDATE, "c", bed->now), STORE_OK);
    assert_int_equal(bed_settle(bed,
                                &(struct store_settled){
                                    .row = bed->batch->due[0].row,
                                    .tally = bed->batch->due[0].tally,
                                    .effect = STORE_EFFECT_UNDECIDED,
                                    .pushed_at_ms = bed->now,
                                    .status = 400,
                                    .reason = BAD,
                                    .apns_id = "",
                                },
                                1),
                     STORE_OK);
    check_undecided(bed, "c", false);
}

TEST(check_out_and_delete_end_them)
{
    struct bed *bed = *state;

    refuse(bed, "a", BAD);
    refuse(bed, "b", BAD);
    refuse(bed, "c", BAD);
    assert_int_equal(bed_checkin(bed, STORE_CHECKIN_CHECK_OUT, "a", bed->now),
                     STORE_OK);
    assert_int_equal(bed_delete(bed, "b"), 1);
    assert_int_equal(bed_cancel(bed, "c"), 1);
    assert_int_equal(mark(bed, 10), 0);
    assert_int_equal(bed_state(bed, "a"), STORE_STATE_DISABLED);
    assert_int_equal(bed_stats(bed)->n_wakes, 0);
}

TEST(a_wave_waits_for_them_and_counts_them)
{
    struct bed *bed = *state;
    const struct store_filter all = {0};
    struct store_settled it;
    int64_t id;

    enroll(bed, "a");
    id = bed_wave_ask(bed, &all);
    assert_int_equal(bed_wave_claim(bed, id, 0, 10), STORE_OK);
    assert_int_equal(bed->batch->n, 1);
    it = bed_settled(bed, &bed->batch->due[0], STORE_EFFECT_UNDECIDED);
    it.deadline_ms = bed->now + DAY;
    assert_int_equal(bed_settle(bed, &it, 1), STORE_OK);
    assert_int_equal(bed_wave_pass(bed, id, it.row, true), STORE_OK);
    assert_int_equal(bed_wave(bed, id)->n_waiting, 1);
    check_undecided(bed, "a", true);
    /* The next one does not push it either. */
    bed->now += 1000;
    assert_int_equal(bed_wave_claim(bed, bed_wave_ask(bed, &all), 0, 10),
                     STORE_OK);
    assert_int_equal(bed->batch->n, 0);
    assert_int_equal(mark(bed, 10), 1);
    assert_int_equal(bed_wave(bed, id)->n_suspect, 1);
    assert_int_equal(bed_wave(bed, id)->state, STORE_WAVE_DONE);
}

/*
 * The certificate that they are undecided for.
 */

TEST(another_certificate_asks_anew)
{
    struct bed *bed = *state;

    put_cert(bed, "aa");
    refuse(bed, "a", BAD);
    put_cert(bed, "bb");
    check_undecided(bed, "a", false);
    settle_due(bed, STORE_EFFECT_UNDECIDED, BAD);
    check_undecided(bed, "a", true);
    put_cert(bed, "bb"); /* a person has tried again */
    check_undecided(bed, "a", false);
    settle_due(bed, STORE_EFFECT_UNDECIDED, BAD);
    bed->n_done = 0;
    assert_int_equal(store_identity_again(bed->store, BED_TOPIC, "aa", "why",
                                          bed_on_done, bed),
                     STORE_OK);
    bed_wait(bed, 1);
    check_undecided(bed, "a", false);
}

TEST(proof_holds_for_its_host_alone)
{
    struct bed *bed = *state;

    put_cert(bed, "aa");
    assert_string_equal(current(bed)->host, "");
    learn(bed, "aa", HOST, 0);
    refuse(bed, "a", BAD);
    learn(bed, "aa", HOST, 1234);
    learn(bed, "aa", HOST, 5678); /* the first one stays */
    check_undecided(bed, "a", true);
    bed_reopen(bed);
    assert_string_equal(current(bed)->host, HOST);
    assert_int_equal(current(bed)->proven_at_ms, 1234);
    assert_int_equal(current(bed)->taken_at_ms, 0);
    learn(bed, "aa", NULL, 0); /* says nothing of the host */
    check_undecided(bed, "a", true);
    learn(bed, "aa", "api.sandbox.push.apple.com", 0);
    check_undecided(bed, "a", false);
    assert_int_equal(current(bed)->proven_at_ms, 0);
}

TEST(list_tells_how_many_and_why)
{
    struct bed *bed = *state;

    put_cert(bed, "aa");
    assert_int_equal(current(bed)->n_undecided, 0);
    refuse(bed, "a", TOPIC);
    refuse(bed, "b", TOPIC);
    refuse(bed, "c", BAD);
    bed_reopen(bed);
    assert_int_equal(current(bed)->n_undecided, 3);
    assert_string_equal(current(bed)->undecided_reason, TOPIC);
}

/*
 * Probes.
 */

#define N_FLEET 200

static size_t
pick(struct bed *bed, bool is_any, uint32_t chance)
{
    bed->n_done = 0;
    assert_int_equal(store_wake_probe(bed->store, BED_TOPIC, is_any, 5, chance,
                                      bed_on_claimed, bed),
                     STORE_OK);
    bed_wait(bed, 1);
    assert_int_equal(bed->err, STORE_OK);
    return bed->batch->n;
}

/* So many with wakes that wait for a certificate, when ${is_asked}. */
static void
make_fleet(struct bed *bed, bool is_asked)
{
    char id[16];

    for (int i = 0; i < N_FLEET; i++) {
        snprintf(id, sizeof id, "f%03d", i);
        enroll(bed, id);
        if (is_asked)
            assert_int_equal(bed_ask(bed, id), STORE_ASKED_NEW);
    }
    if (is_asked)
        settle_due(bed, STORE_EFFECT_WAIT, "");
}

/* None is near another. */
static void
check_places(const struct bed *bed)
{
    for (size_t i = 0; i < bed->batch->n; i++) {
        assert_int_equal(bed->batch->due[i].token_len, 32);
        for (size_t j = 0; j < i; j++) {
            int64_t gap = bed->batch->due[i].row - bed->batch->due[j].row;

            assert_true(gap > N_FLEET / 10 || gap < -N_FLEET / 10);
        }
    }
}

TEST(probe_takes_from_different_places)
{
    static const uint32_t chances[] = {0, 1U << 20, 1U << 31, UINT32_MAX};
    struct bed *bed = *state;
    int64_t first = 0;

    make_fleet(bed, true);
    for (size_t i = 0; i < sizeof chances / sizeof chances[0]; i++) {
        bed_reopen(bed); /* forgets claims */
        assert_int_equal(pick(bed, false, chances[i]), 5);
        check_places(bed);
        if (i == 2)
            assert_int_not_equal(bed->batch->due[0].row, first);
        first = bed->batch->due[0].row;
    }
    /* Those are claimed: the next ones are others. */
    assert_int_equal(pick(bed, false, UINT32_MAX), 5);
    assert_int_not_equal(bed->batch->due[0].row, first);
}

TEST(probe_takes_what_waits_and_nothing_else)
{
    struct bed *bed = *state;

    refuse(bed, "a", BAD);
    enroll(bed, "b");
    enroll(bed, "c");
    assert_int_equal(pick(bed, false, 7), 0);
    assert_int_equal(bed_ask(bed, "b"), STORE_ASKED_NEW);
    settle_due(bed, STORE_EFFECT_WAIT, "");
    assert_int_equal(pick(bed, false, 7), 1);
    assert_int_equal(bed->batch->due[0].row, bed_get(bed, "b") != NULL ? 2 : 0);
}

TEST(probe_of_a_wave_takes_any_but_the_undecided)
{
    struct bed *bed = *state;
    struct store_settled it;

    make_fleet(bed, false);
    assert_int_equal(pick(bed, true, 1U << 30), 5);
    check_places(bed);
    /* Nobody asked for it: its end leaves no wake. */
    it = bed_settled(bed, &bed->batch->due[0], STORE_EFFECT_WAIT);
    assert_int_equal(bed_settle(bed, &it, 1), STORE_OK);
    assert_int_equal(bed_stats(bed)->n_wakes, 0);
    bed_reopen(bed);
    refuse(bed, "f000", BAD);
    for (int i = 1; i < N_FLEET; i++) {
        char id[16];

        snprintf(id, sizeof id, "f%03d", i);
        assert_int_equal(bed_delete(bed, id), 1);
    }
    assert_int_equal(pick(bed, true, 9), 0);
}
