/* SPDX-License-Identifier: MIT */
#include "http_swarm.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

#define MAX_EVENTS 512
#define MAX_ANSWER 512 /* bytes of an answer that are looked at */
#define RETRY_MS   1   /* after a unix socket's backlog was full */

struct client {
    int fd; /* -1 before and behind */
    bool has_sent;
    size_t n_sent;
    size_t len;
    char answer[MAX_ANSWER];
};

struct run {
    const struct http_swarm *swarm;
    struct http_swarm_result *result;
    struct client *clients;
    unsigned n_begun;
    unsigned n_ended;
    int epoll;
};

static int64_t
now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
http_swarm_raise_files(unsigned n)
{
    struct rlimit files;

    assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
    if (files.rlim_cur >= n)
        return;
    files.rlim_cur = n;
    if (files.rlim_max < n)
        files.rlim_max = n;
    if (setrlimit(RLIMIT_NOFILE, &files) != 0)
        fail_msg("%u descriptors are needed: raise ulimit -n", n);
}

static int
dial(const struct http_swarm *swarm, int fd)
{
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    struct sockaddr_in remote = {
        .sin_family = AF_INET,
        .sin_port = htons(swarm->port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };

    if (swarm->socket == NULL)
        return connect(fd, (struct sockaddr *)&remote, sizeof remote);
    memcpy(local.sun_path, swarm->socket,
           strnlen(swarm->socket, sizeof local.sun_path - 1));
    return connect(fd, (struct sockaddr *)&local, sizeof local);
}

/* False: the backlog of a unix socket is full; a client that can wait does. */
static bool
begin(struct run *run, unsigned i)
{
    struct epoll_event event = {.events = EPOLLOUT, .data.u32 = i};
    int family = run->swarm->socket == NULL ? AF_INET : AF_UNIX;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        fail_msg("client %u has no socket: %s", i, strerror(errno));
    if (dial(run->swarm, fd) != 0 && errno != EINPROGRESS) {
        close(fd);
        if (errno != EAGAIN)
            fail_msg("client %u cannot connect: %s", i, strerror(errno));
        return false;
    }
    run->clients[i].fd = fd;
    assert_int_equal(epoll_ctl(run->epoll, EPOLL_CTL_ADD, fd, &event), 0);
    return true;
}

static bool
is_whole(const struct client *client)
{
    return client->len > 12 && memcmp(client->answer, "HTTP/1.1 ", 9) == 0 &&
           strstr(client->answer, "\r\n\r\n") != NULL;
}

static void
end(struct run *run, struct client *client)
{
    struct http_swarm_result *result = run->result;

    close(client->fd);
    client->fd = -1;
    run->n_ended++;
    if (!is_whole(client)) {
        result->n_broken++;
    } else if (memcmp(client->answer + 9, "200", 3) == 0) {
        result->n_ok++;
    } else {
        result->n_other++;
        snprintf(result->other, sizeof result->other, "%.*s",
                 (int)sizeof result->other - 1, client->answer);
    }
}

static void
say(struct run *run, unsigned i)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
    struct client *client = &run->clients[i];
    char bytes[HTTP_SWARM_MAX_REQUEST];
    size_t len = run->swarm->make(run->swarm->arg, i, bytes);
    ssize_t n = send(client->fd, bytes + client->n_sent, len - client->n_sent,
                     MSG_NOSIGNAL);

    if (n < 0 && errno != EAGAIN) {
        end(run, client);
        return;
    }
    client->n_sent += n > 0 ? (size_t)n : 0;
    if (client->n_sent < len)
        return;
    client->has_sent = true;
    epoll_ctl(run->epoll, EPOLL_CTL_MOD, client->fd, &event);
}

static void
hear(struct run *run, unsigned i)
{
    struct client *client = &run->clients[i];
    char rest[4096];
    bool is_full = client->len == MAX_ANSWER - 1;
    ssize_t n = recv(client->fd, is_full ? rest : client->answer + client->len,
                     is_full ? sizeof rest : MAX_ANSWER - 1 - client->len, 0);

    if (n < 0 && errno == EAGAIN)
        return;
    if (n < 0)
        client->len = 0; /* a reset is no end of an answer */
    if (n <= 0)
        end(run, client);
    else if (!is_full)
        client->len += (size_t)n;
}

static void
turn(struct run *run)
{
    struct epoll_event events[MAX_EVENTS];
    bool is_waiting = false;
    int n;

    for (int i = 0; i < MAX_EVENTS && run->n_begun < run->swarm->n; i++) {
        is_waiting = !begin(run, run->n_begun);
        if (is_waiting)
            break;
        run->n_begun++;
    }
    n = epoll_wait(run->epoll, events, MAX_EVENTS,
                   is_waiting                     ? RETRY_MS
                   : run->n_begun < run->swarm->n ? 0
                                                  : 1000);
    for (int i = 0; i < n; i++) {
        if (run->clients[events[i].data.u32].has_sent)
            hear(run, events[i].data.u32);
        else
            say(run, events[i].data.u32);
    }
}

void
http_swarm_run(const struct http_swarm *swarm, struct http_swarm_result *result)
{
    int64_t until_ms = now_ms() + HTTP_SWARM_TIMEOUT_MS;
    struct run run = {.swarm = swarm,
                      .result = result,
                      .clients = calloc(swarm->n, sizeof(struct client)),
                      .epoll = epoll_create1(EPOLL_CLOEXEC)};

    assert_non_null(run.clients);
    assert_true(run.epoll >= 0);
    *result = (struct http_swarm_result){0};
    while (run.n_ended < swarm->n) {
        turn(&run);
        if (now_ms() > until_ms)
            fail_msg("%u of %u clients have ended in time", run.n_ended,
                     swarm->n);
    }
    close(run.epoll);
    free(run.clients);
}
