/* SPDX-License-Identifier: MIT */
#ifndef APNS_CONN_H
#define APNS_CONN_H

/*
 * One connection to APNs, from the name to the last answer.
 *
 *   RESOLVING -> CONNECTING <-> HANDSHAKING -> SETTLING -> OPEN -> DRAINING
 *                  |    ^           ^
 *                  v    |           |         each -> DEAD
 *                 PROXY ------------+
 *
 * Back to CONNECTING leads the other port, once. OPEN begins with the
 * server's first SETTINGS: under TLS 1.3 the verdict on our certificate comes
 * after the handshake, and only then. DRAINING takes no more pushes, waits for
 * the answers to those that it has, says goodbye and closes. A dead connection
 * is freed at the end of the turn.
 */

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "address.h"
#include "apns/apns.h"
#include "apns/http2/h2.h"
#include "apns/push/throttle.h"
#include "proxy.h"
#include "wire.h"

#define CONN_GOODBYE_MS 2000 /* to write the last bytes of a drained one */
#define CONN_REST_MS    2000 /* idle this long: buffers are given back */
#define CONN_BUSY       16   /* so many pushes without a rest: they are kept */

/* Of the pushes in flight so many may have been lost before: one of them may
 * be what kills connections, and would take the others along again. */
#define CONN_MAX_RESENT 32

/* Deadlines in a row, without an answer between them, after which it is left,
 * also when it acknowledges PINGs. */
#define CONN_MAX_EXPIRED 3

enum conn_state {
#define X(name) CONN_##name,
    APNS_CONN_STATES(X)
#undef X
    CONN_N_STATES
};

struct apns_client;
struct identity;
struct resolver;
struct dial;

struct conn {
    TAILQ_ENTRY(conn) link;       /* in the pool, then among the dead */
    TAILQ_ENTRY(conn) flush_link; /* while is_to_flush */
    TAILQ_ENTRY(conn) read_link;  /* while is_to_read */
    struct apns_client *client;
    struct identity *identity; /* borrowed: identities outlive their conns */
    enum conn_state state;
    uint32_t number;     /* for logs */
    uint32_t generation; /* of the identity's certificate */
    struct wire wire;
    struct h2 *h2; /* from SETTLING on */
    ev_io io;
    ev_timer timer;

    /* Before the handshake; see setup.c. */
    struct resolver *resolver;
    struct dial *dial;
    struct address addresses[ADDRESS_MAX];
    size_t n_addresses;
    struct address address; /* the one that answered */
    uint16_t port;          /* of APNs, also behind a proxy */
    bool has_switched_port;
    int proxy_fd; /* PROXY */
    size_t ask_at, ask_len;
    char *ask; /* PROXY: what is left to say, and room for the reply */
    uint64_t started_at_us;
    uint64_t phase_at_us; /* the state's beginning */

    bool is_apart; /* for suspects, one at a time */
    bool is_to_flush;
    bool is_to_read;       /* more was there than a turn takes */
    bool is_hurried;       /* something urgent waits to be written */
    bool is_blocked;       /* the socket takes no more */
    bool has_said_bye;     /* GOAWAY is out or in the buffer */
    uint32_t best_limit;   /* the most streams that APNs ever allowed here */
    uint32_t n_answered;   /* pushes */
    bool is_on_trial;      /* GOAWAY came first: an answer must still follow */
    uint32_t n_since_rest; /* pushes; from CONN_BUSY on TLS keeps buffers */
    uint32_t n_resent;     /* in flight: pushes that were lost once */
    uint32_t n_expired;    /* deadlines, since a push last ended otherwise */
    struct throttle throttle; /* after many refusals */
    uint64_t received_at_us;  /* the last byte */
    uint64_t flight_at_us;    /* the first of those in flight */
    uint64_t used_at_us;      /* the last push was begun or ended */
    uint64_t ping_at_us;      /* 0: no PING without its ACK */
    uint64_t alarm_at_us;     /* the timer; 0: stopped */
};

TAILQ_HEAD(conn_list, conn);

/* Why a connection died or an identity stops. */
struct conn_fault {
    enum apns_cause cause; /* the credentials were refused; or NONE */
    const char *why;
};

/** conn_new(identity): begin to connect. NULL: out of memory. */
struct conn *conn_new(struct identity *identity);

/** conn_free(conn): only when DEAD. */
void conn_free(struct conn *conn);

/** conn_state_name(state): "OPEN" and the like. */
const char *conn_state_name(enum conn_state state);

/** conn_room(conn): pushes that it takes now. */
uint32_t conn_room(const struct conn *conn);

/** conn_in_flight(conn): pushes that it has. */
uint32_t conn_in_flight(const struct conn *conn);

/** conn_streams_max(conn): pushes at a time, if OPEN. */
uint32_t conn_streams_max(const struct conn *conn);

/** conn_has_shrunk(conn): APNs allows fewer streams than it once did. */
bool conn_has_shrunk(const struct conn *conn);

/** conn_push(conn, slot): false: not taken, and it takes no more at all. */
bool conn_push(struct conn *conn, struct slot *slot);

/** conn_cancel(conn, slot): the push has ended without its answer. */
void conn_cancel(struct conn *conn, struct slot *slot);

/** conn_note_deadline(conn): that was for its deadline; after some of them
 *  the connection is drained. */
void conn_note_deadline(struct conn *conn);

/**
 * conn_drain(conn, why): no more pushes; close once all are answered. One
 * that is not open yet dies. Closing itself happens in the turn.
 */
void conn_drain(struct conn *conn, const char *why);

/**
 * conn_fail(conn, fault): it is dead, and its pushes are lost.
 * Not from inside h2's hooks.
 */
void conn_fail(struct conn *conn, const struct conn_fault *fault);

/*
 * For setup.c and traffic.c only.
 */

/** conn_move(conn, state): the one way to change a state. */
void conn_move(struct conn *conn, enum conn_state state);

/** conn_arm(conn): set the timer to what is due next. */
void conn_arm(struct conn *conn);

/** conn_want_flush(conn): the turn has something to send over it. */
void conn_want_flush(struct conn *conn);

/** conn_watch(conn, fd, events): wait for this; 0: for nothing. */
void conn_watch(struct conn *conn, int fd, int events);

#endif /* APNS_CONN_H */
