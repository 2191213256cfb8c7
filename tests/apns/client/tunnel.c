/* SPDX-License-Identifier: MIT */
#include "tunnel.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static void
end_place(struct tunnel_place *place)
{
    struct ev_loop *loop = place->tunnel->loop;

    ev_io_stop(loop, &place->head);
    ev_io_stop(loop, &place->up.io);
    ev_io_stop(loop, &place->down.io);
    if (place->client_fd != -1)
        close(place->client_fd);
    if (place->server_fd != -1)
        close(place->server_fd);
    place->client_fd = place->server_fd = -1;
}

static void
on_bytes(struct ev_loop *loop, ev_io *io, int revents)
{
    struct tunnel_place *place = io->data;
    struct tunnel_way *way = io == &place->up.io ? &place->up : &place->down;
    char bytes[16384];
    ssize_t n = recv(way->from, bytes, sizeof bytes, MSG_DONTWAIT);

    (void)loop;
    (void)revents;
    if (n <= 0 || send(way->to, bytes, (size_t)n, MSG_NOSIGNAL) != n)
        end_place(place);
}

static int
connect_to(uint16_t port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons(port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd != -1);
    if (connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
        return fd;
    close(fd);
    return -1;
}

static void
say(struct tunnel_place *place, const char *text)
{
    /* In two pieces, so that the reader meets half a head. */
    size_t half = strlen(text) / 2;

    assert_int_equal(send(place->client_fd, text, half, MSG_NOSIGNAL), half);
    (void)send(place->client_fd, text + half, strlen(text + half),
               MSG_NOSIGNAL);
}

static void
join(struct tunnel_place *place, uint16_t port)
{
    struct ev_loop *loop = place->tunnel->loop;

    if (port == place->tunnel->refused_port ||
        (place->server_fd = connect_to(port)) == -1) {
        say(place, "HTTP/1.1 503 Service Unavailable\r\n\r\n");
        end_place(place);
        return;
    }
    say(place, "HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n");
    place->up.from = place->down.to = place->client_fd;
    place->up.to = place->down.from = place->server_fd;
    ev_io_init(&place->up.io, on_bytes, place->client_fd, EV_READ);
    ev_io_init(&place->down.io, on_bytes, place->server_fd, EV_READ);
    place->up.io.data = place->down.io.data = place;
    ev_io_start(loop, &place->up.io);
    ev_io_start(loop, &place->down.io);
}

static void
answer(struct tunnel_place *place)
{
    struct tunnel *tunnel = place->tunnel;
    const char *colon = strchr(place->text, ':');

    memcpy(tunnel->last, place->text, sizeof tunnel->last);
    tunnel->n_asked++;
    assert_non_null(colon);
    if (tunnel->reply != NULL)
        say(place, tunnel->reply);
    else if (tunnel->login != NULL &&
             strstr(place->text, tunnel->login) == NULL)
        say(place, "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    else {
        join(place, (uint16_t)strtoul(colon + 1, NULL, 10));
        return;
    }
    end_place(place);
}

static void
on_head(struct ev_loop *loop, ev_io *io, int revents)
{
    struct tunnel_place *place = io->data;
    ssize_t n = recv(place->client_fd, place->text + place->len,
                     sizeof place->text - 1 - place->len, MSG_DONTWAIT);

    (void)revents;
    if (n <= 0) {
        end_place(place);
        return;
    }
    place->len += (size_t)n;
    place->text[place->len] = '\0';
    if (strstr(place->text, "\r\n\r\n") == NULL)
        return;
    ev_io_stop(loop, io);
    answer(place);
}

static void
on_accept(struct ev_loop *loop, ev_io *io, int revents)
{
    struct tunnel *tunnel = io->data;
    int fd = accept(tunnel->fd, NULL, NULL);

    (void)revents;
    assert_true(fd != -1);
    for (size_t i = 0; i < TUNNEL_PLACES; i++) {
        struct tunnel_place *place = &tunnel->places[i];

        if (place->client_fd != -1)
            continue;
        place->client_fd = fd;
        place->len = 0;
        ev_io_init(&place->head, on_head, fd, EV_READ);
        place->head.data = place;
        ev_io_start(loop, &place->head);
        return;
    }
    close(fd);
}

void
tunnel_open(struct tunnel *tunnel, struct ev_loop *loop)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;

    memset(tunnel, 0, sizeof *tunnel);
    tunnel->loop = loop;
    for (size_t i = 0; i < TUNNEL_PLACES; i++) {
        tunnel->places[i].tunnel = tunnel;
        tunnel->places[i].client_fd = tunnel->places[i].server_fd = -1;
    }
    tunnel->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(tunnel->fd, (struct sockaddr *)&at, len), 0);
    assert_int_equal(listen(tunnel->fd, 16), 0);
    assert_int_equal(getsockname(tunnel->fd, (struct sockaddr *)&at, &len), 0);
    tunnel->port = ntohs(at.sin_port);
    ev_io_init(&tunnel->accept, on_accept, tunnel->fd, EV_READ);
    tunnel->accept.data = tunnel;
    ev_io_start(loop, &tunnel->accept);
}

void
tunnel_close(struct tunnel *tunnel)
{
    for (size_t i = 0; i < TUNNEL_PLACES; i++)
        end_place(&tunnel->places[i]);
    ev_io_stop(tunnel->loop, &tunnel->accept);
    close(tunnel->fd);
}
