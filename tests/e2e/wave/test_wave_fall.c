/* SPDX-License-Identifier: MIT */

/*
 * A certificate that APNs refuses is imported in the middle of a wave: the one
 * before it goes back into service, and the wave loses nothing.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/e2e/e2e_stage.h"

#include "tests/support/pki_make.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unit.h"

#define N_FLEET 8000
#define WAVE_S  3
#define CERT    "/v1/pushcerts/" E2E_STAGE_TOPIC

static int
set_up(void **state)
{
    const char *options[] = {"--tls", "1.3", NULL};

    *state = e2e_stage_new(options, NULL);
    return 0;
}

static int
set_up_tls12(void **state)
{
    const char *options[] = {"--tls", "1.2", NULL};

    *state = e2e_stage_new(options, NULL);
    return 0;
}

EACH(set_up, e2e_stage_tear_down);

/* To free(). */
static char *
get_sha(struct e2e_stage *stage)
{
    json_t *cert = daemon_proc_json(stage->daemon, "GET", CERT, NULL, 200);
    char *sha = strdup(json_string_value(json_object_get(cert, "sha256")));

    json_decref(cert);
    return sha;
}

/* Made before the wave begins: keys take their time. */
static char *
make(struct e2e_stage *stage, const char *fault)
{
    return pki_make_days(SIM_PROC_PROGRAM, stage->dir, E2E_STAGE_TOPIC, fault,
                         500);
}

/* And frees it. */
static void
put(struct e2e_stage *stage, const char *query, char *pem, long status)
{
    struct http_answer answer;
    char path[64];

    snprintf(path, sizeof path, "/v1/pushcerts%s", query);
    daemon_proc_send(stage->daemon, "PUT", path, NULL, pem, &answer);
    if (answer.status != status)
        fail_msg("%s: %ld %s", path, answer.status, answer.body);
    http_call_free(&answer);
    free(pem);
}

/* Begins a wave, and returns when it is well under way. It does not end
 * before its last push is released, so that imports are in the middle. */
static int64_t
begin_wave(struct e2e_stage *stage)
{
    size_t n = e2e_stage_scaled(N_FLEET);
    char last[2 * FLEET_TOKEN_LEN + 1];
    int64_t wave;

    e2e_stage_enroll(stage, n);
    e2e_stage_await_cert(stage, "ready");
    e2e_stage_token_hex(n - 1, last);
    sim_proc_tell(stage->sim, "token %s hold", last);
    wave = e2e_stage_ask_wave(stage, (uint32_t)n / WAVE_S);
    e2e_stage_await_sim(stage, "accepted", (int64_t)n / 5);
    return wave;
}

static void
await_end(struct e2e_stage *stage, int64_t wave, struct fleet_tally *tally)
{
    assert_true(e2e_stage_count(stage, wave, "accepted") <
                (int64_t)stage->fleet.n);
    sim_proc_tell(stage->sim, "reset-faults");
    sim_proc_tell(stage->sim, "release");
    e2e_stage_await_wave(stage, wave);
    e2e_stage_assert_all_woken(stage, wave, tally);
}

/* The test push of an import goes to no device of the fleet. */
static void
end_wave(struct e2e_stage *stage, int64_t wave, const char *sha)
{
    struct fleet_tally tally;
    char *now = get_sha(stage);

    await_end(stage, wave, &tally);
    assert_int_equal(tally.n_repeated, 0);
    assert_string_equal(now, sha);
    assert_true(sim_proc_stat(stage->sim, "handshake_failures") > 0);
    free(now);
}

static void
fall_back(struct e2e_stage *stage, const char *fault)
{
    char *pem = make(stage, fault);
    int64_t wave = begin_wave(stage);
    char *sha = get_sha(stage);

    put(stage, "", pem, 409);
    end_wave(stage, wave, sha);
    free(sha);
}

TEST(a_revoked_one_costs_the_wave_nothing)
{
    fall_back(*state, "revoked");
}
AGAIN(a_revoked_one_costs_the_wave_nothing, set_up_tls12, e2e_stage_tear_down);

TEST(one_of_another_ca_costs_the_wave_nothing)
{
    fall_back(*state, "other-ca");
}
AGAIN(one_of_another_ca_costs_the_wave_nothing, set_up_tls12,
      e2e_stage_tear_down);

/* The connections of the wave find out, not a test push. */
TEST(an_untested_one_costs_the_wave_nothing)
{
    struct e2e_stage *stage = *state;
    char *pem = make(stage, "revoked");
    int64_t wave = begin_wave(stage);
    char *sha = get_sha(stage);

    put(stage, "?test=0", pem, 200);
    daemon_proc_await(stage->daemon, "event=import_failed");
    end_wave(stage, wave, sha);
    free(sha);
}
AGAIN(an_untested_one_costs_the_wave_nothing, set_up_tls12,
      e2e_stage_tear_down);

TEST(a_good_one_after_a_refused_one_takes_the_wave_over)
{
    struct e2e_stage *stage = *state;
    char *bad = make(stage, "revoked"), *good = make(stage, NULL);
    int64_t wave = begin_wave(stage);
    char *sha;

    put(stage, "", bad, 409);
    put(stage, "", good, 200);
    sha = get_sha(stage);
    end_wave(stage, wave, sha);
    free(sha);
}
AGAIN(a_good_one_after_a_refused_one_takes_the_wave_over, set_up_tls12,
      e2e_stage_tear_down);

/* Back and forth between two good ones. */
TEST(reverts_cost_the_wave_nothing)
{
    struct e2e_stage *stage = *state;
    char *pem = make(stage, NULL);
    int64_t wave = begin_wave(stage);
    char *first = get_sha(stage), *second, *now;
    struct fleet_tally tally;

    put(stage, "", pem, 200);
    second = get_sha(stage);
    daemon_proc_do(stage->daemon, "POST", CERT "/revert", "{}", 200);
    now = get_sha(stage);
    assert_string_equal(now, first);
    free(now);
    daemon_proc_do(stage->daemon, "POST", CERT "/revert", "{}", 200);
    now = get_sha(stage);
    assert_string_equal(now, second);
    free(now);
    await_end(stage, wave, &tally);
    assert_int_equal(tally.n_repeated, 0);
    free(first);
    free(second);
}
AGAIN(reverts_cost_the_wave_nothing, set_up_tls12, e2e_stage_tear_down);

/* Killed when the refused one is in force and nobody knows it yet. What was
   in flight may be sent again, and nothing may be lost. */
TEST(a_kill_before_the_refusal_loses_no_wake_of_the_wave)
{
    struct e2e_stage *stage = *state;
    char *pem = make(stage, "revoked");
    int64_t wave = begin_wave(stage);
    char *sha = get_sha(stage), *now;
    struct fleet_tally tally;

    sim_proc_tell(stage->sim, "accept off");
    put(stage, "?test=0", pem, 200);
    daemon_proc_kill(stage->daemon);
    sim_proc_tell(stage->sim, "accept on");
    daemon_proc_again(stage->daemon);
    daemon_proc_await(stage->daemon, "event=import_failed");
    await_end(stage, wave, &tally);
    now = get_sha(stage);
    assert_string_equal(now, sha);
    free(now);
    free(sha);
}
AGAIN(a_kill_before_the_refusal_loses_no_wake_of_the_wave, set_up_tls12,
      e2e_stage_tear_down);
