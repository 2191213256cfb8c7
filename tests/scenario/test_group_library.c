/* SPDX-License-Identifier: MIT */

/*
 * Groups, and what is kept of certificates, through the library.
 */

#include <stdio.h>
#include <string.h>

#include "server/engine/engine.h"
#include "tests/scenario/scenario.h"
#include "tests/scenario/world.h"
#include "tests/support/unit.h"

#define TOPIC "com.apple.mgmt.a"
#define OTHER "com.apple.mgmt.b"

#define EITHER   ROUSE_PERMISSION_EITHER
#define INHERIT  ROUSE_PERMISSION_INHERIT
#define OVERRIDE ROUSE_PERMISSION_OVERRIDE

/* What the last completion brought, as text. */
struct heard {
    struct world *world;
    bool is_there;
    enum rouse_err err;
    char why[128];
    char text[1024];
    size_t n;
};

static void
await(struct heard *heard, enum rouse_err asked)
{
    assert_int_equal(asked, ROUSE_OK);
    while (!heard->is_there)
        world_step(heard->world);
    heard->is_there = false;
}

static void
on_groups(void *arg, enum rouse_err err, const char *why,
          const struct rouse_group *groups, size_t n)
{
    struct heard *heard = arg;
    size_t at = 0;

    heard->is_there = true;
    heard->err = err;
    heard->n = n;
    heard->text[0] = '\0';
    snprintf(heard->why, sizeof heard->why, "%s", why);
    for (size_t i = 0; i < n; i++)
        at += (size_t)snprintf(
            heard->text + at, sizeof heard->text - at, "%s=%s>%s:%s %d/%d\n",
            groups[i].path, groups[i].topic, groups[i].effective,
            rouse_permission_text(groups[i].permission),
            (int)groups[i].n_mismatched, (int)groups[i].n_enrollments);
}

static enum rouse_err
put(struct heard *heard, const char *path, const char *topic,
    enum rouse_permission permission)
{
    struct rouse_group group = {
        .path = path, .topic = topic, .permission = permission};

    await(heard, rouse_group_put(heard->world->rouse, &group, "tester",
                                 on_groups, heard));
    return heard->err;
}

static void
on_done(void *arg, enum rouse_err err)
{
    struct heard *heard = arg;

    heard->is_there = true;
    heard->err = err;
}

static enum rouse_err
assign(struct heard *heard, const char *id, const char *path)
{
    await(heard, rouse_group_assign(heard->world->rouse, id, path, NULL,
                                    on_done, heard));
    return heard->err;
}

static void
on_member(void *arg, enum rouse_err err, const struct rouse_member *member)
{
    struct heard *heard = arg;

    heard->is_there = true;
    heard->err = err;
    heard->text[0] = '\0';
    if (member != NULL)
        snprintf(heard->text, sizeof heard->text, "%s %s in %s>%s:%s%s",
                 member->id, member->topic, member->group, member->effective,
                 rouse_permission_text(member->permission),
                 member->is_mismatched ? " mismatched" : "");
}

static void
expect_member(struct heard *heard, const char *id, const char *text)
{
    await(heard, rouse_group_of(heard->world->rouse, id, on_member, heard));
    assert_int_equal(heard->err, ROUSE_OK);
    assert_string_equal(heard->text, text);
}

static void
on_events(void *arg, enum store_err err, const struct store_event *events,
          size_t n)
{
    struct heard *heard = arg;
    size_t at = 0;

    assert_int_equal(err, STORE_OK);
    heard->is_there = true;
    heard->text[0] = '\0';
    for (size_t i = 0; i < n; i++)
        at += (size_t)snprintf(heard->text + at, sizeof heard->text - at,
                               "%s %s by %s: %s\n", events[i].kind,
                               events[i].subject, events[i].actor,
                               events[i].detail);
}

TEST(a_tree_is_made_listed_and_taken_down)
{
    struct heard heard = {.world = world_new()};
    struct rouse *rouse = heard.world->rouse;

    assert_int_equal(put(&heard, "org", TOPIC, EITHER), ROUSE_OK);
    assert_string_equal(heard.text, "org=" TOPIC ">" TOPIC ":either 0/0\n");
    assert_int_equal(put(&heard, "org/a", NULL, INHERIT), ROUSE_OK);
    assert_int_equal(put(&heard, "org/b", OTHER, OVERRIDE), ROUSE_OK);
    await(&heard, rouse_group_list(rouse, "", on_groups, &heard));
    assert_string_equal(heard.text, "org=" TOPIC ">" TOPIC ":either 0/0\n"
                                    "org/a=>" TOPIC ":inherit 0/0\n"
                                    "org/b=" OTHER ">" OTHER ":override 0/0\n");
    await(&heard, rouse_group_list(rouse, "org/b", on_groups, &heard));
    assert_int_equal(heard.n, 1);
    await(&heard,
          rouse_group_delete(rouse, "org/b", "tester", on_groups, &heard));
    assert_int_equal(heard.err, ROUSE_OK);
    assert_int_equal(heard.n, 0);
    await(&heard, rouse_group_get(rouse, "org/b", on_groups, &heard));
    assert_int_equal(heard.err, ROUSE_ENOTFOUND);
    assert_int_equal(
        store_event_list(engine_store(rouse), 0, 100, on_events, &heard),
        STORE_OK);
    await(&heard, ROUSE_OK);
    assert_string_equal(
        heard.text,
        "group.put org by tester: topic=" TOPIC " permission=either\n"
        "group.put org/a by tester: topic= permission=inherit\n"
        "group.put org/b by tester: topic=" OTHER " permission=override\n"
        "group.deleted org/b by tester: \n");
    world_free(heard.world);
}

TEST(what_the_tree_forbids_is_said)
{
    struct heard heard = {.world = world_new()};
    struct rouse *rouse = heard.world->rouse;
    struct rouse_group bad = {.path = "org//a"};

    assert_int_equal(put(&heard, "org/a", "", EITHER), ROUSE_ECONFLICT);
    assert_non_null(strstr(heard.why, "does not exist"));
    assert_int_equal(put(&heard, "org", TOPIC, INHERIT), ROUSE_OK);
    assert_string_equal(heard.why, "");
    assert_int_equal(put(&heard, "org/a", OTHER, EITHER), ROUSE_ECONFLICT);
    assert_non_null(strstr(heard.why, "\"inherit\""));
    assert_int_equal(rouse_group_put(rouse, &bad, "tester", on_groups, &heard),
                     ROUSE_EINVAL);
    assert_int_equal(rouse_group_get(rouse, "", on_groups, &heard),
                     ROUSE_EINVAL);
    assert_int_equal(rouse_group_list(rouse, "/", on_groups, &heard),
                     ROUSE_EINVAL);
    assert_int_equal(assign(&heard, "nobody", "org"), ROUSE_ENOTFOUND);
    scenario_do(heard.world, "enroll d1");
    assert_int_equal(assign(&heard, "d1", "nowhere"), ROUSE_ECONFLICT);
    assert_int_equal(
        rouse_group_assign(rouse, "d1", "/", NULL, on_done, &heard),
        ROUSE_EINVAL);
    world_free(heard.world);
}

TEST(a_member_is_told_its_groups_identity)
{
    struct heard heard = {.world = world_new()};
    struct rouse *rouse = heard.world->rouse;

    scenario_do(heard.world, "enroll d1 d2");
    put(&heard, "org", TOPIC, EITHER);
    put(&heard, "org/a", "", INHERIT);
    put(&heard, "org/b", OTHER, EITHER);
    expect_member(&heard, "d1", "d1 " TOPIC " in >:either");
    assert_int_equal(assign(&heard, "d1", "org/a"), ROUSE_OK);
    expect_member(&heard, "d1", "d1 " TOPIC " in org/a>" TOPIC ":inherit");
    assert_int_equal(assign(&heard, "d1", "org/b"), ROUSE_OK);
    expect_member(&heard, "d1",
                  "d1 " TOPIC " in org/b>" OTHER ":either mismatched");
    await(&heard, rouse_group_get(rouse, "org/b", on_groups, &heard));
    assert_string_equal(heard.text, "org/b=" OTHER ">" OTHER ":either 1/1\n");
    assert_int_equal(assign(&heard, "d1", ""), ROUSE_OK);
    expect_member(&heard, "d1", "d1 " TOPIC " in >:either");
    await(&heard, rouse_group_of(rouse, "nobody", on_member, &heard));
    assert_int_equal(heard.err, ROUSE_ENOTFOUND);
    world_free(heard.world);
}

TEST(permissions_have_words)
{
    enum rouse_permission read = OVERRIDE;

    assert_true(rouse_permission_read("inherit", &read));
    assert_int_equal(read, INHERIT);
    assert_string_equal(rouse_permission_text(OVERRIDE), "override");
    assert_false(rouse_permission_read("maybe", &read));
}

/* Each asked for is completed once, and nothing more is taken. */
TEST(an_engine_that_goes_completes_what_was_asked)
{
    struct heard heard = {.world = world_new()};

    scenario_do(heard.world, "enroll d1");
    put(&heard, "org", TOPIC, EITHER);
    assign(&heard, "d1", "org");
    heard.is_there = false;
    assert_int_equal(
        rouse_group_of(heard.world->rouse, "d1", on_member, &heard), ROUSE_OK);
    world_stop(heard.world);
    assert_true(heard.is_there);
    assert_int_equal(heard.err, ROUSE_ECLOSED);
    world_free(heard.world);
}

/*
 * Certificates.
 */

static void
on_records(void *arg, enum rouse_err err,
           const struct rouse_cert_record *records, size_t n)
{
    struct heard *heard = arg;
    size_t at = 0;

    heard->is_there = true;
    heard->err = err;
    heard->n = n;
    heard->text[0] = '\0';
    for (size_t i = 0; i < n; i++)
        at += (size_t)snprintf(
            heard->text + at, sizeof heard->text - at, "%s %s %s by %s %s\n",
            records[i].topic, records[i].serial, records[i].life,
            records[i].imported_by,
            records[i].retired_at_ms != 0 ? records[i].retired_why
                                          : "in force");
}

TEST(certificates_in_force_and_all_ever_held_are_told)
{
    struct heard heard = {.world = world_new()};
    struct rouse *rouse = heard.world->rouse;

    scenario_do(heard.world, "cert 01 until=20d");
    world_advance(heard.world, 1000);
    scenario_do(heard.world, "cert 02 until=365d");
    scenario_do(heard.world, "cert 03 until=365d topic=" OTHER);
    await(&heard, rouse_cert_list(rouse, NULL, on_records, &heard));
    assert_string_equal(heard.text,
                        TOPIC " 02 active by tester in force\n" OTHER
                              " 03 active by tester in force\n");
    await(&heard, rouse_cert_list(rouse, TOPIC, on_records, &heard));
    assert_int_equal(heard.n, 1);
    await(&heard, rouse_cert_history(rouse, TOPIC, on_records, &heard));
    assert_string_equal(heard.text,
                        TOPIC " 02 active by tester in force\n" TOPIC
                              " 01 expiring by tester renewed\n");
    await(&heard, rouse_cert_history(rouse, NULL, on_records, &heard));
    assert_int_equal(heard.n, 3);
    await(&heard, rouse_cert_history(rouse, "none", on_records, &heard));
    assert_int_equal(heard.err, ROUSE_ENOTFOUND);
    await(&heard, rouse_cert_list(rouse, "none", on_records, &heard));
    assert_int_equal(heard.err, ROUSE_ENOTFOUND);
    world_free(heard.world);
}
