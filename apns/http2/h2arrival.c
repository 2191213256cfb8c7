/* SPDX-License-Identifier: MIT */
#include "h2arrival.h"

#include <string.h>

/* With thousands in flight a slot has left the cache by the time of its
 * answer; it is fetched while nghttp2 still decodes the headers. */
static int
on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame,
                 void *arg)
{
    const struct h2 *h2 = arg;

    (void)session;
    slot_fetch(h2ring_peek(&h2->in_flight, frame->hd.stream_id));
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

/* Bytes that are compared at once; a comparison yields 0xff where it holds. */
typedef uint8_t bytes16 __attribute__((vector_size(16)));

/* 0xff for letters, digits and '-'. */
static bytes16
find_plain(bytes16 c)
{
    bytes16 is_digit = (bytes16)((c - '0') < 10);
    bytes16 is_letter = (bytes16)(((c | 0x20) - 'a') < 26);

    return is_digit | is_letter | (bytes16)(c == '-');
}

/* UUIDs as they come; anything that could break a log line is refused. */
static void
keep_apns_id(struct slot *slot, const uint8_t *value, size_t len)
{
    bytes16 id[sizeof slot->apns_id / sizeof(bytes16)];
    uint64_t is_plain[2];
    bytes16 all;

    if (len > SLOT_MAX_APNS_ID)
        len = SLOT_MAX_APNS_ID;
    memset(id, '-', sizeof id);
    memcpy(id, value, len);
    all = find_plain(id[0]);
    for (size_t i = 1; i < sizeof id / sizeof id[0]; i++)
        all &= find_plain(id[i]);
    memcpy(is_plain, &all, sizeof all);
    if ((is_plain[0] & is_plain[1]) != UINT64_MAX)
        len = 0;
    memcpy(slot->apns_id, id, sizeof id);
    slot->apns_id[len] = '\0';
}

_Static_assert((SLOT_MAX_APNS_ID + 1) % sizeof(bytes16) == 0, "whole vectors");

static int
on_header(nghttp2_session *session, const nghttp2_frame *frame,
          const uint8_t *name, size_t name_len, const uint8_t *value,
          size_t value_len, uint8_t flags, void *arg)
{
    struct h2 *h2 = arg;
    struct slot *slot;

    (void)session;
    (void)flags;
    if ((slot = h2arrival_find_slot(h2, frame->hd.stream_id)) == NULL)
        return 0;
    if (name_len == 7 && memcmp(name, ":status", 7) == 0)
        slot->status =
            value_len == 3 ? (uint16_t)read_number(value, value_len) : 0;
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
    struct slot *slot = h2arrival_find_slot(h2, stream_id);

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
    struct slot *slot = h2arrival_find_slot(h2, stream_id);
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

void
h2arrival_hear(nghttp2_session_callbacks *callbacks)
{
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks,
                                                            on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks,
                                                              on_body);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks,
                                                           on_stream_close);
}
