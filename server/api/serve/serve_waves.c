/* SPDX-License-Identifier: MIT */

/*
 * /v1/waves: one request for the check-ins of many.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apns/base/clock.h"
#include "server/api/api_private.h"
#include "server/api/json/json_in.h"
#include "server/api/json/json_out.h"
#include "server/api/query.h"
#include "server/api/request.h"
#include "server/api/routes.h"
#include "until.h"

#define LIST_LIMIT 100  /* waves in a page */
#define LIST_MAX   1000 /* the most that may be asked for */
#define MAX_KINDS  STORE_N_KINDS

static json_t *
pack_counts(const struct rouse_wave *wave)
{
    return json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "total",
        (json_int_t)wave->n_total, "accepted", (json_int_t)wave->n_accepted,
        "dead", (json_int_t)wave->n_dead, "suspect",
        (json_int_t)wave->n_suspect, "dropped", (json_int_t)wave->n_dropped,
        "expired", (json_int_t)wave->n_expired, "cancelled",
        (json_int_t)wave->n_cancelled, "skipped", (json_int_t)wave->n_skipped,
        "waiting", (json_int_t)wave->n_waiting);
}

static const char *
or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

/* Only what restricts. */
static json_t *
pack_filter(const struct rouse_filter *filter)
{
    json_t *json = json_object();
    json_t *kinds = json_array();
    bool is_bad = false;

    for (size_t i = 0; i < filter->n_kinds; i++)
        json_out_append(&kinds, json_string(filter->kinds[i]));
    if (filter->topic != NULL)
        is_bad |= json_object_set_new(json, "topic",
                                      json_out_text(filter->topic)) != 0;
    if (filter->parent != NULL)
        is_bad |= json_object_set_new(json, "parent_id",
                                      json_out_text(filter->parent)) != 0;
    if (filter->group != NULL)
        is_bad |= json_object_set_new(json, "group",
                                      json_out_text(filter->group)) != 0;
    if (filter->n_kinds > 0)
        is_bad |= json_object_set(json, "kinds", kinds) != 0;
    if (filter->silent_for_s != 0)
        is_bad |= json_object_set_new(json, "silent_for_s",
                                      json_integer(filter->silent_for_s)) != 0;
    json_decref(kinds);
    if (!is_bad)
        return json;
    json_decref(json);
    return NULL;
}

static json_t *
pack_wave(const struct rouse_wave *wave)
{
    return json_pack(
        "{s:I, s:s, s:o, s:s, s:I, s:o, s:o, s:o, s:o, s:o}", "id",
        (json_int_t)wave->id, "state", wave->state, "filter",
        pack_filter(&wave->filter), "until", until_text(wave->until), "pace",
        (json_int_t)wave->pace, "asked_at", json_out_time(wave->asked_at_ms),
        "asked_by", json_out_text(wave->asked_by), "deadline",
        json_out_time(wave->deadline_ms), "ended_at",
        json_out_time(wave->ended_at_ms), "counts", pack_counts(wave));
}

static bool
sees_wave(const struct request *request, const struct rouse_wave *wave)
{
    return request_sees(request, or_empty(wave->filter.topic)) &&
           store_group_covers(request->caller.group,
                              or_empty(wave->filter.group));
}

/* Whatever fails with waves; ENOTFOUND hides those of other topics too. */
static void
fail(struct request *request, enum rouse_err err)
{
    if (err == ROUSE_ENOTFOUND)
        request_fail(request, HTTP_NOT_FOUND, "not_found", "no wave %s",
                     request->rest);
    else if (err != ROUSE_OK)
        request_fail_rouse(request, err, NULL);
}

/* One that the caller may see; else it is answered. */
static bool
is_shown(struct request *request, enum rouse_err err,
         const struct rouse_wave *waves, size_t n)
{
    if (err == ROUSE_OK && (n == 0 || !sees_wave(request, waves)))
        err = ROUSE_ENOTFOUND;
    fail(request, err);
    return err == ROUSE_OK;
}

static void
on_wave(void *arg, enum rouse_err err, const struct rouse_wave *waves, size_t n,
        int64_t next)
{
    struct request *request = arg;

    (void)next;
    if (is_shown(request, err, waves, n))
        request_json(request, HTTP_OK, pack_wave(waves));
}

/* It is durable now. */
static void
on_asked(void *arg, enum rouse_err err, const struct rouse_wave *waves,
         size_t n, int64_t next)
{
    struct request *request = arg;
    char location[64];

    (void)next;
    if (err == ROUSE_ENOTFOUND) {
        request_fail(request, HTTP_NOT_FOUND, "unknown_group",
                     "there is no such group; GET /v1/groups (rouse group "
                     "list) lists those that exist");
        return;
    }
    if (err != ROUSE_OK || n == 0) {
        request_fail_rouse(request, err, NULL);
        return;
    }
    snprintf(location, sizeof location, "/v1/waves/%" PRId64, waves->id);
    request_json(request, HTTP_ACCEPTED, pack_wave(waves));
    request_add_header(request, "Location", location);
}

/* Kinds are checked here, so that the error can name the field. */
static const char **
read_kinds(struct json_in *in, size_t *n)
{
    const char **kinds = json_in_strings(in, "kinds", MAX_KINDS, 64, n);
    enum store_kind kind;

    for (size_t i = 0; kinds != NULL && i < *n; i++) {
        if (!store_kind_read(kinds[i], &kind))
            json_in_fail(in, "filter.kinds[%zu] is not a kind", i);
    }
    return kinds;
}

static void
read_filter(struct request *request, struct json_in *outer,
            struct rouse_filter *filter)
{
    const json_t *object = json_in_object(outer, "filter");
    bool is_all = json_in_bool(outer, "all", false);
    struct json_in in;

    if (object != NULL) {
        json_in_begin(&in, object);
        filter->topic = json_in_string(&in, "topic", STORE_MAX_TOPIC);
        filter->parent = json_in_string(&in, "parent_id", STORE_MAX_ID);
        filter->kinds = read_kinds(&in, &filter->n_kinds);
        filter->group = json_in_string(&in, "group", STORE_MAX_GROUP_PATH);
        filter->silent_for_s =
            (uint32_t)json_in_int(&in, "silent_for_s", 0, API_MAX_SILENT_S, 0);
        if (!json_in_end(&in))
            json_in_fail(outer, "filter: %s", in.why);
    }
    if ((filter->topic == NULL || *filter->topic == '\0') &&
        request->caller.topic[0] != '\0')
        filter->topic = request->caller.topic;
    if ((filter->group == NULL || *filter->group == '\0') &&
        request->caller.group[0] != '\0')
        filter->group = request->caller.group;
    if (!is_all && (filter->group == NULL || *filter->group == '\0') &&
        (filter->topic == NULL || *filter->topic == '\0') &&
        (filter->parent == NULL || *filter->parent == '\0') &&
        filter->n_kinds == 0 && filter->silent_for_s == 0)
        json_in_fail(
            outer,
            "the filter is empty; to wake every enrollment use \"all\": true");
}

static void
ask_wave(struct request *request, struct json_in *in,
         const struct rouse_filter *filter, int64_t deadline_s,
         struct rouse_wave_terms *terms)
{
    char actor[AUTH_NAME_SIZE];
    enum rouse_err err;

    if (!json_in_end(in)) {
        request_fail(request, HTTP_BAD_REQUEST, "invalid", "%s", in->why);
        return;
    }
    if (!request_sees(request, filter->topic == NULL ? "" : filter->topic)) {
        request_fail(request, HTTP_FORBIDDEN, "forbidden",
                     "this key is limited to the topic %s",
                     request->caller.topic);
        return;
    }
    if (!store_group_covers(request->caller.group,
                            filter->group == NULL ? "" : filter->group)) {
        request_fail(request, HTTP_FORBIDDEN, "forbidden",
                     "this key is limited to the group %s",
                     request->caller.group);
        return;
    }
    request_actor(request, actor);
    terms->asked_by = actor;
    if (deadline_s > 0)
        terms->deadline_ms = clock_unix_ms() + deadline_s * 1000;
    err = rouse_wave_ask(request->api->rouse, filter, terms, on_asked, request);
    if (err == ROUSE_EINVAL && terms->until == ROUSE_UNTIL_CHECK_IN)
        request_fail(request, HTTP_BAD_REQUEST, "invalid",
                     "until: \"check-in\" is not available; use \"accepted\"");
    else if (err != ROUSE_OK)
        request_fail_rouse(request, err, NULL);
}

void
serve_waves_ask(struct request *request)
{
    struct rouse_filter filter = {0};
    struct rouse_wave_terms terms = {0};
    struct json_in in;
    int64_t deadline_s;
    json_t *json = request_load_json(request);

    if (json == NULL)
        return;
    json_in_begin(&in, json);
    read_filter(request, &in, &filter);
    terms.pace = (uint32_t)json_in_int(&in, "pace", 0, ROUSE_MAX_PACE, 0);
    terms.until = until_read(&in);
    deadline_s = json_in_int(&in, "deadline_s", 1, ROUSE_MAX_SPAN_S, 0);
    ask_wave(request, &in, &filter, deadline_s, &terms);
    free((void *)(uintptr_t)filter.kinds);
    json_decref(json);
}

static void
on_waves(void *arg, enum rouse_err err, const struct rouse_wave *waves,
         size_t n, int64_t next)
{
    struct request *request = arg;
    json_t *list;

    if (err != ROUSE_OK) {
        request_fail_rouse(request, err, NULL);
        return;
    }
    list = json_array();
    for (size_t i = 0; i < n; i++) {
        if (sees_wave(request, &waves[i]))
            json_out_append(&list, pack_wave(&waves[i]));
    }
    request_json(request, HTTP_OK,
                 json_pack("{s:o, s:o}", "waves", list, "next_cursor",
                           json_out_cursor(next)));
}

void
serve_waves_list(struct request *request)
{
    bool only_open = false;
    int64_t before = 0;
    int64_t limit = LIST_LIMIT;

    if (!query_flag(request, "open", &only_open) ||
        !query_int(request, "cursor", 0, INT64_MAX, &before) ||
        !query_int(request, "limit", 1, LIST_MAX, &limit))
        return;
    fail(request, rouse_wave_list(request->api->rouse, only_open, before,
                                  (size_t)limit, on_waves, request));
}

void
serve_waves_get(struct request *request)
{
    int64_t id;

    if (query_rest_id(request, &id))
        fail(request,
             rouse_wave_get(request->api->rouse, id, on_wave, request));
}

static void
on_cancelled(void *arg, enum rouse_err err)
{
    struct request *request = arg;

    if (err == ROUSE_ENOTFOUND)
        fail(request, err);
    else if (err == ROUSE_ECONFLICT)
        request_fail(request, HTTP_CONFLICT, "conflict",
                     "the wave is over already");
    else if (err != ROUSE_OK)
        request_fail_rouse(request, err, NULL);
    else if (!request_is_over(request))
        serve_waves_get(request);
}

static void
on_wave_to_cancel(void *arg, enum rouse_err err, const struct rouse_wave *waves,
                  size_t n, int64_t next)
{
    struct request *request = arg;

    (void)next;
    if (!is_shown(request, err, waves, n) || request_is_over(request))
        return;
    err = rouse_wave_cancel(request->api->rouse, waves->id, on_cancelled,
                            request);
    if (err != ROUSE_OK)
        request_fail_rouse(request, err, NULL);
}

void
serve_waves_cancel(struct request *request)
{
    int64_t id;

    if (query_rest_id(request, &id))
        fail(request, rouse_wave_get(request->api->rouse, id, on_wave_to_cancel,
                                     request));
}
