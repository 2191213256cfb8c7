/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_TESTS_TUNNEL_H
#define ROUSE_TESTS_TUNNEL_H

/*
 * An HTTP CONNECT proxy on the test's own loop: one tunnel at a time in each
 * of its places, and as unkind as it is told to be.
 */

#include <ev.h>
#include <stdint.h>

#define TUNNEL_PLACES 16

struct tunnel;

/* One way of a tunnel. */
struct tunnel_way {
    ev_io io;
    int from, to;
};

struct tunnel_place {
    ev_io head;
    struct tunnel *tunnel;
    struct tunnel_way up, down;
    int client_fd, server_fd; /* -1: none */
    char text[1024];
    size_t len;
};

struct tunnel {
    struct ev_loop *loop;
    ev_io accept;
    int fd;
    uint16_t port;
    const char *reply;     /* instead of a tunnel; NULL: make one */
    uint16_t refused_port; /* CONNECT to it is answered with 503 */
    const char *login;     /* base64 that is asked for; NULL: none */
    char last[1024];       /* the last request's head */
    int n_asked;
    struct tunnel_place places[TUNNEL_PLACES];
};

/** tunnel_open(tunnel, loop): listen on a port of 127.0.0.1. */
void tunnel_open(struct tunnel *tunnel, struct ev_loop *loop);

/** tunnel_close(tunnel): with all that goes through it. */
void tunnel_close(struct tunnel *tunnel);

#endif /* ROUSE_TESTS_TUNNEL_H */
