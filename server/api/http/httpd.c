/* SPDX-License-Identifier: MIT */
#include "httpd.h"

#include <errno.h>
#include <ev.h>
#include <malloc.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "http_conns.h"
#include "server/api/api_private.h"

#define MAX_ACCEPTS 64   /* in one turn, so that others get theirs */
#define RETRY_S     0.2  /* after the process ran out of descriptors */
#define SWEEP_S     0.25 /* deadlines are looked at so often */
#define MAX_RESERVE 256  /* descriptors kept for the database and APNs */
#define MIN_CONNS   8

struct httpd {
    struct api *api;
    struct http_conns conns;
    int fd; /* -1 once closed */
    uint32_t max_conns;
    bool is_held; /* by the owner */
    ev_io accept;
    ev_timer retry;
    ev_timer sweep;
};

/* Those whose client has left hold no place, but memory. */
static bool
can_accept(const struct httpd *httpd)
{
    const struct http_conns *conns = &httpd->conns;

    return httpd->fd >= 0 && !httpd->is_held && !ev_is_active(&httpd->retry) &&
           conns->n[HTTP_CONN_GONE] < httpd->max_conns &&
           (http_conns_open(conns) < httpd->max_conns ||
            http_conns_victim(conns) != NULL);
}

static void
update(struct httpd *httpd)
{
    if (can_accept(httpd))
        ev_io_start(httpd->api->loop, &httpd->accept);
    else
        ev_io_stop(httpd->api->loop, &httpd->accept);
}

static void
on_room(void *arg)
{
    struct httpd *httpd = arg;
    uint32_t max_per_ip = httpd->api->config.max_conns_per_ip;

    if (max_per_ip > 0 && httpd->conns.n[HTTP_CONN_PARKED] > 0)
        http_conns_unpark(&httpd->conns, max_per_ip, httpd->max_conns);
    update(httpd);
}

static void
on_sweep(struct ev_loop *loop, ev_timer *timer, int revents)
{
    struct httpd *httpd = timer->data;

    (void)loop;
    (void)revents;
    http_conns_sweep(&httpd->conns);
    if (http_conns_open(&httpd->conns) + httpd->conns.n[HTTP_CONN_PARKED] ==
        0) {
        ev_timer_stop(httpd->api->loop, &httpd->sweep);
        /* What a storm needed goes back to the system. */
        (void)malloc_trim(0);
    }
    update(httpd);
}

/* Without a descriptor the backlog stays readable: looking again at once
   would only burn time. */
static void
rest(struct httpd *httpd)
{
    ev_timer_set(&httpd->retry, RETRY_S, 0);
    ev_timer_start(httpd->api->loop, &httpd->retry);
}

static void
on_retry(struct ev_loop *loop, ev_timer *timer, int revents)
{
    (void)loop;
    (void)revents;
    update(timer->data);
}

/* One came in beyond the limits: the place of another is its own now. And as
   many as there are places may wait for their address; more would keep others
   in the backlog. */
static void
make_room(struct httpd *httpd)
{
    struct http_conns *conns = &httpd->conns;
    struct http_conn *victim;

    if (conns->n[HTTP_CONN_PARKED] > httpd->max_conns)
        http_conns_end(
            TAILQ_LAST(&conns->lists[HTTP_CONN_PARKED], http_conn_list),
            HTTP_CONN_END_PER_ADDRESS);
    if (http_conns_open(conns) <= httpd->max_conns)
        return;
    victim = http_conns_victim(conns);
    if (victim != NULL)
        http_conns_end(victim, HTTP_CONN_END_CROWDED);
}

static void
take_in(struct httpd *httpd, int fd, const struct sockaddr_storage *peer)
{
    uint32_t max_per_ip = httpd->api->config.max_conns_per_ip;
    int one = 1;
    bool is_parked = !httpd->conns.is_local && max_per_ip > 0 &&
                     http_conns_of(&httpd->conns, peer) >= max_per_ip;

    if (!httpd->conns.is_local)
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (http_conns_add(&httpd->conns, fd, peer, is_parked))
        make_room(httpd);
    if (!ev_is_active(&httpd->sweep))
        ev_timer_again(httpd->api->loop, &httpd->sweep);
}

static void
on_connect(struct ev_loop *loop, ev_io *io, int revents)
{
    struct httpd *httpd = io->data;

    (void)loop;
    (void)revents;
    for (int i = 0; i < MAX_ACCEPTS && can_accept(httpd); i++) {
        struct sockaddr_storage peer = {0};
        socklen_t peer_len = sizeof peer;
        int fd = accept4(httpd->fd, (struct sockaddr *)&peer, &peer_len,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd < 0 && (errno == ECONNABORTED || errno == EINTR))
            continue;
        if (fd < 0) {
            if (errno != EAGAIN)
                rest(httpd);
            break;
        }
        take_in(httpd, fd, &peer);
    }
    update(httpd);
}

/* Two listeners share the process's descriptors with the database and APNs.
   Where it may not have many, clients wait rather than that those fail. */
static uint32_t
limit_conns(const struct api *api)
{
    struct rlimit files;
    uint64_t most = api->config.max_conns;
    uint64_t have;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return api->config.max_conns;
    have = files.rlim_cur / 2 < MAX_RESERVE ? files.rlim_cur / 2
                                            : files.rlim_cur - MAX_RESERVE;
    if (have / 2 < most)
        most = have / 2 < MIN_CONNS ? MIN_CONNS : have / 2;
    if (most < api->config.max_conns)
        api_private_log(api, APNS_LOG_WARN,
                        EVENT_FEW_DESCRIPTORS " max_connections=%llu "
                                              "wanted=%u nofile=%llu",
                        (unsigned long long)most, api->config.max_conns,
                        (unsigned long long)files.rlim_cur);
    return (uint32_t)most;
}

struct httpd *
httpd_new(struct api *api, int fd, bool is_local)
{
    struct httpd *httpd = calloc(1, sizeof *httpd);

    if (httpd == NULL) {
        close(fd);
        return NULL;
    }
    httpd->api = api;
    httpd->fd = fd;
    httpd->max_conns = limit_conns(api);
    http_conns_init(&httpd->conns, api, is_local, on_room, httpd);
    ev_io_init(&httpd->accept, on_connect, fd, EV_READ);
    httpd->accept.data = httpd;
    ev_timer_init(&httpd->retry, on_retry, 0, 0);
    httpd->retry.data = httpd;
    ev_timer_init(&httpd->sweep, on_sweep, SWEEP_S, SWEEP_S);
    httpd->sweep.data = httpd;
    update(httpd);
    return httpd;
}

void
httpd_hold(struct httpd *httpd)
{
    httpd->is_held = true;
    update(httpd);
}

void
httpd_let_in(struct httpd *httpd)
{
    httpd->is_held = false;
    update(httpd);
}

static void
stop_listening(struct httpd *httpd)
{
    ev_io_stop(httpd->api->loop, &httpd->accept);
    ev_timer_stop(httpd->api->loop, &httpd->retry);
    if (httpd->fd >= 0)
        close(httpd->fd);
    httpd->fd = -1;
}

void
httpd_listen(struct httpd *httpd, int fd)
{
    stop_listening(httpd);
    httpd->fd = fd;
    ev_io_set(&httpd->accept, fd, EV_READ);
    update(httpd);
}

void
httpd_close(struct httpd *httpd)
{
    if (httpd == NULL)
        return;
    stop_listening(httpd);
    http_conns_end_idle(&httpd->conns);
}

void
httpd_flush(struct httpd *httpd)
{
    if (httpd != NULL)
        http_conns_flush(&httpd->conns);
}

void
httpd_free(struct httpd *httpd)
{
    if (httpd == NULL)
        return;
    httpd_close(httpd);
    http_conns_fini(&httpd->conns);
    ev_timer_stop(httpd->api->loop, &httpd->sweep);
    free(httpd);
}

void
httpd_revoke(struct httpd *httpd, int64_t key)
{
    if (httpd != NULL)
        http_conns_revoke(&httpd->conns, key);
}

uint32_t
httpd_count(const struct httpd *httpd)
{
    return httpd == NULL ? 0 : http_conns_open(&httpd->conns);
}

uint32_t
httpd_busy(const struct httpd *httpd)
{
    const uint32_t *n = httpd == NULL ? NULL : httpd->conns.n;

    return n == NULL
               ? 0
               : n[HTTP_CONN_BODY] + n[HTTP_CONN_WORK] + n[HTTP_CONN_SEND];
}

uint64_t
httpd_ended(const struct httpd *httpd, unsigned end)
{
    return httpd == NULL ? 0 : httpd->conns.n_ended[end];
}
