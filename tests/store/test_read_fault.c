/* SPDX-License-Identifier: MIT */

/*
 * A disk that cannot be read, at every single read: what was asked fails as a
 * whole, nothing is told as done that was not, and all goes on afterwards.
 */

#include "faulty_vfs.h"
#include "store_bed.h"

#include <stdio.h>
#include <string.h>

#define N_DEVICES 40

static void
fill(struct bed *bed)
{
    static char ids[N_DEVICES][16];
    struct store_enrollment devices[N_DEVICES];

    for (int i = 0; i < N_DEVICES; i++) {
        snprintf(ids[i], sizeof ids[i], "d%d", i);
        devices[i] = bed_enrollment(ids[i]);
    }
    assert_int_equal(bed_put(bed, devices, N_DEVICES), STORE_OK);
    assert_int_equal(bed_ask(bed, "d3"), STORE_ASKED_NEW);
}

static struct bed *
start(void)
{
    struct bed *bed = bed_new();

    faulty_register();
    faulty_forget();
    faulty_only(NULL);
    bed->vfs = FAULTY_VFS;
    assert_int_equal(bed_open(bed), STORE_OK);
    fill(bed);
    bed_reopen(bed); /* so that pages have to be read again */
    return bed;
}

static void
is_told(enum store_err err)
{
    assert_true(err == STORE_OK || err == STORE_EIO);
}

/* Each with its own error: nothing here asserts that it worked. */
static enum store_err
import(struct bed *bed)
{
    struct store_enrollment it = bed_enrollment("new");

    return bed_put(bed, &it, 1);
}

static enum store_err
check_in(struct bed *bed)
{
    return bed_checkin(bed, STORE_CHECKIN_AUTHENTICATE, "d7", BED_NOW + 5);
}

static enum store_err delete (struct bed *bed) {
    const char *id = "d9";

        bed->n_done = 0; assert_int_equal(
            store_enrollment_delete(bed->store, &id, 1, bed_on_count, bed),
            STORE_OK);
        bed_wait(bed, 1); return bed->err;
}

static enum store_err
ask(struct bed *bed)
{
    struct store_wake_terms terms = {.deadline_ms = BED_NOW + 100000};
    const char *id = "d5";

    bed->n_done = 0;
    assert_int_equal(
        store_wake_ask(bed->store, &id, 1, &terms, bed_on_asked, bed),
        STORE_OK);
    bed_wait(bed, 1);
    return bed->err;
}

static enum store_err
claim(struct bed *bed)
{
    bed->n_done = 0;
    assert_int_equal(store_wake_claim(bed->store, BED_NOW + 1, NULL, 0, 10,
                                      bed_on_claimed, bed),
                     STORE_OK);
    bed_wait(bed, 1);
    if (bed->err == STORE_OK)
        assert_non_null(bed->batch);
    return bed->err;
}

/* What holds when ${call} says that it worked. */
static const struct {
    const char *name;
    enum store_err (*call)(struct bed *bed);
    int64_t n_enrollments;
} calls[] = {
    {"import", import, N_DEVICES + 1}, {"check-in", check_in, N_DEVICES},
    {"delete", delete, N_DEVICES - 1}, {"ask", ask, N_DEVICES},
    {"claim", claim, N_DEVICES},
};

static void
check(struct bed *bed, int64_t n)
{
    struct store_filter all = {0};

    assert_int_equal(bed_count(bed, &all), n);
    assert_int_equal(bed_stats(bed)->n_enrollments, n);
}

static bool
try_call(size_t i, int nth)
{
    struct bed *bed = start();
    enum store_err err;
    bool is_hit;

    faulty_arm(FAULTY_READ, nth, 1);
    err = calls[i].call(bed);
    is_hit = faulty_hits() > 0;
    faulty_arm(FAULTY_NEVER, 0, 0);
    if (!is_hit)
        assert_int_equal(err, STORE_OK);
    is_told(err);
    check(bed, err == STORE_OK ? calls[i].n_enrollments : N_DEVICES);
    if (err != STORE_OK)
        assert_int_equal(calls[i].call(bed), STORE_OK);
    check(bed, calls[i].n_enrollments);
    bed_reopen(bed);
    check(bed, calls[i].n_enrollments);
    bed_free(bed);
    faulty_forget();
    return is_hit;
}

static void
a_read_that_fails_fails_the_whole_of_what_needed_it(void **state)
{
    int n_hits = 0;

    (void)state;
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        for (int nth = 1; try_call(i, nth); nth++)
            n_hits++;
    }
    assert_true(n_hits > 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_read_that_fails_fails_the_whole_of_what_needed_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
