/* SPDX-License-Identifier: MIT */

/*
 * Power fails at every write of an import, a revert and a rotation of the
 * master key: afterwards the old or the new is in force, with its key, never
 * none.
 */

#include "tests/store/store_bed.h"
#include "tests/support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/store/fault/faulty_vfs.h"

#define OLD_KEY   "-----BEGIN PRIVATE KEY-----\nold\n"
#define NEW_KEY   "-----BEGIN PRIVATE KEY-----\nnew\n"
#define MAX_WRITE 200 /* more writes than any of these takes */

static struct bed *
set_up_bed(void)
{
    struct bed *bed = bed_new();

    bed->vfs = FAULTY_VFS;
    assert_int_equal(bed_open(bed), STORE_OK);
    return bed;
}

static enum store_err
renew(struct bed *bed, const char *sha256, const char *key,
      const struct store_identity_terms *terms)
{
    struct store_identity identity = {
        .topic = BED_TOPIC,
        .cert_pem = "-----BEGIN CERTIFICATE-----\n",
        .key_pem = key,
        .sha256 = sha256,
        .spki_sha256 = sha256,
    };

    bed->n_done = 0;
    assert_int_equal(
        store_identity_renew(bed->store, &identity, terms, bed_on_done, bed),
        STORE_OK);
    bed_wait(bed, 1);
    return bed->err;
}

static enum store_err
put_request(struct bed *bed)
{
    struct store_csr csr = {
        .name = "2027",
        .csr_pem = "-----BEGIN CERTIFICATE REQUEST-----\n",
        .spki_sha256 = "new",
        .key_pem = NEW_KEY,
        .mail_cert_pem = "c",
        .mail_key_pem = "mail key",
    };

    bed->n_done = 0;
    assert_int_equal(store_csr_put(bed->store, &csr, bed_on_done, bed),
                     STORE_OK);
    bed_wait(bed, 1);
    return bed->err;
}

static enum store_err
import(struct bed *bed)
{
    return renew(bed, "new", NEW_KEY,
                 &(struct store_identity_terms){.expected_sha256 = "old",
                                                .request_name = "2027"});
}

static enum store_err
revert(struct bed *bed)
{
    bed->n_done = 0;
    assert_int_equal(store_identity_again(bed->store, BED_TOPIC, "old", "why",
                                          bed_on_done, bed),
                     STORE_OK);
    bed_wait(bed, 1);
    return bed->err;
}

static void
on_count(void *arg, enum store_err err, int64_t n)
{
    struct bed *bed = arg;

    bed->count = n;
    bed->err = err;
    bed->n_done++;
}

static enum store_err
rotate(struct bed *bed)
{
    bed->n_done = 0;
    assert_int_equal(store_rotate_key(bed->store, on_count, bed), STORE_OK);
    bed_wait(bed, 1);
    return bed->err;
}

static void
on_key(void *arg, enum store_err err, const struct store_found_key *found)
{
    struct bed *bed = arg;

    bed->err = err;
    bed->n_done++;
    if (err == STORE_OK)
        assert_string_equal(found->key_pem, NEW_KEY);
}

/* Of the request, or of the certificate that came of it. */
static void
expect_new_key(struct bed *bed)
{
    bed->n_done = 0;
    assert_int_equal(store_csr_find_key(bed->store, "new", on_key, bed),
                     STORE_OK);
    bed_wait(bed, 1);
    assert_int_equal(bed->err, STORE_OK);
}

/* What is in force: one, with its own key. */
static const char *
in_force(struct bed *bed)
{
    const struct store_identity *it = bed->identities;

    bed->n_done = 0;
    bed->texts_len = 0;
    assert_int_equal(store_identity_list(bed->store, BED_TOPIC, true,
                                         bed_on_identities, bed),
                     STORE_OK);
    bed_wait(bed, 1);
    assert_int_equal(bed->err, STORE_OK);
    assert_int_equal(bed->n, 1);
    assert_string_equal(it->key_pem,
                        strcmp(it->sha256, "old") == 0 ? OLD_KEY : NEW_KEY);
    return it->sha256;
}

/* Returns how many writes failed. */
static int
cut_at(int nth, enum store_err (*before)(struct bed *bed),
       enum store_err (*change)(struct bed *bed), const char *was,
       const char *will)
{
    static const struct store_identity_terms any;
    struct bed *bed = set_up_bed();
    enum store_err err;
    const char *is;
    int hits;

    assert_int_equal(renew(bed, "old", OLD_KEY, &any), STORE_OK);
    assert_int_equal(put_request(bed), STORE_OK);
    if (before != NULL)
        assert_int_equal(before(bed), STORE_OK);
    faulty_arm(FAULTY_DEAD, nth, -1);
    err = change(bed);
    hits = faulty_hits();
    bed_close(bed);
    faulty_cut();
    faulty_arm(FAULTY_NEVER, 0, 0);
    assert_int_equal(bed_open(bed), STORE_OK);
    is = in_force(bed);
    /* What was said to be durable is; else it is one or the other. */
    if (err == STORE_OK)
        assert_string_equal(is, will);
    else
        assert_true(strcmp(is, was) == 0 || strcmp(is, will) == 0);
    expect_new_key(bed);
    bed_free(bed);
    return hits;
}

static void
cut_everywhere(enum store_err (*before)(struct bed *bed),
               enum store_err (*change)(struct bed *bed), const char *was,
               const char *will)
{
    int nth = 1;

    while (cut_at(nth, before, change, was, will) > 0)
        assert_true(++nth < MAX_WRITE);
    assert_true(nth > 1);
}

TEST(an_import_is_whole_or_nothing)
{
    cut_everywhere(NULL, import, "old", "new");
}

TEST(a_revert_is_whole_or_nothing)
{
    cut_everywhere(import, revert, "new", "old");
}

TEST(a_rotation_leaves_a_key_that_works)
{
    cut_everywhere(NULL, rotate, "old", "old");
}

/* The state between the transaction and the change of names. */
TEST(a_rotation_without_its_last_step_is_made_up_for)
{
    static const struct store_identity_terms any;
    struct bed *bed = set_up_bed();
    char key[BED_PATH], fresh[BED_PATH], old[BED_PATH];

    snprintf(key, sizeof key, "%s", bed_path(bed, "master.key"));
    snprintf(fresh, sizeof fresh, "%s", bed_path(bed, "master.key.new"));
    snprintf(old, sizeof old, "%s", bed_path(bed, "old"));
    assert_int_equal(renew(bed, "old", OLD_KEY, &any), STORE_OK);
    assert_int_equal(put_request(bed), STORE_OK);
    assert_int_equal(link(key, old), 0);
    assert_int_equal(rotate(bed), STORE_OK);
    assert_int_equal(bed->count, 2);
    assert_int_not_equal(access(fresh, F_OK), 0);
    bed_close(bed);
    assert_int_equal(rename(key, fresh), 0);
    assert_int_equal(rename(old, key), 0);
    assert_int_equal(bed_open(bed), STORE_OK);
    in_force(bed);
    expect_new_key(bed);
    assert_int_not_equal(access(fresh, F_OK), 0);
    bed_free(bed);
}

/* The state before the transaction: the new key's file is there in vain. */
TEST(a_rotation_that_never_was_leaves_nothing)
{
    static const struct store_identity_terms any;
    struct bed *bed = set_up_bed();
    FILE *file;

    assert_int_equal(renew(bed, "old", OLD_KEY, &any), STORE_OK);
    bed_close(bed);
    file = fopen(bed_path(bed, "master.key.new"), "w");
    assert_non_null(file);
    for (int i = 0; i < 64; i++)
        fputc('a', file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(bed_open(bed), STORE_OK);
    in_force(bed);
    assert_int_not_equal(access(bed_path(bed, "master.key.new"), F_OK), 0);
    bed_free(bed);
}

TEST(another_import_in_between_is_noticed)
{
    static const struct store_identity_terms any;
    struct bed *bed = set_up_bed();

    assert_int_equal(renew(bed, "between", OLD_KEY, &any), STORE_OK);
    assert_int_equal(import(bed), STORE_ECONFLICT);
    bed_free(bed);
}

static int
prepare(void **state)
{
    (void)state;
    faulty_register();
    return 0;
}

ALL(prepare, NULL);
