/* SPDX-License-Identifier: MIT */

/*
 * A clock that was wrong and is set.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/scenario/scenario.h"
#include "tests/scenario/world.h"

#define HOUR_MS INT64_C(3600000)

static void
run(struct world *world, const char *text)
{
    char line[256];
    char failure[512] = "";

    snprintf(line, sizeof line, "%s", text);
    if (!scenario_run(world, line, failure, sizeof failure))
        fail_msg("%s: %s", text, failure);
    world_run(world);
}

static void
set_back(struct world *world)
{
    world->now_ms -= HOUR_MS;
    world_run(world);
}

static void
who_waits_for_results_waits_no_longer(void **state)
{
    struct world *world = world_new();

    (void)state;
    run(world, "cert 01");
    run(world, "enroll d1");
    run(world, "hold");
    run(world, "push d1 wait=5s");
    world_advance(world, 3000);
    set_back(world);
    run(world, "expect result pending");
    world_advance(world, 2000);
    run(world, "expect result d1 unanswered");
    run(world, "release");
    world_advance(world, 1000);
    run(world, "expect last d1 200");
    world_free(world);
}

static void
a_new_token_counts_although_the_old_one_seems_newer(void **state)
{
    struct world *world = world_new();

    (void)state;
    run(world, "cert 01");
    run(world, "enroll d1");
    set_back(world);
    run(world, "checkin Authenticate d1");
    run(world, "expect state d1 disabled");
    run(world, "token d1");
    run(world, "expect state d1 enabled");
    run(world, "wake d1");
    world_advance(world, 1000);
    run(world, "expect last d1 200");
    world_free(world);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_waits_for_results_waits_no_longer),
        cmocka_unit_test(a_new_token_counts_although_the_old_one_seems_newer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
