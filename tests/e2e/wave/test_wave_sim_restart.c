/* SPDX-License-Identifier: MIT */

/*
 * APNs goes away in the middle of a wave and comes back.
 */

#include <stdio.h>
#include <stdlib.h>

#include "tests/e2e/e2e_stage.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unit.h"

#define N_FLEET    50000
#define N_RESTARTS 2

static int
set_up(void **state)
{
    static const char *const options[] = {"--apns-backoff-min-ms", "100",
                                          "--apns-backoff-max-ms", "500", NULL};

    *state = e2e_stage_new(NULL, options);
    return 0;
}

EACH(set_up, e2e_stage_tear_down);

/*
 * Answers that were on their way when the connection died are lost, so their
 * pushes are sent again; that is all that may be.
 */
TEST(a_wave_outlives_the_simulator)
{
    struct e2e_stage *stage = *state;
    size_t n = e2e_stage_scaled(N_FLEET);
    int64_t n_seen = 0;
    struct fleet_tally tally;
    char *script = temp_dir_path(stage->dir, "script");
    char text[32];
    int64_t wave;

    snprintf(text, sizeof text, "after %zu hold\n", n / 4);
    temp_dir_write(script, text);
    e2e_stage_enroll(stage, n);
    sim_proc_tell(stage->sim, "after %zu hold", n / 4);
    wave = e2e_stage_ask_wave(stage, 0);
    for (int i = 0; i < N_RESTARTS; i++) {
        n_seen += e2e_stage_await_sim(stage, "accepted", (int64_t)n / 4);
        assert_true(n_seen < (int64_t)n);
        e2e_stage_end_sim(stage);
        e2e_stage_await_cert(stage, "backoff");
        e2e_stage_sim_again(stage, script);
    }
    sim_proc_tell(stage->sim, "reset-faults");
    sim_proc_tell(stage->sim, "release");
    e2e_stage_await_wave(stage, wave);
    e2e_stage_assert_all_woken(stage, wave, &tally);
    assert_true(tally.n_repeated <= N_RESTARTS * E2E_STAGE_WINDOW);
    print_message("    %zu of %zu pushed again after %d restarts\n",
                  tally.n_repeated, n, N_RESTARTS);
    free(script);
}
