/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "apns/push/deadline.h"
#include "apns/push/slot.h"
#include "tests/support/unit.h"

static const uint8_t token[APNS_MAX_TOKEN] = {0xde, 0xad, 0xbe, 0xef};
static struct slot_pool pool;
static struct deadlines deadlines;

static struct apns_push
make_push(size_t token_len, const char *magic)
{
    return (struct apns_push){
        .topic = "t",
        .token = token,
        .token_len = token_len,
        .magic = magic,
    };
}

static struct slot *
take(size_t token_len, const char *magic)
{
    struct apns_push push = make_push(token_len, magic);
    struct slot *slot;

    assert_int_equal(slot_take(&pool, &push, &slot), APNS_OK);
    slot->state = SLOT_QUEUED;
    return slot;
}

static int
set_up(void **state)
{
    (void)state;
    slot_pool_init(&pool, 1000);
    deadline_init(&deadlines);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    slot_pool_fini(&pool);
    return 0;
}

EACH(set_up, tear_down);

TEST(request_is_written_into_the_slot)
{
    static const char path[] = "/3/device/deadbeef";
    static const char body[] = "{\"mdm\":\"M\"}";
    struct slot *slot = take(4, "M");

    assert_int_equal(slot->path_len, sizeof path - 1);
    assert_memory_equal(slot->text, path, sizeof path - 1);
    assert_int_equal(slot->body_len, sizeof body - 1);
    assert_memory_equal(slot->text + slot->path_len, body, sizeof body - 1);
    assert_ptr_equal(slot->text, slot->inline_text);
    slot_give(&pool, slot);
}

TEST(usual_sizes_fit_into_the_slot)
{
    struct slot *slot = take(32, "4BFC0C56-1B8F-4D7A-8B43-0E1A1B2F9A3C");

    assert_ptr_equal(slot->text, slot->inline_text);
    slot_give(&pool, slot);
}

TEST(largest_push_is_taken)
{
    char magic[APNS_MAX_MAGIC + 1];
    struct slot *slot;

    memset(magic, 1, APNS_MAX_MAGIC); /* \u0001: six bytes each */
    magic[APNS_MAX_MAGIC] = '\0';
    slot = take(APNS_MAX_TOKEN, magic);
    assert_int_equal(slot->body_len, PAYLOAD_MAX);
    assert_int_equal(slot->path_len, 10 + 2 * APNS_MAX_TOKEN);
    slot_give(&pool, slot);
}

TEST(pool_is_bounded_and_reused)
{
    struct apns_push push = make_push(32, "M");
    struct slot *slots[1000];
    struct slot *more;

    for (int i = 0; i < 1000; i++)
        slots[i] = take(32, "M");
    assert_int_equal(slot_take(&pool, &push, &more), APNS_EBUSY);
    slot_give(&pool, slots[7]);
    assert_int_equal(slot_take(&pool, &push, &more), APNS_OK);
    assert_ptr_equal(more, slots[7]);
    more->state = SLOT_QUEUED;
    assert_true(pool.n_slots < 1000 + SLOT_CHUNK);
    for (int i = 0; i < 1000; i++)
        slot_give(&pool, slots[i]);
    assert_int_equal(pool.n_used, 0);
}

TEST(slot_comes_back_clean)
{
    struct slot *slot = take(32, "M");
    struct apns_result result;

    slot->status = 410;
    slot->n_moves = 3;
    slot->is_resent = true;
    slot->timestamp_ms = 5;
    slot->retry_after_s = 6;
    memcpy(slot->apns_id, "x", 2);
    memcpy(slot->reason, "Unregistered", 13);
    slot_answer_add(&pool, slot, (const uint8_t *)"{}", 2);
    slot_give(&pool, slot);
    assert_ptr_equal(take(32, "M"), slot);
    slot->state = SLOT_DONE;
    slot->outcome = APNS_ACCEPTED;
    slot_result(slot, &result);
    assert_int_equal(result.status, 0);
    assert_int_equal(result.n_moves, 0);
    assert_false(result.is_resent);
    assert_int_equal(result.timestamp_ms, 0);
    assert_int_equal(result.retry_after_s, 0);
    assert_string_equal(result.apns_id, "");
    assert_string_equal(result.reason, "");
    assert_null(slot->answer);
    slot_give(&pool, slot);
}

TEST(answers_are_cut_at_their_limit)
{
    static const uint8_t text[SLOT_MAX_ANSWER] = {'a'};
    struct slot *slot = take(32, "M");

    slot_answer_add(&pool, slot, text, SLOT_MAX_ANSWER - 1);
    slot_answer_add(&pool, slot, text, 100);
    assert_int_equal(slot->answer->len, SLOT_MAX_ANSWER);
    slot_answer_drop(&pool, slot);
    assert_null(slot->answer);
    slot_give(&pool, slot);
}

TEST(deadlines_of_one_span_come_in_order)
{
    struct slot *a = take(32, "M");
    struct slot *b = take(32, "M");

    assert_null(deadline_first(&deadlines));
    deadline_add(&deadlines, a, 30000, 1000);
    deadline_add(&deadlines, b, 30000, 2000);
    assert_ptr_equal(deadline_first(&deadlines), a);
    assert_int_equal(a->due_at_us, 30001000);
    deadline_remove(&deadlines, a);
    assert_ptr_equal(deadline_first(&deadlines), b);
    deadline_remove(&deadlines, b);
    assert_null(deadline_first(&deadlines));
    slot_give(&pool, a);
    slot_give(&pool, b);
}

TEST(more_spans_than_lanes_keep_their_order)
{
    /* Coprime to 64, so that every span comes once and in no order. */
    enum {
        N = 64,
        STEP = 37
    };
    struct slot *slot;
    uint64_t before = 0;

    for (uint32_t i = 0; i < N; i++)
        deadline_add(&deadlines, take(32, "M"), 100 + i * STEP % N, i);
    for (int i = 0; i < N; i++) {
        slot = deadline_first(&deadlines);
        assert_non_null(slot);
        assert_true(slot->due_at_us >= before);
        before = slot->due_at_us;
        deadline_remove(&deadlines, slot);
        slot_give(&pool, slot);
    }
    assert_null(deadline_first(&deadlines));
}
