/* SPDX-License-Identifier: MIT */
/*
 * HTTP/2 without HPACK decoding and without streams' states: whatever ends a
 * stream is a push, and is accepted. What it sends is plain HTTP/2, Huffman
 * codes included, so that a client does no less work than with APNs.
 */
#include <inttypes.h>
#include <nghttp2/nghttp2.h>
#include <string.h>

#include "faults.h"
#include "huffman.h"
#include "peer.h"
#include "protocol.h"
#include "push.h"
#include "sim_request.h"

#define PREFACE      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
#define PREFACE_LEN  (sizeof PREFACE - 1)
#define HEAD_LEN     9     /* bytes of a frame's header */
#define SMALL_MAX    8     /* bytes kept of a payload; PING's */
#define FRAME_MAX    16384 /* bytes of a payload that are taken */
#define WINDOW       65535 /* both ways, until updated */
#define UPDATE_AFTER 16384 /* bytes of DATA before WINDOW_UPDATE */
#define OUT_FIRST    16384 /* bytes; grows with the answers that wait */
#define MAX_BLOCK    256   /* bytes of an answer's header block */

struct null_session {
    size_t preface_seen;
    uint8_t head[HEAD_LEN];
    size_t head_len;
    uint32_t left; /* of the payload */
    uint8_t small[SMALL_MAX];
    size_t small_len;
    int32_t newest;     /* stream */
    uint32_t n_partial; /* streams begun and not ended */
    uint32_t unacked;   /* bytes of DATA since the last WINDOW_UPDATE */
    int64_t window;     /* bytes that may be sent */
    bool has_goaway;
    uint8_t *out;
    size_t out_len, out_sent, out_max;
};

/*
 * Out.
 */

/* Room for ${len} bytes at the end of what waits. */
static uint8_t *
reserve(struct null_session *session, size_t len)
{
    if (session->out_len + len > session->out_max) {
        session->out_max = 2 * (session->out_len + len);
        session->out = realloc(session->out, session->out_max);
        must(session->out != NULL);
    }
    session->out_len += len;
    return session->out + session->out_len - len;
}

static void
put_u32(uint8_t *to, uint32_t value)
{
    to[0] = (uint8_t)(value >> 24);
    to[1] = (uint8_t)(value >> 16);
    to[2] = (uint8_t)(value >> 8);
    to[3] = (uint8_t)value;
}

/* A frame's header; the place of its payload. */
static uint8_t *
put_frame(struct null_session *session, uint8_t type, uint8_t flags,
          int32_t stream_id, size_t len)
{
    uint8_t *frame = reserve(session, HEAD_LEN + len);

    put_u32(frame, (uint32_t)len << 8 | type);
    frame[4] = flags;
    put_u32(frame + 5, (uint32_t)stream_id);
    return frame + HEAD_LEN;
}

static void
put_settings(struct null_session *session,
             const nghttp2_settings_entry *entries, size_t n)
{
    uint8_t *to = put_frame(session, NGHTTP2_SETTINGS, 0, 0, 6 * n);

    for (size_t i = 0; i < n; i++, to += 6) {
        to[0] = (uint8_t)(entries[i].settings_id >> 8);
        to[1] = (uint8_t)entries[i].settings_id;
        put_u32(to + 2, entries[i].value);
    }
}

/* "apns-id", never indexed, and its value. */
static uint8_t *
put_apns_id(uint8_t *to, const char *id)
{
    static const uint8_t name[] = {0x10, 0x85, 0x1d, 0x75, 0x21, 0x63, 0x49};
    size_t len;

    memcpy(to, name, sizeof name);
    to += sizeof name + 1;
    len = huffman_uuid(to, id);
    to[-1] = (uint8_t)(0x80 | len);
    return to + len;
}

/* A literal header without index or Huffman; both shorter than 127. */
static uint8_t *
put_literal(uint8_t *to, const char *name, const char *value)
{
    size_t name_len = strlen(name), len = strlen(value);

    *to++ = 0x00;
    *to++ = (uint8_t)name_len;
    memcpy(to, name, name_len);
    to += name_len;
    *to++ = (uint8_t)len;
    memcpy(to, value, len);
    return to + len;
}

static void
put_headers(struct null_session *session, int32_t stream_id, uint8_t flags,
            const uint8_t *block, size_t len)
{
    memcpy(put_frame(session, NGHTTP2_HEADERS,
                     (uint8_t)(NGHTTP2_FLAG_END_HEADERS | flags), stream_id,
                     len),
           block, len);
}

static void
put_accepted(struct null_session *session, int32_t stream_id, const char *id)
{
    uint8_t block[MAX_BLOCK];

    block[0] = 0x88; /* :status 200 */
    put_headers(session, stream_id, NGHTTP2_FLAG_END_STREAM, block,
                (size_t)(put_apns_id(block + 1, id) - block));
}

static void
put_rejected(struct null_session *session, const struct request *request,
             const char *id)
{
    uint8_t block[MAX_BLOCK], *to = block;
    char text[24];
    size_t body_len = request->body_len;

    /* A client that opens no window gets no body. */
    if ((int64_t)body_len > session->window)
        body_len = 0;
    snprintf(text, sizeof text, "%u", request->status);
    to = put_literal(to, ":status", text);
    to = put_apns_id(to, id);
    if (body_len > 0)
        to = put_literal(to, "content-type", "application/json");
    if (request->retry_after_s >= 0) {
        snprintf(text, sizeof text, "%" PRId64, request->retry_after_s);
        to = put_literal(to, "retry-after", text);
    }
    put_headers(session, request->stream_id,
                body_len > 0 ? 0 : NGHTTP2_FLAG_END_STREAM, block,
                (size_t)(to - block));
    if (body_len == 0)
        return;
    session->window -= (int64_t)body_len;
    memcpy(put_frame(session, NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM,
                     request->stream_id, body_len),
           request->body, body_len);
}

static void
answer(struct request *request)
{
    struct null_session *session = request->peer->session;
    char id[CHANCE_UUID_LEN];

    if (request->outcome != ACTION_ANSWER) {
        put_u32(
            put_frame(session, NGHTTP2_RST_STREAM, 0, request->stream_id, 4),
            request->reset_code);
    } else {
        push_note(request, id);
        if (request->status == 200)
            put_accepted(session, request->stream_id, id);
        else
            put_rejected(session, request, id);
    }
    sim_request_free(request->peer->sim, request);
}

/*
 * In.
 */

static void
complete(struct peer *peer, int32_t stream_id)
{
    struct sim *sim = peer->sim;
    struct request *request;
    char id[CHANCE_UUID_LEN];

    if (peer->is_mute || peer->state != PEER_OPEN ||
        stream_id > peer->last_stream_id)
        return;
    if (!faults_is_empty(sim->faults)) {
        must((request = sim_request_new(sim, peer, stream_id)) != NULL);
        push_take(request);
        return;
    }
    sim->stats.pushes++;
    sim->stats.accepted++;
    chance_uuid(&sim->uuids, id);
    put_accepted(peer->session, stream_id, id);
}

static void
cancel(struct peer *peer, int32_t stream_id)
{
    struct request *request;

    TAILQ_FOREACH (request, &peer->requests, link) {
        if (request->stream_id == stream_id) {
            sim_request_free(peer->sim, request);
            return;
        }
    }
}

static uint32_t
get_u32(const uint8_t *from)
{
    return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 |
           (uint32_t)from[2] << 8 | from[3];
}

static void
take_data(struct null_session *session, uint32_t len)
{
    session->unacked += len;
    if (session->unacked < UPDATE_AFTER)
        return;
    put_u32(put_frame(session, NGHTTP2_WINDOW_UPDATE, 0, 0, 4),
            session->unacked);
    session->unacked = 0;
}

static void
take_ping(struct peer *peer, const uint8_t *payload)
{
    peer->sim->stats.pings++;
    if (!peer->sim->is_without_ping_ack)
        memcpy(put_frame(peer->session, NGHTTP2_PING, NGHTTP2_FLAG_ACK, 0, 8),
               payload, 8);
}

/* A whole frame; ${payload} has its first SMALL_MAX bytes at least. */
static void
take_frame(struct peer *peer, const uint8_t *head, const uint8_t *payload)
{
    struct null_session *session = peer->session;
    uint32_t len = get_u32(head) >> 8;
    bool is_end = (head[4] & NGHTTP2_FLAG_END_STREAM) != 0;
    bool is_ack = (head[4] & NGHTTP2_FLAG_ACK) != 0;
    int32_t stream_id = (int32_t)(get_u32(head + 5) & INT32_MAX);

    switch (head[3]) {
    case NGHTTP2_HEADERS:
        session->newest = stream_id;
        if (is_end)
            complete(peer, stream_id);
        else
            session->n_partial++;
        break;
    case NGHTTP2_DATA:
        take_data(session, len);
        if (is_end) {
            session->n_partial -= session->n_partial > 0;
            complete(peer, stream_id);
        }
        break;
    case NGHTTP2_RST_STREAM:
        cancel(peer, stream_id);
        break;
    case NGHTTP2_SETTINGS:
        if (!is_ack)
            put_frame(session, NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0, 0);
        break;
    case NGHTTP2_PING:
        if (!is_ack && len == 8)
            take_ping(peer, payload);
        break;
    case NGHTTP2_WINDOW_UPDATE:
        if (stream_id == 0 && len == 4)
            session->window += get_u32(payload) & INT32_MAX;
        break;
    default:
        break;
    }
}

/* Bytes of the frame that has begun; how many of them were taken. */
static size_t
take_payload(struct peer *peer, const uint8_t *bytes, size_t len)
{
    struct null_session *session = peer->session;
    size_t n = len < session->left ? len : session->left;
    size_t kept = SMALL_MAX - session->small_len;

    if (kept > n)
        kept = n;
    memcpy(session->small + session->small_len, bytes, kept);
    session->small_len += kept;
    session->left -= (uint32_t)n;
    if (session->left == 0) {
        session->head_len = session->small_len = 0;
        take_frame(peer, session->head, session->small);
    }
    return n;
}

static bool
receive(struct peer *peer, const uint8_t *bytes, size_t len)
{
    struct null_session *session = peer->session;

    for (; len > 0 && session->preface_seen < PREFACE_LEN; len--)
        if (*bytes++ != (uint8_t)PREFACE[session->preface_seen++])
            return false;
    while (len > 0) {
        size_t n = HEAD_LEN - session->head_len;

        if (n > 0) {
            n = n < len ? n : len;
            memcpy(session->head + session->head_len, bytes, n);
            session->head_len += n;
            bytes += n;
            len -= n;
            if (session->head_len < HEAD_LEN)
                return true;
            if ((session->left = get_u32(session->head) >> 8) > FRAME_MAX)
                return false;
        }
        /* Also for a payload of nothing. */
        n = take_payload(peer, bytes, len);
        bytes += n;
        len -= n;
    }
    return true;
}

/*
 * As a protocol.
 */

static bool
open_session(struct peer *peer)
{
    const nghttp2_settings_entry entries[] = {
        {NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, 4096},
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, peer->sim->max_streams},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, WINDOW},
        {NGHTTP2_SETTINGS_MAX_FRAME_SIZE, FRAME_MAX},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, 8000},
    };
    struct null_session *session = calloc(1, sizeof *session);

    if (session == NULL)
        goto fail0;
    session->out_max = OUT_FIRST;
    if ((session->out = malloc(OUT_FIRST)) == NULL)
        goto fail1;
    session->window = WINDOW;
    put_settings(session, entries, sizeof entries / sizeof entries[0]);
    peer->session = session;
    return true;

fail1:
    free(session);
fail0:
    return false;
}

static void
close_session(struct peer *peer)
{
    struct null_session *session = peer->session;

    free(session->out);
    free(session);
    peer->session = NULL;
}

static ssize_t
send_some(struct peer *peer, const uint8_t **bytes)
{
    struct null_session *session = peer->session;
    size_t n = session->out_len - session->out_sent;

    if (n == 0) {
        session->out_len = session->out_sent = 0;
        return 0;
    }
    if (n > PEER_FRAME_MAX)
        n = PEER_FRAME_MAX;
    *bytes = session->out + session->out_sent;
    session->out_sent += n;
    return (ssize_t)n;
}

static bool
is_over(const struct peer *peer)
{
    const struct null_session *session = peer->session;
    const struct request *request;

    if (!session->has_goaway || session->n_partial > 0)
        return false;
    TAILQ_FOREACH (request, &peer->requests, link)
        if (request->stream_id <= peer->last_stream_id)
            return false;
    return true;
}

static void
goaway(struct peer *peer, const struct directive *directive)
{
    struct null_session *session = peer->session;
    char text[SIM_REQUEST_MAX_BODY];
    size_t len = push_goaway_text(directive, text, sizeof text);
    int32_t last = push_goaway_last(peer, directive, session->newest);
    uint8_t *to = put_frame(session, NGHTTP2_GOAWAY, 0, 0, 8 + len);

    put_u32(to, (uint32_t)last);
    put_u32(to + 4, directive->number);
    memcpy(to + 8, text, len);
    session->has_goaway = true;
}

static void
settle(struct peer *peer, uint32_t max_streams)
{
    nghttp2_settings_entry entry = {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS,
                                    max_streams};

    put_settings(peer->session, &entry, 1);
}

const struct protocol null_session = {
    .open = open_session,
    .close = close_session,
    .receive = receive,
    .send = send_some,
    .is_over = is_over,
    .goaway = goaway,
    .settle = settle,
    .answer = answer,
};
