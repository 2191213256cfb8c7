/* SPDX-License-Identifier: MIT */
#ifndef API_LISTENER_H
#define API_LISTENER_H

/*
 * Listening sockets, with the questions that must be asked before.
 */

#include <stdbool.h>
#include <stdint.h>

/**
 * listener_unix(path, mode, why):
 * Listen on a unix socket. One that a dead process left behind is replaced;
 * one that somebody answers on is not.
 *
 *   why      API_WHY bytes
 *   returns  a descriptor; -1: ${why} says what to do next
 */
int listener_unix(const char *path, uint32_t mode, char *why);

/**
 * listener_tcp(address, is_behind_tls_proxy, why):
 * Listen on "host:port", "[v6]:port" or ":port" (loopback). The host is an
 * address or localhost; port 0 takes any.
 *
 *   returns  as above
 */
int listener_tcp(const char *address, bool is_behind_tls_proxy, char *why);

/** listener_port(fd): the port it has got; 0 when it has none. */
uint16_t listener_port(int fd);

#endif /* API_LISTENER_H */
