/* SPDX-License-Identifier: MIT */
#include "meter.h"

#include <sys/resource.h>
#include <unistd.h>

#include "allocations.h"
#include "apns/base/clock.h"
#include "bench/base/proc.h"
#include "instructions.h"

#define NOT_TRIED (-2)

/* Of this process; opened by the first reading, before any thread. */
static int counter = NOT_TRIED;

static double
seconds(const struct timeval *tv)
{
    return (double)tv->tv_sec + (double)tv->tv_usec / 1e6;
}

struct meter
meter_now(void)
{
    struct rusage usage;
    struct meter now;

    if (counter == NOT_TRIED)
        counter = instructions_open(0);
    getrusage(RUSAGE_SELF, &usage);
    now = (struct meter){
        .wall_s = (double)clock_ns() / 1e9,
        .cpu_s = seconds(&usage.ru_utime) + seconds(&usage.ru_stime),
        .user_s = seconds(&usage.ru_utime),
        .system_s = seconds(&usage.ru_stime),
        .n_allocations = allocations_count(),
    };
    now.has_instructions = instructions_read(counter, &now.n_instructions);
    return now;
}

struct meter
meter_between(const struct meter *start, struct meter end)
{
    double ticks_s, share = 1;

    end.wall_s -= start->wall_s;
    end.cpu_s -= start->cpu_s;
    ticks_s = end.user_s + end.system_s - start->user_s - start->system_s;
    if (ticks_s > 0)
        share = (end.user_s - start->user_s) / ticks_s;
    end.user_s = end.cpu_s * share;
    end.system_s = end.cpu_s * (1 - share);
    end.n_allocations -= start->n_allocations;
    end.n_instructions -= start->n_instructions;
    end.has_instructions = end.has_instructions && start->has_instructions;
    return end;
}

struct meter
meter_since(const struct meter *start)
{
    return meter_between(start, meter_now());
}

void
meter_add(struct meter *sum, const struct meter *start)
{
    struct meter used = meter_since(start);

    sum->wall_s += used.wall_s;
    sum->cpu_s += used.cpu_s;
    sum->user_s += used.user_s;
    sum->system_s += used.system_s;
    sum->n_allocations += used.n_allocations;
    sum->n_instructions += used.n_instructions;
    sum->has_instructions = used.has_instructions;
}

/* Not getrusage's: that one keeps what the process was before its exec. */
uint64_t
meter_peak_kib(void)
{
    return proc_peak_kib(getpid());
}
