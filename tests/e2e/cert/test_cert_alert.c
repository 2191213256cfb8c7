/* SPDX-License-Identifier: MIT */

/*
 * The alert of a certificate is shown with it, by API and command line.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "life_stage.h"
#include "tests/e2e/cli_scene.h"
#include "tests/support/unit.h"

TEST(a_certificate_shows_the_alert_that_is_open_for_it)
{
    struct life_stage *stage = life_stage_new("1.3");
    const char *argv[] = {NULL,   "--socket", stage->daemon->socket,
                          "cert", "show",     LIFE_STAGE_TOPIC,
                          NULL};
    json_t *json, *alert;
    char *out;

    argv[0] = CLI_SCENE_PROGRAM;
    life_stage_import(stage, LIFE_STAGE_TOPIC, 5);
    life_stage_import(stage, LIFE_STAGE_OTHER, 400);
    daemon_proc_await(stage->daemon, "event=alert.expiry");
    json = daemon_proc_json(stage->daemon, "GET", LIFE_STAGE_CERTS, NULL, 200);
    alert = json_object_get(json, "alert");
    assert_string_equal(life_stage_text(alert, "kind"), "expiry");
    assert_string_equal(life_stage_text(alert, "topic"), LIFE_STAGE_TOPIC);
    assert_int_equal(child_run(argv, &out, NULL), 0);
    if (strstr(out, life_stage_text(alert, "text")) == NULL)
        fail_msg("no alert in: %s", out);
    free(out);
    json_decref(json);
    json = daemon_proc_json(stage->daemon, "GET",
                            "/v1/pushcerts/" LIFE_STAGE_OTHER, NULL, 200);
    assert_true(json_is_null(json_object_get(json, "alert")));
    json_decref(json);
    life_stage_free(stage);
}
