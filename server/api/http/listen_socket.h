/* SPDX-License-Identifier: MIT */
#ifndef API_LISTEN_SOCKET_H
#define API_LISTEN_SOCKET_H

/*
 * Listening sockets, with the questions that must be asked before.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct listen_socket_mark {
    dev_t device;
    ino_t inode; /* 0: there is none */
};

/**
 * listen_socket_unix(path, mode, why):
 * Listen on a unix socket. One that a dead process left behind is replaced;
 * one that somebody answers on is not.
 *
 *   why      API_WHY bytes
 *   returns  a descriptor; -1: ${why} says what to do next
 */
int listen_socket_unix(const char *path, uint32_t mode, char *why);

/** listen_socket_mark(path, mark): note which file a unix socket has now. */
void listen_socket_mark(const char *path, struct listen_socket_mark *mark);

/** listen_socket_is_there(path, mark): it still has that file. */
bool listen_socket_is_there(const char *path,
                            const struct listen_socket_mark *mark);

/**
 * listen_socket_tcp(address, is_behind_tls_proxy, why):
 * Listen on "host:port", "[v6]:port" or ":port" (loopback). The host is an
 * address or localhost; port 0 takes any.
 *
 *   returns  as above
 */
int listen_socket_tcp(const char *address, bool is_behind_tls_proxy, char *why);

/** listen_socket_port(fd): the port it has got; 0 when it has none. */
uint16_t listen_socket_port(int fd);

#endif /* API_LISTEN_SOCKET_H */
