/* SPDX-License-Identifier: MIT */

/*
 * rouse group export and import, and enrollments with groups.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/cli/command.h"
#include "tests/support/unit.h"

#include "tests/support/temp_dir.h"

#define GROUPS                                                             \
    "{\"groups\":[{\"path\":\"org\",\"topic\":\"t\",\"effective_topic\":"  \
    "\"t\",\"permission\":\"either\",\"enrollments\":3,\"mismatched\":0}," \
    "{\"path\":\"org/a\",\"topic\":null,\"effective_topic\":\"t\","        \
    "\"permission\":\"inherit\",\"enrollments\":0,\"mismatched\":0}]}"
#define LINES                                                        \
    "{\"path\":\"org\",\"topic\":\"t\",\"permission\":\"either\"}\n" \
    "{\"path\":\"org/a\",\"topic\":null,\"permission\":\"inherit\"}\n"

TEST(the_tree_is_written_without_what_follows_from_others)
{
    struct command_setup setup = {ANSWERS({.status = 200, .body = GROUPS})};
    struct command_run run;
    char *dir = temp_dir_new();
    char *file = temp_dir_path(dir, "groups");
    char *text;

    command_do(&run, &setup, "group", "export");
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[0].path, "/v1/groups");
    assert_string_equal(run.out, LINES);
    command_fini(&run);
    command_do(&run, &setup, "group", "export", file);
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.out, "");
    text = temp_dir_read(file, NULL);
    assert_string_equal(text, LINES);
    command_fini(&run);
    command_do(&run, &setup, "group", "export", "/nonexistent/groups");
    assert_int_equal(run.exit, CLI_FAILED);
    command_fini(&run);
    free(text);
    free(file);
    temp_dir_free(dir);
}

TEST(each_line_is_put_as_it_comes)
{
    struct command_setup setup = {
        .input = LINES,
        ANSWERS({.status = 200, .body = "{}"}, {.status = 200, .body = "{}"})};
    struct command_run run;

    command_do(&run, &setup, "group", "import", "-");
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.out, "put 2 of 2 groups\n");
    assert_string_equal(run.requests[0].method, "PATCH");
    assert_string_equal(run.requests[0].path, "/v1/groups/org");
    assert_string_equal(run.requests[0].body,
                        "{\"topic\":\"t\",\"permission\":\"either\"}");
    assert_string_equal(run.requests[1].path, "/v1/groups/org%2Fa");
    assert_string_equal(run.requests[1].body,
                        "{\"topic\":null,\"permission\":\"inherit\"}");
    command_fini(&run);
}

TEST(a_line_that_cannot_be_put_is_told_and_holds_up_no_other)
{
    struct command_setup setup = {
        .input = "nonsense\n\n{\"path\":\"a/b\"}\n{\"path\":\"c\",\"x\":1}\n"
                 "{\"path\":\"d\"}",
        ANSWERS({.status = 409,
                 .body = "{\"error\":\"no parent\",\"code\":\"conflict\"}"},
                {.status = 400,
                 .body = "{\"error\":\"unknown x\",\"code\":\"invalid\"}"},
                {.status = 200, .body = "{}"})};
    struct command_run run;

    command_do(&run, &setup, "group", "import", "-");
    assert_int_equal(run.exit, CLI_FAILED);
    assert_string_equal(run.out, "put 1 of 4 groups\n");
    assert_non_null(strstr(run.err, "-:1: not a JSON object with a group's"));
    assert_non_null(strstr(run.err, "-:3: no parent"));
    assert_non_null(strstr(run.err, "unknown x"));
    assert_non_null(strstr(run.err, "-:4: not put"));
    command_fini(&run);
}

/* Who may not do it hears it once. */
TEST(a_server_that_lets_nobody_in_ends_it)
{
    struct command_setup setup = {
        .input = LINES,
        ANSWERS({.status = 403,
                 .body = "{\"error\":\"no\",\"code\":\"forbidden\"}"})};
    struct command_setup gone = {.input = LINES};
    struct command_run run;

    command_do(&run, &setup, "group", "import", "-");
    assert_int_equal(run.exit, CLI_FAILED);
    assert_string_equal(run.out, "put 0 of 1 groups\n");
    command_fini(&run);
    command_do(&run, &gone, "group", "import", "-");
    assert_int_equal(run.exit, CLI_FAILED);
    command_fini(&run);
    command_do(&run, &gone, "group", "import", "/nonexistent/groups");
    assert_int_equal(run.exit, CLI_FAILED);
    command_fini(&run);
}

TEST(groups_are_made_for_enrollments_when_asked_for)
{
    struct command_setup setup = {
        .input = "{}\n",
        ANSWERS({.status = 200,
                 .body = "{\"imported\":1,\"rejected\":0,\"groups_made\":2,"
                         "\"errors\":[]}"})};
    struct command_run run;

    command_do(&run, &setup, "enrollment", "import", "-", "--create-groups");
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[0].path,
                        "/v1/enrollments?create_groups=1");
    assert_string_equal(run.out, "imported 1, rejected 0, created 2 groups\n");
    command_fini(&run);
}
