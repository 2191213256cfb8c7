/* SPDX-License-Identifier: MIT */
/*
 * Connections that acknowledge PINGs and answer no push.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "rig.h"

static struct rig rig;

/* ${n} pushes until they have ended; how many of them were accepted. Only
 * those that are to reach their ${deadline_ms} have a short one. */
static uint32_t
send(uint32_t n, uint32_t deadline_ms)
{
    uint32_t n_before = rig.n_class[APNS_CLASS_ACCEPTED];

    rig.deadline_ms = deadline_ms;
    rig_add(&rig, n);
    rig_finish(&rig);
    return rig.n_class[APNS_CLASS_ACCEPTED] - n_before;
}

static void
begin(void)
{
    rig_start(&rig, NULL);
    rig.config.ping_stall_ms = 20;
    rig_open(&rig);
    assert_int_equal(rig_put(&rig), APNS_OK);
    rig_until(&rig, rig_is_open);
}

static void
mute_connection_is_replaced_after_three_deadlines(void **state)
{
    (void)state;
    begin();
    sim_proc_tell(rig.sim, "mute");
    assert_int_equal(send(600, 100), 0);
    assert_int_equal(rig.n_class[APNS_CLASS_NO_ANSWER], 600);
    assert_string_equal(rig.pushes[599].reason, "deadline");
    assert_true(rig_stats(&rig).n_pings > 0);
    rig_until(&rig, rig_is_open);
    assert_int_equal(rig_stats(&rig).n_dials, 2);
    assert_int_equal(send(600, 0), 600);
    assert_int_equal(rig_stats(&rig).n_dials, 2);
    assert_int_equal(rig_stats(&rig).n_conns_lost, 0);
    rig_end(&rig);
}

static void
an_answer_between_deadlines_keeps_the_connection(void **state)
{
    (void)state;
    begin();
    for (int i = 0; i < 3; i++) {
        sim_proc_tell(rig.sim, "first 2 stall");
        assert_int_equal(send(2, 20), 0);
        assert_int_equal(send(1, 0), 1);
    }
    assert_int_equal(rig_stats(&rig).n_dials, 1);
    sim_proc_tell(rig.sim, "first 3 stall");
    assert_int_equal(send(3, 20), 0);
    assert_int_equal(send(1, 0), 1);
    assert_int_equal(rig_stats(&rig).n_dials, 2);
    rig_end(&rig);
}

/* What has no answer yet is still awaited on it, up to its own deadline. */
static void
mute_connection_may_still_answer_what_it_has(void **state)
{
    (void)state;
    begin();
    sim_proc_tell(rig.sim, "first 1 latency 300");
    sim_proc_tell(rig.sim, "after 1 stall");
    rig_add(&rig, 1);
    send(3, 50);
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

static void
others_take_over_from_one_that_is_mute(void **state)
{
    (void)state;
    rig_start(&rig, NULL);
    rig.config.conns_min = 2;
    rig_open(&rig);
    assert_int_equal(rig_put(&rig), APNS_OK);
    rig_until(&rig, has_two);
    rig.n_events = 0;
    sim_proc_tell(rig.sim, "after 0 mute");
    rig.window = 100;
    send(1000, 1000);
    /* What had gone there hung; nothing went there after that. */
    assert_in_range(rig.n_class[APNS_CLASS_NO_ANSWER], 3, 100);
    rig_until(&rig, has_two);
    assert_int_equal(rig_stats(&rig).n_dials, 3);
    assert_int_equal(send(1000, 0), 1000);
    /* Nothing was wrong with the identity. */
    assert_int_equal(rig.n_events, 0);
    rig_end(&rig);
}

static void
nothing_but_mute_connections_is_no_storm_of_dials(void **state)
{
    ev_tstamp began;

    (void)state;
    rig_start(&rig, NULL);
    rig.config.settle_ms = 1;
    rig.config.backoff_min_ms = 80;
    rig.config.backoff_max_ms = 80;
    rig_open(&rig);
    sim_proc_tell(rig.sim, "nth 1 mute");
    assert_int_equal(rig_put(&rig), APNS_OK);
    rig.window = 10;
    began = ev_time();
    assert_int_equal(send(400, 10), 0);
    /* Each after half of the pause at least. */
    assert_in_range(rig_stats(&rig).n_dials, 2,
                    2 + (ev_time() - began) / 0.040);
    assert_int_equal(rig.event.state, APNS_IDENTITY_BACKOFF);
    assert_string_equal(rig.event.why, "no answers");
    rig_end(&rig);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(mute_connection_is_replaced_after_three_deadlines),
        cmocka_unit_test(an_answer_between_deadlines_keeps_the_connection),
        cmocka_unit_test(mute_connection_may_still_answer_what_it_has),
        cmocka_unit_test(others_take_over_from_one_that_is_mute),
        cmocka_unit_test(nothing_but_mute_connections_is_no_storm_of_dials),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
