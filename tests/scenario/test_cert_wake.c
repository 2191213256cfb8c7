/* SPDX-License-Identifier: MIT */

/*
 * A certificate tested by waking one device: what comes of it, in the
 * engine's own time.
 */

#include <stdio.h>
#include <string.h>

#include "tests/scenario/fake_apns.h"
#include "tests/scenario/scenario.h"
#include "tests/scenario/world.h"
#include "tests/support/unit.h"

#define TOPIC   "com.apple.mgmt.a"
#define OTHER   "com.apple.mgmt.b"
#define WAIT_MS 60000

/* What the completion brought. */
struct outcome {
    int n_done;
    enum rouse_err err;
    char code[64];
    char text[512];
    bool has_test;
    bool is_ok;
    bool has_wake;
    bool is_seen;
    char verdict[32];
    char reason[64];
    char explanation[256];
    uint16_t status;
    uint32_t took_ms;
};

static void
on_done(void *arg, enum rouse_err err, const struct rouse_cert_refusal *refusal,
        const struct rouse_cert_test *test)
{
    struct outcome *outcome = arg;

    outcome->n_done++;
    outcome->err = err;
    snprintf(outcome->code, sizeof outcome->code, "%s",
             rouse_cert_code_name(refusal->code));
    snprintf(outcome->text, sizeof outcome->text, "%s", refusal->text);
    if (test == NULL)
        return;
    outcome->has_test = true;
    outcome->is_ok = test->is_ok;
    if (test->wake == NULL)
        return;
    outcome->has_wake = true;
    outcome->is_seen = test->wake->is_seen;
    outcome->status = test->wake->status;
    outcome->took_ms = test->wake->took_ms;
    snprintf(outcome->verdict, sizeof outcome->verdict, "%s",
             test->wake->verdict);
    snprintf(outcome->reason, sizeof outcome->reason, "%s", test->wake->reason);
    snprintf(outcome->explanation, sizeof outcome->explanation, "%s",
             test->wake->explanation);
}

static enum rouse_err
ask(struct world *world, const char *topic, const char *id,
    struct outcome *outcome)
{
    struct rouse_cert_test_terms terms = {
        .topic = topic,
        .enrollment = id,
        .seen_wait_ms = WAIT_MS,
        .by = "tester",
    };

    memset(outcome, 0, sizeof *outcome);
    return rouse_cert_test_wake(world->rouse, &terms, on_done, outcome);
}

static void
test_wake(struct world *world, const char *id, struct outcome *outcome)
{
    assert_int_equal(ask(world, TOPIC, id, outcome), ROUSE_OK);
    world_run(world);
}

static struct world *
new_world(void)
{
    struct world *world = world_new();

    scenario_do(world, "cert 01");
    scenario_do(world, "enroll d1 d2");
    return world;
}

static void
expect_verdict(const struct outcome *outcome, const char *verdict)
{
    assert_int_equal(outcome->n_done, 1);
    assert_int_equal(outcome->err, ROUSE_OK);
    assert_true(outcome->is_ok);
    assert_true(outcome->has_wake);
    assert_string_equal(outcome->verdict, verdict);
    assert_int_equal(outcome->is_seen, strcmp(verdict, "seen") == 0);
    assert_true(strlen(outcome->explanation) > 20);
}

TEST(a_device_that_checks_in_is_seen_and_how_soon)
{
    struct world *world = new_world();
    struct outcome outcome;
    char pushes[64];

    test_wake(world, "d1", &outcome);
    assert_int_equal(outcome.n_done, 0);
    assert_int_equal(fake_apns_pushes(pushes, sizeof pushes), 2);
    assert_string_equal(pushes, " d1/1"); /* nobody's token, and the device's */
    world_advance(world, 2500);
    assert_int_equal(outcome.n_done, 0);
    scenario_do(world, "checkin Idle d1");
    expect_verdict(&outcome, "seen");
    assert_int_equal(outcome.status, 200);
    assert_int_equal(outcome.took_ms, 2500);
    world_free(world);
}

TEST(neither_others_nor_what_came_before_count)
{
    struct world *world = new_world();
    struct outcome outcome;

    scenario_do(world, "checkin Idle d1");
    world_advance(world, 1000);
    test_wake(world, "d1", &outcome);
    scenario_do(world, "checkin Idle d2");
    world_advance(world, WAIT_MS - 1000);
    assert_int_equal(outcome.n_done, 0);
    world_advance(world, 1000);
    expect_verdict(&outcome, "not_seen");
    assert_int_equal(outcome.status, 200);
    world_free(world);
}

/* Nobody waits an hour longer because the clock was set back by one. */
TEST(a_clock_set_back_makes_nobody_wait_longer)
{
    struct world *world = new_world();
    struct outcome outcome;

    test_wake(world, "d1", &outcome);
    world_advance(world, WAIT_MS / 2);
    world->now_ms -= 3600000;
    world_run(world);
    assert_int_equal(outcome.n_done, 0);
    world_advance(world, WAIT_MS / 2 + 1);
    expect_verdict(&outcome, "not_seen");
    world_free(world);
}

TEST(a_device_that_apns_does_not_know_is_told_at_once)
{
    static const struct {
        const char *answer;
        const char *verdict;
        bool is_proven;
    } rows[] = {
        {"answer d1 410 Unregistered", "dead", false},
        {"answer d1 400 BadDeviceToken", "suspect", true},
        {"answer d1 400 BadDeviceToken", "undecided", false},
        {"answer d1 403 Forbidden", "not_accepted", false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct world *world = new_world();
        struct outcome outcome;

        if (rows[i].is_proven)
            scenario_do(world, "wake d2");
        scenario_do(world, rows[i].answer);
        test_wake(world, "d1", &outcome);
        expect_verdict(&outcome, rows[i].verdict);
        assert_string_equal(outcome.reason, strrchr(rows[i].answer, ' ') + 1);
        /* and when it is known from before */
        if (strcmp(rows[i].verdict, "not_accepted") != 0) {
            test_wake(world, "d1", &outcome);
            expect_verdict(&outcome, rows[i].verdict);
            assert_int_equal(outcome.status, 0);
        }
        world_free(world);
    }
}

TEST(one_that_has_checked_out_is_disabled)
{
    struct world *world = new_world();
    struct outcome outcome;

    scenario_do(world, "checkin CheckOut d1");
    test_wake(world, "d1", &outcome);
    expect_verdict(&outcome, "disabled");
    world_free(world);
}

/* The engine pushes again by itself: there is still hope until the limit. */
TEST(a_push_that_is_repeated_is_waited_for)
{
    struct world *world = new_world();
    struct outcome outcome;

    scenario_do(world, "answer d1 0 lost times=1");
    test_wake(world, "d1", &outcome);
    assert_int_equal(outcome.n_done, 0);
    world_advance(world, 5000);
    scenario_do(world, "checkin Idle d1");
    expect_verdict(&outcome, "seen");
    scenario_do(world, "answer d1 503 Shutdown");
    test_wake(world, "d1", &outcome);
    assert_int_equal(outcome.n_done, 0);
    world_advance(world, WAIT_MS);
    expect_verdict(&outcome, "not_accepted");
    assert_int_equal(outcome.status, 503);
    world_free(world);
}

TEST(stale_410_is_not_the_devices_end)
{
    struct world *world = new_world();
    struct outcome outcome;

    scenario_do(world, "answer d1 410 Unregistered died=-1h times=1");
    test_wake(world, "d1", &outcome);
    assert_int_equal(outcome.n_done, 0);
    scenario_do(world, "checkin Idle d1");
    expect_verdict(&outcome, "seen");
    world_free(world);
}

TEST(nothing_is_pushed_for_an_unknown_or_another_topics_device)
{
    struct world *world = new_world();
    struct outcome outcome;
    char pushes[64];

    scenario_do(world, "cert 02 topic=" OTHER);
    scenario_do(world, "enroll e1 topic=" OTHER);
    test_wake(world, "nobody", &outcome);
    assert_int_equal(outcome.err, ROUSE_EGUARD);
    assert_string_equal(outcome.code, "unknown_enrollment");
    assert_non_null(strstr(outcome.text, "nobody"));
    test_wake(world, "e1", &outcome);
    assert_int_equal(outcome.err, ROUSE_EGUARD);
    assert_string_equal(outcome.code, "other_topic");
    assert_non_null(strstr(outcome.text, TOPIC));
    assert_non_null(strstr(outcome.text, OTHER));
    assert_false(outcome.has_test);
    assert_int_equal(fake_apns_pushes(pushes, sizeof pushes), 0);
    world_free(world);
}

TEST(a_certificate_that_does_not_work_wakes_nobody)
{
    struct world *world = new_world();
    struct outcome outcome;
    char pushes[64];

    fake_apns_answer(
        &(struct fake_answer){.status = 403, .reason = "BadCertificate"});
    test_wake(world, "d1", &outcome);
    assert_int_equal(outcome.n_done, 1);
    assert_int_equal(outcome.err, ROUSE_OK);
    assert_true(outcome.has_test);
    assert_false(outcome.is_ok);
    assert_false(outcome.has_wake);
    assert_int_equal(fake_apns_pushes(pushes, sizeof pushes), 1);
    assert_string_equal(pushes, "");
    world_free(world);
}

TEST(bad_terms_are_refused_at_once)
{
    struct world *world = new_world();
    struct rouse_cert_test_terms terms = {.topic = TOPIC,
                                          .enrollment = "d1",
                                          .seen_wait_ms =
                                              ROUSE_CERT_MAX_WAIT_MS + 1,
                                          .by = "tester"};
    struct outcome outcome;

    assert_int_equal(ask(world, "", "d1", &outcome), ROUSE_EINVAL);
    assert_int_equal(ask(world, TOPIC, "", &outcome), ROUSE_EINVAL);
    assert_int_equal(
        rouse_cert_test_wake(world->rouse, &terms, on_done, &outcome),
        ROUSE_EINVAL);
    assert_int_equal(outcome.n_done, 0);
    world_free(world);
}

/* At every point of it; each is completed exactly once. */
TEST(whoever_waits_is_told_when_the_engine_goes)
{
    for (int n_steps = 0; n_steps < 12; n_steps++) {
        struct world *world = new_world();
        struct outcome outcomes[2];

        assert_int_equal(ask(world, TOPIC, "d1", &outcomes[0]), ROUSE_OK);
        assert_int_equal(ask(world, TOPIC, "d2", &outcomes[1]), ROUSE_OK);
        for (int i = 0; i < n_steps; i++)
            world_step(world);
        world_stop(world);
        for (size_t i = 0; i < 2; i++) {
            assert_int_equal(outcomes[i].n_done, 1);
            assert_int_equal(outcomes[i].err, ROUSE_ECLOSED);
        }
        world_free(world);
    }
}

TEST(more_than_may_wait_are_refused)
{
    static struct outcome outcomes[70];
    struct world *world = new_world();
    size_t n_busy = 0, n_seen = 0;

    for (size_t i = 0; i < 70; i++)
        assert_int_equal(ask(world, TOPIC, "d1", &outcomes[i]), ROUSE_OK);
    world_run(world);
    for (size_t i = 0; i < 70; i++)
        n_busy += outcomes[i].n_done == 1 && outcomes[i].err == ROUSE_EBUSY;
    scenario_do(world, "checkin Idle d1");
    for (size_t i = 0; i < 70; i++)
        n_seen += outcomes[i].n_done == 1 && outcomes[i].is_seen;
    assert_int_equal(n_busy, 70 - 64);
    assert_int_equal(n_seen, 64);
    world_free(world);
}
