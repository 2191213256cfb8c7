/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/cli/command.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unit.h"

struct place {
    char *dir;
    char *file;
    char *part;
};

static int
set_up(void **state)
{
    struct place *place = calloc(1, sizeof *place);

    assert_non_null(place);
    place->dir = temp_dir_new();
    place->file = temp_dir_path(place->dir, "rouse.backup");
    place->part = temp_dir_path(place->dir, "rouse.backup.part");
    *state = place;
    return 0;
}

static int
tear_down(void **state)
{
    struct place *place = *state;

    temp_dir_free(place->dir);
    free(place->file);
    free(place->part);
    free(place);
    return 0;
}

EACH(set_up, tear_down);

TEST(the_copy_is_written_for_its_owner_alone)
{
    const struct place *place = *state;
    struct command_setup setup = {ANSWERS(
        {.status = 200, .body = "SQLite", .type = "application/vnd.sqlite3"})};
    struct command_run run;
    struct stat status;
    char *bytes;

    command_do(&run, &setup, "backup", place->file);
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[0].method, "POST");
    assert_string_equal(run.requests[0].path, "/v1/backup");
    assert_non_null(strstr(run.out, ": 6 bytes. The master key is not in it"));
    bytes = temp_dir_read(place->file, NULL);
    assert_string_equal(bytes, "SQLite");
    assert_int_equal(stat(place->file, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    free(bytes);
    command_fini(&run);
}

TEST(an_answer_that_is_cut_leaves_no_file)
{
    const struct place *place = *state;
    struct command_setup setup = {
        ANSWERS({.status = 200, .body = "half of it", .is_cut = true})};
    struct command_run run;

    command_do(&run, &setup, "backup", place->file);
    assert_int_equal(run.exit, CLI_FAILED);
    assert_non_null(strstr(run.err, "no answer from roused"));
    assert_int_not_equal(access(place->file, F_OK), 0);
    assert_int_not_equal(access(place->part, F_OK), 0);
    command_fini(&run);
}

TEST(a_file_that_is_there_stays_as_it_is)
{
    const struct place *place = *state;
    struct command_setup setup = {0};
    struct command_run run;
    char *bytes;

    temp_dir_write(place->file, "yesterday's");
    command_do(&run, &setup, "backup", place->file);
    assert_int_equal(run.exit, CLI_FAILED);
    assert_non_null(strstr(run.err, "exists already"));
    bytes = temp_dir_read(place->file, NULL);
    assert_string_equal(bytes, "yesterday's");
    free(bytes);
    command_fini(&run);
}

TEST(a_refusal_is_told_and_leaves_no_file)
{
    const struct place *place = *state;
    struct command_setup setup = {
        ANSWERS({.status = 409,
                 .body = "{\"error\":\"another backup is in progress; wait "
                         "until it ends\",\"code\":\"conflict\"}"})};
    struct command_run run;

    command_do(&run, &setup, "backup", place->file);
    assert_int_not_equal(run.exit, CLI_DONE);
    assert_non_null(strstr(run.err, "another backup is in progress"));
    assert_int_not_equal(access(place->file, F_OK), 0);
    assert_int_not_equal(access(place->part, F_OK), 0);
    command_fini(&run);
}
