/* SPDX-License-Identifier: MIT */
#include "workload.h"

#include <stdio.h>
#include <string.h>

static const struct workload *const workloads[] = {
    &workload_send, &workload_fleet, &workload_wake,    &workload_ingest,
    &workload_idle, &workload_floor, &workload_session,
};

#define N_WORKLOADS (sizeof workloads / sizeof workloads[0])

const struct workload *
workload_find(const char *name)
{
    for (size_t i = 0; i < N_WORKLOADS; i++)
        if (strcmp(workloads[i]->name, name) == 0)
            return workloads[i];
    return NULL;
}

void
workload_print_help(void)
{
    for (size_t i = 0; i < N_WORKLOADS; i++)
        printf("  %-22s %s\n", workloads[i]->name, workloads[i]->help);
}
