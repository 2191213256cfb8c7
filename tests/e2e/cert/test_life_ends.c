/* SPDX-License-Identifier: MIT */

/*
 * How a test push ends, through the real daemon: what APNs says, what TLS
 * says, and what is wrong on the way there.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "life_stage.h"
#include "tests/support/pki_make.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unit.h"

static int
start(void **state, const char *tls)
{
    struct life_stage *stage = life_stage_new(tls);

    life_stage_import(stage, LIFE_STAGE_TOPIC, 300);
    *state = stage;
    return 0;
}

static int
set_up(void **state)
{
    return start(state, "1.3");
}

static int
set_up_tls12(void **state)
{
    return start(state, "1.2");
}

EACH(set_up, life_stage_tear_down);

static void
expect_end_in(struct life_stage *stage, int wait_s, const char *const end[3])
{
    const char *reason = end[0], *explanation = end[1], *what_to_do = end[2];
    char body[32];
    json_t *json;

    snprintf(body, sizeof body, "{\"wait_s\":%d}", wait_s);
    json = daemon_proc_json(stage->daemon, "POST", LIFE_STAGE_CERTS "/test",
                            body, 200);

    if (strncmp(life_stage_text(json, "reason"), reason, strlen(reason)) != 0)
        fail_msg("%s instead of %s", life_stage_text(json, "reason"), reason);
    if (strstr(life_stage_text(json, "explanation"), explanation) == NULL)
        fail_msg("%s: \"%s\" does not say \"%s\"", reason,
                 life_stage_text(json, "explanation"), explanation);
    if (strstr(life_stage_text(json, "what_to_do"), what_to_do) == NULL)
        fail_msg("%s: \"%s\" does not say \"%s\"", reason,
                 life_stage_text(json, "what_to_do"), what_to_do);
    json_decref(json);
}

static void
expect_end(struct life_stage *stage, const char *const end[3])
{
    expect_end_in(stage, 60, end);
}

static const char *const in_order[] = {"BadDeviceToken", "in order", ""};

/* And it works again once the fault is gone. */
static void
expect_all(struct life_stage *stage, const char *const (*ends)[4], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        sim_proc_tell(stage->sim, "%s", ends[i][0]);
        expect_end(stage, ends[i] + 1);
        sim_proc_tell(stage->sim, "reset-faults");
        expect_end(stage, in_order);
    }
}

TEST(alerts_of_tls_are_explained)
{
    static const char *const ends[][4] = {
        {"tls-alert expired", "certificate_expired", "has expired", "Renew"},
        {"tls-alert revoked", "certificate_revoked", "revoked", "Revoke"},
        {"tls-alert unknown-ca", "unknown_ca", "not issued by Apple",
         "made elsewhere"},
        {"tls-alert bad-certificate", "bad_certificate", "damaged",
         "Download it again"},
        {"tls-alert access-denied", "access_denied", "denies", "ask Apple"},
        {"tls-alert internal-error", "internal_error", "internal error",
         "a few minutes"},
    };

    expect_all(*state, ends, sizeof ends / sizeof ends[0]);
}
AGAIN(alerts_of_tls_are_explained, set_up_tls12, life_stage_tear_down);

TEST(what_apns_does_instead_of_an_answer_is_explained)
{
    static const char *const ends[][4] = {
        {"environment on", "BadCertificateEnvironment", "other environment",
         "apns.host"},
        {"goaway", "BadDeviceToken", "in order", ""},
    };

    expect_all(*state, ends, sizeof ends / sizeof ends[0]);
}

/* Three quarters of this time are for the way. */
TEST(silence_is_explained)
{
    static const char *const end[] = {"no SETTINGS in time", "said nothing",
                                      "system status"};
    struct life_stage *stage = *state;

    sim_proc_tell(stage->sim, "no-settings on");
    expect_end_in(stage, 12, end);
}

TEST(a_port_that_is_closed_is_explained)
{
    static const char *const end[] = {
        "connect refused", "refuses connections to the port", "2197"};
    struct life_stage *stage = *state;

    sim_proc_tell(stage->sim, "accept off");
    expect_end(stage, end);
    sim_proc_tell(stage->sim, "accept on");
    expect_end(stage, in_order);
}

/*
 * The way there.
 */

static void
expect_way(const char *option, const char *value, const char *option_2,
           const char *value_2, const char *const end[3])
{
    const char *more[] = {option, value, option_2, value_2, NULL};
    struct life_stage *stage = life_stage_open("1.3", more);
    char *pem = life_stage_make(stage, LIFE_STAGE_TOPIC, 300, NULL);

    json_decref(life_stage_put(stage, "test=0", pem, 200));
    expect_end(stage, end);
    free(pem);
    life_stage_free(stage);
}

TEST_WITH(a_name_that_nobody_resolves_is_explained, NULL, NULL)
{
    static const char *const end[] = {"resolve: ", "cannot be resolved", "DNS"};

    expect_way("--apns-host", "apns.test", "--apns-dns-servers", "127.0.0.1:9",
               end);
}

TEST_WITH(a_proxy_that_does_not_answer_is_explained, NULL, NULL)
{
    static const char *const end[] = {"proxy: ", "proxy", "apns.proxy"};

    expect_way("--apns-proxy", "http://127.0.0.1:9", NULL, NULL, end);
}

/* Something answers in APNs' place. */
TEST_WITH(a_server_that_nobody_trusts_is_explained, NULL, NULL)
{
    static const char *const end[] = {"server certificate: ", "not APNs",
                                      "TLS inspection"};
    char *dir = temp_dir_new();
    char *ca = temp_dir_path(dir, "ca.pem");
    char *other =
        pki_make_days(SIM_PROC_PROGRAM, dir, LIFE_STAGE_OTHER, "other-ca", 300);

    temp_dir_write(ca, other);
    expect_way("--apns-ca-file", ca, NULL, NULL, end);
    free(other);
    free(ca);
    temp_dir_free(dir);
}
