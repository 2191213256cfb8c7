/* SPDX-License-Identifier: MIT */
#ifndef APNS_SETUP_H
#define APNS_SETUP_H

/*
 * The way to a connected socket: resolve, connect, ask the proxy; once more
 * over the other port if the first cannot be reached, or if TLS gets nowhere
 * over it: some firewalls let 443 connect and swallow the rest. What comes
 * after that is traffic.c's.
 */

#include <stdbool.h>
#include <stdint.h>

#include "apns/link/conn.h"

#define SETUP_PORT_MEMORY_MS (10 * 60 * 1000) /* then the first port again */

/* Which of APNs' two ports works from here; one per client. */
struct setup_ports {
    uint64_t fallback_until_us; /* 0: the first port is fine */
};

/** setup_begin(conn): from RESOLVING on. */
void setup_begin(struct conn *conn);

/** setup_on_io(conn): PROXY: the socket is ready. */
void setup_on_io(struct conn *conn, int revents);

/** setup_due_at(conn): when setup_on_due has something to do. */
uint64_t setup_due_at(const struct conn *conn);

/** setup_on_due(conn): it takes too long. */
void setup_on_due(struct conn *conn);

/** setup_on_cut(conn, why): the socket ended in the middle of the handshake,
 *  without a word of TLS: over the other port, or it is dead. */
void setup_on_cut(struct conn *conn, const char *why);

/** setup_end(conn): stop and free whatever is under way. */
void setup_end(struct conn *conn);

/** setup_pick_port(ports, config, now_us): the port to try first. */
uint16_t setup_pick_port(const struct setup_ports *ports,
                         const struct apns_config *config, uint64_t now_us);

/** setup_note_port(ports, config, port, now_us): the handshake came to its
 *  end over ${port}. */
void setup_note_port(struct setup_ports *ports,
                     const struct apns_config *config, uint16_t port,
                     uint64_t now_us);

#endif /* APNS_SETUP_H */
