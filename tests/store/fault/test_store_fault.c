/* SPDX-License-Identifier: MIT */

/*
 * A disk that is full, fails or loses power, at every single write; with a
 * sanitizer, at every third, of which each kind of trouble has its own.
 */

#include "faulty_vfs.h"
#include "store/db.h"
#include "tests/store/store_bed.h"
#include "tests/support/sanitized.h"
#include "tests/support/unit.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#define N_STEPS   8
#define STRIDE    (SANITIZED ? 3 : 1)
#define FIRST(i)  (SANITIZED ? 1 + (i) % 3 : 1)
#define FEW_READS 200 /* more than open makes, less than there are pages */

static int
set_up(void **state)
{
    struct bed *bed = bed_new();

    faulty_register();
    faulty_forget();
    bed->vfs = FAULTY_VFS;
    assert_int_equal(bed_open(bed), STORE_OK);
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

/* A pair in one request: never one without the other. */
static enum store_err
put_pair(struct bed *bed, int step)
{
    char one[16], two[16];
    struct store_enrollment pair[2];

    snprintf(one, sizeof one, "one%d", step);
    snprintf(two, sizeof two, "two%d", step);
    pair[0] = bed_enrollment(one);
    pair[1] = bed_enrollment(two);
    return bed_put(bed, pair, 2);
}

static bool
has(struct bed *bed, const char *name, int step)
{
    char id[16];

    snprintf(id, sizeof id, "%s%d", name, step);
    return bed_get(bed, id) != NULL;
}

/* Some steps, of which some may fail: which ones succeeded. */
static unsigned
run_steps(struct bed *bed, enum store_err want)
{
    unsigned done = 0;

    for (int step = 0; step < N_STEPS; step++) {
        enum store_err err = put_pair(bed, step);

        if (err == STORE_OK)
            done |= 1U << step;
        else
            assert_int_equal(err, want);
        /* Reads go on whatever happens to writes. */
        assert_int_equal(has(bed, "one", step), err == STORE_OK);
        assert_int_equal(has(bed, "two", step), err == STORE_OK);
    }
    return done;
}

/* ${is_exact}: what failed is not there, either. */
static void
check_steps(struct bed *bed, unsigned done, bool is_exact)
{
    int64_t n = 0;

    for (int step = 0; step < N_STEPS; step++) {
        bool is_there = has(bed, "one", step);

        assert_int_equal(has(bed, "two", step), is_there);
        if (done >> step & 1 || is_exact)
            assert_int_equal(is_there, done >> step & 1);
        n += 2 * is_there;
    }
    assert_int_equal(bed_stats(bed)->n_enrollments, n);
    assert_int_equal(bed->topic.n[STORE_STATE_ENABLED], n);
}

static void
try_fault(enum faulty_how how, int nth, int times, enum store_err want,
          int *hits)
{
    void *state;
    struct bed *bed;
    unsigned done;

    set_up(&state);
    bed = state;
    faulty_arm(how, nth, times);
    done = run_steps(bed, want);
    *hits = faulty_hits();
    if (*hits > 0 && done != (1U << N_STEPS) - 1) {
        assert_true(bed->n_troubles > 0);
        assert_int_equal(bed_stats(bed)->is_failing,
                         !(done >> (N_STEPS - 1) & 1));
    }
    faulty_arm(FAULTY_NEVER, 0, 0);
    /* There is space again: work goes on. */
    assert_int_equal(put_pair(bed, N_STEPS), STORE_OK);
    assert_int_equal(bed->trouble, STORE_OK);
    assert_int_equal(bed->n_troubles % 2, 0);
    assert_false(bed_stats(bed)->is_failing);
    assert_int_equal(bed_delete(bed, "one8") + bed_delete(bed, "two8"), 2);
    check_steps(bed, done, true);
    bed_reopen(bed);
    check_steps(bed, done, true);
    tear_down(&state);
}

TEST_WITH(a_full_disk_at_every_write_fails_that_request_alone, NULL, NULL)
{
    int hits = 1;

    for (int nth = FIRST(0); hits > 0; nth += STRIDE)
        try_fault(FAULTY_FULL, nth, 1, STORE_EFULL, &hits);
}

TEST_WITH(an_io_error_at_every_write_fails_that_request_alone, NULL, NULL)
{
    int hits = 1;

    for (int nth = FIRST(1); hits > 0; nth += STRIDE)
        try_fault(FAULTY_IO, nth, 1, STORE_EIO, &hits);
}

TEST_WITH(a_disk_that_stays_full_fails_all_until_there_is_space, NULL, NULL)
{
    int hits = 1;

    for (int nth = FIRST(2); hits > 0; nth += STRIDE)
        try_fault(FAULTY_FULL, nth, -1, STORE_EFULL, &hits);
}

TEST_WITH(power_lost_at_every_write_loses_nothing_completed, NULL, NULL)
{
    int hits = 1;

    for (int nth = FIRST(3); hits > 0; nth += STRIDE) {
        void *own;
        struct bed *bed;
        unsigned done;

        set_up(&own);
        bed = own;
        faulty_arm(FAULTY_DEAD, nth, -1);
        done = run_steps(bed, STORE_EIO);
        hits = faulty_hits();
        bed_close(bed);
        faulty_cut();
        assert_int_equal(bed_open(bed), STORE_OK);
        check_steps(bed, done, false);
        tear_down(&own);
    }
}

TEST(trouble_is_told_once_per_change)
{
    struct bed *bed = *state;

    faulty_arm(FAULTY_FULL, 1, -1);
    for (int i = 0; i < 5; i++)
        assert_int_equal(put_pair(bed, i), STORE_EFULL);
    assert_int_equal(bed->trouble, STORE_EFULL);
    assert_int_equal(bed->n_troubles, 1);
    faulty_arm(FAULTY_NEVER, 0, 0);
    assert_int_equal(put_pair(bed, 1), STORE_OK);
    assert_int_equal(put_pair(bed, 2), STORE_OK);
    assert_int_equal(bed->trouble, STORE_OK);
    assert_int_equal(bed->n_troubles, 2);
}

/* A claim of a request that was undone is undone, too; one that was not
   settled after all stays claimed. */
TEST(claims_follow_the_transaction)
{
    struct bed *bed = *state;
    struct store_wake_terms terms = {.is_claimed_now = true};
    static const char *const ids[] = {"one0"};
    struct store_settled settled;

    assert_int_equal(put_pair(bed, 0), STORE_OK);
    faulty_arm(FAULTY_FULL, 1, -1);
    bed->n_done = 0;
    assert_int_equal(
        store_wake_ask(bed->store, ids, 1, &terms, bed_on_asked, bed),
        STORE_OK);
    bed_wait(bed, 1);
    assert_int_equal(bed->err, STORE_EFULL);
    faulty_arm(FAULTY_NEVER, 0, 0);
    assert_false(bed_get(bed, "one0")->wake.exists);
    assert_int_equal(bed_ask_as(bed, "one0", &terms), STORE_ASKED_NEW);
    assert_int_equal(bed->n, 1);
    settled = bed_settled(bed, bed->batch->due, STORE_EFFECT_RETRY);
    faulty_arm(FAULTY_FULL, 1, -1);
    assert_int_equal(bed_settle(bed, &settled, 1), STORE_EFULL);
    assert_true(bed_get(bed, "one0")->wake.is_claimed);
    faulty_arm(FAULTY_NEVER, 0, 0);
    assert_int_equal(bed_settle(bed, &settled, 1), STORE_OK);
    assert_false(bed_get(bed, "one0")->wake.is_claimed);
    assert_int_equal(bed_next(bed), BED_NOW + 60000);
}

/* What a wave counts behind its cursor is in memory alone, and undone with
   the transaction that it belongs to. */
TEST(counts_behind_the_cursor_follow_the_transaction)
{
    struct bed *bed = *state;
    struct store_filter all = {0};
    struct store_settled it[2];
    int64_t id;

    assert_int_equal(put_pair(bed, 0), STORE_OK);
    assert_int_equal(put_pair(bed, 1), STORE_OK);
    assert_int_equal(bed_ask(bed, "two1"), STORE_ASKED_NEW);
    id = bed_wave_ask(bed, &all);
    assert_int_equal(bed->wave.n_total, 4);
    /* The page joins a wake, which is written. */
    faulty_arm(FAULTY_FULL, 1, -1);
    assert_int_equal(bed_wave_claim(bed, id, 0, BED_MAX), STORE_EFULL);
    faulty_arm(FAULTY_NEVER, 0, 0);
    assert_int_equal(bed_wave(bed, id)->n_waiting, 0);
    assert_int_equal(bed_wave_claim(bed, id, 0, BED_MAX), STORE_OK);
    assert_int_equal(bed->n, 3);
    assert_int_equal(bed_wave(bed, id)->n_waiting, 1);
    for (int i = 0; i < 2; i++)
        it[i] = bed_settled(bed, &bed->batch->due[i], STORE_EFFECT_ACCEPTED);
    assert_int_equal(bed_settle(bed, it, 1), STORE_OK);
    faulty_arm(FAULTY_FULL, 1, -1);
    assert_int_equal(bed_settle(bed, it + 1, 1), STORE_EFULL);
    assert_int_equal(bed_wave_pass(bed, id, 0, true), STORE_EFULL);
    faulty_arm(FAULTY_NEVER, 0, 0);
    assert_int_equal(bed_wave(bed, id)->n_accepted, 1);
    assert_int_equal(bed->wave.n_waiting, 1);
    assert_int_equal(bed->wave.state, STORE_WAVE_RUNNING);
    assert_int_equal(bed_settle(bed, it + 1, 1), STORE_OK);
    assert_int_equal(bed_wave(bed, id)->n_accepted, 2);
}

/* All requests of one group share its fate; those that only read do not. */
TEST(a_group_fails_as_a_whole_and_reads_are_answered)
{
    struct bed *bed = *state;
    struct store_enrollment it = bed_enrollment("a");
    struct store_filter all = {0};
    struct bed reads = {0};

    faulty_arm(FAULTY_FULL, 1, -1);
    bed->n_done = 0;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(
            store_enrollment_put(bed->store, &it, 1, bed_on_done, bed),
            STORE_OK);
        assert_int_equal(
            store_enrollment_count(bed->store, &all, bed_on_count, &reads),
            STORE_OK);
    }
    store_hand_over(bed->store);
    bed_wait(bed, 3);
    assert_int_equal(bed->err, STORE_EFULL);
    assert_int_equal(reads.n_done, 3);
    assert_int_equal(reads.err, STORE_OK);
    assert_int_equal(reads.count, 0);
}

/* Enough for a checkpoint, which cannot write into the database: nothing is
   lost, it is told, and it mends itself. */
TEST(a_failing_checkpoint_is_told_and_mended)
{
    struct bed *bed = *state;
    static struct store_enrollment batch[STORE_MAX_BATCH];
    static char ids[STORE_MAX_BATCH][16], magic[STORE_MAX_MAGIC + 1];

    memset(magic, 'm', sizeof magic - 1);
    faulty_only("rouse.db");
    faulty_arm(FAULTY_FULL, 1, -1);
    for (int i = 0; i < 2 * STORE_MAX_BATCH; i++) {
        int at = i % STORE_MAX_BATCH;

        snprintf(ids[at], sizeof ids[at], "n%d", i);
        batch[at] = bed_enrollment(ids[at]);
        batch[at].magic = magic;
        if (at == STORE_MAX_BATCH - 1)
            assert_int_equal(bed_put(bed, batch, STORE_MAX_BATCH), STORE_OK);
    }
    assert_int_equal(put_pair(bed, 0), STORE_OK);
    assert_true(faulty_hits() > 0);
    assert_int_equal(bed->trouble, STORE_EFULL);
    assert_int_equal(bed->n_troubles, 1);
    faulty_arm(FAULTY_NEVER, 0, 0);
    assert_int_equal(put_pair(bed, 1), STORE_OK);
    assert_int_equal(put_pair(bed, 2), STORE_OK);
    assert_int_equal(bed->trouble, STORE_OK);
    assert_int_equal(bed_stats(bed)->n_enrollments, 2 * STORE_MAX_BATCH + 6);
}

/* Making a new database: no half of one stays behind. */
/* It would take minutes, so of so much data open reads a few pages only. */
TEST(a_large_database_is_not_read_through)
{
    struct bed *bed = *state;
    char sql[256];
    sqlite3 *sqlite;

    bed_close(bed);
    snprintf(sql, sizeof sql,
             "INSERT INTO event (at, kind, subject, actor, detail)"
             "  VALUES (0, '', '', '', hex(zeroblob(%d)))",
             DB_CHECK_MAX / 2);
    assert_int_equal(sqlite3_open(bed_path(bed, "rouse.db"), &sqlite),
                     SQLITE_OK);
    assert_int_equal(sqlite3_exec(sqlite, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(sqlite), SQLITE_OK);
    faulty_arm(FAULTY_READ, FEW_READS, -1);
    assert_int_equal(bed_open(bed), STORE_OK);
    assert_int_equal(faulty_hits(), 0);
}

TEST(a_new_one_on_a_full_disk_leaves_nothing)
{
    int hits = 1;

    for (int nth = 1; hits > 0; nth++) {
        struct bed *bed = bed_new();

        bed->vfs = FAULTY_VFS;
        faulty_arm(FAULTY_FULL, nth, 1);
        enum store_err err = bed_open(bed);

        hits = faulty_hits();
        faulty_arm(FAULTY_NEVER, 0, 0);
        if (err != STORE_OK) {
            assert_int_equal(err, STORE_EFULL);
            assert_int_equal(bed_open(bed), STORE_OK);
        }
        assert_int_equal(put_pair(bed, 0), STORE_OK);
        bed_free(bed);
    }
}
