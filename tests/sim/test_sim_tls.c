/* SPDX-License-Identifier: MIT */
/*
 * Client certificates that the running simulator refuses, under both versions
 * of TLS.
 */
#include <stdlib.h>
#include <string.h>

#include "sim_fixture.h"
#include "tests/support/pki_make.h"
#include "tests/support/unit.h"

static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

/* The alert that a connection with this certificate ends with. */
static int
alert_with(const char *pem, int version)
{
    struct raw_client *client =
        raw_client_open(fixture.sim->port, fixture.ca, pem, version);
    int alert;

    raw_client_run(client, raw_client_is_settled);
    assert_false(client->is_settled);
    alert = client->alert;
    raw_client_close(client);
    return alert;
}

EACH(NULL, sim_fixture_mend);
ALL(sim_fixture_start, sim_fixture_stop);

TEST(alerts_are_sent_as_told)
{
    static const struct {
        const char *word;
        int alert;
    } cases[] = {
        {"expired", SSL_AD_CERTIFICATE_EXPIRED},
        {"revoked", SSL_AD_CERTIFICATE_REVOKED},
        {"unknown-ca", SSL_AD_UNKNOWN_CA},
        {"bad-certificate", SSL_AD_BAD_CERTIFICATE},
        {"internal-error", SSL_AD_INTERNAL_ERROR},
        {"access-denied", SSL_AD_ACCESS_DENIED},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sim_proc_tell(fixture.sim, "tls-alert %s", cases[i].word);
        for (int v = 0; v < 2; v++)
            assert_int_equal(alert_with(fixture.cert, versions[v]),
                             cases[i].alert);
    }
    sim_proc_tell(fixture.sim, "tls-alert off");
    raw_client_close(sim_fixture_open());
}

TEST(faulty_certificates_are_refused_of_themselves)
{
    static const struct {
        const char *fault;
        int alert;
    } cases[] = {
        {"expired", SSL_AD_CERTIFICATE_EXPIRED},
        {"not-yet-valid", SSL_AD_BAD_CERTIFICATE},
        {"other-ca", SSL_AD_UNKNOWN_CA},
        {"revoked", SSL_AD_CERTIFICATE_REVOKED},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *pem =
            pki_make(SIM_PROC_PROGRAM, fixture.dir, TOPIC, cases[i].fault);

        for (int v = 0; v < 2; v++)
            assert_int_equal(alert_with(pem, versions[v]), cases[i].alert);
        free(pem);
    }
}

TEST(a_client_without_certificate_is_refused)
{
    assert_int_equal(alert_with(NULL, TLS1_2_VERSION),
                     SSL_AD_HANDSHAKE_FAILURE);
    assert_int_equal(alert_with(NULL, TLS1_3_VERSION), 116);
    assert_true(sim_proc_stat(fixture.sim, "handshake_failures") >= 2);
}

TEST(a_certificate_without_topic_gets_403)
{
    char *pem = pki_make(SIM_PROC_PROGRAM, fixture.dir, TOPIC, "no-uid");
    struct raw_client *client =
        raw_client_open(fixture.sim->port, fixture.ca, pem, TLS1_3_VERSION);
    struct raw_answer *answer = sim_fixture_push(client);

    assert_int_equal(answer->status, 403);
    assert_string_equal(answer->body, "{\"reason\":\"BadCertificate\"}");
    raw_client_close(client);
    free(pem);
}

TEST(the_wrong_environment_is_a_goaway)
{
    struct raw_client *client;

    sim_proc_tell(fixture.sim, "environment on");
    client = sim_fixture_open();
    raw_client_run(client, raw_client_is_over);
    assert_true(client->has_goaway);
    assert_int_equal(client->goaway_last, 0);
    assert_int_equal(client->goaway_code, NGHTTP2_NO_ERROR);
    assert_string_equal(client->goaway_text,
                        "{\"reason\":\"BadCertificateEnvironment\"}");
    raw_client_close(client);
}

TEST(two_versions_only_speak_what_they_are_told)
{
    const char *const more[] = {"--tls", "1.2", NULL};
    struct sim_proc *old = sim_proc_start(SIM_PROC_PROGRAM, fixture.dir, more);
    struct raw_client *client =
        raw_client_open(old->port, fixture.ca, fixture.cert, TLS1_3_VERSION);

    assert_true(client->is_gone);
    raw_client_close(client);
    client =
        raw_client_open(old->port, fixture.ca, fixture.cert, TLS1_2_VERSION);
    assert_int_equal(sim_fixture_push(client)->status, 200);
    raw_client_close(client);
    sim_proc_stop(old);
}
