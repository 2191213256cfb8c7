/* SPDX-License-Identifier: MIT */
/*
 * How often a push is sent again when connections die, and how a token that
 * kills them is told from the others.
 */
#include <string.h>

#include "rig_clock.h"
#include "tests/support/unit.h"

#define MAX_COPIES 3

static struct rig rig;

static void
kill_with(uint32_t number)
{
    uint8_t token[FLEET_TOKEN_LEN];
    char hex[2 * FLEET_TOKEN_LEN + 1];

    fleet_token(number, token);
    apns_token_hex(token, sizeof token, hex);
    sim_proc_tell(rig.sim, "token %s close", hex);
}

static size_t
max_copies(void)
{
    struct fleet_tally tally;

    rig_tally(&rig, &tally);
    return tally.max_accepted;
}

TEST(a_push_lost_twice_ends_without_an_answer)
{
    rig_begin(&rig, NULL);
    kill_with(0);
    rig_add(&rig, 1);
    rig_finish(&rig);
    assert_int_equal(rig.pushes[0].outcome, APNS_FAILED);
    assert_int_equal(rig.pushes[0].class_, APNS_CLASS_NO_ANSWER);
    assert_string_equal(rig.pushes[0].reason, "connection lost");
    assert_int_equal(rig.pushes[0].n_moves, 1);
    assert_true(rig.pushes[0].is_resent);
    assert_int_equal(rig_stats(&rig).n_conns_lost, 2);
    assert_int_equal(sim_proc_stat(rig.sim, "pushes"), 2);
    rig_end(&rig);
}

static bool
has_hundred(struct rig *r)
{
    return r->n_ended == 100;
}

static bool
has_one(struct rig *r)
{
    return rig_status(r).n_conns == 1;
}

TEST(a_suspect_flies_alone_until_it_is_answered)
{
    rig_begin(&rig, NULL);
    kill_with(0);
    rig_add(&rig, 1);
    rig_finish(&rig);
    rig_until(&rig, rig_is_open);
    /* It dies alone, at once, and takes nobody along. */
    sim_proc_tell(rig.sim, "latency 100");
    rig_add(&rig, 50);
    rig_again(&rig, 0);
    rig_finish(&rig);
    assert_int_equal(rig.pushes[0].class_, APNS_CLASS_NO_ANSWER);
    assert_int_equal(rig.pushes[0].n_moves, 0);
    assert_false(rig.pushes[0].is_resent);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 50);
    assert_int_equal(rig_stats(&rig).n_moved, 1); /* before */
    assert_int_equal(rig_status(&rig).state, APNS_IDENTITY_READY);
    /* Answered, it is as good as any other; its connection goes. */
    sim_proc_tell(rig.sim, "reset-faults");
    rig_again(&rig, 0);
    rig_finish(&rig);
    assert_int_equal(rig.pushes[0].class_, APNS_CLASS_ACCEPTED);
    assert_int_equal(rig.client->suspects.n, 0);
    assert_int_equal(rig.max_conns, 2);
    rig_until(&rig, has_one);
    assert_int_equal(rig_stats(&rig).n_dials, 5);
    rig_again(&rig, 0);
    rig_finish(&rig);
    assert_int_equal(rig_stats(&rig).n_dials, 5);
    rig_end(&rig);
}

/* Without another connection the identity is as well as before. */
TEST(a_suspect_that_dies_alone_is_no_failure_of_the_identity)
{
    rig_start(&rig, NULL);
    rig.config.conns_min = 0;
    rig_open(&rig);
    kill_with(0);
    assert_int_equal(rig_put(&rig), APNS_OK);
    rig_add(&rig, 1);
    rig_finish(&rig);
    assert_int_equal(rig_status(&rig).state, APNS_IDENTITY_BACKOFF);
    for (int i = 0; i < 3; i++) {
        rig_again(&rig, 0);
        rig_finish(&rig);
        assert_int_equal(rig.pushes[0].class_, APNS_CLASS_NO_ANSWER);
        assert_int_equal(rig_status(&rig).state, APNS_IDENTITY_READY);
    }
    rig_end(&rig);
}

static bool
is_sent_again(struct rig *r)
{
    return rig_stats(r).n_conns_lost == 1 && rig_status(r).n_in_flight > 0;
}

/* Of what was lost a few at a time go over a connection. */
TEST(few_that_were_lost_share_a_connection)
{
    rig_start(&rig, NULL);
    rig.config.conns_max = 1;
    rig_open(&rig);
    assert_int_equal(rig_put(&rig), APNS_OK);
    rig_until(&rig, rig_is_open);
    sim_proc_tell(rig.sim, "stall");
    rig_add(&rig, CONN_MAX_RESENT + 8);
    rig_await_sim(&rig, "pushes", CONN_MAX_RESENT + 8);
    sim_proc_tell(rig.sim, "close");
    rig_until(&rig, is_sent_again);
    assert_int_equal(rig_status(&rig).n_in_flight, CONN_MAX_RESENT);
    assert_int_equal(rig_status(&rig).n_queued, 8);
    rig_await_sim(&rig, "pushes", 2 * CONN_MAX_RESENT + 8);
    /* They hold up nobody else. */
    sim_proc_tell(rig.sim, "reset-faults");
    rig_add(&rig, 100);
    rig_until(&rig, has_hundred);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 100);
    assert_int_equal(rig_status(&rig).n_queued, 8);
    apns_client_recall(rig.client, 1);
    rig_finish(&rig);
    rig_end(&rig);
}

/* Looked at in each turn. */
static bool
has_ended_one_by_one(struct rig *r)
{
    assert_in_range(rig_status(r).n_in_flight, 0, 1);
    return rig_has_ended(r);
}

TEST(suspects_go_one_after_the_other)
{
    rig_begin(&rig, NULL);
    sim_proc_tell(rig.sim, "nth 1 close");
    rig_add(&rig, 10);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_NO_ANSWER], 10);
    assert_int_equal(rig.client->suspects.n, 10);
    sim_proc_tell(rig.sim, "reset-faults");
    sim_proc_tell(rig.sim, "latency 5");
    for (uint32_t i = 0; i < 10; i++)
        rig_again(&rig, i);
    rig_until(&rig, has_ended_one_by_one);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 10);
    rig_end(&rig);
}

/* Send again what was lost twice, as the engine does, until nothing but
 * ${poison} fails; returns how many were. */
static uint32_t
send_all(uint32_t n, uint32_t poison)
{
    uint32_t n_again = 0;

    rig_add(&rig, n);
    rig_finish(&rig);
    for (uint32_t round = 0; round < 10; round++) {
        for (uint32_t i = 0; i < n; i++) {
            if (rig.pushes[i].class_ == APNS_CLASS_ACCEPTED)
                continue;
            assert_int_equal(rig.pushes[i].class_, APNS_CLASS_NO_ANSWER);
            assert_string_equal(rig.pushes[i].reason, "connection lost");
            rig_again(&rig, i);
            n_again += i != poison;
        }
        rig_finish(&rig);
        if (rig.n_class[APNS_CLASS_ACCEPTED] == n - (poison < n))
            return n_again;
    }
    fail_msg("pushes fail again and again");
    return 0;
}

TEST(a_token_that_kills_costs_the_others_two_copies)
{
    uint32_t n_again;

    rig_begin(&rig, NULL);
    kill_with(700);
    n_again = send_all(3000, 700);
    assert_in_range(n_again, 0, CONN_MAX_RESENT);
    assert_int_equal(rig.pushes[700].class_, APNS_CLASS_NO_ANSWER);
    assert_in_range(max_copies(), 1, MAX_COPIES);
    rig_end(&rig);
}

TEST(ten_such_tokens_do_not_either)
{
    rig_begin(&rig, NULL);
    for (uint32_t i = 0; i < 10; i++)
        kill_with(100 + i * 200);
    rig_add(&rig, 3000);
    rig_finish(&rig);
    for (uint32_t i = 0; i < 3000; i++)
        if (rig.pushes[i].class_ != APNS_CLASS_ACCEPTED)
            rig_again(&rig, i);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 2990);
    assert_in_range(max_copies(), 1, MAX_COPIES);
    rig_end(&rig);
}

TEST(connections_that_all_die_after_a_while_cost_three_copies)
{
    rig_begin(&rig, NULL);
    sim_proc_tell(rig.sim, "nth 400 close");
    send_all(3000, UINT32_MAX);
    assert_true(rig_stats(&rig).n_conns_lost >= 3);
    assert_in_range(max_copies(), 1, MAX_COPIES);
    rig_end(&rig);
}
