/* SPDX-License-Identifier: MIT */
#include "h2.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h2ring.h"
#include "h2version.h"
#include "must.h"

/*
 * What is sent with each push. All but :path and apns-expiration are the
 * same for every push of a connection, and apns-expiration is for a minute,
 * so HPACK makes one byte of each. :path it never indexes.
 */
enum {
    HEADER_METHOD,
    HEADER_SCHEME,
    HEADER_AUTHORITY,
    HEADER_PATH,
    HEADER_TOPIC,
    HEADER_PUSH_TYPE,
    HEADER_PRIORITY,
    HEADER_EXPIRATION,
    N_HEADERS,
};

struct h2 {
    nghttp2_session *session;
    const struct h2_hooks *hooks;
    void *arg;
    struct slot_pool *slots;
    struct h2ring in_flight;
    uint32_t streams_limit; /* ours */
    uint32_t streams_max;   /* ours and the peer's; 0 before SETTINGS */
    bool is_inside;         /* inside nghttp2: it must not be entered again */
    const uint8_t *frame;   /* of a frame: what has not been output yet */
    size_t frame_len;
    int64_t expires_unix; /* what the template's apns-expiration says */
    char expires_text[24];
    nghttp2_nv headers[N_HEADERS];
};

/* What has lost its place in the ring is found the slow way. */
static struct slot *
find_slot(struct h2 *h2, int32_t stream_id)
{
    struct slot *slot = h2ring_peek(&h2->in_flight, stream_id);

    if (slot != NULL && slot->stream_id == stream_id)
        return slot;
    return nghttp2_session_get_stream_user_data(h2->session, stream_id);
}

/* With thousands in flight a slot has left the cache by the time of its
 * answer; it is fetched while nghttp2 still decodes the headers. */
static int
on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame,
                 void *arg)
{
    const struct h2 *h2 = arg;
    const char *slot =
        (const char *)h2ring_peek(&h2->in_flight, frame->hd.stream_id);

    (void)session;
    if (slot == NULL)
        return 0;
    __builtin_prefetch(slot, 1);
    __builtin_prefetch(slot + 64, 1);
    __builtin_prefetch(slot + 128, 1);
    return 0;
}

/* Numbers in headers: digits only, 0 for anything else. */
static uint32_t
read_number(const uint8_t *text, size_t len)
{
    uint32_t number = 0;

    if (len == 0 || len > 9)
        return 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return 0;
        number = number * 10 + (uint32_t)(text[i] - '0');
    }
    return number;
}

/* UUIDs as they come; anything that could break a log line is refused. */
static void
keep_apns_id(struct slot *slot, const uint8_t *value, size_t len)
{
    if (len > SLOT_MAX_APNS_ID)
        len = SLOT_MAX_APNS_ID;
    for (size_t i = 0; i < len; i++) {
        char c = (char)value[i];

        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
              (c >= 'a' && c <= 'z') || c == '-'))
            return;
        slot->apns_id[i] = c;
        slot->apns_id[i + 1] = '\0';
    }
}

static int
on_header(nghttp2_session *session, const nghttp2_frame *frame,
          const uint8_t *name, size_t name_len, const uint8_t *value,
          size_t value_len, uint8_t flags, void *arg)
{
    struct h2 *h2 = arg;
    struct slot *slot;

    (void)session;
    (void)flags;
    if ((slot = find_slot(h2, frame->hd.stream_id)) == NULL)
        return 0;
    if (name_len == 7 && memcmp(name, ":status", 7) == 0)
        slot->status = (uint16_t)read_number(value, value_len);
    else if (name_len == 7 && memcmp(name, "apns-id", 7) == 0)
        keep_apns_id(slot, value, value_len);
    else if (name_len == 11 && memcmp(name, "retry-after", 11) == 0)
        slot->retry_after_s = read_number(value, value_len);
    return 0;
}

static int
on_body(nghttp2_session *session, uint8_t flags, int32_t stream_id,
        const uint8_t *bytes, size_t len, void *arg)
{
    struct h2 *h2 = arg;
    struct slot *slot = find_slot(h2, stream_id);

    (void)session;
    (void)flags;
    if (slot != NULL)
        slot_answer_add(h2->slots, slot, bytes, len);
    return 0;
}

static void
read_settings(struct h2 *h2)
{
    uint32_t max = nghttp2_session_get_remote_settings(
        h2->session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);

    h2->streams_max = max < h2->streams_limit ? max : h2->streams_limit;
    h2->hooks->on_settings(h2->arg);
}

static int
on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    struct h2 *h2 = arg;
    struct h2_goaway goaway;

    (void)session;
    switch (frame->hd.type) {
    case NGHTTP2_SETTINGS:
        if ((frame->hd.flags & NGHTTP2_FLAG_ACK) == 0)
            read_settings(h2);
        break;
    case NGHTTP2_PING:
        if ((frame->hd.flags & NGHTTP2_FLAG_ACK) != 0)
            h2->hooks->on_ping_ack(h2->arg);
        break;
    case NGHTTP2_GOAWAY:
        goaway.last_stream_id = frame->goaway.last_stream_id;
        goaway.code = frame->goaway.error_code;
        goaway.text = (const char *)frame->goaway.opaque_data;
        goaway.text_len = frame->goaway.opaque_data_len;
        h2->hooks->on_goaway(h2->arg, &goaway);
        break;
    default:
        break;
    }
    return 0;
}

static int
on_stream_close(nghttp2_session *session, int32_t stream_id, uint32_t code,
                void *arg)
{
    struct h2 *h2 = arg;
    struct slot *slot = find_slot(h2, stream_id);
    enum h2_end end = H2_RESET;

    (void)session;
    if (slot == NULL)
        return 0;
    if (slot->status >= 200)
        end = H2_ANSWERED;
    else if (code == NGHTTP2_REFUSED_STREAM)
        end = H2_UNPROCESSED;
    h2ring_remove(&h2->in_flight, slot);
    if (end != H2_ANSWERED)
        slot_answer_drop(h2->slots, slot);
    h2->hooks->on_end(h2->arg, slot, end);
    return 0;
}

static H2VERSION_SSIZE
on_read_body(nghttp2_session *session, int32_t stream_id, uint8_t *buf,
             size_t length, uint32_t *flags, nghttp2_data_source *source,
             void *arg)
{
    struct h2 *h2 = arg;
    struct slot *slot = find_slot(h2, stream_id);
    size_t len;

    (void)session;
    (void)source;
    if (slot == NULL)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    len = (size_t)(slot->body_len - slot->body_sent);
    if (len > length)
        len = length;
    memcpy(buf, slot->text + slot->path_len + slot->body_sent, len);
    slot->body_sent = (uint16_t)(slot->body_sent + len);
    if (slot->body_sent == slot->body_len)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (H2VERSION_SSIZE)len;
}

static void
set_header(struct h2 *h2, size_t number, const char *name, const char *value)
{
    h2->headers[number] = (nghttp2_nv){
        .name = (uint8_t *)(uintptr_t)name,
        .namelen = strlen(name),
        .value = (uint8_t *)(uintptr_t)value,
        .valuelen = strlen(value),
        .flags = NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE,
    };
}

static void
set_headers(struct h2 *h2, const struct h2_config *config)
{
    set_header(h2, HEADER_METHOD, ":method", "POST");
    set_header(h2, HEADER_SCHEME, ":scheme", "https");
    set_header(h2, HEADER_AUTHORITY, ":authority", config->authority);
    set_header(h2, HEADER_PATH, ":path", "");
    set_header(h2, HEADER_TOPIC, "apns-topic", config->topic);
    set_header(h2, HEADER_PUSH_TYPE, "apns-push-type", "mdm");
    set_header(h2, HEADER_PRIORITY, "apns-priority", "10");
    set_header(h2, HEADER_EXPIRATION, "apns-expiration", "0");
}

static bool
open_session(struct h2 *h2, const struct h2_config *config)
{
    static const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
        {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
    };
    nghttp2_session_callbacks *callbacks;
    int rv;

    if (nghttp2_session_callbacks_new(&callbacks) != 0)
        return false;
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks,
                                                            on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks,
                                                              on_body);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks,
                                                           on_stream_close);
    rv = nghttp2_session_client_new3(&h2->session, callbacks, h2, NULL,
                                     &config->mem->mem);
    nghttp2_session_callbacks_del(callbacks);
    if (rv != 0)
        return false;
    rv = nghttp2_submit_settings(h2->session, NGHTTP2_FLAG_NONE, settings,
                                 sizeof settings / sizeof settings[0]);
    if (rv != 0)
        nghttp2_session_del(h2->session);
    return rv == 0;
}

struct h2 *
h2_new(const struct h2_config *config, const struct h2_hooks *hooks, void *arg)
{
    struct h2 *h2 = calloc(1, sizeof *h2);

    if (h2 == NULL)
        goto fail0;
    if (!h2ring_init(&h2->in_flight))
        goto fail1;
    h2->hooks = hooks;
    h2->arg = arg;
    h2->slots = config->slots;
    h2->streams_limit = config->streams_max;
    set_headers(h2, config);
    if (!open_session(h2, config))
        goto fail2;
    return h2;

fail2:
    h2ring_fini(&h2->in_flight);
fail1:
    free(h2);
fail0:
    return NULL;
}

void
h2_free(struct h2 *h2)
{
    if (h2 == NULL)
        return;
    must(!h2->is_inside);
    nghttp2_session_del(h2->session);
    h2ring_fini(&h2->in_flight);
    free(h2);
}

uint32_t
h2_streams_max(const struct h2 *h2)
{
    return h2->streams_max;
}

uint32_t
h2_in_flight(const struct h2 *h2)
{
    return h2->in_flight.n;
}

uint32_t
h2_room(const struct h2 *h2)
{
    if (h2->in_flight.n >= h2->streams_max)
        return 0;
    return h2->streams_max - h2->in_flight.n;
}

/* The template's texts are shared by all pushes of the session. That is safe
 * since the frames of one are encoded before the next is submitted. */
static void
fill_headers(struct h2 *h2, const struct slot *slot)
{
    nghttp2_nv *expiration = &h2->headers[HEADER_EXPIRATION];

    h2->headers[HEADER_PATH].value = (uint8_t *)slot->text;
    h2->headers[HEADER_PATH].valuelen = slot->path_len;
    if (slot->expires_unix == h2->expires_unix)
        return;
    h2->expires_unix = slot->expires_unix;
    expiration->value = (uint8_t *)h2->expires_text;
    expiration->valuelen =
        (size_t)snprintf(h2->expires_text, sizeof h2->expires_text, "%" PRId64,
                         slot->expires_unix);
}

bool
h2_submit(struct h2 *h2, struct slot *slot)
{
    int32_t id;

    must(!h2->is_inside && h2_room(h2) > 0);
    fill_headers(h2, slot);
    slot->body_sent = 0;
    slot->status = 0;
    id = h2version_submit_request(h2->session, h2->headers, N_HEADERS,
                                  on_read_body, slot);
    if (id < 0)
        return false;
    slot->stream_id = id;
    h2ring_add(&h2->in_flight, slot);
    return true;
}

void
h2_cancel(struct h2 *h2, struct slot *slot)
{
    h2ring_remove(&h2->in_flight, slot);
    (void)nghttp2_session_set_stream_user_data(h2->session, slot->stream_id,
                                               NULL);
    /* Fails for want of memory only; the stream then stays open on the
     * peer's side, and its answer is ignored. */
    (void)nghttp2_submit_rst_stream(h2->session, NGHTTP2_FLAG_NONE,
                                    slot->stream_id, NGHTTP2_CANCEL);
    slot_answer_drop(h2->slots, slot);
}

struct slot *
h2_take(struct h2 *h2)
{
    struct slot *slot = TAILQ_LAST(&h2->in_flight.slots, slot_list);

    if (slot == NULL)
        return NULL;
    h2ring_remove(&h2->in_flight, slot);
    (void)nghttp2_session_set_stream_user_data(h2->session, slot->stream_id,
                                               NULL);
    slot_answer_drop(h2->slots, slot);
    return slot;
}

bool
h2_output(struct h2 *h2, uint8_t *buf, size_t size, size_t *len)
{
    *len = 0;
    must(!h2->is_inside);
    while (*len < size) {
        size_t piece = h2->frame_len;

        if (piece == 0) {
            ssize_t rv;

            h2->is_inside = true;
            rv = h2version_mem_send(h2->session, &h2->frame);
            h2->is_inside = false;
            if (rv <= 0)
                return rv == 0;
            h2->frame_len = (size_t)rv;
            continue;
        }
        if (piece > size - *len)
            piece = size - *len;
        memcpy(buf + *len, h2->frame, piece);
        h2->frame += piece;
        h2->frame_len -= piece;
        *len += piece;
    }
    return true;
}

bool
h2_receive(struct h2 *h2, const uint8_t *bytes, size_t len, const char **what)
{
    ssize_t rv;

    must(!h2->is_inside);
    h2->is_inside = true;
    rv = h2version_mem_recv(h2->session, bytes, len);
    h2->is_inside = false;
    if (rv >= 0)
        return true;
    *what = nghttp2_strerror((int)rv);
    return false;
}

void
h2_ping(struct h2 *h2)
{
    (void)nghttp2_submit_ping(h2->session, NGHTTP2_FLAG_NONE, NULL);
}

void
h2_goodbye(struct h2 *h2)
{
    (void)nghttp2_submit_goaway(h2->session, NGHTTP2_FLAG_NONE, 0,
                                NGHTTP2_NO_ERROR, NULL, 0);
}

bool
h2_is_over(struct h2 *h2)
{
    return nghttp2_session_want_read(h2->session) == 0 &&
           nghttp2_session_want_write(h2->session) == 0;
}
