/* SPDX-License-Identifier: MIT */
/*
 * fleet: one wave over everybody, out of the database of a real roused. The
 * daemon starts afresh behind the import, so that its memory is the wave's.
 */
#include <stdio.h>

#include "bench/base/proc.h"
#include "bench/harness/run/bench_daemon.h"
#include "bench/harness/workload.h"

#define LOOK_MS 10 /* how exactly the end of the wave is known */

static bool
await_wave(struct bench_daemon *daemon, int64_t id, struct bench_wave *wave)
{
    do {
        bench_daemon_sleep(LOOK_MS);
        if (!bench_daemon_wave_get(daemon, id, wave))
            return false;
        result_progress(wave->n_accepted, wave->n_total + 1);
    } while (!wave->is_over);
    return true;
}

static bool
import(struct bench_daemon *daemon, struct result *result)
{
    uint64_t n = daemon->options->number;
    struct meter start = bench_daemon_meter(daemon), used;

    if (!bench_daemon_import(daemon, n, 1))
        return false;
    used = meter_between(&start, bench_daemon_meter(daemon));
    result_note(result, "import", used.wall_s, "s");
    result_note(result, "import_rate", (double)n / used.wall_s, "/s");
    result_note(result, "import_cpu",
                (used.user_s + used.system_s) * 1e6 / (double)n,
                "us/enrollment");
    return true;
}

static bool
measure(struct bench_daemon *daemon, struct result *result)
{
    struct bench_wave wave = {0};
    struct meter start;
    int64_t id;

    if (!import(daemon, result) || !bench_daemon_again(daemon) ||
        !bench_daemon_connect(daemon, daemon->options->connections))
        return false;
    result_note(result, "idle_rss", (double)proc_rss_kib(daemon->pid) / 1024,
                "MiB");
    start = bench_daemon_meter(daemon);
    if ((id = bench_daemon_wave(daemon)) <= 0 || !await_wave(daemon, id, &wave))
        return false;
    result->used = meter_between(&start, bench_daemon_meter(daemon));
    result->n = wave.n_total;
    result->n_failed = wave.n_total - wave.n_accepted;
    result->peak_kib = proc_peak_kib(daemon->pid);
    return true;
}

static bool
run(const struct bench_options *options, struct result *result)
{
    static struct bench_daemon daemon;
    bool ok;

    result->unit = "wake";
    result->units = "wakes";
    result->has_rate = result->is_other = true;
    ok = bench_daemon_open(&daemon, options) && measure(&daemon, result);
    result_progress(1, 1);
    bench_daemon_close(&daemon);
    return ok;
}

const struct workload workload_fleet = {
    .name = "fleet",
    .help = "a durable wave over --number enrollments of a real roused",
    .number = 200000,
    .is_own_sim = true,
    .run = run,
};
