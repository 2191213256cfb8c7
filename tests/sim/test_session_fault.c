/* SPDX-License-Identifier: MIT */
/*
 * HTTP/2 as no client may speak it: each breach ends the stream or the
 * connection, with the code that RFC 9113 has for it.
 */
#include <string.h>

#include "bench/sim/fault/faults.h"
#include "session_bed.h"
#include "tests/support/unit.h"

#define HEADERS_END NGHTTP2_FLAG_END_HEADERS
#define STREAM_END  NGHTTP2_FLAG_END_STREAM

TEST(a_wrong_start_ends_the_connection)
{
    static const struct {
        uint8_t type, flags;
    } firsts[] = {
        {NGHTTP2_PING, 0},
        {NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK},
        {0xfa, 0},
    };
    struct session_bed *bed = session_bed_open(SIM_STRICT);

    session_bed_put_bytes(bed, "POST / HTTP/1.1\r\n\r\n", 19);
    session_bed_feed(bed, 1);
    session_bed_expect(bed, NGHTTP2_SETTINGS, 0, 0);
    session_bed_expect_goaway(bed, NGHTTP2_PROTOCOL_ERROR);
    session_bed_close(bed);
    for (size_t i = 0; i < sizeof firsts / sizeof firsts[0]; i++) {
        bed = session_bed_open(SIM_STRICT);
        session_bed_put_start(bed);
        bed->input_len -= FRAME_HEAD_LEN;
        session_bed_put(bed, firsts[i].type, firsts[i].flags, 0, "12345678",
                        firsts[i].type == NGHTTP2_PING ? 8 : 0);
        session_bed_feed(bed, SIZE_MAX);
        session_bed_expect(bed, NGHTTP2_SETTINGS, 0, 0);
        session_bed_expect_goaway(bed, NGHTTP2_PROTOCOL_ERROR);
        session_bed_close(bed);
    }
}

/* Alone, on a connection that has had one whole push and none after it. */
static const struct {
    const char *what;
    uint8_t type, flags;
    int32_t stream_id;
    const char *payload;
    size_t len;
    uint32_t code;
} bad_frames[] = {
    {"DATA on the connection", NGHTTP2_DATA, 0, 0, "x", 1,
     NGHTTP2_PROTOCOL_ERROR},
    {"DATA on an idle stream", NGHTTP2_DATA, 0, 3, "x", 1,
     NGHTTP2_PROTOCOL_ERROR},
    {"DATA on a closed stream", NGHTTP2_DATA, 0, 1, "x", 1,
     NGHTTP2_STREAM_CLOSED},
    {"HEADERS on the connection", NGHTTP2_HEADERS, HEADERS_END, 0, "\x83", 1,
     NGHTTP2_PROTOCOL_ERROR},
    {"HEADERS on a server's stream", NGHTTP2_HEADERS, HEADERS_END, 4, "\x83", 1,
     NGHTTP2_PROTOCOL_ERROR},
    {"HEADERS on a closed stream", NGHTTP2_HEADERS, HEADERS_END | STREAM_END, 1,
     "\x83", 1, NGHTTP2_STREAM_CLOSED},
    {"HEADERS that are no HPACK", NGHTTP2_HEADERS, HEADERS_END, 3, "\x80", 1,
     NGHTTP2_COMPRESSION_ERROR},
    {"HEADERS with too much padding", NGHTTP2_HEADERS,
     HEADERS_END | NGHTTP2_FLAG_PADDED, 3, "\x02\x83", 2,
     NGHTTP2_PROTOCOL_ERROR},
    {"HEADERS without padding's length", NGHTTP2_HEADERS,
     HEADERS_END | NGHTTP2_FLAG_PADDED, 3, "", 0, NGHTTP2_FRAME_SIZE_ERROR},
    {"HEADERS without their priority", NGHTTP2_HEADERS,
     HEADERS_END | NGHTTP2_FLAG_PRIORITY, 3, "\0\0\0\0", 4,
     NGHTTP2_FRAME_SIZE_ERROR},
    {"HEADERS that depend on themselves", NGHTTP2_HEADERS,
     HEADERS_END | NGHTTP2_FLAG_PRIORITY, 3, "\x80\0\0\3\0\x83", 6,
     NGHTTP2_PROTOCOL_ERROR},
    {"PRIORITY on the connection", NGHTTP2_PRIORITY, 0, 0, "\0\0\0\0\0", 5,
     NGHTTP2_PROTOCOL_ERROR},
    {"PRIORITY too short", NGHTTP2_PRIORITY, 0, 3, "\0\0\0\0", 4,
     NGHTTP2_FRAME_SIZE_ERROR},
    {"PRIORITY on itself", NGHTTP2_PRIORITY, 0, 3, "\0\0\0\3\0", 5,
     NGHTTP2_PROTOCOL_ERROR},
    {"RST_STREAM of the connection", NGHTTP2_RST_STREAM, 0, 0, "\0\0\0\0", 4,
     NGHTTP2_PROTOCOL_ERROR},
    {"RST_STREAM of an idle stream", NGHTTP2_RST_STREAM, 0, 3, "\0\0\0\0", 4,
     NGHTTP2_PROTOCOL_ERROR},
    {"RST_STREAM too short", NGHTTP2_RST_STREAM, 0, 1, "\0\0\0", 3,
     NGHTTP2_FRAME_SIZE_ERROR},
    {"SETTINGS on a stream", NGHTTP2_SETTINGS, 0, 1, "", 0,
     NGHTTP2_PROTOCOL_ERROR},
    {"half a setting", NGHTTP2_SETTINGS, 0, 0, "\0\1\0", 3,
     NGHTTP2_FRAME_SIZE_ERROR},
    {"an ACK with settings", NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0,
     "\0\1\0\0\0\0", 6, NGHTTP2_FRAME_SIZE_ERROR},
    {"an ACK of nothing", NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0, "", 0,
     NGHTTP2_PROTOCOL_ERROR},
    {"ENABLE_PUSH 2", NGHTTP2_SETTINGS, 0, 0, "\0\2\0\0\0\2", 6,
     NGHTTP2_PROTOCOL_ERROR},
    {"a window of 2^31", NGHTTP2_SETTINGS, 0, 0, "\0\4\x80\0\0\0", 6,
     NGHTTP2_FLOW_CONTROL_ERROR},
    {"frames of 16383 bytes", NGHTTP2_SETTINGS, 0, 0, "\0\5\0\0\x3f\xff", 6,
     NGHTTP2_PROTOCOL_ERROR},
    {"frames of 2^24 bytes", NGHTTP2_SETTINGS, 0, 0, "\0\5\1\0\0\0", 6,
     NGHTTP2_PROTOCOL_ERROR},
    {"PUSH_PROMISE", NGHTTP2_PUSH_PROMISE, HEADERS_END, 1, "\0\0\0\2\x83", 5,
     NGHTTP2_PROTOCOL_ERROR},
    {"PING on a stream", NGHTTP2_PING, 0, 1, "12345678", 8,
     NGHTTP2_PROTOCOL_ERROR},
    {"PING too short", NGHTTP2_PING, 0, 0, "1234567", 7,
     NGHTTP2_FRAME_SIZE_ERROR},
    {"GOAWAY on a stream", NGHTTP2_GOAWAY, 0, 1, "\0\0\0\0\0\0\0\0", 8,
     NGHTTP2_PROTOCOL_ERROR},
    {"GOAWAY too short", NGHTTP2_GOAWAY, 0, 0, "\0\0\0\0\0\0\0", 7,
     NGHTTP2_FRAME_SIZE_ERROR},
    {"WINDOW_UPDATE by 0", NGHTTP2_WINDOW_UPDATE, 0, 0, "\0\0\0\0", 4,
     NGHTTP2_PROTOCOL_ERROR},
    {"WINDOW_UPDATE too long", NGHTTP2_WINDOW_UPDATE, 0, 0, "\0\0\0\1\0", 5,
     NGHTTP2_FRAME_SIZE_ERROR},
    {"WINDOW_UPDATE too large", NGHTTP2_WINDOW_UPDATE, 0, 0, "\x7f\xff\xff\xff",
     4, NGHTTP2_FLOW_CONTROL_ERROR},
    {"WINDOW_UPDATE of an idle stream", NGHTTP2_WINDOW_UPDATE, 0, 3, "\0\0\0\1",
     4, NGHTTP2_PROTOCOL_ERROR},
    {"CONTINUATION of nothing", NGHTTP2_CONTINUATION, HEADERS_END, 1, "\x83", 1,
     NGHTTP2_PROTOCOL_ERROR},
};

TEST(each_bad_frame_ends_the_connection)
{
    for (size_t i = 0; i < sizeof bad_frames / sizeof bad_frames[0]; i++) {
        struct session_bed *bed = session_bed_open_settled(SIM_STRICT);

        session_bed_put_push(bed, 1);
        session_bed_put(bed, bad_frames[i].type, bad_frames[i].flags,
                        bad_frames[i].stream_id, bad_frames[i].payload,
                        bad_frames[i].len);
        /* Nothing more is heard. */
        session_bed_put_push(bed, 9);
        session_bed_feed(bed, SIZE_MAX);
        session_bed_expect_accepted(bed, 1);
        if (!session_bed_next(bed) || bed->frame.type != NGHTTP2_GOAWAY ||
            frame_get_u32(bed->frame.payload + 4) != bad_frames[i].code)
            fail_msg("%s does not end in code %u", bad_frames[i].what,
                     bad_frames[i].code);
        assert_true(sim_session_is_over(bed->peer.session));
        assert_false(session_bed_next(bed));
        assert_int_equal(bed->sim.stats.pushes, 1);
        session_bed_close(bed);
    }
}

TEST(a_frame_longer_than_allowed_ends_the_connection)
{
    for (size_t piece = 1; piece < 20; piece += 9) {
        struct session_bed *bed = session_bed_open_settled(SIM_STRICT);

        session_bed_put_bytes(bed, "\0\x40\1\0\0\0\0\0\1x", 10);
        session_bed_feed(bed, piece);
        session_bed_expect_goaway(bed, NGHTTP2_FRAME_SIZE_ERROR);
        session_bed_close(bed);
    }
}

TEST(a_block_must_not_be_interrupted)
{
    static const struct {
        uint8_t type;
        int32_t stream_id;
    } cases[] = {
        {NGHTTP2_PING, 0},         {NGHTTP2_DATA, 1}, {NGHTTP2_HEADERS, 3},
        {NGHTTP2_CONTINUATION, 3}, {0xfa, 1},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct session_bed *bed = session_bed_open_settled(SIM_STRICT);

        session_bed_put(bed, NGHTTP2_HEADERS, 0, 1, "\x83", 1);
        session_bed_put(bed, cases[i].type, 0, cases[i].stream_id, "12345678",
                        8);
        session_bed_feed(bed, SIZE_MAX);
        session_bed_expect_goaway(bed, NGHTTP2_PROTOCOL_ERROR);
        session_bed_close(bed);
    }
}

TEST(an_endless_block_ends_the_connection)
{
    static const uint8_t piece[4096];
    struct session_bed *bed = session_bed_open_settled(SIM_STRICT);

    session_bed_put(bed, NGHTTP2_HEADERS, 0, 1, piece, sizeof piece);
    for (int i = 0; i < 4; i++)
        session_bed_put(bed, NGHTTP2_CONTINUATION, 0, 1, piece, sizeof piece);
    session_bed_feed(bed, SIZE_MAX);
    session_bed_expect_goaway(bed, NGHTTP2_ENHANCE_YOUR_CALM);
    session_bed_close(bed);
}

TEST(data_beyond_the_window_ends_the_connection)
{
    static const uint8_t piece[16000];

    /* Padding counts, and so do streams that are none any more. */
    for (int flags = 0; flags <= NGHTTP2_FLAG_PADDED;
         flags += NGHTTP2_FLAG_PADDED) {
        struct session_bed *bed = session_bed_open_settled(SIM_STRICT);

        bed->peer.session->unacked = SESSION_WINDOW - sizeof piece + 1;
        session_bed_put_headers(bed, 1);
        session_bed_put(bed, NGHTTP2_DATA, (uint8_t)flags, 1, piece,
                        sizeof piece);
        session_bed_feed(bed, SIZE_MAX);
        session_bed_expect_goaway(bed, NGHTTP2_FLOW_CONTROL_ERROR);
        session_bed_close(bed);
    }
}

/*
 * Streams.
 */

TEST(malformed_headers_reset_the_stream)
{
    static const char *const cases[][2] = {
        {":path", NULL},          {":method", NULL},     {":scheme", NULL},
        {":authority", NULL},     {":other", "x"},       {"Upper", "x"},
        {"connection", "close"},  {"te", "gzip"},        {"x", "a\nb"},
        {"content-length", "1x"}, {":path", "no/slash"},
    };
    struct session_bed *bed = session_bed_open_settled(SIM_STRICT);
    uint8_t block[512];

    for (int32_t i = 0; i < (int32_t)(sizeof cases / sizeof cases[0]); i++) {
        int32_t id = 2 * i + 1;

        session_bed_put(bed, NGHTTP2_HEADERS, HEADERS_END, id, block,
                        session_bed_block(block, cases[i][0], cases[i][1]));
        /* On its way already. */
        session_bed_put(bed, NGHTTP2_DATA, STREAM_END, id, "{}", 2);
        session_bed_feed(bed, SIZE_MAX);
        session_bed_expect_reset(bed, id, NGHTTP2_PROTOCOL_ERROR);
        session_bed_expect_nothing(bed);
    }
    assert_int_equal(bed->sim.stats.pushes, 0);
    session_bed_close(bed);
}

TEST(a_body_of_another_length_resets_the_stream)
{
    struct session_bed *bed = session_bed_open_settled(SIM_STRICT);
    uint8_t block[512];

    session_bed_put(bed, NGHTTP2_HEADERS, HEADERS_END, 1, block,
                    session_bed_block(block, "content-length", "3"));
    session_bed_put(bed, NGHTTP2_DATA, STREAM_END, 1, "{}", 2);
    session_bed_feed(bed, SIZE_MAX);
    session_bed_expect_reset(bed, 1, NGHTTP2_PROTOCOL_ERROR);
    session_bed_close(bed);
}

TEST(bad_trailers_reset_the_stream)
{
    static const struct {
        const char *name;
        uint8_t flags;
    } cases[] = {
        {"x", HEADERS_END}, /* they do not end the stream */
        {":path", HEADERS_END | STREAM_END},
        {"connection", HEADERS_END | STREAM_END},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct session_bed *bed = session_bed_open_settled(SIM_STRICT);
        uint8_t block[128];

        session_bed_put_headers(bed, 1);
        session_bed_put(bed, NGHTTP2_HEADERS, cases[i].flags, 1, block,
                        session_bed_literal(block, cases[i].name, "/"));
        session_bed_feed(bed, SIZE_MAX);
        session_bed_expect_reset(bed, 1, NGHTTP2_PROTOCOL_ERROR);
        session_bed_close(bed);
    }
}

TEST(nothing_may_follow_a_requests_end)
{
    static const uint8_t types[] = {NGHTTP2_DATA, NGHTTP2_HEADERS};
    struct directive stall = {.action = ACTION_STALL};

    for (size_t i = 0; i < sizeof types; i++) {
        struct session_bed *bed = session_bed_open_settled(SIM_STRICT);

        assert_true(faults_add(bed->sim.faults, &stall));
        session_bed_put_push(bed, 1);
        session_bed_put(bed, types[i], HEADERS_END | STREAM_END, 1, NULL, 0);
        session_bed_feed(bed, SIZE_MAX);
        session_bed_expect_reset(bed, 1, NGHTTP2_STREAM_CLOSED);
        session_bed_expect_nothing(bed);
        session_bed_close(bed);
    }
}

TEST(bad_window_updates_reset_the_stream)
{
    static const struct {
        const char *by;
        uint32_t code;
    } cases[] = {
        {"\0\0\0\0", NGHTTP2_PROTOCOL_ERROR},
        {"\x7f\xff\xff\xff", NGHTTP2_FLOW_CONTROL_ERROR},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct session_bed *bed = session_bed_open_settled(SIM_STRICT);

        session_bed_put_headers(bed, 1);
        session_bed_put(bed, NGHTTP2_WINDOW_UPDATE, 0, 1, cases[i].by, 4);
        session_bed_feed(bed, SIZE_MAX);
        session_bed_expect_reset(bed, 1, cases[i].code);
        session_bed_close(bed);
    }
}

TEST(a_streams_window_may_not_be_pushed_too_far)
{
    struct session_bed *bed = session_bed_open_settled(SIM_STRICT);

    session_bed_put_headers(bed, 1);
    session_bed_put(bed, NGHTTP2_WINDOW_UPDATE, 0, 1, "\0\0\0\1", 4);
    session_bed_put(bed, NGHTTP2_SETTINGS, 0, 0, "\0\4\x7f\xff\xff\xff", 6);
    session_bed_feed(bed, SIZE_MAX);
    session_bed_expect_goaway(bed, NGHTTP2_FLOW_CONTROL_ERROR);
    session_bed_close(bed);
}

/*
 * Limits.
 */

TEST(too_many_streams_are_reset)
{
    struct session_bed *bed = session_bed_open_settled(SIM_STRICT);
    int32_t id;

    for (id = 1; id <= 15; id += 2) /* as many as the bed has */
        session_bed_put_headers(bed, id);
    session_bed_put_headers(bed, id);
    session_bed_feed(bed, SIZE_MAX);
    session_bed_expect_reset(bed, id, NGHTTP2_PROTOCOL_ERROR);
    session_bed_put(bed, NGHTTP2_DATA, STREAM_END, 1, BED_BODY,
                    sizeof BED_BODY - 1);
    session_bed_put_push(bed, id + 2);
    session_bed_feed(bed, SIZE_MAX);
    session_bed_expect_accepted(bed, 1);
    session_bed_expect_accepted(bed, id + 2);
    session_bed_expect_nothing(bed);
    session_bed_close(bed);
}

TEST(a_limit_that_is_not_known_yet_is_no_fault)
{
    struct session_bed *bed = session_bed_open_settled(SIM_STRICT);

    sim_session_settle(bed->peer.session, 1);
    session_bed_expect(bed, NGHTTP2_SETTINGS, 0, 0);
    session_bed_put_headers(bed, 1);
    session_bed_put_headers(bed, 3);
    session_bed_feed(bed, SIZE_MAX);
    session_bed_expect_reset(bed, 3, NGHTTP2_REFUSED_STREAM);
    session_bed_put(bed, NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0, NULL, 0);
    session_bed_put_headers(bed, 5);
    session_bed_feed(bed, SIZE_MAX);
    session_bed_expect_reset(bed, 5, NGHTTP2_PROTOCOL_ERROR);
    session_bed_close(bed);
}

/* Its block still belongs to the connection's table. */
TEST(a_refused_streams_fields_are_kept)
{
    struct session_bed *bed = session_bed_open_settled(SIM_STRICT);
    uint8_t block[512] = {0x40, 0x01, 'x', 0x01, 'y'};
    size_t len;

    sim_session_settle(bed->peer.session, 0);
    session_bed_expect(bed, NGHTTP2_SETTINGS, 0, 0);
    session_bed_put(bed, NGHTTP2_HEADERS, HEADERS_END, 1, block, 5);
    session_bed_feed(bed, SIZE_MAX);
    session_bed_expect_reset(bed, 1, NGHTTP2_REFUSED_STREAM);
    sim_session_settle(bed->peer.session, 1);
    session_bed_expect(bed, NGHTTP2_SETTINGS, 0, 0);
    len = session_bed_block(block, "", NULL);
    block[len++] = 0xbe; /* x: y, out of the table */
    session_bed_put(bed, NGHTTP2_HEADERS, HEADERS_END, 3, block, len);
    session_bed_put(bed, NGHTTP2_DATA, STREAM_END, 3, BED_BODY,
                    sizeof BED_BODY - 1);
    session_bed_feed(bed, SIZE_MAX);
    session_bed_expect_accepted(bed, 3);
    session_bed_expect_nothing(bed);
    session_bed_close(bed);
}
