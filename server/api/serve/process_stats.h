/* SPDX-License-Identifier: MIT */
#ifndef API_PROCESS_STATS_H
#define API_PROCESS_STATS_H

/* What the system says of this process. Zero where it says nothing. */
struct process_stats {
    double cpu_s;
    double resident_bytes;
    double n_fds;
};

void process_stats_get(struct process_stats *stats);

#endif /* API_PROCESS_STATS_H */
