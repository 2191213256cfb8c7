/* SPDX-License-Identifier: MIT */

/*
 * Memory that runs out at the n-th allocation of one request, for every n: it
 * fails as a whole and says so, and works the next time. The allocations are
 * those of the store and of the bed; and, apart from those, SQLite's.
 */

#include "operation.h"
#include "tests/support/sanitized.h"
#include "tests/support/unit.h"

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define N_DEVICES 40                  /* more than the first room of a batch */
#define STEP      (SANITIZED ? 7 : 1) /* between two sizes of a batch */
#define MAX_NTH   200

struct memory {
    atomic_int countdown; /* 0: nothing fails; 1: the next one */
    atomic_int n_failed;
};

static struct memory own, sqlite;

static bool
must_fail(struct memory *memory)
{
    if (atomic_load(&memory->countdown) == 0 ||
        atomic_fetch_sub(&memory->countdown, 1) != 1)
        return false;
    atomic_fetch_add(&memory->n_failed, 1);
    return true;
}

static void
arm(struct memory *memory, int nth)
{
    atomic_store(&memory->n_failed, 0);
    atomic_store(&memory->countdown, nth);
}

static int
disarm(struct memory *memory)
{
    atomic_store(&memory->countdown, 0);
    return atomic_load(&memory->n_failed);
}

/* What the linker gives for malloc and the like. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *
__wrap_malloc(size_t size)
{
    return must_fail(&own) ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t n, size_t size)
{
    return must_fail(&own) ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *old, size_t size)
{
    return must_fail(&own) ? NULL : __real_realloc(old, size);
}

static const char *
device(int i)
{
    static char ids[N_DEVICES][8];

    snprintf(ids[i], sizeof ids[i], "d%d", i);
    return ids[i];
}

static struct bed *
start(void)
{
    struct bed *bed = bed_start();

    for (int i = 0; i < N_DEVICES; i++) {
        struct store_enrollment it = bed_enrollment(device(i));

        assert_int_equal(bed_put(bed, &it, 1), STORE_OK);
    }
    return bed;
}

static void
ask_all(struct bed *bed)
{
    for (int i = 0; i < N_DEVICES; i++)
        assert_int_equal(bed_ask(bed, device(i)), STORE_ASKED_NEW);
}

/* One request while the ${nth} allocation fails; false when it did not come
   to that. */
static bool
try(struct bed *bed, int nth, enum store_err (*call)(struct bed *bed))
{
    enum store_err err;
    bool is_hit;

    store_batch_free(bed->batch);
    bed->batch = NULL;
    bed->n_done = 0;
    bed->n = 0;
    arm(&own, nth);
    if ((err = call(bed)) == STORE_OK) {
        bed_wait(bed, 1);
        err = bed->err;
    }
    is_hit = disarm(&own) > 0;
    assert_int_equal(err, is_hit ? STORE_ENOMEM : STORE_OK);
    return is_hit;
}

/* Handed out at once at most: any of them is the last for some size, and
   nothing behind it notices that its token found no room. */
static size_t max;

static enum store_err
call_claim(struct bed *bed)
{
    return store_wake_claim(bed->store, bed->now, NULL, 0, max, bed_on_claimed,
                            bed);
}

/* What could not be told is not claimed. */
TEST(a_claim_without_memory_claims_nothing)
{
    struct bed *bed = start();

    ask_all(bed);
    for (max = 1; max <= N_DEVICES; max += STEP) {
        int nth = 1;

        while (nth < MAX_NTH && try(bed, nth, call_claim)) {
            assert_null(bed->batch);
            assert_false(bed_get(bed, device(0))->wake.is_claimed);
            nth++;
        }
        assert_in_range(nth, 3, MAX_NTH - 1);
        assert_non_null(bed->batch);
        assert_int_equal(bed->n, max);
        bed_reopen(bed);
    }
    bed_free(bed);
}

static enum store_err
call_page(struct bed *bed)
{
    return store_wave_claim(bed->store, 1, 0, max, bed_on_page, bed);
}

TEST(a_page_without_memory_claims_nothing_and_counts_nothing)
{
    struct bed *bed = start();
    static const struct store_filter everyone = {0};

    assert_int_equal(bed_ask(bed, device(0)), STORE_ASKED_NEW);
    assert_int_equal(bed_wave_ask(bed, &everyone), 1);
    for (max = 1; max < N_DEVICES; max += STEP) {
        int nth = 1;

        while (nth < MAX_NTH && try(bed, nth, call_page)) {
            assert_null(bed->batch);
            assert_int_equal(bed_wave(bed, 1)->n_waiting, 0);
            nth++;
        }
        assert_in_range(nth, 3, MAX_NTH - 1);
        assert_non_null(bed->batch);
        assert_int_equal(bed->n, max);
        assert_int_equal(bed_wave(bed, 1)->n_waiting, 1);
        bed_reopen(bed);
    }
    bed_free(bed);
}

static enum store_err
call_ask(struct bed *bed)
{
    static const char *ids[N_DEVICES];
    struct store_wake_terms terms = {.is_claimed_now = true};

    for (int i = 0; i < N_DEVICES; i++)
        ids[i] = device(i);
    return store_wake_ask(bed->store, ids, N_DEVICES, &terms, bed_on_asked,
                          bed);
}

TEST(an_ask_without_memory_stores_nothing)
{
    struct bed *bed = start();
    int nth = 1;

    while (nth < MAX_NTH && try(bed, nth, call_ask)) {
        assert_null(bed->batch);
        assert_int_equal(bed_stats(bed)->n_wakes, 0);
        nth++;
    }
    assert_in_range(nth, 3, MAX_NTH - 1);
    assert_non_null(bed->batch);
    assert_int_equal(bed->batch->n, N_DEVICES);
    assert_int_equal(bed_stats(bed)->n_wakes, N_DEVICES);
    bed_free(bed);
}

static struct store_settled settled[N_DEVICES];

static enum store_err
call_settle(struct bed *bed)
{
    return store_settle(bed->store, settled, N_DEVICES, bed_on_settled, bed);
}

TEST(a_settle_without_memory_settles_nothing)
{
    struct bed *bed = start();
    int nth = 1;

    ask_all(bed);
    assert_int_equal(bed_claim(bed), N_DEVICES);
    for (int i = 0; i < N_DEVICES; i++)
        settled[i] =
            bed_settled(bed, &bed->batch->due[i], STORE_EFFECT_ACCEPTED);
    while (nth < MAX_NTH && try(bed, nth, call_settle)) {
        assert_int_equal(bed_stats(bed)->n_wakes, N_DEVICES);
        assert_true(bed_get(bed, device(0))->wake.is_claimed);
        nth++;
    }
    assert_in_range(nth, 2, MAX_NTH - 1);
    assert_int_equal(bed_stats(bed)->n_wakes, 0);
    bed_free(bed);
}

static void
arm_own(int nth)
{
    arm(&own, nth);
}

static int
disarm_own(void)
{
    return disarm(&own);
}

TEST(memory_that_ends_fails_the_whole_of_what_needed_it)
{
    static const struct fault memory = {
        .err = STORE_ENOMEM,
        .arm = arm_own,
        .disarm = disarm_own,
    };

    operation_check_all(&memory);
}

/*
 * SQLite's own allocations.
 */

static sqlite3_mem_methods real_memory;

static void *
sqlite_malloc(int size)
{
    return must_fail(&sqlite) ? NULL : real_memory.xMalloc(size);
}

static void *
sqlite_realloc(void *old, int size)
{
    return must_fail(&sqlite) ? NULL : real_memory.xRealloc(old, size);
}

static void
arm_sqlite(int nth)
{
    arm(&sqlite, nth);
}

static int
disarm_sqlite(void)
{
    return disarm(&sqlite);
}

TEST(memory_that_ends_for_sqlite_does_as_well)
{
    static const struct fault memory = {
        .err = STORE_ENOMEM,
        .is_sampled = true,
        .arm = arm_sqlite,
        .disarm = disarm_sqlite,
    };

    operation_check_all(&memory);
}

/* Before anything else of it is called. */
static int
wrap_sqlite(__attribute__((unused)) void **state)
{
    sqlite3_mem_methods wrapped;

    assert_int_equal(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_memory),
                     SQLITE_OK);
    wrapped = real_memory;
    wrapped.xMalloc = sqlite_malloc;
    wrapped.xRealloc = sqlite_realloc;
    assert_int_equal(sqlite3_config(SQLITE_CONFIG_MALLOC, &wrapped), SQLITE_OK);
    return 0;
}

ALL(wrap_sqlite, NULL);
