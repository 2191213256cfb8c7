/* SPDX-License-Identifier: MIT */

/*
 * /v1/webhook: the events of NanoMDM and MicroMDM.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "api_stage.h"
#include "tests/e2e/mdm_server.h"
#include "tests/support/http_burst.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unit.h"

#define PLIST MDM_SERVER_PLIST
#define KEY   MDM_SERVER_KEY

EACH(api_stage_set_up, api_stage_tear_down);

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
#define RESPONSE PLIST(KEY("Status", "Idle") KEY("UDID", "DEV-1"))

static void
expect_state(struct api_stage *stage, const char *id, const char *wanted)
{
    char path[64];
    json_t *json;

    snprintf(path, sizeof path, "/v1/enrollments/%s", id);
    json = daemon_proc_json(stage->daemon, "GET", path, NULL, 200);
    assert_string_equal(api_stage_text(json, "state"), wanted);
    json_decref(json);
}

static void
send_event(struct api_stage *stage, const struct mdm_server_event *event,
           long status)
{
    char *body = mdm_server_event(event);

    daemon_proc_do(stage->daemon, "POST", "/v1/webhook", body, status);
    free(body);
}

static void
send_as(struct api_stage *stage, const char *topic, const char *created,
        const char *plist, long status)
{
    const struct mdm_server_event event = {
        .topic = topic, .udid = "DEV-1", .created = created, .plist = plist};

    send_event(stage, &event, status);
}

TEST(events_keep_enrollments_up_to_date)
{
    struct api_stage *stage = *state;

    send_as(stage, "mdm.Authenticate", "2026-01-07T04:04:46.1Z", AUTHENTICATE,
            200);
    expect_state(stage, "DEV-1", "disabled");
    send_as(stage, "mdm.TokenUpdate", "2026-01-07T04:04:47.1Z", TOKEN_UPDATE,
            200);
    expect_state(stage, "DEV-1", "enabled");
    send_as(stage, "mdm.Connect", "2026-01-07T04:04:48.1Z", RESPONSE, 200);
    send_as(stage, "mdm.CheckOut", "2026-01-07T04:04:49.1Z", CHECK_OUT, 200);
    expect_state(stage, "DEV-1", "disabled");
}

TEST(an_older_event_that_comes_late_disables_nothing)
{
    struct api_stage *stage = *state;

    send_as(stage, "mdm.TokenUpdate", "2026-01-07T04:04:47.1Z", TOKEN_UPDATE,
            200);
    send_as(stage, "mdm.CheckOut", "2026-01-07T04:04:46.1Z", CHECK_OUT, 200);
    expect_state(stage, "DEV-1", "enabled");
    send_as(stage, "mdm.CheckOut", "2026-01-07T05:04:48+01:00", CHECK_OUT, 200);
    expect_state(stage, "DEV-1", "disabled");
}

TEST(an_event_from_the_future_counts_as_of_now)
{
    struct api_stage *stage = *state;

    send_as(stage, "mdm.Authenticate", "2999-01-07T04:04:46Z", AUTHENTICATE,
            200);
    expect_state(stage, "DEV-1", "disabled");
    daemon_proc_do(stage->daemon, "PUT", "/v1/checkin", TOKEN_UPDATE, 200);
    expect_state(stage, "DEV-1", "enabled");
}

TEST(the_servers_tally_is_taken_over)
{
    struct api_stage *stage = *state;
    struct mdm_server_event event = {.topic = "mdm.TokenUpdate",
                                     .udid = "DEV-1",
                                     .created = "2026-01-07T04:04:47.1Z",
                                     .plist = TOKEN_UPDATE,
                                     .tally = 7};
    json_t *json;

    send_event(stage, &event, 200);
    json = daemon_proc_json(stage->daemon, "GET", "/v1/enrollments/DEV-1", NULL,
                            200);
    assert_int_equal(api_stage_number(json, "token_update_tally"), 7);
    json_decref(json);
}

TEST(an_id_of_the_servers_own_is_the_enrollments)
{
    struct api_stage *stage = *state;
    struct mdm_server_event event = {.topic = "mdm.TokenUpdate",
                                     .udid = "DEV-1",
                                     .id = "tenant-7.DEV-1",
                                     .created = "2026-01-07T04:04:47.1Z",
                                     .plist = TOKEN_UPDATE};

    send_event(stage, &event, 200);
    expect_state(stage, "tenant-7.DEV-1", "enabled");
    daemon_proc_do(stage->daemon, "GET", "/v1/enrollments/DEV-1", NULL, 404);
}

TEST(events_that_mean_nothing_are_200)
{
    struct api_stage *stage = *state;

    send_as(stage, "mdm.SomethingNew", "2026-01-07T04:04:46Z", RESPONSE, 200);
    daemon_proc_do(stage->daemon, "POST", "/v1/webhook",
                   "{\"topic\":\"dep.DeviceSync\",\"event_id\":\"1\"}", 200);
}

TEST(what_an_event_lacks_or_contradicts_is_refused)
{
    struct api_stage *stage = *state;
    struct mdm_server_event other = {.topic = "mdm.CheckOut",
                                     .udid = "DEV-2",
                                     .created = "2026-01-07T04:04:50Z",
                                     .plist = CHECK_OUT};

    api_stage_refuse(stage, "POST", "/v1/webhook",
                     "{\"topic\":\"mdm.Connect\",\"acknowledge_event\":{"
                     "\"raw_payload\":\"!\"}}",
                     400, "invalid", "acknowledge_event.raw_payload");
    api_stage_refuse(stage, "POST", "/v1/webhook", "{}", 400, "invalid",
                     "topic");
    api_stage_refuse(stage, "POST", "/v1/webhook",
                     "{\"topic\":\"mdm.TokenUpdate\"}", 400, "invalid",
                     "checkin_event");
    send_as(stage, "mdm.TokenUpdate", "2026-01-07T04:04:46Z", "no plist", 400);
    /* Nobody is checked out by a mistake. */
    send_as(stage, "mdm.TokenUpdate", "2026-01-07T04:04:46Z", TOKEN_UPDATE,
            200);
    send_as(stage, "mdm.Connect", "2026-01-07T04:04:50Z", CHECK_OUT, 400);
    send_as(stage, "mdm.SomethingNew", "2026-01-07T04:04:50Z", CHECK_OUT, 400);
    send_event(stage, &other, 400);
    expect_state(stage, "DEV-1", "enabled");
}

TEST(an_event_is_json)
{
    struct api_stage *stage = *state;

    api_stage_expect(stage, "POST", "/v1/webhook", "application/xml",
                     "{\"topic\":\"dep.sync\"}", 415, NULL);
    api_stage_expect(stage, "POST", "/v1/webhook",
                     "application/json; charset=utf-8",
                     "{\"topic\":\"dep.sync\"}", 200, NULL);
}

TEST(micromdms_events_are_read_too)
{
    struct api_stage *stage = *state;
    char *nano = mdm_server_event(&(struct mdm_server_event){
        .topic = "mdm.TokenUpdate", .udid = "DEV-1", .plist = TOKEN_UPDATE});
    json_t *json = json_loads(nano, 0, NULL);
    char *body;

    if (asprintf(&body,
                 "{\n  \"topic\": \"mdm.TokenUpdate\",\n  \"event_id\": "
                 "\"e\",\n  \"created_at\": "
                 "\"2018-08-13T14:30:16.529223669Z\",\n  \"checkin_event\": "
                 "{\n    \"udid\": \"DEV-1\",\n    \"url_params\": null,\n    "
                 "\"raw_payload\": \"%s\"\n  }\n}",
                 api_stage_text(json, "checkin_event.raw_payload")) < 0)
        fail_msg("out of memory");
    daemon_proc_do(stage->daemon, "POST", "/v1/webhook", body, 200);
    free(body);
    json_decref(json);
    free(nano);
    expect_state(stage, "DEV-1", "enabled");
}

/*
 * Signatures.
 */
#define EVENT "{\"topic\":\"dep.sync\"}"

static long
send_signed(struct api_stage *stage, const char *key, const char *body)
{
    unsigned char mac[EVP_MAX_MD_SIZE], text[64];
    char header[128];
    const char *headers[] = {"Content-Type: application/json", header, NULL};
    const struct http_call call = {.socket = stage->daemon->socket,
                                   .method = "POST",
                                   .path = "/v1/webhook",
                                   .headers = headers,
                                   .body = body};
    struct http_answer answer;
    long status;

    HMAC(EVP_sha256(), key, (int)strlen(key), (const unsigned char *)EVENT,
         strlen(EVENT), mac, NULL);
    EVP_EncodeBlock(text, mac, 32);
    snprintf(header, sizeof header, "X-Hmac-Signature: %s", text);
    http_call_send(&call, &answer);
    status = answer.status;
    http_call_free(&answer);
    return status;
}

TEST_WITH(where_a_key_is_set_events_must_be_signed, NULL, NULL)
{
    char *dir = temp_dir_new();
    char *file = temp_dir_path(dir, "webhook.key");
    const char *const more[] = {"--nanomdm-webhook-hmac-key-file", file, NULL};
    struct api_stage *stage;

    temp_dir_write(file, "a secret\n");
    stage = api_stage_new(more);
    assert_int_equal(send_signed(stage, "a secret", EVENT), 200);
    assert_int_equal(send_signed(stage, "another", EVENT), 403);
    assert_int_equal(send_signed(stage, "a secret", EVENT " "), 403);
    api_stage_refuse(stage, "POST", "/v1/webhook", EVENT, 403, "bad_signature",
                     "X-Hmac-Signature is missing");
    api_stage_free(stage);
    free(file);
    temp_dir_free(dir);
}

/*
 * A thousand devices enroll, and their events cross: stamped in either order
 * and sent in either order, 0 to 100 ms apart, each on a connection of its
 * own.
 */
#define N_DEVICES 1000
#define SPACING   2 /* ms between two devices */
#define SPREAD    5 /* ms by which one device's gap is wider than another's */

static void
plan(struct http_burst *burst, int device, int64_t now)
{
    bool is_stamp_crossed = (device & 1) != 0;
    bool is_way_crossed = (device & 2) != 0;
    int gap = device / 4 % 21 * SPREAD;
    long first = (long)device * SPACING;
    int64_t stamp = now + first;
    char plist[512], udid[32];
    struct mdm_server_event event = {.udid = udid, .plist = plist};

    snprintf(udid, sizeof udid, "DEV-%04d", device);
    snprintf(plist, sizeof plist,
             PLIST(KEY("MessageType", "Authenticate")
                       KEY("Topic", API_STAGE_TOPIC) KEY("UDID", "%s")
                           KEY("SerialNumber", "SN-%s")),
             udid, udid);
    event.topic = "mdm.Authenticate";
    event.created_ms = stamp + (is_stamp_crossed ? gap : 0);
    burst[0].body = mdm_server_event(&event);
    burst[0].at_ms = first + (is_way_crossed ? gap : 0);
    snprintf(plist, sizeof plist,
             PLIST(KEY("MessageType", "TokenUpdate")
                       KEY("Topic", API_STAGE_TOPIC) KEY("UDID", "%s") KEY(
                           "PushMagic", "M") "<key>Token</key><data>AQIDBA=="
                                             "</data>"),
             udid);
    event.topic = "mdm.TokenUpdate";
    event.created_ms = stamp + (is_stamp_crossed ? 0 : gap);
    event.tally = 1;
    burst[1].body = mdm_server_event(&event);
    burst[1].at_ms = first + (is_way_crossed ? 0 : gap);
}

static int
by_time(const void *a, const void *b)
{
    const struct http_burst *one = a, *two = b;

    return (one->at_ms > two->at_ms) - (one->at_ms < two->at_ms);
}

static void
expect_fleet(struct api_stage *stage)
{
    struct http_answer answer;
    int n_good = 0;

    daemon_proc_send(stage->daemon, "GET",
                     "/v1/enrollments?state=enabled&limit=1000", NULL, NULL,
                     &answer);
    assert_int_equal(answer.status, 200);
    for (int i = 0; i < N_DEVICES; i++) {
        char serial[64];

        snprintf(serial, sizeof serial, "\"SN-DEV-%04d\"", i);
        n_good += strstr(answer.body, serial) != NULL;
    }
    http_call_free(&answer);
    assert_int_equal(n_good, N_DEVICES);
}

TEST(a_thousand_devices_whose_events_cross_are_all_enabled)
{
    struct api_stage *stage = *state;
    struct http_burst *burst = calloc(2 * N_DEVICES, sizeof *burst);
    /* Behind the daemon's clock: what lies ahead of it would lose its stamp. */
    int64_t now = (int64_t)time(NULL) * 1000 - 10000;

    assert_non_null(burst);
    for (int i = 0; i < N_DEVICES; i++)
        plan(burst + 2 * i, i, now);
    qsort(burst, 2 * N_DEVICES, sizeof *burst, by_time);
    http_burst_send(stage->daemon->socket, "/v1/webhook", burst, 2 * N_DEVICES);
    for (int i = 0; i < 2 * N_DEVICES; i++) {
        assert_int_equal(burst[i].status, 200);
        free((void *)(uintptr_t)burst[i].body);
    }
    free(burst);
    expect_fleet(stage);
}
