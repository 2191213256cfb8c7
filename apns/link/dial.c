/* SPDX-License-Identifier: MIT */
#include "dial.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apns/base/must.h"

struct attempt {
    ev_io io;
    struct dial *dial;
    struct address address;
    int fd; /* -1: not begun, or failed */
};

struct dial {
    struct ev_loop *loop;
    dial_fn *on_done;
    void *arg;
    ev_timer turn; /* the next address may start */
    size_t n_attempts;
    size_t n_begun;
    size_t n_failed;
    int error; /* errno of the last failure */
    struct attempt attempts[ADDRESS_MAX];
};

static void
stop_attempt(struct dial *dial, struct attempt *attempt)
{
    if (attempt->fd == -1)
        return;
    ev_io_stop(dial->loop, &attempt->io);
    close(attempt->fd);
    attempt->fd = -1;
}

static const char *
explain(int error)
{
    switch (error) {
    case ECONNREFUSED:
        return "connect refused";
    case ETIMEDOUT:
        return "connect timeout";
    case ENETUNREACH:
    case EHOSTUNREACH:
        return "connect unreachable";
    default:
        return "connect failed";
    }
}

static void
win(struct dial *dial, struct attempt *attempt)
{
    int fd = attempt->fd;
    int on = 1;

    ev_io_stop(dial->loop, &attempt->io);
    ev_timer_stop(dial->loop, &dial->turn);
    attempt->fd = -1;
    /* We write whole records ourselves; nothing is gained by waiting. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    for (size_t i = 0; i < dial->n_begun; i++)
        stop_attempt(dial, &dial->attempts[i]);
    /* May free the dial: nothing after it. */
    dial->on_done(dial->arg, fd, &attempt->address, NULL);
}

static void
on_connected(struct ev_loop *loop, ev_io *io, int revents)
{
    struct attempt *attempt = io->data;
    struct dial *dial = attempt->dial;
    int error = 0;
    socklen_t len = sizeof error;

    (void)revents;
    if (getsockopt(attempt->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
        error = errno;
    if (error == 0) {
        win(dial, attempt);
        return;
    }
    dial->error = error;
    dial->n_failed++;
    stop_attempt(dial, attempt);
    ev_feed_event(loop, &dial->turn, EV_TIMER);
}

/* False: it has failed at once. */
static bool
begin(struct dial *dial, struct attempt *attempt)
{
    const struct address *address = &attempt->address;

    attempt->fd = socket(address->at.any.sa_family,
                         SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (attempt->fd == -1) {
        dial->error = errno;
        return false;
    }
    if (connect(attempt->fd, &address->at.any, address->len) != 0 &&
        errno != EINPROGRESS) {
        dial->error = errno;
        close(attempt->fd);
        attempt->fd = -1;
        return false;
    }
    ev_io_init(&attempt->io, on_connected, attempt->fd, EV_WRITE);
    attempt->io.data = attempt;
    ev_io_start(dial->loop, &attempt->io);
    return true;
}

static void
on_turn(struct ev_loop *loop, ev_timer *turn, int revents)
{
    struct dial *dial = turn->data;

    (void)revents;
    while (dial->n_begun < dial->n_attempts) {
        if (begin(dial, &dial->attempts[dial->n_begun++]))
            break;
        dial->n_failed++;
    }
    if (dial->n_failed == dial->n_attempts) {
        ev_timer_stop(loop, turn);
        /* May free the dial: nothing after it. */
        dial->on_done(dial->arg, -1, NULL, explain(dial->error));
    } else if (dial->n_begun < dial->n_attempts) {
        turn->repeat = DIAL_RACE_MS / 1e3;
        ev_timer_again(loop, turn);
    } else {
        ev_timer_stop(loop, turn);
    }
}

struct dial *
dial_start(struct ev_loop *loop, const struct address *addresses, size_t n,
           dial_fn *on_done, void *arg)
{
    struct dial *dial = calloc(1, sizeof *dial);

    must(n > 0 && n <= ADDRESS_MAX);
    if (dial == NULL)
        return NULL;
    dial->loop = loop;
    dial->on_done = on_done;
    dial->arg = arg;
    dial->n_attempts = n;
    for (size_t i = 0; i < n; i++) {
        dial->attempts[i].dial = dial;
        dial->attempts[i].address = addresses[i];
        dial->attempts[i].fd = -1;
    }
    ev_timer_init(&dial->turn, on_turn, 0.0, 0.0);
    dial->turn.data = dial;
    ev_timer_start(loop, &dial->turn);
    return dial;
}

void
dial_free(struct dial *dial)
{
    if (dial == NULL)
        return;
    for (size_t i = 0; i < dial->n_begun; i++)
        stop_attempt(dial, &dial->attempts[i]);
    ev_timer_stop(dial->loop, &dial->turn);
    free(dial);
}
