/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "apns/identity.h"
#include "rig_clock.h"
#include "tests/support/unit.h"

static struct rig rig;

/* ${directive} while 3000 pushes are sent: all must arrive. */
static void
send_under(const char *directive)
{
    rig_begin(&rig, NULL);
    sim_proc_tell(rig.sim, "%s", directive);
    rig_add(&rig, 3000);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 3000);
    assert_true(sim_proc_stat(rig.sim, "goaways") > 0);
    assert_true(rig_stats(&rig).n_goaways > 0);
    rig_check_ledger(&rig);
}

TEST(goaway_that_keeps_all_streams_loses_nothing)
{
    send_under("every 400 goaway last=all reason=Shutdown");
    rig_end(&rig);
}

TEST(goaway_moves_unprocessed_pushes)
{
    send_under("every 400 goaway last=none");
    assert_true(rig.n_moved > 0);
    rig_end(&rig);
}

TEST(goaway_in_the_middle_moves_only_what_is_above)
{
    send_under("after 500 goaway last=501 reason=Shutdown");
    rig_end(&rig);
}

/* Else it would take a settle time each. */
TEST(a_connection_that_was_useful_is_replaced_at_once)
{
    rig_start(&rig, NULL);
    rig.config.settle_ms = RIG_NEVER_MS;
    rig_open(&rig);
    sim_proc_tell(rig.sim, "every 400 goaway last=all reason=Shutdown");
    assert_int_equal(rig_put(&rig), APNS_OK);
    rig_add(&rig, 3000);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 3000);
    assert_true(rig_stats(&rig).n_dials > 3);
    rig_check_ledger(&rig);
    rig_end(&rig);
}

/* Each has answered enough to pay for the next, within milliseconds. */
TEST(useful_connections_are_replaced_a_few_times_a_second)
{
    ev_tstamp began;

    rig_start(&rig, NULL);
    rig.config.settle_ms = 500;
    rig.config.conns_max = 1;
    rig_open(&rig);
    sim_proc_tell(rig.sim, "nth 110 goaway last=all reason=Shutdown");
    assert_int_equal(rig_put(&rig), APNS_OK);
    began = ev_time();
    rig_add(&rig, 1000);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 1000);
    assert_true(rig_stats(&rig).n_dials >= 9);
    /* In the first instant one, and another. */
    assert_in_range(rig_stats(&rig).n_dials, 9,
                    2 + (ev_time() - began) * 1000 / IDENTITY_PAID_SETTLE_MS);
    rig_end(&rig);
}

static bool
has_second(struct rig *r)
{
    return rig_stats(r).n_dials == 2 && rig_status(r).n_open == 1;
}

TEST(goaway_at_rest_is_followed_by_a_new_connection)
{
    rig_begin(&rig, NULL);
    rig_add(&rig, 10);
    rig_finish(&rig);
    sim_proc_tell(rig.sim, "goaway reason=IdleTimeout last=all");
    rig_until(&rig, has_second);
    rig_add(&rig, 10);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 20);
    assert_int_equal(rig_stats(&rig).n_dials, 2);
    rig_check_ledger(&rig);
    rig_end(&rig);
}

static bool
has_dialled_often(struct rig *r)
{
    return rig_stats(r).n_dials >= 5;
}

TEST(goaway_on_every_new_connection_is_no_storm)
{
    ev_tstamp began = ev_time();

    rig_start(&rig, NULL);
    rig.config.backoff_min_ms = 100;
    rig.config.backoff_max_ms = 400;
    rig_open(&rig);
    sim_proc_tell(rig.sim, "goaway reason=Shutdown last=none");
    sim_proc_tell(rig.sim, "every 1 goaway reason=Shutdown last=none");
    assert_int_equal(rig_put(&rig), APNS_OK);
    rig_add(&rig, 5);
    rig_until(&rig, has_dialled_often);
    /* Each after half of the shortest pause at least. */
    assert_true(ev_time() - began >=
                (double)(rig_stats(&rig).n_dials - 1) * 0.05);
    assert_int_equal(rig.n_ended, 0);
    rig_end_deadlines(&rig);
    rig_finish(&rig);
    rig_end(&rig);
}

TEST(environment_goaway_stops_the_identity)
{
    rig_start(&rig, NULL);
    rig_open(&rig);
    sim_proc_tell(rig.sim, "environment on");
    assert_int_equal(rig_put(&rig), APNS_OK);
    rig_add(&rig, 20);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_IDENTITY], 20);
    assert_string_equal(rig.pushes[0].reason, "BadCertificateEnvironment");
    assert_int_equal(rig.pushes[0].outcome, APNS_FAILED);
    rig_until(&rig, rig_is_stopped);
    assert_string_equal(rig.event.why, "BadCertificateEnvironment");
    assert_int_equal(rig.event.class_, APNS_CLASS_IDENTITY);
    rig_pass(&rig, 300);
    assert_int_equal(sim_proc_stat(rig.sim, "handshakes"), 1);
    /* What is submitted now ends at once, in the same way. */
    rig_add(&rig, 3);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_IDENTITY], 23);
    /* Mended: */
    sim_proc_tell(rig.sim, "environment off");
    assert_int_equal(apns_identity_retry(rig.client, RIG_TOPIC), APNS_OK);
    rig_add(&rig, 3);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 3);
    assert_int_equal(rig_status(&rig).state, APNS_IDENTITY_READY);
    rig_check_ledger(&rig);
    rig_end(&rig);
}
