/* SPDX-License-Identifier: MIT */

/*
 * APNs closes connections in good order all the time during a wave.
 */

#include <stdlib.h>

#include "tests/e2e/e2e_stage.h"
#include "tests/support/unit.h"

#define N_FLEET      100000
#define GOAWAY_EVERY 5000 /* a connection lives for a quarter of a second */

EACH(e2e_stage_set_up, e2e_stage_tear_down);

/*
 * A GOAWAY names the last push that was taken in: those behind it are sent
 * over another connection, those before it get their answer. So every token
 * is accepted exactly once, and nothing looks like a failure.
 */
TEST(goaways_cost_no_push_and_repeat_none)
{
    struct e2e_stage *stage = *state;
    size_t n = e2e_stage_scaled(N_FLEET);
    struct fleet_tally tally;
    int64_t since_ms;
    int64_t wave;

    e2e_stage_enroll(stage, n);
    e2e_stage_await_cert(stage, "ready");
    sim_proc_tell(stage->sim, "every %d goaway reason=Shutdown", GOAWAY_EVERY);
    since_ms = e2e_stage_now();
    wave = e2e_stage_ask_wave(stage, 0);
    e2e_stage_await_wave(stage, wave);
    print_message("    %zu pushes in %d ms\n", n,
                  (int)(e2e_stage_now() - since_ms));
    e2e_stage_assert_all_woken(stage, wave, &tally);
    assert_int_equal(tally.n_repeated, 0);
    assert_true(sim_proc_stat(stage->sim, "goaways") >=
                (int64_t)n / GOAWAY_EVERY - 1);
    assert_true(e2e_stage_metric(stage, "rouse_goaways_total") >=
                (double)n / GOAWAY_EVERY / 2);
    assert_true(
        e2e_stage_metric(stage, "rouse_pushes_total{class=\"accepted\"}") ==
        (double)n);
    assert_true(
        e2e_stage_metric(stage, "rouse_settled_total{effect=\"accepted\"}") ==
        (double)n);
    assert_true(
        e2e_stage_metric(stage, "rouse_settled_total{effect=\"retry\"}") == 0);
    assert_true(e2e_stage_metric(stage, "rouse_connections_lost_total") == 0);
}
