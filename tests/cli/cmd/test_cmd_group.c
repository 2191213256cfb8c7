/* SPDX-License-Identifier: MIT */

/*
 * Groups.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/cli/command.h"
#include "tests/support/unit.h"

#define GROUP                                                            \
    "{\"path\":\"acme/north\",\"topic\":null,\"effective_topic\":\"t\"," \
    "\"permission\":\"inherit\",\"enrollments\":30,\"mismatched\":2}"
#define CERTS "{\"pushcerts\":[{\"topic\":\"x.t\"}]}"

ALL(command_use_utc, NULL);

TEST(groups_are_listed_with_what_they_inherit)
{
    struct command_setup setup = {
        ANSWERS({.status = 200, .body = "{\"groups\":[" GROUP "]}"})};
    struct command_setup show = {ANSWERS({.status = 200, .body = GROUP})};
    struct command_run run;

    command_do(&run, &setup, "group", "list");
    assert_string_equal(
        run.out,
        "PATH        TOPIC  FROM   PERMISSION  ENROLLED  MISMATCHED\n"
        "acme/north  t      above  inherit           30           2\n");
    command_fini(&run);
    command_do(&run, &show, "group", "show", "acme/north");
    assert_string_equal(run.requests[0].path, "/v1/groups/acme%2Fnorth");
    assert_non_null(strstr(run.out, "effective topic   t\n"));
    command_fini(&run);
}

TEST(a_group_is_put_and_removed)
{
    struct command_setup put = {ANSWERS({.status = 200, .body = GROUP},
                                        {.status = 200, .body = CERTS})};
    struct command_setup gone = {ANSWERS({.status = 204})};
    struct command_setup nobody = {0};
    struct command_run run;

    command_do(&run, &put, "group", "put", "acme/north", "--topic", "x.t",
               "--permission", "either");
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[0].method, "PATCH");
    assert_string_equal(run.requests[0].body,
                        "{\"topic\":\"x.t\",\"permission\":\"either\"}");
    command_fini(&run);
    command_do(&run, &nobody, "group", "remove", "acme");
    assert_int_equal(run.exit, CLI_REFUSED);
    command_fini(&run);
    command_do(&run, &gone, "group", "remove", "acme", "--yes");
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[0].method, "DELETE");
    command_fini(&run);
}

TEST(enrollments_are_assigned_and_one_unknown_fails)
{
    struct command_setup setup = {
        .input = "E-2\n\nE-3\n",
        ANSWERS({.status = 200, .body = GROUP}, {.status = 204},
                {.status = 404,
                 .body = "{\"error\":\"no enrollment E-2\",\"code\":"
                         "\"not_found\"}"},
                {.status = 204}, {.status = 200, .body = GROUP})};
    struct command_setup out = {ANSWERS({.status = 204})};
    struct command_run run;

    command_do(&run, &setup, "group", "assign", "acme/north", "E-1", "-");
    assert_int_equal(run.exit, CLI_FAILED);
    assert_string_equal(run.requests[1].path, "/v1/enrollments/E-1/group");
    assert_string_equal(run.requests[1].body, "{\"path\":\"acme/north\"}");
    assert_string_equal(run.out, "put 2 of 3 enrollments into acme/north\n");
    assert_string_equal(run.err, "rouse: no enrollment E-2\nE-2: not moved\n");
    command_fini(&run);
    command_do(&run, &out, "group", "unassign", "E-1");
    assert_string_equal(run.requests[0].body, "{\"path\":null}");
    assert_string_equal(run.out,
                        "took 1 of 1 enrollments out of their groups\n");
    command_fini(&run);
}

TEST(a_group_is_listed_and_woken_as_a_whole)
{
    struct command_setup list = {ANSWERS(
        {.status = 200, .body = "{\"enrollments\":[],\"next_cursor\":null}"})};
    struct command_setup wake = {
        ANSWERS({.status = 202, .body = "{\"id\":7,\"state\":\"running\"}"})};
    struct command_run run;

    command_do(&run, &list, "enrollment", "list", "--group", "acme/north");
    assert_non_null(strstr(run.requests[0].path, "group=acme%2Fnorth"));
    command_fini(&run);
    command_do(&run, &wake, "wake", "--group", "acme/north");
    assert_string_equal(run.requests[0].path, "/v1/waves");
    assert_non_null(
        strstr(run.requests[0].body, "\"filter\":{\"group\":\"acme/north\"}"));
    command_fini(&run);
}
