/* SPDX-License-Identifier: MIT */

/*
 * A certificate tested with one real device, through the command line, the
 * daemon and the simulator.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/e2e/cli_scene.h"
#include "tests/e2e/e2e_stage.h"
#include "tests/support/unit.h"

#include "tests/support/fleet.h"
#include "tests/support/pki_make.h"
#include "tests/support/temp_dir.h"

#define OTHER "com.apple.mgmt.External.other"

/* Until APNs has answered the wake; the device can check in then. */
static void
await_push(struct cli_scene *scene, const char *id)
{
    char path[128];
    bool is_pushed = false;
    int64_t since_ms = e2e_stage_now();

    snprintf(path, sizeof path, "/v1/enrollments/%s", id);
    while (!is_pushed) {
        json_t *json = daemon_proc_json(scene->daemon, "GET", path, NULL, 200);

        is_pushed = json_is_object(json_object_get(json, "last_push"));
        json_decref(json);
        e2e_stage_pause(since_ms, "a push");
    }
}

static void
check_in_by(struct cli_scene *scene, const char *path, const char *id)
{
    struct http_answer answer;
    char plist[512];

    snprintf(plist, sizeof plist,
             "<plist version=\"1.0\"><dict><key>Status</key>"
             "<string>Idle</string><key>UDID</key><string>%s</string>"
             "</dict></plist>",
             id);
    daemon_proc_send(scene->daemon, "PUT", path, NULL, plist, &answer);
    assert_int_equal(answer.status, 200);
    http_call_free(&answer);
}

static void
check_in(struct cli_scene *scene, const char *id)
{
    check_in_by(scene, "/v1/checkin", id);
}

EACH(cli_scene_set_up, cli_scene_tear_down);

TEST(a_device_is_woken_and_seen)
{
    struct cli_scene *scene = *state;
    struct child child;
    char id[37], line[256];
    const char *argv[] = {NULL,   "--socket", scene->daemon->socket,
                          "cert", "test",     "--enrollment",
                          id,     NULL};

    cli_scene_import_cert(scene);
    cli_scene_import_fleet(scene);
    fleet_id(7, id);
    argv[0] = CLI_SCENE_PROGRAM;
    child_start(&child, argv, false);
    await_push(scene, id);
    check_in(scene, id);
    assert_true(child_read_line(&child, child.out_fd, line, sizeof line));
    assert_non_null(strstr(line, CLI_SCENE_TOPIC " works"));
    assert_true(child_read_line(&child, child.out_fd, line, sizeof line));
    assert_true(child_read_line(&child, child.out_fd, line, sizeof line));
    assert_non_null(strstr(line, id));
    assert_non_null(strstr(line, " checked in, "));
    assert_int_equal(child_wait(&child), 0);
    RUN(scene, "events");
    cli_scene_assert_says(scene->out, "enrollment.tested");
}

TEST(one_that_stays_silent_is_not_seen)
{
    struct cli_scene *scene = *state;
    char id[37];

    cli_scene_import_cert(scene);
    cli_scene_import_fleet(scene);
    fleet_id(8, id);
    RUN(scene, "cert", "test", "--enrollment", id, "--timeout", "10s");
    cli_scene_assert_exit(scene, 1);
    cli_scene_assert_says(scene->out, " was NOT SEEN within 10 s");
    cli_scene_assert_says(scene->out, "forwards check-ins");
}

/* What is read from a storage says nothing of where the device is now. */
TEST(a_replay_is_no_sighting)
{
    struct cli_scene *scene = *state;
    struct child child;
    char id[37], line[256];
    const char *argv[] = {
        NULL,           "--socket", scene->daemon->socket, "cert", "test",
        "--enrollment", id,         "--timeout",           "10s",  NULL};

    cli_scene_import_cert(scene);
    cli_scene_import_fleet(scene);
    fleet_id(7, id);
    argv[0] = CLI_SCENE_PROGRAM;
    child_start(&child, argv, false);
    await_push(scene, id);
    check_in_by(scene, "/migration", id);
    for (int i = 0; i < 3; i++)
        assert_true(child_read_line(&child, child.out_fd, line, sizeof line));
    assert_non_null(strstr(line, " was NOT SEEN"));
    assert_int_equal(child_wait(&child), 1);
}

TEST(dead_unknown_and_foreign_ones_are_told)
{
    struct cli_scene *scene = *state;
    char id[37];
    char hex[2 * FLEET_TOKEN_LEN + 1];
    char *other = pki_make(SIM_PROC_PROGRAM, scene->dir, OTHER, NULL);

    cli_scene_import_cert(scene);
    cli_scene_import_fleet(scene);
    fleet_id(9, id);
    e2e_stage_token_hex(9, hex);
    sim_proc_tell(scene->sim,
                  "token %s answer 410 Unregistered timestamp=4102444800000",
                  hex);
    RUN(scene, "cert", "test", "--enrollment", id);
    cli_scene_assert_exit(scene, 1);
    cli_scene_assert_says(scene->out, " was NOT WOKEN: dead (410 Unreg");
    RUN(scene, "cert", "test", "--topic", CLI_SCENE_TOPIC, "--enrollment",
        "nobody", "-v");
    cli_scene_assert_exit(scene, 1);
    cli_scene_assert_says(scene->err, "unknown_enrollment");
    RUN(scene, "cert", "import", other, "--add");
    cli_scene_assert_exit(scene, 0);
    fleet_id(10, id);
    RUN(scene, "cert", "test", "--topic", OTHER, "--enrollment", id, "-v");
    cli_scene_assert_exit(scene, 3);
    cli_scene_assert_says(scene->err, "other_topic");
    free(other);
}

/* Its verbs say so: pushcert alone tests, and wakes nobody. */
TEST(waking_takes_a_key_that_may_wake)
{
    struct cli_scene *scene = *state;
    char id[37], url[64];
    json_t *json;

    cli_scene_import_cert(scene);
    cli_scene_import_fleet(scene);
    fleet_id(11, id);
    json = daemon_proc_json(scene->daemon, "POST", "/v1/keys",
                            "{\"name\":\"k\",\"verbs\":[\"pushcert\"]}", 201);
    snprintf(url, sizeof url, "http://127.0.0.1:%u", scene->daemon->port);
    RUN_ANYWHERE(scene, "--url", url, "--key",
                 json_string_value(json_object_get(json, "key")), "cert",
                 "test", "--topic", CLI_SCENE_TOPIC);
    cli_scene_assert_exit(scene, 0);
    RUN_ANYWHERE(scene, "--url", url, "--key",
                 json_string_value(json_object_get(json, "key")), "cert",
                 "test", "--topic", CLI_SCENE_TOPIC, "--enrollment", id);
    cli_scene_assert_exit(scene, 1);
    cli_scene_assert_says(scene->err, "wake");
    json_decref(json);
}

/* To a key of one topic, what belongs to others is as if it were not there. */
TEST(a_key_of_one_topic_learns_nothing_of_others)
{
    struct cli_scene *scene = *state;
    char *other = pki_make(SIM_PROC_PROGRAM, scene->dir, OTHER, NULL);
    char id[37], url[64];
    json_t *json;

    cli_scene_import_cert(scene);
    cli_scene_import_fleet(scene);
    RUN(scene, "cert", "import", other, "--add", "--no-test");
    cli_scene_assert_exit(scene, 0);
    fleet_id(12, id);
    json = daemon_proc_json(scene->daemon, "POST", "/v1/keys",
                            "{\"name\":\"k\",\"verbs\":[\"pushcert\",\"wake\"],"
                            "\"topic\":\"" OTHER "\"}",
                            201);
    snprintf(url, sizeof url, "http://127.0.0.1:%u", scene->daemon->port);
    RUN_ANYWHERE(scene, "--url", url, "--key",
                 json_string_value(json_object_get(json, "key")), "cert",
                 "test", "--topic", OTHER, "--enrollment", id, "-v");
    cli_scene_assert_exit(scene, 1);
    cli_scene_assert_says(scene->err, "unknown_enrollment");
    assert_null(strstr(scene->err, CLI_SCENE_TOPIC));
    json_decref(json);
    free(other);
}
