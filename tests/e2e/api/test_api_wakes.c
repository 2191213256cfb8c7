/* SPDX-License-Identifier: MIT */

/*
 * /v1/wakes, /v1/waves and what they leave in /v1/status, /metrics and
 * /v1/events.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api_stage.h"
#include "tests/e2e/e2e_stage.h"
#include "tests/support/unit.h"

EACH(api_stage_set_up, api_stage_tear_down);

TEST(a_wake_that_waits_tells_apns_answer)
{
    struct api_stage *stage = *state;
    char token[65];
    json_t *json;

    api_stage_token(1, token);
    api_stage_enroll(stage, "A", API_STAGE_TOPIC, token);
    json =
        daemon_proc_json(stage->daemon, "POST", "/v1/wakes",
                         "{\"ids\":[\"A\",\"X\",\"A\"],\"wait_s\":100}", 200);
    assert_string_equal(api_stage_text(json, "wakes.0.id"), "A");
    assert_string_equal(api_stage_text(json, "wakes.0.asked"), "new");
    assert_string_equal(api_stage_text(json, "wakes.0.result.outcome"),
                        "accepted");
    assert_int_equal(api_stage_number(json, "wakes.0.result.status"), 200);
    assert_int_equal(strlen(api_stage_text(json, "wakes.0.result.apns_id")),
                     36);
    assert_string_equal(api_stage_text(json, "wakes.1.asked"), "unknown");
    assert_string_equal(api_stage_text(json, "wakes.2.id"), "A");
    json_decref(json);
    json = api_stage_pushed(stage, "A");
    assert_int_equal(api_stage_number(json, "last_push.status"), 200);
    json_decref(json);
}

TEST(a_wake_is_taken_at_once_without_waiting)
{
    struct api_stage *stage = *state;
    char token[65];
    json_t *json;

    api_stage_token(2, token);
    api_stage_enroll(stage, "A", API_STAGE_TOPIC, token);
    json = daemon_proc_json(stage->daemon, "POST", "/v1/wakes",
                            "{\"ids\":[\"A\"],\"until\":\"accepted\","
                            "\"deadline_s\":60}",
                            202);
    assert_null(json_object_get(
        json_array_get(json_object_get(json, "wakes"), 0), "result"));
    json_decref(json);
    api_stage_await_sim(stage, "accepted", 1);
    assert_int_equal(sim_proc_accepted(stage->sim, token), 1);
}

TEST(a_waiting_wake_is_shown_merged_and_cancelled)
{
    struct api_stage *stage = *state;
    char token[65];
    json_t *json;

    api_stage_token(3, token);
    /* no certificate for it: the wake has to wait */
    api_stage_enroll(stage, "W", "com.apple.mgmt.none", token);
    daemon_proc_do(stage->daemon, "GET", "/v1/wakes/W", NULL, 404);
    daemon_proc_do(stage->daemon, "POST", "/v1/wakes", "{\"ids\":[\"W\"]}",
                   202);
    for (int64_t since_ms = e2e_stage_now();;) {
        bool is_in_flight;

        json = daemon_proc_json(stage->daemon, "GET", "/v1/wakes/W", NULL, 200);
        is_in_flight = json_is_true(json_object_get(json, "in_flight"));
        assert_string_equal(api_stage_text(json, "id"), "W");
        assert_string_equal(api_stage_text(json, "until"), "accepted");
        json_decref(json);
        if (!is_in_flight)
            break;
        e2e_stage_pause(since_ms, "a wake that rests");
    }
    json = daemon_proc_json(stage->daemon, "POST", "/v1/wakes",
                            "{\"ids\":[\"W\"],\"wait_s\":0}", 202);
    assert_string_equal(api_stage_text(json, "wakes.0.asked"), "merged");
    json_decref(json);
    for (int64_t since_ms = e2e_stage_now();;) {
        struct http_answer answer;
        long status;

        daemon_proc_send(stage->daemon, "DELETE", "/v1/wakes/W", NULL, NULL,
                         &answer);
        status = answer.status;
        http_call_free(&answer);
        if (status == 204)
            break;
        e2e_stage_pause(since_ms, "a wake that can be cancelled");
    }
    daemon_proc_do(stage->daemon, "GET", "/v1/wakes/W", NULL, 404);
    daemon_proc_do(stage->daemon, "DELETE", "/v1/wakes/W", NULL, 404);
}

TEST(wrong_wakes_are_refused)
{
    struct api_stage *stage = *state;

    api_stage_refuse(stage, "POST", "/v1/wakes", "{}", 400, "invalid", "ids");
    api_stage_refuse(stage, "POST", "/v1/wakes", "{\"ids\":[]}", 400, "invalid",
                     "1 to 32768");
    api_stage_refuse(stage, "POST", "/v1/wakes", "{\"ids\":\"A\"}", 400,
                     "invalid", "ids must be an array, not a string");
    api_stage_refuse(stage, "POST", "/v1/wakes", "{\"ids\":[\"\"]}", 400,
                     "invalid", "ids[0]");
    api_stage_refuse(stage, "POST", "/v1/wakes",
                     "{\"ids\":[\"A\"],\"until\":\"never\"}", 400, "invalid",
                     "until");
    api_stage_refuse(stage, "POST", "/v1/wakes",
                     "{\"ids\":[\"A\"],\"wait_s\":301}", 400, "invalid",
                     "wait_s must be 0 to 300");
    api_stage_refuse(stage, "POST", "/v1/wakes",
                     "{\"ids\":[\"A\"],\"deadline_s\":0}", 400, "invalid",
                     "deadline_s");
    api_stage_refuse(stage, "POST", "/v1/wakes",
                     "{\"ids\":[\"A\"],\"wait_s\":1,\"deadline_s\":9}", 400,
                     "invalid", "together");
    api_stage_refuse(stage, "POST", "/v1/wakes",
                     "{\"ids\":[\"A\"],\"until\":\"check-in\"}", 400, "invalid",
                     "check-in");
}

static json_t *
await_wave(struct api_stage *stage, int64_t id, const char *state)
{
    int64_t since_ms = e2e_stage_now();
    char path[64];

    snprintf(path, sizeof path, "/v1/waves/%lld", (long long)id);
    for (;;) {
        json_t *json = daemon_proc_json(stage->daemon, "GET", path, NULL, 200);

        if (strcmp(api_stage_text(json, "state"), state) == 0)
            return json;
        json_decref(json);
        e2e_stage_pause(since_ms, state);
    }
}

#define FLEET 50

static void
enroll_fleet(struct api_stage *stage)
{
    for (unsigned i = 0; i < FLEET; i++) {
        char token[65];
        char id[16];

        api_stage_token(100 + i, token);
        snprintf(id, sizeof id, "F-%u", i);
        api_stage_enroll(stage, id, API_STAGE_TOPIC, token);
    }
}

TEST(a_wave_reaches_everyone_once)
{
    struct api_stage *stage = *state;
    struct http_answer answer;
    char *location;
    json_t *json;

    enroll_fleet(stage);
    daemon_proc_send(stage->daemon, "POST", "/v1/waves", "application/json",
                     "{\"filter\":{\"topic\":\"" API_STAGE_TOPIC
                     "\",\"kinds\":[\"Device\"]},\"pace\":0}",
                     &answer);
    assert_int_equal(answer.status, 202);
    location = http_call_header(&answer, "Location");
    assert_string_equal(location, "/v1/waves/1");
    json = json_loads(answer.body, 0, NULL);
    assert_string_equal(api_stage_text(json, "filter.topic"), API_STAGE_TOPIC);
    assert_string_equal(api_stage_text(json, "filter.kinds.0"), "Device");
    assert_int_equal(api_stage_number(json, "counts.total"), FLEET);
    json_decref(json);
    http_call_free(&answer);
    free(location);
    json = await_wave(stage, 1, "done");
    assert_int_equal(api_stage_number(json, "counts.accepted"), FLEET);
    assert_non_null(api_stage_text(json, "ended_at"));
    json_decref(json);
    for (unsigned i = 0; i < FLEET; i++) {
        char token[65];

        api_stage_token(100 + i, token);
        assert_int_equal(sim_proc_accepted(stage->sim, token), 1);
    }
    daemon_proc_do(stage->daemon, "DELETE", "/v1/waves/1", NULL, 409);
}

TEST(a_wave_is_listed_and_cancelled)
{
    struct api_stage *stage = *state;
    json_t *json;

    enroll_fleet(stage);
    daemon_proc_do(stage->daemon, "POST", "/v1/waves",
                   "{\"all\":true,\"pace\":1,\"deadline_s\":600}", 202);
    json =
        daemon_proc_json(stage->daemon, "GET", "/v1/waves?open=1", NULL, 200);
    assert_int_equal(json_array_size(json_object_get(json, "waves")), 1);
    assert_int_equal(api_stage_number(json, "waves.0.pace"), 1);
    json_decref(json);
    json = daemon_proc_json(stage->daemon, "DELETE", "/v1/waves/1", NULL, 200);
    assert_string_equal(api_stage_text(json, "state"), "cancelled");
    json_decref(json);
    daemon_proc_do(stage->daemon, "DELETE", "/v1/waves/1", NULL, 409);
    json =
        daemon_proc_json(stage->daemon, "GET", "/v1/waves?open=1", NULL, 200);
    assert_int_equal(json_array_size(json_object_get(json, "waves")), 0);
    json_decref(json);
}

TEST(wrong_waves_are_refused)
{
    struct api_stage *stage = *state;

    api_stage_refuse(stage, "POST", "/v1/waves", "{}", 400, "invalid",
                     "\"all\": true");
    api_stage_refuse(stage, "POST", "/v1/waves", "{\"filter\":{}}", 400,
                     "invalid", "empty");
    api_stage_refuse(stage, "POST", "/v1/waves",
                     "{\"filter\":{\"kinds\":[\"Toaster\"]}}", 400, "invalid",
                     "filter.kinds[0]");
    api_stage_refuse(stage, "POST", "/v1/waves", "{\"filter\":{\"colour\":1}}",
                     400, "invalid", "filter: unknown field \"colour\"");
    api_stage_refuse(stage, "POST", "/v1/waves",
                     "{\"all\":true,\"pace\":1000001}", 400, "invalid", "pace");
    api_stage_refuse(stage, "POST", "/v1/waves",
                     "{\"all\":true,\"until\":\"check-in\"}", 400, "invalid",
                     "check-in");
    api_stage_refuse(stage, "GET", "/v1/waves/77", NULL, 404, "not_found",
                     "no wave 77");
    api_stage_refuse(stage, "GET", "/v1/waves/x", NULL, 404, "not_found", "x");
    api_stage_refuse(stage, "DELETE", "/v1/waves/77", NULL, 404, "not_found",
                     "no wave 77");
}

TEST(what_happened_can_be_seen)
{
    struct api_stage *stage = *state;
    struct http_answer answer;
    char token[65];
    json_t *json;

    api_stage_token(7, token);
    api_stage_enroll(stage, "A", API_STAGE_TOPIC, token);
    daemon_proc_do(stage->daemon, "POST", "/v1/wakes",
                   "{\"ids\":[\"A\"],\"wait_s\":100}", 200);
    json = daemon_proc_json(stage->daemon, "GET", "/v1/status", NULL, 200);
    assert_int_equal(api_stage_number(json, "pushes.results.accepted"), 1);
    assert_int_equal(api_stage_number(json, "connections.open"), 1);
    assert_string_equal(api_stage_text(json, "pushcerts.0.state"), "ready");
    assert_string_equal(api_stage_text(json, "pushcerts.0.life"), "active");
    json_decref(json);
    json =
        daemon_proc_json(stage->daemon, "GET", "/v1/events?limit=1", NULL, 200);
    assert_string_equal(api_stage_text(json, "events.0.kind"),
                        "pushcert.imported");
    assert_string_equal(api_stage_text(json, "events.0.subject"),
                        API_STAGE_TOPIC);
    json_decref(json);
    json = daemon_proc_json(stage->daemon, "GET", "/v1/events?after=1000", NULL,
                            200);
    assert_int_equal(json_array_size(json_object_get(json, "events")), 0);
    json_decref(json);
    daemon_proc_send(stage->daemon, "GET", "/metrics", NULL, NULL, &answer);
    assert_int_equal(answer.status, 200);
    assert_non_null(
        strstr(answer.body, "\nrouse_pushes_total{class=\"accepted\"} 1\n"));
    assert_non_null(strstr(answer.body,
                           "\nrouse_enrollments{topic=\"" API_STAGE_TOPIC
                           "\",state=\"enabled\"} 1\n"));
    assert_non_null(strstr(answer.body, "\nrouse_pushcert_expiry_seconds{"));
    assert_non_null(
        strstr(answer.body, "\nrouse_push_latency_seconds_count 1\n"));
    assert_non_null(strstr(answer.body, "\nprocess_open_fds "));
    http_call_free(&answer);
    /* A label's value is a string of its own grammar. */
    daemon_proc_do(stage->daemon, "PUT", "/v1/enrollments/odd",
                   "{\"topic\":\"a\\\"b\\\\c\",\"token\":\"ab\","
                   "\"push_magic\":\"M\"}",
                   200);
    daemon_proc_send(stage->daemon, "GET", "/metrics", NULL, NULL, &answer);
    assert_non_null(strstr(answer.body, "topic=\"a\\\"b\\\\c\""));
    http_call_free(&answer);
}
