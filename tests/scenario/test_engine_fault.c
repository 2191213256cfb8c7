/* SPDX-License-Identifier: MIT */

/*
 * Memory that runs out at the n-th allocation of the loop's thread during one
 * request, for every n: whoever asked is told, nothing is changed, and the
 * same works the next time. And likewise a disk that is full.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/scenario/fake_apns.h"
#include "tests/scenario/scenario.h"
#include "tests/scenario/world.h"
#include "tests/support/failing_memory.h"
#include "tests/support/unit.h"

#define TOPIC   "com.apple.mgmt.a"
#define MAX_NTH 500

static void
run(struct world *world, const char *text)
{
    char line[256];
    char failure[512] = "";

    snprintf(line, sizeof line, "%s", text);
    if (!scenario_run(world, line, failure, sizeof failure))
        fail_msg("%s: %s", text, failure);
}

static enum rouse_err
wake(struct world *world)
{
    static const char *const ids[] = {"d1", "d2", "d1"};
    struct rouse_wake_terms terms = {0};

    world->is_asked = false;
    return rouse_wake(world->rouse, ids, 3, &terms, world_on_asked, world);
}

TEST(an_ask_without_memory_is_told_at_once)
{
    struct world *world = world_new();
    char pushes[256];
    bool is_hit = true;
    int nth;

    run(world, "cert 01");
    run(world, "enroll d1");
    run(world, "enroll d2");
    for (nth = 1; is_hit; nth++) {
        enum rouse_err err;

        assert_true(nth < MAX_NTH);
        arm(nth);
        err = wake(world);
        is_hit = disarm();
        assert_int_equal(err, is_hit ? ROUSE_ENOMEM : ROUSE_OK);
        world_advance(world, 1000);
        assert_int_equal(world->is_asked, !is_hit);
        assert_int_equal(fake_apns_pushes(pushes, sizeof pushes),
                         is_hit ? 0 : 2);
    }
    assert_true(nth > 8);
    world_free(world);
}

static void
on_each(void *arg, const struct apns_identity_status *status)
{
    char *serial = arg;

    if (strcmp(status->cert.topic, TOPIC) == 0)
        snprintf(serial, 65, "%s", status->cert.serial);
}

static void
expect_in_force(struct world *world, const char *serial)
{
    char found[65] = "";

    rouse_cert_each(world->rouse, on_each, found);
    assert_string_equal(found, serial);
}

#define UNTOLD ROUSE_EBUSY /* no import's completion */

static void
on_guard(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)timer;
    (void)events;
    fail_msg("the import was never completed");
}

/* Without the requests that world_step makes: no memory is there for them. */
static void
wait_told(struct world *world)
{
    ev_timer guard;

    ev_timer_init(&guard, on_guard, 20., 0.);
    ev_timer_start(world->loop, &guard);
    while (world->err == UNTOLD)
        ev_run(world->loop, EVRUN_ONCE);
    ev_timer_stop(world->loop, &guard);
}

/* What was told, now or later. */
static enum rouse_err
import(struct world *world, int nth, bool *is_hit)
{
    static const char pem[] = TOPIC " 02";
    enum rouse_err err;

    world->err = UNTOLD;
    arm(nth);
    err = rouse_cert_import(world->rouse, pem, strlen(pem), NULL,
                            world_on_import, world);
    if (err == ROUSE_OK) {
        wait_told(world);
        err = world->err;
    }
    *is_hit = disarm();
    return err;
}

TEST(an_import_without_memory_leaves_the_old_one)
{
    bool is_hit = true;
    int nth;

    for (nth = 1; is_hit; nth++) {
        struct world *world = world_new();
        enum rouse_err err;
        bool is_again;

        assert_true(nth < MAX_NTH);
        run(world, "cert 01");
        err = import(world, nth, &is_hit);
        if (err == ROUSE_OK) {
            expect_in_force(world, "02");
        } else {
            assert_int_equal(err, ROUSE_ENOMEM);
            assert_true(is_hit);
            expect_in_force(world, "01");
            assert_int_equal(import(world, 0, &is_again), ROUSE_OK);
            expect_in_force(world, "02");
        }
        world_free(world);
    }
    assert_true(nth > 4);
}

TEST(an_ask_that_cannot_be_stored_is_told)
{
    struct world *world = world_new();
    char pushes[256];

    run(world, "cert 01");
    run(world, "enroll d1");
    run(world, "enroll d2");
    world_disk(true);
    assert_int_equal(wake(world), ROUSE_OK);
    world_run(world);
    assert_true(world->is_asked);
    assert_int_equal(world->err, ROUSE_EFULL);
    world_disk(false);
    assert_int_equal(wake(world), ROUSE_OK);
    world_advance(world, 1000);
    assert_int_equal(world->err, ROUSE_OK);
    assert_int_equal(fake_apns_pushes(pushes, sizeof pushes), 2);
    world_free(world);
}

TEST(an_import_that_cannot_be_stored_leaves_the_old_one)
{
    struct world *world = world_new();
    bool is_hit;

    run(world, "cert 01");
    world_disk(true);
    assert_int_equal(import(world, 0, &is_hit), ROUSE_EFULL);
    expect_in_force(world, "01");
    world_disk(false);
    assert_int_equal(import(world, 0, &is_hit), ROUSE_OK);
    expect_in_force(world, "02");
    world_free(world);
}
