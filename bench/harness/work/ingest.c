/* SPDX-License-Identifier: MIT */
/*
 * ingest: TokenUpdates that are on the disk when they are answered. In bulk
 * (NDJSON) every enrollment of the fleet gets a new token in one request;
 * with --clients so many connections each send check-ins, one at a time.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "apns/base/base64.h"
#include "apns/base/clock.h"
#include "apns/base/hex.h"
#include "apns/base/must.h"
#include "bench/base/proc.h"
#include "bench/harness/run/bench_daemon.h"
#include "bench/harness/workload.h"

#define MAX_PLIST  2048
#define PLIST_TYPE "application/x-apple-aspen-mdm-checkin"

struct client {
    struct bench_http http;
    uint64_t asked_us; /* 0: nothing is underway */
};

struct ingest {
    struct bench_daemon daemon;
    struct result *result;
    uint64_t n_asked;
    uint64_t start_us;
    struct client clients[BENCH_MAX_CLIENTS];
    struct pollfd polls[BENCH_MAX_CLIENTS];
};

static double
wall_s(const struct ingest *ingest)
{
    return (double)(clock_us() - ingest->start_us) / 1e6;
}

static bool
ask(struct ingest *ingest, struct client *client)
{
    char plist[MAX_PLIST], id[BENCH_DAEMON_ID], hex[65],
        base64[BASE64_SIZE(32)];
    uint8_t token[32];
    uint64_t i = ingest->n_asked++ % ingest->daemon.options->fleet;
    int n;

    bench_daemon_id(&ingest->daemon, i, id);
    bench_daemon_token(&ingest->daemon, i, 2 + ingest->n_asked, hex);
    must(hex_read(hex, 64, token));
    (void)base64_write(token, sizeof token, base64);
    n = snprintf(
        plist, sizeof plist,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC "
        "\"-//Apple//DTD PLIST 1.0//EN\" "
        "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
        "<plist version=\"1.0\"><dict><key>AwaitingConfiguration</key><false/>"
        "<key>MessageType</key><string>TokenUpdate</string>"
        "<key>PushMagic</key><string>%s</string>"
        "<key>Token</key><data>%s</data><key>Topic</key><string>%s</string>"
        "<key>UDID</key><string>%s</string></dict></plist>\n",
        ingest->daemon.magic, base64, BENCH_SIM_TOPIC, id);
    client->asked_us = clock_us();
    return bench_http_begin(&client->http, "PUT", "/v1/checkin", PLIST_TYPE,
                            (uint64_t)n) &&
           bench_http_write(&client->http, plist, (size_t)n);
}

static bool
hear(struct ingest *ingest, struct client *client)
{
    struct result *result = ingest->result;
    unsigned status = bench_http_receive(&client->http);

    if (status == 0) {
        fputs("rouse-bench: roused closed a connection\n", stderr);
        return false;
    }
    result->n++;
    if (status != 200 && result->n_failed++ == 0)
        fprintf(stderr, "rouse-bench: check-in: %u %.300s\n", status,
                client->http.body);
    histogram_add(&result->latency_us, clock_us() - client->asked_us);
    client->asked_us = 0;
    result_progress_to(ingest->daemon.options, result->n, wall_s(ingest));
    return true;
}

/* Every client has one underway until all are answered. */
static bool
check_in(struct ingest *ingest)
{
    const struct bench_options *options = ingest->daemon.options;
    uint32_t n = options->clients;

    ingest->start_us = clock_us();
    for (uint32_t i = 0; i < n; i++) {
        if (!bench_http_open(&ingest->clients[i].http, ingest->daemon.socket))
            return false;
        ingest->polls[i] =
            (struct pollfd){.fd = ingest->clients[i].http.fd, .events = POLLIN};
        if (!ask(ingest, &ingest->clients[i]))
            return false;
    }
    while (ingest->result->n < ingest->n_asked) {
        if (poll(ingest->polls, n, -1) < 0)
            return false;
        for (uint32_t i = 0; i < n; i++) {
            struct client *client = &ingest->clients[i];

            if (ingest->polls[i].revents == 0)
                continue;
            if (!hear(ingest, client))
                return false;
            if (bench_options_are_met(options, ingest->n_asked, wall_s(ingest)))
                ingest->polls[i].fd = -1;
            else if (!ask(ingest, client))
                return false;
        }
    }
    return true;
}

static bool
measure(struct ingest *ingest)
{
    struct bench_daemon *daemon = &ingest->daemon;
    struct result *result = ingest->result;
    uint64_t n = daemon->options->number;
    struct meter start;
    bool ok;

    if (daemon->options->duration_s > 0 && daemon->options->clients == 0) {
        fputs("rouse-bench: ingest in bulk is one request of --number; use "
              "--clients with --duration\n",
              stderr);
        return false;
    }
    if (!bench_daemon_import(
            daemon, daemon->options->clients > 0 ? daemon->options->fleet : n,
            1))
        return false;
    start = bench_daemon_meter(daemon);
    if (daemon->options->clients > 0) {
        ok = check_in(ingest);
    } else {
        ok = bench_daemon_import(daemon, n, 2);
        result->n = n;
    }
    result->used = meter_between(&start, bench_daemon_meter(daemon));
    result->peak_kib = proc_peak_kib(daemon->pid);
    return ok;
}

static bool
run(const struct bench_options *options, struct result *result)
{
    static struct ingest ingest;
    bool ok;

    for (uint32_t i = 0; i < BENCH_MAX_CLIENTS; i++)
        ingest.clients[i].http.fd = -1;
    ingest.result = result;
    result->unit = "update";
    result->units = "updates";
    result->has_rate = result->is_other = true;
    ok = bench_daemon_open(&ingest.daemon, options) && measure(&ingest);
    result_progress(1, 1);
    for (uint32_t i = 0; i < BENCH_MAX_CLIENTS; i++)
        bench_http_close(&ingest.clients[i].http);
    bench_daemon_close(&ingest.daemon);
    return ok;
}

const struct workload workload_ingest = {
    .name = "ingest",
    .help = "durable TokenUpdates: in bulk, or --clients with check-ins",
    .number = 100000,
    .has_duration = true,
    .is_own_sim = true,
    .run = run,
};
