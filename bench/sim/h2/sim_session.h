/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_SIM_SIM_SESSION_H
#define ROUSE_SIM_SIM_SESSION_H

/*
 * HTTP/2 of one connection, the server's side: bytes in, pushes taken, bytes
 * out. Knows no sockets.
 *
 * sim_session.c is its life, arrival.c takes frames, answer.c makes answers.
 * What a request's header block and DATA are worth depends on the mode and is
 * an exchange: exchange_strict reads and checks all of it, exchange_null looks
 * for the request's end only, and costs next to nothing, so that a sender is
 * measured and not the simulator.
 */

#include <nghttp2/nghttp2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame.h"
#include "streams.h"

#define SESSION_WINDOW     65535 /* HTTP/2's initial one, both ways */
#define SESSION_TABLE_SIZE 4096  /* HPACK's, likewise */
#define SESSION_BLOCK_MAX  16384 /* bytes of a header block that are taken */
/* Bytes of DATA before they are acknowledged with a WINDOW_UPDATE. */
#define SESSION_UPDATE_AFTER 16384

struct directive;
struct peer;
struct session;

/* A part of a request, whole: of HEADERS (and CONTINUATION) or DATA. */
struct session_part {
    int32_t stream_id;
    bool is_end;     /* the request's */
    uint32_t credit; /* of DATA: the bytes that count for flow control */
    const uint8_t *bytes;
    size_t len;
};

struct exchange {
    void (*headers)(struct session *session, const struct session_part *part);
    void (*body)(struct session *session, const struct session_part *part);
};

extern const struct exchange exchange_strict;
extern const struct exchange exchange_null;

/* A header block that goes on in CONTINUATION. */
struct session_block {
    int32_t stream_id; /* 0: there is none */
    bool is_end;
    size_t len;
    uint8_t *bytes; /* SESSION_BLOCK_MAX; NULL until needed */
};

struct session {
    struct peer *peer;
    const struct exchange *exchange;
    nghttp2_hd_inflater *inflater; /* NULL in null mode */
    struct frame_in in;
    struct frame_out out;
    struct session_block block;
    struct streams streams;
    int32_t newest;      /* stream */
    int32_t reset_until; /* streams up to here may have been reset by us */
    uint32_t n_partial;  /* streams begun and not ended; null mode only */
    uint32_t unacked;    /* bytes of DATA since the last WINDOW_UPDATE */

    /* What the client allows us. */
    int64_t window;        /* bytes of DATA on the connection */
    int64_t stream_window; /* on a new stream */
    uint32_t n_waiting;    /* answers whose body waits for a window */
    bool is_table_small;   /* and HPACK must say that it is not used */

    /* What we allow the client: the newest SETTINGS, and the most that those
     * which it has not acknowledged make it believe. */
    uint32_t max_streams, max_believed;
    uint32_t n_unsettled;

    bool has_settings; /* the client's first */
    bool is_leaving;   /* one side said GOAWAY */
    bool is_failed;    /* the client broke the protocol: all is said */
};

/** sim_session_new(peer): first SETTINGS queued; NULL without memory. */
struct session *sim_session_new(struct peer *peer);

/** sim_session_free(session): and its requests; NULL is fine. */
void sim_session_free(struct session *session);

/** sim_session_receive(session, bytes, len): take bytes from the client. */
void sim_session_receive(struct session *session, const uint8_t *bytes,
                         size_t len);

/** sim_session_is_over(session): once the output is sent, all is said. */
bool sim_session_is_over(const struct session *session);

/** sim_session_goaway(session, directive): queue the GOAWAY that it tells. */
void sim_session_goaway(struct session *session,
                        const struct directive *directive);

/** sim_session_settle(session, max_streams): queue new SETTINGS. */
void sim_session_settle(struct session *session, uint32_t max_streams);

/** sim_session_answer(request): queue its answer or reset; it may be freed. */
void sim_session_answer(struct request *request);

/** sim_session_go_on(session, request): more of its answer, if it waits. */
void sim_session_go_on(struct session *session, struct request *request);

/** sim_session_reset(session, request, code): RST_STREAM; frees it. */
void sim_session_reset(struct session *session, struct request *request,
                       uint32_t code);

/**
 * sim_session_refuse(session, stream_id, code):
 * RST_STREAM for a stream that has no request.
 */
void sim_session_refuse(struct session *session, int32_t stream_id,
                        uint32_t code);

/** sim_session_fail(session, code, why): GOAWAY; nothing more is heard. */
void sim_session_fail(struct session *session, uint32_t code, const char *why);

#endif /* ROUSE_SIM_SIM_SESSION_H */
