/* SPDX-License-Identifier: MIT */

/*
 * The master key is gone for good: the fleet, its groups and API keys are
 * kept, and wakes go out once the certificate is imported again.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/e2e/cli_scene.h"
#include "tests/support/child.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unit.h"

/* roused, which is expected to end by itself. */
static void
run_roused(struct cli_scene *scene, const char *n)
{
    const char *argv[] = {DAEMON_PROC_PROGRAM,
                          "--state-dir",
                          scene->daemon->state_dir,
                          "--socket",
                          scene->daemon->socket,
                          n == NULL ? NULL : "--new-master-key",
                          n,
                          NULL};

    free(scene->out);
    free(scene->err);
    scene->exit = child_run(argv, &scene->out, &scene->err);
}

static void
lose_key(struct cli_scene *scene)
{
    char *key = temp_dir_path(scene->daemon->state_dir, "master.key");

    daemon_proc_stop(scene->daemon);
    assert_int_equal(unlink(key), 0);
    free(key);
}

static void
go_on_without_key(struct cli_scene *scene)
{
    run_roused(scene, NULL);
    cli_scene_assert_exit(scene, 1);
    cli_scene_assert_says(scene->err, "restore its copy there; if there is "
                                      "none, see roused(8), --new-master-key");
    run_roused(scene, "0");
    cli_scene_assert_exit(scene, 3);
    cli_scene_assert_says(scene->out, "1 private key was sealed");
    cli_scene_assert_says(scene->out, "--new-master-key 1\n");
    run_roused(scene, "1");
    cli_scene_assert_exit(scene, 0);
    cli_scene_assert_says(scene->out, "They are given up.");
    run_roused(scene, "0");
    cli_scene_assert_exit(scene, 1);
    cli_scene_assert_says(scene->err, "nothing is lost");
    daemon_proc_again(scene->daemon);
}

static void
assert_shown(struct cli_scene *scene)
{
    RUN(scene, "cert", "list", "--json");
    cli_scene_assert_exit(scene, 0);
    cli_scene_assert_says(scene->out, "\"key_lost\"");
    RUN(scene, "cert", "show", CLI_SCENE_TOPIC);
    cli_scene_assert_says(scene->out, "key lost: import it again");
    RUN(scene, "alerts");
    cli_scene_assert_exit(scene, 0);
    cli_scene_assert_says(scene->out, "critical");
    RUN(scene, "events");
    cli_scene_assert_says(scene->out, "master_key.lost");
    cli_scene_assert_says(scene->out, "certificates=1 requests=0 vendors=0");
    RUN(scene, "cert", "test");
    cli_scene_assert_exit(scene, 1);
    cli_scene_assert_says(scene->err, "was lost with the master key");
}

EACH(cli_scene_set_up, cli_scene_tear_down);

TEST(the_same_certificate_wakes_what_waited)
{
    struct cli_scene *scene = *state;

    cli_scene_import_cert(scene);
    cli_scene_import_fleet(scene);
    lose_key(scene);
    go_on_without_key(scene);
    assert_shown(scene);
    RUN(scene, "wake", "--all");
    cli_scene_assert_exit(scene, 0);
    assert_int_equal(sim_proc_stat(scene->sim, "accepted"), 0);
    RUN(scene, "cert", "import", scene->cert, "--no-test");
    cli_scene_assert_exit(scene, 0);
    cli_scene_assert_says(scene->out, "imported " CLI_SCENE_TOPIC "\n");
    RUN(scene, "wave", "show", "1", "--wait", "--timeout", "60s");
    cli_scene_assert_exit(scene, 0);
    assert_int_equal(sim_proc_stat(scene->sim, "accepted"), CLI_SCENE_FLEET);
    RUN(scene, "cert", "list");
    cli_scene_assert_says(scene->out, "ready");
    /* The key stays with it. */
    daemon_proc_stop(scene->daemon);
    daemon_proc_again(scene->daemon);
    RUN(scene, "wake", "--all", "--wait", "--timeout", "60s");
    cli_scene_assert_exit(scene, 0);
}

TEST(a_certificate_without_its_key_is_refused)
{
    struct cli_scene *scene = *state;
    char *file = temp_dir_path(scene->dir, "certificate-alone.pem");
    char *pem = temp_dir_read(scene->cert, NULL);
    char *begin = strstr(pem, "-----BEGIN CERTIFICATE");
    char *end = strstr(begin, "-----END CERTIFICATE-----\n");

    assert_non_null(end);
    end[strlen("-----END CERTIFICATE-----\n")] = '\0';
    temp_dir_write(file, begin);
    cli_scene_import_cert(scene);
    lose_key(scene);
    go_on_without_key(scene);
    RUN(scene, "cert", "import", file, "--no-test");
    assert_int_not_equal(scene->exit, 0);
    RUN(scene, "cert", "list", "--json");
    cli_scene_assert_says(scene->out, "\"key_lost\"");
    free(file);
    free(pem);
}
