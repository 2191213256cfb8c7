/* SPDX-License-Identifier: MIT */
/*
 * A first port that accepts connections, and over which TLS gets nowhere.
 */
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rig_clock.h"
#include "tests/support/unit.h"

static struct rig rig;

/* A port that the kernel accepts for, and nobody reads from. */
static struct {
    int fd;
    ev_io cut; /* started: it resets each connection */
    uint16_t port;
} hole;

static void
on_connect(struct ev_loop *loop, ev_io *io, int revents)
{
    struct linger none = {.l_onoff = 1, .l_linger = 0};
    int fd = accept(io->fd, NULL, NULL);

    (void)loop;
    (void)revents;
    assert_true(fd != -1);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close(fd);
}

static void
open_hole(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;

    hole.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_true(hole.fd != -1);
    assert_int_equal(bind(hole.fd, (struct sockaddr *)&at, len), 0);
    assert_int_equal(listen(hole.fd, 16), 0);
    assert_int_equal(getsockname(hole.fd, (struct sockaddr *)&at, &len), 0);
    hole.port = ntohs(at.sin_port);
    ev_io_init(&hole.cut, on_connect, hole.fd, EV_READ);
}

/* How many connections it has; they go. */
static int
count_in_hole(void)
{
    int n = 0;

    for (int fd; (fd = accept(hole.fd, NULL, NULL)) != -1; n++)
        close(fd);
    return n;
}

static void
begin(bool has_fallback)
{
    rig_start(&rig, NULL);
    open_hole();
    rig.config.fallback_port = has_fallback ? rig.config.port : 0;
    rig.config.port = hole.port;
    rig_open(&rig);
    assert_int_equal(rig_put(&rig), APNS_OK);
}

static void
end(void)
{
    rig_end(&rig);
    close(hole.fd);
}

static bool
is_in_handshake(struct rig *r)
{
    return rig_conn_is(r, CONN_HANDSHAKING);
}

static bool
has_switched_port(struct rig *r)
{
    return rig_conn(r)->has_switched_port;
}

static bool
is_lost(struct rig *r)
{
    return rig_status(r).n_conns == 0 || rig_stats(r).n_dials > 1;
}

TEST(other_port_is_used_when_the_first_swallows_tls)
{
    begin(true);
    rig_add(&rig, 10);
    rig_until(&rig, is_in_handshake);
    rig_expire(&rig, &rig.client->config.connect_ms, has_switched_port);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 10);
    assert_int_equal(rig_stats(&rig).n_dials, 1);
    assert_int_equal(count_in_hole(), 1);
    /* It is remembered which of them works. */
    sim_proc_tell(rig.sim, "close");
    rig_until(&rig, is_lost);
    rig_add(&rig, 10);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 20);
    assert_int_equal(rig_stats(&rig).n_dials, 2);
    assert_int_equal(count_in_hole(), 0);
    end();
}

TEST(other_port_is_used_when_the_first_cuts_the_handshake)
{
    begin(true);
    ev_io_start(rig.loop, &hole.cut);
    rig_add(&rig, 10);
    rig_finish(&rig);
    ev_io_stop(rig.loop, &hole.cut);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 10);
    assert_int_equal(rig_stats(&rig).n_dials, 1);
    end();
}

TEST(silence_in_the_handshake_ends_the_dial)
{
    begin(false);
    rig_add(&rig, 10);
    rig_until(&rig, is_in_handshake);
    rig_expire(&rig, &rig.client->config.connect_ms, rig_is_backed_off);
    assert_int_equal(rig.event.state, APNS_IDENTITY_BACKOFF);
    assert_string_equal(rig.event.why, "TLS: handshake timeout");
    rig_end_deadlines(&rig);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_NO_ANSWER], 10);
    end();
}
