/* SPDX-License-Identifier: MIT */

/* What the session makes of its peer's frames. */

#include "h2_bed.h"
#include "tests/support/unit.h"

EACH(h2_bed_set_up, h2_bed_tear_down);

TEST(apns_id_that_could_break_a_log_line_is_refused)
{
    struct h2_bed *bed = *state;
    static const char *const wrong[] = {
        "EEE1A1B2 0000",
        "EEE1A1B2\n0000",
        "=",
        "EEE1A1B2-0000-4000-8000-00000000ABCD\"",
        "{EEE1A1B2-0000-4000-8000-00000000ABC}",
        "EEE1A1B2-0000-4000-8000-00000000ABC\xc3",
        "@EE1A1B2-0000-4000-8000-00000000ABCD/:[`",
    };

    bed->is_silent = true;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const nghttp2_nv nva[] = {H2_BED_NV(":status", "200"),
                                  H2_BED_NV("apns-id", wrong[i])};

        h2_bed_push(bed);
        h2_bed_exchange(bed);
        assert_int_equal(nghttp2_submit_response(bed->server, bed->requests[i],
                                                 nva, 2, NULL),
                         0);
        h2_bed_exchange(bed);
        assert_int_equal(bed->n_ended, i + 1);
        assert_int_equal(bed->ended[i]->status, 200);
        assert_string_equal(bed->ended[i]->apns_id, "");
    }
}

TEST(apns_id_of_every_plain_character_is_kept)
{
    struct h2_bed *bed = *state;
    static const char id[] = "09AZaz-8byGHIJKLMNOPQRSTUVWXYcdefghijklmnopqrst";
    const nghttp2_nv nva[] = {H2_BED_NV(":status", "200"),
                              H2_BED_NV("apns-id", id)};

    assert_int_equal(sizeof id - 1, SLOT_MAX_APNS_ID);
    bed->is_silent = true;
    h2_bed_push(bed);
    h2_bed_exchange(bed);
    assert_int_equal(
        nghttp2_submit_response(bed->server, bed->requests[0], nva, 2, NULL),
        0);
    h2_bed_exchange(bed);
    assert_string_equal(bed->ended[0]->apns_id, id);
}

TEST(headers_as_long_as_ours_are_others)
{
    struct h2_bed *bed = *state;
    const nghttp2_nv nva[] = {
        H2_BED_NV(":status", "429"), H2_BED_NV("apns-id", "EEE1A1B2"),
        H2_BED_NV("retry-after", "7"), H2_BED_NV("apns-ix", "wrong"),
        H2_BED_NV("retry-aftex", "9")};

    bed->is_silent = true;
    h2_bed_push(bed);
    h2_bed_exchange(bed);
    assert_int_equal(
        nghttp2_submit_response(bed->server, bed->requests[0], nva, 5, NULL),
        0);
    h2_bed_exchange(bed);
    assert_int_equal(bed->ended[0]->status, 429);
    assert_string_equal(bed->ended[0]->apns_id, "EEE1A1B2");
    assert_int_equal(bed->ended[0]->retry_after_s, 7);
}

/* nghttp2 is told not to look at headers: what is wrong with them must not
 * become an answer. */
TEST(answer_without_status_is_none)
{
    struct h2_bed *bed = *state;
    const nghttp2_nv nva[] = {H2_BED_NV("apns-id", "EEE1A1B2"),
                              H2_BED_NV(":status", "2x0")};

    bed->is_silent = true;
    h2_bed_push(bed);
    h2_bed_push(bed);
    h2_bed_exchange(bed);
    for (uint32_t i = 0; i < 2; i++)
        assert_int_equal(
            nghttp2_submit_headers(bed->server, NGHTTP2_FLAG_END_STREAM,
                                   bed->requests[i], NULL, nva, 1 + i, NULL),
            0);
    h2_bed_exchange(bed);
    assert_int_equal(bed->n_ends[H2_ANSWERED], 0);
    assert_int_equal(bed->n_ends[H2_RESET], 2);
}

/* 65736 would be 200 in 16 bits. */
TEST(status_of_more_than_three_digits_is_none)
{
    struct h2_bed *bed = *state;
    const nghttp2_nv nva[] = {H2_BED_NV(":status", "65736")};

    bed->is_silent = true;
    h2_bed_push(bed);
    h2_bed_exchange(bed);
    assert_int_equal(
        nghttp2_submit_headers(bed->server, NGHTTP2_FLAG_END_STREAM,
                               bed->requests[0], NULL, nva, 1, NULL),
        0);
    h2_bed_exchange(bed);
    assert_int_equal(bed->n_ends[H2_RESET], 1);
    assert_int_equal(bed->n_ends[H2_ANSWERED], 0);
}

TEST(refusal_brings_its_body)
{
    struct h2_bed *bed = *state;

    bed->is_silent = true;
    h2_bed_push(bed);
    h2_bed_exchange(bed);
    h2_bed_answer(bed, bed->requests[0], "400");
    h2_bed_exchange(bed);
    assert_int_equal(bed->ended[0]->status, 400);
    assert_int_equal(bed->ended[0]->answer->len, 27);
}

TEST(limit_is_live_in_both_directions)
{
    struct h2_bed *bed = *state;

    assert_int_equal(bed->n_settings, 1);
    assert_int_equal(h2_room(bed->h2), 100);
    h2_bed_set_limit(bed, 1);
    h2_bed_exchange(bed);
    assert_int_equal(h2_room(bed->h2), 1);
    h2_bed_set_limit(bed, 0);
    h2_bed_exchange(bed);
    assert_int_equal(h2_room(bed->h2), 0);
    h2_bed_set_limit(bed, 4000);
    h2_bed_exchange(bed);
    assert_int_equal(h2_room(bed->h2), 500); /* our own limit */
    bed->is_silent = true;
    for (int i = 0; i < 10; i++)
        h2_bed_push(bed);
    h2_bed_exchange(bed);
    assert_int_equal(h2_room(bed->h2), 490);
    h2_bed_set_limit(bed, 5);
    h2_bed_exchange(bed);
    assert_int_equal(h2_room(bed->h2), 0);
    assert_int_equal(h2_in_flight(bed->h2), 10);
}

TEST(refused_streams_are_unprocessed)
{
    struct h2_bed *bed = *state;

    bed->refuses = true;
    for (int i = 0; i < 5; i++)
        h2_bed_push(bed);
    h2_bed_exchange(bed);
    assert_int_equal(bed->n_ends[H2_UNPROCESSED], 5);
}

TEST(goaway_ends_only_streams_above_its_last)
{
    struct h2_bed *bed = *state;
    static const char text[] = "{\"reason\":\"Shutdown\"}";

    bed->is_silent = true;
    for (int i = 0; i < 6; i++)
        h2_bed_push(bed);
    h2_bed_exchange(bed);
    assert_int_equal(nghttp2_submit_goaway(bed->server, NGHTTP2_FLAG_NONE,
                                           bed->requests[3], NGHTTP2_NO_ERROR,
                                           (const uint8_t *)text,
                                           sizeof text - 1),
                     0);
    h2_bed_exchange(bed);
    assert_int_equal(bed->n_goaways, 1);
    assert_string_equal(bed->goaway_text, text);
    assert_int_equal(bed->n_ends[H2_UNPROCESSED], 2);
    assert_int_equal(h2_in_flight(bed->h2), 4);
    for (int i = 0; i < 4; i++)
        h2_bed_answer(bed, bed->requests[i], "200");
    h2_bed_exchange(bed);
    assert_int_equal(bed->n_ends[H2_ANSWERED], 4);
    assert_true(h2_is_over(bed->h2));
}

TEST(reset_stream_has_no_answer)
{
    struct h2_bed *bed = *state;

    bed->is_silent = true;
    h2_bed_push(bed);
    h2_bed_exchange(bed);
    nghttp2_submit_rst_stream(bed->server, NGHTTP2_FLAG_NONE, bed->requests[0],
                              NGHTTP2_INTERNAL_ERROR);
    h2_bed_exchange(bed);
    assert_int_equal(bed->n_ends[H2_RESET], 1);
}

TEST(ping_is_acknowledged)
{
    struct h2_bed *bed = *state;

    h2_ping(bed->h2);
    h2_bed_exchange(bed);
    assert_int_equal(bed->n_acks, 1);
}

TEST(garbage_breaks_the_session)
{
    struct h2_bed *bed = *state;
    static const uint8_t frame[] = {0, 0, 1, 6, 0, 0, 0, 0, 0, 0};
    const char *what = "";
    static uint8_t buf[1024];
    size_t len;

    /* A PING of one byte: a connection error, said with a GOAWAY. */
    (void)h2_receive(bed->h2, frame, sizeof frame, &what);
    assert_true(h2_output(bed->h2, buf, sizeof buf, &len));
    assert_true(h2_is_over(bed->h2));
}
