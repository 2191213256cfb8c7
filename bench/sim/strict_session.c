/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <nghttp2/nghttp2.h>
#include <string.h>

#include "peer.h"
#include "pool_mem.h"
#include "protocol.h"
#include "push.h"
#include "sim_request.h"

/* A decimal number of 64 bits, its sign and NUL. */
#define MAX_DECIMAL 24
/* Tests cancel streams by the thousand; that is no attack here. */
#define RESET_BURST UINT64_C(1000000000)

#define LITERAL_NV(name_, value_, value_len, flags_)                           \
    {                                                                          \
        .name = (uint8_t *)(uintptr_t)(name_),                                 \
        .value = (uint8_t *)(uintptr_t)(value_), .namelen = sizeof(name_) - 1, \
        .valuelen = (value_len), .flags = (flags_)                             \
    }

/*
 * Answers.
 */

static ssize_t
on_read_body(nghttp2_session *session, int32_t stream_id, uint8_t *buf,
             size_t length, uint32_t *flags, nghttp2_data_source *source,
             void *arg)
{
    struct request *request = source->ptr;
    size_t n = (size_t)(request->body_len - request->body_sent);

    (void)session;
    (void)stream_id;
    (void)arg;
    if (n > length)
        n = length;
    memcpy(buf, request->body + request->body_sent, n);
    request->body_sent = (uint8_t)(request->body_sent + n);
    if (request->body_sent == request->body_len)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)n;
}

static void
answer(struct request *request)
{
    nghttp2_session *session = request->peer->session;
    char id[CHANCE_UUID_LEN];
    char status[MAX_DECIMAL], retry_after[MAX_DECIMAL];
    int status_len = snprintf(status, sizeof status, "%u", request->status);
    int retry_len = snprintf(retry_after, sizeof retry_after, "%" PRId64,
                             request->retry_after_s);
    nghttp2_nv nva[4] = {
        LITERAL_NV(":status", status, (size_t)status_len, 0),
        LITERAL_NV("apns-id", id, sizeof id, NGHTTP2_NV_FLAG_NO_INDEX),
    };
    nghttp2_data_provider body = {.source.ptr = request,
                                  .read_callback = on_read_body};
    size_t n = 2;

    if (request->outcome != ACTION_ANSWER) {
        nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE,
                                  request->stream_id, request->reset_code);
        return;
    }
    push_note(request, id);
    if (request->body_len > 0)
        nva[n++] =
            (nghttp2_nv)LITERAL_NV("content-type", "application/json", 16, 0);
    if (request->retry_after_s >= 0)
        nva[n++] = (nghttp2_nv)LITERAL_NV("retry-after", retry_after,
                                          (size_t)retry_len, 0);
    nghttp2_submit_response(session, request->stream_id, nva, n,
                            request->body_len > 0 ? &body : NULL);
}

/*
 * nghttp2's callbacks.
 */

static int
on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame,
                 void *arg)
{
    struct peer *peer = arg;
    struct request *request;

    if (frame->hd.type != NGHTTP2_HEADERS ||
        frame->headers.cat != NGHTTP2_HCAT_REQUEST)
        return 0;
    request = sim_request_new(peer->sim, peer, frame->hd.stream_id);
    if (request == NULL)
        return NGHTTP2_ERR_CALLBACK_FAILURE;
    nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, request);
    return 0;
}

static int
on_header(nghttp2_session *session, const nghttp2_frame *frame,
          const uint8_t *name, size_t name_len, const uint8_t *value,
          size_t value_len, uint8_t flags, void *arg)
{
    struct request *request =
        nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);

    (void)flags;
    (void)arg;
    if (request != NULL)
        judge_header_add(request->judged, name, name_len, value, value_len);
    return 0;
}

static int
on_data_chunk(nghttp2_session *session, uint8_t flags, int32_t stream_id,
              const uint8_t *bytes, size_t len, void *arg)
{
    struct request *request =
        nghttp2_session_get_stream_user_data(session, stream_id);

    (void)flags;
    (void)arg;
    if (request != NULL)
        judge_body_add(request->judged, bytes, len);
    return 0;
}

static void
acknowledge_ping(struct peer *peer, const nghttp2_frame *frame)
{
    if (frame->hd.flags & NGHTTP2_FLAG_ACK)
        return;
    peer->sim->stats.pings++;
    if (!peer->sim->is_without_ping_ack)
        nghttp2_submit_ping(peer->session, NGHTTP2_FLAG_ACK,
                            frame->ping.opaque_data);
}

static void
complete(nghttp2_session *session, int32_t stream_id)
{
    struct request *request =
        nghttp2_session_get_stream_user_data(session, stream_id);

    if (request != NULL)
        push_take(request);
}

static int
on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    struct peer *peer = arg;

    if (frame->hd.type == NGHTTP2_PING)
        acknowledge_ping(peer, frame);
    else if ((frame->hd.type == NGHTTP2_DATA ||
              frame->hd.type == NGHTTP2_HEADERS) &&
             (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) && !peer->is_mute &&
             peer->state == PEER_OPEN)
        complete(session, frame->hd.stream_id);
    return 0;
}

static int
on_stream_close(nghttp2_session *session, int32_t stream_id,
                uint32_t error_code, void *arg)
{
    struct peer *peer = arg;
    struct request *request =
        nghttp2_session_get_stream_user_data(session, stream_id);

    (void)error_code;
    if (request != NULL)
        sim_request_free(peer->sim, request);
    return 0;
}

static void
set_callbacks(nghttp2_session_callbacks *callbacks)
{
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks,
                                                           on_stream_close);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks,
                                                            on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks,
                                                              on_data_chunk);
}

static void
set_options(nghttp2_option *option)
{
    nghttp2_option_set_no_auto_ping_ack(option, 1);
    nghttp2_option_set_no_closed_streams(option, 1);
#ifdef SIM_HAS_RESET_RATE_LIMIT
    nghttp2_option_set_stream_reset_rate_limit(option, RESET_BURST,
                                               RESET_BURST);
#endif
}

/* The first SETTINGS, as seen from APNs. */
static int
submit_first_settings(struct peer *peer)
{
    const nghttp2_settings_entry entries[] = {
        {NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, 4096},
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, peer->sim->max_streams},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 65535},
        {NGHTTP2_SETTINGS_MAX_FRAME_SIZE, 16384},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, 8000},
    };

    return nghttp2_submit_settings(peer->session, NGHTTP2_FLAG_NONE, entries,
                                   sizeof entries / sizeof entries[0]);
}

/*
 * As a protocol.
 */

static void
close_session(struct peer *peer)
{
    nghttp2_session_del(peer->session);
    peer->session = NULL;
}

static bool
open_session(struct peer *peer)
{
    nghttp2_session_callbacks *callbacks;
    nghttp2_option *option;
    nghttp2_session *session = NULL;

    if (nghttp2_session_callbacks_new(&callbacks) != 0)
        goto fail0;
    if (nghttp2_option_new(&option) != 0)
        goto fail1;
    set_callbacks(callbacks);
    set_options(option);
    nghttp2_session_server_new3(&session, callbacks, peer, option,
                                pool_mem_get(peer->sim->mem));
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    peer->session = session;
    if (session == NULL)
        goto fail0;
    if (submit_first_settings(peer) != 0)
        goto fail2;
    return true;

fail2:
    close_session(peer);
    goto fail0;
fail1:
    nghttp2_session_callbacks_del(callbacks);
fail0:
    return false;
}

static bool
receive(struct peer *peer, const uint8_t *bytes, size_t len)
{
    return nghttp2_session_mem_recv(peer->session, bytes, len) >= 0;
}

static ssize_t
send_some(struct peer *peer, const uint8_t **bytes)
{
    return nghttp2_session_mem_send(peer->session, bytes);
}

static bool
is_over(const struct peer *peer)
{
    return !nghttp2_session_want_read(peer->session) &&
           !nghttp2_session_want_write(peer->session);
}

static void
goaway(struct peer *peer, const struct directive *directive)
{
    char text[SIM_REQUEST_MAX_BODY];
    size_t len = push_goaway_text(directive, text, sizeof text);
    int32_t last = push_goaway_last(
        peer, directive,
        nghttp2_session_get_last_proc_stream_id(peer->session));

    nghttp2_submit_goaway(peer->session, NGHTTP2_FLAG_NONE, last,
                          directive->number, (uint8_t *)text, len);
}

static void
settle(struct peer *peer, uint32_t max_streams)
{
    nghttp2_settings_entry entry = {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS,
                                    max_streams};

    nghttp2_submit_settings(peer->session, NGHTTP2_FLAG_NONE, &entry, 1);
}

const struct protocol strict_session = {
    .open = open_session,
    .close = close_session,
    .receive = receive,
    .send = send_some,
    .is_over = is_over,
    .goaway = goaway,
    .settle = settle,
    .answer = answer,
};
