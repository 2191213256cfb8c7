/* SPDX-License-Identifier: MIT */

/*
 * NanoMDM's paths: what its clients see, byte for byte.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api_stage.h"

#include "tests/support/http_raw.h"
#include "tests/support/pki_make.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unit.h"

EACH(api_stage_set_up, api_stage_tear_down);

/* The answer to a push of ids of which one was accepted has an id that APNs
   chose; it is cut out before the comparison. */
static void
expect_push(struct api_stage *stage, const char *ids, long status,
            const char *wanted)
{
    struct http_answer answer;
    char path[512];
    char *at;

    snprintf(path, sizeof path, "/v1/push/%s", ids);
    daemon_proc_send(stage->daemon, "GET", path, NULL, NULL, &answer);
    for (at = answer.body; (at = strstr(at, "_result\": \"")) != NULL;) {
        at += strlen("_result\": \"");
        assert_true(strlen(at) > 36 && at[36] == '"');
        memmove(at, at + 36, strlen(at + 36) + 1);
    }
    if (answer.status != status)
        fail_msg("%ld: %s", answer.status, answer.body);
    assert_string_equal(answer.body, wanted);
    http_call_free(&answer);
}

#define TOKEN_A \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define TOKEN_B \
    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

TEST(pushes_are_answered_per_id)
{
    struct api_stage *stage = *state;

    api_stage_enroll(stage, "A", API_STAGE_TOPIC, TOKEN_A);
    expect_push(stage, "A", 200,
                "{\n\t\"status\": {\n\t\t\"A\": {\n\t\t\t\"push_result\": "
                "\"\"\n\t\t}\n\t}\n}\n");
    expect_push(stage, "A,%3Cx%3E", 207,
                "{\n\t\"status\": {\n"
                "\t\t\"\\u003cx\\u003e\": {\n\t\t\t\"push_error\": \"push data "
                "missing for id\"\n\t\t},\n"
                "\t\t\"A\": {\n\t\t\t\"push_result\": \"\"\n\t\t}\n\t}\n}\n");
    assert_int_equal(sim_proc_accepted(stage->sim, TOKEN_A), 2);
}

/* It is not waited for an answer that cannot come. */
TEST(a_pause_that_apns_asks_for_is_told)
{
    struct api_stage *stage = *state;
    struct http_answer answer;
    json_t *json;

    api_stage_enroll(stage, "A", API_STAGE_TOPIC, TOKEN_A);
    sim_proc_tell(stage->sim, "token " TOKEN_A
                              " answer 429 TooManyRequests retry-after=600");
    daemon_proc_do(stage->daemon, "GET", "/v1/push/A", NULL, 500);
    json = api_stage_pushed(stage, "A"); /* it is on the disk */
    assert_int_equal(strlen(api_stage_text(json, "last_push.not_before")), 24);
    json_decref(json);
    daemon_proc_send(stage->daemon, "GET", "/v1/push/A", NULL, NULL, &answer);
    assert_int_equal(answer.status, 500);
    assert_non_null(strstr(answer.body, "\"push_error\": \"waiting until 2"));
    assert_non_null(strstr(answer.body, "Z because APNs asked for it\""));
    http_call_free(&answer);
    json = daemon_proc_json(stage->daemon, "POST", "/v1/wakes",
                            "{\"ids\":[\"A\"]}", 202);
    assert_string_equal(api_stage_text(json, "wakes.0.asked"), "merged");
    assert_int_equal(strlen(api_stage_text(json, "wakes.0.not_before")), 24);
    json_decref(json);
    assert_int_equal(sim_proc_stat(stage->sim, "pushes"), 1);
}

TEST(unknown_ids_are_counted_as_often_as_given)
{
    struct api_stage *stage = *state;

    expect_push(stage, "X", 500,
                "{\n\t\"status\": {\n\t\t\"X\": {\n\t\t\t\"push_error\": "
                "\"push data missing for id\"\n\t\t}\n\t}\n}\n");
    expect_push(stage, "X,X", 207,
                "{\n\t\"status\": {\n\t\t\"X\": {\n\t\t\t\"push_error\": "
                "\"push data missing for id\"\n\t\t}\n\t}\n}\n");
    expect_push(stage, "", 500,
                "{\n\t\"push_error\": \"getting enrollment ids: empty "
                "path\"\n}\n");
}

TEST(what_can_be_no_id_keeps_no_other_from_being_woken)
{
    struct api_stage *stage = *state;
    char path[700] = "/v1/push/A,";

    api_stage_enroll(stage, "A", API_STAGE_TOPIC, TOKEN_A);
    expect_push(stage, "A,", 207,
                "{\n\t\"status\": {\n\t\t\"\": {\n\t\t\t\"push_error\": \"push "
                "data missing for id\"\n\t\t},\n"
                "\t\t\"A\": {\n\t\t\t\"push_result\": \"\"\n\t\t}\n\t}\n}\n");
    memset(path + strlen(path), 'x', sizeof path - strlen(path) - 1);
    api_stage_expect(stage, "GET", path, NULL, NULL, 207, NULL);
    assert_int_equal(sim_proc_accepted(stage->sim, TOKEN_A), 2);
}

TEST(a_dead_token_is_told_with_its_time)
{
    struct api_stage *stage = *state;

    api_stage_enroll(stage, "B", API_STAGE_TOPIC, TOKEN_B);
    sim_proc_tell(stage->sim,
                  "token %s answer 410 Unregistered "
                  "timestamp=1454402113000",
                  TOKEN_B);
    expect_push(stage, "B", 500,
                "{\n\t\"status\": {\n\t\t\"B\": {\n\t\t\t\"push_error\": "
                "\"push HTTP status: 410: APNs push error: Unregistered: "
                "timestamp 1454402113000\",\n\t\t\t\"push_result\": "
                "\"\"\n\t\t}\n\t}\n}\n");
}

TEST(a_refused_token_is_told_each_time_and_pushed_to_once)
{
    struct api_stage *stage = *state;
    char token[65];

    api_stage_token(9, token);
    api_stage_enroll(stage, "S", API_STAGE_TOPIC, token);
    sim_proc_tell(stage->sim, "answer 410 Unregistered");
    daemon_proc_do(stage->daemon, "GET", "/v1/push/S", NULL, 500);
    json_decref(api_stage_pushed(stage, "S"));
    expect_push(stage, "S", 500,
                "{\n\t\"status\": {\n\t\t\"S\": {\n\t\t\t"
                "\"push_error\": \"push HTTP status: 410: APNs push error: "
                "Unregistered: not pushed again before its next "
                "TokenUpdate\",\n\t\t\t\"push_result\": \"\"\n\t\t}"
                "\n\t}\n}\n");
    assert_int_equal(sim_proc_stat(stage->sim, "pushes"), 1);
}

TEST(what_was_never_refused_is_told_by_its_state)
{
    struct api_stage *stage = *state;

    daemon_proc_do(stage->daemon, "PUT", "/v1/enrollments/D",
                   "{\"topic\":\"" API_STAGE_TOPIC
                   "\",\"token\":\"00ff\",\"push_magic\":\"m\","
                   "\"state\":\"dead\"}",
                   200);
    expect_push(stage, "D", 500,
                "{\n\t\"status\": {\n\t\t\"D\": {\n\t\t\t"
                "\"push_error\": \"enrollment is dead; it is pushed again "
                "after its next TokenUpdate\"\n\t\t}\n\t}\n}\n");
}

TEST(a_topic_without_certificate_fails_the_whole_request)
{
    struct api_stage *stage = *state;

    api_stage_enroll(stage, "A", API_STAGE_TOPIC, TOKEN_A);
    api_stage_enroll(stage, "N", "com.apple.mgmt.none", TOKEN_B);
    expect_push(stage, "A,N", 500,
                "{\n\t\"status\": {\n\t\t\"A\": {\n\t\t\t\"push_result\": "
                "\"\"\n\t\t}\n\t},\n\t\"push_error\": \"retrieving push cert "
                "for topic \\\"com.apple.mgmt.none\\\": sql: no rows in "
                "result set\"\n}\n");
}

#define N_MANY  1700 /* UDIDs: nearly 64 KiB */
#define LAST_ID "A678-000000001699"

TEST(long_lists_of_ids_fit_into_the_path)
{
    struct api_stage *stage = *state;
    int fd = http_raw_open(stage->daemon->socket, 0);
    char *answer;

    http_raw_say(fd, "GET /v1/push/");
    for (int i = 0; i < N_MANY; i++) {
        char id[64];

        snprintf(id, sizeof id, "%s99385AF6-44CB-5621-A678-%012d",
                 i == 0 ? "" : ",", i);
        http_raw_say(fd, id);
    }
    http_raw_say(fd, " HTTP/1.1\r\nHost: x\r\n"
                     "Connection: close\r\n\r\n");
    answer = http_raw_read(fd);
    assert_memory_equal(answer, "HTTP/1.1 500 ", 13);
    assert_non_null(strstr(answer, LAST_ID "\": {"));
    free(answer);
}

TEST(certificates_are_put_and_shown)
{
    struct api_stage *stage = *state;
    char *pem = temp_dir_read(stage->cert, NULL);
    struct http_answer put;
    struct http_answer get;

    daemon_proc_send(stage->daemon, "PUT", "/v1/pushcert", NULL, pem, &put);
    daemon_proc_send(stage->daemon, "GET",
                     "/v1/pushcert?topic=" API_STAGE_TOPIC, NULL, NULL, &get);
    assert_int_equal(put.status, 200);
    assert_int_equal(get.status, 200);
    assert_string_equal(put.body, get.body);
    assert_memory_equal(put.body, "{\n\t\"not_after\": \"20", 19);
    assert_string_equal(put.body + strlen("{\n\t\"not_after\": \"") +
                            strlen("2026-01-07T04:04:46Z"),
                        "\",\n\t\"topic\": \"" API_STAGE_TOPIC "\"\n}\n");
    http_call_free(&put);
    http_call_free(&get);
    free(pem);
}

TEST(an_older_certificate_is_refused)
{
    struct api_stage *stage = *state;
    char *older = pki_make_days(SIM_PROC_PROGRAM, stage->pki_dir,
                                API_STAGE_TOPIC, NULL, 30);
    struct http_answer before;
    struct http_answer answer;
    struct http_answer after;

    daemon_proc_send(stage->daemon, "GET",
                     "/v1/pushcert?topic=" API_STAGE_TOPIC, NULL, NULL,
                     &before);
    daemon_proc_send(stage->daemon, "PUT", "/v1/pushcert", NULL, older,
                     &answer);
    assert_int_equal(answer.status, 409);
    assert_non_null(strstr(answer.body, "expires before the one in force"));
    daemon_proc_send(stage->daemon, "GET",
                     "/v1/pushcert?topic=" API_STAGE_TOPIC, NULL, NULL, &after);
    assert_string_equal(before.body, after.body);
    http_call_free(&before);
    http_call_free(&answer);
    http_call_free(&after);
    free(older);
}

static void
expect_cert_refused(struct api_stage *stage, const char *fault,
                    const char *wanted)
{
    char *file =
        pki_make(SIM_PROC_PROGRAM, stage->pki_dir, API_STAGE_TOPIC, fault);
    char *pem = temp_dir_read(file, NULL);
    struct http_answer answer;

    daemon_proc_send(stage->daemon, "PUT", "/v1/pushcert", NULL, pem, &answer);
    assert_int_equal(answer.status, 400);
    assert_string_equal(answer.body, wanted);
    http_call_free(&answer);
    free(pem);
    free(file);
}

TEST(refused_certificates_are_told_as_nanomdm_does)
{
    struct api_stage *stage = *state;

    expect_cert_refused(stage, "no-uid",
                        "{\n\t\"error\": \"no APNs Topic found\"\n}\n");
    expect_cert_refused(stage, "key-mismatch",
                        "{\n\t\"error\": \"tls: private key does not match "
                        "public key\"\n}\n");
    api_stage_expect(stage, "PUT", "/v1/pushcert", NULL,
                     "-----BEGIN X-----\nAAAA\n-----END X-----\n", 400,
                     "{\n\t\"error\": \"unrecognized PEM type: "
                     "\\\"X\\\"\"\n}\n");
    api_stage_expect(stage, "GET", "/v1/pushcert", NULL, NULL, 400,
                     "{\n\t\"error\": \"missing required query parameter: "
                     "topic\"\n}\n");
    api_stage_expect(stage, "GET", "/v1/pushcert?topic=com.apple.mgmt.none",
                     NULL, NULL, 500,
                     "{\n\t\"error\": \"sql: no rows in result set\"\n}\n");
    api_stage_expect(stage, "DELETE", "/v1/pushcert", NULL, NULL, 405,
                     "Method Not Allowed\n");
}

TEST(version_has_no_newline)
{
    struct api_stage *stage = *state;

    api_stage_expect(stage, "GET", "/version", NULL, NULL, 200,
                     "{\"version\":\"v" ROUSE_VERSION "\"}");
}
