/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "apns/push/breaker.h"
#include "tests/support/unit.h"

#define BAD       "BadDeviceToken"
#define NOT_TOPIC "DeviceTokenNotForTopic"
#define NO_CAUSE  APNS_CAUSE_NONE
#define REFUSED   APNS_CAUSE_REFUSED

static const struct breaker_limits limits = {
    .backoff_min_ms = 1000,
    .backoff_max_ms = 60000,
    .probe_ms = 3600000,
};

static struct breaker breaker;
static uint32_t next_token;

static int
set_up(void **state)
{
    (void)state;
    breaker_init(&breaker, &limits);
    next_token = 1;
    return 0;
}

EACH(set_up, NULL);

static enum apns_class
answer(enum apns_class class_, const char *reason)
{
    const struct breaker_answer it = {
        .class_ = class_, .reason = reason, .token = next_token++};

    return breaker_on_answer(&breaker, &it);
}

/* ${n} refused tokens, all different; of which class all of them were. */
static enum apns_class
refuse(int n, const char *reason)
{
    enum apns_class class_ = answer(APNS_CLASS_SUSPECT, reason);

    while (--n > 0)
        assert_int_equal(answer(APNS_CLASS_SUSPECT, reason), class_);
    return class_;
}

static void
check(enum apns_identity_state state, enum apns_cause cause, const char *why)
{
    assert_int_equal(breaker_state(&breaker), state);
    assert_int_equal(breaker.cause, cause);
    assert_string_equal(breaker_why(&breaker), why);
}

/* The hour is over and a connection stands: pushes that it takes. */
static uint32_t
begin_probe(void)
{
    uint32_t round = 0, last = 0;

    breaker_on_failure(&breaker, breaker.cause, 0.5);
    breaker_on_open(&breaker);
    assert_int_equal(breaker_state(&breaker), APNS_IDENTITY_PROBING);
    for (int i = 0; i < APNS_PROBES; i++) {
        assert_true(breaker_take(&breaker, &round));
        assert_true(i == 0 || round == last);
        last = round;
    }
    assert_false(breaker_take(&breaker, &round));
    return last;
}

TEST(begins_ready_and_takes_all)
{
    uint32_t round = 7;

    check(APNS_IDENTITY_READY, APNS_CAUSE_NONE, "");
    assert_true(breaker_take(&breaker, &round) && round == 0);
    assert_false(breaker.is_proven);
}

TEST(backoff_doubles_up_to_its_maximum)
{
    static const uint32_t whole[] = {1000,  2000,  4000,  8000,
                                     16000, 32000, 60000, 60000};

    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
        struct breaker before = breaker;
        uint32_t low = breaker_on_failure(&breaker, NO_CAUSE, 0.0);

        breaker = before;
        assert_int_equal(low, whole[i] / 2);
        assert_in_range(breaker_on_failure(&breaker, NO_CAUSE, 0.999999),
                        whole[i] - 1, whole[i]);
        assert_int_equal(breaker_state(&breaker), APNS_IDENTITY_BACKOFF);
    }
    for (int i = 0; i < 100000; i++)
        assert_int_equal(breaker_on_failure(&breaker, NO_CAUSE, 0.0), 30000);
}

TEST(failures_are_forgotten_with_the_first_answer)
{
    for (int i = 0; i < 5; i++)
        breaker_on_failure(&breaker, NO_CAUSE, 0.0);
    breaker_on_open(&breaker);
    assert_int_equal(breaker_state(&breaker), APNS_IDENTITY_READY);
    /* It accepts and hangs up: still no storm. */
    assert_int_equal(breaker_on_failure(&breaker, NO_CAUSE, 0.0), 16000);
    breaker_on_open(&breaker);
    answer(APNS_CLASS_TROUBLE, "");
    assert_int_equal(breaker_on_failure(&breaker, NO_CAUSE, 0.0), 500);
}

TEST(refused_credentials_stop_until_a_probe)
{
    uint32_t round;

    assert_in_range(breaker_on_failure(&breaker, APNS_CAUSE_REVOKED, 0.0),
                    3240000, 3240000);
    breaker_explain(&breaker, "certificate_revoked");
    check(APNS_IDENTITY_STOPPED, APNS_CAUSE_REVOKED, "certificate_revoked");
    assert_false(breaker_take(&breaker, &round));
    /* A network that fails later explains nothing. */
    assert_in_range(breaker_on_failure(&breaker, NO_CAUSE, 0.999999), 3959990,
                    3960000);
    breaker_explain(&breaker, "connect refused");
    check(APNS_IDENTITY_STOPPED, APNS_CAUSE_REVOKED, "certificate_revoked");
    /* A connection was refused, and a connection mends it. */
    breaker_on_open(&breaker);
    check(APNS_IDENTITY_READY, APNS_CAUSE_NONE, "");
}

TEST(reset_makes_it_ready_and_keeps_the_proof)
{
    answer(APNS_CLASS_ACCEPTED, "");
    answer(APNS_CLASS_IDENTITY, "TopicDisallowed");
    breaker_reset(&breaker);
    check(APNS_IDENTITY_READY, APNS_CAUSE_NONE, "");
    assert_true(breaker.is_proven);
    assert_int_equal(breaker_on_failure(&breaker, NO_CAUSE, 0.0), 500);
}

TEST(identity_answer_stops_at_once)
{
    answer(APNS_CLASS_IDENTITY, "TopicDisallowed");
    check(APNS_IDENTITY_STOPPED, REFUSED, "TopicDisallowed");
    /* What comes after it changes nothing, not even a 200. */
    answer(APNS_CLASS_IDENTITY, "BadCertificateEnvironment");
    answer(APNS_CLASS_ACCEPTED, "");
    check(APNS_IDENTITY_STOPPED, REFUSED, "TopicDisallowed");
    assert_true(breaker.is_proven);
    breaker_reset(&breaker);
    answer(APNS_CLASS_IDENTITY, "BadCertificateEnvironment");
    check(APNS_IDENTITY_STOPPED, APNS_CAUSE_ENVIRONMENT,
          "BadCertificateEnvironment");
}

/*
 * Proof.
 */

TEST(proven_certificate_is_never_stopped_by_tokens)
{
    answer(APNS_CLASS_ACCEPTED, "");
    assert_true(breaker.is_proven);
    assert_int_equal(refuse(100000, BAD), APNS_CLASS_SUSPECT);
    assert_int_equal(refuse(1000, NOT_TOPIC), APNS_CLASS_SUSPECT);
    check(APNS_IDENTITY_READY, APNS_CAUSE_NONE, "");
    assert_int_equal(breaker.n_undecided, 0);
}

TEST(tokens_are_undecided_until_the_first_200)
{
    assert_int_equal(refuse(199, BAD), APNS_CLASS_UNDECIDED);
    assert_int_equal(breaker.n_undecided, 199);
    check(APNS_IDENTITY_READY, APNS_CAUSE_NONE, "");
    answer(APNS_CLASS_ACCEPTED, "");
    assert_true(breaker.is_proven);
    assert_int_equal(breaker.n_undecided, 0);
    assert_int_equal(refuse(5000, BAD), APNS_CLASS_SUSPECT);
    check(APNS_IDENTITY_READY, APNS_CAUSE_NONE, "");
}

TEST(two_hundred_tokens_and_no_200_stop_it)
{
    refuse(199, BAD);
    assert_int_equal(answer(APNS_CLASS_SUSPECT, BAD), APNS_CLASS_UNDECIDED);
    check(APNS_IDENTITY_STOPPED, APNS_CAUSE_TOKENS_ENVIRONMENT, BAD);
    /* What was in flight comes in, and is of the same sort. */
    assert_int_equal(refuse(800, BAD), APNS_CLASS_UNDECIDED);
    assert_int_equal(breaker.n_undecided, 1000);
    breaker_renew(&breaker);
    refuse(90, BAD);
    refuse(110, NOT_TOPIC);
    check(APNS_IDENTITY_STOPPED, APNS_CAUSE_TOKENS_TOPIC, NOT_TOPIC);
}

TEST(the_same_token_counts_once)
{
    for (int i = 0; i < 1000; i++) {
        next_token = 5 + (uint32_t)(i % 199) * 256; /* all in one place */
        answer(APNS_CLASS_SUSPECT, BAD);
    }
    assert_int_equal(breaker.n_undecided, 199);
    check(APNS_IDENTITY_READY, APNS_CAUSE_NONE, "");
    next_token = 0; /* a hash like any other */
    answer(APNS_CLASS_SUSPECT, BAD);
    assert_int_equal(breaker_state(&breaker), APNS_IDENTITY_STOPPED);
}

TEST(other_answers_neither_prove_nor_count)
{
    refuse(150, BAD);
    for (int i = 0; i < 1000; i++) {
        answer(APNS_CLASS_TROUBLE, "ServiceUnavailable");
        answer(APNS_CLASS_DEAD_TOKEN, "Unregistered");
        answer(APNS_CLASS_OURS, "PayloadTooLarge");
        answer(APNS_CLASS_SLOW_DOWN, "TooManyRequests");
    }
    assert_false(breaker.is_proven);
    assert_int_equal(breaker.n_undecided, 150);
}

TEST(a_late_200_ends_a_stop_by_tokens)
{
    refuse(200, BAD);
    answer(APNS_CLASS_ACCEPTED, "");
    check(APNS_IDENTITY_READY, APNS_CAUSE_NONE, "");
    assert_true(breaker.is_proven);
}

TEST(recalled_proof_and_count_go_on)
{
    const struct apns_identity_history proven = {.is_proven = true,
                                                 .n_undecided = 900};
    const struct apns_identity_history some = {.n_undecided = 198,
                                               .reason = BAD};

    breaker_remember(&breaker, &proven);
    assert_int_equal(refuse(1000, BAD), APNS_CLASS_SUSPECT);
    set_up(NULL);
    breaker_remember(&breaker, &some);
    refuse(1, NOT_TOPIC);
    check(APNS_IDENTITY_READY, APNS_CAUSE_NONE, "");
    refuse(1, NOT_TOPIC);
    check(APNS_IDENTITY_STOPPED, APNS_CAUSE_TOKENS_ENVIRONMENT, BAD);
}

TEST(recalled_stop_is_a_stop)
{
    const struct apns_identity_history many = {.n_undecided = 200,
                                               .reason = NOT_TOPIC};

    breaker_remember(&breaker, &many);
    check(APNS_IDENTITY_STOPPED, APNS_CAUSE_TOKENS_TOPIC, NOT_TOPIC);
    breaker_on_open(&breaker);
    assert_int_equal(breaker_state(&breaker), APNS_IDENTITY_PROBING);
}

/*
 * Probes.
 */

TEST(first_probe_after_tokens_comes_soon)
{
    refuse(200, BAD);
    assert_in_range(breaker_on_failure(&breaker, breaker.cause, 0.5),
                    BREAKER_SOON_MS, BREAKER_SOON_MS);
    assert_in_range(breaker_on_failure(&breaker, NO_CAUSE, 0.5), 3600000,
                    3600000);
    set_up(NULL);
    answer(APNS_CLASS_IDENTITY, "Forbidden");
    assert_in_range(breaker_on_failure(&breaker, breaker.cause, 0.5), 3600000,
                    3600000);
}

/* Of one ${class_} that all pushes of a probe get. */
static void
lose_probe(enum apns_class class_, const char *reason)
{
    uint32_t round = begin_probe();

    for (int i = 0; i < APNS_PROBES; i++) {
        answer(class_, reason);
        assert_int_equal(breaker_state(&breaker), APNS_IDENTITY_PROBING);
        assert_int_equal(breaker_end_probe(&breaker, round, true),
                         i == APNS_PROBES - 1);
    }
    assert_int_equal(breaker_state(&breaker), APNS_IDENTITY_STOPPED);
    assert_in_range(breaker_on_failure(&breaker, breaker.cause, 0.5), 3600000,
                    3600000);
}

TEST(refused_probe_stops_again)
{
    refuse(200, BAD);
    lose_probe(APNS_CLASS_SUSPECT, BAD);
    assert_int_equal(breaker.n_undecided, 205);
    check(APNS_IDENTITY_STOPPED, APNS_CAUSE_TOKENS_ENVIRONMENT, BAD);
    lose_probe(APNS_CLASS_IDENTITY, "TopicDisallowed");
    check(APNS_IDENTITY_STOPPED, REFUSED, "TopicDisallowed");
    lose_probe(APNS_CLASS_IDENTITY, "BadCertificateEnvironment");
    check(APNS_IDENTITY_STOPPED, APNS_CAUSE_ENVIRONMENT,
          "BadCertificateEnvironment");
}

TEST(one_200_of_a_probe_is_enough)
{
    uint32_t round;

    refuse(200, BAD);
    round = begin_probe();
    for (int i = 0; i < APNS_PROBES - 1; i++) {
        answer(APNS_CLASS_SUSPECT, BAD);
        assert_false(breaker_end_probe(&breaker, round, true));
    }
    answer(APNS_CLASS_ACCEPTED, "");
    assert_false(breaker_end_probe(&breaker, round, false));
    check(APNS_IDENTITY_READY, APNS_CAUSE_NONE, "");
    assert_int_equal(refuse(1000, BAD), APNS_CLASS_SUSPECT);
    check(APNS_IDENTITY_READY, APNS_CAUSE_NONE, "");
}

TEST(what_is_said_of_a_device_shows_that_the_certificate_is_taken)
{
    answer(APNS_CLASS_IDENTITY, "Forbidden");
    begin_probe();
    assert_int_equal(answer(APNS_CLASS_SUSPECT, BAD), APNS_CLASS_UNDECIDED);
    assert_int_equal(breaker_state(&breaker), APNS_IDENTITY_PROBING);
    answer(APNS_CLASS_TROUBLE, "InternalServerError");
    assert_int_equal(breaker_state(&breaker), APNS_IDENTITY_PROBING);
    answer(APNS_CLASS_DEAD_TOKEN, "Unregistered");
    check(APNS_IDENTITY_READY, APNS_CAUSE_NONE, "");
    /* Of tokens that had stopped it only a 200 says that. */
    set_up(NULL);
    refuse(200, BAD);
    begin_probe();
    answer(APNS_CLASS_DEAD_TOKEN, "Unregistered");
    assert_int_equal(breaker_state(&breaker), APNS_IDENTITY_PROBING);
}

TEST(probe_without_an_answer_comes_again_soon)
{
    uint32_t round, ended = 0;

    answer(APNS_CLASS_IDENTITY, "Forbidden");
    round = begin_probe();
    for (int i = 0; i < APNS_PROBES; i++)
        ended += breaker_end_probe(&breaker, round, false);
    assert_int_equal(ended, 1);
    check(APNS_IDENTITY_STOPPED, REFUSED, "Forbidden");
    assert_in_range(breaker_on_failure(&breaker, breaker.cause, 0.5),
                    BREAKER_AGAIN_MS, BREAKER_AGAIN_MS);
}

TEST(probe_that_loses_its_connection_is_over)
{
    uint32_t round, next;

    answer(APNS_CLASS_IDENTITY, "Forbidden");
    round = begin_probe();
    assert_in_range(breaker_on_failure(&breaker, NO_CAUSE, 0.5), 3600000,
                    3600000);
    check(APNS_IDENTITY_STOPPED, REFUSED, "Forbidden");
    next = begin_probe();
    assert_int_not_equal(next, round);
    /* Late ends of the former one do not count. */
    for (int i = 0; i < APNS_PROBES; i++)
        assert_false(breaker_end_probe(&breaker, round, true));
    assert_int_equal(breaker_state(&breaker), APNS_IDENTITY_PROBING);
}

TEST(another_certificate_begins_with_nothing)
{
    uint32_t round;

    answer(APNS_CLASS_ACCEPTED, "");
    answer(APNS_CLASS_IDENTITY, "Forbidden");
    round = begin_probe();
    breaker_renew(&breaker);
    check(APNS_IDENTITY_READY, APNS_CAUSE_NONE, "");
    assert_false(breaker.is_proven);
    assert_false(breaker_end_probe(&breaker, round, true));
    refuse(200, BAD);
    assert_int_not_equal(begin_probe(), round); /* the old ones' ends */
}

TEST(retry_keeps_the_count_of_another_stop)
{
    refuse(150, BAD);
    answer(APNS_CLASS_IDENTITY, "Forbidden");
    breaker_reset(&breaker);
    assert_int_equal(breaker.n_undecided, 150);
    refuse(50, BAD);
    assert_int_equal(breaker_state(&breaker), APNS_IDENTITY_STOPPED);
}

TEST(stop_and_recovery_can_come_again)
{
    for (int i = 0; i < 3; i++) {
        refuse(200, BAD);
        breaker_reset(&breaker);
        assert_int_equal(refuse(199, NOT_TOPIC), APNS_CLASS_UNDECIDED);
        check(APNS_IDENTITY_READY, APNS_CAUSE_NONE, "");
        breaker_renew(&breaker);
    }
    refuse(200, BAD);
    begin_probe();
    answer(APNS_CLASS_ACCEPTED, "");
    answer(APNS_CLASS_IDENTITY, "Forbidden");
    check(APNS_IDENTITY_STOPPED, REFUSED, "Forbidden");
    begin_probe();
    answer(APNS_CLASS_ACCEPTED, "");
    check(APNS_IDENTITY_READY, APNS_CAUSE_NONE, "");
}
