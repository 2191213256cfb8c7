/* SPDX-License-Identifier: MIT */

/*
 * /metrics: Prometheus' text format.
 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apns/base/clock.h"
#include "process_stats.h"
#include "server/api/api_private.h"
#include "server/api/http/conn_states.h"
#include "server/api/http/http_conn.h"
#include "server/api/http/httpd.h"
#include "server/api/json/json_out.h"
#include "server/api/request.h"
#include "server/api/routes.h"
#include "server/certlife/certlife.h"
#include "server/engine/engine.h"

static void
begin(FILE *out, const char *name, const char *type, const char *help)
{
    fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
write_one(FILE *out, const char *name, const char *type, const char *help,
          double value)
{
    begin(out, name, type, help);
    fprintf(out, "%s %.17g\n", name, value);
}

/* A label's value: backslash, quote and newline are escaped. */
static void
write_label(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\n')
            fputs("\\n", out);
        else if (*text == '"' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else
            fputc(*text, out);
    }
}

static void
write_topic(FILE *out, const char *name, const char *topic, const char *more,
            double value)
{
    fprintf(out, "%s{topic=\"", name);
    write_label(out, topic);
    fprintf(out, "\"%s} %.17g\n", more, value);
}

static void
write_latency(FILE *out, const struct apns_stats *apns)
{
    uint64_t n = 0;

    begin(out, "rouse_push_latency_seconds", "histogram",
          "Time from submit to APNs' answer.");
    for (unsigned i = 0; i < APNS_LATENCY_BUCKETS; i++) {
        n += apns->latency_count[i];
        if (i + 1 < APNS_LATENCY_BUCKETS)
            fprintf(out,
                    "rouse_push_latency_seconds_bucket{le=\"%g\"} %" PRIu64
                    "\n",
                    (double)(1U << i) / 1000.0, n);
    }
    fprintf(out,
            "rouse_push_latency_seconds_bucket{le=\"+Inf\"} %" PRIu64 "\n"
            "rouse_push_latency_seconds_sum %.6f\n"
            "rouse_push_latency_seconds_count %" PRIu64 "\n",
            n, (double)apns->latency_sum_us / 1e6, n);
}

static void
write_pushes(FILE *out, const struct rouse_status *status)
{
    static const char *const effects[] = {
#define X(name, text) text,
        ROUSE_EFFECTS(X)
#undef X
    };
    const struct apns_stats *apns = &status->apns;

    begin(out, "rouse_pushes_total", "counter", "Results by class.");
    for (int i = 0; i < APNS_N_CLASSES; i++)
        fprintf(out, "rouse_pushes_total{class=\"%s\"} %" PRIu64 "\n",
                apns_class_name((enum apns_class)i), apns->n_results[i]);
    begin(out, "rouse_settled_total", "counter",
          "Pushes by their effect on the enrollment's wake.");
    for (size_t i = 0; i < ROUSE_N_EFFECTS; i++)
        fprintf(out, "rouse_settled_total{effect=\"%s\"} %" PRIu64 "\n",
                effects[i], status->n_effects[i]);
    write_latency(out, apns);
    write_one(out, "rouse_pushes_moved_total", "counter",
              "Pushes moved to another connection without a result: after "
              "GOAWAY or REFUSED_STREAM, or once after a lost connection.",
              (double)apns->n_moved);
    write_one(out, "rouse_in_flight", "gauge", "Pushes without an answer.",
              apns->n_in_flight);
    write_one(out, "rouse_queue_depth", "gauge", "Pushes waiting for a stream.",
              apns->n_queued);
    write_one(out, "rouse_due", "gauge", "Wakes claimed and not yet submitted.",
              status->n_due);
}

static void
write_connections(FILE *out, const struct apns_stats *apns)
{
    begin(out, "rouse_connections", "gauge", "Connections to APNs.");
    for (size_t i = 0; i < conn_states_count; i++)
        fprintf(out, "rouse_connections{state=\"%s\"} %" PRIu32 "\n",
                conn_states_text(i), apns->n_conns[i]);
    write_one(out, "rouse_dials_total", "counter", "Connections dialled.",
              (double)apns->n_dials);
    write_one(out, "rouse_connections_lost_total", "counter",
              "Connections that died with pushes in flight.",
              (double)apns->n_conns_lost);
    write_one(out, "rouse_goaways_total", "counter", "GOAWAY frames received.",
              (double)apns->n_goaways);
    write_one(out, "rouse_sent_bytes_total", "counter",
              "Bytes to APNs, before TLS.", (double)apns->n_bytes_out);
    write_one(out, "rouse_received_bytes_total", "counter",
              "Bytes from APNs, after TLS.", (double)apns->n_bytes_in);
}

/* One metric for each certificate and a function that writes it. */
struct cert_metric {
    FILE *out;
    struct rouse *rouse;
};

static void
on_expiry(void *arg, const struct apns_identity_status *identity)
{
    const struct cert_metric *metric = arg;
    double left = (double)identity->cert.not_after_unix -
                  (double)clock_unix_ms() / 1000.0;

    write_topic(metric->out, "rouse_pushcert_expiry_seconds",
                identity->cert.topic, "", left);
}

static void
on_life(void *arg, const struct apns_identity_status *identity)
{
    static const char *const lives[] = {
#define X(name, word) word,
        CERTLIFE_STATES(X)
#undef X
    };
    const struct cert_metric *metric = arg;
    const char *life = rouse_cert_life(metric->rouse, identity);

    for (size_t i = 0; i < sizeof lives / sizeof lives[0]; i++) {
        char more[48];

        snprintf(more, sizeof more, ",state=\"%s\"", lives[i]);
        write_topic(metric->out, "rouse_pushcert_state", identity->cert.topic,
                    more, strcmp(life, lives[i]) == 0);
    }
}

static void
on_link(void *arg, const struct apns_identity_status *identity)
{
    const struct cert_metric *metric = arg;

    for (int i = 0; i < APNS_N_IDENTITY_STATES; i++) {
        enum apns_identity_state state = (enum apns_identity_state)i;
        char more[48];

        snprintf(more, sizeof more, ",state=\"%s\"",
                 apns_identity_state_name(state));
        write_topic(metric->out, "rouse_pushcert_link", identity->cert.topic,
                    more, identity->state == state);
    }
}

static void
on_alert(void *arg, const struct rouse_alert *alert)
{
    const struct cert_metric *metric = arg;
    char more[96];

    snprintf(more, sizeof more, ",kind=\"%.32s\",severity=\"%.16s\"",
             alert->kind, alert->severity);
    write_topic(metric->out, "rouse_alert", alert->topic, more, 1);
}

static void
write_certs(FILE *out, struct rouse *rouse)
{
    struct cert_metric metric = {out, rouse};

    begin(out, "rouse_pushcert_expiry_seconds", "gauge",
          "Time until the push certificate lapses; negative when it has.");
    rouse_cert_each(rouse, on_expiry, &metric);
    begin(out, "rouse_pushcert_state", "gauge",
          "1 for the push certificate's current state of life.");
    rouse_cert_each(rouse, on_life, &metric);
    begin(out, "rouse_pushcert_link", "gauge",
          "1 for the state of its connections to APNs.");
    rouse_cert_each(rouse, on_link, &metric);
    begin(out, "rouse_alert", "gauge", "1 for each open alert.");
    rouse_alert_each(rouse, on_alert, &metric);
}

static void
write_topics(FILE *out, const struct store_stats *stats)
{
    begin(out, "rouse_enrollments", "gauge", "Enrollments.");
    for (size_t i = 0; i < stats->n_topics; i++) {
        for (int k = 0; k < STORE_N_STATES; k++) {
            char more[48];

            snprintf(more, sizeof more, ",state=\"%s\"",
                     store_state_text((enum store_state)k));
            write_topic(out, "rouse_enrollments", stats->topics[i].topic, more,
                        (double)stats->topics[i].n[k]);
        }
    }
    begin(out, "rouse_wakes_waiting", "gauge", "Wakes without an outcome.");
    for (size_t i = 0; i < stats->n_topics; i++)
        write_topic(out, "rouse_wakes_waiting", stats->topics[i].topic, "",
                    (double)stats->topics[i].n_wakes);
}

static void
write_store(FILE *out, const struct store_stats *stats)
{
    int64_t now_ms = clock_unix_ms();
    double overdue = 0;

    if (stats->oldest_due_ms != 0 && stats->oldest_due_ms < now_ms)
        overdue = (double)(now_ms - stats->oldest_due_ms) / 1000.0;
    write_one(out, "rouse_oldest_due_seconds", "gauge",
              "How long the oldest due wake has been due.", overdue);
    write_one(out, "rouse_waves_open", "gauge", "Waves that are not over.",
              (double)stats->n_open_waves);
    begin(out, "rouse_store_commit_seconds", "summary",
          "Durable transactions.");
    fprintf(out,
            "rouse_store_commit_seconds_sum %.6f\n"
            "rouse_store_commit_seconds_count %" PRIu64 "\n",
            (double)stats->commit_us_sum / 1e6, stats->n_commits);
    write_one(out, "rouse_store_commit_seconds_max", "gauge",
              "Longest commit since the start.",
              (double)stats->commit_us_max / 1e6);
    write_one(out, "rouse_store_requests_total", "counter",
              "Requests to the store.", (double)stats->n_requests);
    write_one(out, "rouse_store_bytes", "gauge", "Size of the database.",
              (double)stats->db_bytes);
    write_one(out, "rouse_store_failing", "gauge",
              "1 while the last write has failed.", stats->is_failing);
}

static void
write_closed(FILE *out, const struct api *api)
{
    begin(out, "rouse_api_closed_total", "counter",
          "HTTP connections closed by the daemon, by reason.");
    for (unsigned i = 0; i < HTTP_CONN_N_ENDS; i++)
        fprintf(out, "rouse_api_closed_total{reason=\"%s\"} %" PRIu64 "\n",
                http_conn_end_text((enum http_conn_end)i),
                httpd_ended(api->local, i) + httpd_ended(api->remote, i));
}

static void
write_api(FILE *out, const struct api *api, const struct rouse_status *status)
{
    write_one(out, "rouse_checkins_total", "counter", "Check-ins accepted.",
              (double)status->n_checkins);
    write_one(out, "rouse_checkins_refused_total", "counter",
              "Check-ins that could not be read.",
              (double)status->n_checkins_refused);
    write_one(out, "rouse_api_requests_total", "counter", "HTTP requests.",
              (double)api->n_requests);
    write_one(out, "rouse_api_refused_total", "counter",
              "HTTP requests without a sufficient key.",
              (double)api->n_refused);
    write_one(out, "rouse_api_connections", "gauge", "HTTP connections.",
              httpd_count(api->local) + httpd_count(api->remote));
    write_closed(out, api);
    begin(out, "rouse_build_info", "gauge", "1, with the version.");
    fprintf(out, "rouse_build_info{version=\"%s\"} 1\n", ROUSE_VERSION);
}

static void
write_process(FILE *out, const struct rouse_status *status)
{
    struct process_stats process;

    process_stats_get(&process);
    write_one(out, "process_cpu_seconds_total", "counter",
              "User and system CPU time.", process.cpu_s);
    write_one(out, "process_resident_memory_bytes", "gauge", "Resident memory.",
              process.resident_bytes);
    write_one(out, "process_open_fds", "gauge", "Open descriptors.",
              process.n_fds);
    write_one(out, "process_start_time_seconds", "gauge",
              "Start time of the engine.",
              (double)status->started_at_ms / 1000.0);
}

static void
on_stats(void *arg, enum store_err err, const struct store_stats *stats)
{
    struct request *request = arg;
    struct rouse_status status;
    char *text = NULL;
    size_t len = 0;
    FILE *out;

    if (err != STORE_OK) {
        request_fail_store(request, err, NULL);
        return;
    }
    if (request_is_over(request))
        return;
    out = open_memstream(&text, &len);
    if (out == NULL) {
        request_fail_rouse(request, ROUSE_ENOMEM, NULL);
        return;
    }
    rouse_status_get(request->api->rouse, &status);
    write_pushes(out, &status);
    write_connections(out, &status.apns);
    write_certs(out, request->api->rouse);
    write_topics(out, stats);
    write_store(out, stats);
    write_api(out, request->api, &status);
    write_process(out, &status);
    if (fclose(out) != 0) {
        free(text);
        text = NULL;
    }
    request_text(request, HTTP_OK, "text/plain; version=0.0.4; charset=utf-8",
                 text, len);
}

void
serve_metrics_get(struct request *request)
{
    enum store_err err =
        store_stats_get(request->api->store, on_stats, request);

    if (err != STORE_OK)
        request_fail_store(request, err, NULL);
}
