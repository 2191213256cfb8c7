/* SPDX-License-Identifier: MIT */
#include "front.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#define MAX_ACCEPTS 64  /* in one turn, so that others get theirs */
#define RETRY_S     0.2 /* after the process ran out of descriptors */

struct waiting {
    TAILQ_ENTRY(waiting) link;
    struct front *front;
    ev_io io;
    ev_tstamp until;
    struct sockaddr_storage peer;
    socklen_t peer_len;
};

struct front {
    struct ev_loop *loop;
    int fd;
    struct front_limits limits;
    front_fn *on_spoken;
    void *arg;
    ev_io accept;
    ev_timer timer; /* the oldest one's patience ends */
    ev_timer retry;
    TAILQ_HEAD(waiting_list, waiting) list; /* oldest first */
    uint32_t n_waiting;
    bool is_paused; /* by the owner */
};

static void
update_accept(struct front *front)
{
    if (front->is_paused || front->n_waiting >= front->limits.max_waiting ||
        ev_is_active(&front->retry))
        ev_io_stop(front->loop, &front->accept);
    else
        ev_io_start(front->loop, &front->accept);
}

static void
update_timer(struct front *front)
{
    const struct waiting *oldest = TAILQ_FIRST(&front->list);

    ev_timer_stop(front->loop, &front->timer);
    if (oldest == NULL)
        return;
    ev_timer_set(&front->timer, oldest->until - ev_now(front->loop), 0);
    ev_timer_start(front->loop, &front->timer);
}

static void
forget(struct waiting *waiting)
{
    struct front *front = waiting->front;

    ev_io_stop(front->loop, &waiting->io);
    TAILQ_REMOVE(&front->list, waiting, link);
    front->n_waiting--;
    free(waiting);
}

bool
front_is_wide(const char *bytes, size_t len)
{
    static const char *const methods[] = {"GET ", "PUT ", "POST "};
    static const char path[] = "/v1/push/";

    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        size_t n = strlen(methods[i]);

        if (len >= n + strlen(path) && memcmp(bytes, methods[i], n) == 0)
            return memcmp(bytes + n, path, strlen(path)) == 0;
    }
    return false;
}

static void
on_bytes(struct ev_loop *loop, ev_io *io, int revents)
{
    struct waiting *waiting = io->data;
    struct front *front = waiting->front;
    struct sockaddr_storage peer = waiting->peer;
    socklen_t peer_len = waiting->peer_len;
    char bytes[FRONT_PEEK];
    int fd = io->fd;
    ssize_t n = recv(fd, bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT);

    (void)loop;
    (void)revents;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    forget(waiting);
    update_timer(front);
    update_accept(front);
    if (n <= 0)
        close(fd);
    else
        front->on_spoken(front->arg, fd, (struct sockaddr *)&peer, peer_len,
                         front_is_wide(bytes, (size_t)n));
}

static void
on_patience_ended(struct ev_loop *loop, ev_timer *timer, int revents)
{
    struct front *front = timer->data;
    struct waiting *oldest;

    (void)revents;
    while ((oldest = TAILQ_FIRST(&front->list)) != NULL &&
           oldest->until <= ev_now(loop)) {
        int fd = oldest->io.fd;

        forget(oldest);
        close(fd);
    }
    update_timer(front);
    update_accept(front);
}

/* Without a descriptor the backlog stays readable: looking again at once
   would only burn time. */
static void
rest(struct front *front)
{
    ev_timer_set(&front->retry, RETRY_S, 0);
    ev_timer_start(front->loop, &front->retry);
}

static void
on_retry(struct ev_loop *loop, ev_timer *timer, int revents)
{
    (void)loop;
    (void)revents;
    update_accept(timer->data);
}

static bool
take_in(struct front *front, int fd, const struct sockaddr_storage *peer,
        socklen_t peer_len)
{
    struct waiting *waiting = calloc(1, sizeof *waiting);
    int one = 1;

    if (waiting == NULL)
        return false;
    if (peer->ss_family != AF_UNIX)
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    waiting->front = front;
    waiting->peer = *peer;
    waiting->peer_len = peer_len;
    waiting->until = ev_now(front->loop) + front->limits.timeout_s;
    ev_io_init(&waiting->io, on_bytes, fd, EV_READ);
    waiting->io.data = waiting;
    ev_io_start(front->loop, &waiting->io);
    TAILQ_INSERT_TAIL(&front->list, waiting, link);
    front->n_waiting++;
    return true;
}

static void
on_connect(struct ev_loop *loop, ev_io *io, int revents)
{
    struct front *front = io->data;

    (void)loop;
    (void)revents;
    for (int i = 0; i < MAX_ACCEPTS && ev_is_active(&front->accept); i++) {
        struct sockaddr_storage peer = {0};
        socklen_t peer_len = sizeof peer;
        int fd = accept4(io->fd, (struct sockaddr *)&peer, &peer_len,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd < 0 && (errno == ECONNABORTED || errno == EINTR))
            continue;
        if (fd < 0) {
            if (errno != EAGAIN)
                rest(front);
            break;
        }
        if (!take_in(front, fd, &peer, peer_len))
            close(fd);
        update_accept(front);
    }
    update_timer(front);
    update_accept(front);
}

struct front *
front_new(struct ev_loop *loop, int fd, const struct front_limits *limits,
          front_fn *on_spoken, void *arg)
{
    struct front *front = calloc(1, sizeof *front);

    if (front == NULL)
        return NULL;
    front->loop = loop;
    front->fd = fd;
    front->limits = *limits;
    front->on_spoken = on_spoken;
    front->arg = arg;
    TAILQ_INIT(&front->list);
    ev_io_init(&front->accept, on_connect, fd, EV_READ);
    front->accept.data = front;
    ev_timer_init(&front->timer, on_patience_ended, 0, 0);
    front->timer.data = front;
    ev_timer_init(&front->retry, on_retry, 0, 0);
    front->retry.data = front;
    update_accept(front);
    return front;
}

void
front_free(struct front *front)
{
    struct waiting *waiting;

    if (front == NULL)
        return;
    while ((waiting = TAILQ_FIRST(&front->list)) != NULL) {
        int fd = waiting->io.fd;

        forget(waiting);
        close(fd);
    }
    ev_io_stop(front->loop, &front->accept);
    ev_timer_stop(front->loop, &front->timer);
    ev_timer_stop(front->loop, &front->retry);
    close(front->fd);
    free(front);
}

void
front_pause(struct front *front)
{
    front->is_paused = true;
    update_accept(front);
}

void
front_go_on(struct front *front)
{
    front->is_paused = false;
    update_accept(front);
}

uint32_t
front_waiting(const struct front *front)
{
    return front->n_waiting;
}
