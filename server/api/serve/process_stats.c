/* SPDX-License-Identifier: MIT */
#include "process_stats.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static double
count_fds(void)
{
    DIR *dir = opendir("/proc/self/fd");
    double n = -3; /* ".", ".." and the directory's own */

    if (dir == NULL)
        return 0;
    while (readdir(dir) != NULL)
        n++;
    closedir(dir);
    return n;
}

static double
read_resident(void)
{
    FILE *statm = fopen("/proc/self/statm", "re");
    unsigned long long resident = 0;
    char line[128];
    char *second;

    if (statm == NULL)
        return 0;
    /* "total resident shared …", in pages */
    if (fgets(line, sizeof line, statm) != NULL &&
        (second = strchr(line, ' ')) != NULL)
        resident = strtoull(second, NULL, 10);
    fclose(statm);
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

void
process_stats_get(struct process_stats *stats)
{
    struct rusage usage = {0};

    (void)getrusage(RUSAGE_SELF, &usage);
    stats->cpu_s =
        (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
        (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    stats->resident_bytes = read_resident();
    stats->n_fds = count_fds();
}
