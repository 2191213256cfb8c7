/* SPDX-License-Identifier: MIT */

/*
 * The push certificate is renewed in the middle of a wave.
 */

#include <stdlib.h>
#include <string.h>

#include "tests/e2e/e2e_stage.h"
#include "tests/support/unit.h"

#define N_FLEET 50000
#define N_SWAPS 3
#define WAVE_S  3

EACH(e2e_stage_set_up, e2e_stage_tear_down);

/* To free(). */
static char *
get_serial(struct e2e_stage *stage)
{
    json_t *cert = daemon_proc_json(
        stage->daemon, "GET", "/v1/pushcerts/" E2E_STAGE_TOPIC, NULL, 200);
    const char *serial =
        json_string_value(json_object_get(cert, "serial_number"));
    char *copy;

    assert_non_null(serial);
    copy = strdup(serial);
    assert_non_null(copy);
    json_decref(cert);
    return copy;
}

static void
swap(struct e2e_stage *stage, const char *file)
{
    char *before = get_serial(stage);
    char *after;

    daemon_proc_import_cert(stage->daemon, file);
    after = get_serial(stage);
    assert_string_not_equal(before, after);
    free(before);
    free(after);
}

/* Nothing is lost, nothing refused, and nothing sent twice either. */
TEST(no_push_is_rejected_while_the_certificate_changes)
{
    struct e2e_stage *stage = *state;
    size_t n = e2e_stage_scaled(N_FLEET);
    struct fleet_tally tally;
    char last[2 * FLEET_TOKEN_LEN + 1];
    char *renewed[N_SWAPS];
    int64_t wave;

    for (size_t i = 0; i < N_SWAPS; i++)
        renewed[i] = e2e_stage_renew_cert(stage);

    e2e_stage_enroll(stage, n);
    e2e_stage_await_cert(stage, "ready");
    /* It does not end before the swaps. */
    e2e_stage_token_hex(n - 1, last);
    sim_proc_tell(stage->sim, "token %s hold", last);
    wave = e2e_stage_ask_wave(stage, (uint32_t)n / WAVE_S);
    for (size_t i = 0; i < N_SWAPS; i++) {
        e2e_stage_await_sim(stage, "accepted",
                            (int64_t)((i + 1) * n / (N_SWAPS + 2)));
        swap(stage, renewed[i]);
        free(renewed[i]);
    }
    sim_proc_tell(stage->sim, "reset-faults");
    sim_proc_tell(stage->sim, "release");
    e2e_stage_await_wave(stage, wave);
    e2e_stage_assert_all_woken(stage, wave, &tally);
    assert_int_equal(tally.n_repeated, 0);
    assert_int_equal(sim_proc_stat(stage->sim, "handshake_failures"), 0);
    assert_true(sim_proc_stat(stage->sim, "handshakes") >= N_SWAPS);
    assert_true(e2e_stage_metric(stage, "rouse_connections_lost_total") == 0);
}
