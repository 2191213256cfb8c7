/* SPDX-License-Identifier: MIT */

/*
 * A copy of the database while it is written to.
 */

#include "tests/store/fault/faulty_vfs.h"
#include "tests/store/store_bed.h"
#include "tests/support/unit.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/backup/copy.h"

#define N_FILL 8192 /* enrollments: a copy of several steps */
#define BATCH  1024

/* Pairs are written without a pause for as long as the copy is made. */
struct writing {
    struct bed *bed;
    uint32_t n;        /* pairs written so far */
    uint32_t n_before; /* of these, when the copy was begun */
    bool is_over;
    bool is_idle; /* its last write has ended */
    enum store_err err;
    int fd;
    int64_t n_bytes;
};

static void
fill(struct bed *bed)
{
    static char ids[BATCH][32];
    static struct store_enrollment batch[BATCH];

    for (int i = 0; i < N_FILL; i++) {
        int at = i % BATCH;

        snprintf(ids[at], sizeof ids[at], "filling-%d", i);
        batch[at] = bed_enrollment(ids[at]);
        if (at == BATCH - 1)
            assert_int_equal(bed_put(bed, batch, BATCH), STORE_OK);
    }
}

static int
set_up(void **state)
{
    struct bed *bed = bed_new();

    faulty_register();
    faulty_forget();
    faulty_only(NULL);
    bed->vfs = FAULTY_VFS;
    assert_int_equal(bed_open(bed), STORE_OK);
    fill(bed);
    *state = bed;
    return 0;
}

static int
tear_down(void **state)
{
    faulty_forget();
    faulty_only(NULL);
    bed_free(*state);
    return 0;
}

EACH(set_up, tear_down);

static void
on_copied(void *arg, enum store_err err, int fd, int64_t n_bytes)
{
    struct writing *it = arg;

    it->err = err;
    it->fd = fd;
    it->n_bytes = n_bytes;
    it->is_over = true;
    bed_on_done(it->bed, err);
}

/* The completions from here on are waited for. */
static void
begin(struct writing *it, const char *path)
{
    it->is_over = false;
    it->n_before = it->n;
    it->bed->n_done = 0;
    assert_int_equal(store_backup(it->bed->store, path, on_copied, it),
                     STORE_OK);
}

static void write_pair(struct writing *it);

static void
on_written(void *arg, enum store_err err)
{
    struct writing *it = arg;

    assert_int_equal(err, STORE_OK);
    it->n++;
    it->is_idle = it->is_over;
    if (!it->is_over)
        write_pair(it);
}

/* The first and the last row that there are: both have the same tally. */
static void
write_pair(struct writing *it)
{
    struct store_enrollment pair[] = {bed_enrollment("filling-0"),
                                      bed_enrollment("last")};

    pair[0].tally = pair[1].tally = it->n + 1;
    assert_int_equal(
        store_enrollment_put(it->bed->store, pair, 2, on_written, it),
        STORE_OK);
}

static void
back_up(struct writing *it, const char *path)
{
    begin(it, path);
    bed_wait(it->bed, 1);
}

static void
write_all_along(struct writing *it, const char *path)
{
    it->is_idle = false;
    write_pair(it);
    back_up(it, path);
    while (!it->is_idle)
        ev_run(it->bed->loop, EVRUN_ONCE);
}

static void
copy_file(const char *from, const char *to)
{
    char bytes[65536];
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT, 0600);
    ssize_t n;

    assert_true(in >= 0 && out >= 0);
    while ((n = read(in, bytes, sizeof bytes)) > 0)
        assert_int_equal(write(out, bytes, (size_t)n), n);
    assert_int_equal(n, 0);
    close(in);
    close(out);
}

/* The copy in another state directory, with the same master key. */
static struct bed *
restore(struct bed *bed, const char *copy)
{
    struct bed *other = bed_new();
    char key[BED_PATH];

    snprintf(key, sizeof key, "%s", bed_path(bed, "master.key"));
    copy_file(key, bed_path(other, "master.key"));
    copy_file(copy, bed_path(other, "rouse.db"));
    assert_int_equal(bed_open(other), STORE_OK);
    return other;
}

static void
check_restored(const struct writing *it, const char *copy)
{
    struct bed *other = restore(it->bed, copy);
    struct store_filter all = {0};
    uint32_t tally = bed_get(other, "filling-0")->tally;

    assert_int_equal(bed_get(other, "last")->tally, tally);
    assert_in_range(tally, it->n_before, it->n);
    assert_int_equal(bed_count(other, &all), N_FILL + 1);
    assert_int_equal(bed_stats(other)->n_enrollments, N_FILL + 1);
    bed_free(other);
}

TEST(a_copy_under_constant_writes_is_one_state)
{
    struct writing it = {.bed = *state};
    char path[BED_PATH];
    struct stat status;

    snprintf(path, sizeof path, "%s", bed_path(it.bed, "a.copy"));
    write_all_along(&it, path);
    assert_int_equal(it.err, STORE_OK);
    assert_true(it.n_bytes > 4 * STORE_BACKUP_STEP);
    assert_true(it.n > it.n_before + 4); /* writes went on meanwhile */
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_size, it.n_bytes);
    assert_int_equal(status.st_mode & 07777, 0600);
    check_restored(&it, path);
    close(it.fd);
}

TEST(a_copy_without_a_path_has_no_name)
{
    struct writing it = {.bed = *state};
    struct stat status;

    back_up(&it, NULL);
    assert_int_equal(it.err, STORE_OK);
    assert_int_equal(fstat(it.fd, &status), 0);
    assert_int_equal(status.st_nlink, 0);
    assert_int_equal(status.st_size, it.n_bytes);
    assert_int_not_equal(access(bed_path(it.bed, COPY_SCRATCH), F_OK), 0);
    close(it.fd);
}

/* So that the next start finds what a process that was killed has left. */
TEST(a_copy_without_a_path_is_made_in_the_state_directory)
{
    struct writing it = {.bed = *state};
    bool is_seen = false;

    begin(&it, NULL);
    while (it.bed->n_done == 0) {
        ev_run(it.bed->loop, EVRUN_ONCE);
        is_seen |= access(bed_path(it.bed, COPY_SCRATCH), F_OK) == 0;
    }
    assert_int_equal(it.err, STORE_OK);
    assert_true(is_seen);
    close(it.fd);
}

TEST(a_second_copy_waits_its_turn)
{
    struct writing it = {.bed = *state};
    char path[BED_PATH];

    snprintf(path, sizeof path, "%s", bed_path(it.bed, "a.copy"));
    begin(&it, path);
    assert_int_equal(store_backup(it.bed->store, NULL, on_copied, &it),
                     STORE_ECONFLICT);
    bed_wait(it.bed, 1);
    assert_int_equal(it.err, STORE_OK);
    close(it.fd);
    back_up(&it, path); /* in place of the one before */
    assert_int_equal(it.err, STORE_OK);
    close(it.fd);
}

TEST(closing_gives_up_a_copy)
{
    struct writing it = {.bed = *state};
    char path[BED_PATH];

    snprintf(path, sizeof path, "%s", bed_path(it.bed, "a.copy"));
    begin(&it, path);
    /* Its first request has ended, and a step is due. */
    while (access(path, F_OK) != 0)
        ev_run(it.bed->loop, EVRUN_ONCE);
    bed_close(it.bed);
    assert_int_equal(it.err, STORE_ECLOSED);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(bed_open(it.bed), STORE_OK);
}

TEST(a_copy_that_was_killed_is_removed_at_the_start)
{
    struct bed *bed = *state;
    int fd;

    bed_close(bed);
    fd = open(bed_path(bed, COPY_SCRATCH), O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(bed_open(bed), STORE_OK);
    assert_int_not_equal(access(bed_path(bed, COPY_SCRATCH), F_OK), 0);
}

/* Returns whether the fault was met. */
static bool
try_target(struct writing *it, enum faulty_how how, int nth, const char *path)
{
    bool is_hit;

    faulty_only(".copy");
    faulty_arm(how, nth, 1);
    write_all_along(it, path);
    is_hit = faulty_hits() > 0;
    faulty_arm(FAULTY_NEVER, 0, 0);
    assert_int_equal(it->err, !is_hit              ? STORE_OK
                              : how == FAULTY_FULL ? STORE_EFULL
                                                   : STORE_EIO);
    assert_int_equal(access(path, F_OK) == 0, !is_hit);
    assert_int_equal(it->bed->n_troubles, 0);
    if (!is_hit)
        close(it->fd);
    return is_hit;
}

TEST(a_target_that_fails_leaves_nothing_and_fails_nothing_else)
{
    struct writing it = {.bed = *state};
    char path[BED_PATH];

    snprintf(path, sizeof path, "%s", bed_path(it.bed, "a.copy"));
    for (int nth = 1; try_target(&it, FAULTY_FULL, nth, path); nth *= 3)
        continue;
    for (int nth = 1; try_target(&it, FAULTY_IO, nth, path); nth *= 3)
        continue;
    check_restored(&it, path);
}

/* A transaction that was undone after it had reached the log. */
TEST(a_copy_survives_a_transaction_that_is_undone)
{
    struct writing it = {.bed = *state};
    struct store_enrollment one = bed_enrollment("lost");
    char path[BED_PATH];

    one.tally = 77;
    it.n = 1;
    snprintf(path, sizeof path, "%s", bed_path(it.bed, "a.copy"));
    begin(&it, path);
    while (access(path, F_OK) != 0)
        ev_run(it.bed->loop, EVRUN_ONCE);
    faulty_only("-wal");
    faulty_arm(FAULTY_IO, 3, 1);
    assert_int_equal(
        store_enrollment_put(it.bed->store, &one, 1, bed_on_done, it.bed),
        STORE_OK);
    bed_wait(it.bed, 2);
    assert_true(faulty_hits() > 0);
    assert_int_equal(it.err, STORE_OK);
    close(it.fd);
    struct bed *other = restore(it.bed, path);

    assert_null(bed_get(other, "lost"));
    assert_int_equal(bed_stats(other)->n_enrollments, N_FILL);
    bed_free(other);
}

TEST(a_path_that_cannot_be_made_is_refused)
{
    struct writing it = {.bed = *state};

    back_up(&it, "/nonexistent/directory/a.copy");
    assert_int_equal(it.err, STORE_EDIR);
    back_up(&it, NULL);
    assert_int_equal(it.err, STORE_OK);
    close(it.fd);
}
