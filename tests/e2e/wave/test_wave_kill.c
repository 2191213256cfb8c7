/* SPDX-License-Identifier: MIT */

/*
 * kill -9 of the daemon in the middle of its work, and what the simulator's
 * ledger says once a new one has gone on.
 */

#include <stdlib.h>

#include "tests/e2e/e2e_stage.h"
#include "tests/support/unit.h"

#define N_FLEET 50000
#define N_WAKES 5000
#define N_KILLS 3
#define SEED    20251122

EACH(e2e_stage_set_up, e2e_stage_tear_down);

static uint32_t
draw(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static void
kill_and_start(struct e2e_stage *stage)
{
    daemon_proc_kill(stage->daemon);
    daemon_proc_again(stage->daemon);
}

/* Somewhere in a third of the pushes that the fleet needs; nothing beyond that
 * is answered. To be asked while nobody pushes. */
static int64_t
hold_in_third(struct e2e_stage *stage, size_t third, uint32_t *seed)
{
    size_t n = stage->fleet.n;
    int64_t at = (int64_t)(third * n / N_KILLS + draw(seed) % (n / N_KILLS));
    int64_t left = at - sim_proc_stat(stage->sim, "accepted");

    sim_proc_tell(stage->sim, "reset-faults");
    sim_proc_tell(stage->sim, "after %lld hold",
                  left > 0 ? (long long)left : 0);
    return at;
}

TEST(a_wave_survives_kills)
{
    struct e2e_stage *stage = *state;
    size_t n = e2e_stage_scaled(N_FLEET);
    struct fleet_tally tally;
    uint32_t seed = SEED;
    int64_t wave = 0;

    e2e_stage_enroll(stage, n);
    for (size_t i = 0; i < N_KILLS; i++) {
        int64_t at = hold_in_third(stage, i, &seed);

        if (i == 0)
            wave = e2e_stage_ask_wave(stage, 0);
        else
            daemon_proc_again(stage->daemon);
        e2e_stage_await_sim(stage, "accepted", at);
        assert_true(e2e_stage_count(stage, wave, "accepted") < (int64_t)n);
        daemon_proc_kill(stage->daemon);
    }
    sim_proc_tell(stage->sim, "reset-faults");
    daemon_proc_again(stage->daemon);
    e2e_stage_await_wave(stage, wave);
    e2e_stage_assert_all_woken(stage, wave, &tally);
    assert_true(tally.n_repeated <= N_KILLS * E2E_STAGE_WINDOW);
    print_message("    %zu of %zu pushed again after %d kills\n",
                  tally.n_repeated, n, N_KILLS);
}

/* The answer 202 is the promise; nothing but the disk holds it. */
TEST(an_asked_wake_survives_a_kill)
{
    struct e2e_stage *stage = *state;
    size_t n = e2e_stage_scaled(N_WAKES);
    struct fleet_tally tally;
    int64_t since_ms = e2e_stage_now();

    e2e_stage_enroll(stage, n);
    e2e_stage_ask_wakes(stage, 0, n);
    kill_and_start(stage);
    for (;;) {
        e2e_stage_tally(stage, &tally);
        if (tally.n_woken == n)
            break;
        e2e_stage_pause(since_ms, "all wakes");
    }
    assert_int_equal(tally.n_rejected, 0);
    assert_true(tally.n_repeated <= E2E_STAGE_WINDOW);
}

/* Not one page of the wave was settled yet, or none of it even begun. */
TEST(a_wave_survives_a_kill_right_after_the_ask)
{
    struct e2e_stage *stage = *state;
    size_t n = e2e_stage_scaled(N_WAKES);
    struct fleet_tally tally;
    int64_t wave;

    e2e_stage_enroll(stage, n);
    wave = e2e_stage_ask_wave(stage, 0);
    kill_and_start(stage);
    kill_and_start(stage);
    e2e_stage_await_wave(stage, wave);
    e2e_stage_assert_all_woken(stage, wave, &tally);
    assert_true(tally.n_repeated <= 2 * E2E_STAGE_WINDOW);
}
