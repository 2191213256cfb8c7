/* SPDX-License-Identifier: MIT */
#include "h2_bed.h"

#include <stdlib.h>
#include <string.h>

static void
on_settings(void *arg)
{
    struct h2_bed *bed = arg;

    bed->n_settings++;
    bed->streams_max = h2_streams_max(bed->h2);
}

static void
on_goaway(void *arg, const struct h2_goaway *goaway)
{
    struct h2_bed *bed = arg;

    bed->n_goaways++;
    assert_true(goaway->text_len < sizeof bed->goaway_text);
    if (goaway->text_len > 0)
        memcpy(bed->goaway_text, goaway->text, goaway->text_len);
    bed->goaway_text[goaway->text_len] = '\0';
}

static void
on_ping_ack(void *arg)
{
    struct h2_bed *bed = arg;

    bed->n_acks++;
}

static void
on_end(void *arg, struct slot *slot, enum h2_end end)
{
    struct h2_bed *bed = arg;

    bed->n_ends[end]++;
    bed->ended[bed->n_ended++ % H2_BED_SLOTS] = slot;
}

const struct h2_hooks h2_bed_hooks = {on_settings, on_goaway, on_ping_ack,
                                      on_end};

/* The server. */

static int
on_server_header(nghttp2_session *session, const nghttp2_frame *frame,
                 const uint8_t *name, size_t name_len, const uint8_t *value,
                 size_t value_len, uint8_t flags, void *arg)
{
    struct h2_bed *bed = arg;

    (void)session;
    (void)frame;
    (void)flags;
    (void)name_len;
    if (strcmp((const char *)name, ":path") == 0)
        memcpy(bed->path, value, value_len + 1);
    if (strcmp((const char *)name, "apns-topic") == 0)
        memcpy(bed->topic, value, value_len + 1);
    if (strcmp((const char *)name, "apns-expiration") == 0)
        memcpy(bed->expiration, value, value_len + 1);
    return 0;
}

static int
on_server_data(nghttp2_session *session, uint8_t flags, int32_t stream_id,
               const uint8_t *bytes, size_t len, void *arg)
{
    struct h2_bed *bed = arg;

    (void)session;
    (void)flags;
    (void)stream_id;
    if (bed->is_body_over)
        bed->body_len = 0;
    bed->is_body_over = false;
    assert_true(bed->body_len + len < sizeof bed->body);
    memcpy(bed->body + bed->body_len, bytes, len);
    bed->body_len += len;
    bed->body[bed->body_len] = '\0';
    return 0;
}

static ssize_t
on_read_reason(nghttp2_session *session, int32_t stream_id, uint8_t *buf,
               size_t length, uint32_t *flags, nghttp2_data_source *source,
               void *arg)
{
    static const char text[] = "{\"reason\":\"BadDeviceToken\"}";

    (void)session;
    (void)stream_id;
    (void)source;
    (void)arg;
    assert_true(length >= sizeof text - 1);
    memcpy(buf, text, sizeof text - 1);
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    return sizeof text - 1;
}

void
h2_bed_answer(struct h2_bed *bed, int32_t id, const char *status)
{
    const nghttp2_nv nva[] = {
        H2_BED_NV(":status", status),
        H2_BED_NV("apns-id", "EEE1A1B2-0000-4000-8000-00000000ABCD"),
        H2_BED_NV("retry-after", "17"),
    };
    nghttp2_data_provider provider = {.read_callback = on_read_reason};

    assert_int_equal(
        nghttp2_submit_response(bed->server, id, nva, 3,
                                strcmp(status, "200") == 0 ? NULL : &provider),
        0);
}

static int
on_server_frame(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    struct h2_bed *bed = arg;

    if ((frame->hd.type != NGHTTP2_DATA && frame->hd.type != NGHTTP2_HEADERS) ||
        (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0)
        return 0;
    bed->is_body_over = true;
    bed->requests[bed->n_requests++ % H2_BED_SLOTS] = frame->hd.stream_id;
    if (bed->refuses)
        return nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE,
                                         frame->hd.stream_id,
                                         NGHTTP2_REFUSED_STREAM);
    if (!bed->is_silent)
        h2_bed_answer(bed, frame->hd.stream_id, "200");
    return 0;
}

static void
open_server(struct h2_bed *bed)
{
    nghttp2_session_callbacks *callbacks;

    assert_int_equal(nghttp2_session_callbacks_new(&callbacks), 0);
    nghttp2_session_callbacks_set_on_header_callback(callbacks,
                                                     on_server_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks,
                                                              on_server_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks,
                                                         on_server_frame);
    assert_int_equal(nghttp2_session_server_new(&bed->server, callbacks, bed),
                     0);
    nghttp2_session_callbacks_del(callbacks);
}

void
h2_bed_set_limit(struct h2_bed *bed, uint32_t limit)
{
    const nghttp2_settings_entry entry = {
        NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limit};

    assert_int_equal(
        nghttp2_submit_settings(bed->server, NGHTTP2_FLAG_NONE, &entry, 1), 0);
}

void
h2_bed_exchange(struct h2_bed *bed)
{
    static uint8_t buf[16384];
    const char *what = "";
    bool has_moved = true;

    while (has_moved) {
        const uint8_t *bytes;
        ssize_t n;
        size_t len;

        has_moved = false;
        assert_true(h2_output(bed->h2, buf, sizeof buf, &len));
        if (len > 0) {
            has_moved = true;
            bed->n_to_server += len;
            assert_int_equal(nghttp2_session_mem_recv(bed->server, buf, len),
                             len);
        }
        while ((n = nghttp2_session_mem_send(bed->server, &bytes)) > 0) {
            has_moved = true;
            assert_true(h2_receive(bed->h2, bytes, (size_t)n, &what));
        }
    }
}

struct slot *
h2_bed_push(struct h2_bed *bed)
{
    static const uint8_t token[32] = {0xab};
    const struct apns_push one = {
        .topic = "t", .token = token, .token_len = 32, .magic = "M"};
    struct slot *slot;

    assert_int_equal(slot_take(&bed->slots, &one, &slot), APNS_OK);
    slot->state = SLOT_FLYING;
    slot->expires_unix = 1700000040;
    assert_true(h2_submit(bed->h2, slot));
    return slot;
}

void
h2_bed_give_ended(struct h2_bed *bed)
{
    for (uint32_t i = 0; i < bed->n_ended; i++)
        slot_give(&bed->slots, bed->ended[i]);
    bed->n_ended = 0;
}

int
h2_bed_set_up(void **state)
{
    struct h2_bed *bed = calloc(1, sizeof *bed);
    assert_non_null(bed);
    const struct h2_config config = {
        .authority = "api.push.apple.com",
        .topic = "com.apple.mgmt.External.x",
        .streams_max = 500,
        .mem = &bed->mem,
        .slots = &bed->slots,
    };

    *state = bed;
    h2mem_init(&bed->mem);
    slot_pool_init(&bed->slots, H2_BED_SLOTS);
    bed->h2 = h2_new(&config, &h2_bed_hooks, bed);
    assert_non_null(bed->h2);
    open_server(bed);
    h2_bed_set_limit(bed, 100);
    h2_bed_exchange(bed);
    return 0;
}

int
h2_bed_tear_down(void **state)
{
    struct h2_bed *bed = *state;
    struct slot *slot;

    while ((slot = h2_take(bed->h2)) != NULL)
        slot_give(&bed->slots, slot);
    h2_bed_give_ended(bed);
    h2_free(bed->h2);
    nghttp2_session_del(bed->server);
    slot_pool_fini(&bed->slots);
    h2mem_fini(&bed->mem);
    free(bed);
    return 0;
}
