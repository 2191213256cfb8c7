/* SPDX-License-Identifier: MIT */
#ifndef API_HTTP_CONN_H
#define API_HTTP_CONN_H

/*
 * One client's connection: bytes in, requests to the gate, answers out. And
 * the set of them that one listening socket has (struct http_conns), with
 * their deadlines.
 *
 *   PARKED -> IDLE -> HEAD -> BODY -> WORK -> SEND -> IDLE, LINGER or DEAD
 *                       `--------------^      (no body)
 *
 * and from each of them to DEAD; or to GONE, when the client has left and
 * the engine still owes its request a completion.
 */

#include <ev.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <time.h>

#include "http_chunks.h"
#include "http_head.h"
#include "server/api/api_private.h"

struct http_conn;
struct request;

/* A body must bring so many bytes a second, over each span of timeout_s, and
   of an answer so many must be read. */
#define HTTP_CONN_MIN_RATE 512

/* A refused client may write on for so long, so that it sees its answer. */
#define HTTP_CONN_LINGER_S   5.0
#define HTTP_CONN_LINGER_MAX (8 * 1024 * 1024) /* bytes */

/* While all places are taken and others wait, a connection that holds one
   without need keeps it only so long: without a whole head although it has
   begun one; and silent, or without a key in a body or an answer. */
#define HTTP_CONN_HEAD_GRACE_S 0.5
#define HTTP_CONN_IDLE_GRACE_S 2.0

enum http_conn_state {
    HTTP_CONN_PARKED, /* waits until its address has a place; not read */
    HTTP_CONN_IDLE,   /* nothing of a request has come */
    HTTP_CONN_HEAD,   /* a part of a head */
    HTTP_CONN_BODY,   /* the gate has the head and takes the body */
    HTTP_CONN_WORK,   /* the gate has it all */
    HTTP_CONN_SEND,   /* the answer is being written */
    HTTP_CONN_LINGER, /* answered and shut; what still comes is dropped */
    HTTP_CONN_GONE,   /* closed; its request waits for a completion */
    HTTP_CONN_DEAD,   /* buried at the end of the callback */
    HTTP_CONN_N_STATES
};

/* Why we closed one. X(name, text in the metric and the log) */
#define HTTP_CONN_ENDS(X)                                                    \
    X(SILENT, "silent")           /* said nothing within timeout_s */        \
    X(LATE_HEAD, "late_head")     /* its head was not whole by then */       \
    X(SLOW_BODY, "slow_body")     /* less than HTTP_CONN_MIN_RATE */         \
    X(SLOW_READER, "slow_reader") /* the same of its answer */               \
    X(MALFORMED, "malformed")     /* no HTTP, or too long */                 \
    X(LEFT, "left")               /* the client, in the middle */            \
    X(CROWDED, "crowded")         /* others waited for its place */          \
    X(PER_ADDRESS, "per_address") /* it waited in vain for a place */        \
    X(REVOKED, "revoked")         /* its key was, in the middle */           \
    X(BROKEN, "broken")           /* the answer could not be gone on with */ \
    X(NO_MEMORY, "no_memory")

enum http_conn_end {
#define X(name, text) HTTP_CONN_END_##name,
    HTTP_CONN_ENDS(X)
#undef X
    HTTP_CONN_N_ENDS
};

TAILQ_HEAD(http_conn_list, http_conn);

struct http_conns {
    struct api *api;
    bool is_local;              /* they come over the unix socket */
    void (*on_room)(void *arg); /* one has ended */
    void *arg;
    struct http_conn_list lists[HTTP_CONN_N_STATES]; /* first in, first */
    uint32_t n[HTTP_CONN_N_STATES];
    struct http_conn_list ready; /* go on in the next turn */
    ev_timer turn;
    struct http_conn_list arrived; /* were read in this pass of the loop */
    ev_prepare step;               /* never started: fed at the pass's end */
    uint64_t n_ended[HTTP_CONN_N_ENDS];
    struct api_seldom told[HTTP_CONN_N_ENDS];
    time_t date_at; /* of date */
    char date[40];
};

#define HTTP_CONN_HEAD_OUT 1024 /* bytes of an answer's head */

struct http_conn {
    TAILQ_ENTRY(http_conn) link;    /* of its state */
    TAILQ_ENTRY(http_conn) ready;   /* when is_ready */
    TAILQ_ENTRY(http_conn) arrived; /* when is_arrived */
    struct http_conns *conns;
    enum http_conn_state state;
    ev_tstamp entered; /* this state */
    ev_tstamp since;   /* its start, or that of the wait for its next head */
    struct sockaddr_in6 peer; /* or a sockaddr_in */
    bool has_uid; /* of the process at the unix socket's other end */
    uid_t uid;
    ev_io io;
    int fd; /* -1 in GONE and DEAD */
    bool is_ready;
    bool is_arrived;
    bool is_read_closed; /* the client has shut its side */
    bool is_probed;      /* it was tried whether anybody still reads */
    bool is_blocked;     /* the socket takes no more for now */
    bool is_revoked;     /* the key of its request */
    bool is_cut;         /* the answer comes before the request's end */
    bool must_close;     /* after the answer */
    unsigned n_requests; /* in this turn */

    char *in; /* the head of the request, and what comes behind it */
    size_t in_size;
    size_t in_len;
    size_t in_at; /* taken so far; only in and behind BODY */
    struct http_head_scan scan;
    struct http_chunks chunks;
    uint64_t body_left;    /* without chunks */
    ev_tstamp window_at;   /* of the minimum rate */
    uint64_t window_bytes; /* that came in it */

    struct request *request; /* owned; NULL between two */

    char head[HTTP_CONN_HEAD_OUT]; /* of the answer */
    size_t head_len;
    size_t n_sent;      /* of head and text */
    ev_tstamp moved_at; /* enough of the answer */
    int64_t n_out;      /* bytes that the kernel took, of all answers */
    int64_t n_read;     /* of them the client, at moved_at or before */
    char *block;        /* of an answer that is streamed; owned */
    size_t block_at;
    size_t block_len;
    bool is_last_block;
};

/** http_conn_wake(conn): its request can go on; in the loop's next pass. */
void http_conn_wake(struct http_conn *conn);

/** http_conn_end_text(end): as in the metric. */
const char *http_conn_end_text(enum http_conn_end end);

#define HTTP_CONN_ADDRESS 64 /* bytes, with the NUL */

/** http_conn_address(conn, text): "192.0.2.1", or "socket". */
void http_conn_address(const struct http_conn *conn,
                       char text[HTTP_CONN_ADDRESS]);

/** http_conn_move(conn, state): the only place that changes a state. */
void http_conn_move(struct http_conn *conn, enum http_conn_state state);

/** http_conn_watch(conn): ask the loop for what its state waits for. */
void http_conn_watch(struct http_conn *conn);

/** http_conn_count(conn, end): it will be closed for this; count and log. */
void http_conn_count(struct http_conn *conn, enum http_conn_end end);

/** http_conn_drop(conn, end): count, and close without another word. */
void http_conn_drop(struct http_conn *conn, enum http_conn_end end);

/** http_conn_lose(conn): the client broke it off; counted only in the middle
 *  of a request. */
void http_conn_lose(struct http_conn *conn);

/** http_conn_bury(conn): close it; a request that must wait on does so. */
void http_conn_bury(struct http_conn *conn);

/** http_conn_say_continue(conn): 100 Continue, if the socket takes it. */
void http_conn_say_continue(struct http_conn *conn);

void http_conn_free_request(struct http_conn *conn);

#endif /* API_HTTP_CONN_H */
