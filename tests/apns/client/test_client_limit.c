/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "rig_clock.h"
#include "tests/support/unit.h"

static struct rig rig;

static bool
is_half_done(struct rig *r)
{
    return r->n_ended >= r->n_pushes / 2;
}

static bool
has_eight(struct rig *r)
{
    return rig_status(r).n_open == 8;
}

static bool
may_send_none(struct rig *r)
{
    return rig_status(r).n_streams_max == 0;
}

static bool
has_one(struct rig *r)
{
    return rig_status(r).n_conns == 1;
}

TEST(limit_falls_to_one_and_comes_back)
{
    rig_start(&rig, NULL);
    rig.config.conns_max = 1;
    rig_open(&rig);
    assert_int_equal(rig_put(&rig), APNS_OK);
    sim_proc_tell(rig.sim, "latency 1..3");
    rig_add(&rig, 600);
    rig_until(&rig, is_half_done);
    sim_proc_tell(rig.sim, "max-streams 1");
    rig_add(&rig, 50);
    rig_finish(&rig);
    sim_proc_tell(rig.sim, "max-streams 1000");
    rig_add(&rig, 600);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 1250);
    assert_int_equal(rig_stats(&rig).n_dials, 1);
    rig_check_ledger(&rig);
    rig_end(&rig);
}

TEST(fallen_limit_is_not_answered_by_dialling)
{
    rig_begin(&rig, NULL);
    rig_until(&rig, rig_is_open);
    rig_add(&rig, 10);
    rig_finish(&rig);
    sim_proc_tell(rig.sim, "max-streams 1");
    sim_proc_tell(rig.sim, "latency 5");
    rig_add(&rig, 100);
    rig_finish(&rig);
    assert_int_equal(rig_stats(&rig).n_dials, 1);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 110);
    rig_end(&rig);
}

TEST(limit_of_zero_waits_until_it_is_lifted)
{
    rig_begin(&rig, NULL);
    rig_add(&rig, 1);
    rig_finish(&rig);
    sim_proc_tell(rig.sim, "max-streams 0");
    rig_until(&rig, may_send_none);
    rig_add(&rig, 10);
    rig_pass(&rig, 200);
    assert_int_equal(rig.n_ended, 1);
    assert_int_equal(rig_stats(&rig).n_dials, 1);
    sim_proc_tell(rig.sim, "max-streams 100");
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 11);
    rig_check_ledger(&rig);
    rig_end(&rig);
}

TEST(pool_grows_to_its_maximum_and_shrinks_when_idle)
{
    static const char *const options[] = {"--max-streams", "10", NULL};

    rig_start(&rig, options);
    rig.config.idle_close_ms = 150;
    rig.config.queue_max = 20000;
    rig_open(&rig);
    assert_int_equal(rig_put(&rig), APNS_OK);
    sim_proc_tell(rig.sim, "hold");
    rig_add(&rig, 1500);
    rig_until(&rig, has_eight);
    assert_int_equal(rig_status(&rig).n_streams_max, 80);
    rig_await_sim(&rig, "pushes", 80);
    sim_proc_tell(rig.sim, "latency 0");
    sim_proc_tell(rig.sim, "release");
    rig_finish(&rig);
    assert_int_equal(rig.max_conns, 8);
    assert_int_equal(sim_proc_stat(rig.sim, "max_open"), 8);
    rig_until(&rig, has_one);
    rig_pass(&rig, 400);
    assert_int_equal(rig_status(&rig).n_open, 1);
    assert_int_equal(rig_stats(&rig).n_dials, 8);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 1500);
    rig_check_ledger(&rig);
    rig_end(&rig);
}

TEST(minimum_is_kept_warm_and_zero_means_on_demand)
{
    rig_start(&rig, NULL);
    rig.config.conns_min = 0;
    rig.config.idle_close_ms = 50;
    rig_open(&rig);
    assert_int_equal(rig_put(&rig), APNS_OK);
    rig_pass(&rig, 100);
    assert_int_equal(rig_stats(&rig).n_dials, 0);
    rig_add(&rig, 5);
    rig_finish(&rig);
    rig_until(&rig, rig_has_no_conn);
    rig_add(&rig, 5);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 10);
    assert_int_equal(rig_stats(&rig).n_dials, 2);
    rig_end(&rig);
}

TEST(connection_cap_of_the_server_is_survived)
{
    static const char *const options[] = {"--max-streams", "5", NULL};

    rig_start(&rig, options);
    rig_open(&rig);
    sim_proc_tell(rig.sim, "conn-cap 2");
    sim_proc_tell(rig.sim, "latency 10");
    assert_int_equal(rig_put(&rig), APNS_OK);
    rig_add(&rig, 500);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 500);
    rig_check_ledger(&rig);
    rig_end(&rig);
}
