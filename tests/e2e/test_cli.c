/* SPDX-License-Identifier: MIT */

/*
 * The rouse program against the real daemon and simulator.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli_scene.h"
#include "e2e_stage.h"

#include "tests/support/fleet.h"
#include "tests/support/pki_make.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unit.h"

static void
write_token(size_t i, char hex[2 * FLEET_TOKEN_LEN + 1])
{
    uint8_t token[FLEET_TOKEN_LEN];

    fleet_token(i, token);
    for (size_t at = 0; at < FLEET_TOKEN_LEN; at++)
        snprintf(hex + 2 * at, 3, "%02x", token[at]);
}

EACH(cli_scene_set_up, cli_scene_tear_down);

TEST(a_certificate_is_imported_listed_and_shown)
{
    struct cli_scene *scene = *state;

    RUN(scene, "status");
    cli_scene_assert_exit(scene, 0);
    cli_scene_assert_says(scene->out, "No push certificate yet");
    cli_scene_import_cert(scene);
    RUN(scene, "cert", "list");
    cli_scene_assert_exit(scene, 0);
    cli_scene_assert_says(scene->out, CLI_SCENE_TOPIC);
    cli_scene_assert_says(scene->out, "a@b.example");
    RUN(scene, "cert", "show", CLI_SCENE_TOPIC);
    cli_scene_assert_exit(scene, 0);
    cli_scene_assert_says(scene->out, "UID=" CLI_SCENE_TOPIC);
    RUN(scene, "cert", "show", "com.apple.mgmt.other");
    cli_scene_assert_exit(scene, 1);
    RUN(scene, "events");
    cli_scene_assert_exit(scene, 0);
    cli_scene_assert_says(scene->out, "pushcert.imported");
    RUN(scene, "status");
    cli_scene_assert_says(scene->out, CLI_SCENE_TOPIC);
}

TEST(a_certificate_without_its_key_is_refused)
{
    struct cli_scene *scene = *state;
    char *wrong =
        pki_make(SIM_PROC_PROGRAM, scene->dir, CLI_SCENE_TOPIC, "key-mismatch");

    RUN(scene, "cert", "import", wrong);
    cli_scene_assert_exit(scene, 1);
    cli_scene_assert_says(scene->err, "rouse: ");
    assert_null(strstr(scene->err, "PRIVATE"));
    RUN(scene, "cert", "list", "--json");
    assert_string_equal(scene->out, "{\"pushcerts\":[]}\n");
    free(wrong);
}

TEST(a_fleet_is_imported_woken_and_moved)
{
    struct cli_scene *scene = *state;
    char *file = temp_dir_path(scene->dir, "export.ndjson");
    struct stat status;
    char id[37];

    cli_scene_import_cert(scene);
    cli_scene_import_fleet(scene);
    RUN(scene, "wake", "--all", "--wait");
    cli_scene_assert_exit(scene, 0);
    assert_string_equal(scene->out,
                        "woke 300 of 300 enrollments: 300 accepted\n");
    assert_int_equal(sim_proc_stat(scene->sim, "tokens"), CLI_SCENE_FLEET);
    assert_int_equal(sim_proc_stat(scene->sim, "accepted"), CLI_SCENE_FLEET);

    RUN(scene, "enrollment", "export", file, "--secrets");
    cli_scene_assert_exit(scene, 0);
    assert_int_equal(stat(file, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    fleet_id(7, id);
    RUN(scene, "enrollment", "remove", id);
    cli_scene_assert_exit(scene, 3);
    RUN(scene, "enrollment", "remove", id, "--yes");
    cli_scene_assert_exit(scene, 0);
    RUN(scene, "wake", id);
    cli_scene_assert_exit(scene, 1);
    RUN(scene, "enrollment", "import", file);
    cli_scene_assert_exit(scene, 0);
    RUN(scene, "wake", id, "--wait");
    cli_scene_assert_exit(scene, 0);
    assert_string_equal(scene->out, "woke 1 of 1 enrollments: 1 accepted\n");
    free(file);
}

TEST(each_wake_tells_how_it_ended)
{
    struct cli_scene *scene = *state;
    char hex[2 * FLEET_TOKEN_LEN + 1];
    char good[37];
    char dead[37];
    char suspect[37];

    cli_scene_import_cert(scene);
    cli_scene_import_fleet(scene);
    fleet_id(1, good);
    fleet_id(2, dead);
    fleet_id(3, suspect);
    write_token(2, hex);
    sim_proc_tell(scene->sim,
                  "token %s answer 410 Unregistered timestamp=4102444800000",
                  hex);
    write_token(3, hex);
    sim_proc_tell(scene->sim, "token %s answer 400 BadDeviceToken", hex);
    RUN(scene, "wake", good, "--wait"); /* proves the certificate */
    RUN(scene, "wake", good, dead, suspect, "nobody", "--wait");
    cli_scene_assert_exit(scene, 1);
    assert_string_equal(scene->out, "woke 1 of 4 enrollments: 1 accepted, 1 "
                                    "dead, 1 suspect, 1 unknown\n");
    cli_scene_assert_says(scene->err, ": dead: Unregistered\n");
    cli_scene_assert_says(scene->err, ": suspect: BadDeviceToken\n");
    cli_scene_assert_says(scene->err, "nobody: unknown\n");
    RUN(scene, "enrollment", "list", "--state", "dead");
    cli_scene_assert_says(scene->out, dead);
    assert_null(strstr(scene->out, good));
    RUN(scene, "enrollment", "show", suspect);
    cli_scene_assert_says(scene->out, "400 BadDeviceToken");
}

/* No push was accepted yet: is it the device or the setting? */
TEST(an_undecided_token_is_told_of)
{
    struct cli_scene *scene = *state;
    char hex[2 * FLEET_TOKEN_LEN + 1];
    char id[37];

    cli_scene_import_cert(scene);
    cli_scene_import_fleet(scene);
    fleet_id(3, id);
    write_token(3, hex);
    sim_proc_tell(scene->sim, "token %s answer 400 BadDeviceToken", hex);
    for (int i = 0; i < 2; i++) { /* the second time without a push */
        RUN(scene, "wake", id, "--wait");
        cli_scene_assert_exit(scene, 1);
        assert_string_equal(scene->out,
                            "woke 0 of 1 enrollments: 1 undecided\n");
        cli_scene_assert_says(scene->err, "wrong environment or topic?");
    }
    assert_int_equal(sim_proc_stat(scene->sim, "pushes"), 1);
    RUN(scene, "enrollment", "show", id);
    cli_scene_assert_says(scene->out, "undecided: APNs has refused");
    RUN(scene, "status");
    cli_scene_assert_says(scene->out, "1 token undecided");
}

/* Nobody undercuts it, and who asks hears until when. */
TEST(a_pause_that_apns_asks_for_is_told)
{
    struct cli_scene *scene = *state;
    int64_t since_ms = e2e_stage_now();
    char hex[2 * FLEET_TOKEN_LEN + 1];
    char id[37];

    cli_scene_import_cert(scene);
    cli_scene_import_fleet(scene);
    fleet_id(4, id);
    write_token(4, hex);
    sim_proc_tell(scene->sim,
                  "token %s answer 429 TooManyRequests retry-after=600", hex);
    do {
        RUN(scene, "wake", id);
        e2e_stage_pause(since_ms, "the pause");
    } while (strstr(scene->err, ": waiting: until ") == NULL);
    RUN(scene, "wake", id, "--wait", "--timeout", "1s");
    cli_scene_assert_exit(scene, 1);
    cli_scene_assert_says(scene->err, ": still waiting: until ");
    cli_scene_assert_says(scene->err, " because APNs asked for it\n");
    RUN(scene, "wake", id);
    cli_scene_assert_exit(scene, 0);
    assert_string_equal(scene->out, "asked for 1 wake: 1 waiting\n");
    cli_scene_assert_says(scene->err, ": waiting: until ");
    RUN(scene, "wake", "--all");
    cli_scene_assert_exit(scene, 0);
    while (sim_proc_stat(scene->sim, "accepted") < CLI_SCENE_FLEET - 1)
        e2e_stage_pause(since_ms, "all but that one");
    assert_int_equal(sim_proc_stat(scene->sim, "rejected"), 1);
}

TEST(without_a_certificate_wakes_are_held)
{
    struct cli_scene *scene = *state;
    char id[37];

    cli_scene_import_fleet(scene);
    fleet_id(0, id);
    RUN(scene, "wake", id, "--wait");
    cli_scene_assert_exit(scene, 1);
    cli_scene_assert_says(scene->out, "1 held for a certificate");
    cli_scene_assert_says(scene->err, "see rouse cert list");
    /* it waits, and goes out with the certificate */
    cli_scene_import_cert(scene);
    RUN(scene, "wake", id, "--wait");
    cli_scene_assert_exit(scene, 0);
}

TEST(a_checkin_makes_what_can_be_woken)
{
    static const char plist[] =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><plist version=\"1.0\">"
        "<dict><key>MessageType</key><string>TokenUpdate</string>"
        "<key>Topic</key><string>" CLI_SCENE_TOPIC "</string>"
        "<key>UDID</key><string>NEW</string>"
        "<key>PushMagic</key><string>MAGIC</string>"
        "<key>Token</key><data>"
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=</data></dict></plist>";
    struct cli_scene *scene = *state;
    char *file = temp_dir_path(scene->dir, "token.plist");

    cli_scene_import_cert(scene);
    temp_dir_write(file, plist);
    RUN(scene, "checkin", file);
    cli_scene_assert_exit(scene, 0);
    cli_scene_assert_says(scene->out, "TokenUpdate of NEW\n");
    RUN(scene, "wake", "NEW", "--wait");
    cli_scene_assert_exit(scene, 0);
    temp_dir_write(file, "hello");
    RUN(scene, "checkin", file, "-v");
    cli_scene_assert_exit(scene, 1);
    cli_scene_assert_says(scene->err, "(bad_plist)");
    free(file);
}

TEST(a_key_opens_only_what_it_is_for)
{
    struct cli_scene *scene = *state;
    char key[256];
    char url[64];

    snprintf(url, sizeof url, "http://127.0.0.1:%u", scene->daemon->port);
    RUN(scene, "key", "create", "reader", "--verbs", "read");
    cli_scene_assert_exit(scene, 0);
    assert_non_null(strstr(scene->out, "rouse_"));
    assert_int_equal(sscanf(strstr(scene->out, "rouse_"), "%255s", key), 1);
    RUN_ANYWHERE(scene, "--url", url, "cert", "list");
    cli_scene_assert_exit(scene, 1);
    cli_scene_assert_says(scene->err, "ROUSE_KEY");
    RUN_ANYWHERE(scene, "--url", url, "--key", key, "cert", "list");
    cli_scene_assert_exit(scene, 0);
    RUN_ANYWHERE(scene, "--url", url, "--key", key, "wake", "--all", "-v");
    cli_scene_assert_exit(scene, 1);
    cli_scene_assert_says(scene->err, "forbidden");
    RUN(scene, "key", "revoke", "1");
    cli_scene_assert_exit(scene, 0);
    RUN_ANYWHERE(scene, "--url", url, "--key", key, "cert", "list");
    cli_scene_assert_exit(scene, 1);
}

TEST(a_slow_wave_can_be_cancelled_once)
{
    struct cli_scene *scene = *state;

    cli_scene_import_cert(scene);
    cli_scene_import_fleet(scene);
    RUN(scene, "wake", "--topic", CLI_SCENE_TOPIC, "--rate", "1/s");
    cli_scene_assert_exit(scene, 0);
    cli_scene_assert_says(scene->out, "wave 1: 300 enrollments;");
    RUN(scene, "wave", "list", "--open");
    cli_scene_assert_says(scene->out, " 1  running");
    RUN(scene, "wave", "cancel", "1");
    cli_scene_assert_exit(scene, 0);
    RUN(scene, "wave", "cancel", "1");
    cli_scene_assert_exit(scene, 3);
    RUN(scene, "wave", "show", "1", "--wait");
    cli_scene_assert_exit(scene, 1);
    cli_scene_assert_says(scene->out, "cancelled");
}

TEST(a_daemon_that_is_gone_is_said)
{
    struct cli_scene *scene = *state;

    daemon_proc_stop(scene->daemon);
    RUN(scene, "wake", "--all");
    cli_scene_assert_exit(scene, 1);
    cli_scene_assert_says(scene->err, "is roused running? socket ");
    daemon_proc_again(scene->daemon);
    RUN(scene, "wake");
    cli_scene_assert_exit(scene, 2);
    RUN(scene, "status");
    cli_scene_assert_exit(scene, 0);
}
