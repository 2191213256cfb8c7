/* SPDX-License-Identifier: MIT */

/*
 * A disk that cannot be read, at every single read: what was asked fails as a
 * whole, nothing is told as done that was not, and all goes on afterwards.
 * And likewise when a step of a statement fails, whose pages SQLite may have.
 * With a sanitizer at every fourth, and not from the same one on for each
 * operation.
 */

#include "faulty_vfs.h"
#include "operation.h"
#include "tests/support/unit.h"

#include <sqlite3.h>
#include <stdatomic.h>

static void
arm_reads(int nth)
{
    faulty_arm(FAULTY_READ, nth, 1);
}

static int
disarm(void)
{
    int hits = faulty_hits();

    faulty_forget();
    return hits;
}

TEST(a_read_that_fails_fails_the_whole_of_what_needed_it)
{
    static const struct fault reads = {
        .vfs = FAULTY_VFS,
        .forgets = true,
        .err = STORE_EIO,
        .arm = arm_reads,
        .disarm = disarm,
    };

    faulty_register();
    faulty_forget();
    operation_check_all(&reads);
}

static atomic_int countdown; /* 0: no step fails; 1: the next one */
static atomic_int n_failed;

/* What the linker gives for sqlite3_step. */
int __real_sqlite3_step(sqlite3_stmt *stmt);
int __wrap_sqlite3_step(sqlite3_stmt *stmt);

int
__wrap_sqlite3_step(sqlite3_stmt *stmt)
{
    if (atomic_load(&countdown) == 0 || atomic_fetch_sub(&countdown, 1) != 1)
        return __real_sqlite3_step(stmt);
    atomic_fetch_add(&n_failed, 1);
    return SQLITE_IOERR;
}

static void
arm_steps(int nth)
{
    atomic_store(&n_failed, 0);
    atomic_store(&countdown, nth);
}

static int
disarm_steps(void)
{
    atomic_store(&countdown, 0);
    return atomic_load(&n_failed);
}

TEST(a_step_that_fails_fails_the_whole_of_what_needed_it)
{
    static const struct fault steps = {
        .err = STORE_EIO,
        .arm = arm_steps,
        .disarm = disarm_steps,
    };

    operation_check_all(&steps);
}
