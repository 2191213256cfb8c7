/* SPDX-License-Identifier: MIT */
#include "child.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

#include "bench/base/proc.h"

static int64_t
now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void
child_start(struct child *child, const char *const argv[], bool want_err)
{
    if (access(argv[0], X_OK) != 0)
        fail_msg("%s is not built", argv[0]);
    child->err_fd = -1;
    child->pid =
        proc_start(argv, &child->out_fd, want_err ? &child->err_fd : NULL);
    if (child->pid < 0)
        fail_msg("cannot start %s: %s", argv[0], strerror(errno));
}

bool
child_read_line(struct child *child, int fd, char *line, size_t max)
{
    int64_t until = now_ms() + CHILD_TIMEOUT_MS;
    size_t n = 0;

    (void)child;
    /* A byte at a time: nothing that follows the line may be swallowed. */
    for (;;) {
        struct pollfd pfd = {.fd = fd, .events = POLLIN};
        int64_t left = until - now_ms();
        char c;

        if (left <= 0 || poll(&pfd, 1, (int)left) == 0)
            return false;
        if (read(fd, &c, 1) != 1) {
            if (errno == EINTR)
                continue;
            return false;
        }
        if (c == '\n')
            break;
        if (n + 1 < max)
            line[n++] = c;
    }
    line[n] = '\0';
    return true;
}

void
child_signal(struct child *child, int signo)
{
    if (child->pid > 0)
        kill(child->pid, signo);
}

/* Reap; after the timeout the child is killed and the test fails. */
static int
reap(struct child *child)
{
    sigset_t chld;
    int64_t until = now_ms() + CHILD_TIMEOUT_MS;
    int status;
    pid_t got;

    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &chld, NULL);
    while ((got = waitpid(child->pid, &status, WNOHANG)) == 0) {
        /* Bounded above too, in case somebody else took the signal. */
        struct timespec wait = {.tv_nsec = 50 * 1000 * 1000L};

        if (now_ms() > until) {
            kill(child->pid, SIGKILL);
            waitpid(child->pid, &status, 0);
            child->pid = 0;
            fail_msg("a child did not end within %d ms", CHILD_TIMEOUT_MS);
        }
        sigtimedwait(&chld, NULL, &wait);
    }
    if (got < 0)
        fail_msg("waitpid: %s", strerror(errno));
    child->pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int
child_wait(struct child *child)
{
    int code = reap(child);

    if (child->out_fd >= 0)
        close(child->out_fd);
    if (child->err_fd >= 0)
        close(child->err_fd);
    child->out_fd = child->err_fd = -1;
    return code;
}

struct gather {
    int fd;
    char *text;
    size_t len;
};

/* Read what is there; closes and forgets the descriptor at its end. */
static void
gather_some(struct gather *g)
{
    ssize_t n;

    if ((g->text = realloc(g->text, g->len + 65536 + 1)) == NULL)
        fail_msg("out of memory");
    n = read(g->fd, g->text + g->len, 65536);
    if (n < 0 && errno == EINTR)
        return;
    if (n > 0)
        g->len += (size_t)n;
    else
        g->fd = -1;
    g->text[g->len] = '\0';
}

int
child_run(const char *const argv[], char **out, char **err)
{
    int64_t until = now_ms() + CHILD_TIMEOUT_MS;
    struct child child;
    struct gather g[2];

    child_start(&child, argv, err != NULL);
    g[0] = (struct gather){.fd = child.out_fd};
    g[1] = (struct gather){.fd = child.err_fd};
    while (g[0].fd >= 0 || g[1].fd >= 0) {
        struct pollfd pfd[2] = {{.fd = g[0].fd, .events = POLLIN},
                                {.fd = g[1].fd, .events = POLLIN}};
        int64_t left = until - now_ms();

        if (left <= 0)
            child_signal(&child, SIGKILL);
        if (poll(pfd, 2, left > 0 ? (int)left : -1) <= 0)
            continue;
        for (int i = 0; i < 2; i++)
            if (pfd[i].revents != 0)
                gather_some(&g[i]);
    }
    if (out != NULL)
        *out = g[0].text;
    else
        free(g[0].text);
    if (err != NULL)
        *err = g[1].text;
    return child_wait(&child);
}
