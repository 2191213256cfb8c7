/* SPDX-License-Identifier: MIT */

/*
 * Runs every text in scenarios/: one test each, named like its file. A line
 * is a directive: scenario.c and expect.c say which there are. SCENARIO=name
 * runs one.
 */

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/scenario/scenario.h"
#include "tests/scenario/world.h"

#define MAX_SCENARIOS 200

static void
run_file(void **state)
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

int
main(void)
{
    static struct CMUnitTest tests[MAX_SCENARIOS];
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets it */
    const char *one = getenv("SCENARIO");
    size_t n = 0;
    glob_t found;
    int n_failed;

    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    if (glob(SOURCE_DIR "/tests/scenario/scenarios/*.txt", 0, NULL, &found) !=
        0)
        return 1;
    for (size_t i = 0; i < found.gl_pathc && n < MAX_SCENARIOS; i++) {
        char *path = found.gl_pathv[i];

        if (one != NULL && strstr(path, one) == NULL)
            continue;
        tests[n++] = (struct CMUnitTest){.name = strrchr(path, '/') + 1,
                                         .test_func = run_file,
                                         .initial_state = path};
    }
    n_failed = _cmocka_run_group_tests("scenarios", tests, n, NULL, NULL);
    globfree(&found);
    return n_failed;
}
