/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "server/certlife/certlife.h"
#include "tests/support/unit.h"

#define END   INT64_C(1800000000)
#define DAY   INT64_C(86400)
#define TOPIC "com.apple.mgmt.External.x"

#define NONE  1000 /* no alert is due */
#define DAILY -1

static int
due(int64_t now, struct certlife_told *told)
{
    static const struct apns_cert cert = {.topic = TOPIC,
                                          .not_after_unix = END};
    struct certlife_held held = {.cert = &cert};
    struct certlife_alert alert;

    if (!certlife_alert_expiry(&held, now, told, &alert))
        return NONE;
    assert_non_null(strstr(alert.text, TOPIC));
    assert_int_equal(alert.state, now >= END ? CERTLIFE_STATE_EXPIRED
                                             : CERTLIFE_STATE_EXPIRING);
    return alert.threshold;
}

/* Steps of the clock, relative to the expiry; what is due at each. */
struct step {
    int64_t at;
    int due;
};

static void
play(const struct step *steps, size_t n)
{
    struct certlife_told told = {0};

    for (size_t i = 0; i < n; i++)
        if (due(END + steps[i].at, &told) != steps[i].due)
            fail_msg("step %zu, at %lld", i, (long long)steps[i].at);
}

#define PLAY(steps) play(steps, sizeof(steps) / sizeof(steps)[0])

TEST(each_threshold_is_told_once_at_its_moment)
{
    static const struct step steps[] = {
        {-365 * DAY, NONE},
        {-30 * DAY - 1, NONE},
        {-30 * DAY, 30},
        {-30 * DAY + 1, NONE},
        {-15 * DAY - 1, NONE},
        {-15 * DAY, 15},
        {-14 * DAY, NONE},
        {-7 * DAY, 7},
        {-3 * DAY, 3},
        {-2 * DAY, NONE},
        {-DAY, 1},
        {-1, NONE},
        {0, 0},
        {1, NONE},
        {DAY - 1, NONE},
        {DAY, DAILY},
        {DAY + 5, NONE},
        {2 * DAY, DAILY},
        {3 * DAY, DAILY},
    };

    PLAY(steps);
}

TEST(asking_every_hour_tells_each_once)
{
    struct certlife_told told = {0};
    int n = 0;

    for (int64_t at = -40 * DAY; at < 10 * DAY; at += 3600)
        n += due(END + at, &told) != NONE;
    assert_int_equal(n, 6 + 9);
}

TEST(long_stop_tells_only_the_most_urgent)
{
    static const struct step steps[] = {
        {-60 * DAY, NONE}, {-2 * DAY, 3},       {-2 * DAY + 9, NONE},
        {5 * DAY, DAILY},  {5 * DAY + 9, NONE}, {6 * DAY, DAILY},
    };

    PLAY(steps);
}

TEST(clock_going_back_and_forth_over_a_day_repeats_nothing)
{
    static const struct step steps[] = {
        {-15 * DAY - 60, 30},
        {-15 * DAY, 15},
        {-15 * DAY - 60, NONE},
        {-15 * DAY + 60, NONE},
        {-31 * DAY, NONE},
        {-15 * DAY, NONE},
        {0, 0},
        {-60, 1},
        {0, NONE},
        {-60, NONE},
        {DAY, DAILY},
        {DAY - 1, NONE},
        {DAY, NONE},
        {2 * DAY, DAILY},
        {DAY, NONE},
    };

    PLAY(steps);
}

TEST(clock_far_ahead_and_back_swallows_nothing)
{
    static const struct step steps[] = {
        {-100 * DAY, NONE}, {40 * DAY, DAILY}, {-100 * DAY, NONE},
        {-30 * DAY, 30},    {-15 * DAY, 15},   {-7 * DAY, 7},
        {-3 * DAY, 3},      {-DAY, 1},         {0, 0},
        {DAY, DAILY},       {39 * DAY, DAILY}, {40 * DAY, NONE},
        {41 * DAY, DAILY},
    };

    PLAY(steps);
}

TEST(daily_alerts_go_on_for_ever)
{
    struct certlife_told told = {0};

    for (int64_t day = 1; day < 500; day++) {
        assert_int_equal(due(END + day * DAY, &told), DAILY);
        assert_int_equal(due(END + day * DAY + 1, &told), NONE);
    }
}

TEST(record_is_all_that_a_restart_needs)
{
    struct certlife_told told = {0};
    struct certlife_told stored;

    assert_int_equal(due(END - 10 * DAY, &told), 15);
    stored = told;
    assert_int_equal(due(END - 10 * DAY, &stored), NONE);
    memset(&told, 0, sizeof told); /* a renewed certificate has its own */
    assert_int_equal(due(END - 10 * DAY, &told), 15);
}

/* Whoever reads it knows whom to ask, how bad it is, and how to begin. */
TEST(an_alert_names_the_account_and_what_depends_on_it)
{
    static const struct apns_cert cert = {.topic = TOPIC,
                                          .not_after_unix = END};
    struct certlife_held held = {.cert = &cert,
                                 .n_enrollments = 1500,
                                 .apple_account = "mdm@example.com"};
    struct certlife_told told = {0};
    struct certlife_alert alert;

    assert_true(certlife_alert_expiry(&held, END - 28 * DAY, &told, &alert));
    assert_string_equal(
        alert.text,
        "The push certificate of " TOPIC
        " expires on 2027-01-15 (28 whole days left). It was created with the "
        "Apple Account mdm@example.com; 1500 enrollments need it. Renew it at "
        "identity.apple.com/pushcert (Renew, not Create): rouse cert renew.");
    held.n_enrollments = 1;
    held.apple_account = NULL;
    assert_true(certlife_alert_expiry(&held, END + 5, &told, &alert));
    assert_non_null(strstr(alert.text, "close. 1 enrollment needs it. Renew"));
}

TEST(absurd_clocks_do_not_overflow)
{
    static const int64_t clocks[] = {INT64_MIN, INT64_MIN + 1, -1,
                                     0,         INT64_MAX - 1, INT64_MAX};
    struct certlife_alert alert;

    for (size_t i = 0; i < sizeof clocks / sizeof clocks[0]; i++)
        for (size_t j = 0; j < sizeof clocks / sizeof clocks[0]; j++) {
            struct certlife_told told = {0};

            struct apns_cert cert = {.topic = TOPIC,
                                     .not_after_unix = clocks[i]};
            struct certlife_held held = {.cert = &cert};

            certlife_alert_expiry(&held, clocks[j], &told, &alert);
            certlife_days_left(clocks[i], clocks[j]);
            certlife_state_of(clocks[i], clocks[j], clocks[i], 0);
        }
}

TEST(days_left_are_rounded_down)
{
    assert_int_equal(certlife_days_left(END, END - DAY), 1);
    assert_int_equal(certlife_days_left(END, END - DAY + 1), 0);
    assert_int_equal(certlife_days_left(END, END), 0);
    assert_int_equal(certlife_days_left(END, END + 1), -1);
    assert_int_equal(certlife_days_left(END, END + DAY), -1);
    assert_int_equal(certlife_days_left(END, END + DAY + 1), -2);
}

TEST(state_is_what_needs_doing_first)
{
    static const struct {
        int64_t at;
        unsigned marks;
        enum certlife_state is;
    } cases[] = {
        {-364 * DAY, 0, CERTLIFE_STATE_ACTIVE},
        {-30 * DAY - 1, 0, CERTLIFE_STATE_ACTIVE},
        {-30 * DAY, 0, CERTLIFE_STATE_EXPIRING},
        {-1, 0, CERTLIFE_STATE_EXPIRING},
        {0, 0, CERTLIFE_STATE_EXPIRED},
        {-365 * DAY - 1, 0, CERTLIFE_STATE_NOT_YET_VALID},
        {-365 * DAY, 0, CERTLIFE_STATE_ACTIVE},
        {-9 * DAY, CERTLIFE_MARK_REFUSED, CERTLIFE_STATE_REFUSED},
        {-9 * DAY, CERTLIFE_MARK_TEST_FAILED, CERTLIFE_STATE_TEST_FAILED},
        {-9 * DAY, 7, CERTLIFE_STATE_REVOKED},
        {9 * DAY, 7, CERTLIFE_STATE_REVOKED},
        {9 * DAY, CERTLIFE_MARK_REFUSED, CERTLIFE_STATE_EXPIRED},
        {-400 * DAY, CERTLIFE_MARK_REFUSED, CERTLIFE_STATE_NOT_YET_VALID},
        {-9 * DAY, CERTLIFE_MARK_REFUSED | CERTLIFE_MARK_TEST_FAILED,
         CERTLIFE_STATE_REFUSED},
        {-9 * DAY, CERTLIFE_MARK_KEY_LOST | CERTLIFE_MARK_REFUSED,
         CERTLIFE_STATE_KEY_LOST},
        {9 * DAY, CERTLIFE_MARK_KEY_LOST, CERTLIFE_STATE_EXPIRED},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(certlife_state_of(END - 365 * DAY, END,
                                           END + cases[i].at, cases[i].marks),
                         cases[i].is);
    assert_string_equal(certlife_state_word(CERTLIFE_STATE_NOT_YET_VALID),
                        "not_yet_valid");
}

TEST(bad_state_is_told_once_for_each_time)
{
    static const struct {
        enum certlife_state is;
        bool due;
    } steps[] = {
        {CERTLIFE_STATE_ACTIVE, false},
        {CERTLIFE_STATE_REFUSED, true},
        {CERTLIFE_STATE_REFUSED, false},
        {CERTLIFE_STATE_REVOKED, true},
        {CERTLIFE_STATE_REVOKED, false},
        {CERTLIFE_STATE_ACTIVE, false},
        {CERTLIFE_STATE_REVOKED, true},
        {CERTLIFE_STATE_EXPIRING, false},
        {CERTLIFE_STATE_EXPIRED, false},
        {CERTLIFE_STATE_TEST_FAILED, true},
        {CERTLIFE_STATE_NOT_YET_VALID, true},
    };
    struct certlife_told told = {0};
    struct certlife_alert alert;

    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        assert_int_equal(certlife_alert_state(steps[i].is, END, END - DAY,
                                              TOPIC, &told, &alert),
                         steps[i].due);
        if (steps[i].due)
            assert_int_equal(alert.state, steps[i].is);
    }
}
