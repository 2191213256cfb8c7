/* SPDX-License-Identifier: MIT */
#include "arrival.h"

#include <nghttp2/nghttp2.h>
#include <stdlib.h>
#include <string.h>

#include "bench/sim/peer.h"
#include "bench/sim/push/sim_request.h"
#include "sim_session.h"

#define PRIORITY_LEN 5 /* bytes in a frame */
#define SETTING_LEN  6

/*
 * Requests.
 */

/* Cut off the padding; false when there is more of it than frame. */
static bool
unpad(struct session *session, const struct frame *frame,
      struct session_part *part)
{
    size_t padding;

    part->bytes = frame->payload;
    part->len = frame->len;
    if (!(frame->flags & NGHTTP2_FLAG_PADDED))
        return true;
    if (frame->len == 0) {
        sim_session_fail(session, NGHTTP2_FRAME_SIZE_ERROR,
                         "a padded frame without its padding's length");
        return false;
    }
    padding = frame->payload[0];
    if (padding >= frame->len) {
        sim_session_fail(session, NGHTTP2_PROTOCOL_ERROR,
                         "more padding than payload");
        return false;
    }
    part->bytes++;
    part->len -= 1 + padding;
    return true;
}

/* What a priority says does not matter, but it must be sane. */
static bool
check_priority(struct session *session, int32_t stream_id, const uint8_t *bytes)
{
    if ((frame_get_u32(bytes) & INT32_MAX) != (uint32_t)stream_id)
        return true;
    sim_session_fail(session, NGHTTP2_PROTOCOL_ERROR,
                     "a stream depends on itself");
    return false;
}

static bool
cut_priority(struct session *session, struct session_part *part)
{
    if (part->len < PRIORITY_LEN) {
        sim_session_fail(session, NGHTTP2_FRAME_SIZE_ERROR,
                         "HEADERS too short for their priority");
        return false;
    }
    if (!check_priority(session, part->stream_id, part->bytes))
        return false;
    part->bytes += PRIORITY_LEN;
    part->len -= PRIORITY_LEN;
    return true;
}

/* Keep a piece of a header block until its end comes. */
static bool
keep_block(struct session *session, const uint8_t *bytes, size_t len)
{
    struct session_block *block = &session->block;

    if (block->len + len > SESSION_BLOCK_MAX) {
        sim_session_fail(session, NGHTTP2_ENHANCE_YOUR_CALM,
                         "the header block is longer than 16384 bytes");
        return false;
    }
    if (block->bytes == NULL)
        must((block->bytes = malloc(SESSION_BLOCK_MAX)) != NULL);
    memcpy(block->bytes + block->len, bytes, len);
    block->len += len;
    return true;
}

static void
take_headers(struct session *session, const struct frame *frame)
{
    struct session_part part = {
        .stream_id = frame->stream_id,
        .is_end = (frame->flags & NGHTTP2_FLAG_END_STREAM) != 0,
    };

    if (!unpad(session, frame, &part) ||
        ((frame->flags & NGHTTP2_FLAG_PRIORITY) &&
         !cut_priority(session, &part)))
        return;
    if (frame->stream_id % 2 == 0) {
        sim_session_fail(session, NGHTTP2_PROTOCOL_ERROR,
                         "HEADERS on a stream that is not the client's");
    } else if (frame->flags & NGHTTP2_FLAG_END_HEADERS) {
        session->exchange->headers(session, &part);
    } else if (keep_block(session, part.bytes, part.len)) {
        session->block.stream_id = part.stream_id;
        session->block.is_end = part.is_end;
    }
}

static void
take_continuation(struct session *session, const struct frame *frame)
{
    struct session_block *block = &session->block;
    struct session_part part = {.stream_id = frame->stream_id,
                                .is_end = block->is_end};

    if (frame->stream_id != block->stream_id) {
        sim_session_fail(session, NGHTTP2_PROTOCOL_ERROR,
                         "CONTINUATION of no HEADERS");
        return;
    }
    if (!keep_block(session, frame->payload, frame->len) ||
        !(frame->flags & NGHTTP2_FLAG_END_HEADERS))
        return;
    part.bytes = block->bytes;
    part.len = block->len;
    block->stream_id = 0;
    block->len = 0;
    session->exchange->headers(session, &part);
}

static void
take_data(struct session *session, const struct frame *frame)
{
    struct session_part part = {
        .stream_id = frame->stream_id,
        .is_end = (frame->flags & NGHTTP2_FLAG_END_STREAM) != 0,
        .credit = frame->len,
    };

    session->unacked += frame->len;
    if (session->unacked > SESSION_WINDOW) {
        sim_session_fail(session, NGHTTP2_FLOW_CONTROL_ERROR,
                         "more DATA than the connection's window");
        return;
    }
    if (!unpad(session, frame, &part))
        return;
    session->exchange->body(session, &part);
    if (session->unacked < SESSION_UPDATE_AFTER || session->is_failed)
        return;
    frame_put_u32(frame_put(&session->out, NGHTTP2_WINDOW_UPDATE, 0, 0, 4),
                  session->unacked);
    session->unacked = 0;
}

static void
take_reset(struct session *session, const struct frame *frame)
{
    struct request *request = streams_find(&session->streams, frame->stream_id);

    if (request != NULL)
        sim_request_free(session->peer->sim, request);
}

static void
take_priority(struct session *session, const struct frame *frame)
{
    check_priority(session, frame->stream_id, frame->payload);
}

static void
take_promise(struct session *session, const struct frame *frame)
{
    (void)frame;
    sim_session_fail(session, NGHTTP2_PROTOCOL_ERROR,
                     "PUSH_PROMISE from a client");
}

/*
 * Windows.
 */

/* A window was opened: answers' bodies may go on. */
static void
go_on(struct session *session)
{
    struct request *request, *next;

    for (request = streams_next(&session->streams, NULL);
         request != NULL && session->n_waiting > 0; request = next) {
        next = streams_next(&session->streams, request);
        sim_session_go_on(session, request);
    }
}

static void
open_window(struct session *session, uint32_t by)
{
    session->window += by;
    if (by == 0)
        sim_session_fail(session, NGHTTP2_PROTOCOL_ERROR, "WINDOW_UPDATE by 0");
    else if (session->window > INT32_MAX)
        sim_session_fail(session, NGHTTP2_FLOW_CONTROL_ERROR,
                         "the connection's window is larger than 2^31-1");
    else
        go_on(session);
}

static void
open_stream_window(struct session *session, struct request *request,
                   uint32_t by)
{
    request->window += by;
    if (by == 0)
        sim_session_reset(session, request, NGHTTP2_PROTOCOL_ERROR);
    else if (request->window > INT32_MAX)
        sim_session_reset(session, request, NGHTTP2_FLOW_CONTROL_ERROR);
    else
        sim_session_go_on(session, request);
}

static void
take_window_update(struct session *session, const struct frame *frame)
{
    uint32_t by = frame_get_u32(frame->payload) & INT32_MAX;
    struct request *request;

    if (frame->stream_id == 0)
        open_window(session, by);
    else if ((request = streams_find(&session->streams, frame->stream_id)) !=
             NULL)
        open_stream_window(session, request, by);
}

/*
 * The connection.
 */

static const char *
set_stream_window(struct session *session, uint32_t value, uint32_t *code)
{
    int64_t by = (int64_t)value - session->stream_window;
    struct request *request = NULL;

    *code = NGHTTP2_FLOW_CONTROL_ERROR;
    if (value > INT32_MAX)
        return "SETTINGS_INITIAL_WINDOW_SIZE is larger than 2^31-1";
    session->stream_window = value;
    while ((request = streams_next(&session->streams, request)) != NULL)
        if ((request->window += by) > INT32_MAX)
            return "SETTINGS make a stream's window larger than 2^31-1";
    return NULL;
}

/* NULL, or what is wrong with it, and its code. */
static const char *
apply_setting(struct session *session, uint32_t id, uint32_t value,
              uint32_t *code)
{
    *code = NGHTTP2_PROTOCOL_ERROR;
    switch (id) {
    case NGHTTP2_SETTINGS_HEADER_TABLE_SIZE:
        session->is_table_small |= value < SESSION_TABLE_SIZE;
        return NULL;
    case NGHTTP2_SETTINGS_ENABLE_PUSH:
        return value <= 1 ? NULL : "SETTINGS_ENABLE_PUSH is neither 0 nor 1";
    case NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE:
        return set_stream_window(session, value, code);
    case NGHTTP2_SETTINGS_MAX_FRAME_SIZE:
        return value >= 1 << 14 && value < 1 << 24
                   ? NULL
                   : "SETTINGS_MAX_FRAME_SIZE is not in 2^14..2^24-1";
    default:
        return NULL;
    }
}

static void
take_settings_ack(struct session *session, const struct frame *frame)
{
    if (frame->len > 0)
        sim_session_fail(session, NGHTTP2_FRAME_SIZE_ERROR,
                         "an ACK of SETTINGS that has some");
    else if (session->n_unsettled == 0)
        sim_session_fail(session, NGHTTP2_PROTOCOL_ERROR,
                         "an ACK of SETTINGS that were not sent");
    else if (--session->n_unsettled == 0)
        session->max_believed = session->max_streams;
}

static void
take_settings(struct session *session, const struct frame *frame)
{
    if (frame->flags & NGHTTP2_FLAG_ACK) {
        take_settings_ack(session, frame);
        return;
    }
    if (frame->len % SETTING_LEN != 0) {
        sim_session_fail(session, NGHTTP2_FRAME_SIZE_ERROR,
                         "SETTINGS that end in the middle of one");
        return;
    }
    for (uint32_t i = 0; i < frame->len; i += SETTING_LEN) {
        const uint8_t *at = frame->payload + i;
        uint32_t code;
        const char *why = apply_setting(session, frame_get_u16(at),
                                        frame_get_u32(at + 2), &code);

        if (why != NULL) {
            sim_session_fail(session, code, why);
            return;
        }
    }
    frame_put(&session->out, NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0, 0);
    go_on(session);
}

static void
take_ping(struct session *session, const struct frame *frame)
{
    struct sim *sim = session->peer->sim;

    if (frame->flags & NGHTTP2_FLAG_ACK)
        return;
    sim->stats.pings++;
    if (!sim->is_without_ping_ack)
        memcpy(frame_put(&session->out, NGHTTP2_PING, NGHTTP2_FLAG_ACK, 0, 8),
               frame->payload, 8);
}

static void
take_goaway(struct session *session, const struct frame *frame)
{
    if (frame->len < 8)
        sim_session_fail(session, NGHTTP2_FRAME_SIZE_ERROR,
                         "GOAWAY is too short");
    else
        session->is_leaving = true;
}

/*
 * All of them.
 */

enum place {
    ANYWHERE,
    ON_CONNECTION,
    ON_STREAM,      /* any */
    ON_USED_STREAM, /* one that is not idle */
    ON_USED_OR_CONNECTION,
};

static const struct kind {
    void (*take)(struct session *session, const struct frame *frame);
    enum place place;
    uint32_t len; /* 0: any */
} kinds[] = {
    [NGHTTP2_DATA] = {take_data, ON_USED_STREAM, 0},
    [NGHTTP2_HEADERS] = {take_headers, ON_STREAM, 0},
    [NGHTTP2_PRIORITY] = {take_priority, ON_STREAM, PRIORITY_LEN},
    [NGHTTP2_RST_STREAM] = {take_reset, ON_USED_STREAM, 4},
    [NGHTTP2_SETTINGS] = {take_settings, ON_CONNECTION, 0},
    [NGHTTP2_PUSH_PROMISE] = {take_promise, ANYWHERE, 0},
    [NGHTTP2_PING] = {take_ping, ON_CONNECTION, 8},
    [NGHTTP2_GOAWAY] = {take_goaway, ON_CONNECTION, 0},
    [NGHTTP2_WINDOW_UPDATE] = {take_window_update, ON_USED_OR_CONNECTION, 4},
    [NGHTTP2_CONTINUATION] = {take_continuation, ON_STREAM, 0},
};

static bool
is_in_place(const struct session *session, const struct kind *kind,
            int32_t stream_id)
{
    bool is_used = stream_id <= session->newest && stream_id % 2 == 1;

    switch (kind->place) {
    case ON_CONNECTION:
        return stream_id == 0;
    case ON_STREAM:
        return stream_id != 0;
    case ON_USED_STREAM:
        return is_used;
    case ON_USED_OR_CONNECTION:
        return is_used || stream_id == 0;
    default:
        return true;
    }
}

/* What must come now, and nothing else. */
static const char *
check_order(const struct session *session, const struct frame *frame)
{
    if (!session->has_settings &&
        (frame->type != NGHTTP2_SETTINGS || (frame->flags & NGHTTP2_FLAG_ACK)))
        return "the first frame must be SETTINGS";
    if (session->block.stream_id != 0 && frame->type != NGHTTP2_CONTINUATION)
        return "CONTINUATION must follow";
    return NULL;
}

void
arrival_take(struct session *session, const struct frame *frame)
{
    const char *why = check_order(session, frame);
    const struct kind *kind;

    if (why != NULL) {
        sim_session_fail(session, NGHTTP2_PROTOCOL_ERROR, why);
        return;
    }
    session->has_settings = true;
    if (frame->type >= sizeof kinds / sizeof kinds[0])
        return; /* extensions are ignored */
    kind = &kinds[frame->type];
    if (!is_in_place(session, kind, frame->stream_id))
        sim_session_fail(session, NGHTTP2_PROTOCOL_ERROR,
                         "a frame on a stream where it does not belong");
    else if (kind->len != 0 && kind->len != frame->len)
        sim_session_fail(session, NGHTTP2_FRAME_SIZE_ERROR,
                         "a frame of another length than its type has");
    else
        kind->take(session, frame);
}
