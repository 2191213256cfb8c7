/* SPDX-License-Identifier: MIT */
#include "session_bed.h"

#include <ev.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "bench/sim/fault/faults.h"
#include "bench/sim/push/delay.h"
#include "bench/sim/push/ledger.h"
#include "bench/sim/push/push.h"
#include "bench/sim/push/sim_request.h"

#define PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

/*
 * Life.
 */

struct session_bed *
session_bed_open(enum sim_mode mode)
{
    struct session_bed *bed = calloc(1, sizeof *bed);
    struct sim *sim;

    assert_non_null(bed);
    sim = &bed->sim;
    bed->loop = ev_loop_new(EVFLAG_AUTO);
    sim->loop = bed->loop;
    sim->config.mode = mode;
    sim->max_streams = 8;
    sim->faults = faults_new(1);
    sim->ledger = ledger_new();
    sim->delay = delay_new(bed->loop, push_answer);
    TAILQ_INIT(&sim->peers);
    TAILQ_INIT(&sim->dirty);
    bed->peer.sim = sim;
    bed->peer.state = PEER_OPEN;
    bed->peer.last_stream_id = INT32_MAX;
    memcpy(bed->peer.topic, BED_TOPIC, sizeof BED_TOPIC);
    bed->peer.session = sim_session_new(&bed->peer);
    assert_non_null(bed->peer.session);
    assert_int_equal(nghttp2_hd_inflate_new(&bed->inflater), 0);
    return bed;
}

struct session_bed *
session_bed_open_settled(enum sim_mode mode)
{
    struct session_bed *bed = session_bed_open(mode);

    session_bed_expect(bed, NGHTTP2_SETTINGS, 0, 0);
    session_bed_put_start(bed);
    session_bed_put(bed, NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0, NULL, 0);
    session_bed_feed(bed, SIZE_MAX);
    session_bed_expect(bed, NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0);
    session_bed_expect_nothing(bed);
    return bed;
}

void
session_bed_close(struct session_bed *bed)
{
    sim_session_free(bed->peer.session);
    sim_request_free_spares(&bed->sim);
    nghttp2_hd_inflate_del(bed->inflater);
    delay_free(bed->sim.delay);
    ledger_free(bed->sim.ledger);
    faults_free(bed->sim.faults);
    ev_loop_destroy(bed->loop);
    free(bed);
}

/*
 * In.
 */

void
session_bed_put_bytes(struct session_bed *bed, const void *bytes, size_t len)
{
    assert_true(len <= sizeof bed->input - bed->input_len);
    if (len > 0)
        memcpy(bed->input + bed->input_len, bytes, len);
    bed->input_len += len;
}

void
session_bed_put(struct session_bed *bed, uint8_t type, uint8_t flags,
                int32_t stream_id, const void *payload, size_t len)
{
    uint8_t head[FRAME_HEAD_LEN];

    frame_put_u32(head, (uint32_t)len << 8 | type);
    head[4] = flags;
    frame_put_u32(head + 5, (uint32_t)stream_id);
    session_bed_put_bytes(bed, head, sizeof head);
    session_bed_put_bytes(bed, payload, len);
}

void
session_bed_put_start(struct session_bed *bed)
{
    session_bed_put_bytes(bed, PREFACE, sizeof PREFACE - 1);
    session_bed_put(bed, NGHTTP2_SETTINGS, 0, 0, NULL, 0);
}

size_t
session_bed_literal(uint8_t *to, const char *name, const char *value)
{
    size_t name_len = strlen(name), len = strlen(value), n = 0;

    assert_true(name_len < 127 && len < 127);
    to[n++] = 0x00;
    to[n++] = (uint8_t)name_len;
    memcpy(to + n, name, name_len);
    n += name_len;
    to[n++] = (uint8_t)len;
    memcpy(to + n, value, len);
    return n + len;
}

size_t
session_bed_block(uint8_t *block, const char *changed, const char *value)
{
    static const char *const fields[][2] = {
        {":method", "POST"},       {":scheme", "https"},
        {":authority", "sim"},     {":path", BED_PATH},
        {"apns-topic", BED_TOPIC}, {"apns-push-type", "mdm"},
        {"apns-priority", "10"},   {"apns-expiration", "1800000000"},
    };
    bool is_there = false;
    size_t n = 0;

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        bool is_it = strcmp(fields[i][0], changed) == 0;

        is_there |= is_it;
        if (!is_it)
            n += session_bed_literal(block + n, fields[i][0], fields[i][1]);
        else if (value != NULL)
            n += session_bed_literal(block + n, changed, value);
    }
    if (!is_there && value != NULL)
        n += session_bed_literal(block + n, changed, value);
    return n;
}

void
session_bed_put_headers(struct session_bed *bed, int32_t stream_id)
{
    uint8_t block[512];
    size_t len = session_bed_block(block, "", NULL);

    session_bed_put(bed, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, stream_id,
                    block, len);
}

void
session_bed_put_push(struct session_bed *bed, int32_t stream_id)
{
    session_bed_put_headers(bed, stream_id);
    session_bed_put(bed, NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, stream_id,
                    BED_BODY, sizeof BED_BODY - 1);
}

void
session_bed_feed(struct session_bed *bed, size_t piece)
{
    /* Each piece in memory of its own, so that reading beyond it is found. */
    for (size_t at = 0; at < bed->input_len;) {
        size_t n = bed->input_len - at < piece ? bed->input_len - at : piece;
        uint8_t *copy = malloc(n);

        assert_non_null(copy);
        memcpy(copy, bed->input + at, n);
        sim_session_receive(bed->peer.session, copy, n);
        free(copy);
        at += n;
    }
    bed->input_len = 0;
}

/*
 * Out.
 */

bool
session_bed_next(struct session_bed *bed)
{
    struct frame_out *out = &bed->peer.session->out;
    const uint8_t *head = out->bytes + out->sent;
    uint32_t len;

    if (out->len == 0)
        return false;
    len = frame_get_u32(head) >> 8;
    bed->frame = (struct frame){
        .type = head[3],
        .flags = head[4],
        .stream_id = (int32_t)frame_get_u32(head + 5),
        .len = len,
        .payload = head + FRAME_HEAD_LEN,
    };
    assert_true(out->len - out->sent >= FRAME_HEAD_LEN + len);
    frame_sent(out, FRAME_HEAD_LEN + len);
    return true;
}

void
session_bed_expect(struct session_bed *bed, uint8_t type, uint8_t flags,
                   int32_t stream_id)
{
    if (!session_bed_next(bed))
        fail_msg("no frame, wanted one of type %u", type);
    if (bed->frame.type != type || bed->frame.flags != flags ||
        bed->frame.stream_id != stream_id)
        fail_msg("frame type %u flags %u stream %d, wanted %u %u %d",
                 bed->frame.type, bed->frame.flags, bed->frame.stream_id, type,
                 flags, stream_id);
}

void
session_bed_expect_status(struct session_bed *bed, int32_t stream_id,
                          const char *status)
{
    uint8_t block[512];
    const uint8_t *at = block;
    char seen[4] = "";
    int flags = 0;

    assert_true(session_bed_next(bed));
    if (bed->frame.type != NGHTTP2_HEADERS)
        fail_msg("frame type %u, wanted HEADERS", bed->frame.type);
    assert_int_equal(bed->frame.stream_id, stream_id);
    assert_true(bed->frame.len <= sizeof block);
    memcpy(block, bed->frame.payload, bed->frame.len);
    while (!(flags & NGHTTP2_HD_INFLATE_FINAL)) {
        nghttp2_nv nv = {.namelen = 0};
        size_t left = (size_t)(block + bed->frame.len - at);
        ssize_t n =
            nghttp2_hd_inflate_hd2(bed->inflater, &nv, &flags, at, left, 1);

        assert_true(n >= 0);
        at += n;
        if ((flags & NGHTTP2_HD_INFLATE_EMIT) && nv.namelen == 7 &&
            memcmp(nv.name, ":status", 7) == 0 && nv.valuelen == 3)
            memcpy(seen, nv.value, 3);
    }
    nghttp2_hd_inflate_end_headers(bed->inflater);
    assert_string_equal(seen, status);
}

void
session_bed_expect_accepted(struct session_bed *bed, int32_t stream_id)
{
    session_bed_expect_status(bed, stream_id, "200");
    assert_int_equal(bed->frame.flags,
                     NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM);
}

void
session_bed_expect_reset(struct session_bed *bed, int32_t stream_id,
                         uint32_t code)
{
    session_bed_expect(bed, NGHTTP2_RST_STREAM, 0, stream_id);
    assert_int_equal(frame_get_u32(bed->frame.payload), code);
}

void
session_bed_expect_goaway(struct session_bed *bed, uint32_t code)
{
    session_bed_expect(bed, NGHTTP2_GOAWAY, 0, 0);
    assert_int_equal(frame_get_u32(bed->frame.payload + 4), code);
    assert_false(session_bed_next(bed));
    assert_true(sim_session_is_over(bed->peer.session));
}

void
session_bed_expect_nothing(struct session_bed *bed)
{
    if (session_bed_next(bed))
        fail_msg("frame type %u, wanted none", bed->frame.type);
    assert_false(bed->peer.session->is_failed);
}
