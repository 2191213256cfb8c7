/* SPDX-License-Identifier: MIT */

/*
 * How many waves may be open at once, and when one gives its place back.
 */

#include "server/engine/engine_core.h"
#include "tests/scenario/fake_apns.h"
#include "tests/scenario/scenario.h"
#include "tests/scenario/world.h"
#include "tests/support/unit.h"

TEST(an_ended_wave_gives_its_place_back)
{
    struct world *world = world_new();

    scenario_do(world, "cert 01");
    scenario_do(world, "enroll d1 d2");
    scenario_do(world, "wave times=256");
    scenario_do(world, "expect waves done total=2 accepted=2");
    scenario_do(world, "expect pushes d1/1 d2/1");
    assert_int_equal(world->rouse->walks.n, 0);
    scenario_do(world, "wave");
    scenario_do(world, "expect error ROUSE_OK");
    scenario_do(world, "expect pushes d1/1 d2/1");
    world_free(world);
}

TEST(a_cancelled_wave_gives_its_place_back)
{
    struct world *world = world_new();

    scenario_do(world, "enroll d1 d2"); /* held: there is no certificate */
    scenario_do(world, "wave times=256");
    assert_int_equal(world->rouse->walks.n, WALK_MAX);
    scenario_do(world, "wave");
    scenario_do(world, "expect error ROUSE_EBUSY");
    scenario_do(world, "cancel");
    scenario_do(world, "expect error ROUSE_OK");
    assert_int_equal(world->rouse->walks.n, WALK_MAX - 1);
    scenario_do(world, "wave");
    scenario_do(world, "expect error ROUSE_OK");
    scenario_do(world, "expect wave running total=2");
    world_free(world);
}

/* Its page is needed until the last of its pushes is settled. */
TEST(a_cancelled_wave_stays_until_its_last_push_is_settled)
{
    struct world *world = world_new();

    scenario_do(world, "cert 01");
    scenario_do(world, "enroll d1 d2 d3");
    scenario_do(world, "window 1");
    scenario_do(world, "hold");
    scenario_do(world, "wave");
    scenario_do(world, "expect pushes d1/1");
    scenario_do(world, "cancel");
    scenario_do(world, "expect wave cancelled total=3 cancelled=3");
    assert_int_equal(world->rouse->walks.n, 1);
    scenario_do(world, "release");
    scenario_do(world, "expect wave cancelled total=3 accepted=1 cancelled=2");
    assert_int_equal(world->rouse->walks.n, 0);
    /* What it had ready and did not send is free for others. */
    scenario_do(world, "wave");
    scenario_do(world, "advance 1s");
    scenario_do(world, "expect pushes d1/1 d2/1 d3/1");
    scenario_do(world, "expect wave done total=3 accepted=3");
    world_free(world);
}

/* One that was never taken into memory: more were open than there is room. */
TEST(a_wave_without_a_walk_can_be_cancelled)
{
    struct world *world = world_new();
    struct store_wave wave = {.deadline_ms = world->now_ms + 3600000};

    scenario_do(world, "enroll d1");
    assert_int_equal(store_wave_ask(world->rouse->store, &wave, NULL, NULL),
                     STORE_OK);
    world_run(world);
    world->wave = 1;
    scenario_do(world, "cancel");
    scenario_do(world, "expect error ROUSE_OK");
    scenario_do(world, "expect wave cancelled total=1 cancelled=1");
    world_free(world);
}
