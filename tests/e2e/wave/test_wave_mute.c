/* SPDX-License-Identifier: MIT */

/*
 * An APNs that acknowledges PINGs over the only connection and answers no
 * push there.
 */

#include <stdlib.h>

#include "tests/e2e/e2e_stage.h"
#include "tests/support/unit.h"

#define N_FLEET     600
#define DEADLINE_MS 8000
#define N_STOP      2000

static int
set_up(void **state)
{
    static const char *const options[] = {"--apns-deadline-ms", "8000", NULL};

    *state = e2e_stage_new(NULL, options);
    return 0;
}

/* Longer than the end of a daemon is waited for. */
static int
set_up_patient(void **state)
{
    static const char *const options[] = {"--apns-deadline-ms", "600000", NULL};

    *state = e2e_stage_new(NULL, options);
    return 0;
}

EACH(set_up_patient, e2e_stage_tear_down);

TEST_WITH(a_mute_connection_delays_a_wave_by_its_deadline_only, set_up,
          e2e_stage_tear_down)
{
    struct e2e_stage *stage = *state;
    struct fleet_tally tally;
    int64_t since_ms;
    int64_t wave;

    e2e_stage_enroll(stage, N_FLEET);
    e2e_stage_await_cert(stage, "ready");
    sim_proc_tell(stage->sim, "mute");
    since_ms = e2e_stage_now();
    wave = e2e_stage_ask_wave(stage, 0);
    e2e_stage_await_wave(stage, wave);
    assert_true(e2e_stage_now() - since_ms >= DEADLINE_MS);
    e2e_stage_assert_all_woken(stage, wave, &tally);
    assert_int_equal(tally.n_repeated, 0);
    assert_true(e2e_stage_metric(stage, "rouse_dials_total") == 2);
}

/* With a deadline of ten minutes, and more than the connection takes. */
TEST(a_mute_apns_does_not_keep_the_daemon_from_ending)
{
    struct e2e_stage *stage = *state;
    struct fleet_tally tally;
    int64_t since_ms;
    int64_t wave;

    e2e_stage_enroll(stage, N_STOP);
    e2e_stage_await_cert(stage, "ready");
    sim_proc_tell(stage->sim, "mute");
    wave = e2e_stage_ask_wave(stage, 0);
    e2e_stage_await_sim(stage, "pushes", 1000);
    since_ms = e2e_stage_now();
    daemon_proc_stop(stage->daemon);
    print_message("    ended in %d ms\n", (int)(e2e_stage_now() - since_ms));
    daemon_proc_again(stage->daemon);
    e2e_stage_await_wave(stage, wave);
    e2e_stage_assert_all_woken(stage, wave, &tally);
    assert_int_equal(tally.n_repeated, 0);
}

/* The port is closed: nothing is in flight, so nothing is waited for. */
TEST(nor_does_an_apns_that_is_not_there)
{
    struct e2e_stage *stage = *state;
    struct fleet_tally tally;
    int64_t since_ms;
    int64_t wave;

    e2e_stage_enroll(stage, N_STOP);
    e2e_stage_await_cert(stage, "ready");
    sim_proc_tell(stage->sim, "accept off");
    sim_proc_tell(stage->sim, "close");
    e2e_stage_await_cert(stage, "backoff");
    wave = e2e_stage_ask_wave(stage, 0);
    since_ms = e2e_stage_now();
    while (e2e_stage_metric(stage, "rouse_queue_depth") < N_STOP)
        e2e_stage_pause(since_ms, "the queue");
    since_ms = e2e_stage_now();
    daemon_proc_stop(stage->daemon);
    print_message("    ended in %d ms\n", (int)(e2e_stage_now() - since_ms));
    sim_proc_tell(stage->sim, "accept on");
    daemon_proc_again(stage->daemon);
    e2e_stage_await_wave(stage, wave);
    e2e_stage_assert_all_woken(stage, wave, &tally);
    assert_int_equal(tally.n_repeated, 0);
}
