/* SPDX-License-Identifier: MIT */
/*
 * wake: how long one wake takes through the API, from the request until the
 * answer says that APNs accepted the push: the wish is on the disk and the
 * push was written to APNs' socket before that. What of it was not APNs' is
 * told apart, since the rest is none of ours: with N pushes in flight and R
 * answers a second, an answer takes N / R at least. With --busy a wave runs
 * meanwhile, over a fleet of --fleet, again and again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apns/base/clock.h"
#include "bench/base/proc.h"
#include "bench/harness/run/bench_daemon.h"
#include "bench/harness/workload.h"

#define WARM_UP 20
#define MAX_ASK 128 /* bytes of a request's body */

struct waker {
    struct bench_daemon daemon;
    struct bench_http http; /* for the wakes alone */
    struct result *result;
    struct histogram own_us; /* without APNs' part */
    int64_t wave;            /* that runs; 0: none is wanted */
    uint64_t n_waves;
};

/* What of ${took_us} was ours: the answer says how long APNs took. */
static uint64_t
own_part(const char *body, uint64_t took_us)
{
    static const char key[] = "\"latency_us\":";
    const char *at = strstr(body, key);
    uint64_t apns_us = at == NULL ? 0 : strtoull(at + sizeof key - 1, NULL, 10);

    return took_us > apns_us ? took_us - apns_us : 0;
}

/* One wake; enrollments in turn, so that none is asked for twice at once. */
static bool
wake(struct waker *waker, uint64_t i, uint64_t *took_us)
{
    char id[BENCH_DAEMON_ID], ask[MAX_ASK];
    uint64_t start_us;
    unsigned status;

    bench_daemon_id(&waker->daemon, i % waker->daemon.options->fleet, id);
    snprintf(ask, sizeof ask, "{\"ids\":[\"%s\"],\"wait_s\":20}", id);
    start_us = clock_us();
    status = bench_http_call(&waker->http, "POST", "/v1/wakes",
                             BENCH_DAEMON_JSON, ask);
    *took_us = clock_us() - start_us;
    if (status != 200) {
        fprintf(stderr, "rouse-bench: the wake: %u %.300s\n", status,
                waker->http.body);
        return false;
    }
    return true;
}

/* A wave is always underway. */
static bool
keep_busy(struct waker *waker)
{
    struct bench_wave wave = {.is_over = true};

    if (!waker->daemon.options->is_busy)
        return true;
    if (waker->wave > 0 &&
        !bench_daemon_wave_get(&waker->daemon, waker->wave, &wave))
        return false;
    if (!wave.is_over)
        return true;
    waker->n_waves++;
    return (waker->wave = bench_daemon_wave(&waker->daemon)) > 0;
}

static void
note_own(struct waker *waker, const char *name, double q)
{
    double us = (double)histogram_quantile(&waker->own_us, q);

    result_note(waker->result, name, us / 1e3, "ms");
}

static bool
measure(struct waker *waker)
{
    const struct bench_options *options = waker->daemon.options;
    struct result *result = waker->result;
    uint64_t took_us;
    struct meter start;
    double wall_s = 0;

    for (uint64_t i = 0; i < WARM_UP; i++)
        if (!keep_busy(waker) || !wake(waker, i, &took_us))
            return false;
    start = bench_daemon_meter(&waker->daemon);
    for (uint64_t i = 0; !bench_options_are_met(options, i, wall_s); i++) {
        if (!keep_busy(waker) || !wake(waker, WARM_UP + i, &took_us))
            return false;
        if (strstr(waker->http.body, "\"outcome\":\"accepted\"") == NULL)
            result->n_failed++;
        histogram_add(&result->latency_us, took_us);
        histogram_add(&waker->own_us, own_part(waker->http.body, took_us));
        result->n++;
        wall_s = meter_since(&start).wall_s;
        result_progress_to(options, result->n, wall_s);
    }
    result->used = meter_between(&start, bench_daemon_meter(&waker->daemon));
    result->peak_kib = proc_peak_kib(waker->daemon.pid);
    note_own(waker, "own_p50", 0.5);
    note_own(waker, "own_p99", 0.99);
    result_note(result, "waves_meanwhile", (double)waker->n_waves, "");
    return true;
}

static bool
run(const struct bench_options *options, struct result *result)
{
    static struct waker waker;
    struct bench_daemon *daemon = &waker.daemon;
    bool ok;

    waker.result = result;
    waker.http.fd = -1;
    result->unit = "wake";
    result->units = "wakes";
    result->is_other = true;
    ok = bench_daemon_open(daemon, options) &&
         bench_daemon_import(daemon, options->fleet, 1) &&
         bench_daemon_connect(daemon, options->connections) &&
         bench_http_open(&waker.http, daemon->socket) && measure(&waker);
    result_progress(1, 1);
    bench_http_close(&waker.http);
    bench_daemon_close(daemon);
    return ok;
}

const struct workload workload_wake = {
    .name = "wake",
    .help = "latency of single wakes through the API; --busy: beside a wave",
    .number = 1000,
    .has_duration = true,
    .is_own_sim = true,
    .run = run,
};
