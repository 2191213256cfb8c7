/* SPDX-License-Identifier: MIT */
#include "server/courier/hook_command.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server/courier/courier.h"

struct hook_command {
    struct ev_loop *loop;
    const struct courier_config *config;
    hook_done_fn *on_done;
    void *arg;
    pid_t pid; /* 0: nothing runs */
    bool is_late;
    ev_io ended; /* on its pidfd: libev's own child watchers need the default
                    loop */
    ev_timer timer;
};

static void
release(struct hook_command *command)
{
    ev_io_stop(command->loop, &command->ended);
    ev_timer_stop(command->loop, &command->timer);
    close(command->ended.fd);
    command->pid = 0;
}

static void
explain(const struct hook_command *command, int status, char *why)
{
    if (command->is_late)
        snprintf(why, COURIER_WHY, "did not end within %u s and was killed",
                 command->config->timeout_s);
    else if (WIFSIGNALED(status))
        snprintf(why, COURIER_WHY, "was killed by signal %d", WTERMSIG(status));
    else
        snprintf(why, COURIER_WHY, "ended with status %d", WEXITSTATUS(status));
}

static void
on_ended(struct ev_loop *loop, ev_io *ended, int revents)
{
    struct hook_command *command = ended->data;
    char why[COURIER_WHY] = "";
    int status = 0;
    bool is_delivered;

    (void)loop;
    (void)revents;
    if (waitpid(command->pid, &status, WNOHANG) != command->pid)
        return;
    /* What it left running in its group is not ours to wait for. */
    is_delivered =
        !command->is_late && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!is_delivered)
        explain(command, status, why);
    release(command);
    command->on_done(command->arg, is_delivered, why);
}

static void
on_late(struct ev_loop *loop, ev_timer *timer, int revents)
{
    struct hook_command *command = timer->data;

    (void)loop;
    (void)revents;
    command->is_late = true;
    kill(-command->pid, SIGKILL);
}

struct hook_command *
hook_command_new(struct ev_loop *loop, const struct courier_config *config,
                 hook_done_fn *on_done, void *arg)
{
    struct hook_command *command = calloc(1, sizeof *command);

    if (command == NULL)
        return NULL;
    command->loop = loop;
    command->config = config;
    command->on_done = on_done;
    command->arg = arg;
    ev_init(&command->ended, on_ended);
    command->ended.data = command;
    ev_init(&command->timer, on_late);
    command->timer.data = command;
    return command;
}

void
hook_command_free(struct hook_command *command)
{
    if (command == NULL)
        return;
    if (command->pid > 0) {
        kill(-command->pid, SIGKILL);
        waitpid(command->pid, NULL, 0);
        release(command);
    }
    free(command);
}

/* Signals that the daemon ignores or blocks are no matter of its child's. */
static bool
set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, defaults;

    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGXFSZ);
    return posix_spawnattr_setflags(
               attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                               POSIX_SPAWN_SETSIGDEF) == 0 &&
           posix_spawnattr_setpgroup(attributes, 0) == 0 &&
           posix_spawnattr_setsigmask(attributes, &none) == 0 &&
           posix_spawnattr_setsigdefault(attributes, &defaults) == 0;
}

static bool
set_files(posix_spawn_file_actions_t *files, int in)
{
    return posix_spawn_file_actions_adddup2(files, in, STDIN_FILENO) == 0 &&
           posix_spawn_file_actions_addopen(files, STDOUT_FILENO, "/dev/null",
                                            O_WRONLY, 0) == 0 &&
           posix_spawn_file_actions_addclosefrom_np(files, STDERR_FILENO + 1) ==
               0;
}

static pid_t
start(const struct hook_command *command, int in)
{
    static char shell[] = "sh", flag[] = "-c";
    static char path[] = "PATH=/usr/local/bin:/usr/bin:/bin";
    char *text = strdup(command->config->command);
    char *argv[] = {shell, flag, text, NULL};
    char *environment[] = {path, NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    pid_t pid = 0;

    if (text == NULL)
        goto fail0;
    if (posix_spawn_file_actions_init(&files) != 0)
        goto fail1;
    if (posix_spawnattr_init(&attributes) != 0)
        goto fail2;
    if (!set_attributes(&attributes) || !set_files(&files, in) ||
        posix_spawn(&pid, "/bin/sh", &files, &attributes, argv, environment) !=
            0)
        pid = 0;
    posix_spawnattr_destroy(&attributes);
fail2:
    posix_spawn_file_actions_destroy(&files);
fail1:
    free(text);
fail0:
    return pid;
}

static bool
watch(struct hook_command *command)
{
    int fd = (int)syscall(SYS_pidfd_open, command->pid, 0);

    if (fd < 0) {
        kill(-command->pid, SIGKILL);
        waitpid(command->pid, NULL, 0);
        command->pid = 0;
        return false;
    }
    ev_io_set(&command->ended, fd, EV_READ);
    ev_io_start(command->loop, &command->ended);
    ev_timer_set(&command->timer, command->config->timeout_s, 0.0);
    ev_timer_start(command->loop, &command->timer);
    return true;
}

bool
hook_command_send(struct hook_command *command, const char *body)
{
    int ends[2];
    ssize_t n;

    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return false;
    /* The child reads as programs do. The body fits into the pipe. */
    n = write(ends[1], body, strlen(body));
    command->is_late = false;
    if (n == (ssize_t)strlen(body) && fcntl(ends[0], F_SETFL, 0) == 0)
        command->pid = start(command, ends[0]);
    close(ends[0]);
    close(ends[1]);
    return command->pid > 0 && watch(command);
}
