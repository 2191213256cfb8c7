/* SPDX-License-Identifier: MIT */

/*
 * Lists that grow while they are read, and pages that follow each other: all
 * that was put comes back, once, in its order, with what belongs to it.
 */

#include "store_bed.h"
#include "tests/support/unit.h"

#include <stdio.h>
#include <string.h>

#define N   21 /* more than any list has room for at first */
#define ONE 7  /* that is asked for by its name */

static char names[N][16];
static const char *wanted; /* what each row's key must be; NULL: none */

static int
set_up(void **state)
{
    for (int i = 0; i < N; i++)
        snprintf(names[i], sizeof names[i], "n%02d", i);
    *state = bed_start();
    return 0;
}

EACH(set_up, bed_tear_down);

static void
finish(struct bed *bed, enum store_err made)
{
    assert_int_equal(made, STORE_OK);
    bed_wait(bed, 1);
}

static void
begin(struct bed *bed)
{
    bed->n_done = 0;
    bed->n = 0;
    bed->texts_len = 0;
}

static void
on_csrs(void *arg, enum store_err err, const struct store_csr *csrs, size_t n)
{
    struct bed *bed = arg;

    for (size_t i = 0; i < n; i++) {
        size_t at = n == 1 ? ONE : i;
        const char *name = names[at];

        assert_string_equal(csrs[i].name, name);
        assert_string_equal(csrs[i].topic, "");
        assert_string_equal(csrs[i].csr_pem, "CSR");
        assert_string_equal(csrs[i].spki_sha256, name);
        assert_string_equal(csrs[i].upload, name);
        assert_string_equal(csrs[i].created_by, "test");
        if (wanted == NULL)
            assert_null(csrs[i].key_pem);
        else
            assert_string_equal(csrs[i].key_pem, wanted);
        assert_int_equal(csrs[i].created_at_ms, BED_NOW + (int64_t)at);
    }
    if (err != STORE_OK)
        assert_null(csrs);
    bed->n = n;
    bed_on_done(bed, err);
}

static void
put_requests(struct bed *bed)
{
    for (int i = N - 1; i >= 0; i--) {
        struct store_csr csr = {.name = names[i],
                                .csr_pem = "CSR",
                                .spki_sha256 = names[i],
                                .key_pem = "KEY",
                                .upload = names[i],
                                .created_at_ms = BED_NOW + i,
                                .created_by = "test"};

        begin(bed);
        finish(bed, store_csr_put(bed->store, &csr, bed_on_done, bed));
        assert_int_equal(bed->err, STORE_OK);
    }
}

static size_t
list_requests(struct bed *bed, const char *name, const char *key)
{
    wanted = key;
    begin(bed);
    finish(bed, store_csr_list(bed->store, name, key != NULL, on_csrs, bed));
    return bed->n;
}

TEST(all_requests_come_back_with_their_keys)
{
    struct bed *bed = *state;

    put_requests(bed);
    assert_int_equal(list_requests(bed, NULL, NULL), N);
    assert_int_equal(list_requests(bed, NULL, "KEY"), N);
    assert_int_equal(list_requests(bed, names[ONE], "KEY"), 1);
    assert_int_equal(list_requests(bed, "other", "KEY"), 0);
    assert_int_equal(bed->err, STORE_ENOTFOUND);
}

static void
on_key(void *arg, enum store_err err, const struct store_found_key *found)
{
    struct bed *bed = arg;

    bed->n = found != NULL;
    if (found != NULL) {
        assert_string_equal(found->key_pem, "KEY");
        bed->n += found->request != NULL; /* else of a certificate */
    }
    bed_on_done(bed, err);
}

static size_t
find_key(struct bed *bed, const char *spki)
{
    begin(bed);
    finish(bed, store_csr_find_key(bed->store, spki, on_key, bed));
    return bed->n;
}

static void
put_certificates(struct bed *bed)
{
    for (int i = 0; i < N; i++) {
        struct store_identity it = {.topic = "t",
                                    .cert_pem = "CERT",
                                    .key_pem = "KEY",
                                    .sha256 = names[i],
                                    .imported_at_ms = BED_NOW + i,
                                    .imported_by = "test",
                                    .spki_sha256 = names[i]};

        begin(bed);
        finish(bed, store_identity_put(bed->store, &it, bed_on_done, bed));
        assert_int_equal(bed->err, STORE_OK);
    }
}

static void
on_history(void *arg, enum store_err err,
           const struct store_identity *identities, size_t n)
{
    struct bed *bed = arg;

    for (size_t i = 0; i < n; i++) {
        const struct store_identity *it = &identities[i];

        assert_string_equal(it->sha256, names[N - 1 - i]);
        assert_string_equal(it->spki_sha256, it->sha256);
        assert_string_equal(it->replaced, i + 1 < n ? names[N - 2 - i] : "");
        assert_int_equal(it->imported_at_ms, BED_NOW + N - 1 - (int64_t)i);
        assert_null(it->key_pem);
        assert_false(it->is_key_lost);
    }
    bed->n = n;
    bed_on_done(bed, err);
}

TEST(a_long_history_comes_back_newest_first)
{
    struct bed *bed = *state;

    put_certificates(bed);
    begin(bed);
    finish(bed, store_identity_history(bed->store, "t", on_history, bed));
    assert_int_equal(bed->n, N);
}

TEST(a_key_is_found_wherever_it_is)
{
    struct bed *bed = *state;

    put_certificates(bed);
    assert_int_equal(find_key(bed, names[3]), 1);
    put_requests(bed);
    assert_int_equal(find_key(bed, names[3]), 2);
    assert_int_equal(find_key(bed, "other"), 0);
    assert_int_equal(bed->err, STORE_ENOTFOUND);
}

static void
on_keys(void *arg, enum store_err err, const struct store_key *keys, size_t n,
        int64_t next)
{
    struct bed *bed = arg;

    for (size_t i = 0; i < n; i++) {
        assert_string_equal(keys[i].name, names[keys[i].id - 1]);
        assert_int_equal(keys[i].hash[0], keys[i].id - 1);
        assert_int_equal(keys[i].id, bed->next + 1 + (int64_t)i);
    }
    bed->n += n;
    bed->next = next;
    bed_on_done(bed, err);
}

/* ${limit} divides what there is, or does not. */
static void
read_keys(struct bed *bed, size_t limit)
{
    size_t n_pages = 0;

    begin(bed);
    bed->next = 0;
    do {
        bed->n_done = 0;
        finish(bed, store_key_list(bed->store, false, bed->next, limit, on_keys,
                                   bed));
        n_pages++;
    } while (bed->next != 0);
    assert_int_equal(bed->n, N);
    assert_int_equal(n_pages, (N + limit - 1) / limit);
}

TEST(pages_of_keys_follow_each_other)
{
    struct bed *bed = *state;

    for (int i = 0; i < N; i++) {
        struct store_key key = {.name = names[i], .hash = {(uint8_t)i}};

        begin(bed);
        bed->next = i;
        finish(bed, store_key_put(bed->store, &key, on_keys, bed));
    }
    read_keys(bed, 1);
    read_keys(bed, 7);
    read_keys(bed, 10);
    read_keys(bed, N);
    read_keys(bed, N + 1);
}

static void
on_waves(void *arg, enum store_err err, const struct store_wave *waves,
         size_t n, int64_t next)
{
    struct bed *bed = arg;

    for (size_t i = 0; i < n; i++) {
        assert_int_equal(waves[i].id, N - (int64_t)(bed->n + i));
        assert_string_equal(waves[i].asked_by, names[waves[i].id - 1]);
    }
    bed->n += n;
    bed->next = next;
    bed_on_done(bed, err);
}

TEST(pages_of_waves_follow_each_other)
{
    struct bed *bed = *state;
    size_t n_pages = 0;

    for (int i = 0; i < N; i++) {
        struct store_wave wave = {.asked_by = names[i]};

        begin(bed);
        bed->n = (size_t)(N - 1 - i);
        finish(bed, store_wave_ask(bed->store, &wave, on_waves, bed));
    }
    begin(bed);
    bed->next = 0;
    do {
        bed->n_done = 0;
        finish(bed, store_wave_list(bed->store, n_pages % 2 == 0, bed->next, 7,
                                    on_waves, bed));
        n_pages++;
    } while (bed->next != 0);
    assert_int_equal(bed->n, N);
    assert_int_equal(n_pages, 3);
}

static void
on_events(void *arg, enum store_err err, const struct store_event *events,
          size_t n)
{
    struct bed *bed = arg;

    for (size_t i = 0; i < n; i++) {
        assert_string_equal(events[i].kind, "test");
        assert_string_equal(events[i].subject, names[bed->next + (int64_t)i]);
        assert_string_equal(events[i].actor, "");
    }
    bed->n = n;
    bed_on_done(bed, err);
}

static void
list_events(struct bed *bed, int64_t after, size_t limit, size_t n)
{
    begin(bed);
    bed->next = after;
    finish(bed, store_event_list(bed->store, after, limit, on_events, bed));
    assert_int_equal(bed->n, n);
}

TEST(events_come_back_behind_a_cursor)
{
    struct bed *bed = *state;

    for (int i = 0; i < N; i++) {
        struct store_event event = {.kind = "test", .subject = names[i]};

        begin(bed);
        finish(bed, store_event_add(bed->store, &event, bed_on_done, bed));
    }
    list_events(bed, 0, N, N);
    list_events(bed, 0, N + 1, N);
    list_events(bed, 5, 6, 6);
    list_events(bed, N, 6, 0);
}

static void
on_groups(void *arg, enum store_err err, enum store_group_fault fault,
          const struct store_group *groups, size_t n)
{
    struct bed *bed = arg;

    for (size_t i = 0; i < n && n > 1; i++)
        assert_string_equal(groups[i].path, names[i]);
    assert_int_equal(fault, STORE_GROUP_FAULT_NONE);
    bed->n = n;
    bed_on_done(bed, err);
}

static size_t
list_groups(struct bed *bed, const char *under, size_t limit)
{
    begin(bed);
    finish(bed, store_group_list(bed->store, under, limit, on_groups, bed));
    return bed->n;
}

TEST(groups_come_back_by_path)
{
    struct bed *bed = *state;

    for (int i = N - 1; i >= 0; i--) {
        struct store_group group = {.path = names[i]};

        begin(bed);
        finish(bed, store_group_put(bed->store, &group, on_groups, bed));
        assert_int_equal(bed->n, 1);
    }
    assert_int_equal(list_groups(bed, "", STORE_MAX_GROUPS), N);
    assert_int_equal(list_groups(bed, "", 7), 7);
    assert_int_equal(list_groups(bed, names[3], 7), 1);
}
