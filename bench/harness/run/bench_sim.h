/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_BENCH_BENCH_SIM_H
#define ROUSE_BENCH_BENCH_SIM_H

/*
 * A rouse-sim of the harness's own, with throwaway certificates in a
 * temporary directory. It is a child process, so that its CPU time is not
 * counted.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "bench/harness/bench_options.h"
#include "bench_child.h"

#define BENCH_SIM_TOPIC "com.apple.mgmt.External.rouse-bench"

struct bench_sim {
    char program[BENCH_CHILD_PATH];
    pid_t pid; /* 0: not running */
    uint16_t port;
    char *dir;     /* temporary */
    char *ca_file; /* in dir */
    char *cert_file;
};

/**
 * bench_sim_start(sim, options):
 * Start it as the options wish and wait until it is ready.
 *
 *   returns  false and a word on stderr; then nothing is left behind
 */
bool bench_sim_start(struct bench_sim *sim,
                     const struct bench_options *options);

/** bench_sim_pki(sim, topic): its certificate and key, DIR/TOPIC.pem. */
bool bench_sim_pki(const struct bench_sim *sim, const char *topic);

/** bench_sim_stop(sim): end it, remove the directory; all zero is fine. */
void bench_sim_stop(struct bench_sim *sim);

#endif /* ROUSE_BENCH_BENCH_SIM_H */
