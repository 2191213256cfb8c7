/* SPDX-License-Identifier: MIT */

/*
 * POST /v1/pushcerts/check, /v1/pushcerts/test, /v1/pushcerts/{topic}/test.
 */

#include <string.h>

#include "cert_body.h"
#include "cert_json.h"
#include "server/api/api_private.h"
#include "server/api/json/json_out.h"
#include "server/api/request.h"
#include "server/api/routes.h"

#define WAIT_S      30 /* for a test, by default */
#define SEEN_WAIT_S 60 /* likewise, for a check-in */
#define MS_PER_S    1000
#define MAX_WAIT_S  (ROUSE_CERT_MAX_WAIT_MS / MS_PER_S)

static void
on_checked(void *arg, enum rouse_err err,
           const struct rouse_cert_refusal *refusal, const char *json,
           const char *text)
{
    struct request *request = arg;
    json_t *answer;

    if (err != ROUSE_OK) {
        cert_json_fail(request, err, refusal);
        return;
    }
    answer = json_loads(json, 0, NULL);
    json_object_set_new(answer, "text", json_out_text(text));
    request_json(request, HTTP_OK, answer);
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
        request_json(request, HTTP_OK, cert_json_test(test));
    else if (err == ROUSE_EGUARD && request->caller.topic[0] != '\0' &&
             refusal->code == ROUSE_CERT_OTHER_TOPIC)
        /* what belongs to other topics is nobody's business with this key */
        request_fail(request, HTTP_NOT_FOUND, "unknown_enrollment",
                     "no such enrollment; nothing was pushed");
    else
        cert_json_fail(request, err, refusal);
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

/* Waking a device takes the right to wake. */
static enum rouse_err
test(struct request *request, struct json_in *in,
     struct rouse_cert_test_terms *terms)
{
    terms->wait_ms =
        (uint32_t)json_in_int(in, "wait_s", 1, MAX_WAIT_S, WAIT_S) * MS_PER_S;
    terms->enrollment = json_in_string(in, "enrollment_id", STORE_MAX_ID);
    terms->seen_wait_ms = (uint32_t)json_in_int(in, "enrollment_wait_s", 1,
                                                MAX_WAIT_S, SEEN_WAIT_S) *
                          MS_PER_S;
    if (terms->enrollment != NULL && terms->enrollment[0] == '\0')
        json_in_fail(in, "enrollment_id is empty");
    if (!json_in_end(in)) {
        request_fail(request, HTTP_BAD_REQUEST, "invalid", "%s", in->why);
        return ROUSE_OK;
    }
    if (terms->enrollment == NULL)
        return rouse_cert_test_topic(request->api->rouse, terms->topic,
                                     terms->wait_ms, terms->by, on_tested,
                                     request);
    if (!request_may(request, AUTH_WAKE))
        return ROUSE_OK;
    return rouse_cert_test_wake(request->api->rouse, terms, on_tested, request);
}

void
serve_certtools_test(struct request *request)
{
    char actor[AUTH_NAME_SIZE];
    struct rouse_cert_test_terms terms = {.topic = request->rest, .by = actor};
    enum rouse_err err;
    struct json_in in;
    json_t *json;

    if (!cert_body_may_touch(request) ||
        (json = request_load_json(request)) == NULL)
        return;
    request_actor(request, actor);
    json_in_begin(&in, json);
    err = test(request, &in, &terms);
    json_decref(json);
    if (err != ROUSE_OK)
        request_fail_rouse(request, err, NULL);
}
