/* SPDX-License-Identifier: MIT */
#ifndef APNS_DIAL_H
#define APNS_DIAL_H

/*
 * Connects to whichever of some addresses answers first. One after the other
 * gets a head start of DIAL_RACE_MS (RFC 8305); an address that fails passes
 * its turn on at once.
 */

#include <ev.h>
#include <stddef.h>

#include "address.h"

#define DIAL_RACE_MS 250

/**
 * dial_fn(arg, fd, address, why):
 * A connected socket, the callee's from now on; or -1 and why.
 */
typedef void dial_fn(void *arg, int fd, const struct address *address,
                     const char *why);

struct dial;

/**
 * dial_start(loop, addresses, n, on_done, arg):
 * Try 1..ADDRESS_MAX addresses, in this order; call ${on_done} once, later,
 * unless it is freed before. NULL: out of memory.
 */
struct dial *dial_start(struct ev_loop *loop, const struct address *addresses,
                        size_t n, dial_fn *on_done, void *arg);

/** dial_free(dial): also from inside on_done. NULL is fine. */
void dial_free(struct dial *dial);

#endif /* APNS_DIAL_H */
