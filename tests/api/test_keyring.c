/* SPDX-License-Identifier: MIT */

/*
 * The keys in force, from a real store.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/api/api_private.h"
#include "server/api/auth/keyring.h"
#include "store/store.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unit.h"

#define MAX_TURNS 100000 /* of the loop before a test gives up */

struct bed {
    struct api api;
    char *dir;
    char header[3][128]; /* what holders of key 1, 2 and 3 send */
    bool is_ringing;     /* a new key goes into the ring */
    bool is_done;
};

static void
on_put(void *arg, enum store_err err, const struct store_key *keys, size_t n,
       int64_t next)
{
    struct bed *bed = arg;

    (void)next;
    if (bed->is_ringing)
        keyring_add(bed->api.keyring, keys);
    assert_int_equal(err, STORE_OK);
    assert_int_equal(n, 1);
    bed->is_done = true;
}

static void
on_loaded(void *arg)
{
    struct bed *bed = arg;

    bed->is_done = true;
}

static void
await(struct bed *bed)
{
    bed->is_done = false;
    store_hand_over(bed->api.store);
    for (int i = 0; i < MAX_TURNS && !bed->is_done; i++)
        ev_run(bed->api.loop, EVRUN_ONCE);
    assert_true(bed->is_done);
}

static void
put_key(struct bed *bed, int number)
{
    char secret[AUTH_SECRET_LEN + 1];
    struct store_key key = {.name = "k", .verbs = AUTH_ALL_VERBS, .topic = ""};

    assert_true(auth_secret_new(secret, key.hash));
    snprintf(bed->header[number - 1], sizeof bed->header[0],
             "Bearer rouse_%d_%s", number, secret);
    assert_int_equal(store_key_put(bed->api.store, &key, on_put, bed),
                     STORE_OK);
    await(bed);
}

static int
set_up(void **state)
{
    struct bed *bed = calloc(1, sizeof *bed);
    struct store_options options = {0};
    char why[256];

    assert_non_null(bed);
    bed->dir = temp_dir_new();
    options.dir = bed->dir;
    bed->api.loop = ev_loop_new(EVBACKEND_EPOLL);
    ev_ref(bed->api.loop); /* the store alone keeps no loop running */
    assert_int_equal(store_open(bed->api.loop, &options, &bed->api.store, why),
                     STORE_OK);
    bed->api.keyring = keyring_new();
    put_key(bed, 1);
    put_key(bed, 2);
    keyring_load(bed->api.keyring, &bed->api, on_loaded, bed);
    await(bed);
    *state = bed;
    return 0;
}

static int
tear_down(void **state)
{
    struct bed *bed = *state;

    keyring_free(bed->api.keyring);
    store_close(bed->api.store);
    ev_unref(bed->api.loop);
    ev_loop_destroy(bed->api.loop);
    temp_dir_free(bed->dir);
    free(bed);
    return 0;
}

EACH(set_up, tear_down);

static bool
is_let_in(const struct bed *bed, const char *header)
{
    struct auth_caller caller;

    return keyring_find(bed->api.keyring, header, &caller);
}

TEST(keys_open_only_with_their_own_secret)
{
    struct bed *bed = *state;
    char mixed[128];

    assert_true(is_let_in(bed, bed->header[0]));
    assert_true(is_let_in(bed, bed->header[1]));
    snprintf(mixed, sizeof mixed, "%s", bed->header[0]);
    mixed[strlen("Bearer rouse_")] = '2';
    assert_false(is_let_in(bed, mixed));
    mixed[strlen("Bearer rouse_")] = '0';
    assert_false(is_let_in(bed, mixed));
    assert_false(is_let_in(bed, NULL));
}

TEST(a_dropped_key_counts_no_more_at_once)
{
    struct bed *bed = *state;

    keyring_drop(bed->api.keyring, 1);
    assert_false(is_let_in(bed, bed->header[0]));
    assert_true(is_let_in(bed, bed->header[1]));
    keyring_drop(bed->api.keyring, 1);
    keyring_drop(bed->api.keyring, 77);
    assert_true(is_let_in(bed, bed->header[1]));
}

/* Without a look at the others in the store. */
TEST(a_new_key_counts_at_once)
{
    struct bed *bed = *state;

    assert_true(keyring_reserve(bed->api.keyring));
    bed->is_ringing = true;
    put_key(bed, 3);
    assert_true(is_let_in(bed, bed->header[2]));
    assert_true(is_let_in(bed, bed->header[0]));
}

TEST(places_are_bounded_also_by_those_reserved)
{
    struct bed *bed = *state;

    for (int i = 2; i < KEYRING_MAX; i++)
        assert_true(keyring_reserve(bed->api.keyring));
    assert_false(keyring_reserve(bed->api.keyring));
    keyring_drop(bed->api.keyring, 1);
    assert_true(keyring_reserve(bed->api.keyring));
    assert_false(keyring_reserve(bed->api.keyring));
    keyring_release(bed->api.keyring);
    assert_true(keyring_reserve(bed->api.keyring));
}
