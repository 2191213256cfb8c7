/* SPDX-License-Identifier: MIT */

/*
 * A crash after every step of an import, a revert, a fall back and an import
 * that the client does not take: the old certificate or the new one is in
 * force, never none, and whoever was asked to wake is woken.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/engine/cert/life/life_install.h"
#include "tests/scenario/fake_apns.h"
#include "tests/scenario/scenario.h"
#include "tests/scenario/world.h"
#include "tests/support/unit.h"

#define MAX_STEPS    12 /* a run without a crash takes fewer */
#define TOPIC        "com.apple.mgmt.a"
#define OTHER        "com.apple.mgmt.b"
#define N_FULL       16 /* identities that the fake client has room for */
#define SERIAL_SIZE  65
#define NEVER_PASSES 10 /* steps after which every change is done */

static void
run(struct world *world, const char *text)
{
    char line[256];
    char failure[512] = "";

    snprintf(line, sizeof line, "%s", text);
    if (!scenario_run(world, line, failure, sizeof failure))
        fail_msg("%s: %s", text, failure);
}

struct looked {
    const char *topic;
    char serial[SERIAL_SIZE];
};

static void
on_each(void *arg, const struct apns_identity_status *status)
{
    struct looked *looked = arg;

    if (strcmp(status->cert.topic, looked->topic) != 0)
        return;
    assert_string_equal(looked->serial, ""); /* one, and not two */
    snprintf(looked->serial, sizeof looked->serial, "%s", status->cert.serial);
}

/* The serial number of the one in force, or "". */
static struct looked
look(struct world *world, const char *topic)
{
    struct looked looked = {.topic = topic};

    rouse_cert_each(world->rouse, on_each, &looked);
    return looked;
}

static void
expect_woken(struct world *world)
{
    char pushes[256];

    (void)fake_apns_pushes(pushes, sizeof pushes);
    run(world, "wake d1");
    world_advance(world, 1000);
    assert_int_equal(fake_apns_pushes(pushes, sizeof pushes), 1);
}

/* Which of two was in force after the crashes; each must be seen, or the
   steps were too few. */
struct seen {
    int n_old;
    int n_new;
};

static void
count(struct seen *seen, const char *serial, const char *old, const char *new)
{
    if (strcmp(serial, old) == 0)
        seen->n_old++;
    else if (strcmp(serial, new) == 0)
        seen->n_new++;
    else
        fail_msg("\"%s\" is in force", serial);
}

/* No import's completion: what it would be set to. */
#define UNTOLD ROUSE_EBUSY

static void
import(struct world *world, const char *serial)
{
    char pem[128];

    snprintf(pem, sizeof pem, TOPIC " %s", serial);
    world->err = UNTOLD;
    assert_int_equal(rouse_cert_import(world->rouse, pem, strlen(pem), NULL,
                                       world_on_import, world),
                     ROUSE_OK);
}

TEST(an_import_leaves_the_old_or_the_new)
{
    struct seen seen = {0};

    for (int n_steps = 0; n_steps < MAX_STEPS; n_steps++) {
        struct world *world = world_new();
        struct looked looked;
        bool is_told;

        run(world, "cert 01");
        run(world, "enroll d1");
        import(world, "02");
        for (int i = 0; i < n_steps; i++)
            world_step(world);
        is_told = world->err == ROUSE_OK;
        world_crash(world);
        looked = look(world, TOPIC);
        count(&seen, looked.serial, "01", "02");
        if (is_told)
            assert_string_equal(looked.serial, "02");
        expect_woken(world);
        world_free(world);
    }
    assert_true(seen.n_old > 0);
    assert_true(seen.n_new > MAX_STEPS - NEVER_PASSES);
}

static void
on_reverted(void *arg, enum rouse_err err,
            const struct rouse_cert_refusal *refusal,
            const struct rouse_cert_import_answer *answer)
{
    struct world *world = arg;

    (void)refusal;
    (void)answer;
    world->err = err;
}

TEST(a_revert_leaves_the_old_or_the_new)
{
    struct seen seen = {0};

    for (int n_steps = 0; n_steps < MAX_STEPS; n_steps++) {
        struct world *world = world_new();
        struct looked looked;
        bool is_told;

        run(world, "cert 01");
        run(world, "enroll d1");
        run(world, "cert 02");
        world->err = UNTOLD;
        assert_int_equal(rouse_cert_revert(world->rouse, TOPIC, "tester", NULL,
                                           true, on_reverted, world),
                         ROUSE_OK);
        for (int i = 0; i < n_steps; i++)
            world_step(world);
        is_told = world->err == ROUSE_OK;
        world_crash(world);
        looked = look(world, TOPIC);
        count(&seen, looked.serial, "02", "01");
        if (is_told)
            assert_string_equal(looked.serial, "01");
        expect_woken(world);
        world_free(world);
    }
    assert_true(seen.n_old > 0);
    assert_true(seen.n_new > MAX_STEPS - NEVER_PASSES);
}

/* When the refused one is in force again after the start, APNs refuses it
   again, and the way back is still known. */
TEST(a_fall_back_goes_on_after_the_crash)
{
    struct seen seen = {0};

    for (int n_steps = 0; n_steps < MAX_STEPS; n_steps++) {
        struct world *world = world_new();
        struct looked looked;

        run(world, "cert 01");
        run(world, "enroll d1");
        fake_apns_identity(TOPIC, APNS_IDENTITY_READY, "");
        world_run(world);
        run(world, "cert 02");
        fake_apns_identity(TOPIC, APNS_IDENTITY_STOPPED, "certificate_revoked");
        for (int i = 0; i < n_steps; i++)
            world_step(world);
        world_crash(world);
        looked = look(world, TOPIC);
        count(&seen, looked.serial, "02", "01");
        if (strcmp(looked.serial, "02") == 0)
            fake_apns_identity(TOPIC, APNS_IDENTITY_STOPPED,
                               "certificate_revoked");
        world_advance(world, 1000);
        looked = look(world, TOPIC);
        assert_string_equal(looked.serial, "01");
        expect_woken(world);
        world_free(world);
    }
    assert_true(seen.n_old > 0);
    assert_true(seen.n_new > MAX_STEPS - NEVER_PASSES);
}

/*
 * A new topic replaces another one, and the client has no room for it.
 */

static void
fill_client(struct world *world)
{
    char line[64];

    for (int i = 2; i < N_FULL; i++) {
        snprintf(line, sizeof line, "cert %02x topic=com.apple.mgmt.x%d",
                 0x20 + i, i);
        run(world, line);
    }
}

static void
on_installed(void *arg, enum rouse_err err, enum apns_err fault)
{
    struct world *world = arg;

    assert_int_not_equal(err, ROUSE_OK);
    if (err == ROUSE_ECERT)
        assert_int_equal(fault, APNS_ETOOMANY);
    world->err = err;
}

static void
replace(struct world *world)
{
    static const char pem[] = OTHER " 02";
    struct apns_credential *credential;
    struct life_install install = {
        .by = "tester",
        .terms = {.expected_sha256 = "", .replace_topic = TOPIC},
    };

    assert_int_equal(apns_credential_load(pem, "key", &credential), APNS_OK);
    install.credential = credential;
    world->err = UNTOLD;
    assert_int_equal(
        life_install_begin(world->rouse, &install, on_installed, world),
        ROUSE_OK);
    apns_credential_free(credential);
}

TEST(a_replacement_that_is_not_taken_leaves_one_of_both_topics)
{
    int n_undone = 0;

    for (int n_steps = 0; n_steps < MAX_STEPS; n_steps++) {
        struct world *world = world_new();
        struct looked old, new;

        run(world, "cert 01");
        run(world, "cert 10 topic=com.apple.mgmt.c");
        run(world, "enroll d1");
        fill_client(world);
        replace(world);
        for (int i = 0; i < n_steps; i++)
            world_step(world);
        world_crash(world);
        old = look(world, TOPIC);
        new = look(world, OTHER);
        if (old.serial[0] == '\0' && new.serial[0] == '\0')
            fail_msg("after %d steps neither is in force", n_steps);
        n_undone += old.serial[0] != '\0' && new.serial[0] == '\0';
        world_free(world);
    }
    assert_true(n_undone > MAX_STEPS - NEVER_PASSES);
}
