/* SPDX-License-Identifier: MIT */

/*
 * Alerts through the real daemon: status, metrics, list, log, command; and
 * again after kill -9.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/e2e/api/api_stage.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unit.h"

#define OTHER_TOPIC "com.apple.mgmt.External.other"
#define TOKEN_A \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static size_t
count(struct api_stage *stage, const char *path)
{
    json_t *json = daemon_proc_json(stage->daemon, "GET", path, NULL, 200);
    size_t n = json_array_size(json_object_get(json, "alerts"));

    json_decref(json);
    return n;
}

static void
expect_metric(struct api_stage *stage, const char *line)
{
    struct http_answer answer = {0};

    daemon_proc_send(stage->daemon, "GET", "/metrics", NULL, NULL, &answer);
    assert_int_equal(answer.status, 200);
    if (strstr(answer.body, line) == NULL)
        fail_msg("/metrics has no line %s", line);
    http_call_free(&answer);
}

static void
expect_events(struct api_stage *stage, const char *kind, size_t n)
{
    json_t *json = daemon_proc_json(stage->daemon, "GET",
                                    "/v1/events?limit=500", NULL, 200);
    size_t n_found = 0, i;
    json_t *event;

    json_array_foreach(json_object_get(json, "events"), i, event) n_found +=
        strcmp(api_stage_text(event, "kind"), kind) == 0;
    assert_int_equal(n_found, n);
    json_decref(json);
}

TEST(an_alert_is_seen_everywhere_and_once)
{
    char *dir = temp_dir_new();
    char *got = temp_dir_path(dir, "got");
    char command[512];
    const char *const options[] = {"--alerts-command", command, NULL};
    struct api_stage *stage;
    char *text, *after;

    snprintf(command, sizeof command, "cat >>'%s'; echo >>'%s'", got, got);
    stage = api_stage_new(options);
    api_stage_enroll(stage, "A", OTHER_TOPIC, TOKEN_A);
    /* The start looks at once, and so sees the topic that nobody holds; if
     * the look after the import was not later and has seen it already. */
    daemon_proc_stop(stage->daemon);
    daemon_proc_again(stage->daemon);
    if (strstr(stage->daemon->log, "event=alert_delivered") == NULL)
        daemon_proc_await(stage->daemon, "event=alert_delivered");
    assert_int_equal(count(stage, "/v1/alerts?open=1"), 1);
    assert_int_equal(count(stage, "/v1/alerts?open=1&limit=10000"), 1);
    assert_int_equal(count(stage, "/v1/status"), 1);
    expect_events(stage, "alert.topic_mismatch", 1);
    expect_metric(stage, "rouse_alert{topic=\"" OTHER_TOPIC
                         "\",kind=\"topic_mismatch\",severity=\"warning\"} 1");
    expect_metric(stage, "rouse_pushcert_state{topic=\"" API_STAGE_TOPIC
                         "\",state=\"active\"} 1");
    expect_metric(
        stage, "rouse_pushcert_expiry_seconds{topic=\"" API_STAGE_TOPIC "\"} ");
    text = temp_dir_read(got, NULL);
    assert_non_null(strstr(text, "\"kind\":\"topic_mismatch\""));
    daemon_proc_kill(stage->daemon);
    daemon_proc_again(stage->daemon);
    assert_int_equal(count(stage, "/v1/alerts"), 1);
    expect_events(stage, "alert.topic_mismatch", 1);
    /* What was delivered and noted is not delivered again. */
    after = temp_dir_read(got, NULL);
    assert_string_equal(text, after);
    free(after);
    free(text);
    api_stage_free(stage);
    free(got);
    temp_dir_free(dir);
}
