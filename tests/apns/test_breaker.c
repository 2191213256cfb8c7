/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "apns/breaker.h"

#define BAD "BadDeviceToken"

static const struct breaker_limits limits = {
    .backoff_min_ms = 1000,
    .backoff_max_ms = 60000,
    .probe_ms = 3600000,
};

static struct breaker breaker;

static int
set_up(void **state)
{
    (void)state;
    breaker_init(&breaker, &limits);
    return 0;
}

/* ${n} answers of a class; the number of those that tripped it. */
static int
answer(int n, enum apns_class class_)
{
    const char *reason = class_ == APNS_CLASS_SUSPECT ? BAD : "";
    int n_trips = 0;

    for (int i = 0; i < n; i++)
        n_trips += breaker_on_answer(&breaker, class_, reason);
    return n_trips;
}

static void
begins_ready_and_holds_nothing(void **state)
{
    (void)state;
    assert_int_equal(breaker_state(&breaker), APNS_IDENTITY_READY);
    assert_string_equal(breaker_why(&breaker), "");
    assert_false(breaker_holds(&breaker));
}

static void
backoff_doubles_up_to_its_maximum(void **state)
{
    static const uint32_t whole[] = {1000,  2000,  4000,  8000,
                                     16000, 32000, 60000, 60000};

    (void)state;
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
        struct breaker before = breaker;
        uint32_t low = breaker_on_failure(&breaker, false, 0.0);

        breaker = before;
        assert_int_equal(low, whole[i] / 2);
        assert_in_range(breaker_on_failure(&breaker, false, 0.999999),
                        whole[i] - 1, whole[i]);
        assert_int_equal(breaker_state(&breaker), APNS_IDENTITY_BACKOFF);
    }
    for (int i = 0; i < 100000; i++)
        assert_int_equal(breaker_on_failure(&breaker, false, 0.0), 30000);
}

static void
failures_are_forgotten_with_the_first_answer(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++)
        breaker_on_failure(&breaker, false, 0.0);
    breaker_on_open(&breaker);
    assert_int_equal(breaker_state(&breaker), APNS_IDENTITY_READY);
    /* It accepts and hangs up: still no storm. */
    assert_int_equal(breaker_on_failure(&breaker, false, 0.0), 16000);
    breaker_on_open(&breaker);
    answer(1, APNS_CLASS_ACCEPTED);
    assert_int_equal(breaker_on_failure(&breaker, false, 0.0), 500);
}

static void
refused_credentials_stop_until_a_probe(void **state)
{
    (void)state;
    assert_int_equal(breaker_on_failure(&breaker, true, 0.5), 3600000);
    breaker_explain(&breaker, "certificate_expired");
    assert_int_equal(breaker_state(&breaker), APNS_IDENTITY_STOPPED);
    assert_string_equal(breaker_why(&breaker), "certificate_expired");
    assert_in_range(breaker_on_failure(&breaker, true, 0.0), 3239999, 3240001);
    assert_in_range(breaker_on_failure(&breaker, true, 0.999999), 3959900,
                    3960000);
    /* A probe that finds no network does not make it one of many failures. */
    assert_in_range(breaker_on_failure(&breaker, false, 0.5), 3599999, 3600001);
    assert_int_equal(breaker_state(&breaker), APNS_IDENTITY_STOPPED);
    breaker_on_open(&breaker);
    assert_int_equal(breaker_state(&breaker), APNS_IDENTITY_READY);
    assert_string_equal(breaker_why(&breaker), "");
}

static void
reset_makes_it_as_new(void **state)
{
    struct breaker fresh;

    (void)state;
    breaker_init(&fresh, &limits);
    answer(30, APNS_CLASS_SUSPECT);
    breaker_on_failure(&breaker, true, 0.5);
    breaker_reset(&breaker);
    assert_memory_equal(&breaker, &fresh, sizeof fresh);
}

static void
identity_answer_stops_at_once(void **state)
{
    (void)state;
    answer(100, APNS_CLASS_ACCEPTED);
    assert_true(
        breaker_on_answer(&breaker, APNS_CLASS_IDENTITY, "TopicDisallowed"));
    assert_int_equal(breaker_state(&breaker), APNS_IDENTITY_STOPPED);
    assert_string_equal(breaker_why(&breaker), "TopicDisallowed");
    /* The late ones of a thousand in flight change nothing. */
    assert_false(breaker_on_answer(&breaker, APNS_CLASS_IDENTITY, "BadTopic"));
    assert_int_equal(answer(500, APNS_CLASS_SUSPECT), 0);
    assert_int_equal(answer(500, APNS_CLASS_ACCEPTED), 0);
    breaker_explain(&breaker, "closed");
    assert_string_equal(breaker_why(&breaker), "TopicDisallowed");
    assert_in_range(breaker_on_failure(&breaker, true, 0.5), 3599999, 3600001);
    assert_int_equal(breaker_state(&breaker), APNS_IDENTITY_STOPPED);
}

static void
wrong_setting_from_the_start_marks_no_token(void **state)
{
    (void)state;
    for (int i = 1; i < BREAKER_MIN_SAMPLE; i++) {
        assert_int_equal(answer(1, APNS_CLASS_SUSPECT), 0);
        assert_true(breaker_holds(&breaker));
    }
    assert_int_equal(answer(1, APNS_CLASS_SUSPECT), 1);
    assert_int_equal(breaker_state(&breaker), APNS_IDENTITY_STOPPED);
    assert_string_equal(breaker_why(&breaker), BAD);
    assert_false(breaker_holds(&breaker));
}

static void
wrong_setting_after_good_times_marks_a_handful(void **state)
{
    int n_marked = 0, n_answers = 0;

    (void)state;
    answer(1000, APNS_CLASS_ACCEPTED);
    while (answer(1, APNS_CLASS_SUSPECT) == 0) {
        n_marked += !breaker_holds(&breaker);
        n_answers++;
    }
    assert_int_equal(n_answers, BREAKER_WINDOW / 2);
    assert_int_equal(n_marked, BREAKER_MIN_SAMPLE / 4);
}

static void
exactly_half_does_not_trip(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(answer(1, APNS_CLASS_ACCEPTED), 0);
        assert_int_equal(answer(1, APNS_CLASS_SUSPECT), 0);
    }
    assert_int_equal(answer(1, APNS_CLASS_SUSPECT), 1);
}

static void
a_few_bad_tokens_are_marked_at_once(void **state)
{
    (void)state;
    answer(3, APNS_CLASS_ACCEPTED);
    for (int i = 0; i < 500; i++) {
        assert_int_equal(answer(1, APNS_CLASS_SUSPECT), 0);
        assert_false(breaker_holds(&breaker));
        answer(3, APNS_CLASS_ACCEPTED);
    }
}

static void
a_burst_of_bad_tokens_is_held_until_good_ones_come(void **state)
{
    (void)state;
    answer(200, APNS_CLASS_ACCEPTED);
    assert_int_equal(answer(60, APNS_CLASS_SUSPECT), 0);
    assert_true(breaker_holds(&breaker));
    answer(BREAKER_MIN_SAMPLE, APNS_CLASS_ACCEPTED);
    assert_false(breaker_holds(&breaker));
    assert_int_equal(breaker_state(&breaker), APNS_IDENTITY_READY);
}

static void
a_single_bad_token_is_released_by_the_caller(void **state)
{
    (void)state;
    answer(1, APNS_CLASS_SUSPECT);
    assert_true(breaker_holds(&breaker));
    breaker_release(&breaker);
    assert_false(breaker_holds(&breaker));
    answer(1, APNS_CLASS_SUSPECT);
    assert_true(breaker_holds(&breaker));
}

/* What was held is delivered; what it said of the setting is not forgotten. */
static void
released_tokens_still_count(void **state)
{
    int n_trips = 0;

    (void)state;
    for (int i = 0; i < BREAKER_MIN_SAMPLE; i++) {
        n_trips += answer(1, APNS_CLASS_SUSPECT);
        breaker_release(&breaker);
    }
    assert_int_equal(n_trips, 1);
}

static void
one_refused_token_after_a_probe_stops_again(void **state)
{
    (void)state;
    answer(BREAKER_MIN_SAMPLE, APNS_CLASS_SUSPECT);
    breaker_on_failure(&breaker, true, 0.5);
    breaker_on_open(&breaker);
    assert_int_equal(breaker_state(&breaker), APNS_IDENTITY_READY);
    assert_int_equal(answer(1, APNS_CLASS_TROUBLE), 0);
    assert_int_equal(answer(1, APNS_CLASS_SUSPECT), 1);
    assert_int_equal(breaker_state(&breaker), APNS_IDENTITY_STOPPED);

    breaker_on_failure(&breaker, true, 0.5);
    breaker_on_open(&breaker);
    assert_int_equal(answer(4, APNS_CLASS_ACCEPTED), 0);
    assert_int_equal(answer(1, APNS_CLASS_SUSPECT), 0);
    assert_int_equal(breaker_state(&breaker), APNS_IDENTITY_READY);
}

/* A storm of 503 must neither dilute the verdict nor be one. */
static void
answers_that_judge_no_token_do_not_count(void **state)
{
    (void)state;
    answer(1000, APNS_CLASS_TROUBLE);
    answer(1000, APNS_CLASS_OURS);
    answer(1000, APNS_CLASS_NO_ANSWER);
    assert_int_equal(answer(BREAKER_MIN_SAMPLE - 1, APNS_CLASS_SUSPECT), 0);
    assert_int_equal(answer(1, APNS_CLASS_SUSPECT), 1);
}

/* APNs knew the token and the topic: it died, or it is asked too often. */
static void
dead_and_slowed_tokens_prove_the_setting(void **state)
{
    (void)state;
    answer(11, APNS_CLASS_DEAD_TOKEN);
    answer(11, APNS_CLASS_SLOW_DOWN);
    assert_int_equal(answer(22, APNS_CLASS_SUSPECT), 0);
    assert_int_equal(answer(1, APNS_CLASS_SUSPECT), 1);
}

/* The running counts against a window counted afresh each time. */
static void
counts_agree_with_the_window(void **state)
{
    static bool history[5000];
    uint32_t random = 12345;

    (void)state;
    for (uint32_t n = 0; n < 5000; n++) {
        uint32_t n_window = 0, n_recent = 0;

        random = random * 1664525 + 1013904223;
        history[n] = (random >> 24) % 3 == 0;
        answer(1, history[n] ? APNS_CLASS_SUSPECT : APNS_CLASS_ACCEPTED);
        for (uint32_t i = 0; i <= n && i < BREAKER_WINDOW; i++) {
            n_window += history[n - i];
            n_recent += i < BREAKER_MIN_SAMPLE && history[n - i];
        }
        if (breaker_state(&breaker) == APNS_IDENTITY_STOPPED)
            fail_msg("a third of the answers tripped it at %u", n);
        assert_int_equal(breaker.n_suspect, n_window);
        assert_int_equal(breaker.n_recent, n_recent);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(begins_ready_and_holds_nothing, set_up),
        cmocka_unit_test_setup(backoff_doubles_up_to_its_maximum, set_up),
        cmocka_unit_test_setup(failures_are_forgotten_with_the_first_answer,
                               set_up),
        cmocka_unit_test_setup(refused_credentials_stop_until_a_probe, set_up),
        cmocka_unit_test_setup(reset_makes_it_as_new, set_up),
        cmocka_unit_test_setup(identity_answer_stops_at_once, set_up),
        cmocka_unit_test_setup(wrong_setting_from_the_start_marks_no_token,
                               set_up),
        cmocka_unit_test_setup(wrong_setting_after_good_times_marks_a_handful,
                               set_up),
        cmocka_unit_test_setup(exactly_half_does_not_trip, set_up),
        cmocka_unit_test_setup(a_few_bad_tokens_are_marked_at_once, set_up),
        cmocka_unit_test_setup(
            a_burst_of_bad_tokens_is_held_until_good_ones_come, set_up),
        cmocka_unit_test_setup(a_single_bad_token_is_released_by_the_caller,
                               set_up),
        cmocka_unit_test_setup(released_tokens_still_count, set_up),
        cmocka_unit_test_setup(one_refused_token_after_a_probe_stops_again,
                               set_up),
        cmocka_unit_test_setup(answers_that_judge_no_token_do_not_count,
                               set_up),
        cmocka_unit_test_setup(dead_and_slowed_tokens_prove_the_setting,
                               set_up),
        cmocka_unit_test_setup(counts_agree_with_the_window, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
