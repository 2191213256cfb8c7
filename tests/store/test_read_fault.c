/* SPDX-License-Identifier: MIT */

/*
 * A disk that cannot be read, at every single read: what was asked fails as a
 * whole, nothing is told as done that was not, and all goes on afterwards.
 */

#include "faulty_vfs.h"
#include "operation.h"

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

static void
a_read_that_fails_fails_the_whole_of_what_needed_it(void **state)
{
    static const struct fault reads = {
        .vfs = FAULTY_VFS,
        .forgets = true,
        .err = STORE_EIO,
        .arm = arm_reads,
        .disarm = disarm,
    };

    (void)state;
    faulty_register();
    faulty_forget();
    operation_check_all(&reads);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_read_that_fails_fails_the_whole_of_what_needed_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
