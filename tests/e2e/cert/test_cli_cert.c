/* SPDX-License-Identifier: MIT */

/*
 * rouse cert against the real daemon and simulator: a year of one
 * certificate, and the ways to get it wrong.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/e2e/cli_scene.h"
#include "tests/support/unit.h"

#include "tests/support/pki_make.h"
#include "tests/support/temp_dir.h"

#define TOPIC CLI_SCENE_TOPIC
#define OTHER "com.apple.mgmt.External.other"

#define assert_exit cli_scene_assert_exit
#define assert_says cli_scene_assert_says

/* Another certificate of ${topic}, with a new key; to free(). */
static char *
make_cert(struct cli_scene *scene, const char *topic)
{
    return pki_make(SIM_PROC_PROGRAM, scene->dir, topic, NULL);
}

static char *
list_json(struct cli_scene *scene)
{
    RUN(scene, "cert", "list", "--json");
    assert_exit(scene, 0);
    return strdup(scene->out);
}

EACH(cli_scene_set_up, cli_scene_tear_down);

TEST(a_certificate_is_tried_taken_and_found_working)
{
    struct cli_scene *scene = *state;

    RUN(scene, "cert", "import", scene->cert, "--dry-run");
    assert_exit(scene, 0);
    assert_says(scene->out, "(none yet)");
    RUN(scene, "cert", "list", "--json");
    assert_string_equal(scene->out, "{\"pushcerts\":[]}\n");
    RUN(scene, "cert", "test", "--file", scene->cert);
    assert_exit(scene, 0);
    assert_says(scene->out, " works (BadDeviceToken)");
    RUN(scene, "cert", "import", scene->cert, "--apple-account", "a@b.example",
        "--note", "first");
    assert_exit(scene, 0);
    assert_says(scene->out, "imported " TOPIC "\n");
    assert_says(scene->out, "tested with APNs: it works (BadDeviceToken)");
    RUN(scene, "cert", "show", TOPIC);
    assert_says(scene->out, "life              active\n");
    assert_says(scene->out, " ok: ");
    /* by the end of its topic, and without its key */
    RUN(scene, "cert", "show", "cli", "--pem");
    assert_exit(scene, 0);
    assert_says(scene->out, "-----BEGIN CERTIFICATE-----\n");
    assert_null(strstr(scene->out, "PRIVATE"));
    RUN(scene, "cert", "import", scene->cert);
    assert_exit(scene, 0);
    assert_says(scene->out, "in use already: " TOPIC "\n");
}

TEST(a_renewal_is_told_from_a_certificate_of_another_topic)
{
    struct cli_scene *scene = *state;
    char *other = make_cert(scene, OTHER);
    char *before;
    char *after;

    cli_scene_import_cert(scene);
    cli_scene_import_fleet(scene);
    before = list_json(scene);
    RUN(scene, "cert", "import", other, "--renew", TOPIC, "-v");
    assert_exit(scene, 3);
    assert_says(scene->err, "topic_mismatch");
    assert_says(scene->err, TOPIC);
    assert_says(scene->err, OTHER);
    assert_says(scene->err, "300 enrollments");
    RUN(scene, "cert", "import", other);
    assert_exit(scene, 3);
    RUN(scene, "cert", "import", other, "--replace-topic", TOPIC, "--confirm",
        "299");
    assert_exit(scene, 3);
    after = list_json(scene);
    assert_string_equal(after, before);
    free(after);
    RUN(scene, "cert", "import", other, "--add");
    assert_exit(scene, 0);
    RUN(scene, "cert", "list");
    assert_says(scene->out, OTHER);
    assert_says(scene->out, TOPIC);
    free(before);
    free(other);
}

TEST(a_topic_is_replaced_only_with_the_number_it_silences)
{
    struct cli_scene *scene = *state;
    char *other = make_cert(scene, OTHER);

    cli_scene_import_cert(scene);
    cli_scene_import_fleet(scene);
    RUN(scene, "cert", "import", other, "--replace-topic", TOPIC, "--confirm",
        "300");
    assert_exit(scene, 0);
    RUN(scene, "cert", "list");
    assert_says(scene->out, OTHER);
    assert_null(strstr(scene->out, TOPIC));
    free(other);
}

/* pki gives renewals the same end; a day makes one later. */
static char *
make_renewal(struct cli_scene *scene)
{
    free(pki_make_days(SIM_PROC_PROGRAM, scene->dir, TOPIC, NULL, 400));
    return temp_dir_path(scene->dir, "%s.pem", TOPIC);
}

TEST(a_renewal_is_taken_and_reverted)
{
    struct cli_scene *scene = *state;
    char serial[64] = "";
    char *renewed;
    char *json;

    cli_scene_import_cert(scene);
    json = list_json(scene);
    assert_int_equal(sscanf(strstr(json, "\"serial_number\":\""),
                            "\"serial_number\":\"%60[0-9A-F]\"", serial),
                     1);
    free(json);
    renewed = make_renewal(scene);
    RUN(scene, "cert", "import", renewed, "--renew", TOPIC);
    assert_exit(scene, 0);
    assert_says(scene->out, "This renews the certificate");
    RUN(scene, "cert", "history", TOPIC);
    assert_exit(scene, 0);
    assert_says(scene->out, "renewed");
    RUN(scene, "cert", "revert", "--topic", TOPIC, "--note", "oops", "--yes");
    assert_exit(scene, 0);
    RUN(scene, "cert", "show", TOPIC, "--json");
    assert_says(scene->out, serial);
    RUN(scene, "events");
    assert_says(scene->out, "pushcert.reverted");
    /* what left once does not come back by an import */
    RUN(scene, "cert", "import", renewed, "-v");
    assert_exit(scene, 3);
    assert_says(scene->err, "(already_imported)");
    RUN(scene, "cert", "test", "--topic", TOPIC);
    assert_exit(scene, 0);
    free(renewed);
}

TEST(a_certificate_that_apns_refuses_is_explained)
{
    struct cli_scene *scene = *state;

    cli_scene_import_cert(scene);
    sim_proc_tell(scene->sim, "tls-alert revoked");
    RUN(scene, "cert", "test", "--file", scene->cert);
    assert_exit(scene, 1);
    assert_says(scene->out, "DOES NOT WORK");
    assert_says(scene->out, "evoked");
}

TEST(a_removal_needs_the_number_of_the_silenced)
{
    struct cli_scene *scene = *state;

    cli_scene_import_cert(scene);
    cli_scene_import_fleet(scene);
    RUN(scene, "cert", "remove", TOPIC);
    assert_exit(scene, 3);
    assert_says(scene->err, "--confirm 300");
    RUN(scene, "cert", "remove", TOPIC, "--confirm", "12");
    assert_exit(scene, 3);
    RUN(scene, "cert", "remove", TOPIC, "--confirm", "300");
    assert_exit(scene, 0);
    RUN(scene, "cert", "list", "--json");
    assert_string_equal(scene->out, "{\"pushcerts\":[]}\n");
}

TEST(an_export_is_sealed_whole_and_only_local)
{
    struct cli_scene *scene = *state;
    char *p12 = temp_dir_path(scene->dir, "export.p12");
    char *password = temp_dir_path(scene->dir, "password");
    char *wrong = temp_dir_path(scene->dir, "wrong");
    struct stat status;

    temp_dir_write(password, "correct \"horse\" battery\n");
    temp_dir_write(wrong, "another horse\n");
    cli_scene_import_cert(scene);
    RUN(scene, "cert", "export", TOPIC, "--with-key", "-o", p12,
        "--password-file", password);
    assert_exit(scene, 0);
    assert_int_equal(stat(p12, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    RUN(scene, "cert", "check", p12, "--password-file", password);
    assert_exit(scene, 0);
    assert_says(scene->out, "push certificate: ");
    assert_says(scene->out, "private key: ");
    RUN(scene, "cert", "check", p12, "--password-file", wrong);
    assert_exit(scene, 1);
    RUN(scene, "cert", "import", p12, "--password-file", wrong);
    assert_exit(scene, 1);
    free(p12);
    free(password);
    free(wrong);
}

TEST(a_request_waits_for_its_certificate)
{
    struct cli_scene *scene = *state;
    char *csr = temp_dir_path(scene->dir, "push.csr");
    char *guide = temp_dir_path(scene->dir, "renew.csr");
    char *json = temp_dir_path(scene->dir, "mdmcert.json");

    cli_scene_import_cert(scene);
    RUN(scene, "cert", "request", "--new", "--name", "paper", "--email",
        "it@example.com", "-o", csr);
    assert_exit(scene, 0);
    RUN(scene, "cert", "requests");
    assert_says(scene->out, "paper");
    assert_says(scene->out, "(new)");
    RUN(scene, "cert", "check", csr);
    assert_exit(scene, 1);
    assert_says(scene->out, "certificate request: ");
    /* nobody at a terminal: the guide, and the next command */
    RUN(scene, "cert", "renew", "-o", guide);
    assert_exit(scene, 0);
    assert_says(scene->out, "Press RENEW");
    assert_says(scene->out, "a@b.example");
    assert_says(scene->out, "rouse cert import --renew " TOPIC);
    RUN(scene, "cert", "vendor", "show");
    assert_exit(scene, 1);
    RUN(scene, "cert", "mdmcert", "request", "--email", "it@example.com",
        "--mdmcert-key", "KEY", "-o", json);
    assert_exit(scene, 0);
    RUN(scene, "cert", "mdmcert", "open", json, "--name", "paper");
    assert_exit(scene, 3);
    free(csr);
    free(guide);
    free(json);
}

TEST(everything_opens_under_a_new_master_key)
{
    struct cli_scene *scene = *state;

    cli_scene_import_cert(scene);
    RUN(scene, "key", "rotate-master");
    assert_exit(scene, 0);
    assert_says(scene->out, "under a new master key");
    daemon_proc_stop(scene->daemon);
    daemon_proc_again(scene->daemon);
    RUN(scene, "cert", "test", "--topic", TOPIC);
    assert_exit(scene, 0);
}
