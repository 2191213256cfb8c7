/* SPDX-License-Identifier: MIT */
#ifndef API_LISTEN_SOCKET_H
#define API_LISTEN_SOCKET_H

/*
 * Listening sockets, with the questions that must be asked before.
 */

#include <stdbool.h>
#include <stdint.h>

/**
 * listen_socket_unix(path, mode, why):
 * Listen on a unix socket. One that a dead process left behind is replaced;
 * one that somebody answers on is not.
 *
 *   why      API_WHY bytes
 *   returns  a descriptor; -1: ${why} says what to do next
 */
int listen_socket_unix(const char *path, uint32_t mode, char *why);

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
