/* SPDX-License-Identifier: MIT */

/*
 * A crash after every step of a wave and of wakes with retries: whatever was
 * accepted is pushed at least once, and the wave's counters add up.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/scenario/fake_apns.h"
#include "tests/scenario/scenario.h"
#include "tests/scenario/world.h"
#include "tests/support/unit.h"

#define MAX_STEPS 24 /* a run without a crash takes fewer */

static void
run(struct world *world, const char *text)
{
    char line[256];
    char failure[512] = "";

    snprintf(line, sizeof line, "%s", text);
    if (!scenario_run(world, line, failure, sizeof failure))
        fail_msg("%s: %s", text, failure);
}

/* Is "d1/1" among the pushes that were sent at any time? */
static bool
was_pushed(const char *pushes, int device)
{
    char token[16];
    size_t len = (size_t)snprintf(token, sizeof token, "d%d/1", device);

    for (const char *at = pushes; (at = strstr(at, token)) != NULL; at++)
        if (at[len] == ' ' || at[len] == '\0')
            return true;
    return false;
}

static void
prepare(struct world *world)
{
    run(world, "cert 01");
    run(world, "enroll d1 d2 d3 d4 d5 d6 d7 d8");
    run(world, "window 3");
    run(world, "answer d2 500 InternalServerError times=1");
    run(world, "answer d4 0 - times=1");
    run(world, "answer d6 410 Unregistered");
}

TEST(a_wave_survives_a_crash_after_every_step)
{
    char pushes[4096];

    for (int n_steps = 0; n_steps < MAX_STEPS; n_steps++) {
        struct rouse_wave_terms terms = {.asked_by = "tester"};
        struct world *world = world_new();

        prepare(world);
        assert_int_equal(
            rouse_wave_ask(world->rouse, NULL, &terms, world_on_wave, world),
            ROUSE_OK);
        while (world->wave == 0) /* accepted when it is completed */
            world_step(world);
        for (int i = 0; i < n_steps; i++)
            world_step(world);
        world_crash(world);
        world_advance(world, 3600000);
        run(world, "expect wave done total=8 accepted=7 dead=1");
        fake_apns_pushes(pushes, sizeof pushes);
        for (int i = 1; i <= 8; i++)
            assert_true(was_pushed(pushes, i));
        world_free(world);
    }
}

/* How often was "d1/1" sent? */
static int
n_pushed(const char *pushes, int device)
{
    char token[16];
    size_t len = (size_t)snprintf(token, sizeof token, "d%d/1", device);
    int n = 0;

    for (const char *at = pushes; (at = strstr(at, token)) != NULL; at++)
        n += at[len] == ' ' || at[len] == '\0';
    return n;
}

/* Each of them counts every device once, whoever pushed it and when. */
TEST(waves_that_share_devices_count_true_after_a_crash)
{
    char pushes[4096];

    for (int n_steps = 0; n_steps < 2 * MAX_STEPS; n_steps++) {
        struct world *world = world_new();

        prepare(world);
        run(world, "hold");
        run(world, "wave times=3");
        run(world, "wake d5 d7 due=1s");
        fake_apns_hold(false);
        for (int i = 0; i < n_steps; i++) {
            world_step(world);
            world->now_ms += 100;
        }
        world_crash(world);
        world_advance(world, 3600000);
        run(world, "expect waves done total=8 accepted=7 dead=1");
        fake_apns_pushes(pushes, sizeof pushes);
        for (int i = 1; i <= 8; i++)
            assert_in_range(n_pushed(pushes, i), 1, 4);
        world_free(world);
    }
}

TEST(wakes_survive_a_crash_after_every_step)
{
    static const char *const ids[] = {"d1", "d2", "d4", "d6", "d8"};
    static const int devices[] = {1, 2, 4, 6, 8};
    char pushes[4096];

    for (int n_steps = 0; n_steps < MAX_STEPS; n_steps++) {
        struct world *world = world_new();

        prepare(world);
        assert_int_equal(
            rouse_wake(world->rouse, ids, 5, NULL, world_on_asked, world),
            ROUSE_OK);
        while (!world->is_asked)
            world_step(world);
        for (int i = 0; i < n_steps; i++)
            world_step(world);
        world_crash(world);
        world_advance(world, 3600000);
        run(world, "expect wake d1 none");
        run(world, "expect wake d2 none");
        run(world, "expect state d6 dead");
        fake_apns_pushes(pushes, sizeof pushes);
        for (int i = 0; i < 5; i++)
            assert_true(was_pushed(pushes, devices[i]));
        world_free(world);
    }
}
