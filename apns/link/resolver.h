/* SPDX-License-Identifier: MIT */
#ifndef APNS_RESOLVER_H
#define APNS_RESOLVER_H

/*
 * One look at the DNS, A and AAAA, without blocking and without a cache: APNs
 * asks for a fresh query before each connection. Every look reads the
 * system's settings anew, so a changed resolv.conf needs no restart.
 */

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>

#include "address.h"

/**
 * resolver_fn(arg, addresses, n, why):
 * ${n} addresses without ports, families taking turns; or 0 and why.
 */
typedef void resolver_fn(void *arg, struct address *addresses, size_t n,
                         const char *why);

struct resolver;

/**
 * resolver_start(loop, servers, host, on_done, arg):
 * Look ${host} up and call ${on_done} once, later, unless it is freed
 * before. ${servers} as in apns_config, or NULL. NULL: out of memory, or the
 * servers cannot be read.
 */
struct resolver *resolver_start(struct ev_loop *loop, const char *servers,
                                const char *host, resolver_fn *on_done,
                                void *arg);

/** resolver_can_use(servers): can this list be read? As in apns_config. */
bool resolver_can_use(const char *servers);

/** resolver_free(resolver): also from inside on_done. NULL is fine. */
void resolver_free(struct resolver *resolver);

#endif /* APNS_RESOLVER_H */
