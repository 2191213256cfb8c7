/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "bench/sim/fault/faults.h"
#include "tests/support/unit.h"

#define TOPIC "com.apple.mgmt.x"

static const uint8_t token[] = {0xab, 0xcd};

static int
open_faults(void **state)
{
    *state = faults_new(1);
    return *state == NULL;
}

static int
close_faults(void **state)
{
    faults_free(*state);
    return 0;
}

EACH(open_faults, close_faults);

static void
say(struct faults *faults, const char *line)
{
    struct directive directive;
    char error[DIRECTIVE_MAX_ERROR];

    if (!directive_read(line, &directive, error))
        fail_msg("`%s`: %s", line, error);
    assert_true(faults_add(faults, &directive));
}

static struct faults_met
meet_push(struct faults *faults, struct faults_push push)
{
    struct faults_met met;

    faults_meet(faults, &push, &met);
    return met;
}

static struct faults_met
meet(struct faults *faults)
{
    return meet_push(
        faults, (struct faults_push){token, sizeof token, TOPIC, .number = 1});
}

/* The status that the next push meets; 200 when none decides. */
static int
next_status(struct faults *faults)
{
    struct faults_met met = meet(faults);

    return met.decision == NULL ? 200 : met.decision->status;
}

TEST(without_directives_nothing_is_met)
{
    assert_true(faults_is_empty(*state));
    assert_int_equal(next_status(*state), 200);
}

TEST(every_nth_push_is_met)
{
    say(*state, "every 3 answer 503 Shutdown");
    for (int i = 1; i <= 12; i++)
        assert_int_equal(next_status(*state), i % 3 == 0 ? 503 : 200);
}

TEST(the_first_pushes_are_met)
{
    say(*state, "first 2 answer 503 Shutdown");
    for (int i = 1; i <= 5; i++)
        assert_int_equal(next_status(*state), i <= 2 ? 503 : 200);
}

TEST(pushes_after_the_nth_are_met)
{
    say(*state, "after 2 answer 503 Shutdown");
    for (int i = 1; i <= 5; i++)
        assert_int_equal(next_status(*state), i > 2 ? 503 : 200);
}

TEST(nth_push_of_each_connection_is_met)
{
    struct faults_push push = {token, sizeof token, TOPIC, NULL, 1};

    say(*state, "nth 3 answer 503 Shutdown");
    for (int conn = 0; conn < 2; conn++) {
        for (push.number = 1; push.number <= 5; push.number++)
            assert_int_equal(meet_push(*state, push).decision != NULL,
                             push.number == 3);
    }
}

TEST(tokens_and_topics_are_met)
{
    struct faults_met met;

    say(*state, "token abcd answer 410 Unregistered");
    assert_int_equal(next_status(*state), 410);
    met = meet_push(*state, (struct faults_push){token, 1, TOPIC, NULL, 1});
    assert_null(met.decision);
    met = meet_push(*state, (struct faults_push){NULL, 0, TOPIC, NULL, 1});
    assert_null(met.decision);
    faults_clear(*state);
    say(*state, "topic " TOPIC " answer 400 TopicDisallowed");
    assert_int_equal(next_status(*state), 400);
    met = meet_push(
        *state, (struct faults_push){token, sizeof token, "other", NULL, 1});
    assert_null(met.decision);
}

TEST(pushes_under_a_certificate_are_met)
{
    struct faults_push push = {token, sizeof token, TOPIC, NULL, 1};

    say(*state, "cert 0aff answer 403 BadCertificate");
    assert_null(meet_push(*state, push).decision);
    push.serial = "0AFF";
    assert_non_null(meet_push(*state, push).decision);
    push.serial = "0AFE";
    assert_null(meet_push(*state, push).decision);
    push.serial = "0AFF";
    say(*state, "cert 0AFF answer 200 -");
    assert_null(meet_push(*state, push).decision);
}

TEST(tokens_are_met_from_the_first_to_the_last)
{
    static const struct {
        uint8_t token[2];
        bool is_met;
    } cases[] = {{{0x03, 0xe7}, false}, {{0x03, 0xe8}, true},
                 {{0x05, 0x00}, true},  {{0x09, 0xc3}, true},
                 {{0x09, 0xc4}, false}, {{0xff, 0xff}, false}};

    say(*state, "tokens 03e8..09c3 answer 400 BadDeviceToken");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct faults_push push = {cases[i].token, 2, TOPIC, NULL, 1};

        assert_int_equal(meet_push(*state, push).decision != NULL,
                         cases[i].is_met);
        push.token_len = 1; /* shorter than the bounds: never */
        assert_null(meet_push(*state, push).decision);
    }
    say(*state, "tokens 03e8..09c3 answer 200 -");
    assert_null(meet_push(*state, (struct faults_push){cases[1].token, 2, TOPIC,
                                                       NULL, 1})
                    .decision);
}

static int
count_met(struct faults *faults, int n)
{
    int n_met = 0;

    for (int i = 0; i < n; i++)
        n_met += next_status(faults) != 200;
    return n_met;
}

TEST(rates_are_about_right_and_repeatable)
{
    struct faults *again = faults_new(1);
    int n_met;

    assert_non_null(again);
    say(*state, "rate 0.1 answer 503 Shutdown");
    say(again, "rate 0.1 answer 503 Shutdown");
    n_met = count_met(*state, 10000);
    assert_in_range(n_met, 850, 1150);
    assert_int_equal(count_met(again, 10000), n_met);
    faults_free(again);
}

TEST(rates_of_none_and_all_are_exact)
{
    say(*state, "rate 0 answer 503 Shutdown");
    assert_int_equal(count_met(*state, 1000), 0);
    faults_clear(*state);
    say(*state, "rate 1 answer 503 Shutdown");
    assert_int_equal(count_met(*state, 1000), 1000);
}

TEST(the_newest_decides)
{
    say(*state, "answer 503 Shutdown");
    say(*state, "token abcd answer 410 Unregistered");
    assert_int_equal(next_status(*state), 410);
    say(*state, "answer 500 InternalServerError");
    assert_int_equal(next_status(*state), 500);
}

TEST(the_same_condition_is_replaced)
{
    say(*state, "every 2 answer 503 Shutdown");
    say(*state, "every 2 refuse");
    meet(*state);
    assert_int_equal(meet(*state).decision->action, ACTION_REFUSE);
}

TEST(answer_200_undoes)
{
    say(*state, "stall");
    say(*state, "answer 200 -");
    assert_true(faults_is_empty(*state));
    say(*state, "token abcd answer 410 Unregistered");
    say(*state, "answer 503 Shutdown");
    say(*state, "answer 200 -");
    assert_int_equal(next_status(*state), 410);
    say(*state, "token abcd answer 200 -");
    assert_true(faults_is_empty(*state));
}

TEST(answer_200_may_be_an_exception)
{
    struct faults_met met;

    say(*state, "answer 503 Shutdown");
    say(*state, "token abcd answer 200 -");
    assert_int_equal(next_status(*state), 200);
    met = meet_push(*state, (struct faults_push){token, 1, TOPIC, NULL, 1});
    assert_int_equal(met.decision->status, 503);
}

TEST(latency_lies_within_its_bounds)
{
    uint32_t min = UINT32_MAX, max = 0;

    say(*state, "latency 10..20");
    for (int i = 0; i < 1000; i++) {
        uint32_t ms = meet(*state).latency_ms;

        min = ms < min ? ms : min;
        max = ms > max ? ms : max;
    }
    assert_int_equal(min, 10);
    assert_int_equal(max, 20);
    say(*state, "latency 0");
    assert_true(faults_is_empty(*state));
}

TEST(latency_and_decision_go_together)
{
    struct faults_met met;

    say(*state, "latency 5");
    say(*state, "answer 503 Shutdown");
    met = meet(*state);
    assert_int_equal(met.latency_ms, 5);
    assert_int_equal(met.decision->status, 503);
}

TEST(what_acts_once_after_n_acts_once)
{
    int n = 0;

    say(*state, "after 2 goaway reason=Shutdown");
    for (int i = 0; i < 10; i++)
        n += (int)meet(*state).n_once;
    assert_int_equal(n, 1);
}

TEST(what_acts_every_n_acts_each_time)
{
    int n = 0;

    say(*state, "every 2 close");
    for (int i = 0; i < 10; i++)
        n += (int)meet(*state).n_once;
    assert_int_equal(n, 5);
}

TEST(more_directives_than_the_limit_are_refused)
{
    struct directive directive = {.when = WHEN_EVERY, .action = ACTION_STALL};

    for (uint64_t i = 1; i <= FAULTS_MAX_RULES; i++) {
        directive.n = i;
        assert_true(faults_add(*state, &directive));
    }
    directive.n++;
    assert_false(faults_add(*state, &directive));
    directive.n--;
    assert_true(faults_add(*state, &directive)); /* replaces */
}
