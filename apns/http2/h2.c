/* SPDX-License-Identifier: MIT */
#include "h2.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apns/base/must.h"
#include "h2arrival.h"

static H2VERSION_SSIZE
on_read_body(nghttp2_session *session, int32_t stream_id, uint8_t *buf,
             size_t length, uint32_t *flags, nghttp2_data_source *source,
             void *arg)
{
    struct h2 *h2 = arg;
    struct slot *slot = h2arrival_find_slot(h2, stream_id);
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
    nghttp2_option *option;
    int rv;

    if (nghttp2_session_callbacks_new(&callbacks) != 0)
        return false;
    if (nghttp2_option_new(&option) != 0) {
        nghttp2_session_callbacks_del(callbacks);
        return false;
    }
    /* We look at three headers only and check those ourselves: h2arrival. */
    nghttp2_option_set_no_http_messaging(option, 1);
    h2arrival_hear(callbacks);
    rv = nghttp2_session_client_new3(&h2->session, callbacks, h2, option,
                                     &config->mem->mem);
    nghttp2_option_del(option);
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
    h2->newest_id = id;
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
    struct slot *slot = TAILQ_FIRST(&h2->in_flight.slots);

    if (slot == NULL)
        return NULL;
    h2ring_remove(&h2->in_flight, slot);
    (void)nghttp2_session_set_stream_user_data(h2->session, slot->stream_id,
                                               NULL);
    slot_answer_drop(h2->slots, slot);
    return slot;
}

/* Nothing of a request comes after its end, so nghttp2 need not be asked for
 * more before the next one is submitted. */
static bool
is_newest_end(const struct h2 *h2)
{
    const uint8_t *head = h2->frame;
    uint32_t id = (uint32_t)head[5] << 24 | (uint32_t)head[6] << 16 |
                  (uint32_t)head[7] << 8 | head[8];

    return head[3] == NGHTTP2_DATA &&
           (head[4] & NGHTTP2_FLAG_END_STREAM) != 0 &&
           id == (uint32_t)h2->newest_id;
}

/* False: the session is broken. No frame: there is none, or enough of them
 * have been seen. */
static bool
next_frame(struct h2 *h2, bool *is_enough)
{
    ssize_t rv;

    if (*is_enough)
        return true;
    h2->is_inside = true;
    rv = h2version_mem_send(h2->session, &h2->frame);
    h2->is_inside = false;
    h2->frame_len = rv > 0 ? (size_t)rv : 0;
    *is_enough = rv > 0 && is_newest_end(h2);
    if (rv <= 0 || *is_enough)
        h2->newest_id = 0;
    return rv >= 0;
}

bool
h2_output(struct h2 *h2, uint8_t *buf, size_t size, size_t *len)
{
    bool is_enough = false;

    *len = 0;
    must(!h2->is_inside);
    while (*len < size) {
        size_t piece;

        if (h2->frame_len == 0 && !next_frame(h2, &is_enough))
            return false;
        if ((piece = h2->frame_len) == 0)
            return true;
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
