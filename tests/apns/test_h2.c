/* SPDX-License-Identifier: MIT */

/* The client's session against nghttp2's own server side, in memory. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "apns/h2.h"

#define N_SLOTS 600

struct bed {
    struct h2mem mem;
    struct slot_pool slots;
    struct h2 *h2;
    nghttp2_session *server;
    uint32_t streams_max; /* as on_settings saw it */
    uint32_t n_settings;
    uint32_t n_acks;
    uint32_t n_goaways;
    char goaway_text[64];
    uint32_t n_ends[3]; /* by enum h2_end */
    struct slot *ended[N_SLOTS];
    uint32_t n_ended;
    size_t n_to_server; /* bytes */
    /* What the server saw last, and what it does. */
    bool is_silent;
    bool refuses;
    int32_t requests[N_SLOTS];
    uint32_t n_requests;
    char path[600];
    char topic[64];
    char expiration[24];
    char body[64];
    size_t body_len;
    bool is_body_over; /* the next byte begins another */
};

static struct bed bed;

static void
on_settings(void *arg)
{
    struct bed *b = arg;

    b->n_settings++;
    b->streams_max = h2_streams_max(b->h2);
}

static void
on_goaway(void *arg, const struct h2_goaway *goaway)
{
    struct bed *b = arg;

    b->n_goaways++;
    assert_true(goaway->text_len < sizeof b->goaway_text);
    if (goaway->text_len > 0)
        memcpy(b->goaway_text, goaway->text, goaway->text_len);
    b->goaway_text[goaway->text_len] = '\0';
}

static void
on_ping_ack(void *arg)
{
    struct bed *b = arg;

    b->n_acks++;
}

static void
on_end(void *arg, struct slot *slot, enum h2_end end)
{
    struct bed *b = arg;

    b->n_ends[end]++;
    b->ended[b->n_ended++ % N_SLOTS] = slot;
}

static const struct h2_hooks hooks = {on_settings, on_goaway, on_ping_ack,
                                      on_end};

/* The server. */

static int
on_server_header(nghttp2_session *session, const nghttp2_frame *frame,
                 const uint8_t *name, size_t name_len, const uint8_t *value,
                 size_t value_len, uint8_t flags, void *arg)
{
    struct bed *b = arg;

    (void)session;
    (void)frame;
    (void)flags;
    (void)name_len;
    if (strcmp((const char *)name, ":path") == 0)
        memcpy(b->path, value, value_len + 1);
    if (strcmp((const char *)name, "apns-topic") == 0)
        memcpy(b->topic, value, value_len + 1);
    if (strcmp((const char *)name, "apns-expiration") == 0)
        memcpy(b->expiration, value, value_len + 1);
    return 0;
}

static int
on_server_data(nghttp2_session *session, uint8_t flags, int32_t stream_id,
               const uint8_t *bytes, size_t len, void *arg)
{
    struct bed *b = arg;

    (void)session;
    (void)flags;
    (void)stream_id;
    if (b->is_body_over)
        b->body_len = 0;
    b->is_body_over = false;
    assert_true(b->body_len + len < sizeof b->body);
    memcpy(b->body + b->body_len, bytes, len);
    b->body_len += len;
    b->body[b->body_len] = '\0';
    return 0;
}

#define NV(n, v)                                                         \
    {                                                                    \
        (uint8_t *)(uintptr_t)(n), (uint8_t *)(uintptr_t)(v), strlen(n), \
            strlen(v), NGHTTP2_NV_FLAG_NONE                              \
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

static void
answer(int32_t id, const char *status)
{
    const nghttp2_nv nva[] = {
        NV(":status", status),
        NV("apns-id", "EEE1A1B2-0000-4000-8000-00000000ABCD"),
        NV("retry-after", "17"),
    };
    nghttp2_data_provider provider = {.read_callback = on_read_reason};

    assert_int_equal(
        nghttp2_submit_response(bed.server, id, nva, 3,
                                strcmp(status, "200") == 0 ? NULL : &provider),
        0);
}

static int
on_server_frame(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    struct bed *b = arg;

    if ((frame->hd.type != NGHTTP2_DATA && frame->hd.type != NGHTTP2_HEADERS) ||
        (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0)
        return 0;
    b->is_body_over = true;
    b->requests[b->n_requests++ % N_SLOTS] = frame->hd.stream_id;
    if (b->refuses)
        return nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE,
                                         frame->hd.stream_id,
                                         NGHTTP2_REFUSED_STREAM);
    if (!b->is_silent)
        answer(frame->hd.stream_id, "200");
    return 0;
}

static void
open_server(void)
{
    nghttp2_session_callbacks *callbacks;

    assert_int_equal(nghttp2_session_callbacks_new(&callbacks), 0);
    nghttp2_session_callbacks_set_on_header_callback(callbacks,
                                                     on_server_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks,
                                                              on_server_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks,
                                                         on_server_frame);
    assert_int_equal(nghttp2_session_server_new(&bed.server, callbacks, &bed),
                     0);
    nghttp2_session_callbacks_del(callbacks);
}

static void
set_limit(uint32_t limit)
{
    const nghttp2_settings_entry entry = {
        NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limit};

    assert_int_equal(
        nghttp2_submit_settings(bed.server, NGHTTP2_FLAG_NONE, &entry, 1), 0);
}

/* Carry bytes to and fro until nobody has any. */
static void
exchange(void)
{
    static uint8_t buf[16384];
    const char *what = "";
    bool has_moved = true;

    while (has_moved) {
        const uint8_t *bytes;
        ssize_t n;
        size_t len;

        has_moved = false;
        assert_true(h2_output(bed.h2, buf, sizeof buf, &len));
        if (len > 0) {
            has_moved = true;
            bed.n_to_server += len;
            assert_int_equal(nghttp2_session_mem_recv(bed.server, buf, len),
                             len);
        }
        while ((n = nghttp2_session_mem_send(bed.server, &bytes)) > 0) {
            has_moved = true;
            assert_true(h2_receive(bed.h2, bytes, (size_t)n, &what));
        }
    }
}

static struct slot *
push(void)
{
    static const uint8_t token[32] = {0xab};
    const struct apns_push one = {
        .topic = "t", .token = token, .token_len = 32, .magic = "M"};
    struct slot *slot;

    assert_int_equal(slot_take(&bed.slots, &one, &slot), APNS_OK);
    slot->state = SLOT_FLYING;
    slot->expires_unix = 1700000040;
    assert_true(h2_submit(bed.h2, slot));
    return slot;
}

static void
give_ended(void)
{
    for (uint32_t i = 0; i < bed.n_ended; i++)
        slot_give(&bed.slots, bed.ended[i]);
    bed.n_ended = 0;
}

static int
set_up(void **state)
{
    const struct h2_config config = {
        .authority = "api.push.apple.com",
        .topic = "com.apple.mgmt.External.x",
        .streams_max = 500,
        .mem = &bed.mem,
        .slots = &bed.slots,
    };

    (void)state;
    memset(&bed, 0, sizeof bed);
    h2mem_init(&bed.mem);
    slot_pool_init(&bed.slots, N_SLOTS);
    bed.h2 = h2_new(&config, &hooks, &bed);
    assert_non_null(bed.h2);
    open_server();
    set_limit(100);
    exchange();
    return 0;
}

static int
tear_down(void **state)
{
    struct slot *slot;

    (void)state;
    while ((slot = h2_take(bed.h2)) != NULL)
        slot_give(&bed.slots, slot);
    give_ended();
    h2_free(bed.h2);
    nghttp2_session_del(bed.server);
    slot_pool_fini(&bed.slots);
    h2mem_fini(&bed.mem);
    return 0;
}

static void
nothing_may_be_sent_before_settings(void **state)
{
    const struct h2_config config = {.authority = "a",
                                     .topic = "t",
                                     .streams_max = 10,
                                     .mem = &bed.mem,
                                     .slots = &bed.slots};
    struct h2 *fresh = h2_new(&config, &hooks, &bed);

    (void)state;
    assert_int_equal(h2_room(fresh), 0);
    h2_free(fresh);
}

static void
request_is_what_apns_asks_for(void **state)
{
    char hex[10 + 64 + 1] = SLOT_PATH_PREFIX "ab";

    (void)state;
    memset(hex + 12, '0', 62);
    push();
    exchange();
    assert_int_equal(bed.n_ends[H2_ANSWERED], 1);
    assert_int_equal(bed.ended[0]->status, 200);
    assert_string_equal(bed.ended[0]->apns_id,
                        "EEE1A1B2-0000-4000-8000-00000000ABCD");
    assert_int_equal(bed.ended[0]->retry_after_s, 17);
    assert_string_equal(bed.path, hex);
    assert_string_equal(bed.topic, "com.apple.mgmt.External.x");
    assert_string_equal(bed.expiration, "1700000040");
    assert_string_equal(bed.body, "{\"mdm\":\"M\"}");
    assert_int_equal(h2_in_flight(bed.h2), 0);
}

static void
apns_id_that_could_break_a_log_line_is_refused(void **state)
{
    static const char *const wrong[] = {
        "EEE1A1B2 0000",
        "EEE1A1B2\n0000",
        "=",
        "EEE1A1B2-0000-4000-8000-00000000ABCD\"",
        "{EEE1A1B2-0000-4000-8000-00000000ABC}",
        "EEE1A1B2-0000-4000-8000-00000000ABC\xc3",
        "@EE1A1B2-0000-4000-8000-00000000ABCD/:[`",
    };

    (void)state;
    bed.is_silent = true;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const nghttp2_nv nva[] = {NV(":status", "200"),
                                  NV("apns-id", wrong[i])};

        push();
        exchange();
        assert_int_equal(
            nghttp2_submit_response(bed.server, bed.requests[i], nva, 2, NULL),
            0);
        exchange();
        assert_int_equal(bed.n_ended, i + 1);
        assert_int_equal(bed.ended[i]->status, 200);
        assert_string_equal(bed.ended[i]->apns_id, "");
    }
}

static void
apns_id_of_every_plain_character_is_kept(void **state)
{
    static const char id[] = "09AZaz-8byGHIJKLMNOPQRSTUVWXYcdefghijklmnopqrst";
    const nghttp2_nv nva[] = {NV(":status", "200"), NV("apns-id", id)};

    (void)state;
    assert_int_equal(sizeof id - 1, SLOT_MAX_APNS_ID);
    bed.is_silent = true;
    push();
    exchange();
    assert_int_equal(
        nghttp2_submit_response(bed.server, bed.requests[0], nva, 2, NULL), 0);
    exchange();
    assert_string_equal(bed.ended[0]->apns_id, id);
}

/* nghttp2 is told not to look at headers: what is wrong with them must not
 * become an answer. */
static void
answer_without_status_is_none(void **state)
{
    const nghttp2_nv nva[] = {NV("apns-id", "EEE1A1B2"), NV(":status", "2x0")};

    (void)state;
    bed.is_silent = true;
    push();
    push();
    exchange();
    for (uint32_t i = 0; i < 2; i++)
        assert_int_equal(
            nghttp2_submit_headers(bed.server, NGHTTP2_FLAG_END_STREAM,
                                   bed.requests[i], NULL, nva, 1 + i, NULL),
            0);
    exchange();
    assert_int_equal(bed.n_ends[H2_ANSWERED], 0);
    assert_int_equal(bed.n_ends[H2_RESET], 2);
}

static void
refusal_brings_its_body(void **state)
{
    (void)state;
    bed.is_silent = true;
    push();
    exchange();
    answer(bed.requests[0], "400");
    exchange();
    assert_int_equal(bed.ended[0]->status, 400);
    assert_int_equal(bed.ended[0]->answer->len, 27);
}

static void
constant_headers_cost_a_byte_each(void **state)
{
    size_t first;

    (void)state;
    push();
    exchange();
    first = bed.n_to_server;
    bed.n_to_server = 0;
    push();
    exchange();
    /* Frame headers 18, path 60 or less, body 11, seven bytes of headers. */
    assert_true(bed.n_to_server <= 18 + 60 + 11 + 10);
    assert_true(bed.n_to_server < first);
}

static void
limit_is_live_in_both_directions(void **state)
{
    (void)state;
    assert_int_equal(bed.n_settings, 1);
    assert_int_equal(h2_room(bed.h2), 100);
    set_limit(1);
    exchange();
    assert_int_equal(h2_room(bed.h2), 1);
    set_limit(0);
    exchange();
    assert_int_equal(h2_room(bed.h2), 0);
    set_limit(4000);
    exchange();
    assert_int_equal(h2_room(bed.h2), 500); /* our own limit */
    bed.is_silent = true;
    for (int i = 0; i < 10; i++)
        push();
    exchange();
    assert_int_equal(h2_room(bed.h2), 490);
    set_limit(5);
    exchange();
    assert_int_equal(h2_room(bed.h2), 0);
    assert_int_equal(h2_in_flight(bed.h2), 10);
}

static void
refused_streams_are_unprocessed(void **state)
{
    (void)state;
    bed.refuses = true;
    for (int i = 0; i < 5; i++)
        push();
    exchange();
    assert_int_equal(bed.n_ends[H2_UNPROCESSED], 5);
}

static void
goaway_ends_only_streams_above_its_last(void **state)
{
    static const char text[] = "{\"reason\":\"Shutdown\"}";

    (void)state;
    bed.is_silent = true;
    for (int i = 0; i < 6; i++)
        push();
    exchange();
    assert_int_equal(nghttp2_submit_goaway(bed.server, NGHTTP2_FLAG_NONE,
                                           bed.requests[3], NGHTTP2_NO_ERROR,
                                           (const uint8_t *)text,
                                           sizeof text - 1),
                     0);
    exchange();
    assert_int_equal(bed.n_goaways, 1);
    assert_string_equal(bed.goaway_text, text);
    assert_int_equal(bed.n_ends[H2_UNPROCESSED], 2);
    assert_int_equal(h2_in_flight(bed.h2), 4);
    for (int i = 0; i < 4; i++)
        answer(bed.requests[i], "200");
    exchange();
    assert_int_equal(bed.n_ends[H2_ANSWERED], 4);
    assert_true(h2_is_over(bed.h2));
}

static void
reset_stream_has_no_answer(void **state)
{
    (void)state;
    bed.is_silent = true;
    push();
    exchange();
    nghttp2_submit_rst_stream(bed.server, NGHTTP2_FLAG_NONE, bed.requests[0],
                              NGHTTP2_INTERNAL_ERROR);
    exchange();
    assert_int_equal(bed.n_ends[H2_RESET], 1);
}

static void
cancelled_push_never_ends_and_frees_its_stream(void **state)
{
    struct slot *slot;

    (void)state;
    bed.is_silent = true;
    slot = push();
    exchange();
    h2_cancel(bed.h2, slot);
    slot_give(&bed.slots, slot);
    assert_int_equal(h2_in_flight(bed.h2), 0);
    answer(bed.requests[0], "200"); /* crosses the reset */
    exchange();
    assert_int_equal(bed.n_ended, 0);
    bed.is_silent = false;
    push();
    exchange();
    assert_int_equal(bed.n_ends[H2_ANSWERED], 1);
}

static void
cancel_before_anything_was_sent_is_fine(void **state)
{
    struct slot *slot;

    (void)state;
    slot = push();
    h2_cancel(bed.h2, slot);
    slot_give(&bed.slots, slot);
    exchange();
    assert_int_equal(bed.n_ended, 0);
    push();
    exchange();
    assert_int_equal(bed.n_ends[H2_ANSWERED], 1);
}

static void
ping_is_acknowledged(void **state)
{
    (void)state;
    h2_ping(bed.h2);
    exchange();
    assert_int_equal(bed.n_acks, 1);
}

static void
garbage_breaks_the_session(void **state)
{
    static const uint8_t frame[] = {0, 0, 1, 6, 0, 0, 0, 0, 0, 0};
    const char *what = "";
    static uint8_t buf[1024];
    size_t len;

    (void)state;
    /* A PING of one byte: a connection error, said with a GOAWAY. */
    (void)h2_receive(bed.h2, frame, sizeof frame, &what);
    assert_true(h2_output(bed.h2, buf, sizeof buf, &len));
    assert_true(h2_is_over(bed.h2));
}

static void
old_stream_is_found_while_thousands_pass(void **state)
{
    struct slot *old;

    (void)state;
    bed.is_silent = true;
    old = push();
    exchange();
    bed.is_silent = false;
    /* Ids pass the ring many times over. */
    for (int i = 0; i < 2500; i++) {
        push();
        exchange();
        give_ended();
    }
    assert_int_equal(bed.n_ends[H2_ANSWERED], 2500);
    answer(old->stream_id, "200");
    exchange();
    assert_int_equal(bed.n_ends[H2_ANSWERED], 2501);
    assert_ptr_equal(bed.ended[0], old);
}

static void
output_may_be_taken_in_any_pieces(void **state)
{
    uint8_t buf[7];
    size_t len = sizeof buf;

    (void)state;
    push();
    while (len == sizeof buf) {
        assert_true(h2_output(bed.h2, buf, sizeof buf, &len));
        assert_int_equal(nghttp2_session_mem_recv(bed.server, buf, len), len);
    }
    exchange();
    assert_int_equal(bed.n_ends[H2_ANSWERED], 1);
    assert_string_equal(bed.body, "{\"mdm\":\"M\"}");
}

static void
steady_state_allocates_nothing(void **state)
{
    uint64_t n_malloc = 0;
    uint32_t n_slots = 0;

    (void)state;
    for (int round = 0; round < 50; round++) {
        if (round == 5) {
            n_malloc = bed.mem.n_malloc;
            n_slots = bed.slots.n_slots;
        }
        for (int i = 0; i < 100; i++)
            push();
        exchange();
        assert_int_equal(bed.n_ended, 100);
        give_ended();
    }
    assert_true(n_malloc > 0);
    assert_int_equal(bed.mem.n_malloc, n_malloc);
    assert_int_equal(bed.slots.n_slots, n_slots);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(nothing_may_be_sent_before_settings),
        TEST(request_is_what_apns_asks_for),
        TEST(apns_id_that_could_break_a_log_line_is_refused),
        TEST(apns_id_of_every_plain_character_is_kept),
        TEST(answer_without_status_is_none),
        TEST(refusal_brings_its_body),
        TEST(constant_headers_cost_a_byte_each),
        TEST(limit_is_live_in_both_directions),
        TEST(refused_streams_are_unprocessed),
        TEST(goaway_ends_only_streams_above_its_last),
        TEST(reset_stream_has_no_answer),
        TEST(cancelled_push_never_ends_and_frees_its_stream),
        TEST(cancel_before_anything_was_sent_is_fine),
        TEST(ping_is_acknowledged),
        TEST(garbage_breaks_the_session),
        TEST(old_stream_is_found_while_thousands_pass),
        TEST(output_may_be_taken_in_any_pieces),
        TEST(steady_state_allocates_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
