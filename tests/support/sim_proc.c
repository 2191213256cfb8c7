/* SPDX-License-Identifier: MIT */
#include "sim_proc.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

#include "bench/base/proc.h"
#include "temp_dir.h"

#define MAX_OPTIONS 32
#define MAX_LINE    4096

static int
connect_control(const char *path)
{
    int fd = proc_connect(path);

    if (fd < 0)
        fail_msg("cannot reach the simulator's control socket %s: %s", path,
                 strerror(errno));
    return fd;
}

static void
await_ready(struct sim_proc *sim)
{
    char line[MAX_LINE];
    json_t *ready;

    if (!child_read_line(&sim->child, sim->child.out_fd, line, sizeof line))
        fail_msg("the simulator did not get ready");
    ready = json_loads(line, 0, NULL);
    if (!json_is_true(json_object_get(ready, "ready")))
        fail_msg("not a ready line: %s", line);
    sim->port = (uint16_t)json_integer_value(json_object_get(ready, "port"));
    json_decref(ready);
}

struct sim_proc *
sim_proc_start(const char *program, const char *pki_dir,
               const char *const more[])
{
    struct sim_proc *sim = calloc(1, sizeof *sim);
    const char *argv[MAX_OPTIONS] = {program, "--pki", pki_dir, "--control"};
    size_t n = 4;

    if (sim == NULL)
        fail_msg("out of memory");
    sim->dir = temp_dir_new();
    sim->control = temp_dir_path(sim->dir, "control");
    argv[n++] = sim->control;
    for (size_t i = 0; more != NULL && more[i] != NULL; i++) {
        if (n + 1 >= MAX_OPTIONS)
            fail_msg("more than %d options", MAX_OPTIONS);
        argv[n++] = more[i];
    }
    child_start(&sim->child, argv, false);
    await_ready(sim);
    sim->control_fd = connect_control(sim->control);
    return sim;
}

json_t *
sim_proc_try(struct sim_proc *sim, const char *directive)
{
    char line[MAX_LINE];
    size_t len = strlen(directive);
    json_t *answer;

    if (send(sim->control_fd, directive, len, MSG_NOSIGNAL) != (ssize_t)len ||
        send(sim->control_fd, "\n", 1, MSG_NOSIGNAL) != 1)
        fail_msg("the simulator is gone: %s", strerror(errno));
    if (!child_read_line(&sim->child, sim->control_fd, line, sizeof line))
        fail_msg("no answer to `%s`", directive);
    answer = json_loads(line, 0, NULL);
    if (answer == NULL)
        fail_msg("`%s` was answered with: %s", directive, line);
    return answer;
}

static json_t *
ask(struct sim_proc *sim, const char *format, va_list ap)
{
    char *directive;
    json_t *answer;

    if (vasprintf(&directive, format, ap) < 0)
        fail_msg("out of memory");
    answer = sim_proc_try(sim, directive);
    if (!json_is_true(json_object_get(answer, "ok")))
        fail_msg("`%s`: %s", directive,
                 json_string_value(json_object_get(answer, "error")));
    free(directive);
    return answer;
}

json_t *
sim_proc_ask(struct sim_proc *sim, const char *format, ...)
{
    va_list ap;
    json_t *answer;

    va_start(ap, format);
    answer = ask(sim, format, ap);
    va_end(ap);
    return answer;
}

void
sim_proc_tell(struct sim_proc *sim, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    json_decref(ask(sim, format, ap));
    va_end(ap);
}

static int64_t
take_number(json_t *answer, const char *key)
{
    json_t *value = json_object_get(answer, key);
    int64_t number = json_integer_value(value);

    if (!json_is_integer(value))
        fail_msg("the simulator's answer has no number `%s`", key);
    json_decref(answer);
    return number;
}

int64_t
sim_proc_stat(struct sim_proc *sim, const char *key)
{
    return take_number(sim_proc_ask(sim, "stats"), key);
}

int64_t
sim_proc_accepted(struct sim_proc *sim, const char *token_hex)
{
    return take_number(sim_proc_ask(sim, "token %s", token_hex), "accepted");
}

static int
end(struct sim_proc *sim, int signo)
{
    int code;

    child_signal(&sim->child, signo);
    code = child_wait(&sim->child);
    close(sim->control_fd);
    free(sim->control);
    temp_dir_free(sim->dir);
    free(sim);
    return code;
}

void
sim_proc_stop(struct sim_proc *sim)
{
    int code = end(sim, SIGTERM);

    if (code != 0)
        fail_msg("the simulator ended with %d", code);
}

void
sim_proc_kill(struct sim_proc *sim)
{
    end(sim, SIGKILL);
}
