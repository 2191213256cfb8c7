/* SPDX-License-Identifier: MIT */
#include "listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peer.h"
#include "sim.h"

#define BACKLOG   512
#define MAX_TRIES 16 /* ports tried that must be free on every address */
#define MAX_ROUND 64 /* connections accepted before others get their turn */

struct place {
    struct listener *listener;
    ev_io io;
    int fd;
};

struct listener {
    struct sim *sim;
    size_t n;
    struct place places[SIM_MAX_LISTEN];
};

static void
take_connection(struct sim *sim, int fd)
{
    struct linger none = {.l_onoff = 1, .l_linger = 0};
    struct peer *peer;
    uint32_t n = 0;
    int yes = 1;

    sim->stats.connections++;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    TAILQ_FOREACH (peer, &sim->peers, link)
        if (peer->state != PEER_LINGERING && peer->state != PEER_DEAD)
            n++;
    if (sim->conn_cap > 0 && n >= sim->conn_cap) {
        sim_log(sim, "event=over_cap cap=%u", sim->conn_cap);
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
        close(fd);
        return;
    }
    peer_new(sim, fd);
}

static void
on_connection(struct ev_loop *loop, ev_io *io, int revents)
{
    struct place *place = io->data;

    (void)loop;
    (void)revents;
    for (int i = 0; i < MAX_ROUND; i++) {
        int fd = accept4(place->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd < 0)
            return;
        take_connection(place->listener->sim, fd);
    }
}

/* A socket that listens on address and port; -1 with errno set. */
static int
listen_on(const struct addrinfo *where, uint16_t port)
{
    struct sockaddr_storage address;
    int fd, yes = 1, error;

    memcpy(&address, where->ai_addr, where->ai_addrlen);
    if (where->ai_family == AF_INET)
        ((struct sockaddr_in *)&address)->sin_port = htons(port);
    else
        ((struct sockaddr_in6 *)&address)->sin6_port = htons(port);
    fd =
        socket(where->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (where->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
    if (bind(fd, (struct sockaddr *)&address, where->ai_addrlen) == 0 &&
        listen(fd, BACKLOG) == 0)
        return fd;
    error = errno;
    close(fd);
    errno = error;
    return -1;
}

static uint16_t
port_of(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address = {.v6 = {.sin6_port = 0}};
    socklen_t len = sizeof address;

    if (getsockname(fd, &address.any, &len) != 0)
        return 0;
    return ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port
                                                  : address.v6.sin6_port);
}

static bool
add_place(struct listener *listener, const char *address, uint16_t *port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST | AI_PASSIVE};
    struct place *place = &listener->places[listener->n];
    struct addrinfo *found;

    if (getaddrinfo(address, NULL, &hints, &found) != 0) {
        errno = EINVAL;
        return false;
    }
    place->fd = listen_on(found, *port);
    freeaddrinfo(found);
    if (place->fd < 0)
        return false;
    *port = port_of(place->fd);
    place->listener = listener;
    ev_io_init(&place->io, on_connection, place->fd, EV_READ);
    place->io.data = place;
    ev_io_start(listener->sim->loop, &place->io);
    listener->n++;
    return true;
}

static void
remove_places(struct listener *listener)
{
    while (listener->n > 0) {
        struct place *place = &listener->places[--listener->n];

        ev_io_stop(listener->sim->loop, &place->io);
        close(place->fd);
    }
}

/* NULL, or the address that failed. */
static const char *
add_places(struct listener *listener, uint16_t *port)
{
    const struct sim_config *config = &listener->sim->config;

    for (size_t i = 0; i < config->n_listen; i++)
        if (!add_place(listener, config->listen[i], port))
            return config->listen[i];
    return NULL;
}

struct listener *
listener_open(struct sim *sim)
{
    struct listener *listener = calloc(1, sizeof *listener);
    const char *failed = "memory";
    uint16_t port;

    if (listener == NULL)
        goto fail;
    listener->sim = sim;
    for (int i = 0; i < MAX_TRIES; i++) {
        port = sim->config.port;
        if ((failed = add_places(listener, &port)) == NULL) {
            sim->config.port = port;
            return listener;
        }
        remove_places(listener);
        if (sim->config.port != 0 || errno != EADDRINUSE)
            break;
    }
fail:
    fprintf(stderr, "rouse-sim: cannot listen on %s port %u: %s\n", failed,
            sim->config.port, strerror(errno));
    free(listener);
    return NULL;
}

void
listener_close(struct listener *listener)
{
    if (listener == NULL)
        return;
    remove_places(listener);
    free(listener);
}
