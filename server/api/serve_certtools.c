/* SPDX-License-Identifier: MIT */

/*
 * POST /v1/pushcerts/check, /v1/pushcerts/test, /v1/pushcerts/{topic}/test.
 */

#include "api_private.h"
#include "cert_body.h"
#include "cert_json.h"
#include "json_out.h"
#include "request.h"
#include "routes.h"

#define WAIT_S     30 /* for a test unless told otherwise */
#define MS_PER_S   1000
#define MAX_WAIT_S (ROUSE_CERT_MAX_WAIT_MS / MS_PER_S)

static void
on_checked(void *arg, enum rouse_err err,
           const struct rouse_cert_refusal *refusal, const char *json,
           const char *text)
{
    struct request *request = arg;
    json_t *answer;

    if (err != ROUSE_OK) {
        cert_json_fail(request, err, refusal, NULL);
        return;
    }
    answer = json_loads(json, 0, NULL);
    json_object_set_new(answer, "text", json_out_text(text));
    request_json(request, MHD_HTTP_OK, answer);
}

void
serve_certtools_check(struct request *request)
{
    struct cert_body body;
    enum rouse_err err;

    if (!cert_body_read(request, &body) || !cert_body_end(request, &body))
        return;
    err =
        rouse_cert_check(request->api->rouse, &body.files, on_checked, request);
    cert_body_fini(&body);
    if (err != ROUSE_OK)
        request_fail_rouse(request, err, NULL);
}

static void
on_tested(void *arg, enum rouse_err err,
          const struct rouse_cert_refusal *refusal,
          const struct rouse_cert_test *test)
{
    struct request *request = arg;

    if (err == ROUSE_OK)
        request_json(request, MHD_HTTP_OK, cert_json_test(test));
    else
        cert_json_fail(request, err, refusal, NULL);
}

void
serve_certtools_test_files(struct request *request)
{
    int64_t wait_s = WAIT_S;
    struct cert_body body;
    enum rouse_err err;

    if (!cert_body_read(request, &body))
        return;
    if (body.json != NULL)
        wait_s = json_in_int(&body.in, "wait_s", 1, MAX_WAIT_S, WAIT_S);
    if (!cert_body_end(request, &body))
        return;
    err =
        rouse_cert_test_files(request->api->rouse, &body.files,
                              (uint32_t)wait_s * MS_PER_S, on_tested, request);
    cert_body_fini(&body);
    if (err != ROUSE_OK)
        request_fail_rouse(request, err, NULL);
}

void
serve_certtools_test(struct request *request)
{
    char topic[APNS_MAX_TOPIC + 1];
    char actor[AUTH_NAME_SIZE];
    enum rouse_err err = ROUSE_OK;
    struct json_in in;
    int64_t wait_s;
    json_t *json;

    if (!cert_body_topic(request, "/test", topic) ||
        (json = request_load_json(request)) == NULL)
        return;
    json_in_begin(&in, json);
    wait_s = json_in_int(&in, "wait_s", 1, MAX_WAIT_S, WAIT_S);
    request_actor(request, actor);
    if (!json_in_end(&in))
        request_fail(request, MHD_HTTP_BAD_REQUEST, "invalid", "%s", in.why);
    else
        err = rouse_cert_test_topic(request->api->rouse, topic,
                                    (uint32_t)wait_s * MS_PER_S, actor,
                                    on_tested, request);
    json_decref(json);
    if (err != ROUSE_OK)
        request_fail_rouse(request, err, NULL);
}
