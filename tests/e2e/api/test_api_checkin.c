/* SPDX-License-Identifier: MIT */

/*
 * Check-ins, by /v1/checkin and /migration.
 */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api_stage.h"
#include "tests/e2e/mdm_server.h"
#include "tests/support/http_raw.h"
#include "tests/support/unit.h"

EACH(api_stage_set_up, api_stage_tear_down);

#define PLIST MDM_SERVER_PLIST
#define KEY   MDM_SERVER_KEY
#define AUTHENTICATE                                                       \
    PLIST(KEY("MessageType", "Authenticate") KEY("Topic", API_STAGE_TOPIC) \
              KEY("UDID", "DEV-1") KEY("SerialNumber", "C02"))
#define TOKEN_UPDATE                                                      \
    PLIST(KEY("MessageType", "TokenUpdate") KEY("Topic", API_STAGE_TOPIC) \
              KEY("UDID", "DEV-1")                                        \
                  KEY("PushMagic",                                        \
                      "MAGIC") "<key>Token</key><data>AQIDBAUGBwg=</data>")
#define CHECK_OUT                                                      \
    PLIST(KEY("MessageType", "CheckOut") KEY("Topic", API_STAGE_TOPIC) \
              KEY("UDID", "DEV-1"))

static json_t *
check_in(struct api_stage *stage, const char *path, const char *plist,
         long status)
{
    struct http_answer answer;
    json_t *json;

    daemon_proc_send(stage->daemon, "PUT", path, "application/xml", plist,
                     &answer);
    if (answer.status != status)
        fail_msg("%ld: %s", answer.status, answer.body);
    json = json_loads(answer.body, 0, NULL);
    http_call_free(&answer);
    return json;
}

static void
expect_state(struct api_stage *stage, const char *wanted)
{
    json_t *json = daemon_proc_json(stage->daemon, "GET",
                                    "/v1/enrollments/DEV-1", NULL, 200);

    assert_string_equal(api_stage_text(json, "state"), wanted);
    json_decref(json);
}

TEST(a_device_enrolls_and_checks_out)
{
    struct api_stage *stage = *state;
    json_t *json = check_in(stage, "/v1/checkin", AUTHENTICATE, 200);

    assert_string_equal(api_stage_text(json, "id"), "DEV-1");
    assert_string_equal(api_stage_text(json, "message_type"), "Authenticate");
    json_decref(json);
    expect_state(stage, "disabled");
    json = check_in(stage, "/v1/checkin", TOKEN_UPDATE, 200);
    assert_int_equal(api_stage_number(json, "token_update_tally"), 1);
    json_decref(json);
    expect_state(stage, "enabled");
    json_decref(check_in(stage, "/v1/checkin", CHECK_OUT, 200));
    expect_state(stage, "disabled");
}

TEST(what_is_no_check_in_is_refused_by_key)
{
    struct api_stage *stage = *state;
    static const char *const wrong[] = {
        "",
        "no plist",
        "{\"UDID\":\"x\"}",
        PLIST(""),
        PLIST(KEY("MessageType", "TokenUpdate")),
        PLIST(KEY("MessageType", "TokenUpdate") KEY("UDID", "A")),
    };

    for (size_t i = 1; i < sizeof wrong / sizeof wrong[0]; i++) {
        json_t *json = check_in(stage, "/v1/checkin", wrong[i], 400);

        assert_string_equal(api_stage_text(json, "code"), "bad_plist");
        assert_true(strlen(api_stage_text(json, "error")) > 0);
        json_decref(json);
    }
}

TEST(migration_answers_like_nanomdm)
{
    struct api_stage *stage = *state;

    api_stage_expect(stage, "PUT", "/migration", NULL, TOKEN_UPDATE, 200, "");
    expect_state(stage, "enabled");
    api_stage_expect(stage, "PUT", "/migration", NULL, "no plist", 400, NULL);
}

TEST(a_migrated_device_has_no_times_and_is_silent)
{
    struct api_stage *stage = *state;
    json_t *json;

    daemon_proc_do(stage->daemon, "PUT", "/migration", AUTHENTICATE, 200);
    daemon_proc_do(stage->daemon, "PUT", "/migration", TOKEN_UPDATE, 200);
    json = daemon_proc_json(stage->daemon, "GET", "/v1/enrollments/DEV-1", NULL,
                            200);
    assert_string_equal(api_stage_text(json, "state"), "enabled");
    assert_string_equal(api_stage_text(json, "serial_number"), "C02");
    assert_true(json_is_null(json_object_get(json, "token_updated_at")));
    assert_true(json_is_null(json_object_get(json, "last_seen_at")));
    json_decref(json);
    json = daemon_proc_json(stage->daemon, "POST", "/v1/waves",
                            "{\"filter\":{\"silent_for_s\":604800}}", 202);
    assert_int_equal(api_stage_number(json, "counts.total"), 1);
    json_decref(json);
}

TEST(an_old_plist_may_be_handed_over_as_such)
{
    struct api_stage *stage = *state;
    json_t *json;

    json_decref(check_in(stage, "/v1/checkin?replayed=1", TOKEN_UPDATE, 200));
    json = daemon_proc_json(stage->daemon, "GET", "/v1/enrollments/DEV-1", NULL,
                            200);
    assert_string_equal(api_stage_text(json, "state"), "enabled");
    assert_true(json_is_null(json_object_get(json, "token_updated_at")));
    json_decref(json);
    json = check_in(stage, "/v1/checkin?replayed=1", TOKEN_UPDATE, 200);
    assert_true(json_is_false(json_object_get(json, "applied")));
    json_decref(json);
    json_decref(check_in(stage, "/v1/checkin?replayed=x", TOKEN_UPDATE, 400));
}

TEST(a_migrated_token_that_died_long_ago_is_dead_at_the_first_410)
{
    struct api_stage *stage = *state;

    sim_proc_tell(stage->sim, "%s",
                  "token 0102030405060708 answer 410 Unregistered "
                  "timestamp=1454402113000");
    daemon_proc_do(stage->daemon, "PUT", "/migration", TOKEN_UPDATE, 200);
    daemon_proc_do(stage->daemon, "POST", "/v1/wakes",
                   "{\"ids\":[\"DEV-1\"],\"wait_s\":100}", 200);
    json_decref(api_stage_pushed(stage, "DEV-1"));
    expect_state(stage, "dead");
    /* And stays so when it is migrated again. */
    daemon_proc_do(stage->daemon, "PUT", "/migration", AUTHENTICATE, 200);
    daemon_proc_do(stage->daemon, "PUT", "/migration", TOKEN_UPDATE, 200);
    expect_state(stage, "dead");
    daemon_proc_do(stage->daemon, "PUT", "/v1/checkin", TOKEN_UPDATE, 200);
    expect_state(stage, "enabled");
}

/* Of one device, each on a connection of its own: what comes first counts
   first, however busy the daemon is when they come. */
#define N_IN_ORDER 24

static void
say_token_update(int fd, int i)
{
    char plist[1024], head[256];

    snprintf(plist, sizeof plist,
             PLIST(KEY("MessageType", "TokenUpdate")
                       KEY("Topic", API_STAGE_TOPIC) KEY("UDID", "DEV-1")
                           KEY("PushMagic", "M%d") "<key>Token</key><data>"
                                                   "AQIDBA==</data>"),
             i);
    snprintf(head, sizeof head,
             "PUT /v1/checkin HTTP/1.1\r\nHost: rouse\r\nConnection: close"
             "\r\nContent-Length: %zu\r\n\r\n",
             strlen(plist));
    http_raw_say(fd, head);
    http_raw_say(fd, plist);
}

TEST(requests_are_served_in_the_order_in_which_they_came)
{
    struct api_stage *stage = *state;
    int fds[N_IN_ORDER];

    kill(stage->daemon->child.pid, SIGSTOP);
    for (int i = 0; i < N_IN_ORDER; i++) {
        fds[i] = http_raw_open(stage->daemon->socket, 0);
        say_token_update(fds[i], i);
    }
    kill(stage->daemon->child.pid, SIGCONT);
    for (int i = 0; i < N_IN_ORDER; i++) {
        char *answer = http_raw_read(fds[i]);
        char tally[64];

        snprintf(tally, sizeof tally, "\"token_update_tally\":%d", i + 1);
        if (strstr(answer, tally) == NULL)
            fail_msg("number %d: %s", i + 1, answer);
        free(answer);
    }
}
