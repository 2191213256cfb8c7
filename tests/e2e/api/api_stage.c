/* SPDX-License-Identifier: MIT */
#include "api_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/e2e/e2e_stage.h"
#include "tests/support/pki_make.h"
#include "tests/support/temp_dir.h"

struct api_stage *
api_stage_new(const char *const more[])
{
    struct api_stage *stage = calloc(1, sizeof *stage);

    if (stage == NULL)
        fail_msg("out of memory");
    stage->pki_dir = temp_dir_new();
    stage->cert =
        pki_make(SIM_PROC_PROGRAM, stage->pki_dir, API_STAGE_TOPIC, NULL);
    stage->ca = temp_dir_path(stage->pki_dir, "ca.pem");
    stage->sim = sim_proc_start(SIM_PROC_PROGRAM, stage->pki_dir, NULL);
    /* roused says what it means, however little APNs would do with. */
    sim_proc_tell(stage->sim, "need-headers on");
    stage->daemon = daemon_proc_start(DAEMON_PROC_PROGRAM, stage->sim->port,
                                      stage->ca, more);
    daemon_proc_import_cert(stage->daemon, stage->cert);
    return stage;
}

void
api_stage_free(struct api_stage *stage)
{
    if (stage == NULL)
        return;
    if (stage->daemon->child.pid != 0)
        daemon_proc_stop(stage->daemon);
    daemon_proc_free(stage->daemon);
    sim_proc_stop(stage->sim);
    temp_dir_free(stage->pki_dir);
    free(stage->cert);
    free(stage->ca);
    free(stage);
}

void
api_stage_token(unsigned i, char token[65])
{
    snprintf(token, 65, "%08x%056x", i * 2654435761U, i);
}

void
api_stage_enroll(struct api_stage *stage, const char *id, const char *topic,
                 const char *token)
{
    char path[256];
    char body[512];

    snprintf(path, sizeof path, "/v1/enrollments/%s", id);
    snprintf(body, sizeof body,
             "{\"topic\":\"%s\",\"token\":\"%s\",\"push_magic\":\"M-%s\"}",
             topic, token, id);
    daemon_proc_do(stage->daemon, "PUT", path, body, 200);
}

static const json_t *
walk(const json_t *json, const char *path)
{
    const char *at = path;

    while (json != NULL && *at != '\0') {
        char name[64];
        size_t len = strcspn(at, ".");

        snprintf(name, sizeof name, "%.*s", (int)len, at);
        if (json_is_array(json))
            json = json_array_get(json, strtoul(name, NULL, 10));
        else
            json = json_object_get(json, name);
        at += len + (at[len] == '.');
    }
    if (json == NULL)
        fail_msg("the answer has no %s", path);
    return json;
}

const char *
api_stage_text(const json_t *json, const char *path)
{
    const char *text = json_string_value(walk(json, path));

    if (text == NULL)
        fail_msg("%s is no string", path);
    return text;
}

int64_t
api_stage_number(const json_t *json, const char *path)
{
    const json_t *number = walk(json, path);

    if (!json_is_integer(number))
        fail_msg("%s is no integer", path);
    return json_integer_value(number);
}

json_t *
api_stage_pushed(struct api_stage *stage, const char *id)
{
    time_t until = time(NULL) + CHILD_TIMEOUT_MS / 1000;
    char path[64];

    snprintf(path, sizeof path, "/v1/enrollments/%s", id);
    do {
        json_t *json = daemon_proc_json(stage->daemon, "GET", path, NULL, 200);

        if (json_is_object(json_object_get(json, "last_push")))
            return json;
        json_decref(json);
    } while (time(NULL) < until);
    fail_msg("%s has no last push", id);
    return NULL;
}

void
api_stage_await_sim(struct api_stage *stage, const char *key, int64_t n)
{
    int64_t since_ms = e2e_stage_now();

    while (sim_proc_stat(stage->sim, key) < n)
        e2e_stage_pause(since_ms, key);
}

void
api_stage_await_flight(struct api_stage *stage, int64_t n)
{
    int64_t since_ms = e2e_stage_now();

    for (int64_t now = -1; now < n;) {
        json_t *json =
            daemon_proc_json(stage->daemon, "GET", "/v1/status", NULL, 200);

        now = api_stage_number(json, "pushes.in_flight");
        json_decref(json);
        if (now < n)
            e2e_stage_pause(since_ms, "pushes in flight");
    }
}

void
api_stage_expect(struct api_stage *stage, const char *method, const char *path,
                 const char *type, const char *body, long status,
                 const char *wanted)
{
    struct http_answer answer;

    daemon_proc_send(stage->daemon, method, path, type, body, &answer);
    if (answer.status != status)
        fail_msg("%s %s: %ld instead of %ld: %s", method, path, answer.status,
                 status, answer.body);
    if (wanted != NULL)
        assert_string_equal(answer.body, wanted);
    http_call_free(&answer);
}

void
api_stage_refuse(struct api_stage *stage, const char *method, const char *path,
                 const char *body, long status, const char *code,
                 const char *part)
{
    json_t *json = daemon_proc_json(stage->daemon, method, path, body, status);

    assert_string_equal(api_stage_text(json, "code"), code);
    if (strstr(api_stage_text(json, "error"), part) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", api_stage_text(json, "error"),
                 part);
    json_decref(json);
}

int
api_stage_set_up(void **state)
{
    *state = api_stage_new(NULL);
    return 0;
}

int
api_stage_set_up_tcp(void **state)
{
    const char *const options[] = {"--listen", "127.0.0.1:0", NULL};

    *state = api_stage_new(options);
    return 0;
}

int
api_stage_tear_down(void **state)
{
    api_stage_free(*state);
    return 0;
}
