/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_SIM_PROTOCOL_H
#define ROUSE_SIM_PROTOCOL_H

/*
 * HTTP/2 of one connection, in one of two ways: bytes in, pushes taken, bytes
 * out. Knows no sockets.
 *
 * strict_session is nghttp2's: everything is parsed and checked.
 * null_session looks at frames' headers only, and costs next to nothing, so
 * that a sender is measured and not the simulator.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "directive.h"

struct peer;
struct request;

struct protocol {
    /* Give the peer its session, first SETTINGS queued; false: no memory. */
    bool (*open)(struct peer *peer);

    /* Free the session; requests have been freed. */
    void (*close)(struct peer *peer);

    /* Take bytes from the client; false: they break the protocol. */
    bool (*receive)(struct peer *peer, const uint8_t *bytes, size_t len);

    /* Up to PEER_FRAME_MAX bytes for the client, good until the next call;
     * 0: none now, less: the session is broken. */
    ssize_t (*send)(struct peer *peer, const uint8_t **bytes);

    /* After a GOAWAY all is said. */
    bool (*is_over)(const struct peer *peer);

    /* Queue a GOAWAY, new SETTINGS, an answer or reset. */
    void (*goaway)(struct peer *peer, const struct directive *directive);
    void (*settle)(struct peer *peer, uint32_t max_streams);
    void (*answer)(struct request *request);
};

extern const struct protocol strict_session;
extern const struct protocol null_session;

#endif /* ROUSE_SIM_PROTOCOL_H */
