/* SPDX-License-Identifier: MIT */
/*
 * With everything that HTTP/2 and APNs ask of a request.
 */
#include <nghttp2/nghttp2.h>

#include "bench/sim/peer.h"
#include "bench/sim/push/push.h"
#include "bench/sim/push/sim_request.h"
#include "sim_session.h"

static struct field_text
text_of(const uint8_t *bytes, size_t len)
{
    return (struct field_text){.at = (const char *)bytes, .len = len};
}

/* Read a block, which keeps HPACK's table right, into the request, if any. */
static bool
read_block(struct session *session, const struct session_part *part,
           struct judge_request *judged)
{
    const uint8_t *at = part->bytes, *end = at + part->len;
    int flags = 0;

    while ((flags & NGHTTP2_HD_INFLATE_FINAL) == 0) {
        nghttp2_nv nv;
        ssize_t n = nghttp2_hd_inflate_hd2(session->inflater, &nv, &flags, at,
                                           (size_t)(end - at), 1);

        if (n < 0) {
            sim_session_fail(session, NGHTTP2_COMPRESSION_ERROR,
                             "the header block is not HPACK");
            return false;
        }
        at += n;
        if ((flags & NGHTTP2_HD_INFLATE_EMIT) && judged != NULL)
            judge_field_add(judged, text_of(nv.name, nv.namelen),
                            text_of(nv.value, nv.valuelen),
                            session->peer->topic);
    }
    nghttp2_hd_inflate_end_headers(session->inflater);
    return true;
}

/* Its last part has come. */
static void
complete(struct session *session, struct request *request)
{
    const struct peer *peer = session->peer;

    request->is_ended = true;
    if (!judge_body_is_whole(request->judged))
        sim_session_reset(session, request, NGHTTP2_PROTOCOL_ERROR);
    else if (!peer->is_mute && request->stream_id <= peer->last_stream_id)
        push_take(request);
}

/* A part of a stream that has no request, and is not a new one: right if it
 * was on its way when we ended the stream. */
static void
check_late(struct session *session, int32_t stream_id)
{
    if (stream_id > session->reset_until &&
        stream_id <= session->peer->last_stream_id)
        sim_session_fail(session, NGHTTP2_STREAM_CLOSED,
                         "the stream has been closed");
}

/* Trailers end the request; nothing in them is APNs' business. */
static void
take_trailers(struct session *session, const struct session_part *part,
              struct request *request)
{
    struct judge_request trailers = {.seen = 1U << FIELD_OTHER};

    if (!read_block(session, part, &trailers))
        return;
    if (request->is_ended)
        sim_session_reset(session, request, NGHTTP2_STREAM_CLOSED);
    else if (!part->is_end || trailers.is_malformed)
        sim_session_reset(session, request, NGHTTP2_PROTOCOL_ERROR);
    else
        complete(session, request);
}

/* Zero, or why the client may not open one more stream. */
static uint32_t
check_room(const struct session *session)
{
    if (session->streams.n < session->max_streams)
        return 0;
    /* It may not know the newest limit yet. */
    return session->streams.n < session->max_believed ? NGHTTP2_REFUSED_STREAM
                                                      : NGHTTP2_PROTOCOL_ERROR;
}

static void
take_new(struct session *session, const struct session_part *part)
{
    struct peer *peer = session->peer;
    uint32_t refusal = check_room(session);
    struct request *request = NULL;

    session->newest = part->stream_id;
    if (refusal == 0 && part->stream_id <= peer->last_stream_id)
        must((request = sim_request_new(peer->sim, peer, part->stream_id)) !=
             NULL);
    if (!read_block(session, part, request == NULL ? NULL : request->judged))
        return;
    if (refusal != 0)
        sim_session_refuse(session, part->stream_id, refusal);
    else if (request == NULL)
        return;
    else if (!judge_headers_are_whole(request->judged))
        sim_session_reset(session, request, NGHTTP2_PROTOCOL_ERROR);
    else if (part->is_end)
        complete(session, request);
}

static void
take_headers(struct session *session, const struct session_part *part)
{
    struct request *request;

    if (part->stream_id > session->newest) {
        take_new(session, part);
        return;
    }
    request = streams_find(&session->streams, part->stream_id);
    if (request != NULL)
        take_trailers(session, part, request);
    else if (read_block(session, part, NULL))
        check_late(session, part->stream_id);
}

static void
take_body(struct session *session, const struct session_part *part)
{
    struct request *request = streams_find(&session->streams, part->stream_id);

    if (request == NULL) {
        check_late(session, part->stream_id);
        return;
    }
    request->unacked += part->credit;
    if (request->is_ended) {
        sim_session_reset(session, request, NGHTTP2_STREAM_CLOSED);
        return;
    }
    if (request->unacked > SESSION_WINDOW) {
        sim_session_reset(session, request, NGHTTP2_FLOW_CONTROL_ERROR);
        return;
    }
    judge_body_add(request->judged, part->bytes, part->len);
    if (part->is_end) {
        complete(session, request);
    } else if (request->unacked >= SESSION_UPDATE_AFTER) {
        frame_put_u32(frame_put(&session->out, NGHTTP2_WINDOW_UPDATE, 0,
                                part->stream_id, 4),
                      request->unacked);
        request->unacked = 0;
    }
}

const struct exchange exchange_strict = {
    .headers = take_headers,
    .body = take_body,
};
