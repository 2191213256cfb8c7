/* SPDX-License-Identifier: MIT */

#include "cli_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/fleet.h"
#include "tests/support/pki_make.h"
#include "tests/support/temp_dir.h"

#define MAX_WORDS 24

int
cli_scene_set_up(void **state)
{
    static const char *const options[] = {"--listen", "127.0.0.1:0", NULL};
    struct cli_scene *scene = calloc(1, sizeof *scene);
    char *ca_file;

    assert_non_null(scene);
    scene->dir = temp_dir_new();
    scene->cert = pki_make(SIM_PROC_PROGRAM, scene->dir, CLI_SCENE_TOPIC, NULL);
    scene->sim = sim_proc_start(SIM_PROC_PROGRAM, scene->dir, NULL);
    ca_file = temp_dir_path(scene->dir, "ca.pem");
    scene->daemon = daemon_proc_start(DAEMON_PROC_PROGRAM, scene->sim->port,
                                      ca_file, options);
    free(ca_file);
    *state = scene;
    return 0;
}

int
cli_scene_tear_down(void **state)
{
    struct cli_scene *scene = *state;

    daemon_proc_free(scene->daemon);
    sim_proc_stop(scene->sim);
    temp_dir_free(scene->dir);
    free(scene->cert);
    free(scene->out);
    free(scene->err);
    free(scene);
    return 0;
}

void
cli_scene_run(struct cli_scene *scene, const char *const *words)
{
    const char *argv[MAX_WORDS + 1] = {CLI_SCENE_PROGRAM};
    int n = 0;

    for (; words[n] != NULL; n++) {
        assert_true(n + 2 < MAX_WORDS);
        argv[n + 1] = words[n];
    }
    free(scene->out);
    free(scene->err);
    scene->exit = child_run(argv, &scene->out, &scene->err);
}

void
cli_scene_assert_exit(const struct cli_scene *scene, int exit)
{
    if (scene->exit != exit)
        print_error("out: %s\nerr: %s\n", scene->out, scene->err);
    assert_int_equal(scene->exit, exit);
}

void
cli_scene_assert_says(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        print_error("no \"%s\" in: %s\n", part, text);
    assert_non_null(strstr(text, part));
}

void
cli_scene_import_fleet(struct cli_scene *scene)
{
    struct fleet fleet = {.topic = CLI_SCENE_TOPIC, .n = CLI_SCENE_FLEET};
    char *file = temp_dir_path(scene->dir, "fleet.ndjson");

    fleet_write(&fleet, file);
    RUN(scene, "enrollment", "import", file);
    cli_scene_assert_exit(scene, 0);
    assert_string_equal(scene->out, "imported 300, rejected 0\n");
    free(file);
}

void
cli_scene_import_cert(struct cli_scene *scene)
{
    RUN(scene, "cert", "import", scene->cert, "--apple-account", "a@b.example",
        "--no-test");
    cli_scene_assert_exit(scene, 0);
    cli_scene_assert_says(scene->out, "imported " CLI_SCENE_TOPIC "\n");
    cli_scene_assert_says(scene->out, " days left\n");
}
