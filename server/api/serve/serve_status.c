/* SPDX-License-Identifier: MIT */

/*
 * /v1/status: how it stands, in one answer, for `rouse status`.
 */

#include "apns/base/clock.h"
#include "server/api/api_private.h"
#include "server/api/http/conn_states.h"
#include "server/api/http/httpd.h"
#include "server/api/json/alert_json.h"
#include "server/api/json/json_out.h"
#include "server/api/request.h"
#include "server/api/routes.h"
#include "server/certlife/certlife.h"
#include "server/engine/engine.h"

static json_t *
pack_pushes(const struct apns_stats *apns)
{
    json_t *json = json_object();

    for (int i = 0; i < APNS_N_CLASSES; i++)
        json_object_set_new(json, apns_class_name((enum apns_class)i),
                            json_integer((json_int_t)apns->n_results[i]));
    return json;
}

static json_t *
pack_conns(const struct apns_stats *apns)
{
    json_t *json = json_object();

    for (size_t i = 0; i < conn_states_count; i++)
        json_object_set_new(json, conn_states_text(i),
                            json_integer((json_int_t)apns->n_conns[i]));
    return json;
}

static json_t *
pack_enrollments(const struct store_stats *stats)
{
    json_t *json =
        json_pack("{s:I}", "total", (json_int_t)stats->n_enrollments);

    for (int state = 0; json != NULL && state < STORE_N_STATES; state++) {
        int64_t n = 0;

        for (size_t i = 0; i < stats->n_topics; i++)
            n += stats->topics[i].n[state];
        json_object_set_new(json, store_state_text((enum store_state)state),
                            json_integer((json_int_t)n));
    }
    return json;
}

struct identity_list {
    struct rouse *rouse;
    json_t *json;
};

static void
on_identity(void *arg, const struct apns_identity_status *identity)
{
    struct identity_list *list = arg;
    int64_t days_left = certlife_days_left(identity->cert.not_after_unix,
                                           clock_unix_ms() / 1000);

    json_out_append(
        &list->json,
        json_pack(
            "{s:o, s:s, s:s, s:o, s:b, s:i, s:o, s:I, s:i, s:i, s:i}", "topic",
            json_out_text(identity->cert.topic), "life",
            rouse_cert_life(list->rouse, identity), "state",
            apns_identity_state_name(identity->state), "why",
            json_out_text(identity->why), "proven", (int)identity->is_proven,
            "undecided", (int)identity->n_undecided, "not_after",
            json_out_time(identity->cert.not_after_unix * 1000), "days_left",
            (json_int_t)days_left, "connections", (int)identity->n_conns,
            "in_flight", (int)identity->n_in_flight, "queued",
            (int)identity->n_queued));
}

static json_t *
pack_store(const struct store_stats *stats)
{
    return json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:b}", "bytes", (json_int_t)stats->db_bytes,
        "commits", (json_int_t)stats->n_commits, "requests",
        (json_int_t)stats->n_requests, "commit_us_sum",
        (json_int_t)stats->commit_us_sum, "commit_us_max",
        (json_int_t)stats->commit_us_max, "failing", (int)stats->is_failing);
}

static json_t *
pack_status(struct api *api, const struct store_stats *stats)
{
    struct rouse_status status;
    struct identity_list identities = {api->rouse, json_array()};

    rouse_status_get(api->rouse, &status);
    rouse_cert_each(api->rouse, on_identity, &identities);
    return json_pack(
        "{s:s, s:o, s:I, s:b, s:b, s:o, s:{s:I, s:o}, s:{s:I, s:I},"
        " s:{s:I, s:I, s:o}, s:{s:I, s:I}, s:o, s:o, s:o, s:o, s:I}",
        "version", "v" ROUSE_VERSION, "started_at",
        json_out_time(status.started_at_ms), "uptime_s",
        (json_int_t)((clock_unix_ms() - status.started_at_ms) / 1000), "ready",
        (int)(status.is_ready && !api->is_draining), "disk_failing",
        (int)status.is_disk_failing, "enrollments", pack_enrollments(stats),
        "wakes", "waiting", (json_int_t)stats->n_wakes, "oldest_due",
        json_out_time(stats->oldest_due_ms), "waves", "open",
        (json_int_t)stats->n_open_waves, "running", (json_int_t)status.n_waves,
        "pushes", "in_flight", (json_int_t)status.n_in_flight, "due",
        (json_int_t)status.n_due, "results", pack_pushes(&status.apns),
        "checkins", "taken", (json_int_t)status.n_checkins, "refused",
        (json_int_t)status.n_checkins_refused, "connections",
        pack_conns(&status.apns), "pushcerts", identities.json, "alerts",
        alert_json_open(api->rouse), "store", pack_store(stats), "clients",
        (json_int_t)httpd_count(api->local) + httpd_count(api->remote));
}

static void
on_stats(void *arg, enum store_err err, const struct store_stats *stats)
{
    struct request *request = arg;

    if (err != STORE_OK)
        request_fail_store(request, err, NULL);
    else if (!request_is_over(request))
        request_json(request, HTTP_OK, pack_status(request->api, stats));
}

void
serve_status_get(struct request *request)
{
    enum store_err err =
        store_stats_get(request->api->store, on_stats, request);

    if (err != STORE_OK)
        request_fail_store(request, err, NULL);
}
