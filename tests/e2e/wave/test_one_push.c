/* SPDX-License-Identifier: MIT */

/*
 * One device, one push, by the simulator's ledger: several waves over a fleet
 * at once, over a stopped certificate, and over a daemon that is killed.
 */

#include <stdlib.h>

#include "tests/e2e/e2e_stage.h"
#include "tests/support/unit.h"

#define N_FLEET   5000
#define N_STOPPED 10
#define N_AT_ONCE 5
#define N_KILLS   3

static const char *const no_patience[] = {"--apns-backoff-min-ms",
                                          "20",
                                          "--apns-backoff-max-ms",
                                          "40",
                                          "--apns-settle-ms",
                                          "10",
                                          NULL};

static int
set_up(void **state)
{
    *state = e2e_stage_new(NULL, no_patience);
    return 0;
}

EACH(set_up, e2e_stage_tear_down);

static void
await_all(struct e2e_stage *stage, const int64_t *waves, size_t n)
{
    int64_t n_fleet = (int64_t)stage->fleet.n;

    for (size_t i = 0; i < n; i++) {
        e2e_stage_await_wave(stage, waves[i]);
        assert_int_equal(e2e_stage_count(stage, waves[i], "total"), n_fleet);
        assert_int_equal(e2e_stage_count(stage, waves[i], "accepted"), n_fleet);
    }
}

TEST(waves_over_a_stopped_certificate_are_one_push)
{
    struct e2e_stage *stage = *state;
    size_t n = e2e_stage_scaled(N_FLEET);
    int64_t waves[N_STOPPED];
    struct fleet_tally tally;
    char *renewed;

    e2e_stage_enroll(stage, n);
    e2e_stage_await_cert(stage, "ready");
    sim_proc_tell(stage->sim, "tls-alert revoked");
    sim_proc_tell(stage->sim, "close");
    e2e_stage_await_cert(stage, "stopped");
    for (size_t i = 0; i < N_STOPPED; i++)
        waves[i] = e2e_stage_ask_wave(stage, 0);
    sim_proc_tell(stage->sim, "tls-alert off");
    renewed = e2e_stage_renew_cert(stage);
    daemon_proc_import_cert(stage->daemon, renewed);
    free(renewed);
    await_all(stage, waves, N_STOPPED);
    e2e_stage_tally(stage, &tally);
    assert_int_equal(tally.n_woken, n);
    assert_int_equal(tally.n_repeated, 0);
}

TEST(waves_at_once_are_two_pushes_at_most)
{
    struct e2e_stage *stage = *state;
    size_t n = e2e_stage_scaled(N_FLEET);
    int64_t waves[N_AT_ONCE];
    struct fleet_tally tally;

    e2e_stage_enroll(stage, n);
    e2e_stage_await_cert(stage, "ready");
    sim_proc_tell(stage->sim, "max-streams 0");
    for (size_t i = 0; i < N_AT_ONCE; i++)
        waves[i] = e2e_stage_ask_wave(stage, 0);
    sim_proc_tell(stage->sim, "max-streams 1000");
    await_all(stage, waves, N_AT_ONCE);
    e2e_stage_tally(stage, &tally);
    assert_int_equal(tally.n_woken, n);
    assert_true(tally.max_accepted <= 2);
}

TEST(waves_count_true_after_kills)
{
    struct e2e_stage *stage = *state;
    size_t n = e2e_stage_scaled(N_FLEET);
    int64_t waves[3];
    struct fleet_tally tally;

    e2e_stage_enroll(stage, n);
    for (size_t i = 0; i < 3; i++)
        waves[i] = e2e_stage_ask_wave(stage, (uint32_t)n);
    for (size_t i = 0; i < N_KILLS; i++) {
        e2e_stage_await_sim(stage, "accepted",
                            (int64_t)((2 * i + 1) * n / (2 * N_KILLS)));
        daemon_proc_kill(stage->daemon);
        daemon_proc_again(stage->daemon);
    }
    await_all(stage, waves, 3);
    e2e_stage_tally(stage, &tally);
    assert_int_equal(tally.n_woken, n);
}
