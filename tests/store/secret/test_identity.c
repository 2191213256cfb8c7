/* SPDX-License-Identifier: MIT */
#include "tests/store/store_bed.h"
#include "tests/support/unit.h"

#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY                                                              \
    "-----BEGIN PRIVATE KEY-----\n"                                      \
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgNEVERUJFSEVSRUlT\n" \
    "-----END PRIVATE KEY-----\n"
#define KEY_PART "NEVERUJFSEVSRUlT"

EACH(bed_set_up, bed_tear_down);

static struct store_identity
make_identity(const char *topic, const char *sha256)
{
    return (struct store_identity){
        .topic = topic,
        .cert_pem = "-----BEGIN CERTIFICATE-----\n",
        .key_pem = KEY,
        .sha256 = sha256,
        .serial = "01",
        .subject = "UID=x",
        .issuer = "CN=Apple",
        .not_before_unix = 1,
        .not_after_unix = 2,
        .imported_by = "test",
    };
}

static enum store_err
put(struct bed *bed, const struct store_identity *identity)
{
    enum store_err err;

    bed->n_done = 0;
    err = store_identity_put(bed->store, identity, bed_on_done, bed);
    if (err != STORE_OK)
        return err;
    bed_wait(bed, 1);
    return bed->err;
}

static size_t
list(struct bed *bed, const char *topic, bool with_keys)
{
    bed->n_done = 0;
    bed->texts_len = 0;
    assert_int_equal(store_identity_list(bed->store, topic, with_keys,
                                         bed_on_identities, bed),
                     STORE_OK);
    bed_wait(bed, 1);
    return bed->err == STORE_OK ? bed->n : 0;
}

static size_t
history(struct bed *bed, const char *topic)
{
    bed->n_done = 0;
    bed->texts_len = 0;
    assert_int_equal(
        store_identity_history(bed->store, topic, bed_on_identities, bed),
        STORE_OK);
    bed_wait(bed, 1);
    return bed->n;
}

TEST(a_key_comes_back_to_those_who_ask_for_it)
{
    struct bed *bed = *state;
    struct store_identity it = make_identity("t", "aa");

    assert_int_equal(put(bed, &it), STORE_OK);
    bed_reopen(bed);
    assert_int_equal(list(bed, NULL, true), 1);
    assert_string_equal(bed->identities[0].key_pem, KEY);
    assert_string_equal(bed->identities[0].cert_pem, it.cert_pem);
    assert_int_equal(bed->identities[0].imported_at_ms, BED_NOW);
    assert_int_equal(list(bed, "t", false), 1);
    assert_null(bed->identities[0].key_pem);
    assert_int_equal(list(bed, "u", true), 0);
}

static bool
file_has(const char *path, const char *bytes, size_t len)
{
    FILE *file = fopen(path, "rb");
    static char all[4 << 20];
    size_t n;

    assert_non_null(file);
    n = fread(all, 1, sizeof all, file);
    assert_true(n < sizeof all);
    fclose(file);
    return memmem(all, n, bytes, len) != NULL;
}

static bool
any_file_has(const struct bed *bed, const char *bytes)
{
    DIR *entries = opendir(bed->dir);
    const struct dirent *entry;
    bool has = false;

    assert_non_null(entries);
    while ((entry = readdir(entries)) != NULL) {
        if (entry->d_name[0] != '.')
            has |= file_has(bed_path(bed, entry->d_name), bytes, strlen(bytes));
    }
    closedir(entries);
    return has;
}

/* While it is open the log has it, after that the database. */
TEST(a_key_is_nowhere_in_the_files)
{
    struct bed *bed = *state;
    struct store_identity it = make_identity("t", "aa");

    assert_int_equal(put(bed, &it), STORE_OK);
    assert_true(any_file_has(bed, "BEGIN CERTIFICATE"));
    assert_false(any_file_has(bed, KEY_PART));
    assert_false(any_file_has(bed, "BEGIN PRIVATE KEY"));
    bed_close(bed);
    assert_true(any_file_has(bed, "BEGIN CERTIFICATE"));
    assert_false(any_file_has(bed, KEY_PART));
}

/* Nor are those of requests that wait, of their mail, or the vendor's. */
TEST(a_pending_key_is_nowhere_in_the_files)
{
    struct bed *bed = *state;
    struct store_csr csr = {.name = "2027",
                            .csr_pem = "-----BEGIN CERTIFICATE REQUEST-----\n",
                            .spki_sha256 = "aa",
                            .key_pem = KEY,
                            .mail_cert_pem = "-----BEGIN CERTIFICATE-----\n",
                            .mail_key_pem = KEY};
    struct store_vendor vendor = {.cert_pem = "-----BEGIN CERTIFICATE-----\n",
                                  .chain_pem = "",
                                  .key_pem = KEY,
                                  .sha256 = "bb",
                                  .put_by = "test"};

    bed->n_done = 0;
    assert_int_equal(store_csr_put(bed->store, &csr, bed_on_done, bed),
                     STORE_OK);
    assert_int_equal(store_vendor_put(bed->store, &vendor, bed_on_done, bed),
                     STORE_OK);
    bed_wait(bed, 2);
    assert_int_equal(bed->err, STORE_OK);
    assert_true(any_file_has(bed, "BEGIN CERTIFICATE REQUEST"));
    assert_false(any_file_has(bed, KEY_PART));
    assert_false(any_file_has(bed, "BEGIN PRIVATE KEY"));
    bed_close(bed);
    assert_true(any_file_has(bed, "BEGIN CERTIFICATE REQUEST"));
    assert_false(any_file_has(bed, KEY_PART));
}

TEST(a_renewed_one_retires_the_one_before)
{
    struct bed *bed = *state;
    struct store_identity old = make_identity("t", "aa");
    struct store_identity new = make_identity("t", "bb");

    assert_int_equal(put(bed, &old), STORE_OK);
    bed->now += 1000;
    assert_int_equal(put(bed, &new), STORE_OK);
    assert_int_equal(list(bed, NULL, false), 1);
    assert_string_equal(bed->identities[0].sha256, "bb");
    assert_int_equal(history(bed, "t"), 2);
    assert_string_equal(bed->identities[0].sha256, "bb");
    assert_int_equal(bed->identities[0].retired_at_ms, 0);
    assert_string_equal(bed->identities[1].retired_why, "renewed");
    assert_int_equal(bed->identities[1].retired_at_ms, BED_NOW + 1000);
    assert_null(bed->identities[1].key_pem);
}

TEST(the_same_again_changes_only_note_and_account)
{
    struct bed *bed = *state;
    struct store_identity it = make_identity("t", "aa");

    assert_int_equal(put(bed, &it), STORE_OK);
    it.note = "in use at HQ";
    it.apple_account = "it@example.org";
    it.imported_by = "somebody else";
    bed->now += 1000;
    assert_int_equal(put(bed, &it), STORE_OK);
    assert_int_equal(history(bed, NULL), 1);
    assert_string_equal(bed->identities[0].note, "in use at HQ");
    assert_string_equal(bed->identities[0].apple_account, "it@example.org");
    assert_int_equal(bed->identities[0].imported_at_ms, BED_NOW);
    assert_int_equal(list(bed, "t", false), 1);
    assert_string_equal(bed->identities[0].apple_account, "it@example.org");
}

static size_t
list_events(struct bed *bed)
{
    bed->n_done = 0;
    bed->texts_len = 0;
    assert_int_equal(
        store_event_list(bed->store, 0, BED_MAX, bed_on_events, bed), STORE_OK);
    bed_wait(bed, 1);
    return bed->n;
}

/* The history keeps what was recorded at the import, if anything was, and the
   audit log what came of it. */
TEST(another_account_is_told_and_leaves_the_history_alone)
{
    struct bed *bed = *state;
    struct store_identity it = make_identity("t", "aa");

    it.apple_account = "first@example.org";
    assert_int_equal(put(bed, &it), STORE_OK);
    assert_int_equal(put(bed, &it), STORE_OK);
    assert_int_equal(list_events(bed), 0);
    it.apple_account = "other@example.org";
    it.imported_by = "eve";
    assert_int_equal(put(bed, &it), STORE_OK);
    assert_int_equal(list_events(bed), 1);
    assert_string_equal(bed->events[0].kind, "pushcert.account_changed");
    assert_string_equal(bed->events[0].subject, "t");
    assert_string_equal(bed->events[0].actor, "eve");
    assert_string_equal(
        bed->events[0].detail,
        "before=\"first@example.org\" after=\"other@example.org\"");
    assert_int_equal(history(bed, "t"), 1);
    assert_string_equal(bed->identities[0].apple_account, "first@example.org");
    /* Saying none changes none. */
    it.apple_account = "";
    assert_int_equal(put(bed, &it), STORE_OK);
    assert_int_equal(list(bed, "t", false), 1);
    assert_string_equal(bed->identities[0].apple_account, "other@example.org");
    /* A renewal under a third one is told as well. */
    it = make_identity("t", "bb");
    it.apple_account = "third@example.org";
    assert_int_equal(put(bed, &it), STORE_OK);
    assert_int_equal(list_events(bed), 2);
    assert_int_equal(list(bed, "t", false), 1);
    assert_string_equal(bed->identities[0].apple_account, "third@example.org");
}

TEST(one_from_the_history_can_be_put_again)
{
    struct bed *bed = *state;
    struct store_identity old = make_identity("t", "aa");
    struct store_identity new = make_identity("t", "bb");

    assert_int_equal(put(bed, &old), STORE_OK);
    assert_int_equal(put(bed, &new), STORE_OK);
    bed->n_done = 0;
    bed->texts_len = 0;
    assert_int_equal(
        store_identity_held(bed->store, "t", "aa", bed_on_identities, bed),
        STORE_OK);
    bed_wait(bed, 1);
    assert_int_equal(bed->n, 1);
    assert_string_equal(bed->identities[0].key_pem, KEY);
    assert_int_equal(put(bed, &old), STORE_OK);
    assert_int_equal(list(bed, "t", true), 1);
    assert_string_equal(bed->identities[0].sha256, "aa");
    assert_int_equal(bed->identities[0].retired_at_ms, 0);
    assert_int_equal(history(bed, "t"), 2);
    bed->n_done = 0;
    assert_int_equal(
        store_identity_held(bed->store, "t", "cc", bed_on_identities, bed),
        STORE_OK);
    bed_wait(bed, 1);
    assert_int_equal(bed->err, STORE_ENOTFOUND);
}

static enum store_err
take_away(struct bed *bed, const char *topic, const char *why)
{
    bed->n_done = 0;
    assert_int_equal(
        store_identity_remove(bed->store, topic, why, bed_on_done, bed),
        STORE_OK);
    bed_wait(bed, 1);
    return bed->err;
}

TEST(a_removed_one_stays_in_the_history)
{
    struct bed *bed = *state;
    struct store_identity it = make_identity("t", "aa");

    assert_int_equal(put(bed, &it), STORE_OK);
    assert_int_equal(take_away(bed, "t", "removed"), STORE_OK);
    assert_int_equal(list(bed, NULL, false), 0);
    assert_int_equal(history(bed, "t"), 1);
    assert_string_equal(bed->identities[0].retired_why, "removed");
    assert_int_equal(take_away(bed, "t", "removed"), STORE_ENOTFOUND);
}

/* A row that was swapped for another's does not open, and says nothing. */
TEST(a_key_opens_for_its_own_certificate_only)
{
    struct bed *bed = *state;
    struct store_identity a = make_identity("t", "aa");
    struct store_identity b = make_identity("u", "bb");
    sqlite3 *sqlite;

    assert_int_equal(put(bed, &a), STORE_OK);
    assert_int_equal(put(bed, &b), STORE_OK);
    bed_close(bed);
    assert_int_equal(sqlite3_open(bed_path(bed, "rouse.db"), &sqlite),
                     SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(sqlite,
                     "UPDATE identity_history SET sealed_key = (SELECT "
                     "sealed_key FROM identity_history WHERE topic = 'u')",
                     NULL, NULL, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_close(sqlite), SQLITE_OK);
    assert_int_equal(bed_open(bed), STORE_OK);
    assert_int_equal(list(bed, "u", true), 1);
    assert_int_equal(list(bed, "t", true), 0);
    assert_int_equal(bed->err, STORE_EIO);
    assert_int_equal(list(bed, "t", false), 1);
}

TEST(incomplete_ones_are_refused)
{
    struct bed *bed = *state;
    struct store_identity it = make_identity("", "aa");

    assert_int_equal(put(bed, &it), STORE_EINVAL);
    it = make_identity("t", "aa");
    it.key_pem = NULL;
    assert_int_equal(put(bed, &it), STORE_EINVAL);
    it = make_identity("t", NULL);
    assert_int_equal(put(bed, &it), STORE_EINVAL);
    it = make_identity("t", "aa");
    it.cert_pem = "";
    assert_int_equal(put(bed, &it), STORE_EINVAL);
}
