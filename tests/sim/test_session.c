/* SPDX-License-Identifier: MIT */
/*
 * HTTP/2 as clients may speak it, in all the forms that the RFC leaves them:
 * every push is accepted, and every answer is HTTP/2 too.
 */
#include <string.h>

#include "bench/sim/fault/faults.h"
#include "bench/sim/push/ledger.h"
#include "session_bed.h"
#include "tests/support/unit.h"

#define HEADERS_END NGHTTP2_FLAG_END_HEADERS
#define STREAM_END  NGHTTP2_FLAG_END_STREAM

static const enum sim_mode modes[] = {SIM_STRICT, SIM_NULL};

static void
put_body(struct session_bed *bed, int32_t stream_id)
{
    session_bed_put(bed, NGHTTP2_DATA, STREAM_END, stream_id, BED_BODY,
                    sizeof BED_BODY - 1);
}

static void
add_fault(struct session_bed *bed, const char *line)
{
    struct directive directive;
    char error[DIRECTIVE_MAX_ERROR];

    assert_true(directive_read(line, &directive, error));
    assert_true(faults_add(bed->sim.faults, &directive));
}

TEST(frames_may_be_split_anywhere)
{
    for (size_t piece = 1; piece < 40; piece++) {
        for (int m = 0; m < 2; m++) {
            struct session_bed *bed = session_bed_open(modes[m]);

            session_bed_put_start(bed);
            for (int32_t id = 1; id <= 5; id += 2)
                session_bed_put_push(bed, id);
            session_bed_feed(bed, piece);
            session_bed_expect(bed, NGHTTP2_SETTINGS, 0, 0);
            session_bed_expect(bed, NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0);
            for (int32_t id = 1; id <= 5; id += 2)
                session_bed_expect_accepted(bed, id);
            session_bed_expect_nothing(bed);
            session_bed_close(bed);
        }
    }
}

TEST(padding_and_priority_are_skipped)
{
    uint8_t payload[1024] = {7, 0, 0, 0, 0, 15};
    uint8_t data[64] = {3};
    size_t len;

    len = 6 + session_bed_block(payload + 6, "", NULL) + 7;
    memcpy(data + 1, BED_BODY, sizeof BED_BODY - 1);
    for (int m = 0; m < 2; m++) {
        struct session_bed *bed = session_bed_open_settled(modes[m]);

        session_bed_put(bed, NGHTTP2_HEADERS,
                        HEADERS_END | NGHTTP2_FLAG_PADDED |
                            NGHTTP2_FLAG_PRIORITY,
                        1, payload, len);
        session_bed_put(bed, NGHTTP2_DATA, STREAM_END | NGHTTP2_FLAG_PADDED, 1,
                        data, 1 + sizeof BED_BODY - 1 + 3);
        session_bed_feed(bed, SIZE_MAX);
        session_bed_expect_accepted(bed, 1);
        session_bed_expect_nothing(bed);
        session_bed_close(bed);
    }
}

TEST(a_block_may_go_on_in_continuation)
{
    uint8_t block[1024];
    size_t len = session_bed_block(block, "", NULL);

    for (size_t cut = 0; cut <= len; cut++) {
        struct session_bed *bed = session_bed_open_settled(modes[cut % 2]);

        session_bed_put(bed, NGHTTP2_HEADERS, 0, 1, block, cut);
        session_bed_put(bed, NGHTTP2_CONTINUATION, 0, 1, NULL, 0);
        session_bed_put(bed, NGHTTP2_CONTINUATION, HEADERS_END, 1, block + cut,
                        len - cut);
        put_body(bed, 1);
        session_bed_feed(bed, SIZE_MAX);
        session_bed_expect_accepted(bed, 1);
        session_bed_expect_nothing(bed);
        session_bed_close(bed);
    }
}

TEST(streams_may_be_interleaved_and_bodies_split)
{
    const size_t half = 9, len = sizeof BED_BODY - 1;

    for (int m = 0; m < 2; m++) {
        struct session_bed *bed = session_bed_open_settled(modes[m]);

        for (int32_t id = 1; id <= 7; id += 2)
            session_bed_put_headers(bed, id);
        for (int32_t id = 7; id >= 1; id -= 2)
            session_bed_put(bed, NGHTTP2_DATA, 0, id, BED_BODY, half);
        for (int32_t id = 1; id <= 7; id += 2)
            session_bed_put(bed, NGHTTP2_DATA, 0, id, NULL, 0);
        for (int32_t id = 7; id >= 1; id -= 2) {
            session_bed_put(bed, NGHTTP2_DATA, 0, id, &BED_BODY[half],
                            len - half);
            session_bed_put(bed, NGHTTP2_DATA, STREAM_END, id, NULL, 0);
        }
        session_bed_feed(bed, SIZE_MAX);
        for (int32_t id = 7; id >= 1; id -= 2)
            session_bed_expect_accepted(bed, id);
        session_bed_expect_nothing(bed);
        session_bed_close(bed);
    }
}

TEST(what_does_not_matter_is_ignored)
{
    static const uint8_t priority[] = {0, 0, 0, 0, 15};
    struct session_bed *bed = session_bed_open_settled(SIM_STRICT);
    uint8_t setting[6] = {0x7f, 0xff, 1, 2, 3, 4};

    session_bed_put(bed, NGHTTP2_PRIORITY, 0, 99, priority, sizeof priority);
    session_bed_put(bed, 0x10, 0, 0, "\0\0\0\1u=1", 7); /* PRIORITY_UPDATE */
    session_bed_put(bed, 0xfa, 0xff, 3, "x", 1);
    session_bed_put(bed, NGHTTP2_PING, NGHTTP2_FLAG_ACK, 0, "12345678", 8);
    session_bed_put(bed, NGHTTP2_SETTINGS, 0, 0, setting, sizeof setting);
    session_bed_put_push(bed, 1);
    session_bed_put(bed, NGHTTP2_RST_STREAM, 0, 1, "\0\0\0\10", 4);
    session_bed_put(bed, NGHTTP2_WINDOW_UPDATE, 0, 1, "\0\0\0\1", 4);
    session_bed_feed(bed, SIZE_MAX);
    session_bed_expect(bed, NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0);
    session_bed_expect_accepted(bed, 1);
    session_bed_expect_nothing(bed);
    session_bed_close(bed);
}

TEST(pings_are_answered_with_their_bytes)
{
    for (int m = 0; m < 2; m++) {
        struct session_bed *bed = session_bed_open_settled(modes[m]);

        session_bed_put(bed, NGHTTP2_PING, 0, 0, "12345678", 8);
        session_bed_feed(bed, SIZE_MAX);
        session_bed_expect(bed, NGHTTP2_PING, NGHTTP2_FLAG_ACK, 0);
        assert_memory_equal(bed->frame.payload, "12345678", 8);
        session_bed_close(bed);
    }
}

TEST(trailers_end_a_request)
{
    struct session_bed *bed = session_bed_open_settled(SIM_STRICT);
    uint8_t block[128];

    session_bed_put_headers(bed, 1);
    session_bed_put(bed, NGHTTP2_DATA, 0, 1, BED_BODY, sizeof BED_BODY - 1);
    /* Of which APNs sees nothing: else it would be a duplicate. */
    session_bed_put(bed, NGHTTP2_HEADERS, HEADERS_END | STREAM_END, 1, block,
                    session_bed_literal(block, "apns-topic", "x"));
    session_bed_feed(bed, SIZE_MAX);
    session_bed_expect_accepted(bed, 1);
    session_bed_expect_nothing(bed);
    session_bed_close(bed);
}

TEST(the_ledger_gets_the_token)
{
    static const uint8_t token[] = {
        0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb,
        0xcc, 0xdd, 0xee, 0xff, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef};
    struct session_bed *bed = session_bed_open_settled(SIM_STRICT);

    session_bed_put_push(bed, 1);
    session_bed_put_headers(bed, 3);
    session_bed_put(bed, NGHTTP2_DATA, STREAM_END, 3, "{}", 2);
    session_bed_feed(bed, SIZE_MAX);
    assert_int_equal(ledger_get(bed->sim.ledger, token, sizeof token).accepted,
                     1);
    assert_string_equal(
        ledger_get(bed->sim.ledger, token, sizeof token).last_reason,
        "BadPayload");
    session_bed_close(bed);
}

TEST(each_status_is_answered_with_its_reason)
{
    static const struct {
        const char *name, *value, *status, *body;
    } cases[] = {
        {"apns-topic", "com.apple.mgmt.x", "400",
         "{\"reason\":\"TopicDisallowed\"}"},
        {":method", "GET", "405", "{\"reason\":\"MethodNotAllowed\"}"},
        {":path", "/", "404", "{\"reason\":\"BadPath\"}"},
        {":path", "/3/device/0g", "400", "{\"reason\":\"BadDeviceToken\"}"},
    };
    struct session_bed *bed = session_bed_open_settled(SIM_STRICT);
    uint8_t block[512];

    for (int32_t i = 0; i < (int32_t)(sizeof cases / sizeof cases[0]); i++) {
        int32_t id = 2 * i + 1;

        session_bed_put(
            bed, NGHTTP2_HEADERS, HEADERS_END, id, block,
            session_bed_block(block, cases[i].name, cases[i].value));
        put_body(bed, id);
        session_bed_feed(bed, SIZE_MAX);
        session_bed_expect_status(bed, id, cases[i].status);
        session_bed_expect(bed, NGHTTP2_DATA, STREAM_END, id);
        assert_int_equal(bed->frame.len, strlen(cases[i].body));
        assert_memory_equal(bed->frame.payload, cases[i].body, bed->frame.len);
    }
    session_bed_close(bed);
}

TEST(a_clients_id_comes_back_as_it_was)
{
    static const char id[] = "ec1bf194-b3b2-424a-89a9-5a918a6e6b5f";
    struct session_bed *bed = session_bed_open_settled(SIM_STRICT);
    uint8_t block[512];

    session_bed_put(bed, NGHTTP2_HEADERS, HEADERS_END, 1, block,
                    session_bed_block(block, "apns-id", id));
    put_body(bed, 1);
    session_bed_feed(bed, SIZE_MAX);
    session_bed_expect_accepted(bed, 1);
    assert_non_null(
        memmem(bed->frame.payload, bed->frame.len, id, sizeof id - 1));
    session_bed_close(bed);
}

/* Bodies far beyond every window: they are read, and given credit for. */
TEST(large_bodies_are_read_to_their_end)
{
    static const uint8_t piece[10000];
    struct session_bed *bed = session_bed_open_settled(SIM_STRICT);
    uint32_t sent = 0, on_stream = 0, on_connection = 0;

    session_bed_put_headers(bed, 1);
    for (int i = 0; i < 40; i++) {
        session_bed_put(bed, NGHTTP2_DATA, i == 39 ? STREAM_END : 0, 1, piece,
                        sizeof piece);
        session_bed_feed(bed, 5000);
        sent += sizeof piece;
        while (i < 39 && session_bed_next(bed)) {
            uint32_t by = frame_get_u32(bed->frame.payload);

            assert_int_equal(bed->frame.type, NGHTTP2_WINDOW_UPDATE);
            if (bed->frame.stream_id == 0)
                on_connection += by;
            else
                on_stream += by;
            assert_true(on_connection <= sent && on_stream <= sent);
        }
        assert_true(sent - on_connection < 30000 && sent - on_stream < 30000);
    }
    session_bed_expect_status(bed, 1, "413");
    session_bed_close(bed);
}

/*
 * What the client allows us.
 */

static void
put_setting(struct session_bed *bed, uint16_t id, uint32_t value)
{
    uint8_t setting[6];

    frame_put_u16(setting, id);
    frame_put_u32(setting + 2, value);
    session_bed_put(bed, NGHTTP2_SETTINGS, 0, 0, setting, sizeof setting);
    session_bed_feed(bed, SIZE_MAX);
    session_bed_expect(bed, NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0);
}

static void
put_update(struct session_bed *bed, int32_t stream_id, uint32_t by)
{
    uint8_t payload[4];

    frame_put_u32(payload, by);
    session_bed_put(bed, NGHTTP2_WINDOW_UPDATE, 0, stream_id, payload, 4);
    session_bed_feed(bed, SIZE_MAX);
}

TEST(a_body_waits_for_its_streams_window)
{
    for (int m = 0; m < 2; m++) {
        struct session_bed *bed = session_bed_open_settled(modes[m]);

        add_fault(bed, "answer 503 ServiceUnavailable");
        put_setting(bed, NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0);
        session_bed_put_push(bed, 1);
        session_bed_put_push(bed, 3);
        session_bed_feed(bed, SIZE_MAX);
        session_bed_expect_status(bed, 1, "503");
        assert_int_equal(bed->frame.flags, HEADERS_END);
        session_bed_expect_status(bed, 3, "503");
        session_bed_expect_nothing(bed);
        put_update(bed, 3, 10);
        session_bed_expect(bed, NGHTTP2_DATA, 0, 3);
        assert_memory_equal(bed->frame.payload, "{\"reason\":", 10);
        put_update(bed, 1, 1000);
        session_bed_expect(bed, NGHTTP2_DATA, STREAM_END, 1);
        session_bed_expect_nothing(bed);
        put_setting(bed, NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 5);
        session_bed_expect(bed, NGHTTP2_DATA, 0, 3);
        assert_int_equal(bed->frame.len, 5);
        put_setting(bed, NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 65535);
        session_bed_expect(bed, NGHTTP2_DATA, STREAM_END, 3);
        assert_int_equal(bed->frame.len, 31 - 15);
        session_bed_expect_nothing(bed);
        assert_int_equal(bed->peer.session->streams.n, 0);
        session_bed_close(bed);
    }
}

TEST(a_body_waits_for_the_connections_window)
{
    struct session_bed *bed = session_bed_open_settled(SIM_STRICT);
    uint32_t n = 0;
    int32_t id;

    add_fault(bed, "answer 503 ServiceUnavailable");
    for (id = 1; bed->peer.session->n_waiting == 0; id += 2) {
        session_bed_put_push(bed, id);
        session_bed_feed(bed, SIZE_MAX);
        while (session_bed_next(bed))
            n += bed->frame.type == NGHTTP2_DATA ? bed->frame.len : 0;
    }
    assert_int_equal(n, 65535);
    put_update(bed, 0, 1000);
    session_bed_expect(bed, NGHTTP2_DATA, STREAM_END, id - 2);
    session_bed_expect_nothing(bed);
    session_bed_close(bed);
}

TEST(a_smaller_table_is_obeyed)
{
    for (int m = 0; m < 2; m++) {
        struct session_bed *bed = session_bed_open_settled(modes[m]);

        put_setting(bed, NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, 100);
        /* From now on it refuses blocks that do not say so. */
        nghttp2_hd_inflate_change_table_size(bed->inflater, 100);
        session_bed_put_push(bed, 1);
        session_bed_put_push(bed, 3);
        session_bed_feed(bed, SIZE_MAX);
        session_bed_expect_accepted(bed, 1);
        session_bed_expect_accepted(bed, 3);
        session_bed_expect_nothing(bed);
        session_bed_close(bed);
    }
}

TEST(a_client_that_leaves_is_answered_first)
{
    static const uint8_t goaway[8];
    struct session_bed *bed = session_bed_open_settled(SIM_STRICT);

    session_bed_put_headers(bed, 1);
    session_bed_put(bed, NGHTTP2_GOAWAY, 0, 0, goaway, sizeof goaway);
    session_bed_feed(bed, SIZE_MAX);
    assert_false(sim_session_is_over(bed->peer.session));
    put_body(bed, 1);
    session_bed_feed(bed, SIZE_MAX);
    session_bed_expect_accepted(bed, 1);
    assert_true(sim_session_is_over(bed->peer.session));
    session_bed_close(bed);
}

TEST(a_cancelled_request_is_forgotten)
{
    struct session_bed *bed = session_bed_open_settled(SIM_STRICT);

    session_bed_put_headers(bed, 1);
    session_bed_put(bed, NGHTTP2_RST_STREAM, 0, 1, "\0\0\0\10", 4);
    session_bed_put_push(bed, 3);
    session_bed_feed(bed, SIZE_MAX);
    session_bed_expect_accepted(bed, 3);
    session_bed_expect_nothing(bed);
    assert_int_equal(bed->peer.session->streams.n, 0);
    session_bed_close(bed);
}
