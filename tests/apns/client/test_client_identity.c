/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "rig.h"
#include "tests/support/unit.h"

static struct rig rig;

/* Refused by ${alert}: it stops after one handshake, and a person's word is
 * enough to go on. */
static void
check_alert(const char *version, const char *alert, const char *why)
{
    const char *const options[] = {"--tls", version, NULL};

    rig_start(&rig, options);
    rig_open(&rig);
    sim_proc_tell(rig.sim, "tls-alert %s", alert);
    assert_int_equal(rig_put(&rig), APNS_OK);
    rig_add(&rig, 10);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_IDENTITY], 10);
    assert_string_equal(rig.pushes[0].reason, why);
    rig_until(&rig, rig_is_stopped);
    assert_string_equal(rig.event.why, why);
    assert_int_equal(rig.event.class_, APNS_CLASS_IDENTITY);
    assert_false(rig.event.is_taken);
    rig_pass(&rig, 300);
    assert_int_equal(rig_stats(&rig).n_dials, 1);
    sim_proc_tell(rig.sim, "tls-alert off");
    assert_int_equal(apns_identity_retry(rig.client, RIG_TOPIC), APNS_OK);
    rig_add(&rig, 5);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 5);
    assert_true(rig_status(&rig).is_taken);
    assert_string_equal(rig_status(&rig).why, "");
    rig_check_ledger(&rig);
    rig_end(&rig);
}

TEST(refused_certificate_stops_under_tls_1_2)
{
    check_alert("1.2", "expired", "certificate_expired");
    check_alert("1.2", "unknown-ca", "unknown_ca");
}

TEST(refused_certificate_stops_under_tls_1_3)
{
    check_alert("1.3", "revoked", "certificate_revoked");
    check_alert("1.3", "access-denied", "access_denied");
}

TEST(certificate_of_another_ca_stops)
{
    rig_start(&rig, NULL);
    rig_open(&rig);
    assert_int_equal(rig_renew(&rig, "other-ca"), APNS_OK);
    rig_add(&rig, 3);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_IDENTITY], 3);
    assert_int_equal(rig_status(&rig).state, APNS_IDENTITY_STOPPED);
    rig_end(&rig);
}

static bool
has_probed_twice(struct rig *r)
{
    return rig_stats(r).n_dials == 3 && rig_is_stopped(r);
}

TEST(stopped_identity_probes_and_recovers)
{
    rig_start(&rig, NULL);
    rig.config.probe_ms = 100;
    rig_open(&rig);
    sim_proc_tell(rig.sim, "tls-alert revoked");
    assert_int_equal(rig_put(&rig), APNS_OK);
    rig_until(&rig, rig_is_stopped);
    rig_until(&rig, has_probed_twice);
    sim_proc_tell(rig.sim, "tls-alert off");
    rig_until(&rig, rig_is_ready);
    rig_add(&rig, 3);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 3);
    rig_end(&rig);
}

TEST(disallowed_topic_stops_at_the_first_answer)
{
    rig_begin(&rig, NULL);
    sim_proc_tell(rig.sim, "latency 1..5");
    sim_proc_tell(rig.sim, "answer 400 TopicDisallowed");
    rig.window = 100;
    rig_add(&rig, 1000);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_IDENTITY], 1000);
    assert_int_equal(rig_status(&rig).state, APNS_IDENTITY_STOPPED);
    assert_string_equal(rig_status(&rig).why, "TopicDisallowed");
    assert_in_range(sim_proc_stat(rig.sim, "rejected"), 1, 100);
    rig_check_ledger(&rig);
    rig_end(&rig);
}

TEST(wrong_environment_marks_no_token)
{
    rig_begin(&rig, NULL);
    sim_proc_tell(rig.sim, "answer 400 BadDeviceToken");
    rig_add(&rig, 2000);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_SUSPECT], 0);
    assert_in_range(rig.n_class[APNS_CLASS_UNDECIDED], 200, 2000);
    assert_int_equal(rig.n_class[APNS_CLASS_IDENTITY],
                     2000 - rig.n_class[APNS_CLASS_UNDECIDED]);
    assert_int_equal(rig_status(&rig).state, APNS_IDENTITY_STOPPED);
    assert_int_equal(rig_status(&rig).cause, APNS_CAUSE_TOKENS_ENVIRONMENT);
    rig_check_ledger(&rig);
    rig_end(&rig);
}

TEST(some_bad_tokens_among_good_ones_are_suspect)
{
    rig_begin(&rig, NULL);
    sim_proc_tell(rig.sim, "every 10 answer 400 BadDeviceToken");
    rig_add(&rig, 2000);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_SUSPECT], 200);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 1800);
    assert_int_equal(rig_status(&rig).state, APNS_IDENTITY_READY);
    rig_check_ledger(&rig);
    rig_end(&rig);
}

TEST(single_bad_token_is_told_without_waiting)
{
    rig_begin(&rig, NULL);
    sim_proc_tell(rig.sim, "answer 400 DeviceTokenNotForTopic");
    rig_add(&rig, 1);
    rig_finish(&rig);
    assert_int_equal(rig.pushes[0].class_, APNS_CLASS_UNDECIDED);
    assert_string_equal(rig.pushes[0].reason, "DeviceTokenNotForTopic");
    rig_end(&rig);
}

static bool
is_half_done(struct rig *r)
{
    return r->n_ended >= r->n_pushes / 2;
}

static bool
is_taken(struct rig *r)
{
    return rig_status(r).is_taken;
}

static bool
has_one(struct rig *r)
{
    return rig_status(r).n_conns == 1;
}

TEST(hot_swap_under_load_loses_nothing)
{
    struct apns_identity_status before;

    rig_begin(&rig, NULL);
    sim_proc_tell(rig.sim, "latency 1..4");
    rig.window = 500;
    rig_add(&rig, 6000);
    rig_until(&rig, is_half_done);
    before = rig_status(&rig);
    assert_int_equal(rig_renew(&rig, NULL), APNS_OK);
    assert_false(rig_status(&rig).is_taken);
    assert_false(rig_status(&rig).is_proven);
    rig_until(&rig, is_taken);
    assert_string_not_equal(rig_status(&rig).cert.serial, before.cert.serial);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 6000);
    assert_int_equal(rig.n_moved, 0);
    rig_check_ledger(&rig);
    rig_end(&rig);
}

TEST(idle_swap_replaces_the_connection)
{
    rig_begin(&rig, NULL);
    rig_until(&rig, rig_is_open);
    assert_int_equal(rig_renew(&rig, NULL), APNS_OK);
    rig_until(&rig, is_taken);
    rig_until(&rig, has_one);
    assert_int_equal(rig_stats(&rig).n_dials, 2);
    rig_add(&rig, 1);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 1);
    rig_end(&rig);
}

TEST(swap_mends_a_stopped_identity)
{
    rig_start(&rig, NULL);
    rig_open(&rig);
    sim_proc_tell(rig.sim, "tls-alert expired");
    assert_int_equal(rig_put(&rig), APNS_OK);
    rig_until(&rig, rig_is_stopped);
    sim_proc_tell(rig.sim, "tls-alert off");
    assert_int_equal(rig_renew(&rig, NULL), APNS_OK);
    rig_add(&rig, 10);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 10);
    rig_end(&rig);
}

TEST(removed_identity_ends_what_waits_and_finishes_what_flies)
{
    static const char *const options[] = {"--max-streams", "10", NULL};

    rig_start(&rig, options);
    rig.config.conns_max = 1;
    rig_open(&rig);
    assert_int_equal(rig_put(&rig), APNS_OK);
    rig_until(&rig, rig_is_open);
    sim_proc_tell(rig.sim, "latency 100");
    rig_add(&rig, 50);
    rig_until(&rig, rig_is_flying);
    assert_int_equal(apns_identity_remove(rig.client, RIG_TOPIC), APNS_OK);
    assert_int_equal(apns_identity_remove(rig.client, RIG_TOPIC),
                     APNS_ENOTOPIC);
    assert_int_equal(rig.n_ended, 0);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 10);
    assert_int_equal(rig.n_class[APNS_CLASS_IDENTITY], 40);
    assert_string_equal(rig.pushes[49].reason, "identity removed");
    assert_int_equal(rig.pushes[49].outcome, APNS_FAILED);
    rig_check_ledger(&rig);
    /* And it may come back while the old one closes. */
    assert_int_equal(rig_put(&rig), APNS_OK);
    rig_add(&rig, 3);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 13);
    rig_end(&rig);
}

TEST(certificate_that_expires_is_not_dialled_with)
{
    struct apns_identity_status status;

    rig_begin(&rig, NULL);
    rig_add(&rig, 3);
    rig_finish(&rig);
    status = rig_status(&rig);
    rig.now_unix = status.cert.not_after_unix;
    sim_proc_tell(rig.sim, "close");
    rig_until(&rig, rig_is_stopped);
    assert_string_equal(rig_status(&rig).why, "certificate expired");
    rig_add(&rig, 2);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_IDENTITY], 2);
    assert_int_equal(rig_stats(&rig).n_dials, 1);
    rig_end(&rig);
}

TEST(expired_certificate_is_refused)
{
    rig_start(&rig, NULL);
    rig_open(&rig);
    assert_int_equal(rig_renew(&rig, "expired"), APNS_EEXPIRED);
    assert_int_equal(rig_status(&rig).cert.topic[0], '\0');
    rig_end(&rig);
}
