/* SPDX-License-Identifier: MIT */

/*
 * A clock that was wrong and is set.
 */

#include <stdio.h>

#include "tests/scenario/scenario.h"
#include "tests/scenario/world.h"
#include "tests/support/unit.h"

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

TEST(who_waits_for_results_waits_no_longer)
{
    struct world *world = world_new();

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

TEST(a_new_token_counts_although_the_old_one_seems_newer)
{
    struct world *world = world_new();

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
