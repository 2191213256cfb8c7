/* SPDX-License-Identifier: MIT */

/*
 * Backups through the library.
 */

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/scenario/world.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unit.h"

struct heard {
    struct world *world;
    char *path;
    char *part;
    bool is_there;
    enum rouse_err err;
    int64_t n_bytes;
};

static int
set_up(void **state)
{
    struct heard *heard = calloc(1, sizeof *heard);

    assert_non_null(heard);
    heard->world = world_new();
    heard->path = temp_dir_path(heard->world->dir, "a.backup");
    heard->part = temp_dir_path(heard->world->dir, "a.backup.part");
    *state = heard;
    return 0;
}

static int
tear_down(void **state)
{
    struct heard *heard = *state;

    world_free(heard->world);
    free(heard->path);
    free(heard->part);
    free(heard);
    return 0;
}

EACH(set_up, tear_down);

static void
on_backup(void *arg, enum rouse_err err, int64_t n_bytes)
{
    struct heard *heard = arg;

    heard->is_there = true;
    heard->err = err;
    heard->n_bytes = n_bytes;
}

static enum rouse_err
back_up(struct heard *heard, const char *path)
{
    heard->is_there = false;
    assert_int_equal(rouse_backup(heard->world->rouse, path, on_backup, heard),
                     ROUSE_OK);
    while (!heard->is_there)
        ev_run(heard->world->loop, EVRUN_ONCE);
    return heard->err;
}

TEST(a_backup_is_whole_when_it_has_its_name)
{
    struct heard *heard = *state;
    struct stat status;

    assert_int_equal(back_up(heard, heard->path), ROUSE_OK);
    assert_int_equal(stat(heard->path, &status), 0);
    assert_int_equal(status.st_size, heard->n_bytes);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_not_equal(access(heard->part, F_OK), 0);
    /* What is there stays. */
    assert_int_equal(
        rouse_backup(heard->world->rouse, heard->path, on_backup, heard),
        ROUSE_ECONFLICT);
}

TEST(what_takes_the_name_meanwhile_stays)
{
    struct heard *heard = *state;
    char *text;

    assert_int_equal(
        rouse_backup(heard->world->rouse, heard->path, on_backup, heard),
        ROUSE_OK);
    temp_dir_write(heard->path, "another's");
    while (!heard->is_there)
        ev_run(heard->world->loop, EVRUN_ONCE);
    assert_int_equal(heard->err, ROUSE_ECONFLICT);
    assert_int_equal(heard->n_bytes, 0);
    text = temp_dir_read(heard->path, NULL);
    assert_string_equal(text, "another's");
    free(text);
    assert_int_not_equal(access(heard->part, F_OK), 0);
}

TEST(a_place_that_cannot_be_written_is_told)
{
    struct heard *heard = *state;

    assert_int_equal(back_up(heard, "/nonexistent/directory/a"), ROUSE_ESTATE);
    assert_int_equal(rouse_backup(heard->world->rouse, "", on_backup, heard),
                     ROUSE_EINVAL);
}

TEST(closing_gives_up_a_backup)
{
    struct heard *heard = *state;

    assert_int_equal(
        rouse_backup(heard->world->rouse, heard->path, on_backup, heard),
        ROUSE_OK);
    world_stop(heard->world);
    assert_true(heard->is_there);
    assert_int_equal(heard->err, ROUSE_ECLOSED);
    assert_int_not_equal(access(heard->path, F_OK), 0);
    assert_int_not_equal(access(heard->part, F_OK), 0);
}
