/* SPDX-License-Identifier: MIT */

/*
 * /v1/wakes: requests for check-ins of single enrollments.
 */

#include <stdlib.h>
#include <string.h>

#include "apns/base/clock.h"
#include "server/api/api_private.h"
#include "server/api/json/enrollment_json.h"
#include "server/api/json/json_in.h"
#include "server/api/json/json_out.h"
#include "server/api/request.h"
#include "server/api/routes.h"
#include "until.h"
#include "wake_ask.h"

static const char *
asked_text(enum rouse_asked asked)
{
    static const char *const texts[] = {
        [ROUSE_ASKED_UNKNOWN] = "unknown",
        [ROUSE_ASKED_UNPUSHABLE] = "unpushable",
        [ROUSE_ASKED_NEW] = "new",
        [ROUSE_ASKED_MERGED] = "merged",
        [ROUSE_ASKED_UNDECIDED] = "undecided",
    };

    return texts[asked];
}

static const char *
outcome_text(enum apns_outcome outcome)
{
    static const char *const texts[] = {
        [APNS_ACCEPTED] = "accepted",
        [APNS_REJECTED] = "rejected",
        [APNS_FAILED] = "failed",
    };

    return texts[outcome];
}

static json_t *
pack_result(const struct rouse_wake_answer *answer)
{
    if (!answer->is_answered)
        return json_null();
    return json_pack(
        "{s:s, s:s, s:i, s:o, s:o, s:I}", "outcome",
        outcome_text(answer->outcome), "class", apns_class_name(answer->class_),
        "status", (int)answer->status, "reason", json_out_text(answer->reason),
        "apns_id", json_out_text(answer->apns_id), "latency_us",
        (json_int_t)answer->latency_us);
}

static json_t *
pack_answer(const struct rouse_wake_answer *answer, bool with_result)
{
    json_t *json = json_pack(
        "{s:o, s:s, s:o, s:o}", "id", json_out_text(answer->id), "asked",
        asked_text(answer->asked), "state", json_out_text(answer->state),
        "not_before", json_out_time(answer->not_before_ms));

    if (json != NULL && with_result &&
        json_object_set_new(json, "result", pack_result(answer)) != 0) {
        json_decref(json);
        return NULL;
    }
    return json;
}

static void
on_asked(struct wake_ask *ask, enum rouse_err err,
         const struct rouse_wake_answer *answers)
{
    json_t *list;

    if (err == ROUSE_EINVAL && ask->terms.until == ROUSE_UNTIL_CHECK_IN) {
        request_fail(ask->request, HTTP_BAD_REQUEST, "invalid",
                     "until: \"check-in\" is not available; use \"accepted\"");
        return;
    }
    if (err != ROUSE_OK) {
        request_fail_rouse(ask->request, err, NULL);
        return;
    }
    list = json_array();
    for (size_t i = 0; i < ask->n; i++)
        json_out_append(&list, pack_answer(&answers[i], ask->wait_ms > 0));
    request_json(ask->request, ask->wait_ms > 0 ? HTTP_OK : HTTP_ACCEPTED,
                 json_pack("{s:o}", "wakes", list));
}

/* The JSON's strings are used until the request ends. */
static void
free_json(void *json)
{
    json_decref(json);
}

static const char **
read_ask(struct json_in *in, struct rouse_wake_terms *terms, uint32_t *wait_ms,
         size_t *n)
{
    const char **ids =
        json_in_strings(in, "ids", ROUSE_MAX_IDS, STORE_MAX_ID, n);
    int64_t deadline_s;

    if (ids == NULL)
        json_in_fail(in, "ids must be an array of 1 to %d ids", ROUSE_MAX_IDS);
    terms->until = until_read(in);
    deadline_s = json_in_int(in, "deadline_s", 1, ROUSE_MAX_SPAN_S, 0);
    if (deadline_s > 0)
        terms->deadline_ms = clock_unix_ms() + deadline_s * 1000;
    *wait_ms = (uint32_t)json_in_int(in, "wait_s", 0, API_MAX_WAIT_S, 0) * 1000;
    if (*wait_ms > 0 && deadline_s > 0)
        json_in_fail(in, "deadline_s cannot be given together with wait_s");
    if (*wait_ms > 0 && terms->until != ROUSE_UNTIL_ACCEPTED)
        json_in_fail(in, "wait_s waits for APNs; until must be \"accepted\"");
    return ids;
}

void
serve_wakes_ask(struct request *request)
{
    struct rouse_wake_terms terms = {0};
    uint32_t wait_ms;
    struct json_in in;
    struct wake_ask *ask;
    const char **ids;
    size_t n;
    json_t *json = request_load_json(request);

    if (json == NULL)
        return;
    json_in_begin(&in, json);
    ids = read_ask(&in, &terms, &wait_ms, &n);
    if (!json_in_end(&in)) {
        request_fail(request, HTTP_BAD_REQUEST, "invalid", "%s", in.why);
        free((void *)ids);
        json_decref(json);
        return;
    }
    ask = wake_ask_new(request, ids, n);
    if (ask == NULL) {
        json_decref(json);
        return;
    }
    ask->terms = terms;
    ask->wait_ms = wait_ms;
    ask->done = on_asked;
    ask->keep = json;
    ask->free_keep = free_json;
    wake_ask_send(ask);
}

static void
on_enrollment(void *arg, enum store_err err,
              const struct store_enrollment *enrollments, size_t n,
              int64_t next)
{
    struct request *request = arg;

    (void)next;
    if (err != STORE_OK)
        request_fail_store(request, err, NULL);
    else if (n == 0 || !request_sees_enrollment(request, enrollments) ||
             !enrollments->wake.exists)
        request_fail(request, HTTP_NOT_FOUND, "not_found",
                     "no wake waits for this enrollment");
    else
        request_json(request, HTTP_OK,
                     enrollment_json_wake(enrollments->id, &enrollments->wake));
}

void
serve_wakes_get(struct request *request)
{
    enum store_err err = store_enrollment_get(
        request->api->store, &request->rest, 1, on_enrollment, request);

    if (err != STORE_OK)
        request_fail_store(request, err, "id");
}

static void
on_cancelled(void *arg, enum store_err err, int64_t count)
{
    struct request *request = arg;

    if (err != STORE_OK)
        request_fail_store(request, err, NULL);
    else if (count == 0)
        request_fail(request, HTTP_NOT_FOUND, "not_found",
                     "no wake waits for this enrollment, or its push is in "
                     "flight");
    else
        request_empty(request, HTTP_NO_CONTENT);
}

void
serve_wakes_cancel(struct request *request)
{
    struct store_scope scope = request_scope(request);
    enum store_err err = store_wake_cancel(request->api->store, &request->rest,
                                           1, &scope, on_cancelled, request);

    if (err != STORE_OK)
        request_fail_store(request, err, "id");
}
