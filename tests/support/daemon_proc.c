/* SPDX-License-Identifier: MIT */
#include "daemon_proc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

#include "bench/base/proc.h"
#include "temp_dir.h"

#define MAX_OPTIONS 64
#define MAX_LINE    4096
#define PIPE_BYTES  (1024 * 1024) /* of log that nobody has read yet */

static void
keep_line(struct daemon_proc *daemon, const char *line)
{
    size_t len = strlen(line);
    char *grown = realloc(daemon->log, daemon->log_len + len + 2);

    if (grown == NULL)
        fail_msg("out of memory");
    daemon->log = grown;
    memcpy(grown + daemon->log_len, line, len);
    daemon->log_len += len;
    grown[daemon->log_len++] = '\n';
    grown[daemon->log_len] = '\0';
}

/* The last line that it got is the one that was waited for. */
static void
await_line(struct daemon_proc *daemon, const char *text, char line[MAX_LINE])
{
    do {
        if (!child_read_line(&daemon->child, daemon->child.err_fd, line,
                             MAX_LINE))
            fail_msg("roused never said \"%s\" but:\n%s", text,
                     daemon->log == NULL ? "" : daemon->log);
        keep_line(daemon, line);
    } while (strstr(line, text) == NULL);
}

void
daemon_proc_await(struct daemon_proc *daemon, const char *text)
{
    char line[MAX_LINE];

    await_line(daemon, text, line);
}

static void
launch(struct daemon_proc *daemon)
{
    char line[MAX_LINE];
    const char *listen;

    child_start(&daemon->child, (const char *const *)daemon->argv, true);
    (void)fcntl(daemon->child.err_fd, F_SETPIPE_SZ, PIPE_BYTES);
    await_line(daemon, "event=ready", line);
    listen = strstr(line, " listen=");
    if (listen != NULL)
        listen = strchr(listen, ':');
    daemon->port = 0;
    if (listen != NULL)
        daemon->port = (uint16_t)strtoul(listen + 1, NULL, 10);
}

struct options {
    char *argv[MAX_OPTIONS + 1];
    size_t n;
};

static void
add(struct options *options, const char *text)
{
    if (options->n >= MAX_OPTIONS)
        fail_msg("more than %d options", MAX_OPTIONS);
    options->argv[options->n] = strdup(text);
    if (options->argv[options->n++] == NULL)
        fail_msg("out of memory");
}

/* Unless the test gives another. */
static void
add_default(struct options *options, const char *const more[], const char *name,
            const char *value)
{
    for (size_t i = 0; more != NULL && more[i] != NULL; i++)
        if (strcmp(more[i], name) == 0)
            return;
    add(options, name);
    add(options, value);
}

static void
make_argv(struct daemon_proc *daemon, const char *program, uint16_t apns_port,
          const char *ca_file, const char *const more[])
{
    struct options options = {0};
    char port[8];

    snprintf(port, sizeof port, "%u", (unsigned)apns_port);
    add(&options, program);
    add_default(&options, more, "--state-dir", daemon->state_dir);
    add_default(&options, more, "--socket", daemon->socket);
    add_default(&options, more, "--apns-host", "127.0.0.1");
    add_default(&options, more, "--apns-fallback-port", "0");
    add_default(&options, more, "--apns-port", port);
    if (ca_file != NULL)
        add_default(&options, more, "--apns-ca-file", ca_file);
    for (size_t i = 0; more != NULL && more[i] != NULL; i++)
        add(&options, more[i]);
    daemon->argv = malloc(sizeof options.argv);
    if (daemon->argv == NULL)
        fail_msg("out of memory");
    memcpy(daemon->argv, options.argv, sizeof options.argv);
}

struct daemon_proc *
daemon_proc_start(const char *program, uint16_t apns_port, const char *ca_file,
                  const char *const more[])
{
    struct daemon_proc *daemon = calloc(1, sizeof *daemon);

    if (daemon == NULL)
        fail_msg("out of memory");
    daemon->dir = temp_dir_new();
    daemon->state_dir = temp_dir_path(daemon->dir, "state");
    daemon->socket = temp_dir_path(daemon->dir, "rouse.sock");
    make_argv(daemon, program, apns_port, ca_file, more);
    launch(daemon);
    return daemon;
}

void
daemon_proc_again(struct daemon_proc *daemon)
{
    if (daemon->child.pid != 0)
        fail_msg("it still runs");
    launch(daemon);
}

/* A pipe that is full would keep it from ending. */
static void
read_rest(struct daemon_proc *daemon)
{
    char line[MAX_LINE];

    while (child_read_line(&daemon->child, daemon->child.err_fd, line,
                           sizeof line))
        keep_line(daemon, line);
}

void
daemon_proc_stop(struct daemon_proc *daemon)
{
    int status;

    child_signal(&daemon->child, SIGTERM);
    read_rest(daemon);
    status = child_wait(&daemon->child);
    if (status != 0)
        fail_msg("roused ended with %d:\n%s", status, daemon->log);
}

void
daemon_proc_kill(struct daemon_proc *daemon)
{
    child_signal(&daemon->child, SIGKILL);
    read_rest(daemon); /* what it had said by then */
    (void)child_wait(&daemon->child);
}

void
daemon_proc_free(struct daemon_proc *daemon)
{
    if (daemon == NULL)
        return;
    if (daemon->child.pid != 0)
        daemon_proc_kill(daemon);
    for (size_t i = 0; daemon->argv[i] != NULL; i++)
        free(daemon->argv[i]);
    free(daemon->argv);
    free(daemon->log);
    free(daemon->socket);
    free(daemon->state_dir);
    temp_dir_free(daemon->dir);
    free(daemon);
}

void
daemon_proc_send(struct daemon_proc *daemon, const char *method,
                 const char *path, const char *type, const char *body,
                 struct http_answer *answer)
{
    char header[128];
    const char *const headers[] = {header, NULL};
    struct http_call call = {
        .socket = daemon->socket,
        .method = method,
        .path = path,
        .headers = type == NULL ? NULL : headers,
        .body = body,
    };

    if (type != NULL)
        snprintf(header, sizeof header, "Content-Type: %s", type);
    http_call_send(&call, answer);
}

json_t *
daemon_proc_json(struct daemon_proc *daemon, const char *method,
                 const char *path, const char *body, long status)
{
    struct http_answer answer;
    json_t *json = NULL;

    daemon_proc_send(daemon, method, path,
                     body == NULL ? NULL : "application/json", body, &answer);
    if (answer.status != status)
        fail_msg("%s %s: %ld instead of %ld: %s", method, path, answer.status,
                 status, answer.body);
    if (answer.body_len > 0) {
        json = json_loads(answer.body, 0, NULL);
        if (json == NULL)
            fail_msg("%s %s: not JSON: %s", method, path, answer.body);
    }
    http_call_free(&answer);
    return json;
}

void
daemon_proc_do(struct daemon_proc *daemon, const char *method, const char *path,
               const char *body, long status)
{
    json_decref(daemon_proc_json(daemon, method, path, body, status));
}

void
daemon_proc_import_cert(struct daemon_proc *daemon, const char *file)
{
    struct http_answer answer;
    char *pem = temp_dir_read(file, NULL);

    daemon_proc_send(daemon, "PUT", "/v1/pushcerts?test=0", NULL, pem, &answer);
    if (answer.status != 200)
        fail_msg("%s was refused: %s", file, answer.body);
    http_call_free(&answer);
    free(pem);
}

double
daemon_proc_peak(const struct daemon_proc *daemon)
{
    return (double)proc_peak_kib(daemon->child.pid) * 1024;
}
