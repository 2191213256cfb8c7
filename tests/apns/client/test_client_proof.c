/* SPDX-License-Identifier: MIT */

/*
 * Whose fault is a refusal: the device's, the certificate's, or that of a
 * certificate which is not in force any more.
 */

#include <string.h>

#include "rig.h"
#include "rig_clock.h"
#include "tests/support/unit.h"

#define N_LATE 100 /* pushes whose answers come late */

static struct rig rig;

static bool
is_taken(struct rig *r)
{
    return rig_status(r).is_taken;
}

static bool
is_probing(struct rig *r)
{
    return rig_status(r).state == APNS_IDENTITY_PROBING;
}

static void
check_state(enum apns_identity_state state, enum apns_cause cause,
            const char *why)
{
    struct apns_identity_status status = rig_status(&rig);

    assert_int_equal(status.state, state);
    assert_int_equal(status.cause, cause);
    assert_string_equal(status.why, why);
}

/*
 * Answers to another certificate than the one in force.
 */

/* N_LATE pushes are judged ${answer} by APNs, which tells so when it is
 * told to release them. */
static void
send_late(const char *answer)
{
    int64_t n_before = sim_proc_stat(rig.sim, "pushes");

    sim_proc_tell(rig.sim, "hold");
    sim_proc_tell(rig.sim, "answer %s", answer);
    rig_add(&rig, N_LATE);
    rig_await_sim(&rig, "pushes", n_before + N_LATE);
    assert_int_equal(rig.n_ended, 0);
    sim_proc_tell(rig.sim, "reset-faults");
}

static void
release_late(void)
{
    sim_proc_tell(rig.sim, "release");
    rig_finish(&rig);
}

TEST(late_403_of_the_old_certificate_spares_the_new_one)
{
    rig_begin(&rig, NULL);
    rig_until(&rig, rig_is_open);
    send_late("403 BadCertificate");
    assert_int_equal(rig_renew(&rig, NULL), APNS_OK);
    rig_until(&rig, is_taken);
    release_late();
    /* Each went out again with the new one, and nothing was stopped. */
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], N_LATE);
    assert_int_equal(rig.pushes[0].n_moves, 1);
    assert_false(rig.pushes[0].is_resent);
    assert_string_equal(rig.pushes[0].reason, "");
    check_state(APNS_IDENTITY_READY, APNS_CAUSE_NONE, "");
    rig_check_ledger(&rig);
    rig_end(&rig);
}

static bool
has_none_open(struct rig *r)
{
    return rig_status(r).n_open == 0;
}

/* The connections of the old one stay until there is one of the new. */
TEST(late_403_is_not_tried_again_with_the_old_one)
{
    rig_begin(&rig, NULL);
    rig_until(&rig, rig_is_open);
    send_late("403 BadCertificate");
    sim_proc_tell(rig.sim, "cert %s answer 403 BadCertificate",
                  rig_status(&rig).cert.serial);
    sim_proc_tell(rig.sim, "no-settings on");
    assert_int_equal(rig_renew(&rig, NULL), APNS_OK);
    sim_proc_tell(rig.sim, "release");
    rig_until(&rig, has_none_open);
    rig_pass(&rig, 50);
    assert_int_equal(sim_proc_stat(rig.sim, "pushes"), N_LATE);
    assert_int_equal(rig.n_ended, 0);
    sim_proc_tell(rig.sim, "no-settings off");
    sim_proc_tell(rig.sim, "close"); /* what waits for SETTINGS */
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], N_LATE);
    assert_int_equal(rig.pushes[0].n_moves, 1);
    rig_check_ledger(&rig);
    rig_end(&rig);
}

TEST(late_403_of_a_refused_certificate_spares_the_reverted_one)
{
    rig_begin(&rig, NULL);
    rig_until(&rig, rig_is_open);
    assert_int_equal(rig_renew(&rig, NULL), APNS_OK);
    rig_until(&rig, is_taken);
    send_late("403 BadCertificateEnvironment");
    assert_int_equal(rig_put(&rig), APNS_OK); /* the old one is back */
    release_late();
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], N_LATE);
    check_state(APNS_IDENTITY_READY, APNS_CAUSE_NONE, "");
    assert_true(rig_status(&rig).is_proven);
    rig_end(&rig);
}

TEST(late_bad_tokens_do_not_count_against_the_new_one)
{
    rig_begin(&rig, NULL);
    rig_until(&rig, rig_is_open);
    send_late("400 BadDeviceToken");
    assert_int_equal(rig_renew(&rig, NULL), APNS_OK);
    rig_until(&rig, is_taken);
    release_late();
    assert_int_equal(rig.n_class[APNS_CLASS_UNDECIDED], N_LATE);
    assert_int_equal(rig_status(&rig).n_undecided, 0);
    rig_end(&rig);
}

TEST(late_200_does_not_prove_the_new_one)
{
    rig_begin(&rig, NULL);
    rig_until(&rig, rig_is_open);
    send_late("200 -");
    assert_int_equal(rig_renew(&rig, NULL), APNS_OK);
    rig_until(&rig, is_taken);
    release_late();
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], N_LATE);
    assert_false(rig_status(&rig).is_proven);
    rig_add(&rig, 1);
    rig_finish(&rig);
    assert_true(rig_status(&rig).is_proven);
    assert_true(rig.event.is_proven);
    rig_end(&rig);
}

/*
 * Proof.
 */

TEST(run_of_stale_tokens_of_a_proven_certificate_is_suspect)
{
    rig_begin(&rig, NULL);
    sim_proc_tell(rig.sim, "tokens 00000000..000005db answer 400 "
                           "BadDeviceToken");
    assert_int_equal(apns_identity_remember(
                         rig.client, RIG_TOPIC,
                         &(struct apns_identity_history){.is_proven = true}),
                     APNS_OK);
    rig_add(&rig, 4000);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_SUSPECT], 1500);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 2500);
    check_state(APNS_IDENTITY_READY, APNS_CAUSE_NONE, "");
    rig_check_ledger(&rig);
    rig_end(&rig);
}

TEST(recalled_tokens_stop_it_sooner)
{
    const struct apns_identity_history history = {
        .n_undecided = 199, .reason = "DeviceTokenNotForTopic"};

    rig_begin(&rig, NULL);
    assert_int_equal(apns_identity_remember(rig.client, RIG_TOPIC, &history),
                     APNS_OK);
    assert_int_equal(apns_identity_remember(rig.client, "other", &history),
                     APNS_ENOTOPIC);
    sim_proc_tell(rig.sim, "answer 400 DeviceTokenNotForTopic");
    rig_add(&rig, 1);
    rig_finish(&rig);
    assert_int_equal(rig.pushes[0].class_, APNS_CLASS_UNDECIDED);
    check_state(APNS_IDENTITY_STOPPED, APNS_CAUSE_TOKENS_TOPIC,
                "DeviceTokenNotForTopic");
    assert_int_equal(rig.event.n_undecided, 200);
    rig_end(&rig);
}

/*
 * Probes.
 */

/* Stopped by an answer; the next connection probes. */
static void
stop(const char *answer, uint32_t n)
{
    rig_start(&rig, NULL);
    rig.config.probe_ms = 100;
    rig_open(&rig);
    assert_int_equal(rig_put(&rig), APNS_OK);
    sim_proc_tell(rig.sim, "answer %s", answer);
    rig_add(&rig, n);
    rig_finish(&rig);
    rig_until(&rig, is_probing);
}

/* ${n} pushes while it is probed; how many APNs got to see. */
static int64_t
probe(uint32_t n)
{
    int64_t before = sim_proc_stat(rig.sim, "pushes");

    rig_add(&rig, n);
    rig_finish(&rig);
    return sim_proc_stat(rig.sim, "pushes") - before;
}

TEST(probe_takes_a_handful_and_stops_again)
{
    stop("403 Forbidden", 1);
    assert_int_equal(probe(100), APNS_PROBES);
    assert_int_equal(rig.n_class[APNS_CLASS_IDENTITY], 101);
    assert_int_equal(rig.event.state, APNS_IDENTITY_STOPPED);
    rig_until(&rig, is_probing);
    assert_string_equal(rig_status(&rig).why, "Forbidden");
    sim_proc_tell(rig.sim, "answer 200 -");
    assert_int_equal(probe(100), APNS_PROBES);
    rig_until(&rig, rig_is_ready);
    assert_int_equal(probe(100), 100);
    check_state(APNS_IDENTITY_READY, APNS_CAUSE_NONE, "");
    rig_check_ledger(&rig);
    rig_end(&rig);
}

TEST(probe_after_tokens_needs_one_200)
{
    stop("400 BadDeviceToken", 300);
    assert_int_equal(rig_status(&rig).cause, APNS_CAUSE_TOKENS_ENVIRONMENT);
    assert_int_equal(probe(50), APNS_PROBES);
    rig_until(&rig, is_probing);
    sim_proc_tell(rig.sim, "first 4 answer 400 BadDeviceToken");
    sim_proc_tell(rig.sim, "after 4 answer 200 -");
    assert_int_equal(probe(50), APNS_PROBES);
    rig_until(&rig, rig_is_ready);
    assert_true(rig_status(&rig).is_proven);
    assert_int_equal(rig_status(&rig).n_undecided, 0);
    rig_end(&rig);
}
