/* SPDX-License-Identifier: MIT */
#include "control.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "bench/sim/sim.h"

#define BACKLOG 16

struct client {
    TAILQ_ENTRY(client) link;
    struct control *control;
    ev_io io;
    int fd;
    size_t len;
    char line[DIRECTIVE_MAX_LINE];
};

struct control {
    struct sim *sim;
    ev_io io;
    int fd;
    struct sockaddr_un address;
    TAILQ_HEAD(, client) clients;
};

static void
close_client(struct client *client)
{
    ev_io_stop(client->control->sim->loop, &client->io);
    TAILQ_REMOVE(&client->control->clients, client, link);
    close(client->fd);
    free(client);
}

static json_t *
execute_line(struct sim *sim, const char *line)
{
    struct directive directive;
    char error[DIRECTIVE_MAX_ERROR];

    if (directive_read(line, &directive, error))
        return sim_execute(sim, NULL, &directive);
    return json_pack("{s:b, s:s}", "ok", 0, "error", error);
}

/* False when the client does not read its answers; they are short. */
static bool
answer_line(struct client *client, const char *line)
{
    json_t *answer = execute_line(client->control->sim, line);
    char *text = json_dumps(answer, JSON_COMPACT);
    size_t len = text == NULL ? 0 : strlen(text);
    bool ok = false;

    if (text != NULL) {
        text[len++] = '\n'; /* in the place of the NUL */
        ok = send(client->fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT) ==
             (ssize_t)len;
    }
    free(text);
    json_decref(answer);
    return ok;
}

/* Answer every whole line; false when the client is to be closed. */
static bool
answer_lines(struct client *client)
{
    char *start = client->line, *end = client->line + client->len;
    char *newline;

    while ((newline = memchr(start, '\n', (size_t)(end - start))) != NULL) {
        *newline = '\0';
        if (!directive_is_blank(start) && !answer_line(client, start))
            return false;
        start = newline + 1;
    }
    client->len = (size_t)(end - start);
    memmove(client->line, start, client->len);
    return client->len < sizeof client->line;
}

static void
on_client(struct ev_loop *loop, ev_io *io, int revents)
{
    struct client *client = io->data;
    ssize_t n = recv(client->fd, client->line + client->len,
                     sizeof client->line - client->len, MSG_DONTWAIT);

    (void)loop;
    (void)revents;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0)
        client->len += (size_t)n;
    if (n <= 0 || !answer_lines(client))
        close_client(client);
}

static void
on_connection(struct ev_loop *loop, ev_io *io, int revents)
{
    struct control *control = io->data;
    struct client *client;
    int fd = accept4(control->fd, NULL, NULL, SOCK_CLOEXEC);

    (void)revents;
    if (fd < 0)
        return;
    if ((client = calloc(1, sizeof *client)) == NULL) {
        close(fd);
        return;
    }
    client->control = control;
    client->fd = fd;
    ev_io_init(&client->io, on_client, fd, EV_READ);
    client->io.data = client;
    ev_io_start(loop, &client->io);
    TAILQ_INSERT_TAIL(&control->clients, client, link);
}

/* A socket file that nobody listens on is left over from a crash. */
static void
remove_dead(const struct sockaddr_un *address)
{
    struct stat st;
    int fd;

    if (lstat(address->sun_path, &st) != 0 || !S_ISSOCK(st.st_mode))
        return;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    if (connect(fd, (const struct sockaddr *)address, sizeof *address) != 0 &&
        errno == ECONNREFUSED)
        unlink(address->sun_path);
    close(fd);
}

static int
listen_at(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    mode_t mask;
    int failed;

    if (fd < 0)
        return -1;
    remove_dead(address);
    mask = umask(0177);
    failed = bind(fd, (const struct sockaddr *)address, sizeof *address);
    umask(mask);
    if (failed == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    close(fd);
    return -1;
}

struct control *
control_open(struct sim *sim, const char *path)
{
    struct control *control = calloc(1, sizeof *control);
    size_t len = strlen(path);

    if (control == NULL)
        goto fail0;
    control->address.sun_family = AF_UNIX;
    if (len >= sizeof control->address.sun_path) {
        errno = ENAMETOOLONG;
        goto fail1;
    }
    memcpy(control->address.sun_path, path, len + 1);
    if ((control->fd = listen_at(&control->address)) < 0)
        goto fail1;
    control->sim = sim;
    TAILQ_INIT(&control->clients);
    ev_io_init(&control->io, on_connection, control->fd, EV_READ);
    control->io.data = control;
    ev_io_start(sim->loop, &control->io);
    return control;

fail1:
    free(control);
fail0:
    fprintf(stderr, "rouse-sim: cannot listen on %s: %s\n", path,
            strerror(errno));
    return NULL;
}

void
control_close(struct control *control)
{
    struct client *client;

    if (control == NULL)
        return;
    while ((client = TAILQ_FIRST(&control->clients)) != NULL)
        close_client(client);
    ev_io_stop(control->sim->loop, &control->io);
    close(control->fd);
    unlink(control->address.sun_path);
    free(control);
}

/* False and a word on stderr when the directive fails. */
static bool
run_line(struct sim *sim, const char *path, int number, const char *line)
{
    json_t *answer = execute_line(sim, line);
    bool ok = json_is_true(json_object_get(answer, "ok"));

    if (!ok)
        fprintf(stderr, "rouse-sim: %s line %d: %s\n", path, number,
                json_string_value(json_object_get(answer, "error")));
    json_decref(answer);
    return ok;
}

bool
control_run_script(struct sim *sim, const char *path)
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t max = 0;
    bool ok = file != NULL;

    if (!ok)
        fprintf(stderr, "rouse-sim: cannot read %s: %s\n", path,
                strerror(errno));
    for (int number = 1; ok && getline(&line, &max, file) >= 0; number++) {
        line[strcspn(line, "\n")] = '\0';
        if (!directive_is_blank(line))
            ok = run_line(sim, path, number, line);
    }
    free(line);
    if (file != NULL)
        fclose(file);
    return ok;
}
