/* SPDX-License-Identifier: MIT */

/*
 * Alerts over the weeks of a certificate: told once, through restarts, a
 * clock that steps, and a disk that fails; over when their cause is.
 */

#include <stdio.h>
#include <string.h>

#include "server/engine/engine_core.h"
#include "tests/scenario/fake_apns.h"
#include "tests/scenario/scenario.h"
#include "tests/scenario/world.h"
#include "tests/support/unit.h"

#define DAY_MS INT64_C(86400000)
#define TOPIC  "com.apple.mgmt.a"
#define OTHER  "com.apple.mgmt.b"

static void
run(struct world *world, const char *text)
{
    char line[256];
    char failure[512] = "";

    snprintf(line, sizeof line, "%s", text);
    if (!scenario_run(world, line, failure, sizeof failure))
        fail_msg("%s: %s", text, failure);
    world_run(world);
}

struct tally {
    const char *kind;
    size_t n;
    size_t n_open;
    char text[512]; /* of the newest */
    bool is_there;
};

static void
on_alerts(void *arg, enum rouse_err err, const struct rouse_alert *alerts,
          size_t n)
{
    struct tally *tally = arg;

    assert_int_equal(err, ROUSE_OK);
    tally->is_there = true;
    for (size_t i = n; i-- > 0;) {
        if (strcmp(alerts[i].kind, tally->kind) != 0)
            continue;
        tally->n++;
        tally->n_open += alerts[i].ended_at_ms == 0;
        snprintf(tally->text, sizeof tally->text, "%s", alerts[i].text);
    }
}

static struct tally
tally(struct world *world, const char *kind)
{
    struct tally answer = {.kind = kind};

    assert_int_equal(
        rouse_alert_list(world->rouse, false, 1000, on_alerts, &answer),
        ROUSE_OK);
    while (!answer.is_there)
        world_step(world);
    return answer;
}

static void
expect(struct world *world, const char *kind, size_t n, size_t n_open)
{
    struct tally found = tally(world, kind);

    if (found.n != n || found.n_open != n_open)
        fail_msg("%s: %zu told, %zu open; expected %zu, %zu", kind, found.n,
                 found.n_open, n, n_open);
}

static void
on_open(void *arg, const struct rouse_alert *alert)
{
    size_t *n = arg;

    assert_int_equal(alert->ended_at_ms, 0);
    (*n)++;
}

static void
expect_open(struct world *world, size_t n)
{
    size_t found = 0;

    rouse_alert_each(world->rouse, on_open, &found);
    assert_int_equal(found, n);
}

static void
on_life(void *arg, const struct apns_identity_status *status)
{
    struct world *world = arg;

    snprintf(world->results[0].state, sizeof world->results[0].state, "%s",
             rouse_cert_life(world->rouse, status));
}

static void
expect_life(struct world *world, const char *life)
{
    world->results[0].state[0] = '\0';
    rouse_cert_each(world->rouse, on_life, world);
    assert_string_equal(world->results[0].state, life);
}

/* 30, 15, 7, 3, 1 and 0 days, and five days after the end. */
TEST(every_threshold_and_then_every_day_is_told_once)
{
    struct world *world = world_new();

    run(world, "cert 01 until=40d");
    expect_life(world, "active");
    for (int day = 0; day < 45; day++)
        world_advance(world, DAY_MS);
    expect(world, "expiry", 6 + 5, 1);
    expect_open(world, 1);
    expect_life(world, "expired");
    world_free(world);
}

TEST(neither_restarts_nor_a_stepping_clock_tell_twice)
{
    struct world *world = world_new();

    run(world, "cert 01 until=40d");
    for (int day = 0; day < 45; day++) {
        world_advance(world, DAY_MS);
        if (day % 3 == 0)
            world_crash(world);
        /* Two days back, where most have been told, and forth again. */
        world->now_ms -= 2 * DAY_MS;
        world_run(world);
        world_advance(world, 120000);
        if (day % 3 == 1) {
            world_stop(world);
            world_start(world);
        }
        world->now_ms += 2 * DAY_MS - 120000;
        world_run(world);
    }
    expect(world, "expiry", 6 + 5, 1);
    world_free(world);
}

/* A machine that starts with the clock of next year. */
TEST(what_a_clock_far_ahead_raised_ends_when_it_is_set_right)
{
    struct world *world = world_new();

    run(world, "cert 01 until=100d");
    world->now_ms += 200 * DAY_MS;
    world_advance(world, 120000);
    expect(world, "expiry", 1, 1);
    expect_life(world, "expired");
    world->now_ms -= 200 * DAY_MS;
    world_advance(world, 120000);
    expect(world, "expiry", 1, 0);
    expect_open(world, 0);
    expect_life(world, "active");
    for (int day = 0; day < 105; day++)
        world_advance(world, DAY_MS);
    expect(world, "expiry", 1 + 6 + 5, 1);
    world_free(world);
}

/* Over the very second of each day, there and back, twenty times. */
TEST(a_clock_that_trembles_around_an_alerts_day_tells_it_once)
{
    static const int days[] = {30, 15, 7, 3, 1, 0, -1, -2};
    struct world *world = world_new();

    run(world, "cert 01 until=40d");
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        int64_t day_ms = world->now_ms + (40 - days[i]) * DAY_MS;
        int64_t begin_ms = world->now_ms;

        for (int k = 0; k < 20; k++) {
            world->now_ms = day_ms - 61000;
            world_advance(world, 121000);
            world->now_ms = day_ms - 1;
            world_run(world);
            world->now_ms = day_ms + 2000;
            world_run(world);
            if (k == 10)
                world_crash(world);
        }
        expect(world, "expiry", i + 1, 1);
        world->now_ms = begin_ms;
    }
    world_free(world);
}

TEST(wakes_are_kept_while_expired_and_sent_with_the_renewal)
{
    struct world *world = world_new();
    char pushes[256];

    run(world, "cert 01 until=2d");
    run(world, "enroll d1");
    world_advance(world, 3 * DAY_MS);
    expect_life(world, "expired");
    fake_apns_identity(TOPIC, APNS_IDENTITY_STOPPED, "certificate expired");
    fake_apns_pushes(pushes, sizeof pushes);
    run(world, "wake d1");
    world_advance(world, DAY_MS);
    assert_int_equal(fake_apns_pushes(pushes, sizeof pushes), 0);
    run(world, "cert 02 until=365d");
    assert_int_equal(fake_apns_pushes(pushes, sizeof pushes), 1);
    assert_string_equal(pushes, "d1/1");
    expect_life(world, "active");
    assert_int_equal(tally(world, "expiry").n_open, 0);
    world_free(world);
}

TEST(a_certificate_that_expired_while_stopped_is_told_at_the_start)
{
    struct world *world = world_new();

    run(world, "cert 01 until=40d");
    world_stop(world);
    world->now_ms += 42 * DAY_MS;
    world_start(world);
    world_advance(world, 1000);
    expect(world, "expiry", 1, 1);
    expect_life(world, "expired");
    world_free(world);
}

TEST(what_apns_says_is_told_once_and_ends_when_it_takes_it_again)
{
    struct world *world = world_new();

    run(world, "cert 01");
    fake_apns_identity(TOPIC, APNS_IDENTITY_STOPPED, "certificate_revoked");
    world_advance(world, 3600000);
    expect(world, "revoked", 1, 1);
    expect_life(world, "revoked");
    world_crash(world); /* nothing is known before it is dialled again */
    world_advance(world, 3600000);
    expect(world, "revoked", 1, 1);
    fake_apns_identity(TOPIC, APNS_IDENTITY_READY, "");
    world_advance(world, 1000);
    expect(world, "revoked", 1, 0);
    expect_life(world, "active");
    fake_apns_identity(TOPIC, APNS_IDENTITY_STOPPED,
                       "BadCertificateEnvironment");
    world_advance(world, 1000);
    expect(world, "wrong_environment", 1, 1);
    fake_apns_identity(TOPIC, APNS_IDENTITY_READY, "");
    world_advance(world, 1000);
    expect(world, "wrong_environment", 1, 0);
    fake_apns_identity(TOPIC, APNS_IDENTITY_STOPPED, "TopicDisallowed");
    world_advance(world, 1000);
    expect(world, "refused", 1, 1);
    expect_life(world, "refused");
    run(world, "cert 02");
    world_advance(world, 1000);
    expect(world, "refused", 1, 0);
    expect_life(world, "active");
    world_free(world);
}

/* By tokens alone: what they say of the setting. */
TEST(tokens_that_all_are_refused_say_which_setting_is_wrong)
{
    struct world *world = world_new();

    run(world, "cert 01");
    fake_apns_identity(TOPIC, APNS_IDENTITY_STOPPED, "DeviceTokenNotForTopic");
    world_advance(world, 1000);
    expect(world, "wrong_topic", 1, 1);
    expect_life(world, "wrong_topic");
    fake_apns_identity(TOPIC, APNS_IDENTITY_STOPPED, "BadDeviceToken");
    world_advance(world, 1000);
    expect(world, "wrong_topic", 1, 0);
    expect(world, "wrong_environment", 1, 1);
    fake_apns_identity(TOPIC, APNS_IDENTITY_READY, "");
    world_advance(world, 1000);
    expect(world, "wrong_environment", 1, 0);
    /* Too few of them to stop it. */
    run(world, "enroll d1 d2");
    run(world, "answer d1 400 BadDeviceToken");
    run(world, "wake d1");
    world_advance(world, 120000);
    expect(world, "none_accepted", 1, 1);
    expect_life(world, "none_accepted");
    run(world, "wake d2");
    world_advance(world, 1000);
    expect(world, "none_accepted", 1, 0);
    expect_life(world, "active");
    world_free(world);
}

/* The one before it is in force again: that is the end of it. */
TEST(an_import_that_apns_refuses_is_told_until_the_fall_back)
{
    struct world *world = world_new();

    run(world, "cert 01");
    fake_apns_identity(TOPIC, APNS_IDENTITY_READY, "");
    world_run(world);
    run(world, "cert 02");
    fake_apns_identity(TOPIC, APNS_IDENTITY_STOPPED, "certificate_revoked");
    world_advance(world, 120000);
    expect(world, "revoked", 1, 0);
    assert_non_null(strstr(tally(world, "revoked").text,
                           "APNs said: certificate_revoked."));
    expect_life(world, "active");
    expect_open(world, 0);
    world_crash(world);
    world_advance(world, 120000);
    expect(world, "revoked", 1, 0);
    world_free(world);
}

TEST(enrollments_whose_topic_nobody_holds_are_one_alert_for_the_topic)
{
    struct world *world = world_new();
    struct tally found;

    run(world, "cert 01");
    run(world, "enroll d1 d2 topic=" OTHER);
    run(world, "enroll d3");
    world_advance(world, DAY_MS);
    expect(world, "topic_mismatch", 1, 1);
    found = tally(world, "topic_mismatch");
    assert_non_null(strstr(found.text, "2 enrollments"));
    assert_non_null(strstr(found.text, OTHER));
    assert_non_null(strstr(found.text, "held: " TOPIC));
    world_crash(world);
    world_advance(world, DAY_MS);
    expect(world, "topic_mismatch", 1, 1);
    run(world, "cert 07 topic=" OTHER);
    world_advance(world, 1000);
    expect(world, "topic_mismatch", 1, 0);
    world_free(world);
}

TEST(devices_silent_since_the_lapse_are_counted_until_they_are_back)
{
    struct world *world = world_new();

    run(world, "cert 01 until=2d");
    run(world, "enroll d1 d2 d3");
    world_advance(world, 2 * DAY_MS + 3600000);
    run(world, "token d1");
    expect(world, "silent", 0, 0);
    world_advance(world, DAY_MS + 3600000);
    expect(world, "silent", 1, 1);
    assert_non_null(strstr(tally(world, "silent").text, "2 of 3 enrollments"));
    run(world, "cert 02");
    world_advance(world, 2 * 3600000);
    expect(world, "silent", 1, 1);
    run(world, "token d2");
    run(world, "token d3");
    world_advance(world, 2 * 3600000);
    expect(world, "silent", 1, 0);
    world_free(world);
}

TEST(an_alert_that_the_disk_did_not_take_is_told_when_it_works)
{
    struct world *world = world_new();

    run(world, "cert 01 until=31d");
    expect(world, "expiry", 0, 0);
    world_disk(true);
    world_advance(world, DAY_MS + 3600000);
    expect_open(world, 0);
    world_disk(false);
    world_advance(world, 3600000);
    expect(world, "expiry", 1, 1);
    expect_open(world, 1);
    world_free(world);
}

static char told[512]; /* the last line about an alert, behind its level */

static void
on_log(void *arg, enum apns_log_level level, const char *line)
{
    (void)arg;
    if (strstr(line, "event=alert.") == line)
        snprintf(told, sizeof told, "%d %s", (int)level, line);
}

static void
expect_told(enum apns_log_level level, const char *event)
{
    char start[64];

    snprintf(start, sizeof start, "%d event=alert.%s ", (int)level, event);
    assert_memory_equal(told, start, strlen(start));
}

TEST(the_log_says_how_severe_it_is)
{
    struct world *world = world_new();

    world->rouse->log = on_log;
    run(world, "cert 01 until=31d");
    world_advance(world, DAY_MS + 3600000);
    expect_told(APNS_LOG_WARN, "expiry");
    world_advance(world, 30 * DAY_MS);
    expect_told(APNS_LOG_ERROR, "expiry");
    run(world, "cert 02 until=365d");
    world_advance(world, 1000);
    expect_told(APNS_LOG_NOTICE, "ended");
    world_free(world);
}

/* Also when nothing happens that would wake it. */
TEST(the_engine_wakes_for_the_next_look)
{
    struct world *world = world_new();

    run(world, "cert 01");
    world_advance(world, 1000);
    assert_in_range(alert_next(world->rouse), world->now_ms,
                    world->now_ms + ALERT_LOOK_MS);
    world->rouse->disk.is_failing = true; /* it is tried by itself */
    assert_int_equal(alert_next(world->rouse), INT64_MAX);
    world->rouse->disk.is_failing = false;
    world_free(world);
}
