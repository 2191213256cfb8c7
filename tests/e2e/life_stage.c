/* SPDX-License-Identifier: MIT */
#include "life_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/pki_make.h"
#include "tests/support/temp_dir.h"

struct life_stage *
life_stage_new(const char *tls)
{
    const char *options[] = {"--tls", tls, NULL};
    struct life_stage *stage = calloc(1, sizeof *stage);

    if (stage == NULL)
        fail_msg("out of memory");
    stage->pki_dir = temp_dir_new();
    free(pki_make(SIM_PROC_PROGRAM, stage->pki_dir, NULL, NULL));
    stage->ca = temp_dir_path(stage->pki_dir, "ca.pem");
    stage->sim = sim_proc_start(SIM_PROC_PROGRAM, stage->pki_dir, options);
    stage->daemon = daemon_proc_start(DAEMON_PROC_PROGRAM, stage->sim->port,
                                      stage->ca, NULL);
    return stage;
}

void
life_stage_free(struct life_stage *stage)
{
    if (stage == NULL)
        return;
    if (stage->daemon->child.pid != 0)
        daemon_proc_stop(stage->daemon);
    daemon_proc_free(stage->daemon);
    sim_proc_stop(stage->sim);
    temp_dir_free(stage->pki_dir);
    free(stage->ca);
    free(stage);
}

char *
life_stage_make(struct life_stage *stage, const char *topic, int days,
                const char *fault)
{
    return pki_make_days(SIM_PROC_PROGRAM, stage->pki_dir, topic, fault, days);
}

json_t *
life_stage_put(struct life_stage *stage, const char *query, const char *pem,
               long status)
{
    struct http_answer answer;
    char path[512];
    json_t *json;

    snprintf(path, sizeof path, "/v1/pushcerts?%s", query);
    daemon_proc_send(stage->daemon, "PUT", path, NULL, pem, &answer);
    if (answer.status != status)
        fail_msg("PUT %s: %ld instead of %ld: %s", path, answer.status, status,
                 answer.body);
    json = json_loads(answer.body, 0, NULL);
    assert_non_null(json);
    http_call_free(&answer);
    return json;
}

void
life_stage_import(struct life_stage *stage, const char *topic, int days)
{
    char *pem = life_stage_make(stage, topic, days, NULL);

    json_decref(life_stage_put(stage, "add=1", pem, 200));
    free(pem);
}

const char *
life_stage_text(const json_t *json, const char *name)
{
    const char *text = json_string_value(json_object_get(json, name));

    if (text == NULL)
        fail_msg("the answer has no %s", name);
    return text;
}

char *
life_stage_sha(struct life_stage *stage)
{
    struct http_answer answer;
    char *sha = NULL;
    json_t *json;

    daemon_proc_send(stage->daemon, "GET", LIFE_STAGE_CERTS, NULL, NULL,
                     &answer);
    json = json_loads(answer.body, 0, NULL);
    assert_non_null(json);
    if (answer.status == 200)
        sha = strdup(life_stage_text(json, "sha256"));
    else
        sha = strdup("");
    assert_non_null(sha);
    json_decref(json);
    http_call_free(&answer);
    return sha;
}

void
life_stage_refuse(struct life_stage *stage, const char *query, const char *pem,
                  long status, const char *code)
{
    char *before = life_stage_sha(stage);
    json_t *json = life_stage_put(stage, query, pem, status);
    char *after = life_stage_sha(stage);

    assert_string_equal(life_stage_text(json, "code"), code);
    assert_true(strlen(life_stage_text(json, "error")) > 10);
    assert_string_equal(before, after);
    json_decref(json);
    free(before);
    free(after);
}

void
life_stage_wake(struct life_stage *stage, const char *id)
{
    char path[128], body[512];
    json_t *json;
    const char *outcome;

    snprintf(path, sizeof path, "/v1/enrollments/%s", id);
    snprintf(body, sizeof body,
             "{\"topic\":\"" LIFE_STAGE_TOPIC "\",\"token\":\"%064d\","
             "\"push_magic\":\"M\"}",
             7);
    daemon_proc_do(stage->daemon, "PUT", path, body, 200);
    snprintf(body, sizeof body, "{\"ids\":[\"%s\"],\"wait_s\":20}", id);
    json = daemon_proc_json(stage->daemon, "POST", "/v1/wakes", body, 200);
    outcome = json_string_value(json_object_get(
        json_object_get(json_array_get(json_object_get(json, "wakes"), 0),
                        "result"),
        "outcome"));
    if (outcome == NULL || strcmp(outcome, "accepted") != 0)
        fail_msg("the wake of %s was not accepted", id);
    json_decref(json);
}
