/* SPDX-License-Identifier: MIT */
/*
 * The running simulator, seen by a bare client. Every fault that the control
 * socket offers is provoked here, under both versions of TLS where it is
 * about TLS.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

#include "raw_client.h"
#include "tests/support/pki_make.h"
#include "tests/support/sim_proc.h"
#include "tests/support/temp_dir.h"

#define TOPIC "com.apple.mgmt.External.test"
#define TOKEN "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

static char *dir, *ca, *cert;
static struct sim_proc *sim;

static int
start_all(void **state)
{
    (void)state;
    dir = temp_dir_new();
    cert = pki_make(SIM_PROC_PROGRAM, dir, TOPIC, NULL);
    ca = temp_dir_path(dir, "ca.pem");
    sim = sim_proc_start(SIM_PROC_PROGRAM, dir, NULL);
    return 0;
}

static int
stop_all(void **state)
{
    (void)state;
    sim_proc_stop(sim);
    free(ca);
    free(cert);
    temp_dir_free(dir);
    return 0;
}

static int
mend(void **state)
{
    (void)state;
    sim_proc_tell(sim, "reset-faults");
    sim_proc_tell(sim, "forget");
    return 0;
}

static struct raw_client *
open_client(void)
{
    struct raw_client *client =
        raw_client_open(sim->port, ca, cert, TLS1_3_VERSION);

    raw_client_run(client, raw_client_is_settled);
    return client;
}

static struct raw_answer *
push(struct raw_client *client)
{
    struct raw_answer *answer = raw_client_push(client, TOPIC, TOKEN);

    raw_client_run(client, raw_client_is_idle);
    return answer;
}

static void
a_push_is_accepted_and_counted(void **state)
{
    struct raw_client *client = open_client();
    struct raw_answer *answer = push(client);

    (void)state;
    assert_int_equal(answer->status, 200);
    assert_int_equal(strlen(answer->apns_id), 36);
    assert_int_equal(strspn(answer->apns_id, "0123456789ABCDEF-"), 36);
    assert_int_equal(answer->body_len, 0);
    assert_int_equal(sim_proc_accepted(sim, TOKEN), 1);
    raw_client_close(client);
}

static void
the_first_settings_are_apples(void **state)
{
    struct raw_client *client = open_client();
    nghttp2_session *session = client->session;

    (void)state;
    assert_int_equal(nghttp2_session_get_remote_settings(
                         session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS),
                     1000);
    assert_int_equal(nghttp2_session_get_remote_settings(
                         session, NGHTTP2_SETTINGS_HEADER_TABLE_SIZE),
                     4096);
    assert_int_equal(nghttp2_session_get_remote_settings(
                         session, NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE),
                     8000);
    raw_client_close(client);
}

static void
a_wrong_topic_is_told(void **state)
{
    struct raw_client *client = open_client();
    struct raw_answer *answer = raw_client_push(client, TOPIC "x", TOKEN);

    (void)state;
    raw_client_run(client, raw_client_is_idle);
    assert_int_equal(answer->status, 400);
    assert_string_equal(answer->body, "{\"reason\":\"TopicDisallowed\"}");
    assert_int_equal(sim_proc_accepted(sim, TOKEN), 0);
    raw_client_close(client);
}

static void
answers_come_as_told(void **state)
{
    struct raw_client *client = open_client();
    struct raw_answer *answer;

    (void)state;
    sim_proc_tell(sim, "answer 410 Unregistered timestamp=1700000000123");
    answer = push(client);
    assert_int_equal(answer->status, 410);
    assert_string_equal(
        answer->body,
        "{\"reason\":\"Unregistered\",\"timestamp\":1700000000123}");
    sim_proc_tell(sim, "answer 429 TooManyRequests retry-after=77");
    answer = push(client);
    assert_int_equal(answer->status, 429);
    assert_string_equal(answer->retry_after, "77");
    sim_proc_tell(sim, "answer 503 -");
    answer = push(client);
    assert_int_equal(answer->status, 503);
    assert_int_equal(answer->body_len, 0);
    sim_proc_tell(sim, "answer 200 -");
    assert_int_equal(push(client)->status, 200);
    raw_client_close(client);
}

static void
a_410_has_a_timestamp_of_itself(void **state)
{
    struct raw_client *client = open_client();

    (void)state;
    sim_proc_tell(sim, "token " TOKEN " answer 410 ExpiredToken");
    assert_non_null(strstr(push(client)->body, "\"timestamp\":1"));
    raw_client_close(client);
}

static void
the_ledger_knows_each_token(void **state)
{
    struct raw_client *client = open_client();
    char *path = temp_dir_path(dir, "ledger"), *text;
    json_t *answer;

    (void)state;
    sim_proc_tell(sim, "every 2 answer 500 InternalServerError");
    for (int i = 0; i < 5; i++)
        push(client);
    answer = sim_proc_ask(sim, "token " TOKEN);
    assert_int_equal(json_integer_value(json_object_get(answer, "accepted")),
                     3);
    assert_int_equal(json_integer_value(json_object_get(answer, "rejected")),
                     2);
    assert_string_equal(
        json_string_value(json_object_get(answer, "last_reason")),
        "InternalServerError");
    json_decref(answer);
    sim_proc_tell(sim, "ledger %s", path);
    text = temp_dir_read(path, NULL);
    assert_string_equal(text, TOKEN " 3 2\n");
    free(text);
    free(path);
    raw_client_close(client);
}

static void
refused_and_reset_streams_are_not_accepted(void **state)
{
    struct raw_client *client = open_client();
    struct raw_answer *answer;

    (void)state;
    sim_proc_tell(sim, "first 1 refuse");
    answer = push(client);
    assert_int_equal(answer->status, 0);
    assert_int_equal(answer->error_code, NGHTTP2_REFUSED_STREAM);
    sim_proc_tell(sim, "first 1 reset 8");
    answer = push(client);
    assert_int_equal(answer->error_code, NGHTTP2_CANCEL);
    assert_int_equal(sim_proc_accepted(sim, TOKEN), 0);
    assert_int_equal(push(client)->status, 200);
    raw_client_close(client);
}

static bool
second_is_closed(const struct raw_client *client)
{
    return client->answers[1].is_closed;
}

static void
a_stalled_push_is_never_answered(void **state)
{
    struct raw_client *client = open_client();
    struct raw_answer *first, *second;

    (void)state;
    sim_proc_tell(sim, "first 1 stall");
    first = raw_client_push(client, TOPIC, TOKEN);
    second = raw_client_push(client, TOPIC, TOKEN);
    raw_client_run(client, second_is_closed);
    assert_int_equal(second->status, 200);
    assert_false(first->is_closed);
    assert_int_equal(sim_proc_accepted(sim, TOKEN), 1);
    raw_client_close(client);
}

static void
latency_delays_one_push_and_not_the_other(void **state)
{
    struct raw_client *client = open_client();
    struct raw_answer *first;

    (void)state;
    sim_proc_tell(sim, "first 1 latency 150..200");
    first = raw_client_push(client, TOPIC, TOKEN);
    raw_client_push(client, TOPIC, TOKEN);
    raw_client_run(client, second_is_closed);
    assert_false(first->is_closed);
    raw_client_run(client, raw_client_is_idle);
    assert_int_equal(first->status, 200);
    assert_int_equal(sim_proc_accepted(sim, TOKEN), 2);
    raw_client_close(client);
}

static void
a_push_cancelled_while_delayed_is_not_accepted(void **state)
{
    struct raw_client *client = open_client();

    (void)state;
    sim_proc_tell(sim, "latency 500");
    raw_client_push(client, TOPIC, TOKEN);
    raw_client_push(client, TOPIC, TOKEN);
    nghttp2_submit_rst_stream(client->session, NGHTTP2_FLAG_NONE, 1,
                              NGHTTP2_CANCEL);
    raw_client_run(client, raw_client_is_idle);
    assert_int_equal(client->answers[1].status, 200);
    assert_int_equal(sim_proc_accepted(sim, TOKEN), 1);
    raw_client_close(client);
}

static void
a_goaway_for_all_lets_the_push_finish(void **state)
{
    struct raw_client *client = open_client();
    struct raw_answer *answer;

    (void)state;
    sim_proc_tell(sim, "after 0 goaway reason=Shutdown");
    answer = push(client);
    raw_client_run(client, raw_client_is_over);
    assert_true(client->has_goaway);
    assert_string_equal(client->goaway_text, "{\"reason\":\"Shutdown\"}");
    assert_int_equal(client->goaway_last, 1);
    assert_int_equal(client->goaway_code, NGHTTP2_NO_ERROR);
    assert_int_equal(answer->status, 200);
    assert_int_equal(sim_proc_accepted(sim, TOKEN), 1);
    raw_client_close(client);
}

static void
a_goaway_for_none_processes_nothing(void **state)
{
    struct raw_client *client = open_client();
    struct raw_answer *answer;

    (void)state;
    sim_proc_tell(sim, "after 0 goaway last=none code=2");
    answer = raw_client_push(client, TOPIC, TOKEN);
    raw_client_run(client, raw_client_is_over);
    assert_true(client->has_goaway);
    assert_int_equal(client->goaway_last, 0);
    assert_int_equal(client->goaway_code, NGHTTP2_INTERNAL_ERROR);
    assert_string_equal(client->goaway_text, "");
    assert_int_equal(answer->status, 0);
    assert_int_equal(sim_proc_accepted(sim, TOKEN), 0);
    raw_client_close(client);
}

static void
a_goaway_divides_streams_where_told(void **state)
{
    struct raw_client *client = open_client();

    (void)state;
    sim_proc_tell(sim, "latency 100");
    sim_proc_tell(sim, "after 3 goaway last=3");
    for (int i = 0; i < 4; i++)
        raw_client_push(client, TOPIC, TOKEN);
    raw_client_run(client, raw_client_is_over);
    assert_int_equal(client->goaway_last, 3);
    assert_int_equal(client->answers[0].status, 200);
    assert_int_equal(client->answers[1].status, 200);
    assert_int_equal(client->answers[2].status, 0);
    assert_int_equal(client->answers[3].status, 0);
    assert_int_equal(sim_proc_accepted(sim, TOKEN), 2);
    raw_client_close(client);
}

static void
a_goaway_at_once_reaches_every_connection(void **state)
{
    struct raw_client *a = open_client(), *b = open_client();

    (void)state;
    sim_proc_tell(sim, "goaway reason=IdleTimeout");
    raw_client_run(a, raw_client_is_over);
    raw_client_run(b, raw_client_is_over);
    assert_true(a->has_goaway);
    assert_string_equal(b->goaway_text, "{\"reason\":\"IdleTimeout\"}");
    raw_client_close(a);
    raw_client_close(b);
}

static void
closing_is_a_tcp_reset(void **state)
{
    struct raw_client *client = open_client();

    (void)state;
    sim_proc_tell(sim, "after 0 close");
    raw_client_push(client, TOPIC, TOKEN);
    raw_client_run(client, raw_client_is_over);
    assert_true(client->is_gone);
    assert_true(client->is_reset);
    raw_client_close(client);
    client = open_client();
    sim_proc_tell(sim, "close");
    raw_client_run(client, raw_client_is_over);
    assert_true(client->is_reset);
    raw_client_close(client);
}

static bool
has_new_settings(const struct raw_client *client)
{
    return client->n_settings >= 2;
}

static void
the_stream_limit_changes_live(void **state)
{
    struct raw_client *client = open_client();

    (void)state;
    sim_proc_tell(sim, "max-streams 1");
    raw_client_run(client, has_new_settings);
    assert_int_equal(
        nghttp2_session_get_remote_settings(
            client->session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS),
        1);
    raw_client_close(client);
    client = open_client();
    assert_int_equal(
        nghttp2_session_get_remote_settings(
            client->session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS),
        1);
    sim_proc_tell(sim, "reset-faults");
    raw_client_run(client, has_new_settings);
    assert_int_equal(
        nghttp2_session_get_remote_settings(
            client->session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS),
        1000);
    raw_client_close(client);
}

/* The alert that a connection with this certificate ends with. */
static int
alert_with(const char *pem, int version)
{
    struct raw_client *client = raw_client_open(sim->port, ca, pem, version);
    int alert;

    raw_client_run(client, raw_client_is_settled);
    assert_false(client->is_settled);
    alert = client->alert;
    raw_client_close(client);
    return alert;
}

static void
alerts_are_sent_as_told(void **state)
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

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sim_proc_tell(sim, "tls-alert %s", cases[i].word);
        for (int v = 0; v < 2; v++)
            assert_int_equal(alert_with(cert, versions[v]), cases[i].alert);
    }
    sim_proc_tell(sim, "tls-alert off");
    raw_client_close(open_client());
}

static void
faulty_certificates_are_refused_of_themselves(void **state)
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

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *pem = pki_make(SIM_PROC_PROGRAM, dir, TOPIC, cases[i].fault);

        for (int v = 0; v < 2; v++)
            assert_int_equal(alert_with(pem, versions[v]), cases[i].alert);
        free(pem);
    }
}

static void
a_client_without_certificate_is_refused(void **state)
{
    (void)state;
    assert_int_equal(alert_with(NULL, TLS1_2_VERSION),
                     SSL_AD_HANDSHAKE_FAILURE);
    assert_int_equal(alert_with(NULL, TLS1_3_VERSION), 116);
    assert_true(sim_proc_stat(sim, "handshake_failures") >= 2);
}

static void
a_certificate_without_topic_gets_403(void **state)
{
    char *pem = pki_make(SIM_PROC_PROGRAM, dir, TOPIC, "no-uid");
    struct raw_client *client =
        raw_client_open(sim->port, ca, pem, TLS1_3_VERSION);
    struct raw_answer *answer = push(client);

    (void)state;
    assert_int_equal(answer->status, 403);
    assert_string_equal(answer->body, "{\"reason\":\"BadCertificate\"}");
    raw_client_close(client);
    free(pem);
}

static void
the_wrong_environment_is_a_goaway(void **state)
{
    struct raw_client *client;

    (void)state;
    sim_proc_tell(sim, "environment on");
    client = open_client();
    raw_client_run(client, raw_client_is_over);
    assert_true(client->has_goaway);
    assert_int_equal(client->goaway_last, 0);
    assert_int_equal(client->goaway_code, NGHTTP2_NO_ERROR);
    assert_string_equal(client->goaway_text,
                        "{\"reason\":\"BadCertificateEnvironment\"}");
    raw_client_close(client);
}

static void
pings_are_acknowledged_unless_told(void **state)
{
    struct raw_client *client = open_client();
    int64_t pings = sim_proc_stat(sim, "pings");

    (void)state;
    nghttp2_submit_ping(client->session, NGHTTP2_FLAG_NONE, NULL);
    push(client);
    assert_int_equal(client->n_ping_acks, 1);
    sim_proc_tell(sim, "no-ping-ack on");
    nghttp2_submit_ping(client->session, NGHTTP2_FLAG_NONE, NULL);
    push(client);
    assert_int_equal(client->n_ping_acks, 1);
    assert_int_equal(sim_proc_stat(sim, "pings"), pings + 2);
    raw_client_close(client);
}

static void
a_mute_connection_says_nothing(void **state)
{
    struct raw_client *client, *other;
    int64_t pushes = sim_proc_stat(sim, "pushes");

    (void)state;
    sim_proc_tell(sim, "no-settings on");
    client = raw_client_open(sim->port, ca, cert, TLS1_2_VERSION);
    assert_false(client->is_gone);
    sim_proc_tell(sim, "no-settings off");
    raw_client_push(client, TOPIC, TOKEN);
    while (nghttp2_session_want_write(client->session)) {
        const uint8_t *bytes;
        ssize_t n = nghttp2_session_mem_send(client->session, &bytes);

        if (n <= 0)
            break;
        assert_int_equal(SSL_write(client->ssl, bytes, (int)n), n);
    }
    /* Another connection is served meanwhile; then it is cut. */
    other = open_client();
    assert_int_equal(push(other)->status, 200);
    sim_proc_tell(sim, "close");
    raw_client_run(client, raw_client_is_settled);
    assert_true(client->is_reset);
    assert_false(client->is_settled);
    assert_int_equal(sim_proc_stat(sim, "pushes"), pushes + 1);
    raw_client_close(other);
    raw_client_close(client);
}

static bool
none_is_open(void)
{
    return sim_proc_stat(sim, "open") == 0;
}

static void
connections_beyond_the_cap_are_reset(void **state)
{
    struct raw_client *first, *second;

    (void)state;
    while (!none_is_open())
        ; /* each question is a turn of the simulator's loop */
    sim_proc_tell(sim, "conn-cap 1");
    first = open_client();
    second = raw_client_open(sim->port, ca, cert, TLS1_3_VERSION);
    assert_true(second->is_gone);
    assert_int_equal(push(first)->status, 200);
    raw_client_close(first);
    raw_client_close(second);
}

static void
connections_are_refused_when_told(void **state)
{
    struct raw_client *open = open_client(), *late;

    (void)state;
    sim_proc_tell(sim, "accept off");
    late = raw_client_open(sim->port, ca, cert, TLS1_3_VERSION);
    assert_true(late->is_gone);
    assert_int_equal(push(open)->status, 200);
    raw_client_close(late);
    sim_proc_tell(sim, "accept on");
    raw_client_close(open_client());
    raw_client_close(open);
}

static void
bad_directives_are_answered_with_an_error(void **state)
{
    json_t *answer = sim_proc_try(sim, "every now stall");

    (void)state;
    assert_true(json_is_false(json_object_get(answer, "ok")));
    assert_non_null(
        strstr(json_string_value(json_object_get(answer, "error")), "now"));
    json_decref(answer);
}

static void
two_versions_only_speak_what_they_are_told(void **state)
{
    const char *const more[] = {"--tls", "1.2", NULL};
    struct sim_proc *old = sim_proc_start(SIM_PROC_PROGRAM, dir, more);
    struct raw_client *client =
        raw_client_open(old->port, ca, cert, TLS1_3_VERSION);

    (void)state;
    assert_true(client->is_gone);
    raw_client_close(client);
    client = raw_client_open(old->port, ca, cert, TLS1_2_VERSION);
    assert_int_equal(push(client)->status, 200);
    raw_client_close(client);
    sim_proc_stop(old);
}

static void
the_ledger_is_written_at_the_end(void **state)
{
    char *path = temp_dir_path(dir, "end"), *text;
    const char *const more[] = {"--ledger", path, NULL};
    struct sim_proc *short_lived = sim_proc_start(SIM_PROC_PROGRAM, dir, more);
    struct raw_client *client =
        raw_client_open(short_lived->port, ca, cert, TLS1_3_VERSION);

    (void)state;
    assert_int_equal(push(client)->status, 200);
    sim_proc_stop(short_lived);
    text = temp_dir_read(path, NULL);
    assert_string_equal(text, TOKEN " 1 0\n");
    raw_client_close(client);
    free(text);
    free(path);
}

static void
null_mode_answers_and_takes_faults(void **state)
{
    const char *const more[] = {"--mode", "null", NULL};
    struct sim_proc *fast = sim_proc_start(SIM_PROC_PROGRAM, dir, more);
    struct raw_client *client =
        raw_client_open(fast->port, ca, cert, TLS1_3_VERSION);
    struct raw_answer *answer;
    json_t *refused;

    (void)state;
    answer = push(client);
    assert_int_equal(answer->status, 200);
    assert_int_equal(strlen(answer->apns_id), 36);
    sim_proc_tell(fast, "first 1 answer 503 ServiceUnavailable");
    answer = push(client);
    assert_int_equal(answer->status, 503);
    assert_string_equal(answer->body, "{\"reason\":\"ServiceUnavailable\"}");
    sim_proc_tell(fast, "first 1 refuse");
    assert_int_equal(push(client)->error_code, NGHTTP2_REFUSED_STREAM);
    sim_proc_tell(fast, "latency 30");
    assert_int_equal(push(client)->status, 200);
    nghttp2_submit_ping(client->session, NGHTTP2_FLAG_NONE, NULL);
    push(client);
    assert_int_equal(client->n_ping_acks, 1);
    assert_int_equal(sim_proc_stat(fast, "pushes"), 5);
    assert_int_equal(sim_proc_stat(fast, "accepted"), 3);
    refused = sim_proc_try(fast, "token " TOKEN " stall");
    assert_true(json_is_false(json_object_get(refused, "ok")));
    json_decref(refused);
    sim_proc_tell(fast, "goaway reason=Shutdown");
    raw_client_run(client, raw_client_is_over);
    assert_string_equal(client->goaway_text, "{\"reason\":\"Shutdown\"}");
    raw_client_close(client);
    sim_proc_stop(fast);
}

/* The exit code and what it said on stderr. */
static int
run_program(char **err, const char *a, const char *b, const char *c)
{
    const char *const argv[] = {SIM_PROC_PROGRAM, a, b, c, NULL};
    char *out;
    int code = child_run(argv, &out, err);

    free(out);
    return code;
}

static void
wrong_usage_is_2_and_named(void **state)
{
    static const char *const cases[][2] = {
        {"--mode", "loose"}, {"--port", "65536"},     {"--tls", "1.1"},
        {"--seed", "x"},     {"--max-streams", "-1"},
    };
    char *err;

    (void)state;
    assert_int_equal(run_program(&err, NULL, NULL, NULL), 2);
    assert_non_null(strstr(err, "--pki"));
    free(err);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(run_program(&err, cases[i][0], cases[i][1], NULL), 2);
        assert_non_null(strstr(err, cases[i][0]));
        assert_non_null(strstr(err, cases[i][1]));
        free(err);
    }
    assert_int_equal(run_program(&err, "pki", NULL, NULL), 2);
    free(err);
}

static void
what_cannot_be_used_is_1_and_named(void **state)
{
    char *script = temp_dir_path(dir, "script"), *err;
    const char *const argv[] = {SIM_PROC_PROGRAM, "--pki", dir,
                                "--script",       script,  NULL};

    (void)state;
    assert_int_equal(run_program(&err, "--pki", "/nonexistent", NULL), 1);
    assert_non_null(strstr(err, "/nonexistent/server.pem"));
    free(err);
    temp_dir_write(script, "# comment\n\nlatency 5\nevery day stall\n");
    assert_int_equal(child_run(argv, NULL, &err), 1);
    assert_non_null(strstr(err, "line 4"));
    free(err);
    free(script);
}

#define TEST(name) cmocka_unit_test_teardown(name, mend)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_push_is_accepted_and_counted),
        TEST(the_first_settings_are_apples),
        TEST(a_wrong_topic_is_told),
        TEST(answers_come_as_told),
        TEST(a_410_has_a_timestamp_of_itself),
        TEST(the_ledger_knows_each_token),
        TEST(refused_and_reset_streams_are_not_accepted),
        TEST(a_stalled_push_is_never_answered),
        TEST(latency_delays_one_push_and_not_the_other),
        TEST(a_push_cancelled_while_delayed_is_not_accepted),
        TEST(a_goaway_for_all_lets_the_push_finish),
        TEST(a_goaway_for_none_processes_nothing),
        TEST(a_goaway_divides_streams_where_told),
        TEST(a_goaway_at_once_reaches_every_connection),
        TEST(closing_is_a_tcp_reset),
        TEST(the_stream_limit_changes_live),
        TEST(alerts_are_sent_as_told),
        TEST(faulty_certificates_are_refused_of_themselves),
        TEST(a_client_without_certificate_is_refused),
        TEST(a_certificate_without_topic_gets_403),
        TEST(the_wrong_environment_is_a_goaway),
        TEST(pings_are_acknowledged_unless_told),
        TEST(a_mute_connection_says_nothing),
        TEST(connections_beyond_the_cap_are_reset),
        TEST(connections_are_refused_when_told),
        TEST(bad_directives_are_answered_with_an_error),
        TEST(two_versions_only_speak_what_they_are_told),
        TEST(the_ledger_is_written_at_the_end),
        TEST(null_mode_answers_and_takes_faults),
        TEST(wrong_usage_is_2_and_named),
        TEST(what_cannot_be_used_is_1_and_named),
    };

    return cmocka_run_group_tests(tests, start_all, stop_all);
}
