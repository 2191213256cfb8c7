/* SPDX-License-Identifier: MIT */
/*
 * Connections that acknowledge PINGs and answer no push.
 */
#include <string.h>

#include "rig_clock.h"
#include "tests/support/unit.h"

static struct rig rig;

/* ${n} pushes until they have ended; how many of them were accepted. */
static uint32_t
push_all(uint32_t n)
{
    uint32_t n_before = rig.n_class[APNS_CLASS_ACCEPTED];

    rig_add(&rig, n);
    rig_finish(&rig);
    return rig.n_class[APNS_CLASS_ACCEPTED] - n_before;
}

/* ${n} pushes that hang, until their deadlines. */
static void
hang(uint32_t n)
{
    int64_t n_before = sim_proc_stat(rig.sim, "pushes");

    rig_add(&rig, n);
    rig_await_sim(&rig, "pushes", n_before + n);
    rig_end_deadlines(&rig);
    rig_finish(&rig);
    assert_int_equal(rig.pushes[rig.n_pushes - 1].class_, APNS_CLASS_NO_ANSWER);
    assert_string_equal(rig.pushes[rig.n_pushes - 1].reason, "deadline");
}

static void
begin(uint32_t backoff_ms)
{
    rig_start(&rig, NULL);
    rig.config.backoff_min_ms = backoff_ms;
    rig.config.backoff_max_ms = backoff_ms;
    rig.config.settle_ms = 1;
    rig_open(&rig);
    assert_int_equal(rig_put(&rig), APNS_OK);
    rig_until(&rig, rig_is_open);
}

TEST(mute_connection_is_replaced_after_three_deadlines)
{
    begin(500);
    sim_proc_tell(rig.sim, "mute");
    hang(600);
    assert_int_equal(rig.n_class[APNS_CLASS_NO_ANSWER], 600);
    assert_int_equal(rig_status(&rig).state, APNS_IDENTITY_BACKOFF);
    assert_string_equal(rig_status(&rig).why, "no answers");
    rig_until(&rig, rig_is_open);
    assert_int_equal(rig_stats(&rig).n_dials, 2);
    assert_int_equal(push_all(600), 600);
    assert_int_equal(rig_stats(&rig).n_dials, 2);
    assert_int_equal(rig_stats(&rig).n_conns_lost, 0);
    rig_end(&rig);
}

TEST(answered_pings_do_not_keep_it)
{
    rig_start(&rig, NULL);
    rig.config.ping_stall_ms = 10;
    rig_open(&rig);
    assert_int_equal(rig_put(&rig), APNS_OK);
    rig_until(&rig, rig_is_open);
    sim_proc_tell(rig.sim, "mute");
    rig_add(&rig, 3);
    rig_await_sim(&rig, "pushes", 3);
    rig_await_sim(&rig, "pings", 1);
    rig_end_deadlines(&rig);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_NO_ANSWER], 3);
    assert_int_equal(push_all(3), 3);
    assert_int_equal(rig_stats(&rig).n_dials, 2);
    rig_end(&rig);
}

TEST(an_answer_between_deadlines_keeps_the_connection)
{
    begin(10);
    for (int i = 0; i < 3; i++) {
        sim_proc_tell(rig.sim, "first 2 stall");
        hang(2);
        assert_int_equal(push_all(1), 1);
    }
    assert_int_equal(rig_stats(&rig).n_dials, 1);
    sim_proc_tell(rig.sim, "first 3 stall");
    hang(3);
    assert_int_equal(push_all(1), 1);
    assert_int_equal(rig_stats(&rig).n_dials, 2);
    rig_end(&rig);
}

static bool
have_three_ended(struct rig *r)
{
    return r->n_ended == 3;
}

/* What has no answer yet is still awaited on it, up to its own deadline. */
TEST(mute_connection_may_still_answer_what_it_has)
{
    begin(10);
    sim_proc_tell(rig.sim, "first 1 hold");
    sim_proc_tell(rig.sim, "after 1 stall");
    rig_add(&rig, 1);
    rig_await_sim(&rig, "pushes", 1);
    rig.deadline_ms = 100;
    rig_add(&rig, 3);
    rig_until(&rig, have_three_ended);
    assert_int_equal(rig.pushes[0].n_results, 0);
    sim_proc_tell(rig.sim, "release");
    rig_finish(&rig);
    assert_int_equal(rig.pushes[0].class_, APNS_CLASS_ACCEPTED);
    assert_false(rig.pushes[0].is_resent);
    assert_int_equal(rig.n_class[APNS_CLASS_NO_ANSWER], 3);
    rig_end(&rig);
}

static bool
has_two(struct rig *r)
{
    return rig_status(r).n_open == 2;
}

/* All that is under way is on one connection. */
static bool
is_stuck(struct rig *r)
{
    struct conn *conn;
    uint32_t n_busy = 0;

    TAILQ_FOREACH (conn, &client_find(r->client, RIG_TOPIC)->pool.conns, link)
        n_busy += conn_in_flight(conn) > 0;
    return n_busy == 1 && rig_status(r).n_queued == 0;
}

TEST(others_take_over_from_one_that_is_mute)
{
    rig_start(&rig, NULL);
    rig.config.conns_min = 2;
    rig_open(&rig);
    assert_int_equal(rig_put(&rig), APNS_OK);
    rig_until(&rig, has_two);
    rig.n_events = 0;
    sim_proc_tell(rig.sim, "after 0 mute");
    rig.window = 100;
    rig_add(&rig, 1000);
    rig_until(&rig, is_stuck);
    rig_end_deadlines(&rig);
    rig_finish(&rig);
    /* What had gone there hung; nothing went there after that. */
    assert_in_range(rig.n_class[APNS_CLASS_NO_ANSWER], 3, 100);
    rig_until(&rig, has_two);
    assert_int_equal(rig_stats(&rig).n_dials, 3);
    assert_int_equal(push_all(1000), 1000);
    /* Nothing was wrong with the identity; it was proven. */
    assert_int_equal(rig.n_events, 1);
    assert_int_equal(rig.event.state, APNS_IDENTITY_READY);
    rig_end(&rig);
}

TEST(nothing_but_mute_connections_is_no_storm_of_dials)
{
    ev_tstamp began;

    begin(200);
    sim_proc_tell(rig.sim, "nth 1 mute");
    began = ev_time();
    for (int i = 0; i < 4; i++) {
        rig_until(&rig, rig_is_open);
        hang(3);
    }
    rig_until(&rig, rig_is_open);
    assert_int_equal(rig_stats(&rig).n_dials, 5);
    /* Each after half of the pause at least. */
    assert_true(ev_time() - began >= 4 * 0.1);
    rig_end(&rig);
}
