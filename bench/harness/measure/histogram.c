/* SPDX-License-Identifier: MIT */
#include "histogram.h"

#include <math.h>
#include <stddef.h>

#define MAX_VALUE ((UINT64_C(1) << HISTOGRAM_MAX_BITS) - 1)

/*
 * Below HISTOGRAM_LINEAR a bucket per value. Above, each power of two has
 * HISTOGRAM_LINEAR buckets, so that a bucket's width is at most 1 /
 * HISTOGRAM_LINEAR of the values in it.
 */
static size_t
bucket_of(uint64_t value)
{
    int shift;

    if (value < HISTOGRAM_LINEAR)
        return (size_t)value;
    if (value > MAX_VALUE)
        value = MAX_VALUE;
    shift = 63 - __builtin_clzll(value) - HISTOGRAM_LINEAR_BITS;
    return (size_t)(shift + 1) * HISTOGRAM_LINEAR + (size_t)(value >> shift) -
           HISTOGRAM_LINEAR;
}

/* The largest value that falls into the bucket. */
static uint64_t
upper_edge(size_t bucket)
{
    size_t shift;

    if (bucket < HISTOGRAM_LINEAR)
        return bucket;
    shift = bucket / HISTOGRAM_LINEAR - 1;
    return ((uint64_t)(bucket % HISTOGRAM_LINEAR + HISTOGRAM_LINEAR + 1)
            << shift) -
           1;
}

void
histogram_add(struct histogram *histogram, uint64_t value)
{
    histogram->n++;
    histogram->sum += value;
    if (value > histogram->max)
        histogram->max = value;
    histogram->buckets[bucket_of(value)]++;
}

uint64_t
histogram_quantile(const struct histogram *histogram, double q)
{
    uint64_t wanted = (uint64_t)ceil(q * (double)histogram->n), seen = 0;

    if (wanted >= histogram->n)
        return histogram->max;
    if (wanted == 0)
        wanted = 1;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        uint64_t edge = upper_edge(i);

        seen += histogram->buckets[i];
        if (seen >= wanted)
            return edge < histogram->max ? edge : histogram->max;
    }
    return histogram->max;
}

double
histogram_mean(const struct histogram *histogram)
{
    return histogram->n == 0 ? 0
                             : (double)histogram->sum / (double)histogram->n;
}
