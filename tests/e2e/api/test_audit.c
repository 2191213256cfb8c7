/* SPDX-License-Identifier: MIT */

/*
 * What the audit log says of deletes, imports, exports of tokens, and of
 * attempts on certificates.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/e2e/cli_scene.h"
#include "tests/support/fleet.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unit.h"

static void
assert_told(struct cli_scene *scene, const char *kind, const char *detail)
{
    RUN(scene, "events", "--json");
    cli_scene_assert_exit(scene, 0);
    cli_scene_assert_says(scene->out, kind);
    cli_scene_assert_says(scene->out, detail);
}

static void
assert_not_told(struct cli_scene *scene, const char *kind)
{
    RUN(scene, "events", "--json");
    cli_scene_assert_exit(scene, 0);
    assert_null(strstr(scene->out, kind));
}

EACH(cli_scene_set_up, cli_scene_tear_down);

TEST(imports_and_exports_of_tokens_are_told)
{
    struct cli_scene *scene = *state;
    char *file = temp_dir_path(scene->dir, "out.ndjson");

    cli_scene_import_fleet(scene);
    assert_told(scene, "\"enrollment.imported\"",
                "imported=300 rejected=0 groups_made=0");
    cli_scene_assert_says(scene->out, "\"actor\":\"socket:uid=");
    RUN(scene, "enrollment", "export", file);
    cli_scene_assert_exit(scene, 0);
    assert_not_told(scene, "enrollment.exported");
    RUN(scene, "enrollment", "export", file, "--secrets", "--topic",
        CLI_SCENE_TOPIC);
    cli_scene_assert_exit(scene, 0);
    assert_told(scene, "\"enrollment.exported\"",
                "with tokens: 300; topic=" CLI_SCENE_TOPIC " group=any");
    free(file);
}

TEST(deletes_are_told_without_filling_the_log)
{
    struct cli_scene *scene = *state;
    char ids[4][37];
    char about[64];

    for (size_t i = 0; i < 4; i++)
        fleet_id(i, ids[i]);
    cli_scene_import_fleet(scene);
    RUN(scene, "enrollment", "remove", "--yes", ids[0], ids[1], ids[2]);
    cli_scene_assert_exit(scene, 0);
    snprintf(about, sizeof about, "\"subject\":\"%s\"", ids[0]);
    assert_told(scene, "\"enrollment.deleted\"", about);
    snprintf(about, sizeof about, "\"subject\":\"%s\"", ids[1]);
    assert_not_told(scene, about);
    /* What was counted is told when the daemon ends, at the latest. */
    daemon_proc_stop(scene->daemon);
    daemon_proc_again(scene->daemon);
    assert_told(scene, "\"enrollment.deleted\"", "and 2 more");
    RUN(scene, "enrollment", "remove", "--yes", ids[3]);
    snprintf(about, sizeof about, "\"subject\":\"%s\"", ids[3]);
    assert_told(scene, "\"enrollment.deleted\"", about);
}

TEST(refused_certificates_are_told)
{
    struct cli_scene *scene = *state;
    char *file = temp_dir_path(scene->dir, "junk.pem");

    temp_dir_write(file, "-----BEGIN CERTIFICATE-----\nAAAA\n"
                         "-----END CERTIFICATE-----\n");
    RUN(scene, "cert", "import", file, "--dry-run");
    assert_int_not_equal(scene->exit, 0);
    assert_not_told(scene, "import_refused");
    daemon_proc_do(
        scene->daemon, "PUT", "/v1/pushcerts",
        "{\"files\":[{\"name\":\"junk.pem\",\"content\":\"QUFBQQ==\"}"
        "]}",
        400);
    assert_told(scene, "\"pushcert.import_refused\"", "no_push_certificate: ");
    free(file);
}

TEST(another_apple_account_is_told)
{
    struct cli_scene *scene = *state;

    cli_scene_import_cert(scene);
    RUN(scene, "cert", "import", scene->cert, "--apple-account",
        "other@b.example", "--no-test");
    cli_scene_assert_exit(scene, 0);
    assert_told(scene, "\"pushcert.account_changed\"",
                "before=\\\"a@b.example\\\" after=\\\"other@b.example\\\"");
    RUN(scene, "cert", "show", CLI_SCENE_TOPIC);
    cli_scene_assert_says(scene->out, "other@b.example");
    RUN(scene, "cert", "history", CLI_SCENE_TOPIC, "--json");
    cli_scene_assert_says(scene->out, "\"a@b.example\"");
    assert_null(strstr(scene->out, "other@b.example"));
}
