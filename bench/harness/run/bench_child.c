/* SPDX-License-Identifier: MIT */
#include "bench_child.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_DIR_FDS 16
#define MAX_STAT    1024 /* bytes of /proc/PID/stat */
#define MAX_LINE    256

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

static void
become(const char *const argv[], int fd, int out)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (dup2(out, fd) < 0)
        _exit(126);
    /* execv's argv is const in all but its type. */
    execv(argv[0], (char *const *)(uintptr_t)argv);
    fprintf(stderr, "rouse-bench: cannot run %s: %s\n", argv[0],
            strerror(errno));
    _exit(127);
}

pid_t
bench_child_start(const char *const argv[], int fd, FILE **out)
{
    int ends[2];
    pid_t pid = -1;

    *out = NULL;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        fprintf(stderr, "rouse-bench: no pipe: %s\n", strerror(errno));
        return -1;
    }
    if ((*out = fdopen(ends[0], "r")) == NULL)
        close(ends[0]);
    else if ((pid = fork()) == 0)
        become(argv, fd, ends[1]);
    close(ends[1]);
    if (pid < 0 && *out != NULL) {
        fclose(*out);
        *out = NULL;
    }
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

static uint64_t
read_status(pid_t pid, const char *name)
{
    char path[64], line[MAX_LINE];
    size_t len = strlen(name);
    uint64_t kib = 0;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    if ((file = fopen(path, "r")) == NULL)
        return 0;
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, name, len) == 0)
            kib = strtoull(line + len, NULL, 10);
    fclose(file);
    return kib;
}

uint64_t
bench_child_rss_kib(pid_t pid)
{
    return read_status(pid, "VmRSS:");
}

uint64_t
bench_child_peak_kib(pid_t pid)
{
    return read_status(pid, "VmHWM:");
}

static int
on_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static void
remove_all(const char *dir)
{
    nftw(dir, on_entry, MAX_DIR_FDS, FTW_DEPTH | FTW_PHYS);
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
    remove_all(dir);
    _exit(0);
}

char *
bench_child_dir(void)
{
    const char *base = getenv("TMPDIR");
    char *dir;

    if (base == NULL || base[0] == '\0')
        base = "/tmp";
    if (asprintf(&dir, "%s/rouse-bench-XXXXXX", base) < 0)
        return NULL;
    if (mkdtemp(dir) != NULL) {
        sweep_behind_us(dir);
        return dir;
    }
    fprintf(stderr, "rouse-bench: %s: %s\n", dir, strerror(errno));
    free(dir);
    return NULL;
}

void
bench_child_remove(char *dir)
{
    if (dir != NULL)
        remove_all(dir);
    free(dir);
}
