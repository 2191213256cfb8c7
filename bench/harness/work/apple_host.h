/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_BENCH_APPLE_HOST_H
#define ROUSE_BENCH_APPLE_HOST_H

/*
 * Whether a host is Apple's, which no load test is for.
 */

#include <stdbool.h>
#include <sys/socket.h>

/** apple_host_is_name(host): under a domain of Apple's; case and dots aside. */
bool apple_host_is_name(const char *host);

/** apple_host_is_address(address): in a network of Apple's, v4 or v6. */
bool apple_host_is_address(const struct sockaddr *address);

/**
 * apple_host_is(host):
 * Apple's by its name, or by one of the addresses that it has now; asks the
 * resolver, and waits for it.
 */
bool apple_host_is(const char *host);

#endif /* ROUSE_BENCH_APPLE_HOST_H */
