/* SPDX-License-Identifier: MIT */
#include "tests/store/store_bed.h"
#include "tests/support/unit.h"

#include <stdio.h>
#include <string.h>

EACH(bed_set_up, bed_tear_down);

TEST(put_comes_back_as_it_was_given)
{
    struct bed *bed = *state;
    struct store_enrollment it = bed_enrollment("U:D");
    const struct store_enrollment *back;

    it.kind = STORE_KIND_USER;
    it.parent = "U";
    it.serial = "C02";
    it.tally = 7;
    assert_int_equal(bed_put(bed, &it, 1), STORE_OK);
    bed_reopen(bed);
    back = bed_get(bed, "U:D");
    assert_non_null(back);
    assert_string_equal(back->id, "U:D");
    assert_int_equal(back->kind, STORE_KIND_USER);
    assert_string_equal(back->parent, "U");
    assert_string_equal(back->serial, "C02");
    assert_string_equal(back->topic, BED_TOPIC);
    assert_int_equal(back->token_len, 32);
    assert_memory_equal(back->token, it.token, 32);
    assert_string_equal(back->magic, it.magic);
    assert_int_equal(back->state, STORE_STATE_ENABLED);
    assert_int_equal(back->token_at_ms, it.token_at_ms);
    assert_int_equal(back->seen_at_ms, it.seen_at_ms);
    assert_int_equal(back->tally, 7);
    assert_int_equal(back->last_push.at_ms, 0);
    assert_string_equal(back->last_push.apns_id, "");
    assert_false(back->wake.exists);
}

TEST(enabled_without_a_token_is_stored_as_disabled)
{
    struct bed *bed = *state;
    struct store_enrollment no_token = bed_enrollment("a");
    struct store_enrollment no_topic = bed_enrollment("b");
    struct store_enrollment no_magic = bed_enrollment("c");

    no_token.token = NULL;
    no_token.token_len = 0;
    no_topic.topic = NULL;
    no_magic.magic = "";
    assert_int_equal(bed_put(bed, &no_token, 1), STORE_OK);
    assert_int_equal(bed_put(bed, &no_topic, 1), STORE_OK);
    assert_int_equal(bed_put(bed, &no_magic, 1), STORE_OK);
    assert_int_equal(bed_state(bed, "a"), STORE_STATE_DISABLED);
    assert_int_equal(bed_state(bed, "b"), STORE_STATE_DISABLED);
    assert_int_equal(bed_state(bed, "c"), STORE_STATE_DISABLED);
}

/* Too long by one, for each field. */
TEST(limits_are_enforced_at_once)
{
    struct bed *bed = *state;
    static char id[STORE_MAX_ID + 2], topic[STORE_MAX_TOPIC + 2];
    static char magic[STORE_MAX_MAGIC + 2], serial[STORE_MAX_SERIAL + 2];
    static uint8_t token[STORE_MAX_TOKEN + 1];
    struct store_enrollment it;

    memset(id, 'i', sizeof id - 1);
    memset(topic, 't', sizeof topic - 1);
    memset(magic, 'm', sizeof magic - 1);
    memset(serial, 's', sizeof serial - 1);
    it = bed_enrollment(id);
    assert_int_equal(bed_put(bed, &it, 1), STORE_EINVAL);
    it = bed_enrollment("");
    assert_int_equal(bed_put(bed, &it, 1), STORE_EINVAL);
    it = bed_enrollment("x");
    it.parent = id;
    assert_int_equal(bed_put(bed, &it, 1), STORE_EINVAL);
    it = bed_enrollment("x");
    it.topic = topic;
    assert_int_equal(bed_put(bed, &it, 1), STORE_EINVAL);
    it = bed_enrollment("x");
    it.magic = magic;
    assert_int_equal(bed_put(bed, &it, 1), STORE_EINVAL);
    it = bed_enrollment("x");
    it.serial = serial;
    assert_int_equal(bed_put(bed, &it, 1), STORE_EINVAL);
    it = bed_enrollment("x");
    it.token = token;
    it.token_len = sizeof token;
    assert_int_equal(bed_put(bed, &it, 1), STORE_EINVAL);
    /* And at the limit all of it fits. */
    id[STORE_MAX_ID] = topic[STORE_MAX_TOPIC] = '\0';
    magic[STORE_MAX_MAGIC] = serial[STORE_MAX_SERIAL] = '\0';
    it = bed_enrollment(id);
    it.topic = topic;
    it.magic = magic;
    it.serial = serial;
    it.token = token;
    it.token_len = STORE_MAX_TOKEN;
    assert_int_equal(bed_put(bed, &it, 1), STORE_OK);
    assert_string_equal(bed_get(bed, id)->magic, magic);
}

TEST(one_bad_item_of_a_batch_stores_none)
{
    struct bed *bed = *state;
    struct store_enrollment batch[] = {bed_enrollment("a"), bed_enrollment("")};

    assert_int_equal(bed_put(bed, batch, 2), STORE_EINVAL);
    assert_null(bed_get(bed, "a"));
}

TEST(get_answers_in_the_order_of_the_ids)
{
    struct bed *bed = *state;
    struct store_enrollment batch[] = {bed_enrollment("a"),
                                       bed_enrollment("b")};
    static const char *const ids[] = {"b", "nobody", "a", "b"};

    assert_int_equal(bed_put(bed, batch, 2), STORE_OK);
    bed->n_done = 0;
    bed->texts_len = 0;
    assert_int_equal(
        store_enrollment_get(bed->store, ids, 4, bed_on_enrollments, bed),
        STORE_OK);
    bed_wait(bed, 1);
    assert_int_equal(bed->n, 3);
    assert_string_equal(bed->enrollments[0].id, "b");
    assert_string_equal(bed->enrollments[1].id, "a");
    assert_string_equal(bed->enrollments[2].id, "b");
}

static void
put_many(struct bed *bed, int n, const char *topic)
{
    char id[32];

    for (int i = 0; i < n; i++) {
        snprintf(id, sizeof id, "%s-%d", topic, i);
        struct store_enrollment it = bed_enrollment(id);
        it.topic = topic;
        it.serial = i == 3 ? "SER3" : "";
        it.seen_at_ms = BED_NOW + i;
        it.kind = i % 2 ? STORE_KIND_USER_ENROLLMENT : STORE_KIND_DEVICE;
        assert_int_equal(bed_put(bed, &it, 1), STORE_OK);
    }
}

TEST(list_pages_through_all_of_them_once)
{
    struct bed *bed = *state;
    struct store_filter all = {0};
    char id[32];
    int n = 0;

    put_many(bed, 10, "t");
    for (int64_t after = 0; n == 0 || after != 0; after = bed->next) {
        assert_int_equal(bed_list(bed, &all, after, 3), STORE_OK);
        assert_true(bed->n > 0 && bed->n <= 3);
        for (size_t i = 0; i < bed->n; i++) {
            snprintf(id, sizeof id, "t-%d", n++);
            assert_string_equal(bed->enrollments[i].id, id);
        }
    }
    assert_int_equal(n, 10);
}

TEST(filters_restrict_lists_and_counts_alike)
{
    struct bed *bed = *state;
    struct store_filter filters[] = {
        {.topic = "t"},
        {.topic = "u"},
        {.topic = "nobody's"},
        {.serial = "SER3"},
        {.serial = "SER3", .topic = "u"},
        {.kinds = 1U << STORE_KIND_USER_ENROLLMENT},
        {.kinds = 1U << STORE_KIND_USER},
        {.seen_before_ms = BED_NOW + 2},
        {.states = 1U << STORE_STATE_DISABLED},
        {.states = 1U << STORE_STATE_ENABLED, .topic = "t"},
    };
    static const int want[] = {10, 30, 0, 2, 1, 20, 0, 4, 0, 10};

    put_many(bed, 10, "t");
    put_many(bed, 30, "u");
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        assert_int_equal(bed_count(bed, &filters[i]), want[i]);
        assert_int_equal(bed_list(bed, &filters[i], 0, 64), STORE_OK);
        assert_int_equal(bed->n, want[i]);
        assert_int_equal(bed->next, 0);
    }
}

TEST(users_are_found_by_their_device)
{
    struct bed *bed = *state;
    struct store_enrollment user = bed_enrollment("D:U");
    struct store_filter filter = {.parent = "D"};

    user.parent = "D";
    user.kind = STORE_KIND_USER;
    put_many(bed, 5, "t");
    assert_int_equal(bed_put(bed, &user, 1), STORE_OK);
    assert_int_equal(bed_count(bed, &filter), 1);
    assert_int_equal(bed_list(bed, &filter, 0, 10), STORE_OK);
    assert_string_equal(bed->enrollments[0].id, "D:U");
}

TEST(delete_takes_its_wake_and_push_along)
{
    struct bed *bed = *state;
    struct store_enrollment it = bed_enrollment("a");
    struct store_settled settled;

    assert_int_equal(bed_put(bed, &it, 1), STORE_OK);
    assert_int_equal(bed_ask(bed, "a"), STORE_ASKED_NEW);
    assert_int_equal(bed_claim(bed), 1);
    settled = bed_settled(bed, bed->batch->due, STORE_EFFECT_RETRY);
    assert_int_equal(bed_settle(bed, &settled, 1), STORE_OK);
    assert_int_equal(bed_delete(bed, "a"), 1);
    assert_int_equal(bed_delete(bed, "a"), 0);
    assert_null(bed_get(bed, "a"));
    assert_int_equal(bed_stats(bed)->n_wakes, 0);
    assert_int_equal(bed->stats.n_enrollments, 0);
    /* The next one with this id has no past. */
    assert_int_equal(bed_put(bed, &it, 1), STORE_OK);
    assert_int_equal(bed_get(bed, "a")->last_push.at_ms, 0);
}

TEST(settling_a_deleted_one_is_no_error)
{
    struct bed *bed = *state;
    struct store_enrollment it = bed_enrollment("a");
    struct store_settled settled;

    assert_int_equal(bed_put(bed, &it, 1), STORE_OK);
    assert_int_equal(bed_ask(bed, "a"), STORE_ASKED_NEW);
    assert_int_equal(bed_claim(bed), 1);
    settled = bed_settled(bed, bed->batch->due, STORE_EFFECT_ACCEPTED);
    assert_int_equal(bed_delete(bed, "a"), 1);
    assert_int_equal(bed_put(bed, &it, 1), STORE_OK);
    assert_int_equal(bed_settle(bed, &settled, 1), STORE_OK);
    assert_int_equal(bed_get(bed, "a")->last_push.at_ms, 0);
}

TEST(replacing_with_disabled_drops_the_wake)
{
    struct bed *bed = *state;
    struct store_enrollment it = bed_enrollment("a");

    assert_int_equal(bed_put(bed, &it, 1), STORE_OK);
    assert_int_equal(bed_ask(bed, "a"), STORE_ASKED_NEW);
    it.state = STORE_STATE_DISABLED;
    assert_int_equal(bed_put(bed, &it, 1), STORE_OK);
    assert_false(bed_get(bed, "a")->wake.exists);
    assert_int_equal(bed_claim(bed), 0);
}

TEST(a_new_topic_moves_the_wake_along)
{
    struct bed *bed = *state;
    struct store_enrollment it = bed_enrollment("a");

    assert_int_equal(bed_put(bed, &it, 1), STORE_OK);
    assert_int_equal(bed_ask(bed, "a"), STORE_ASKED_NEW);
    it.topic = "another";
    assert_int_equal(bed_put(bed, &it, 1), STORE_OK);
    assert_int_equal(bed_claim_held(bed, "another", 10), 0);
    assert_int_equal(bed_claim_held(bed, BED_TOPIC, 10), 1);
    assert_string_equal(bed->batch->due[0].topic, "another");
}

TEST(stats_count_by_topic_and_state)
{
    struct bed *bed = *state;
    struct store_enrollment it = bed_enrollment("a");

    assert_int_equal(bed_put(bed, &it, 1), STORE_OK);
    it = bed_enrollment("b");
    it.state = STORE_STATE_SUSPECT;
    assert_int_equal(bed_put(bed, &it, 1), STORE_OK);
    assert_int_equal(bed_ask(bed, "a"), STORE_ASKED_NEW);
    bed_reopen(bed);
    assert_int_equal(bed_stats(bed)->n_enrollments, 2);
    assert_int_equal(bed->topic.n[STORE_STATE_ENABLED], 1);
    assert_int_equal(bed->topic.n[STORE_STATE_SUSPECT], 1);
    assert_int_equal(bed->topic.n_wakes, 1);
    assert_int_equal(bed->stats.n_wakes, 1);
    assert_int_equal(bed->stats.oldest_due_ms, BED_NOW);
    assert_true(bed->stats.db_bytes > 0);
    assert_false(bed->stats.is_failing);
}
