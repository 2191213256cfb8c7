/* SPDX-License-Identifier: MIT */
#include "peer.h"

#include <errno.h>
#include <openssl/err.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/sim/h2/sim_session.h"
#include "sim_tls.h"

static void
die(struct peer *peer)
{
    peer->state = PEER_DEAD;
    ev_io_stop(peer->sim->loop, &peer->reading);
    ev_io_stop(peer->sim->loop, &peer->writing);
    peer_mark(peer);
}

void
peer_mark(struct peer *peer)
{
    if (peer->is_dirty)
        return;
    peer->is_dirty = true;
    TAILQ_INSERT_TAIL(&peer->sim->dirty, peer, dirty_link);
}

void
peer_reset(struct peer *peer)
{
    peer->is_reset = true;
    die(peer);
}

/* All is said: tell the other side, and let it read that. */
static void
start_lingering(struct peer *peer)
{
    peer->state = PEER_LINGERING;
    shutdown(peer->fd, SHUT_WR);
    ev_io_stop(peer->sim->loop, &peer->writing);
    ev_io_start(peer->sim->loop, &peer->reading);
    ev_timer_start(peer->sim->loop, &peer->linger);
}

/*
 * Handshake.
 */

static void
fail_handshake(struct peer *peer)
{
    struct sim *sim = peer->sim;

    sim->stats.handshake_failures++;
    sim_log(sim, "event=handshake_failed reason=\"%s\"", sim_tls_error());
    /* The alert has been written, and must be read before the reset. */
    start_lingering(peer);
}

static void
become_open(struct peer *peer)
{
    struct sim *sim = peer->sim;
    static const struct directive wrong_environment = {
        .action = ACTION_GOAWAY,
        .last = LAST_NONE,
        .reason = "BadCertificateEnvironment",
    };

    sim->stats.handshakes++;
    sim_tls_topic(peer->ssl, peer->topic, sizeof peer->topic);
    sim_tls_serial(peer->ssl, peer->serial, sizeof peer->serial);
    sim_log(sim, "event=open tls=%s topic=\"%s\"", SSL_get_version(peer->ssl),
            peer->topic);
    peer->is_mute = sim->is_without_settings;
    peer->last_stream_id = INT32_MAX;
    if ((peer->session = sim_session_new(peer)) == NULL) {
        die(peer);
        return;
    }
    peer->state = PEER_OPEN;
    if (++sim->stats.open > sim->stats.max_open)
        sim->stats.max_open = sim->stats.open;
    if (sim->is_wrong_environment)
        sim_session_goaway(peer->session, &wrong_environment);
    peer_mark(peer);
}

static void
shake_hands(struct peer *peer)
{
    int done;

    ERR_clear_error();
    done = SSL_accept(peer->ssl);
    if (done == 1) {
        ev_io_stop(peer->sim->loop, &peer->writing);
        become_open(peer);
        return;
    }
    switch (SSL_get_error(peer->ssl, done)) {
    case SSL_ERROR_WANT_READ:
        ev_io_stop(peer->sim->loop, &peer->writing);
        break;
    case SSL_ERROR_WANT_WRITE:
        ev_io_start(peer->sim->loop, &peer->writing);
        break;
    default:
        fail_handshake(peer);
    }
}

/*
 * Bytes in.
 */

static void
take_input(struct peer *peer)
{
    static uint8_t in[PEER_IN_MAX]; /* one thread; nothing stays in it */

    for (int i = 0; i < PEER_IN_ROUNDS; i++) {
        int n;

        ERR_clear_error();
        n = SSL_read(peer->ssl, in, sizeof in);
        if (n <= 0) {
            if (SSL_get_error(peer->ssl, n) != SSL_ERROR_WANT_READ)
                die(peer);
            return;
        }
        sim_session_receive(peer->session, in, (size_t)n);
        if (peer->state != PEER_OPEN)
            return;
    }
    /* OpenSSL may hold more, of which epoll knows nothing. */
    ev_feed_event(peer->sim->loop, &peer->reading, EV_READ);
}

static void
discard_input(struct peer *peer)
{
    uint8_t in[4096];
    ssize_t n;

    while ((n = recv(peer->fd, in, sizeof in, MSG_DONTWAIT)) > 0)
        ;
    if (n == 0 || (errno != EAGAIN && errno != EINTR))
        die(peer);
}

static void
on_readable(struct ev_loop *loop, ev_io *io, int revents)
{
    struct peer *peer = io->data;

    (void)loop;
    (void)revents;
    switch (peer->state) {
    case PEER_HANDSHAKING:
        shake_hands(peer);
        break;
    case PEER_OPEN:
        /* While it is blocked on output, flush calls for input again. */
        if (!ev_is_active(&peer->writing))
            take_input(peer);
        peer_mark(peer);
        break;
    case PEER_LINGERING:
        discard_input(peer);
        break;
    case PEER_DEAD:
        break;
    }
}

static void
on_writable(struct ev_loop *loop, ev_io *io, int revents)
{
    struct peer *peer = io->data;

    (void)loop;
    (void)revents;
    if (peer->state == PEER_HANDSHAKING)
        shake_hands(peer);
    else
        peer_mark(peer);
}

static void
on_linger(struct ev_loop *loop, ev_timer *timer, int revents)
{
    (void)loop;
    (void)revents;
    die(timer->data);
}

/*
 * Bytes out.
 */

/* What is blocked on output takes no more input: bounded memory. */
static void
block(struct peer *peer)
{
    ev_io_stop(peer->sim->loop, &peer->reading);
    ev_io_start(peer->sim->loop, &peer->writing);
}

static void
unblock(struct peer *peer)
{
    if (!ev_is_active(&peer->writing))
        return;
    ev_io_stop(peer->sim->loop, &peer->writing);
    ev_io_start(peer->sim->loop, &peer->reading);
    /* OpenSSL may hold input, of which epoll knows nothing. */
    ev_feed_event(peer->sim->loop, &peer->reading, EV_READ);
}

static void
flush(struct peer *peer)
{
    struct frame_out *out = &peer->session->out;

    if (peer->is_mute)
        frame_sent(out, out->len - out->sent);
    while (out->len > 0) {
        size_t len = out->len - out->sent;
        int n;

        ERR_clear_error();
        n = SSL_write(peer->ssl, out->bytes + out->sent,
                      (int)(len < PEER_OUT_MAX ? len : PEER_OUT_MAX));
        if (n <= 0) {
            if (SSL_get_error(peer->ssl, n) == SSL_ERROR_WANT_WRITE)
                block(peer);
            else
                die(peer);
            return;
        }
        frame_sent(out, (size_t)n);
    }
    unblock(peer);
    if (sim_session_is_over(peer->session)) {
        SSL_shutdown(peer->ssl);
        start_lingering(peer);
    }
}

void
peer_turn(struct peer *peer)
{
    TAILQ_REMOVE(&peer->sim->dirty, peer, dirty_link);
    peer->is_dirty = false;
    if (peer->state == PEER_OPEN)
        flush(peer);
    if (peer->state == PEER_DEAD)
        peer_free(peer);
}

/*
 * Life.
 */

void
peer_new(struct sim *sim, int fd)
{
    struct peer *peer = calloc(1, sizeof *peer);

    if (peer == NULL)
        goto fail0;
    if ((peer->ssl = SSL_new(sim->tls)) == NULL)
        goto fail1;
    if (SSL_set_fd(peer->ssl, fd) != 1)
        goto fail2;
    peer->sim = sim;
    peer->fd = fd;
    ev_io_init(&peer->reading, on_readable, fd, EV_READ);
    ev_io_init(&peer->writing, on_writable, fd, EV_WRITE);
    ev_timer_init(&peer->linger, on_linger, PEER_LINGER_S, 0.);
    peer->reading.data = peer->writing.data = peer->linger.data = peer;
    TAILQ_INSERT_TAIL(&sim->peers, peer, link);
    ev_io_start(sim->loop, &peer->reading);
    return;

fail2:
    SSL_free(peer->ssl);
fail1:
    free(peer);
fail0:
    close(fd);
}

void
peer_free(struct peer *peer)
{
    struct sim *sim = peer->sim;
    struct linger none = {.l_onoff = 1, .l_linger = 0};

    ev_io_stop(sim->loop, &peer->reading);
    ev_io_stop(sim->loop, &peer->writing);
    ev_timer_stop(sim->loop, &peer->linger);
    if (peer->is_dirty)
        TAILQ_REMOVE(&sim->dirty, peer, dirty_link);
    TAILQ_REMOVE(&sim->peers, peer, link);
    sim->stats.open -= peer->session != NULL;
    sim_session_free(peer->session);
    if (peer->is_reset)
        setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    SSL_free(peer->ssl);
    close(peer->fd);
    free(peer);
}
