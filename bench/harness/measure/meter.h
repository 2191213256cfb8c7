/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_BENCH_METER_H
#define ROUSE_BENCH_METER_H

/*
 * What this process has used between two moments: time, CPU, instructions,
 * allocations; and how large it has been. Children (the simulator) do not
 * count.
 */

#include <stdbool.h>
#include <stdint.h>

struct meter {
    double wall_s;
    double cpu_s;  /* exact */
    double user_s; /* of readings as coarse as the kernel's ticks; of what was
                      used between two, scaled so that both are all of cpu_s */
    double system_s;
    uint64_t n_allocations;
    uint64_t n_instructions; /* outside the kernel */
    bool has_instructions;   /* false: this machine cannot count them */
};

/** meter_now(): absolute readings. */
struct meter meter_now(void);

/** meter_between(start, end): what was used between two readings. */
struct meter meter_between(const struct meter *start, struct meter end);

/** meter_since(start): what was used since ${start} was read. */
struct meter meter_since(const struct meter *start);

/**
 * meter_add(sum, start):
 * Add what was used since ${start} was read, for work that is done in pieces;
 * all zero is an empty sum.
 */
void meter_add(struct meter *sum, const struct meter *start);

/** meter_peak_kib(): most memory ever resident, KiB; 0 when not known. */
uint64_t meter_peak_kib(void);

#endif /* ROUSE_BENCH_METER_H */
