/* SPDX-License-Identifier: MIT */
#include "proc.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MAX_DIR_FDS 16
#define MAX_LINE    256

/* The child's side; only async-signal-safe calls. */
static void
become(const char *const argv[], int out, int err, pid_t parent)
{
    sigset_t none;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(126);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if ((out >= 0 && dup2(out, STDOUT_FILENO) < 0) ||
        (err >= 0 && dup2(err, STDERR_FILENO) < 0))
        _exit(126);
    /* execv's argv is const in all but its type. */
    execv(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

static void
close_both(const int pipe[2])
{
    for (int i = 0; i < 2; i++)
        if (pipe[i] >= 0)
            close(pipe[i]);
}

pid_t
proc_start(const char *const argv[], int *out, int *err)
{
    int outs[2] = {-1, -1}, errs[2] = {-1, -1}, why;
    pid_t parent = getpid(), pid = -1;

    if ((out == NULL || pipe2(outs, O_CLOEXEC) == 0) &&
        (err == NULL || pipe2(errs, O_CLOEXEC) == 0))
        pid = fork();
    why = errno;
    if (pid == 0)
        become(argv, outs[1], errs[1], parent);
    if (pid > 0 && out != NULL) {
        *out = outs[0];
        outs[0] = -1;
    }
    if (pid > 0 && err != NULL) {
        *err = errs[0];
        errs[0] = -1;
    }
    close_both(outs);
    close_both(errs);
    errno = why;
    return pid;
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
proc_rss_kib(pid_t pid)
{
    return read_status(pid, "VmRSS:");
}

uint64_t
proc_peak_kib(pid_t pid)
{
    return read_status(pid, "VmHWM:");
}

int
proc_connect(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd, why;

    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 ||
        connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    why = errno;
    close(fd);
    errno = why;
    return -1;
}

char *
proc_dir_new(void)
{
    const char *base = getenv("TMPDIR");
    char *dir;

    if (base == NULL || base[0] == '\0')
        base = "/tmp";
    if (asprintf(&dir, "%s/rouse-XXXXXX", base) < 0)
        return NULL;
    if (mkdtemp(dir) != NULL)
        return dir;
    free(dir);
    return NULL;
}

static int
on_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void
proc_dir_remove(const char *dir)
{
    nftw(dir, on_entry, MAX_DIR_FDS, FTW_DEPTH | FTW_PHYS);
}
