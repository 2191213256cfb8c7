/* SPDX-License-Identifier: MIT */

/*
 * APNs refuses the push certificate: its wakes wait, nothing storms, and a
 * renewed one sends them all.
 */

#include <stdlib.h>
#include <string.h>

#include "tests/e2e/e2e_stage.h"
#include "tests/support/unit.h"

#define N_WAKES 500
#define N_LOOKS 300 /* at a daemon that must keep still */

static const char *const no_patience[] = {"--apns-backoff-min-ms",
                                          "20",
                                          "--apns-backoff-max-ms",
                                          "40",
                                          "--apns-settle-ms",
                                          "10",
                                          NULL};

static int
set_up_tls13(void **state)
{
    static const char *const options[] = {"--tls", "1.3", NULL};

    *state = e2e_stage_new(options, no_patience);
    return 0;
}

static int
set_up_tls12(void **state)
{
    static const char *const options[] = {"--tls", "1.2", NULL};

    *state = e2e_stage_new(options, no_patience);
    return 0;
}

EACH(set_up_tls13, e2e_stage_tear_down);

static int64_t
count_dials(struct e2e_stage *stage)
{
    return sim_proc_stat(stage->sim, "handshakes") +
           sim_proc_stat(stage->sim, "handshake_failures");
}

/* It was not tried, so no attempt of it is used up. */
static void
assert_waits(struct e2e_stage *stage, size_t i)
{
    json_t *json = e2e_stage_get_enrollment(stage, i);
    json_t *wake = json_object_get(json, "wake");

    assert_string_equal(json_string_value(json_object_get(json, "state")),
                        "enabled");
    assert_true(json_is_object(wake));
    assert_int_equal(json_integer_value(json_object_get(wake, "attempt")), 0);
    json_decref(json);
}

static void
assert_no_storm(struct e2e_stage *stage)
{
    int64_t n_dials = count_dials(stage);
    int64_t since_ms = e2e_stage_now();

    for (size_t i = 0; i < N_LOOKS; i++) {
        assert_waits(stage, i % stage->fleet.n);
        e2e_stage_pause(since_ms, "a daemon that keeps still");
    }
    assert_int_equal(count_dials(stage), n_dials);
}

static void
await_all_woken(struct e2e_stage *stage)
{
    struct fleet_tally tally;
    size_t n = stage->fleet.n;

    e2e_stage_await_sim(stage, "accepted", (int64_t)n);
    e2e_stage_tally(stage, &tally);
    assert_int_equal(tally.n_woken, n);
    assert_int_equal(tally.n_repeated, 0);
    assert_int_equal(tally.n_rejected, 0);
}

/* Connections that stand are closed; those that follow are refused. */
static void
refuse_cert(struct e2e_stage *stage, const char *alert)
{
    e2e_stage_await_cert(stage, "ready");
    sim_proc_tell(stage->sim, "tls-alert %s", alert);
    sim_proc_tell(stage->sim, "close");
    e2e_stage_await_cert(stage, "stopped");
}

static void
mend_by_renewal(struct e2e_stage *stage)
{
    char *renewed = e2e_stage_renew_cert(stage);

    sim_proc_tell(stage->sim, "tls-alert off");
    daemon_proc_import_cert(stage->daemon, renewed);
    free(renewed);
    await_all_woken(stage);
    e2e_stage_await_cert(stage, "ready");
}

static void
check_alert(struct e2e_stage *stage, const char *alert)
{
    size_t n = e2e_stage_scaled(N_WAKES);

    e2e_stage_enroll(stage, n);
    refuse_cert(stage, alert);
    e2e_stage_ask_wakes(stage, 0, n);
    assert_no_storm(stage);
    assert_int_equal(sim_proc_stat(stage->sim, "pushes"), 0);
    mend_by_renewal(stage);
}

TEST(an_expired_certificate_stops_until_renewed)
{
    check_alert(*state, "expired");
}
AGAIN(an_expired_certificate_stops_until_renewed, set_up_tls12,
      e2e_stage_tear_down);

TEST(a_revoked_certificate_stops_until_renewed)
{
    check_alert(*state, "revoked");
}
AGAIN(a_revoked_certificate_stops_until_renewed, set_up_tls12,
      e2e_stage_tear_down);

TEST_WITH(a_bad_certificate_stops_until_renewed, set_up_tls12,
          e2e_stage_tear_down)
{
    check_alert(*state, "bad-certificate");
}

TEST(an_unknown_ca_stops_until_renewed)
{
    check_alert(*state, "unknown-ca");
}

/* The hourly probe would find out, too. */
TEST(a_test_that_works_ends_the_stop)
{
    struct e2e_stage *stage = *state;
    size_t n = e2e_stage_scaled(N_WAKES);
    json_t *test;

    e2e_stage_enroll(stage, n);
    refuse_cert(stage, "revoked");
    e2e_stage_ask_wakes(stage, 0, n);
    sim_proc_tell(stage->sim, "tls-alert off");
    test =
        daemon_proc_json(stage->daemon, "POST",
                         "/v1/pushcerts/" E2E_STAGE_TOPIC "/test", "{}", 200);
    json_decref(test);
    e2e_stage_await_cert(stage, "ready");
    await_all_woken(stage);
}

/* The stop is in no memory only: a restart finds out anew, the wakes are on
 * disk. */
TEST(wakes_of_a_stopped_certificate_survive_a_kill)
{
    struct e2e_stage *stage = *state;
    size_t n = e2e_stage_scaled(N_WAKES);

    e2e_stage_enroll(stage, n);
    refuse_cert(stage, "revoked");
    e2e_stage_ask_wakes(stage, 0, n);
    daemon_proc_kill(stage->daemon);
    daemon_proc_again(stage->daemon);
    e2e_stage_await_cert(stage, "stopped");
    assert_no_storm(stage);
    mend_by_renewal(stage);
}

/* In the middle of a wave: what had been sent is answered or sent again. */
TEST(a_wave_waits_for_the_renewed_certificate)
{
    struct e2e_stage *stage = *state;
    size_t n = e2e_stage_scaled(20 * N_WAKES);
    struct fleet_tally tally;
    char *renewed;
    int64_t wave;

    e2e_stage_enroll(stage, n);
    e2e_stage_await_cert(stage, "ready");
    renewed = e2e_stage_renew_cert(stage);
    sim_proc_tell(stage->sim, "after %zu hold", n / 4);
    wave = e2e_stage_ask_wave(stage, 0);
    e2e_stage_await_sim(stage, "pushes", (int64_t)n / 4 + 1);
    refuse_cert(stage, "expired");
    assert_true(e2e_stage_count(stage, wave, "accepted") <= (int64_t)n / 4);
    sim_proc_tell(stage->sim, "after %zu latency 0", n / 4);
    sim_proc_tell(stage->sim, "tls-alert off");
    daemon_proc_import_cert(stage->daemon, renewed);
    free(renewed);
    e2e_stage_await_wave(stage, wave);
    e2e_stage_assert_all_woken(stage, wave, &tally);
}
