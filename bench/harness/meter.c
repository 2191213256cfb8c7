/* SPDX-License-Identifier: MIT */
#include "meter.h"

#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "allocations.h"
#include "bench_child.h"

static double
seconds(const struct timeval *tv)
{
    return (double)tv->tv_sec + (double)tv->tv_usec / 1e6;
}

struct meter
meter_now(void)
{
    struct timespec ts;
    struct rusage usage;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    getrusage(RUSAGE_SELF, &usage);
    return (struct meter){
        .wall_s = (double)ts.tv_sec + (double)ts.tv_nsec / 1e9,
        .user_s = seconds(&usage.ru_utime),
        .system_s = seconds(&usage.ru_stime),
        .n_allocations = allocations_count(),
    };
}

struct meter
meter_between(const struct meter *start, struct meter end)
{
    end.wall_s -= start->wall_s;
    end.user_s -= start->user_s;
    end.system_s -= start->system_s;
    end.n_allocations -= start->n_allocations;
    return end;
}

struct meter
meter_since(const struct meter *start)
{
    return meter_between(start, meter_now());
}

/* Not getrusage's: that one keeps what the process was before its exec. */
uint64_t
meter_peak_kib(void)
{
    return bench_child_peak_kib(getpid());
}
