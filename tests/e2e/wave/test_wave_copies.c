/* SPDX-License-Identifier: MIT */

/*
 * How often a device is pushed when connections die all the time.
 */

#include <stdlib.h>

#include "tests/e2e/e2e_stage.h"
#include "tests/support/unit.h"

#define N_FLEET    3000
#define MAX_COPIES 3

static int
set_up(void **state)
{
    *state = e2e_stage_new(NULL, NULL);
    e2e_stage_enroll(*state, N_FLEET);
    e2e_stage_await_cert(*state, "ready");
    return 0;
}

EACH(set_up, e2e_stage_tear_down);

/* A wave; until ${n} devices have been woken. */
static void
wake(struct e2e_stage *stage, int64_t n)
{
    int64_t since_ms = e2e_stage_now();
    int64_t wave = e2e_stage_ask_wave(stage, 0);
    struct fleet_tally tally;

    while (e2e_stage_count(stage, wave, "accepted") < n)
        e2e_stage_pause(since_ms, "the wave");
    print_message("    %d woken in %d ms\n", (int)n,
                  (int)(e2e_stage_now() - since_ms));
    e2e_stage_tally(stage, &tally);
    assert_true(tally.n_woken >= (size_t)n);
    assert_in_range(tally.max_accepted, 1, MAX_COPIES);
}

TEST(a_token_that_kills_connections_does_not_hold_up_the_others)
{
    struct e2e_stage *stage = *state;
    char hex[2 * FLEET_TOKEN_LEN + 1];

    e2e_stage_token_hex(1234, hex);
    sim_proc_tell(stage->sim, "token %s close", hex);
    wake(stage, N_FLEET - 1);
    assert_true(e2e_stage_metric(stage, "rouse_connections_lost_total") >= 2);
}

TEST(dying_connections_cost_a_device_three_copies)
{
    struct e2e_stage *stage = *state;

    sim_proc_tell(stage->sim, "nth 400 close");
    wake(stage, N_FLEET);
    assert_true(e2e_stage_metric(stage, "rouse_connections_lost_total") >= 3);
}
