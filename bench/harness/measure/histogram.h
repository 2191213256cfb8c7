/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_BENCH_HISTOGRAM_H
#define ROUSE_BENCH_HISTOGRAM_H

/*
 * Latencies counted in buckets that grow with the value: exact below
 * HISTOGRAM_LINEAR, within 1 / HISTOGRAM_LINEAR (0.8 %) of the value above.
 * Values are what the caller counts in; the maximum and the sum are exact.
 */

#include <stddef.h>
#include <stdint.h>

#define HISTOGRAM_LINEAR_BITS 7
#define HISTOGRAM_LINEAR      (1U << HISTOGRAM_LINEAR_BITS)
#define HISTOGRAM_MAX_BITS    40 /* larger values count as 2^40 - 1 */
#define HISTOGRAM_BUCKETS                                       \
    ((size_t)(HISTOGRAM_MAX_BITS - HISTOGRAM_LINEAR_BITS + 1) * \
     HISTOGRAM_LINEAR)

struct histogram {
    uint64_t n;
    uint64_t sum;
    uint64_t max;
    uint64_t buckets[HISTOGRAM_BUCKETS];
};

/** histogram_add(histogram, value): all zero is an empty histogram. */
void histogram_add(struct histogram *histogram, uint64_t value);

/**
 * histogram_quantile(histogram, q):
 * The value that a share of ${q}, 0..1, of all values does not exceed: at
 * least that, and at most one bucket above. 0 when empty; q = 1 is the exact
 * maximum.
 */
uint64_t histogram_quantile(const struct histogram *histogram, double q);

/** histogram_mean(histogram): 0 when empty. */
double histogram_mean(const struct histogram *histogram);

#endif /* ROUSE_BENCH_HISTOGRAM_H */
