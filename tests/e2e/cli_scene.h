/* SPDX-License-Identifier: MIT */
#ifndef E2E_CLI_SCENE_H
#define E2E_CLI_SCENE_H

/*
 * The rouse program, the real daemon and the simulator on one stage.
 */

#include "tests/support/daemon_proc.h"
#include "tests/support/sim_proc.h"

#define CLI_SCENE_PROGRAM BUILD_DIR "/server/rouse"
#define CLI_SCENE_TOPIC   "com.apple.mgmt.External.cli"
#define CLI_SCENE_FLEET   300

struct cli_scene {
    char *dir;
    char *cert; /* PEM file with certificate and key of CLI_SCENE_TOPIC */
    struct sim_proc *sim;
    struct daemon_proc *daemon;
    /* Of the last command. */
    int exit;
    char *out;
    char *err;
};

/** A test's set-up and tear-down. */
int cli_scene_set_up(void **state);
int cli_scene_tear_down(void **state);

/** cli_scene_run(scene, words): run rouse; ${words} end with NULL. */
void cli_scene_run(struct cli_scene *scene, const char *const *words);

#define RUN_ANYWHERE(scene, ...) \
    cli_scene_run(scene, (const char *const[]){__VA_ARGS__, NULL})
#define RUN(scene, ...) \
    RUN_ANYWHERE(scene, "--socket", (scene)->daemon->socket, __VA_ARGS__)

/** The last command ended with ${exit}; its words are shown if not. */
void cli_scene_assert_exit(const struct cli_scene *scene, int exit);

/** ${text} has ${part} in it. */
void cli_scene_assert_says(const char *text, const char *part);

/** Enroll CLI_SCENE_FLEET devices with the topic. */
void cli_scene_import_fleet(struct cli_scene *scene);

/** Import scene->cert, without a test push. */
void cli_scene_import_cert(struct cli_scene *scene);

#endif /* E2E_CLI_SCENE_H */
