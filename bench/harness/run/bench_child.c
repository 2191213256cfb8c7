/* SPDX-License-Identifier: MIT */
#include "bench_child.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/base/proc.h"

#define MAX_STAT 1024 /* bytes of /proc/PID/stat */

bool
bench_child_find(const char *name, char path[BENCH_CHILD_PATH])
{
    ssize_t n = readlink("/proc/self/exe", path, BENCH_CHILD_PATH - 1);
    char *slash;
    size_t left;

    if (n <= 0)
        return false;
    path[n] = '\0';
    if ((slash = strrchr(path, '/')) == NULL)
        return false;
    left = BENCH_CHILD_PATH - (size_t)(slash + 1 - path);
    return snprintf(slash + 1, left, "%s", name) < (int)left;
}

pid_t
bench_child_start(const char *const argv[], int fd, FILE **out)
{
    int end;
    pid_t pid = -1;

    *out = NULL;
    if (access(argv[0], X_OK) == 0)
        pid = proc_start(argv, fd == STDOUT_FILENO ? &end : NULL,
                         fd == STDERR_FILENO ? &end : NULL);
    if (pid < 0)
        fprintf(stderr, "rouse-bench: cannot run %s: %s\n", argv[0],
                strerror(errno));
    else if ((*out = fdopen(end, "r")) == NULL)
        close(end);
    return pid;
}

bool
bench_child_run(const char *const argv[])
{
    FILE *out;
    pid_t pid = bench_child_start(argv, STDOUT_FILENO, &out);
    int status = -1;

    if (pid < 0)
        return false;
    while (getc(out) != EOF)
        ;
    fclose(out);
    return waitpid(pid, &status, 0) == pid && status == 0;
}

void
bench_child_stop(pid_t pid)
{
    if (pid <= 0)
        return;
    kill(pid, SIGTERM);
    waitpid(pid, NULL, 0);
}

static double
read_clock(clockid_t clock)
{
    struct timespec ts;

    if (clock_gettime(clock, &ts) != 0)
        return 0;
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
read_ticks(pid_t pid, struct meter *now)
{
    char path[64], line[MAX_STAT];
    unsigned long user = 0, system = 0;
    const char *at;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    if ((file = fopen(path, "r")) == NULL)
        return;
    /* Behind the name, which may hold anything: state and eleven numbers. */
    if (fgets(line, sizeof line, file) != NULL &&
        (at = strrchr(line, ')')) != NULL &&
        /* NOLINTNEXTLINE(cert-err34-c): the kernel wrote these numbers */
        sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
               &user, &system) == 2) {
        now->user_s = (double)user / (double)sysconf(_SC_CLK_TCK);
        now->system_s = (double)system / (double)sysconf(_SC_CLK_TCK);
    }
    fclose(file);
}

struct meter
bench_child_meter(pid_t pid)
{
    struct meter now = {.wall_s = read_clock(CLOCK_MONOTONIC)};
    clockid_t clock;

    if (clock_getcpuclockid(pid, &clock) == 0)
        now.cpu_s = read_clock(clock);
    read_ticks(pid, &now);
    return now;
}

/*
 * Of millions of enrollments there are gigabytes, so that none may be left
 * behind however this process ends: a child waits for that, which the end of
 * a pipe tells it.
 */
static void
sweep_behind_us(const char *dir)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    int ends[2];
    char byte;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return;
    if (fork() != 0) {
        close(ends[0]);
        return; /* the other end stays open as long as we live */
    }
    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
        sigaction(ignored[i], &ignore, NULL);
    close(ends[1]);
    while (read(ends[0], &byte, 1) < 0 && errno == EINTR)
        ;
    proc_dir_remove(dir);
    _exit(0);
}

char *
bench_child_dir(void)
{
    char *dir = proc_dir_new();

    if (dir != NULL)
        sweep_behind_us(dir);
    else
        fprintf(stderr, "rouse-bench: no temporary directory: %s\n",
                strerror(errno));
    return dir;
}

void
bench_child_remove(char *dir)
{
    if (dir != NULL)
        proc_dir_remove(dir);
    free(dir);
}
