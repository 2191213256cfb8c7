/* SPDX-License-Identifier: MIT */
#include "peer_session.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "delay.h"
#include "faults.h"
#include "ledger.h"
#include "peer.h"
#include "pool_mem.h"
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

static int64_t
wall_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
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
accept_stream(struct peer *peer, int32_t stream_id, const char *id,
              size_t id_len)
{
    nghttp2_nv nva[] = {
        LITERAL_NV(":status", "200", 3, 0),
        LITERAL_NV("apns-id", id, id_len, NGHTTP2_NV_FLAG_NO_INDEX),
    };

    nghttp2_submit_response(peer->session, stream_id, nva, 2, NULL);
    peer->sim->stats.accepted++;
}

static void
write_body(struct request *request)
{
    int n;

    if (request->reason[0] == '\0')
        return;
    if (request->timestamp_ms >= 0)
        n = snprintf(request->body, sizeof request->body,
                     "{\"reason\":\"%s\",\"timestamp\":%" PRId64 "}",
                     request->reason, request->timestamp_ms);
    else
        n = snprintf(request->body, sizeof request->body, "{\"reason\":\"%s\"}",
                     request->reason);
    must(n > 0 && n < (int)sizeof request->body);
    request->body_len = (uint8_t)n;
}

static void
reject_stream(struct request *request, const char *id, size_t id_len)
{
    struct peer *peer = request->peer;
    char status[MAX_DECIMAL], retry_after[MAX_DECIMAL];
    int status_len = snprintf(status, sizeof status, "%u", request->status);
    int retry_len = snprintf(retry_after, sizeof retry_after, "%" PRId64,
                             request->retry_after_s);
    nghttp2_nv nva[4] = {
        LITERAL_NV(":status", status, (size_t)status_len, 0),
        LITERAL_NV("apns-id", id, id_len, NGHTTP2_NV_FLAG_NO_INDEX),
    };
    nghttp2_data_provider body = {.source.ptr = request,
                                  .read_callback = on_read_body};
    size_t n = 2;

    if (request->status == 410 && request->timestamp_ms < 0)
        request->timestamp_ms = wall_ms();
    write_body(request);
    if (request->body_len > 0)
        nva[n++] =
            (nghttp2_nv)LITERAL_NV("content-type", "application/json", 16, 0);
    if (request->retry_after_s >= 0)
        nva[n++] = (nghttp2_nv)LITERAL_NV("retry-after", retry_after,
                                          (size_t)retry_len, 0);
    nghttp2_submit_response(peer->session, request->stream_id, nva, n,
                            request->body_len > 0 ? &body : NULL);
    peer->sim->stats.rejected++;
}

/* The push's id, or a new one. */
static size_t
choose_id(struct sim *sim, const struct request *request, char *id)
{
    const struct judge_request *judged = request->judged;

    if (judged != NULL && judged->len[JUDGE_ID] == CHANCE_UUID_LEN) {
        memcpy(id, judged->value[JUDGE_ID], CHANCE_UUID_LEN);
        return CHANCE_UUID_LEN;
    }
    chance_uuid(&sim->uuids, id);
    return CHANCE_UUID_LEN;
}

static void
note_in_ledger(struct sim *sim, const struct request *request)
{
    const struct judge_request *judged = request->judged;

    if (judged == NULL || judged->token_len == 0)
        return;
    must(ledger_add(sim->ledger, judged->token, judged->token_len,
                    request->status == 200 ? NULL : request->reason));
}

void
peer_session_answer(struct request *request)
{
    struct peer *peer = request->peer;
    char id[CHANCE_UUID_LEN];
    size_t id_len;

    if (request->stream_id > peer->last_stream_id)
        return;
    peer_mark(peer);
    switch (request->outcome) {
    case ACTION_STALL:
        return;
    case ACTION_REFUSE:
    case ACTION_RESET:
        nghttp2_submit_rst_stream(peer->session, NGHTTP2_FLAG_NONE,
                                  request->stream_id, request->reset_code);
        return;
    default:
        break;
    }
    id_len = choose_id(peer->sim, request, id);
    note_in_ledger(peer->sim, request);
    if (request->status == 200)
        accept_stream(peer, request->stream_id, id, id_len);
    else
        reject_stream(request, id, id_len);
}

/*
 * A push is complete: judge it, let it meet its faults, answer or delay.
 */

static void
apply_decision(struct request *request, const struct directive *decision)
{
    request->outcome = decision->action;
    request->reset_code = decision->action == ACTION_REFUSE
                              ? NGHTTP2_REFUSED_STREAM
                              : decision->number;
    if (decision->action != ACTION_ANSWER)
        return;
    request->status = decision->status;
    request->timestamp_ms = decision->timestamp_ms;
    request->retry_after_s = decision->retry_after_s;
    memcpy(request->reason, decision->reason, sizeof request->reason);
}

/* What is wrong with the push itself comes before every fault. */
static void
decide(struct request *request, const struct directive *decision)
{
    struct judge_verdict verdict = {.status = 200};

    if (request->judged != NULL)
        verdict = judge_request_check(request->judged, request->peer->topic);
    if (verdict.status != 200) {
        request->status = verdict.status;
        snprintf(request->reason, sizeof request->reason, "%s", verdict.reason);
    } else if (decision != NULL) {
        apply_decision(request, decision);
    }
}

static void
take_push(struct request *request)
{
    struct peer *peer = request->peer;
    struct sim *sim = peer->sim;
    struct judge_request *judged = request->judged;
    struct faults_met met = {.decision = NULL};

    sim->stats.pushes++;
    if (judged != NULL)
        judge_token_read(judged);
    if (!faults_is_empty(sim->faults))
        faults_meet(sim->faults, judged != NULL ? judged->token : NULL,
                    judged != NULL ? judged->token_len : 0, peer->topic, &met);
    decide(request, met.decision);
    for (uint32_t i = 0; i < met.n_once; i++)
        sim_act(sim, peer, met.once[i]);
    if (met.latency_ms > 0)
        delay_add(sim->delay, request, met.latency_ms);
    else
        peer_session_answer(request);
}

/* Null mode, and nothing to meet: nothing is kept of the push. */
static void
take_push_fast(struct peer *peer, int32_t stream_id)
{
    char id[CHANCE_UUID_LEN];

    peer->sim->stats.pushes++;
    chance_uuid(&peer->sim->uuids, id);
    accept_stream(peer, stream_id, id, sizeof id);
}

static void
complete(struct peer *peer, int32_t stream_id)
{
    struct sim *sim = peer->sim;
    struct request *request;

    if (sim->config.mode == SIM_NULL) {
        if (stream_id > peer->last_stream_id)
            return;
        if (faults_is_empty(sim->faults)) {
            take_push_fast(peer, stream_id);
            return;
        }
        must((request = sim_request_new(sim, peer, stream_id)) != NULL);
        nghttp2_session_set_stream_user_data(peer->session, stream_id, request);
    } else {
        request =
            nghttp2_session_get_stream_user_data(peer->session, stream_id);
    }
    if (request != NULL)
        take_push(request);
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

static int
on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    struct peer *peer = arg;

    (void)session;
    if (frame->hd.type == NGHTTP2_PING)
        acknowledge_ping(peer, frame);
    else if ((frame->hd.type == NGHTTP2_DATA ||
              frame->hd.type == NGHTTP2_HEADERS) &&
             (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) && !peer->is_mute &&
             peer->state == PEER_OPEN)
        complete(peer, frame->hd.stream_id);
    return 0;
}

static int
on_stream_close(nghttp2_session *session, int32_t stream_id,
                uint32_t error_code, void *arg)
{
    struct peer *peer = arg;
    struct request *request;

    (void)error_code;
    if (TAILQ_EMPTY(&peer->requests)) /* null mode: spare the search */
        return 0;
    request = nghttp2_session_get_stream_user_data(session, stream_id);
    if (request != NULL)
        sim_request_free(peer->sim, request);
    return 0;
}

static void
set_callbacks(nghttp2_session_callbacks *callbacks, enum sim_mode mode)
{
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks,
                                                           on_stream_close);
    if (mode == SIM_NULL)
        return;
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks,
                                                            on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks,
                                                              on_data_chunk);
}

static void
set_options(nghttp2_option *option, enum sim_mode mode)
{
    nghttp2_option_set_no_auto_ping_ack(option, 1);
    nghttp2_option_set_no_closed_streams(option, 1);
    if (mode == SIM_NULL)
        nghttp2_option_set_no_http_messaging(option, 1);
#ifdef SIM_HAS_RESET_RATE_LIMIT
    nghttp2_option_set_stream_reset_rate_limit(option, RESET_BURST,
                                               RESET_BURST);
#endif
}

/* The first SETTINGS, as seen from APNs. */
static int
submit_first_settings(struct peer *peer)
{
    nghttp2_settings_entry entries[] = {
        {NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, 4096},
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, peer->sim->max_streams},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 65535},
        {NGHTTP2_SETTINGS_MAX_FRAME_SIZE, 16384},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, 8000},
        /* Not APNs'; spares nghttp2 the bookkeeping of priorities. */
        {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
    };
    size_t n = sizeof entries / sizeof entries[0];

    if (peer->sim->config.mode == SIM_STRICT)
        n--;
    return nghttp2_submit_settings(peer->session, NGHTTP2_FLAG_NONE, entries,
                                   n);
}

bool
peer_session_open(struct peer *peer)
{
    struct sim *sim = peer->sim;
    nghttp2_session_callbacks *callbacks;
    nghttp2_option *option;
    int failed;

    peer->is_mute = sim->is_without_settings;
    peer->last_stream_id = INT32_MAX;
    if (nghttp2_session_callbacks_new(&callbacks) != 0)
        goto fail0;
    if (nghttp2_option_new(&option) != 0)
        goto fail1;
    set_callbacks(callbacks, sim->config.mode);
    set_options(option, sim->config.mode);
    failed = nghttp2_session_server_new3(&peer->session, callbacks, peer,
                                         option, pool_mem_get(sim->mem));
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    if (failed != 0)
        goto fail0;
    if (submit_first_settings(peer) != 0)
        goto fail2;
    return true;

fail2:
    nghttp2_session_del(peer->session);
    peer->session = NULL;
    goto fail0;
fail1:
    nghttp2_session_callbacks_del(callbacks);
fail0:
    return false;
}

void
peer_session_close(struct peer *peer)
{
    struct request *request;

    while ((request = TAILQ_FIRST(&peer->requests)) != NULL)
        sim_request_free(peer->sim, request);
    nghttp2_session_del(peer->session);
    peer->session = NULL;
}

void
peer_session_goaway(struct peer *peer, const struct directive *directive)
{
    char text[SIM_REQUEST_MAX_BODY];
    int32_t last = nghttp2_session_get_last_proc_stream_id(peer->session);
    int len = 0;

    if (directive->last == LAST_NONE)
        last = 0;
    else if (directive->last == LAST_NUMBER)
        last = (int32_t)directive->last_stream_id;
    /* Streams of clients are odd, and what was said is not taken back. */
    if (last > 0 && last % 2 == 0)
        last--;
    if (last > peer->last_stream_id)
        last = peer->last_stream_id;
    if (directive->reason[0] != '\0')
        len = snprintf(text, sizeof text, "{\"reason\":\"%s\"}",
                       directive->reason);
    if (nghttp2_submit_goaway(peer->session, NGHTTP2_FLAG_NONE, last,
                              directive->number, (uint8_t *)text,
                              (size_t)len) != 0)
        return;
    peer->last_stream_id = last;
    peer->sim->stats.goaways++;
    sim_log(peer->sim, "event=goaway last=%d reason=\"%s\"", last,
            directive->reason);
    peer_mark(peer);
}

void
peer_session_settle(struct peer *peer, uint32_t max_streams)
{
    nghttp2_settings_entry entry = {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS,
                                    max_streams};

    nghttp2_submit_settings(peer->session, NGHTTP2_FLAG_NONE, &entry, 1);
    peer_mark(peer);
}
