/* SPDX-License-Identifier: MIT */

/*
 * Check-ins, by /v1/checkin, /migration and the webhooks of MDM servers.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api_stage.h"

static int
set_up(void **state)
{
    *state = api_stage_new(NULL);
    return 0;
}

static int
tear_down(void **state)
{
    api_stage_free(*state);
    return 0;
}

#define PLIST(body)                                                       \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">" \
    "<dict>" body "</dict></plist>"
#define KEY(name, value) "<key>" name "</key><string>" value "</string>"
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

static void
a_device_enrolls_and_checks_out(void **state)
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

static void
what_is_no_check_in_is_refused_by_key(void **state)
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

static void
migration_answers_like_nanomdm(void **state)
{
    struct api_stage *stage = *state;

    api_stage_expect(stage, "PUT", "/migration", NULL, TOKEN_UPDATE, 200, "");
    expect_state(stage, "enabled");
    api_stage_expect(stage, "PUT", "/migration", NULL, "no plist", 400, NULL);
}

static char *
base64(const char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqr"
                                 "stuvwxyz0123456789+/";
    size_t len = strlen(text);
    char *out = calloc(1, len / 3 * 4 + 5);
    char *at = out;

    for (size_t i = 0; i < len; i += 3) {
        unsigned left = (unsigned)(len - i);
        unsigned n = (unsigned)(unsigned char)text[i] << 16;

        n |= left > 1 ? (unsigned)(unsigned char)text[i + 1] << 8 : 0;
        n |= left > 2 ? (unsigned)(unsigned char)text[i + 2] : 0;
        *at++ = digits[n >> 18 & 63];
        *at++ = digits[n >> 12 & 63];
        *at++ = left > 1 ? digits[n >> 6 & 63] : '=';
        *at++ = left > 2 ? digits[n & 63] : '=';
    }
    return out;
}

static void
send_event(struct api_stage *stage, const char *topic, const char *at,
           const char *plist, long status)
{
    char *payload = base64(plist);
    char *body;

    if (asprintf(&body,
                 "{\"checkin_event\":{\"ids\":{\"id\":\"DEV-1\",\"type\":"
                 "\"Device\"},\"raw_payload\":\"%s\",\"udid\":\"DEV-1\"},"
                 "\"created_at\":\"%s\",\"event_id\":\"x\",\"topic\":\"%s\"}",
                 payload, at, topic) < 0)
        fail_msg("out of memory");
    daemon_proc_do(stage->daemon, "POST", "/v1/webhook", body, status);
    free(body);
    free(payload);
}

static void
webhook_events_keep_enrollments_up_to_date(void **state)
{
    struct api_stage *stage = *state;

    send_event(stage, "mdm.Authenticate", "2026-01-07T04:04:46.1Z",
               AUTHENTICATE, 200);
    expect_state(stage, "disabled");
    send_event(stage, "mdm.TokenUpdate", "2026-01-07T04:04:47.1Z", TOKEN_UPDATE,
               200);
    expect_state(stage, "enabled");
}

static void
an_older_event_that_comes_late_changes_nothing(void **state)
{
    struct api_stage *stage = *state;

    send_event(stage, "mdm.TokenUpdate", "2026-01-07T04:04:47.1Z", TOKEN_UPDATE,
               200);
    send_event(stage, "mdm.Authenticate", "2026-01-07T04:04:46.1Z",
               AUTHENTICATE, 200);
    expect_state(stage, "enabled");
    send_event(stage, "mdm.Authenticate", "2026-01-07T05:04:48+01:00",
               AUTHENTICATE, 200);
    expect_state(stage, "disabled");
}

static void
an_event_from_the_future_counts_as_of_now(void **state)
{
    struct api_stage *stage = *state;

    send_event(stage, "mdm.Authenticate", "2999-01-07T04:04:46Z", AUTHENTICATE,
               200);
    expect_state(stage, "disabled");
    daemon_proc_do(stage->daemon, "PUT", "/v1/checkin", TOKEN_UPDATE, 200);
    expect_state(stage, "enabled");
}

static void
events_that_mean_nothing_are_200(void **state)
{
    struct api_stage *stage = *state;

    send_event(stage, "mdm.SomethingNew", "2026-01-07T04:04:46Z", CHECK_OUT,
               200);
    daemon_proc_do(stage->daemon, "POST", "/v1/webhook",
                   "{\"topic\":\"dep.DeviceSync\",\"event_id\":\"1\"}", 200);
    api_stage_refuse(stage, "POST", "/v1/webhook",
                     "{\"topic\":\"mdm.Connect\",\"acknowledge_event\":{"
                     "\"raw_payload\":\"!\"}}",
                     400, "invalid", "acknowledge_event.raw_payload");
    api_stage_refuse(stage, "POST", "/v1/webhook", "{}", 400, "invalid",
                     "topic");
    send_event(stage, "mdm.TokenUpdate", "2026-01-07T04:04:46Z", "no plist",
               400);
}

static void
micromdms_events_are_read_too(void **state)
{
    struct api_stage *stage = *state;
    char *payload = base64(TOKEN_UPDATE);
    char *body;

    if (asprintf(&body,
                 "{\n  \"topic\": \"mdm.TokenUpdate\",\n  \"event_id\": "
                 "\"e\",\n  \"created_at\": "
                 "\"2018-08-13T14:30:16.529223669Z\",\n  \"checkin_event\": "
                 "{\n    \"udid\": \"DEV-1\",\n    \"url_params\": null,\n    "
                 "\"raw_payload\": \"%s\"\n  }\n}",
                 payload) < 0)
        fail_msg("out of memory");
    daemon_proc_do(stage->daemon, "POST", "/v1/webhook", body, 200);
    free(body);
    free(payload);
    expect_state(stage, "enabled");
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(a_device_enrolls_and_checks_out),
        EACH(what_is_no_check_in_is_refused_by_key),
        EACH(migration_answers_like_nanomdm),
        EACH(webhook_events_keep_enrollments_up_to_date),
        EACH(an_older_event_that_comes_late_changes_nothing),
        EACH(an_event_from_the_future_counts_as_of_now),
        EACH(events_that_mean_nothing_are_200),
        EACH(micromdms_events_are_read_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
