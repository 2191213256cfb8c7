/* SPDX-License-Identifier: MIT */
#include "instructions.h"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

int
instructions_open(pid_t pid)
{
    struct perf_event_attr attr = {
        .type = PERF_TYPE_HARDWARE,
        .size = sizeof attr,
        .config = PERF_COUNT_HW_INSTRUCTIONS,
        .inherit = 1,
        /* The kernel's own need more rights than most of us have. */
        .exclude_kernel = 1,
        .exclude_hv = 1,
    };

    return (int)syscall(SYS_perf_event_open, &attr, pid, -1, -1,
                        PERF_FLAG_FD_CLOEXEC);
}

bool
instructions_read(int fd, uint64_t *n)
{
    return fd >= 0 && read(fd, n, sizeof *n) == (ssize_t)sizeof *n;
}
