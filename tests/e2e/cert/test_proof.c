/* SPDX-License-Identifier: MIT */

/*
 * Whose fault is a refusal? Stale tokens, alone or in a run, stop no
 * certificate that APNs has accepted a push under; a wrong setting marks no
 * device; and what APNs says to a certificate that is in force no more does
 * not stop the one that is.
 */

#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/pem.h>

#include "tests/e2e/e2e_stage.h"
#include "tests/support/http_raw.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unit.h"

#define N_FLEET 20000
#define N_STALE 1500
#define CERT    "/v1/pushcerts/" E2E_STAGE_TOPIC

static const char *const soon[] = {"--apns-probe-ms", "300", NULL};

static int
set_up(void **state)
{
    *state = e2e_stage_new(NULL, soon);
    return 0;
}

EACH(set_up, e2e_stage_tear_down);

/* Devices ${first}… are stale. */
static void
make_stale(struct e2e_stage *stage, size_t first, size_t n)
{
    sim_proc_tell(stage->sim, "tokens %08zx..%08zx answer 400 BadDeviceToken",
                  first, first + n - 1);
}

static size_t
count_events(struct e2e_stage *stage, const char *kind)
{
    json_t *json =
        daemon_proc_json(stage->daemon, "GET", "/v1/events", NULL, 200);
    json_t *event;
    size_t i, n = 0;

    json_array_foreach(json_object_get(json, "events"), i, event)
    {
        const char *text = json_string_value(json_object_get(event, "kind"));

        n += strcmp(text, kind) == 0;
    }
    json_decref(json);
    return n;
}

static void
check_alerts(struct e2e_stage *stage, size_t n, const char *kind)
{
    json_t *json =
        daemon_proc_json(stage->daemon, "GET", "/v1/status", NULL, 200);
    const json_t *alerts = json_object_get(json, "alerts");

    assert_int_equal(json_array_size(alerts), n);
    if (n > 0)
        assert_string_equal(json_string_value(json_object_get(
                                json_array_get(alerts, 0), "kind")),
                            kind);
    json_decref(json);
}

static void
await_alert(struct e2e_stage *stage, const char *kind)
{
    int64_t since_ms = e2e_stage_now();
    size_t n = 0;

    while (n == 0) {
        json_t *json =
            daemon_proc_json(stage->daemon, "GET", "/v1/status", NULL, 200);

        n = json_array_size(json_object_get(json, "alerts"));
        json_decref(json);
        if (n == 0)
            e2e_stage_pause(since_ms, "an alert");
    }
    check_alerts(stage, 1, kind);
}

/* One device is woken, and that is on the disk. */
static void
prove(struct e2e_stage *stage, size_t device)
{
    int64_t since_ms = e2e_stage_now();
    bool is_proven = false;

    e2e_stage_await_cert(stage, "ready");
    e2e_stage_ask_wakes(stage, device, 1);
    while (!is_proven) {
        json_t *json = daemon_proc_json(stage->daemon, "GET", CERT, NULL, 200);

        is_proven = json_is_true(json_object_get(json, "proven"));
        json_decref(json);
        if (!is_proven)
            e2e_stage_pause(since_ms, "a proof");
    }
    /* A write that came after it is done, so it is, too. */
    daemon_proc_do(stage->daemon, "POST", CERT "/test", "{}", 200);
}

static void
check_wave(struct e2e_stage *stage, int64_t wave, size_t n_stale)
{
    e2e_stage_await_wave(stage, wave);
    assert_int_equal(e2e_stage_count(stage, wave, "accepted") +
                         e2e_stage_count(stage, wave, "skipped"),
                     stage->fleet.n - n_stale);
    assert_int_equal(e2e_stage_count(stage, wave, "suspect"), n_stale);
    e2e_stage_await_cert(stage, "ready");
}

TEST(a_run_of_stale_tokens_stops_no_proven_certificate)
{
    struct e2e_stage *stage = *state;
    size_t n = e2e_stage_scaled(N_FLEET);
    size_t n_stale = e2e_stage_scaled(N_STALE);
    struct fleet_tally tally;

    e2e_stage_enroll(stage, n);
    make_stale(stage, 1000, n_stale);
    prove(stage, 0);
    check_wave(stage, e2e_stage_ask_wave(stage, 0), n_stale);
    assert_int_equal(count_events(stage, "pushcert.stopped"), 0);
    check_alerts(stage, 0, NULL);
    e2e_stage_tally(stage, &tally);
    assert_int_equal(tally.n_woken, n - n_stale);
    assert_int_equal(tally.n_rejected, n_stale); /* once each */
}

/* 200 different ones are refused before any is accepted: it stops, tries a
 * few from all over the fleet, and goes on. */
TEST(a_run_at_the_head_stops_an_unproven_one_for_a_moment)
{
    struct e2e_stage *stage = *state;
    size_t n = e2e_stage_scaled(N_FLEET);
    size_t n_stale = e2e_stage_scaled(N_STALE);
    struct fleet_tally tally;
    int64_t wave;

    e2e_stage_enroll(stage, n);
    make_stale(stage, 0, n_stale);
    e2e_stage_await_cert(stage, "ready");
    wave = e2e_stage_ask_wave(stage, (uint32_t)n / 10);
    check_wave(stage, wave, n_stale);
    assert_true(count_events(stage, "pushcert.stopped") > 0 || n_stale < 200);
    e2e_stage_tally(stage, &tally);
    assert_int_equal(tally.n_woken, n - n_stale);
    assert_int_equal(tally.n_rejected, n_stale); /* once each */
}

TEST(a_wrong_setting_marks_no_device)
{
    struct e2e_stage *stage = *state;
    size_t n = e2e_stage_scaled(N_FLEET) / 4;
    struct fleet_tally tally;
    char *renewed = e2e_stage_renew_cert(stage);
    int64_t wave;

    e2e_stage_enroll(stage, n);
    make_stale(stage, 0, n);
    e2e_stage_await_cert(stage, "ready");
    wave = e2e_stage_ask_wave(stage, 0);
    await_alert(stage, "wrong_environment");
    e2e_stage_await_cert(stage, "stopped");
    assert_int_equal(e2e_stage_count(stage, wave, "suspect"), 0);
    make_stale(stage, n, 1);
    sim_proc_tell(stage->sim, "reset-faults");
    daemon_proc_import_cert(stage->daemon, renewed);
    free(renewed);
    e2e_stage_await_wave(stage, wave);
    e2e_stage_tally(stage, &tally);
    assert_int_equal(tally.n_woken, n);
    assert_int_equal(tally.n_repeated, 0);
    e2e_stage_await_cert(stage, "ready");
    check_alerts(stage, 0, NULL);
}

TEST(too_few_to_stop_it_are_told_of)
{
    struct e2e_stage *stage = *state;
    int64_t wave, since_ms;

    e2e_stage_enroll(stage, 20);
    sim_proc_tell(stage->sim, "tokens 00000000..00000012 answer 400 "
                              "DeviceTokenNotForTopic");
    e2e_stage_await_cert(stage, "ready");
    e2e_stage_ask_wakes(stage, 0, 19);
    e2e_stage_await_sim(stage, "pushes", 19);
    daemon_proc_do(stage->daemon, "POST", CERT "/test", "{}", 200);
    await_alert(stage, "none_accepted");
    wave = e2e_stage_ask_wave(stage, 0); /* the twentieth proves it */
    e2e_stage_await_wave(stage, wave);
    e2e_stage_await_sim(stage, "accepted", 1);
    since_ms = e2e_stage_now();
    while (e2e_stage_metric(stage, "rouse_enrollments{topic=\"" E2E_STAGE_TOPIC
                                   "\",state=\"suspect\"}") < 19)
        e2e_stage_pause(since_ms, "the marks");
    assert_int_equal(sim_proc_stat(stage->sim, "rejected"), 19 + 1);
}

TEST(many_stale_ones_in_one_burst_are_all_right)
{
    struct e2e_stage *stage = *state;
    size_t n = e2e_stage_scaled(N_FLEET) / 5;
    int64_t wave;

    e2e_stage_enroll(stage, n);
    e2e_stage_await_cert(stage, "ready");
    sim_proc_tell(stage->sim, "latency 300");
    sim_proc_tell(stage->sim, "rate 0.35 answer 400 BadDeviceToken");
    wave = e2e_stage_ask_wave(stage, 0);
    e2e_stage_await_wave(stage, wave);
    assert_int_equal(count_events(stage, "pushcert.stopped"), 0);
    assert_int_equal(e2e_stage_count(stage, wave, "accepted"),
                     sim_proc_stat(stage->sim, "accepted"));
    assert_int_equal(e2e_stage_count(stage, wave, "suspect"),
                     sim_proc_stat(stage->sim, "rejected"));
}

TEST(proof_survives_a_kill)
{
    struct e2e_stage *stage = *state;
    size_t n = 1000;

    e2e_stage_enroll(stage, n);
    make_stale(stage, 1, n - 1);
    prove(stage, 0);
    daemon_proc_kill(stage->daemon);
    daemon_proc_again(stage->daemon);
    e2e_stage_await_cert(stage, "ready");
    check_wave(stage, e2e_stage_ask_wave(stage, 0), n - 1);
    assert_int_equal(count_events(stage, "pushcert.stopped"), 0);
}

/*
 * Answers to a certificate that is not in force any more.
 */

/* To free(). */
static char *
read_serial(const char *file)
{
    FILE *stream = fopen(file, "re");
    X509 *cert;
    BIGNUM *number;
    char *hex;
    char *copy;

    assert_non_null(stream);
    cert = PEM_read_X509(stream, NULL, NULL, NULL);
    fclose(stream);
    assert_non_null(cert);
    number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
    hex = BN_bn2hex(number);
    copy = strdup(hex);
    OPENSSL_free(hex);
    BN_free(number);
    X509_free(cert);
    return copy;
}

static void
check_nothing_stopped(struct e2e_stage *stage, int64_t wave)
{
    struct fleet_tally tally;

    e2e_stage_await_wave(stage, wave);
    e2e_stage_tally(stage, &tally);
    assert_int_equal(tally.n_woken, stage->fleet.n);
    assert_true(tally.n_rejected > 0);
    assert_int_equal(count_events(stage, "pushcert.stopped"), 0);
    e2e_stage_await_cert(stage, "ready");
    check_alerts(stage, 0, NULL);
}

TEST(late_refusals_of_the_old_certificate_spare_the_new_one)
{
    struct e2e_stage *stage = *state;
    char *serial = read_serial(stage->cert);
    char *renewed = e2e_stage_renew_cert(stage);
    int64_t wave;

    e2e_stage_enroll(stage, 1000);
    e2e_stage_await_cert(stage, "ready");
    sim_proc_tell(stage->sim, "hold");
    sim_proc_tell(stage->sim, "cert %s answer 403 BadCertificate", serial);
    wave = e2e_stage_ask_wave(stage, 250);
    e2e_stage_await_sim(stage, "pushes", 100);
    daemon_proc_import_cert(stage->daemon, renewed);
    sim_proc_tell(stage->sim, "latency 0");
    sim_proc_tell(stage->sim, "release");
    check_nothing_stopped(stage, wave);
    free(renewed);
    free(serial);
}

/* Somebody imports ${pem}, and waits. */
static int
begin_import(struct e2e_stage *stage, const char *pem)
{
    int fd = http_raw_open(stage->daemon->socket, 0);
    char head[128];

    snprintf(head, sizeof head,
             "PUT /v1/pushcerts HTTP/1.1\r\nHost: x\r\n"
             "Connection: close\r\nContent-Length: %zu\r\n\r\n",
             strlen(pem));
    http_raw_say(fd, head);
    http_raw_say(fd, pem);
    return fd;
}

TEST(late_refusals_of_a_refused_certificate_spare_the_one_before_it)
{
    struct e2e_stage *stage = *state;
    char *renewed = e2e_stage_renew_cert(stage);
    char *serial = read_serial(renewed);
    char *pem = temp_dir_read(renewed, NULL);
    char *answer;
    int64_t wave;
    int fd;

    e2e_stage_enroll(stage, 1000);
    e2e_stage_await_cert(stage, "ready");
    sim_proc_tell(stage->sim, "hold");
    sim_proc_tell(stage->sim, "cert %s answer 403 BadCertificate", serial);
    fd = begin_import(stage, pem);
    /* The test's own push is under way, and the pool has gone over. */
    e2e_stage_await_sim(stage, "pushes", 1);
    e2e_stage_await_sim(stage, "handshakes", 3);
    while (sim_proc_stat(stage->sim, "open") != 2)
        e2e_stage_pause(e2e_stage_now(), "the old connection to go");
    wave = e2e_stage_ask_wave(stage, 0);
    e2e_stage_await_sim(stage, "pushes", 1 + 1000);
    /* That one is refused first, and the import with it; then the others. */
    sim_proc_tell(stage->sim, "latency 0");
    sim_proc_tell(stage->sim, "release 1");
    answer = http_raw_read(fd);
    assert_memory_equal(answer, "HTTP/1.1 409 ", 13);
    free(answer);
    assert_int_equal(sim_proc_stat(stage->sim, "rejected"), 1);
    sim_proc_tell(stage->sim, "release");
    check_nothing_stopped(stage, wave);
    free(pem);
    free(renewed);
    free(serial);
}
