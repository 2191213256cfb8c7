/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_BENCH_RESULT_H
#define ROUSE_BENCH_RESULT_H

/*
 * What a workload measured, and how it is told: a table for people, one line
 * of JSON for programs.
 */

#include <stdbool.h>
#include <stdint.h>

#include "apns/apns.h"
#include "bench/harness/bench_options.h"
#include "histogram.h"
#include "meter.h"

#define RESULT_MAX_NOTES    8
#define RESULT_MAX_FAILURES 16 /* told apart; the last one takes all others */

/* A number that only some workloads have. */
struct result_note {
    const char *name; /* of one word */
    const char *unit;
    double value;
};

/* What was answered instead of 200. */
struct result_failure {
    uint16_t status; /* 0: no answer */
    char reason[APNS_MAX_REASON + 1];
    uint64_t n;
};

struct result {
    const char *workload;
    const char *unit;  /* what is counted: "push", "wake" */
    const char *units; /* more of them */
    uint64_t n;        /* done while measuring */
    uint64_t n_failed; /* of these: not accepted */
    uint32_t n_failures;
    struct result_failure failures[RESULT_MAX_FAILURES];
    struct meter used;           /* while measuring */
    struct histogram latency_us; /* empty: this workload has none */
    bool has_rate;               /* false: wall time means nothing here */
    bool is_other;               /* a child was measured, not this process */
    uint64_t peak_kib;           /* of that child */
    uint32_t n_notes;
    struct result_note notes[RESULT_MAX_NOTES];
};

/** result_print(result, options): on stdout. */
void result_print(const struct result *result,
                  const struct bench_options *options);

/** result_fail(result, status, reason): one more was not accepted. */
void result_fail(struct result *result, uint16_t status, const char *reason);

/** result_note: one more number; the strings are kept as they are. */
void result_note(struct result *result, const char *name, double value,
                 const char *unit);

/**
 * result_progress(done, of):
 * Redraw the progress bar, if stderr is a terminal; ${done} = ${of} ends it.
 */
void result_progress(uint64_t done, uint64_t of);

/**
 * result_progress_to(options, n, wall_s):
 * The same, not ended yet, for ${n} done in ${wall_s} of what ${options} ask.
 */
void result_progress_to(const struct bench_options *options, uint64_t n,
                        double wall_s);

#endif /* ROUSE_BENCH_RESULT_H */
