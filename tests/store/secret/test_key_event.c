/* SPDX-License-Identifier: MIT */
#include "tests/store/store_bed.h"
#include "tests/support/unit.h"

#include <string.h>

EACH(bed_set_up, bed_tear_down);

static enum store_err
put_key(struct bed *bed, const char *name, uint8_t first)
{
    struct store_key key = {.name = name, .verbs = 5, .topic = "t"};
    enum store_err err;

    key.hash[0] = first;
    bed->n_done = 0;
    bed->texts_len = 0;
    err = store_key_put(bed->store, &key, bed_on_keys, bed);
    if (err != STORE_OK)
        return err;
    bed_wait(bed, 1);
    return bed->err;
}

static size_t
list_page(struct bed *bed, bool only_in_force, int64_t after, size_t limit)
{
    bed->n_done = 0;
    bed->texts_len = 0;
    assert_int_equal(store_key_list(bed->store, only_in_force, after, limit,
                                    bed_on_keys, bed),
                     STORE_OK);
    bed_wait(bed, 1);
    return bed->n;
}

static size_t
list_keys(struct bed *bed)
{
    return list_page(bed, false, 0, BED_MAX);
}

static enum store_err
revoke_key(struct bed *bed, int64_t id)
{
    bed->n_done = 0;
    assert_int_equal(store_key_revoke(bed->store, id, bed_on_done, bed),
                     STORE_OK);
    bed_wait(bed, 1);
    return bed->err;
}

TEST(a_key_is_stored_with_its_hash)
{
    struct bed *bed = *state;

    assert_int_equal(put_key(bed, "ci", 7), STORE_OK);
    assert_int_equal(bed->n, 1);
    assert_true(bed->keys[0].id > 0);
    bed_reopen(bed);
    assert_int_equal(list_keys(bed), 1);
    assert_string_equal(bed->keys[0].name, "ci");
    assert_string_equal(bed->keys[0].topic, "t");
    assert_int_equal(bed->keys[0].hash[0], 7);
    assert_int_equal(bed->keys[0].hash[1], 0);
    assert_int_equal(bed->keys[0].verbs, 5);
    assert_int_equal(bed->keys[0].created_at_ms, BED_NOW);
    assert_int_equal(bed->keys[0].revoked_at_ms, 0);
}

TEST(the_same_secret_twice_is_a_conflict)
{
    struct bed *bed = *state;

    assert_int_equal(put_key(bed, "one", 7), STORE_OK);
    assert_int_equal(put_key(bed, "two", 7), STORE_ECONFLICT);
    assert_int_equal(put_key(bed, "", 8), STORE_EINVAL);
    assert_int_equal(list_keys(bed), 1);
}

TEST(revoking_keeps_the_first_time)
{
    struct bed *bed = *state;
    int64_t id;

    assert_int_equal(put_key(bed, "ci", 7), STORE_OK);
    id = bed->keys[0].id;
    assert_int_equal(revoke_key(bed, id), STORE_OK);
    bed->now += 5;
    assert_int_equal(revoke_key(bed, id), STORE_OK);
    assert_int_equal(revoke_key(bed, id + 1), STORE_ENOTFOUND);
    assert_int_equal(list_keys(bed), 1);
    assert_int_equal(bed->keys[0].revoked_at_ms, BED_NOW);
}

TEST(keys_are_paged)
{
    struct bed *bed = *state;

    for (uint8_t i = 1; i <= 5; i++)
        assert_int_equal(put_key(bed, "k", i), STORE_OK);
    assert_int_equal(revoke_key(bed, 2), STORE_OK);
    assert_int_equal(list_page(bed, false, 0, 3), 3);
    assert_int_equal(bed->keys[0].id, 1);
    assert_int_equal(bed->next, 3);
    assert_int_equal(list_page(bed, false, 3, 3), 2);
    assert_int_equal(bed->keys[0].id, 4);
    assert_int_equal(bed->next, 0);
    assert_int_equal(list_page(bed, false, 2, 3), 3);
    assert_int_equal(bed->next, 0); /* a full page may be the last */
    assert_int_equal(list_page(bed, true, 0, 9), 4);
    assert_int_equal(bed->keys[1].id, 3);
}

static void
on_page(void *arg, enum store_err err, const struct store_key *keys, size_t n,
        int64_t next)
{
    struct bed *bed = arg;

    (void)next;
    assert_int_equal(err, STORE_OK);
    bed->n = n;
    bed->count = n > 0 ? keys[0].id : 0;
    bed_on_done(arg, err);
}

/* The newest of those revoked stay; those in force always. */
TEST(revoked_keys_are_bounded)
{
    struct bed *bed = *state;
    const int more = 7;
    struct store_key key = {.name = "k", .topic = ""};

    bed->n_done = 0;
    for (int i = 0; i < STORE_MAX_REVOKED + more + 1; i++) {
        memcpy(key.hash, &i, sizeof i);
        assert_int_equal(store_key_put(bed->store, &key, NULL, NULL), STORE_OK);
        if (i == 0)
            continue; /* in force */
        assert_int_equal(store_key_revoke(bed->store, i + 1, bed_on_done, bed),
                         STORE_OK);
    }
    bed_wait(bed, STORE_MAX_REVOKED + more);
    bed->n_done = 0;
    assert_int_equal(
        store_key_list(bed->store, false, 0, STORE_MAX_BATCH, on_page, bed),
        STORE_OK);
    bed_wait(bed, 1);
    assert_int_equal(bed->n, STORE_MAX_REVOKED + 1);
    assert_int_equal(bed->count, 1);
    bed->n_done = 0;
    assert_int_equal(store_key_list(bed->store, false, 1, 1, on_page, bed),
                     STORE_OK);
    bed_wait(bed, 1);
    assert_int_equal(bed->count, 1 + more + 1);
    assert_int_equal(revoke_key(bed, 2), STORE_ENOTFOUND);
}

static enum store_err
add_event(struct bed *bed, const char *kind)
{
    struct store_event event = {.kind = kind, .subject = "s", .actor = "me"};

    return store_event_add(bed->store, &event, bed_on_done, bed);
}

static size_t
list_events(struct bed *bed, int64_t after, size_t limit)
{
    bed->n_done = 0;
    bed->texts_len = 0;
    assert_int_equal(
        store_event_list(bed->store, after, limit, bed_on_events, bed),
        STORE_OK);
    bed_wait(bed, 1);
    return bed->n;
}

TEST(events_come_oldest_first)
{
    struct bed *bed = *state;

    bed->n_done = 0;
    assert_int_equal(add_event(bed, "one"), STORE_OK);
    assert_int_equal(add_event(bed, "two"), STORE_OK);
    assert_int_equal(add_event(bed, "three"), STORE_OK);
    assert_int_equal(add_event(bed, ""), STORE_EINVAL);
    bed_wait(bed, 3);
    assert_int_equal(list_events(bed, 0, 2), 2);
    assert_string_equal(bed->events[0].kind, "one");
    assert_string_equal(bed->events[1].kind, "two");
    assert_int_equal(bed->events[0].at_ms, BED_NOW);
    assert_string_equal(bed->events[0].detail, "");
    assert_int_equal(list_events(bed, bed->events[1].id, 10), 1);
    assert_string_equal(bed->events[0].kind, "three");
    assert_int_equal(list_events(bed, bed->events[0].id, 10), 0);
}

/* A few more than are kept: the oldest go. */
TEST(events_are_bounded)
{
    struct bed *bed = *state;
    const int more = 10;

    bed->n_done = 0;
    for (int i = 0; i < STORE_MAX_EVENTS + more; i++) {
        if (i % 10000 == 0)
            bed_wait(bed, i); /* no more than STORE_MAX_PENDING */
        assert_int_equal(add_event(bed, "x"), STORE_OK);
    }
    bed_wait(bed, STORE_MAX_EVENTS + more);
    assert_int_equal(list_events(bed, 0, 5), 5);
    assert_int_equal(bed->events[0].id, more + 1);
}
