/* SPDX-License-Identifier: MIT */
#ifndef APNS_TRAFFIC_H
#define APNS_TRAFFIC_H

/*
 * What goes over a connection once there is a socket: the handshake, bytes
 * in and out, and what the HTTP/2 session says of them.
 */

#include <ev.h>

#include "conn.h"

/* In a turn; then others have theirs, and new pushes leave before more
 * answers are read: a burst must not wait for its own end, nor what is asked
 * meanwhile for a burst. Some hundred answers. */
#define TRAFFIC_MAX_READS 64
#define TRAFFIC_MAX_BYTES 4096

/** traffic_begin(conn, fd): ${fd} leads to APNs; begin the handshake. */
void traffic_begin(struct conn *conn, int fd);

/**
 * traffic_fill(conn):
 * Take frames out of the session until it has none or nothing more can be
 * written; full buffers go out, the last one stays to be filled up. May end
 * with a dead connection.
 */
void traffic_fill(struct conn *conn);

/** traffic_read_on(client): go on where the last turn left off. */
void traffic_read_on(struct apns_client *client);

/** traffic_flush(conn): send all there is; close if that was the end. */
void traffic_flush(struct conn *conn);

/** traffic_on_io(loop, io, revents): the callback of conn->io. */
void traffic_on_io(struct ev_loop *loop, ev_io *io, int revents);

#endif /* APNS_TRAFFIC_H */
