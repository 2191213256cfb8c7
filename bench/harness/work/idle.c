/* SPDX-License-Identifier: MIT */
/*
 * idle: the memory of a roused that has nothing to do: with one certificate,
 * then with --number more, each with its open connections. Both times it has
 * just been started, so nothing is left of importing them.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench/base/proc.h"
#include "bench/harness/run/bench_child.h"
#include "bench/harness/run/bench_daemon.h"
#include "bench/harness/workload.h"

#define AT_ONCE   50 /* certificates made by one call of the program */
#define MAX_TOPIC 64
#define SETTLE_MS 3000 /* longer than an idle connection keeps its buffers */

static void
name_topic(uint64_t i, char topic[MAX_TOPIC])
{
    snprintf(topic, MAX_TOPIC, "%s.%04u", BENCH_SIM_TOPIC, (unsigned)i);
}

static bool
make_certs(const struct bench_sim *sim, uint64_t from, uint64_t n)
{
    char topics[AT_ONCE][MAX_TOPIC];
    const char *argv[4 + 2 * AT_ONCE + 1] = {sim->program, "pki", sim->dir,
                                             "--one-key"};
    size_t argc = 4;

    for (uint64_t i = 0; i < AT_ONCE && from + i < n; i++) {
        name_topic(from + i, topics[i]);
        argv[argc++] = "--topic";
        argv[argc++] = topics[i];
    }
    result_progress(from, n);
    return bench_child_run(argv);
}

static bool
make_all_certs(const struct bench_sim *sim, uint64_t n)
{
    for (uint64_t i = 0; i < n; i += AT_ONCE)
        if (!make_certs(sim, i, n))
            return false;
    return true;
}

static bool
put_certs(struct bench_daemon *daemon, uint64_t n)
{
    char topic[MAX_TOPIC], file[BENCH_CHILD_PATH];

    for (uint64_t i = 0; i < n; i++) {
        name_topic(i, topic);
        snprintf(file, sizeof file, "%s/%s.pem", daemon->sim.dir, topic);
        if (!bench_daemon_put_cert(daemon, file))
            return false;
    }
    return true;
}

/* What a fresh daemon takes once all connections stand open and idle. */
static bool
measure_rss(struct bench_daemon *daemon, uint64_t connections, double *rss_kib,
            double *open_s)
{
    struct meter start = meter_now();

    if (!bench_daemon_again(daemon) ||
        !bench_daemon_connect(daemon, connections))
        return false;
    *open_s = meter_since(&start).wall_s;
    bench_daemon_sleep(SETTLE_MS);
    *rss_kib = (double)proc_rss_kib(daemon->pid);
    return true;
}

static bool
measure(struct bench_daemon *daemon, struct result *result)
{
    uint64_t n = daemon->options->number;
    uint64_t each = daemon->options->connections;
    double one, many, open_s;

    /* First: it takes longer than roused keeps a silent connection. */
    if (!make_all_certs(&daemon->sim, n) ||
        !measure_rss(daemon, each, &one, &open_s) || !put_certs(daemon, n) ||
        !measure_rss(daemon, (n + 1) * each, &many, &open_s))
        return false;
    result->n = n;
    result->peak_kib = proc_peak_kib(daemon->pid);
    result_note(result, "idle_rss", one / 1024, "MiB");
    result_note(result, "all_rss", many / 1024, "MiB");
    result_note(result, "per_identity", (many - one) / (double)n, "KiB");
    result_note(result, "per_connection", (many - one) / (double)(n * each),
                "KiB");
    result_note(result, "all_open", open_s, "s");
    return true;
}

static bool
run(const struct bench_options *options, struct result *result)
{
    static struct bench_daemon daemon;
    bool ok;

    result->unit = "identity";
    result->units = "identities";
    result->is_other = true;
    ok = bench_daemon_open(&daemon, options) && measure(&daemon, result);
    result_progress(1, 1);
    bench_daemon_close(&daemon);
    return ok;
}

const struct workload workload_idle = {
    .name = "idle",
    .help = "memory of --number identities, each with its connection",
    .number = 500,
    .is_own_sim = true,
    .run = run,
};
