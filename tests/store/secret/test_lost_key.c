/* SPDX-License-Identifier: MIT */

/*
 * A master key that is lost: what is given up, what stays, and that nothing
 * of it happens by accident.
 */

#include "tests/store/fault/faulty_vfs.h"
#include "tests/store/store_bed.h"
#include "tests/support/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEY "-----BEGIN PRIVATE KEY-----\nZm91cnR5dHdv\n"
#define OTHER_KEY \
    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define N_SEALED 4 /* private keys that the bed's store holds */

static struct store_identity
make_identity(const char *sha256)
{
    return (struct store_identity){
        .topic = BED_TOPIC,
        .cert_pem = "-----BEGIN CERTIFICATE-----\n",
        .key_pem = KEY,
        .sha256 = sha256,
        .serial = "01",
        .subject = "UID=x",
        .issuer = "CN=Apple",
        .not_before_unix = 1,
        .not_after_unix = 2,
        .imported_by = "test",
        .apple_account = "mdm@example.com",
        .spki_sha256 = sha256,
    };
}

static enum store_err
put(struct bed *bed, const char *sha256)
{
    struct store_identity it = make_identity(sha256);

    bed->n_done = 0;
    assert_int_equal(store_identity_put(bed->store, &it, bed_on_done, bed),
                     STORE_OK);
    bed_wait(bed, 1);
    return bed->err;
}

static void
put_request_and_vendor(struct bed *bed)
{
    struct store_csr csr = {.name = "2027",
                            .csr_pem = "CSR",
                            .spki_sha256 = "cc",
                            .key_pem = KEY,
                            .mail_cert_pem = "",
                            .mail_key_pem = ""};
    struct store_vendor vendor = {
        .cert_pem = "CERT", .chain_pem = "", .key_pem = KEY, .sha256 = "dd"};
    struct store_key key = {.name = "mdm", .hash = {1}, .verbs = 1};

    bed->n_done = 0;
    assert_int_equal(store_csr_put(bed->store, &csr, bed_on_done, bed),
                     STORE_OK);
    assert_int_equal(store_vendor_put(bed->store, &vendor, bed_on_done, bed),
                     STORE_OK);
    assert_int_equal(store_key_put(bed->store, &key, bed_on_keys, bed),
                     STORE_OK);
    bed_wait(bed, 3);
}

static void
write_key(const struct bed *bed, const char *text)
{
    int fd =
        open(bed_path(bed, "master.key"), O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

/* Two certificates of one topic, a request, a vendor, an API key, a device;
   closed. */
static int
set_up(void **state)
{
    struct bed *bed = bed_new();
    struct store_enrollment it = bed_enrollment("a");

    faulty_register();
    faulty_forget();
    bed->vfs = FAULTY_VFS;
    assert_int_equal(bed_open(bed), STORE_OK);
    assert_int_equal(bed_put(bed, &it, 1), STORE_OK);
    assert_int_equal(put(bed, "aa"), STORE_OK);
    assert_int_equal(put(bed, "bb"), STORE_OK);
    put_request_and_vendor(bed);
    bed_close(bed);
    *state = bed;
    return 0;
}

static int
tear_down(void **state)
{
    faulty_forget();
    bed_free(*state);
    return 0;
}

EACH(set_up, tear_down);

static enum store_err
give_up(struct bed *bed, int64_t n_confirmed, struct store_lost *lost)
{
    struct store_options options = {.dir = bed->dir, .vfs = bed->vfs};

    return store_lost_key(&options, n_confirmed, "root", lost, bed->why);
}

static void
lose_key(const struct bed *bed)
{
    assert_int_equal(unlink(bed_path(bed, "master.key")), 0);
}

static const struct store_identity *
read_identity(struct bed *bed)
{
    bed->n_done = 0;
    bed->texts_len = 0;
    assert_int_equal(store_identity_list(bed->store, BED_TOPIC, true,
                                         bed_on_identities, bed),
                     STORE_OK);
    bed_wait(bed, 1);
    assert_int_equal(bed->err, STORE_OK);
    assert_int_equal(bed->n, 1);
    return &bed->identities[0];
}

static void
on_vendor(void *arg, enum store_err err, const struct store_vendor *vendor)
{
    (void)vendor;
    bed_on_done(arg, err);
}

static void
on_csrs(void *arg, enum store_err err, const struct store_csr *csrs, size_t n)
{
    struct bed *bed = arg;

    (void)csrs;
    bed->n = n;
    bed_on_done(arg, err);
}

/* What is not sealed is as it was. */
static void
check_kept(struct bed *bed)
{
    const struct store_identity *it;

    assert_non_null(bed_get(bed, "a"));
    assert_int_equal(bed_stats(bed)->n_enrollments, 1);
    it = read_identity(bed);
    assert_string_equal(it->sha256, "bb");
    assert_string_equal(it->apple_account, "mdm@example.com");
    bed->n_done = 0;
    assert_int_equal(
        store_key_list(bed->store, false, 0, BED_MAX, bed_on_keys, bed),
        STORE_OK);
    bed_wait(bed, 1);
    assert_int_equal(bed->n, 1);
    bed->n_done = 0;
    assert_int_equal(
        store_identity_history(bed->store, NULL, bed_on_identities, bed),
        STORE_OK);
    bed_wait(bed, 1);
    assert_int_equal(bed->n, 2);
}

static void
check_given_up(struct bed *bed)
{
    const struct store_identity *it = read_identity(bed);

    assert_true(it->is_key_lost);
    assert_string_equal(it->key_pem, "");
    bed->n_done = 0;
    assert_int_equal(store_vendor_get(bed->store, true, on_vendor, bed),
                     STORE_OK);
    bed_wait(bed, 1);
    assert_int_equal(bed->err, STORE_ENOTFOUND);
    bed->n_done = 0;
    assert_int_equal(store_csr_list(bed->store, NULL, true, on_csrs, bed),
                     STORE_OK);
    bed_wait(bed, 1);
    assert_int_equal(bed->n, 0);
}

static void
check_audited(struct bed *bed)
{
    const struct store_event *event;

    bed->n_done = 0;
    bed->texts_len = 0;
    assert_int_equal(
        store_event_list(bed->store, 0, BED_MAX, bed_on_events, bed), STORE_OK);
    bed_wait(bed, 1);
    assert_int_equal(bed->n, 1);
    event = &bed->events[0];
    assert_string_equal(event->kind, "master_key.lost");
    assert_string_equal(event->actor, "root");
    assert_string_equal(event->detail, "private keys given up: certificates=2 "
                                       "requests=1 vendors=1");
}

TEST(all_but_the_private_keys_is_kept)
{
    struct bed *bed = *state;
    struct store_lost lost;

    lose_key(bed);
    assert_int_equal(bed_open(bed), STORE_EKEY);
    assert_non_null(strstr(bed->why, "--new-master-key"));
    assert_int_equal(give_up(bed, N_SEALED, &lost), STORE_OK);
    assert_int_equal(lost.n, N_SEALED);
    assert_int_equal(bed_open(bed), STORE_OK);
    check_kept(bed);
    check_given_up(bed);
    check_audited(bed);
}

/* Where no key can be made none is given up: the old one may turn up. */
TEST(a_key_that_cannot_be_made_loses_nothing)
{
    struct bed *bed = *state;
    char path[BED_PATH + 32];
    struct store_options options = {
        .dir = bed->dir, .vfs = bed->vfs, .master_key_file = path};
    struct store_lost lost;

    snprintf(path, sizeof path, "%s/missing/master.key", bed->dir);
    assert_int_not_equal(
        store_lost_key(&options, N_SEALED, "root", &lost, bed->why), STORE_OK);
    assert_non_null(strstr(bed->why, "missing/master.key"));
    assert_int_equal(bed_open(bed), STORE_OK);
    assert_string_equal(read_identity(bed)->key_pem, KEY);
}

static void
on_found(void *arg, enum store_err err, const struct store_found_key *found)
{
    (void)found;
    bed_on_done(arg, err);
}

static enum store_err
find_key(struct bed *bed, const char *spki)
{
    bed->n_done = 0;
    assert_int_equal(store_csr_find_key(bed->store, spki, on_found, bed),
                     STORE_OK);
    bed_wait(bed, 1);
    return bed->err;
}

TEST(the_same_certificate_brings_its_key_back)
{
    struct bed *bed = *state;
    struct store_lost lost;

    lose_key(bed);
    assert_int_equal(give_up(bed, N_SEALED, &lost), STORE_OK);
    assert_int_equal(bed_open(bed), STORE_OK);
    assert_int_equal(find_key(bed, "bb"), STORE_ENOTFOUND);
    assert_int_equal(put(bed, "bb"), STORE_OK);
    bed_reopen(bed);
    assert_false(read_identity(bed)->is_key_lost);
    assert_string_equal(bed->identities[0].key_pem, KEY);
    assert_int_equal(find_key(bed, "bb"), STORE_OK);
    /* And a renewal has one from the start. */
    assert_int_equal(put(bed, "ee"), STORE_OK);
    assert_false(read_identity(bed)->is_key_lost);
}

TEST(nothing_is_given_up_without_its_number)
{
    struct bed *bed = *state;
    struct store_lost lost;

    lose_key(bed);
    for (int64_t n = 0; n < 2 * N_SEALED; n++) {
        if (n == N_SEALED)
            continue;
        assert_int_equal(give_up(bed, n, &lost), STORE_EINVAL);
        assert_int_equal(lost.n_certs, 2);
        assert_int_equal(lost.n_requests, 1);
        assert_int_equal(lost.n_vendors, 1);
        assert_int_equal(lost.n, N_SEALED);
    }
    assert_int_not_equal(access(bed_path(bed, "master.key"), F_OK), 0);
}

TEST(a_key_that_works_is_not_lost)
{
    struct bed *bed = *state;
    struct store_lost lost;

    assert_int_equal(give_up(bed, N_SEALED, &lost), STORE_ECONFLICT);
    assert_non_null(strstr(bed->why, "rotate-master"));
    assert_int_equal(bed_open(bed), STORE_OK);
    assert_string_equal(read_identity(bed)->key_pem, KEY);
}

TEST(a_key_of_a_rotation_that_was_cut_is_not_lost)
{
    struct bed *bed = *state;
    struct store_lost lost;
    char old[BED_PATH];

    snprintf(old, sizeof old, "%s", bed_path(bed, "master.key"));
    assert_int_equal(rename(old, bed_path(bed, "master.key.new")), 0);
    assert_int_equal(give_up(bed, N_SEALED, &lost), STORE_ECONFLICT);
}

TEST(a_key_that_is_there_is_taken_and_never_changed)
{
    struct bed *bed = *state;
    struct store_lost lost;

    write_key(bed, "half a k");
    assert_int_equal(give_up(bed, N_SEALED, &lost), STORE_EKEY);
    assert_non_null(strstr(bed->why, "move it away"));
    write_key(bed, OTHER_KEY);
    assert_int_equal(bed_open(bed), STORE_EKEY);
    assert_non_null(strstr(bed->why, "--new-master-key"));
    assert_int_equal(give_up(bed, N_SEALED, &lost), STORE_OK);
    assert_int_equal(bed_open(bed), STORE_OK);
    check_kept(bed);
    bed_close(bed);
    write_key(bed, OTHER_KEY);
    assert_int_equal(bed_open(bed), STORE_OK);
}

TEST(a_store_that_runs_gives_nothing_up)
{
    struct bed *bed = *state;
    struct store_lost lost;

    assert_int_equal(bed_open(bed), STORE_OK);
    lose_key(bed);
    assert_int_equal(give_up(bed, N_SEALED, &lost), STORE_ELOCKED);
    assert_string_equal(read_identity(bed)->key_pem, KEY);
}

TEST(without_a_database_there_is_nothing_to_lose)
{
    struct bed *bed = *state;
    struct store_lost lost;

    assert_int_equal(unlink(bed_path(bed, "rouse.db")), 0);
    assert_int_equal(give_up(bed, 0, &lost), STORE_ENOTFOUND);
}

/* Whatever write fails: all of it happened, or it can be done again. */
static bool
try_fault(struct bed *bed, int nth)
{
    struct store_lost lost;
    enum store_err err;
    bool is_hit;

    faulty_arm(FAULTY_IO, nth, 1);
    err = give_up(bed, N_SEALED, &lost);
    is_hit = faulty_hits() > 0;
    faulty_arm(FAULTY_NEVER, 0, 0);
    if (err != STORE_OK)
        assert_true(strlen(bed->why) > 10);
    if (err != STORE_OK)
        err = give_up(bed, N_SEALED, &lost);
    if (err == STORE_ECONFLICT)
        err = STORE_OK; /* it was written, and told as failed */
    assert_int_equal(err, STORE_OK);
    assert_int_equal(bed_open(bed), STORE_OK);
    check_kept(bed);
    check_given_up(bed);
    check_audited(bed);
    return is_hit;
}

TEST_WITH(a_disk_that_fails_loses_nothing_else, NULL, NULL)
{
    void *inner;
    bool is_hit = true;

    for (int nth = 1; is_hit; nth++) {
        set_up(&inner);
        lose_key(inner);
        is_hit = try_fault(inner, nth);
        tear_down(&inner);
    }
}
