/* SPDX-License-Identifier: MIT */

/* What the session sends, and what it holds meanwhile. */

#include "h2_bed.h"
#include "tests/support/unit.h"

#include <string.h>

EACH(h2_bed_set_up, h2_bed_tear_down);

TEST(nothing_may_be_sent_before_settings)
{
    struct h2_bed *bed = *state;
    const struct h2_config config = {.authority = "a",
                                     .topic = "t",
                                     .streams_max = 10,
                                     .mem = &bed->mem,
                                     .slots = &bed->slots};
    struct h2 *fresh = h2_new(&config, &h2_bed_hooks, bed);

    assert_int_equal(h2_room(fresh), 0);
    h2_free(fresh);
}

TEST(request_is_what_apns_asks_for)
{
    struct h2_bed *bed = *state;
    char hex[10 + 64 + 1] = SLOT_PATH_PREFIX "ab";

    memset(hex + 12, '0', 62);
    h2_bed_push(bed);
    h2_bed_exchange(bed);
    assert_int_equal(bed->n_ends[H2_ANSWERED], 1);
    assert_int_equal(bed->ended[0]->status, 200);
    assert_string_equal(bed->ended[0]->apns_id,
                        "EEE1A1B2-0000-4000-8000-00000000ABCD");
    assert_int_equal(bed->ended[0]->retry_after_s, 17);
    assert_string_equal(bed->path, hex);
    assert_string_equal(bed->topic, "com.apple.mgmt.External.x");
    assert_string_equal(bed->expiration, "1700000040");
    assert_string_equal(bed->body, "{\"mdm\":\"M\"}");
    assert_int_equal(h2_in_flight(bed->h2), 0);
}

TEST(constant_headers_cost_a_byte_each)
{
    struct h2_bed *bed = *state;
    size_t first;

    h2_bed_push(bed);
    h2_bed_exchange(bed);
    first = bed->n_to_server;
    bed->n_to_server = 0;
    h2_bed_push(bed);
    h2_bed_exchange(bed);
    /* Frame headers 18, path 60 or less, body 11, seven bytes of headers. */
    assert_true(bed->n_to_server <= 18 + 60 + 11 + 10);
    assert_true(bed->n_to_server < first);
}

TEST(cancelled_push_never_ends_and_frees_its_stream)
{
    struct h2_bed *bed = *state;
    struct slot *slot;

    bed->is_silent = true;
    slot = h2_bed_push(bed);
    h2_bed_exchange(bed);
    h2_cancel(bed->h2, slot);
    slot_give(&bed->slots, slot);
    assert_int_equal(h2_in_flight(bed->h2), 0);
    h2_bed_answer(bed, bed->requests[0], "200"); /* crosses the reset */
    h2_bed_exchange(bed);
    assert_int_equal(bed->n_ended, 0);
    bed->is_silent = false;
    h2_bed_push(bed);
    h2_bed_exchange(bed);
    assert_int_equal(bed->n_ends[H2_ANSWERED], 1);
}

TEST(cancel_before_anything_was_sent_is_fine)
{
    struct h2_bed *bed = *state;
    struct slot *slot;

    slot = h2_bed_push(bed);
    h2_cancel(bed->h2, slot);
    slot_give(&bed->slots, slot);
    h2_bed_exchange(bed);
    assert_int_equal(bed->n_ended, 0);
    h2_bed_push(bed);
    h2_bed_exchange(bed);
    assert_int_equal(bed->n_ends[H2_ANSWERED], 1);
}

TEST(old_stream_is_found_while_thousands_pass)
{
    struct h2_bed *bed = *state;
    struct slot *old;

    bed->is_silent = true;
    old = h2_bed_push(bed);
    h2_bed_exchange(bed);
    bed->is_silent = false;
    /* Ids pass the ring many times over. */
    for (int i = 0; i < 2500; i++) {
        h2_bed_push(bed);
        h2_bed_exchange(bed);
        h2_bed_give_ended(bed);
    }
    assert_int_equal(bed->n_ends[H2_ANSWERED], 2500);
    h2_bed_answer(bed, old->stream_id, "200");
    h2_bed_exchange(bed);
    assert_int_equal(bed->n_ends[H2_ANSWERED], 2501);
    assert_ptr_equal(bed->ended[0], old);
}

TEST(output_may_be_taken_in_any_pieces)
{
    struct h2_bed *bed = *state;
    uint8_t buf[7];
    size_t len = sizeof buf;

    h2_bed_push(bed);
    while (len == sizeof buf) {
        assert_true(h2_output(bed->h2, buf, sizeof buf, &len));
        assert_int_equal(nghttp2_session_mem_recv(bed->server, buf, len), len);
    }
    h2_bed_exchange(bed);
    assert_int_equal(bed->n_ends[H2_ANSWERED], 1);
    assert_string_equal(bed->body, "{\"mdm\":\"M\"}");
}

TEST(steady_state_allocates_nothing)
{
    struct h2_bed *bed = *state;
    uint64_t n_malloc = 0;
    uint32_t n_slots = 0;

    for (int round = 0; round < 50; round++) {
        if (round == 5) {
            n_malloc = bed->mem.n_malloc;
            n_slots = bed->slots.n_slots;
        }
        for (int i = 0; i < 100; i++)
            h2_bed_push(bed);
        h2_bed_exchange(bed);
        assert_int_equal(bed->n_ended, 100);
        h2_bed_give_ended(bed);
    }
    assert_true(n_malloc > 0);
    assert_int_equal(bed->mem.n_malloc, n_malloc);
    assert_int_equal(bed->slots.n_slots, n_slots);
}

/* What is lost with a connection keeps its order. */
TEST(pushes_are_taken_back_oldest_first)
{
    struct h2_bed *bed = *state;
    struct slot *pushes[3];

    bed->is_silent = true;
    for (int i = 0; i < 3; i++)
        pushes[i] = h2_bed_push(bed);
    h2_bed_exchange(bed);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(h2_in_flight(bed->h2), 3 - i);
        assert_ptr_equal(h2_take(bed->h2), pushes[i]);
        slot_give(&bed->slots, pushes[i]);
    }
    assert_null(h2_take(bed->h2));
}
