/* SPDX-License-Identifier: MIT */

/*
 * The webhook of the real daemon: signed, kept over kill -9, tried again,
 * never elsewhere, and never in the way of a wake.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/e2e/api/api_stage.h"
#include "tests/support/hook_server.h"
#include "tests/support/pki_make.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unit.h"

#define KEY     "a key of thirty-one characters."
#define N_WAKES 200

struct hook_stage {
    char *pki; /* of the receivers */
    struct hook_server *server;
    struct api_stage *api;
    int n_raised;
};

/* Whoever hangs there does so until the end of the test. */
static int
set_up(void **state)
{
    struct hook_stage *stage = calloc(1, sizeof *stage);
    char url[64];
    char *ca;

    assert_non_null(stage);
    stage->pki = temp_dir_new();
    free(pki_make(SIM_PROC_PROGRAM, stage->pki, API_STAGE_TOPIC, NULL));
    ca = temp_dir_path(stage->pki, "ca.pem");
    stage->server = hook_server_new(stage->pki);
    snprintf(url, sizeof url, "https://127.0.0.1:%u/alerts",
             hook_server_port(stage->server));
    stage->api = api_stage_new((const char *const[]){
        "--alerts-webhook-url", url, "--alerts-webhook-key", KEY,
        "--alerts-webhook-ca-file", ca, "--alerts-timeout-s", "300", NULL});
    free(ca);
    *state = stage;
    return 0;
}

static int
tear_down(void **state)
{
    struct hook_stage *stage = *state;

    api_stage_free(stage->api);
    hook_server_free(stage->server);
    temp_dir_free(stage->pki);
    free(stage);
    return 0;
}

EACH(set_up, tear_down);

/* A certificate that expires in three weeks is told of at once. Its topic,
   to free(). */
static char *
raise_alert(struct hook_stage *stage)
{
    struct daemon_proc *daemon = stage->api->daemon;
    struct http_answer answer;
    char topic[64];
    char *pem;

    snprintf(topic, sizeof topic, "com.apple.mgmt.External.hook-%d.",
             ++stage->n_raised);
    pem = pki_make_days(SIM_PROC_PROGRAM, stage->api->pki_dir, topic, NULL, 21);
    daemon_proc_send(daemon, "PUT", "/v1/pushcerts?add=1&test=0", NULL, pem,
                     &answer);
    assert_int_equal(answer.status, 200);
    http_call_free(&answer);
    daemon_proc_await(daemon, "event=alert.expiry");
    free(pem);
    return strdup(topic);
}

static bool
is_about(struct hook_stage *stage, size_t i, const char *topic)
{
    return strstr(hook_server_body(stage->server, i), topic) != NULL;
}

TEST(an_alert_arrives_as_signed_json)
{
    struct hook_stage *stage = *state;
    char *topic = raise_alert(stage);
    json_t *json;

    daemon_proc_await(stage->api->daemon, "event=alert_delivered");
    assert_int_equal(hook_server_count(stage->server), 1);
    assert_true(hook_server_is_signed(stage->server, 0, KEY));
    assert_false(hook_server_is_signed(stage->server, 0, "another key"));
    assert_non_null(strstr(hook_server_request(stage->server, 0),
                           "Content-Type: application/json\r\n"));
    json = json_loads(hook_server_body(stage->server, 0), 0, NULL);
    assert_string_equal(api_stage_text(json, "kind"), "expiry");
    assert_string_equal(api_stage_text(json, "topic"), topic);
    assert_string_equal(api_stage_text(json, "severity"), "notice");
    assert_string_equal(api_stage_text(json, "state"), "open");
    assert_int_equal(api_stage_number(json, "threshold_days"), 30);
    assert_true(api_stage_number(json, "id") > 0);
    json_decref(json);
    free(topic);
}

/* What was refused before the kill comes after it, and then never again. */
TEST(what_was_not_delivered_comes_after_a_kill)
{
    struct hook_stage *stage = *state;
    struct daemon_proc *daemon = stage->api->daemon;
    char *topic, *other;
    size_t n;

    hook_server_set(stage->server, HOOK_SERVER_FAILS);
    topic = raise_alert(stage);
    daemon_proc_await(daemon, "event=alert_not_delivered");
    daemon_proc_kill(daemon);
    n = hook_server_count(stage->server);
    assert_true(n >= 1);
    hook_server_set(stage->server, HOOK_SERVER_TAKES);
    daemon_proc_again(daemon);
    daemon_proc_await(daemon, "event=alert_delivered");
    assert_int_equal(hook_server_count(stage->server), n + 1);
    assert_true(is_about(stage, n, topic));
    assert_true(hook_server_is_signed(stage->server, n, KEY));
    other = raise_alert(stage);
    daemon_proc_await(daemon, "event=alert_delivered");
    assert_int_equal(hook_server_count(stage->server), n + 2);
    assert_true(is_about(stage, n + 1, other));
    free(topic);
    free(other);
}

/* Killed while the receiver has it and has not answered: it may come twice,
   and must not come never. */
TEST(what_was_under_way_comes_again_after_a_kill)
{
    struct hook_stage *stage = *state;
    struct daemon_proc *daemon = stage->api->daemon;
    char *topic;

    hook_server_set(stage->server, HOOK_SERVER_HANGS);
    topic = raise_alert(stage);
    hook_server_await(stage->server, 1);
    daemon_proc_kill(daemon);
    hook_server_set(stage->server, HOOK_SERVER_TAKES);
    daemon_proc_again(daemon);
    daemon_proc_await(daemon, "event=alert_delivered");
    assert_int_equal(hook_server_count(stage->server), 2);
    assert_true(is_about(stage, 1, topic));
    assert_string_equal(hook_server_body(stage->server, 0),
                        hook_server_body(stage->server, 1));
    free(topic);
}

TEST(a_failure_is_tried_again_after_a_second_or_so)
{
    struct hook_stage *stage = *state;
    struct daemon_proc *daemon = stage->api->daemon;
    const char *line;
    unsigned long again_ms;

    hook_server_set(stage->server, HOOK_SERVER_FAILS);
    free(raise_alert(stage));
    daemon_proc_await(daemon, "event=alert_not_delivered");
    hook_server_set(stage->server, HOOK_SERVER_TAKES);
    line = strstr(daemon->log, "event=alert_not_delivered");
    assert_non_null(line);
    assert_non_null(strstr(line, "answered 500"));
    assert_non_null(strstr(line, "attempt=1 again_ms="));
    again_ms = strtoul(strstr(line, "again_ms=") + 9, NULL, 10);
    assert_in_range(again_ms, 750, 1250);
    daemon_proc_await(daemon, "event=alert_delivered");
    assert_string_equal(hook_server_body(stage->server, 0),
                        hook_server_body(stage->server, 1));
}

TEST(a_redirect_to_another_host_leads_nowhere)
{
    struct hook_stage *stage = *state;
    struct hook_server *other = hook_server_new(stage->pki);
    char address[64];

    snprintf(address, sizeof address, "https://localhost:%u/",
             hook_server_port(other));
    hook_server_redirect(stage->server, address);
    free(raise_alert(stage));
    daemon_proc_await(stage->api->daemon, "no redirect is followed");
    assert_int_equal(hook_server_count(other), 0);
    /* It stays for the one that it was meant for. */
    hook_server_set(stage->server, HOOK_SERVER_TAKES);
    daemon_proc_await(stage->api->daemon, "event=alert_delivered");
    assert_int_equal(hook_server_count(other), 0);
    hook_server_free(other);
}

static void
wake_all(struct hook_stage *stage)
{
    json_t *ids = json_array(), *json, *wake;
    char *body;
    size_t i;

    for (unsigned k = 0; k < N_WAKES; k++) {
        char id[16], token[65];

        snprintf(id, sizeof id, "D%u", k);
        api_stage_token(k + 1, token);
        api_stage_enroll(stage->api, id, API_STAGE_TOPIC, token);
        json_array_append_new(ids, json_string(id));
    }
    json = json_pack("{s:o, s:i}", "ids", ids, "wait_s", 100);
    body = json_dumps(json, 0);
    json_decref(json);
    json = daemon_proc_json(stage->api->daemon, "POST", "/v1/wakes", body, 200);
    assert_int_equal(json_array_size(json_object_get(json, "wakes")), N_WAKES);
    json_array_foreach(json_object_get(json, "wakes"), i, wake)
        assert_string_equal(api_stage_text(wake, "result.outcome"), "accepted");
    json_decref(json);
    free(body);
}

TEST(a_receiver_that_hangs_holds_up_no_wake)
{
    struct hook_stage *stage = *state;

    hook_server_set(stage->server, HOOK_SERVER_HANGS);
    free(raise_alert(stage));
    hook_server_await(stage->server, 1);
    wake_all(stage);
    /* All this time it has hung in the first request. */
    assert_int_equal(hook_server_count(stage->server), 1);
    assert_null(strstr(stage->api->daemon->log, "event=alert_not_delivered"));
    assert_null(strstr(stage->api->daemon->log, "event=alert_delivered"));
}
