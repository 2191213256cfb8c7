/* SPDX-License-Identifier: MIT */

/*
 * Runs every text in scenarios/: one test each, named like its file. A line
 * is a directive: scenario.c and expect.c say which there are.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/scenario/scenario.h"
#include "tests/scenario/world.h"
#include "tests/support/unit.h"

TEST_FILES(run_file, SOURCE_DIR "/tests/scenario/scenarios/*.txt")
{
    const char *path = *state;
    FILE *file = fopen(path, "r");
    struct world *world;
    char line[512];
    int number = 0;

    if (file == NULL)
        fail_msg("%s cannot be read", path);
    world = world_new();
    while (fgets(line, sizeof line, file) != NULL) {
        char failure[1024] = "";

        number++;
        if (!scenario_run(world, line, failure, sizeof failure)) {
            fclose(file);
            world_free(world);
            fail_msg("%s:%d: %s", strrchr(path, '/') + 1, number, failure);
        }
    }
    fclose(file);
    world_free(world);
}
