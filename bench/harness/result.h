/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_BENCH_RESULT_H
#define ROUSE_BENCH_RESULT_H

/*
 * What a workload measured, and how it is told: a table for people, one line
 * of JSON for programs.
 */

#include <stdbool.h>
#include <stdint.h>

#include "bench_options.h"
#include "histogram.h"
#include "meter.h"

struct result {
    const char *workload;
    const char *unit;            /* what is counted: "push", "wake" */
    uint64_t n;                  /* done while measuring */
    uint64_t n_failed;           /* of these: not accepted */
    struct meter used;           /* while measuring */
    struct histogram latency_us; /* empty: this workload has none */
    bool has_rate;               /* false: wall time means nothing here */
};

/** result_print(result, options): on stdout. */
void result_print(const struct result *result,
                  const struct bench_options *options);

/**
 * result_progress(done, of):
 * Redraw the progress bar, if stderr is a terminal; ${done} = ${of} ends it.
 */
void result_progress(uint64_t done, uint64_t of);

#endif /* ROUSE_BENCH_RESULT_H */
