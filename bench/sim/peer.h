/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_SIM_PEER_H
#define ROUSE_SIM_PEER_H

/*
 * One connection: TCP, TLS and the bytes. What the bytes mean is the
 * session's.
 *
 *     HANDSHAKING -> OPEN -> LINGERING -> DEAD
 *
 * Any state may go to DEAD. LINGERING: all is said (a GOAWAY), and closing at
 * once could take the words away from the other side, so its bytes are
 * thrown away until it closes, or for PEER_LINGER_S.
 */

#include <ev.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "bench/sim/push/field.h"
#include "sim.h"

#define PEER_OUT_MAX   16384 /* bytes of a TLS record; written in one piece */
#define PEER_IN_MAX    16384
#define PEER_IN_ROUNDS 32 /* records read before others get their turn */
#define PEER_LINGER_S  2.

enum peer_state {
    PEER_HANDSHAKING,
    PEER_OPEN,
    PEER_LINGERING,
    PEER_DEAD,
};

struct peer {
    TAILQ_ENTRY(peer) link;       /* in sim->peers */
    TAILQ_ENTRY(peer) dirty_link; /* in sim->dirty, if is_dirty */
    struct sim *sim;
    enum peer_state state;
    int fd;
    SSL *ssl;
    struct session *session; /* from OPEN on */
    ev_io reading, writing;
    ev_timer linger;
    int32_t last_stream_id; /* GOAWAY's: newer streams are not answered */
    bool is_dirty;
    uint64_t n_pushes;                     /* taken */
    bool is_mute;                          /* never says a byte of HTTP/2 */
    bool is_stalled;                       /* answers no push any more */
    bool is_reset;                         /* must die by TCP reset */
    char topic[FIELD_MAX_TOPIC + 1];       /* of the certificate; "": none */
    char serial[DIRECTIVE_MAX_SERIAL + 1]; /* likewise */
};

/** peer_new(sim, fd): take over a connected socket; closes it on failure. */
void peer_new(struct sim *sim, int fd);

/** peer_free(peer): close and forget, at once; not from its own callbacks. */
void peer_free(struct peer *peer);

/** peer_mark(peer): it has output or died; the turn looks after it. */
void peer_mark(struct peer *peer);

/** peer_reset(peer): cut it with a TCP reset, this turn. */
void peer_reset(struct peer *peer);

/** peer_turn(peer): write what there is; free it when it is dead. */
void peer_turn(struct peer *peer);

#endif /* ROUSE_SIM_PEER_H */
