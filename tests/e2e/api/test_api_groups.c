/* SPDX-License-Identifier: MIT */

/*
 * Groups over the API: topics by inheritance, members, and keys that see
 * nothing else.
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
    api_stage_enroll(stage, "B", API_STAGE_TOPIC, TOKEN_B);
    daemon_proc_do(stage->daemon, "PUT", "/v1/groups/org",
                   "{\"topic\":\"" API_STAGE_TOPIC "\"}", 200);
    daemon_proc_do(stage->daemon, "POST", "/v1/groups",
                   "{\"path\":\"org/school 1\"}", 200);
    daemon_proc_do(stage->daemon, "PUT", "/v1/groups/org/other",
                   "{\"topic\":\"" OTHER_TOPIC "\"}", 200);
    *state = stage;
    return 0;
}

EACH(set_up, api_stage_tear_down);

static void
assign(struct api_stage *stage, const char *id, const char *group, long status)
{
    char path[128], body[128];

    snprintf(path, sizeof path, "/v1/enrollments/%s/group", id);
    snprintf(body, sizeof body, "{\"path\":\"%s\"}", group);
    daemon_proc_do(stage->daemon, "PUT", path, body, status);
}

TEST(an_enrollment_shows_its_group_and_whether_its_topic_fits)
{
    struct api_stage *stage = *state;
    json_t *json;

    assign(stage, "A", "org/school 1", 204);
    assign(stage, "B", "org/other", 204);
    json =
        daemon_proc_json(stage->daemon, "GET", "/v1/enrollments/A", NULL, 200);
    assert_string_equal(api_stage_text(json, "group"), "org/school 1");
    assert_true(json_is_false(json_object_get(json, "is_mismatched")));
    json_decref(json);
    json =
        daemon_proc_json(stage->daemon, "GET", "/v1/enrollments/B", NULL, 200);
    assert_true(json_is_true(json_object_get(json, "is_mismatched")));
    json_decref(json);
    json = daemon_proc_json(stage->daemon, "GET", "/v1/groups/org/other", NULL,
                            200);
    assert_string_equal(api_stage_text(json, "effective_topic"), OTHER_TOPIC);
    assert_int_equal(api_stage_number(json, "enrollments"), 1);
    assert_int_equal(api_stage_number(json, "mismatched"), 1);
    json_decref(json);
    json = daemon_proc_json(stage->daemon, "GET", "/v1/groups/org/school%201",
                            NULL, 200);
    assert_string_equal(api_stage_text(json, "effective_topic"),
                        API_STAGE_TOPIC);
    json_decref(json);
    assign(stage, "B", "", 204);
    json =
        daemon_proc_json(stage->daemon, "GET", "/v1/enrollments/B", NULL, 200);
    assert_true(json_is_null(json_object_get(json, "group")));
    assert_true(json_is_false(json_object_get(json, "is_mismatched")));
    json_decref(json);
}

static void
patch(struct api_stage *stage, const char *body, const char *topic,
      const char *permission)
{
    json_t *json =
        daemon_proc_json(stage->daemon, "PATCH", "/v1/groups/some", body, 200);

    assert_string_equal(api_stage_text(json, "topic"), topic);
    assert_string_equal(api_stage_text(json, "permission"), permission);
    json_decref(json);
}

TEST(a_patch_changes_what_it_gives)
{
    struct api_stage *stage = *state;

    patch(stage, "{\"topic\":\"x.t\",\"permission\":\"inherit\"}", "x.t",
          "inherit");
    patch(stage, "{\"permission\":\"either\"}", "x.t", "either");
    patch(stage, "{\"topic\":\"y.t\"}", "y.t", "either");
    patch(stage, "{}", "y.t", "either");
    api_stage_refuse(stage, "PATCH", "/v1/groups/some", "{\"topics\":1}", 400,
                     "invalid", "topics");
    api_stage_refuse(stage, "PATCH", "/v1/groups/%2Fsome", "{}", 400, "invalid",
                     "must not begin with");
    json_decref(daemon_proc_json(stage->daemon, "PATCH", "/v1/groups/some",
                                 "{\"topic\":null}", 200));
    api_stage_refuse(stage, "GET", "/v1/groups/nowhere", NULL, 404, "not_found",
                     "no group nowhere");
    daemon_proc_do(stage->daemon, "DELETE", "/v1/groups/some", NULL, 204);
}

TEST(what_the_tree_forbids_is_refused_and_said)
{
    struct api_stage *stage = *state;

    api_stage_refuse(stage, "PUT", "/v1/groups/none/below", "{}", 409,
                     "conflict", "above it does not exist; create it first");
    api_stage_refuse(stage, "PUT", "/v1/groups/org",
                     "{\"permission\":\"inherit\"}", 409, "conflict",
                     "has a topic of its own");
    api_stage_refuse(stage, "PUT", "/v1/groups/org",
                     "{\"permission\":\"maybe\"}", 400, "invalid",
                     "permission");
    api_stage_refuse(stage, "PUT", "/v1/groups/org//x", "{}", 400, "invalid",
                     "path");
    api_stage_refuse(stage, "GET", "/v1/groups/nowhere", NULL, 404, "not_found",
                     "group");
    api_stage_refuse(stage, "DELETE", "/v1/groups/org", NULL, 409, "conflict",
                     "it contains groups");
    assign(stage, "A", "nowhere", 409);
    assign(stage, "nobody", "org", 404);
    assign(stage, "A", "org/other", 204);
    api_stage_refuse(stage, "DELETE", "/v1/groups/org/other", NULL, 409,
                     "conflict", "it contains enrollments");
    assign(stage, "A", "", 204);
    daemon_proc_do(stage->daemon, "DELETE", "/v1/groups/org/other", NULL, 204);
    api_stage_refuse(stage, "POST", "/v1/keys",
                     "{\"name\":\"x\",\"verbs\":[\"read\"],\"group\":\"/\"}",
                     400, "invalid", "group");
}

/*
 * Keys.
 */

static char *
make_key(struct api_stage *stage, const char *group)
{
    char body[512];
    char *key;
    json_t *json;

    snprintf(body, sizeof body,
             "{\"name\":\"k\",\"verbs\":[\"read\",\"wake\",\"enrollments\","
             "\"pushcert\",\"admin\",\"export\",\"checkin\"],"
             "\"group\":\"%s\"}",
             group);
    json = daemon_proc_json(stage->daemon, "POST", "/v1/keys", body, 201);
    assert_string_equal(api_stage_text(json, "group"), group);
    key = strdup(api_stage_text(json, "key"));
    json_decref(json);
    return key;
}

/* The answer's body has ${wanted} in it, and not ${unwanted} (NULL: any). */
static void
expect(struct api_stage *stage, const char *key, const char *method,
       const char *path, const char *body, long status, const char *wanted,
       const char *unwanted)
{
    char header[256];
    const char *const headers[] = {header, "Content-Type: application/json",
                                   NULL};
    struct http_answer answer = {0};
    struct http_call call = {.port = stage->daemon->port,
                             .method = method,
                             .path = path,
                             .headers = headers,
                             .body = body};

    snprintf(header, sizeof header, "Authorization: Bearer %s", key);
    http_call_send(&call, &answer);
    if (answer.status != status)
        fail_msg("%s %s: %ld, expected %ld: %s", method, path, answer.status,
                 status, answer.body);
    if (wanted != NULL)
        assert_non_null(strstr(answer.body, wanted));
    if (unwanted != NULL)
        assert_null(strstr(answer.body, unwanted));
    http_call_free(&answer);
}

TEST(a_key_of_a_group_sees_and_wakes_nothing_else)
{
    struct api_stage *stage = *state;
    char *key = make_key(stage, "org/school 1");

    assign(stage, "A", "org/school 1", 204);
    assign(stage, "B", "org", 204);
    expect(stage, key, "GET", "/v1/enrollments", NULL, 200, "\"id\":\"A\"",
           "\"id\":\"B\"");
    expect(stage, key, "GET", "/v1/enrollments/A", NULL, 200, NULL, NULL);
    expect(stage, key, "GET", "/v1/enrollments/B", NULL, 404, NULL, NULL);
    expect(stage, key, "GET", "/v1/enrollments?group=org", NULL, 403, NULL,
           NULL);
    expect(stage, key, "DELETE", "/v1/enrollments/B", NULL, 404, NULL, NULL);
    expect(stage, key, "POST", "/v1/wakes", "{\"ids\":[\"A\",\"B\"]}", 202,
           "{\"id\":\"B\",\"asked\":\"unknown\"", NULL);
    expect(stage, key, "DELETE", "/v1/wakes/B", NULL, 404, NULL, NULL);
    expect(stage, key, "POST", "/v1/waves", "{\"all\":true}", 202,
           "\"group\":\"org/school 1\"", NULL);
    expect(stage, key, "POST", "/v1/waves", "{\"filter\":{\"group\":\"org\"}}",
           403, NULL, NULL);
    api_stage_refuse(stage, "POST", "/v1/waves",
                     "{\"filter\":{\"group\":\"nope\"}}", 404, "unknown_group",
                     "no such group");
    expect(stage, key, "PUT", "/v1/enrollments/B/group",
           "{\"path\":\"org/school 1\"}", 404, NULL, NULL);
    expect(stage, key, "PUT", "/v1/enrollments/A/group", "{\"path\":\"org\"}",
           403, NULL, NULL);
    expect(stage, key, "GET", "/v1/groups", NULL, 200, "org/school 1",
           "org/other");
    expect(stage, key, "PUT", "/v1/groups/org", "{}", 403, NULL, NULL);
    free(key);
}

TEST(a_key_of_a_group_is_kept_from_what_has_no_group)
{
    struct api_stage *stage = *state;
    char *key = make_key(stage, "org");
    static const char *const paths[] = {
        "/v1/status", "/v1/events",    "/v1/alerts",   "/v1/keys",
        "/metrics",   "/v1/pushcerts", "/v1/pushcert", "/v1/push/A",
    };

    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        expect(stage, key, "GET", paths[i], NULL, 403, NULL, NULL);
    free(key);
}
