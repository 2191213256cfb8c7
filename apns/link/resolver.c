/* SPDX-License-Identifier: MIT */
#include "resolver.h"

#include <ares.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define TRY_MS      2000 /* for one server's answer, doubled by c-ares */
#define TRIES       3    /* per server */
#define MAX_SOCKETS 16   /* UDP and TCP sockets of one look */

struct look_socket {
    ev_io io;
    struct resolver *resolver;
    bool is_used;
};

struct resolver {
    struct ev_loop *loop;
    ares_channel channel;
    resolver_fn *on_done;
    void *arg;
    struct look_socket sockets[MAX_SOCKETS];
    ev_timer timer; /* c-ares' own timeouts */
    ev_timer ready; /* the answer is given from the loop, not from c-ares */
    struct address addresses[ADDRESS_MAX];
    size_t n_addresses;
    const char *why;
};

static void
rearm(struct resolver *resolver)
{
    struct timeval room;
    const struct timeval *next = ares_timeout(resolver->channel, NULL, &room);

    ev_timer_stop(resolver->loop, &resolver->timer);
    if (next == NULL)
        return;
    ev_timer_set(&resolver->timer,
                 (double)next->tv_sec + (double)next->tv_usec / 1e6 + 0.001,
                 0.0);
    ev_timer_start(resolver->loop, &resolver->timer);
}

static void
on_socket(struct ev_loop *loop, ev_io *io, int revents)
{
    struct look_socket *look = io->data;
    struct resolver *resolver = look->resolver;

    (void)loop;
    ares_process_fd(resolver->channel,
                    (revents & EV_READ) != 0 ? io->fd : ARES_SOCKET_BAD,
                    (revents & EV_WRITE) != 0 ? io->fd : ARES_SOCKET_BAD);
    rearm(resolver);
}

static void
on_timeout(struct ev_loop *loop, ev_timer *timer, int revents)
{
    struct resolver *resolver = timer->data;

    (void)loop;
    (void)revents;
    ares_process_fd(resolver->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    rearm(resolver);
}

static void
on_socket_state(void *arg, ares_socket_t fd, int can_read, int can_write)
{
    struct resolver *resolver = arg;
    struct look_socket *free_one = NULL;
    struct look_socket *look = NULL;

    for (size_t i = 0; i < MAX_SOCKETS; i++) {
        if (!resolver->sockets[i].is_used)
            free_one = &resolver->sockets[i];
        else if (resolver->sockets[i].io.fd == fd)
            look = &resolver->sockets[i];
    }
    if (look == NULL)
        look = free_one;
    if (look == NULL)
        return; /* c-ares' own timeout deals with a socket nobody watches */
    if (look->is_used)
        ev_io_stop(resolver->loop, &look->io);
    look->is_used = can_read != 0 || can_write != 0;
    if (!look->is_used)
        return;
    ev_io_init(&look->io, on_socket, fd,
               (can_read != 0 ? EV_READ : 0) | (can_write != 0 ? EV_WRITE : 0));
    look->io.data = look;
    look->resolver = resolver;
    ev_io_start(resolver->loop, &look->io);
}

/* The ${skip}th address of a family, NULL when there are not so many. */
static const struct ares_addrinfo_node *
find_node(const struct ares_addrinfo *found, int family, size_t skip)
{
    for (const struct ares_addrinfo_node *node = found->nodes; node != NULL;
         node = node->ai_next)
        if (node->ai_family == family && skip-- == 0)
            return node;
    return NULL;
}

static void
keep_node(struct resolver *resolver, const struct ares_addrinfo_node *node)
{
    struct address *address = &resolver->addresses[resolver->n_addresses];

    if (node == NULL || resolver->n_addresses == ADDRESS_MAX ||
        (size_t)node->ai_addrlen > sizeof address->at)
        return;
    memset(address, 0, sizeof *address);
    memcpy(&address->at, node->ai_addr, (size_t)node->ai_addrlen);
    address->len = (socklen_t)node->ai_addrlen;
    resolver->n_addresses++;
}

static void
on_found(void *arg, int status, int n_timeouts, struct ares_addrinfo *found)
{
    struct resolver *resolver = arg;

    (void)n_timeouts;
    if (status == ARES_EDESTRUCTION)
        return;
    if (status == ARES_SUCCESS && found != NULL) {
        for (size_t i = 0; i < ADDRESS_MAX; i++) {
            keep_node(resolver, find_node(found, AF_INET6, i));
            keep_node(resolver, find_node(found, AF_INET, i));
        }
    }
    if (found != NULL)
        ares_freeaddrinfo(found);
    resolver->why =
        status == ARES_SUCCESS ? "no address" : ares_strerror(status);
    ev_timer_start(resolver->loop, &resolver->ready);
}

static void
on_ready(struct ev_loop *loop, ev_timer *timer, int revents)
{
    struct resolver *resolver = timer->data;

    (void)revents;
    ev_timer_stop(loop, &resolver->timer);
    /* May free the resolver: nothing after it. */
    resolver->on_done(resolver->arg, resolver->addresses, resolver->n_addresses,
                      resolver->why);
}

static bool
open_channel(struct resolver *resolver, const char *servers)
{
    struct ares_options options = {
        .timeout = TRY_MS,
        .tries = TRIES,
        .sock_state_cb = on_socket_state,
        .sock_state_cb_data = resolver,
    };

    if (ares_init_options(&resolver->channel, &options,
                          ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
                              ARES_OPT_SOCK_STATE_CB) != ARES_SUCCESS)
        return false;
    if (servers == NULL ||
        ares_set_servers_ports_csv(resolver->channel, servers) == ARES_SUCCESS)
        return true;
    ares_destroy(resolver->channel);
    return false;
}

bool
resolver_can_use(const char *servers)
{
    ares_channel channel;
    bool can_use;

    if (ares_init_options(&channel, NULL, 0) != ARES_SUCCESS)
        return false;
    can_use = ares_set_servers_ports_csv(channel, servers) == ARES_SUCCESS;
    ares_destroy(channel);
    return can_use;
}

struct resolver *
resolver_start(struct ev_loop *loop, const char *servers, const char *host,
               resolver_fn *on_done, void *arg)
{
    /* In the order of the answer: APNs turns it to spread its clients. */
    static const struct ares_addrinfo_hints hints = {
        .ai_family = AF_UNSPEC,
        .ai_socktype = SOCK_STREAM,
        .ai_flags = ARES_AI_NOSORT,
    };
    struct resolver *resolver = calloc(1, sizeof *resolver);

    if (resolver == NULL)
        return NULL;
    resolver->loop = loop;
    resolver->on_done = on_done;
    resolver->arg = arg;
    ev_timer_init(&resolver->timer, on_timeout, 0.0, 0.0);
    resolver->timer.data = resolver;
    ev_timer_init(&resolver->ready, on_ready, 0.0, 0.0);
    resolver->ready.data = resolver;
    if (!open_channel(resolver, servers)) {
        free(resolver);
        return NULL;
    }
    ares_getaddrinfo(resolver->channel, host, NULL, &hints, on_found, resolver);
    rearm(resolver);
    return resolver;
}

void
resolver_free(struct resolver *resolver)
{
    if (resolver == NULL)
        return;
    ares_destroy(resolver->channel);
    for (size_t i = 0; i < MAX_SOCKETS; i++)
        if (resolver->sockets[i].is_used)
            ev_io_stop(resolver->loop, &resolver->sockets[i].io);
    ev_timer_stop(resolver->loop, &resolver->timer);
    ev_timer_stop(resolver->loop, &resolver->ready);
    free(resolver);
}
