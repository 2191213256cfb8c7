/* SPDX-License-Identifier: MIT */

/*
 * API keys on TCP: who gets in, and what they may see and do.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api_stage.h"
#include "tests/support/unit.h"

#define OTHER_TOPIC "com.apple.mgmt.External.other"
#define TOKEN_A \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define TOKEN_B \
    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static int
set_up(void **state)
{
    const char *const options[] = {"--listen", "127.0.0.1:0", NULL};
    struct api_stage *stage = api_stage_new(options);

    api_stage_enroll(stage, "A", API_STAGE_TOPIC, TOKEN_A);
    api_stage_enroll(stage, "B", OTHER_TOPIC, TOKEN_B);
    *state = stage;
    return 0;
}

EACH(set_up, api_stage_tear_down);

/* A key made over the socket; the caller frees it. */
static char *
make_key(struct api_stage *stage, const char *verbs, const char *topic)
{
    char body[512];
    char *key;
    json_t *json;

    snprintf(body, sizeof body,
             "{\"name\":\"test\",\"verbs\":[%s],\"topic\":\"%s\"}", verbs,
             topic);
    json = daemon_proc_json(stage->daemon, "POST", "/v1/keys", body, 201);
    key = strdup(api_stage_text(json, "key"));
    json_decref(json);
    return key;
}

static void
send_tcp(struct api_stage *stage, const char *key, const char *method,
         const char *path, const char *body, struct http_answer *answer)
{
    char header[256] = "X-Nothing: x";
    const char *const headers[] = {header, "Content-Type: application/json",
                                   NULL};
    struct http_call call = {.port = stage->daemon->port,
                             .method = method,
                             .path = path,
                             .headers = headers,
                             .body = body};

    if (key != NULL)
        snprintf(header, sizeof header, "Authorization: Bearer %s", key);
    http_call_send(&call, answer);
}

static void
expect_tcp(struct api_stage *stage, const char *key, const char *method,
           const char *path, const char *body, long status, const char *part)
{
    struct http_answer answer;

    send_tcp(stage, key, method, path, body, &answer);
    if (answer.status != status || strstr(answer.body, part) == NULL)
        fail_msg("%s %s: %ld %s", method, path, answer.status, answer.body);
    http_call_free(&answer);
}

TEST(without_a_key_nothing_is_told)
{
    struct api_stage *stage = *state;
    struct http_answer answer;
    char *realm;

    send_tcp(stage, NULL, "GET", "/v1/enrollments", NULL, &answer);
    assert_int_equal(answer.status, 401);
    assert_non_null(strstr(answer.body, "\"code\":\"unauthorized\""));
    realm = http_call_header(&answer, "WWW-Authenticate");
    assert_string_equal(realm, "Bearer realm=\"rouse\"");
    free(realm);
    http_call_free(&answer);
    expect_tcp(stage, NULL, "GET", "/v1/nothing", NULL, 401, "unauthorized");
    expect_tcp(stage, NULL, "PATCH", "/v1/status", NULL, 401, "unauthorized");
    expect_tcp(stage, NULL, "GET", "/metrics", NULL, 401, "unauthorized");
    expect_tcp(stage, NULL, "GET", "/version", NULL, 200, "version");
    expect_tcp(stage, NULL, "GET", "/healthz", NULL, 200, "ok");
}

TEST(a_name_cannot_forge_what_the_log_says)
{
    struct api_stage *stage = *state;
    json_t *json = daemon_proc_json(
        stage->daemon, "POST", "/v1/keys",
        "{\"name\":\"x\\\" forged=\\\"\",\"verbs\":[\"wake\"]}", 201);

    expect_tcp(stage, api_stage_text(json, "key"), "POST", "/v1/waves",
               "{\"all\":true}", 202, "\"id\"");
    json_decref(json);
    daemon_proc_await(stage->daemon, ":x\\\" forged=\\\"\" detail=");
}

TEST(nanomdms_paths_refuse_like_nanomdm)
{
    struct api_stage *stage = *state;
    struct http_answer answer;
    char *header;

    send_tcp(stage, NULL, "GET", "/v1/push/A", NULL, &answer);
    assert_int_equal(answer.status, 401);
    assert_string_equal(answer.body, "Unauthorized\n");
    header = http_call_header(&answer, "WWW-Authenticate");
    assert_string_equal(header, "Basic realm=\"nanomdm\"");
    free(header);
    header = http_call_header(&answer, "Content-Type");
    assert_string_equal(header, "text/plain; charset=utf-8");
    free(header);
    http_call_free(&answer);
}

TEST(wrong_keys_are_refused)
{
    struct api_stage *stage = *state;
    char *key = make_key(stage, "\"read\"", "");
    char wrong[128];

    expect_tcp(stage, key, "GET", "/v1/enrollments/A", NULL, 200, "\"A\"");
    snprintf(wrong, sizeof wrong, "%s", key);
    wrong[strlen(wrong) - 1] = wrong[strlen(wrong) - 1] == 'A' ? 'E' : 'A';
    expect_tcp(stage, wrong, "GET", "/v1/enrollments/A", NULL, 401, "");
    snprintf(wrong, sizeof wrong, "rouse_9%s", strrchr(key, '_'));
    expect_tcp(stage, wrong, "GET", "/v1/enrollments/A", NULL, 401, "");
    expect_tcp(stage, "x", "GET", "/v1/enrollments/A", NULL, 401, "not valid");
    free(key);
}

TEST(a_key_works_as_a_basic_password)
{
    struct api_stage *stage = *state;
    char *key = make_key(stage, "\"wake\"", "");
    char *credentials;
    struct http_call call = {
        .port = stage->daemon->port, .method = "GET", .path = "/v1/push/A"};
    struct http_answer answer;

    assert_true(asprintf(&credentials, "nanomdm:%s", key) > 0);
    call.user = credentials;
    http_call_send(&call, &answer);
    assert_int_equal(answer.status, 200);
    http_call_free(&answer);
    free(credentials);
    free(key);
}

TEST(a_missing_verb_is_named)
{
    struct api_stage *stage = *state;
    char *key = make_key(stage, "\"read\"", "");

    expect_tcp(stage, key, "POST", "/v1/wakes", "{\"ids\":[\"A\"]}", 403,
               "lacks the verb \\\"wake\\\"");
    expect_tcp(stage, key, "GET", "/v1/push/A", NULL, 403, "wake");
    expect_tcp(stage, key, "GET", "/v1/enrollments?secrets=1", NULL, 403,
               "export");
    expect_tcp(stage, key, "PUT", "/v1/enrollments/A", "{}", 403,
               "enrollments");
    expect_tcp(stage, key, "PUT", "/v1/pushcerts", "x", 403, "pushcert");
    expect_tcp(stage, key, "PUT", "/v1/checkin", "x", 403, "checkin");
    expect_tcp(stage, key, "GET", "/v1/keys", NULL, 403, "admin");
    assert_int_equal(sim_proc_accepted(stage->sim, TOKEN_A), 0);
    free(key);
}

TEST(a_topic_limited_key_sees_only_its_topic)
{
    struct api_stage *stage = *state;
    char *key = make_key(stage, "\"read\",\"wake\",\"enrollments\",\"admin\"",
                         API_STAGE_TOPIC);
    struct http_answer answer;

    expect_tcp(stage, key, "GET", "/v1/enrollments/A", NULL, 200, "\"A\"");
    expect_tcp(stage, key, "GET", "/v1/enrollments/B", NULL, 404, "not_found");
    expect_tcp(stage, key, "DELETE", "/v1/enrollments/B", NULL, 404, "");
    expect_tcp(stage, key, "GET", "/v1/wakes/B", NULL, 404, "");
    send_tcp(stage, key, "GET", "/v1/enrollments", NULL, &answer);
    assert_null(strstr(answer.body, OTHER_TOPIC));
    assert_non_null(strstr(answer.body, "\"A\""));
    http_call_free(&answer);
    expect_tcp(stage, key, "GET", "/v1/enrollments?topic=" OTHER_TOPIC, NULL,
               403, API_STAGE_TOPIC);
    expect_tcp(stage, key, "PUT", "/v1/enrollments/B",
               "{\"state\":\"disabled\",\"topic\":\"" API_STAGE_TOPIC "\"}",
               403, API_STAGE_TOPIC);
    expect_tcp(stage, key, "PUT", "/v1/enrollments/A",
               "{\"state\":\"disabled\",\"topic\":\"" OTHER_TOPIC "\"}", 403,
               API_STAGE_TOPIC);
    expect_tcp(stage, key, "GET", "/v1/events", NULL, 403, "all topics");
    expect_tcp(stage, key, "GET", "/metrics", NULL, 403, "all topics");
    expect_tcp(stage, key, "GET", "/v1/keys", NULL, 403, "all topics");
    expect_tcp(stage, key, "POST", "/v1/enrollments", "{}", 403, "all topics");
    expect_tcp(stage, key, "GET", "/v1/pushcerts/" API_STAGE_TOPIC, NULL, 200,
               API_STAGE_TOPIC);
    free(key);
}

TEST(a_topic_limited_key_wakes_only_its_topic)
{
    struct api_stage *stage = *state;
    char *key = make_key(stage, "\"wake\",\"read\"", API_STAGE_TOPIC);

    expect_tcp(stage, key, "POST", "/v1/wakes",
               "{\"ids\":[\"B\",\"A\",\"X\"],\"wait_s\":100}", 200,
               "{\"wakes\":[{\"id\":\"B\",\"asked\":\"unknown\","
               "\"state\":\"\",\"not_before\":null,\"result\":null},"
               "{\"id\":\"A\",\"asked\":"
               "\"new\"");
    expect_tcp(stage, key, "GET", "/v1/push/B", NULL, 500,
               "push data missing for id");
    expect_tcp(stage, key, "POST", "/v1/waves",
               "{\"filter\":{\"topic\":\"" OTHER_TOPIC "\"}}", 403,
               API_STAGE_TOPIC);
    expect_tcp(stage, key, "POST", "/v1/waves", "{\"all\":true}", 202,
               "\"filter\":{\"topic\":\"" API_STAGE_TOPIC "\"}");
    daemon_proc_do(stage->daemon, "POST", "/v1/waves", "{\"all\":true}", 202);
    expect_tcp(stage, key, "GET", "/v1/waves/2", NULL, 404, "not_found");
    expect_tcp(stage, key, "DELETE", "/v1/waves/2", NULL, 404, "not_found");
    assert_int_equal(sim_proc_accepted(stage->sim, TOKEN_B), 0);
    free(key);
}

TEST(a_revoked_key_is_refused_at_once)
{
    struct api_stage *stage = *state;
    char *key = make_key(stage, "\"read\"", "");
    json_t *json;

    expect_tcp(stage, key, "GET", "/v1/enrollments/A", NULL, 200, "");
    daemon_proc_do(stage->daemon, "DELETE", "/v1/keys/1", NULL, 204);
    expect_tcp(stage, key, "GET", "/v1/enrollments/A", NULL, 401, "");
    daemon_proc_do(stage->daemon, "DELETE", "/v1/keys/77", NULL, 404);
    json = daemon_proc_json(stage->daemon, "GET", "/v1/keys", NULL, 200);
    assert_string_equal(api_stage_text(json, "keys.0.name"), "test");
    assert_non_null(api_stage_text(json, "keys.0.revoked_at"));
    assert_null(json_object_get(
        json_array_get(json_object_get(json, "keys"), 0), "key"));
    json_decref(json);
    free(key);
}

TEST(keys_are_listed_in_pages)
{
    struct api_stage *stage = *state;
    json_t *json;

    for (int i = 0; i < 3; i++)
        free(make_key(stage, "\"read\"", ""));
    json =
        daemon_proc_json(stage->daemon, "GET", "/v1/keys?limit=2", NULL, 200);
    assert_int_equal(json_array_size(json_object_get(json, "keys")), 2);
    assert_string_equal(api_stage_text(json, "next_cursor"), "2");
    json_decref(json);
    json = daemon_proc_json(stage->daemon, "GET", "/v1/keys?limit=2&cursor=2",
                            NULL, 200);
    assert_int_equal(api_stage_number(json, "keys.0.id"), 3);
    assert_true(json_is_null(json_object_get(json, "next_cursor")));
    json_decref(json);
}

TEST(keys_outlive_a_restart)
{
    struct api_stage *stage = *state;
    char *key = make_key(stage, "\"read\"", "");

    daemon_proc_kill(stage->daemon);
    daemon_proc_again(stage->daemon);
    expect_tcp(stage, key, "GET", "/v1/enrollments/A", NULL, 200, "\"A\"");
    free(key);
}

TEST(wrong_keys_are_not_made)
{
    struct api_stage *stage = *state;

    api_stage_refuse(stage, "POST", "/v1/keys", "{\"verbs\":[\"read\"]}", 400,
                     "invalid", "name is missing");
    api_stage_refuse(stage, "POST", "/v1/keys", "{\"name\":\"x\"}", 400,
                     "invalid", "verbs");
    api_stage_refuse(stage, "POST", "/v1/keys",
                     "{\"name\":\"x\",\"verbs\":[\"fly\"]}", 400, "invalid",
                     "verbs[0]");
}
