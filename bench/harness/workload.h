/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_BENCH_WORKLOAD_H
#define ROUSE_BENCH_WORKLOAD_H

/*
 * The workloads, a file each, behind one table.
 */

#include <stddef.h>

#include "bench/harness/measure/result.h"
#include "bench_options.h"

struct workload {
    const char *name;
    const char *help;  /* one line */
    uint64_t number;   /* --number, when it is not given */
    bool has_duration; /* --duration may end it */
    bool is_own_sim;   /* it starts roused beside a simulator, always */
    /* Fill in the result, but for its name. False when it could not be
     * measured; then a word is on stderr. */
    bool (*run)(const struct bench_options *options, struct result *result);
};

extern const struct workload workload_send;
extern const struct workload workload_fleet;
extern const struct workload workload_wake;
extern const struct workload workload_ingest;
extern const struct workload workload_idle;
extern const struct workload workload_floor;
extern const struct workload workload_session;

/** workload_find(name): NULL when there is none. */
const struct workload *workload_find(const char *name);

/** workload_print_help(): a line each. */
void workload_print_help(void);

#endif /* ROUSE_BENCH_WORKLOAD_H */
