/* SPDX-License-Identifier: MIT */
#include "sim_session.h"

#include <nghttp2/nghttp2.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "arrival.h"
#include "bench/sim/peer.h"
#include "bench/sim/push/push.h"
#include "bench/sim/push/sim_request.h"

/*
 * What is said.
 */

static void
put_settings(struct session *session, const nghttp2_settings_entry *entries,
             size_t n)
{
    uint8_t *to = frame_put(&session->out, NGHTTP2_SETTINGS, 0, 0, 6 * n);

    for (size_t i = 0; i < n; i++, to += 6) {
        frame_put_u16(to, (uint16_t)entries[i].settings_id);
        frame_put_u32(to + 2, entries[i].value);
    }
    session->n_unsettled++;
}

void
sim_session_settle(struct session *session, uint32_t max_streams)
{
    nghttp2_settings_entry entry = {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS,
                                    max_streams};

    session->max_streams = max_streams;
    if (max_streams > session->max_believed)
        session->max_believed = max_streams;
    put_settings(session, &entry, 1);
}

/* As seen from APNs. */
static void
put_first_settings(struct session *session)
{
    const nghttp2_settings_entry entries[] = {
        {NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, SESSION_TABLE_SIZE},
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, session->max_streams},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, SESSION_WINDOW},
        {NGHTTP2_SETTINGS_MAX_FRAME_SIZE, FRAME_PAYLOAD_MAX},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, 8000},
    };

    put_settings(session, entries, sizeof entries / sizeof entries[0]);
}

static void
put_goaway(struct session *session, int32_t last, uint32_t code,
           const char *text, size_t len)
{
    uint8_t *to = frame_put(&session->out, NGHTTP2_GOAWAY, 0, 0, 8 + len);

    frame_put_u32(to, (uint32_t)last);
    frame_put_u32(to + 4, code);
    memcpy(to + 8, text, len);
    session->is_leaving = true;
}

void
sim_session_goaway(struct session *session, const struct directive *directive)
{
    char text[SIM_REQUEST_MAX_BODY];
    size_t len = push_goaway_text(directive, text, sizeof text);
    int32_t last = push_goaway_last(session->peer, directive, session->newest);

    put_goaway(session, last, directive->number, text, len);
}

void
sim_session_fail(struct session *session, uint32_t code, const char *why)
{
    struct peer *peer = session->peer;
    int32_t last = session->newest;

    if (last > peer->last_stream_id)
        last = peer->last_stream_id;
    sim_log(peer->sim, "event=protocol_error code=%s why=\"%s\"",
            nghttp2_http2_strerror(code), why);
    put_goaway(session, last, code, why, strlen(why));
    session->is_failed = true;
    peer->last_stream_id = 0; /* what still waits is not answered */
}

void
sim_session_refuse(struct session *session, int32_t stream_id, uint32_t code)
{
    frame_put_u32(frame_put(&session->out, NGHTTP2_RST_STREAM, 0, stream_id, 4),
                  code);
    if (session->reset_until < stream_id)
        session->reset_until = stream_id;
}

void
sim_session_reset(struct session *session, struct request *request,
                  uint32_t code)
{
    sim_session_refuse(session, request->stream_id, code);
    sim_request_free(session->peer->sim, request);
}

void
sim_session_go_on(struct session *session, struct request *request)
{
    if (request->is_answered && answer_go_on(session, request))
        sim_request_free(session->peer->sim, request);
}

void
sim_session_answer(struct request *request)
{
    struct session *session = request->peer->session;
    char id[JUDGE_ID_LEN];

    if (request->outcome != ACTION_ANSWER) {
        sim_session_reset(session, request, request->reset_code);
        return;
    }
    push_note(request, id);
    answer_begin(session, request, id);
    if (answer_go_on(session, request))
        sim_request_free(session->peer->sim, request);
}

/*
 * What is heard.
 */

static const char *
step_error(enum frame_step step, uint32_t *code)
{
    *code = NGHTTP2_PROTOCOL_ERROR;
    if (step == FRAME_NO_PREFACE)
        return "the client's preface is not HTTP/2's";
    *code = NGHTTP2_FRAME_SIZE_ERROR;
    return "the frame is longer than SETTINGS_MAX_FRAME_SIZE";
}

void
sim_session_receive(struct session *session, const uint8_t *bytes, size_t len)
{
    const uint8_t *end = bytes + len;
    struct frame frame;
    enum frame_step step = FRAME_WHOLE;

    while (!session->is_failed && session->peer->state == PEER_OPEN &&
           (step = frame_read(&session->in, &bytes, end, &frame)) ==
               FRAME_WHOLE)
        arrival_take(session, &frame);
    if (step != FRAME_WHOLE && step != FRAME_MORE) {
        uint32_t code;
        const char *why = step_error(step, &code);

        sim_session_fail(session, code, why);
    }
}

bool
sim_session_is_over(const struct session *session)
{
    const struct request *request = NULL;

    if (session->is_failed || !session->is_leaving || session->n_partial > 0)
        return session->is_failed;
    while ((request = streams_next(&session->streams, request)) != NULL)
        if (request->stream_id <= session->peer->last_stream_id)
            return false;
    return true;
}

/*
 * Life.
 */

struct session *
sim_session_new(struct peer *peer)
{
    struct session *session = calloc(1, sizeof *session);
    const struct sim *sim = peer->sim;

    if (session == NULL)
        goto fail0;
    session->peer = peer;
    session->window = session->stream_window = SESSION_WINDOW;
    session->max_streams = sim->max_streams;
    session->max_believed = UINT32_MAX; /* until it knows better */
    session->exchange = &exchange_null;
    if (sim->config.mode == SIM_STRICT) {
        session->exchange = &exchange_strict;
        if (nghttp2_hd_inflate_new(&session->inflater) != 0)
            goto fail1;
    }
    put_first_settings(session);
    return session;

fail1:
    free(session);
fail0:
    return NULL;
}

void
sim_session_free(struct session *session)
{
    struct request *request;

    if (session == NULL)
        return;
    while ((request = streams_next(&session->streams, NULL)) != NULL)
        sim_request_free(session->peer->sim, request);
    streams_free(&session->streams);
    free(session->block.bytes);
    frame_free(&session->out);
    if (session->inflater != NULL)
        nghttp2_hd_inflate_del(session->inflater);
    free(session);
}
