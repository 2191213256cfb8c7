/* SPDX-License-Identifier: MIT */

/*
 * /v1/enrollments: single ones and pages. Bulk import and export are in
 * serve_import.c and enrollment_export.c.
 */

#include <string.h>

#include "apns/base/clock.h"
#include "enrollment_export.h"
#include "server/api/api_private.h"
#include "server/api/auth/audit.h"
#include "server/api/json/enrollment_json.h"
#include "server/api/json/json_in.h"
#include "server/api/json/json_out.h"
#include "server/api/query.h"
#include "server/api/request.h"
#include "server/api/routes.h"

#define LIST_LIMIT 100  /* enrollments in a page */
#define LIST_MAX   1000 /* the most that may be asked for */

static void
fail_unknown(struct request *request)
{
    request_fail(request, HTTP_NOT_FOUND, "not_found", "no enrollment %s",
                 request->rest);
}

/* secrets=1 needs a verb of its own. */
static bool
read_secrets(struct request *request, bool *with_secrets)
{
    *with_secrets = false;
    return query_flag(request, "secrets", with_secrets) &&
           (!*with_secrets || request_may(request, AUTH_EXPORT));
}

static bool
read_kind_and_state(struct request *request, struct store_filter *filter)
{
    const char *kind = request_query(request, "kind");
    const char *state = request_query(request, "state");
    enum store_kind kind_read;
    enum store_state state_read;

    if (kind != NULL && !store_kind_read(kind, &kind_read)) {
        request_fail(request, HTTP_BAD_REQUEST, "invalid",
                     "kind must be Device, User, Shared iPad, User Enrollment "
                     "(Device) or User Enrollment");
        return false;
    }
    if (state != NULL && !store_state_read(state, &state_read)) {
        request_fail(request, HTTP_BAD_REQUEST, "invalid",
                     "state must be enabled, disabled, dead or suspect");
        return false;
    }
    if (kind != NULL)
        filter->kinds = 1U << kind_read;
    if (state != NULL)
        filter->states = 1U << state_read;
    return true;
}

static bool
read_filter(struct request *request, struct store_filter *filter)
{
    int64_t silent_for_s = 0;

    *filter = (struct store_filter){
        .topic = request_query(request, "topic"),
        .parent = request_query(request, "parent_id"),
        .serial = request_query(request, "serial_number"),
    };
    if (!read_kind_and_state(request, filter) ||
        !query_int(request, "silent_for_s", 0, API_MAX_SILENT_S, &silent_for_s))
        return false;
    if (silent_for_s > 0)
        filter->seen_before_ms = clock_unix_ms() - silent_for_s * 1000;
    filter->group = request_query(request, "group");
    if (filter->group == NULL)
        filter->group = request->caller.group;
    if (!store_group_covers(request->caller.group, filter->group)) {
        request_fail(request, HTTP_FORBIDDEN, "forbidden",
                     "this key is limited to the group %s",
                     request->caller.group);
        return false;
    }
    if (filter->topic == NULL && request->caller.topic[0] != '\0')
        filter->topic = request->caller.topic;
    if (filter->topic == NULL || request_sees(request, filter->topic))
        return true;
    request_fail(request, HTTP_FORBIDDEN, "forbidden",
                 "this key is limited to the topic %s", request->caller.topic);
    return false;
}

static void
answer_page(struct request *request, const struct store_enrollment *page,
            size_t n, int64_t next, bool with_secrets)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n; i++)
        json_out_append(&list, enrollment_json_out(&page[i], with_secrets));
    request_json(request, HTTP_OK,
                 json_pack("{s:o, s:o}", "enrollments", list, "next_cursor",
                           json_out_cursor(next)));
}

static void
on_page(void *arg, enum store_err err, const struct store_enrollment *page,
        size_t n, int64_t next)
{
    struct request *request = arg;

    if (err != STORE_OK)
        request_fail_store(request, err, NULL);
    else
        answer_page(request, page, n, next, false);
}

static void
on_secret_page(void *arg, enum store_err err,
               const struct store_enrollment *page, size_t n, int64_t next)
{
    struct request *request = arg;

    if (err != STORE_OK) {
        request_fail_store(request, err, NULL);
        return;
    }
    audit_note(request, "enrollment.exported", "", "with tokens: %zu", n);
    answer_page(request, page, n, next, true);
}

void
serve_enrollments_list(struct request *request)
{
    const char *accept = request_header(request, "Accept");
    struct store_filter filter;
    int64_t limit = LIST_LIMIT;
    int64_t after = 0;
    bool with_secrets;
    enum store_err err;

    if (!read_secrets(request, &with_secrets) ||
        !read_filter(request, &filter) ||
        !query_int(request, "limit", 1, LIST_MAX, &limit) ||
        !query_int(request, "cursor", 0, INT64_MAX, &after))
        return;
    if (accept != NULL && strstr(accept, "application/x-ndjson") != NULL) {
        enrollment_export_begin(request, &filter, after, with_secrets);
        return;
    }
    err = store_enrollment_list(
        request->api->store, &filter, after, (size_t)limit,
        with_secrets ? on_secret_page : on_page, request);
    if (err != STORE_OK)
        request_fail_store(request, err, NULL);
}

static void
answer_one(struct request *request, enum store_err err,
           const struct store_enrollment *found, size_t n, bool with_secrets)
{
    if (err != STORE_OK)
        request_fail_store(request, err, NULL);
    else if (n == 0 || !request_sees_enrollment(request, found))
        fail_unknown(request);
    else
        request_json(request, HTTP_OK,
                     enrollment_json_out(found, with_secrets));
}

static void
on_one(void *arg, enum store_err err, const struct store_enrollment *found,
       size_t n, int64_t next)
{
    (void)next;
    answer_one(arg, err, found, n, false);
}

static void
on_secret_one(void *arg, enum store_err err,
              const struct store_enrollment *found, size_t n, int64_t next)
{
    const struct request *request = arg;

    (void)next;
    if (err == STORE_OK && n > 0 && request_sees_enrollment(request, found))
        audit_note(request, "enrollment.exported", found->id, "with token");
    answer_one(arg, err, found, n, true);
}

static void
get_one(struct request *request, store_enrollments_fn *done)
{
    enum store_err err = store_enrollment_get(request->api->store,
                                              &request->rest, 1, done, request);

    if (err != STORE_OK)
        request_fail_store(request, err, "id");
}

void
serve_enrollments_get(struct request *request)
{
    bool with_secrets;

    if (read_secrets(request, &with_secrets))
        get_one(request, with_secrets ? on_secret_one : on_one);
}

/* A key limited to a topic must not take an enrollment from another one. */
static void
fail_beyond(struct request *request)
{
    const struct auth_caller *caller = &request->caller;
    bool is_topic = caller->topic[0] != '\0';

    request_fail(request, HTTP_FORBIDDEN, "forbidden",
                 "this key is limited to the %s %s",
                 is_topic ? "topic" : "group",
                 is_topic ? caller->topic : caller->group);
}

static void
on_put(void *arg, enum store_err err, const struct store_import_answer *stored)
{
    struct request *request = arg;

    if (err != STORE_OK)
        request_fail_store(request, err, NULL);
    else if (stored->n_refused > 0 &&
             stored->refused->fault == STORE_GROUP_FAULT_SCOPE)
        fail_beyond(request);
    else if (stored->n_refused > 0)
        request_fail(request, HTTP_CONFLICT, "conflict", "group: %s",
                     store_group_fault_text(stored->refused->fault));
    else if (!request_is_over(request))
        get_one(request, on_one);
}

/* A key limited to a topic or group moves nothing beyond it. */
static bool
may_put(struct request *request, const struct store_enrollment *enrollment)
{
    const struct auth_caller *caller = &request->caller;

    if (!request_sees(request, enrollment->topic))
        request_fail(request, HTTP_FORBIDDEN, "forbidden",
                     "topic: this key is limited to %s", caller->topic);
    else if (enrollment->group != NULL &&
             !store_group_covers(caller->group, enrollment->group))
        request_fail(request, HTTP_FORBIDDEN, "forbidden",
                     "group: this key is limited to %s", caller->group);
    else
        return true;
    return false;
}

void
serve_enrollments_put(struct request *request)
{
    struct store_scope scope = request_scope(request);
    struct enrollment_json read;
    struct json_in in;
    enum store_err err;
    json_t *json;

    if (strlen(request->rest) > STORE_MAX_ID) {
        request_fail(request, HTTP_BAD_REQUEST, "invalid",
                     "id is longer than %d bytes", STORE_MAX_ID);
        return;
    }
    if ((json = request_load_json(request)) == NULL)
        return;
    json_in_begin(&in, json);
    if (!enrollment_json_in(&in, request->rest, clock_unix_ms(), &read)) {
        request_fail(request, HTTP_BAD_REQUEST, "invalid", "%s", in.why);
    } else if (may_put(request, &read.enrollment)) {
        err = store_enrollment_import(request->api->store, &read.enrollment, 1,
                                      false, &scope, on_put, request);
        if (err != STORE_OK)
            request_fail_store(request, err, NULL);
    }
    json_decref(json);
}

static void
on_deleted(void *arg, enum store_err err, int64_t count)
{
    struct request *request = arg;

    if (err == STORE_OK && count > 0)
        audit_tally_add(request, request->rest);
    if (err != STORE_OK)
        request_fail_store(request, err, NULL);
    else if (count == 0)
        fail_unknown(request);
    else
        request_empty(request, HTTP_NO_CONTENT);
}

void
serve_enrollments_delete(struct request *request)
{
    struct store_scope scope = request_scope(request);
    enum store_err err = store_enrollment_delete(
        request->api->store, &request->rest, 1, &scope, on_deleted, request);

    if (err != STORE_OK)
        request_fail_store(request, err, "id");
}
