/* SPDX-License-Identifier: MIT */

/*
 * What a webhook event says, and whose it is.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/api/api.h"
#include "server/api/nano/webhook_event.h"
#include "server/api/nano/webhook_key.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unit.h"

static json_t *
load(const char *text)
{
    char why[JSON_IN_WHY];
    json_t *json = json_in_load(text, strlen(text), why);

    if (json == NULL)
        fail_msg("%s: %s", text, why);
    return json;
}

TEST(an_event_of_nanomdm_is_read)
{
    struct webhook_event event;
    char why[JSON_IN_WHY];
    json_t *json =
        load("{\"checkin_event\":{\"ids\":{\"id\":\"A:U\",\"type\":\"User\","
             "\"parent_id\":\"A\"},\"raw_payload\":\"aGVsbG8=\",\"udid\":\"A\","
             "\"token_update_tally\":3},\"created_at\":\"0001-01-01T00:00:00Z\""
             ",\"event_id\":\"x\",\"topic\":\"mdm.TokenUpdate\"}");

    assert_true(webhook_event_read(json, &event, why));
    assert_true(event.has_plist);
    assert_int_equal(event.len, 5);
    assert_memory_equal(event.plist, "hello", 5);
    assert_int_equal(event.about.at_ms, 0);
    assert_int_equal(event.about.tally, 3);
    assert_string_equal(event.about.message_type, "TokenUpdate");
    assert_string_equal(event.about.udid, "A");
    assert_null(event.about.enrollment_id);
    assert_string_equal(event.about.id, "A:U");
    assert_string_equal(event.about.parent, "A");
    assert_string_equal(event.about.kind, "User");
    free(event.plist);
    json_decref(json);
}

TEST(a_tally_that_is_none_is_not_told)
{
    static const struct {
        const char *json;
        uint32_t tally;
    } cases[] = {
        {"1", 1},          {"0", 0},     {"-1", 0},  {"2147483647", 2147483647},
        {"2147483648", 0}, {"\"7\"", 0}, {"null", 0}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct webhook_event event;
        char why[JSON_IN_WHY];
        char text[256];
        json_t *json;

        snprintf(text, sizeof text,
                 "{\"topic\":\"mdm.TokenUpdate\",\"checkin_event\":{"
                 "\"raw_payload\":\"aGVsbG8=\",\"token_update_tally\":%s}}",
                 cases[i].json);
        json = load(text);
        assert_true(webhook_event_read(json, &event, why));
        assert_int_equal(event.about.tally, cases[i].tally);
        free(event.plist);
        json_decref(json);
    }
}

TEST(an_event_of_micromdm_is_read)
{
    struct webhook_event event;
    char why[JSON_IN_WHY];
    json_t *json =
        load("{\"topic\":\"mdm.Connect\",\"event_id\":\"y\",\"created_at\":"
             "\"2026-01-07T04:04:46.123456789Z\",\"acknowledge_event\":{"
             "\"udid\":\"A\",\"status\":\"Idle\",\"url_params\":null,"
             "\"raw_payload\":\"aGVsbG8h\"}}");

    assert_true(webhook_event_read(json, &event, why));
    assert_int_equal(event.len, 6);
    assert_int_equal(event.about.at_ms, 1767758686123);
    assert_int_equal(event.about.tally, 0);
    assert_string_equal(event.about.message_type, "Connect");
    assert_null(event.about.id);
    free(event.plist);
    json_decref(json);
}

TEST(events_that_need_no_payload_may_lack_it)
{
    static const char *const texts[] = {
        "{\"topic\":\"dep.sync\"}",
        "{\"topic\":\"mdm.New\"}",
        "{\"topic\":\"mdm.New\",\"checkin_event\":7}",
        "{\"topic\":\"mdm.GetToken\",\"checkin_event\":{}}",
        "{\"topic\":\"mdm.GetToken\",\"checkin_event\":{\"raw_payload\":null}}",
    };
    struct webhook_event event;
    char why[JSON_IN_WHY];

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        json_t *json = load(texts[i]);

        if (!webhook_event_read(json, &event, why))
            fail_msg("%s: %s", texts[i], why);
        assert_false(event.has_plist);
        json_decref(json);
    }
}

TEST(what_an_event_lacks_is_named)
{
    static const struct {
        const char *text;
        const char *why;
    } wrong[] = {
        {"{}", "topic"},
        {"{\"topic\":\"mdm.Authenticate\"}", "checkin_event is missing"},
        {"{\"topic\":\"mdm.TokenUpdate\"}", "checkin_event is missing"},
        {"{\"topic\":\"mdm.CheckOut\",\"checkin_event\":[]}",
         "checkin_event is missing"},
        {"{\"topic\":\"mdm.Connect\",\"checkin_event\":{}}",
         "acknowledge_event is missing"},
        {"{\"topic\":\"mdm.Connect\",\"acknowledge_event\":{}}",
         "acknowledge_event.raw_payload is missing"},
        {"{\"topic\":\"mdm.CheckOut\",\"checkin_event\":{\"raw_payload\":"
         "null}}",
         "checkin_event.raw_payload is missing"},
    };
    struct webhook_event event;
    char why[JSON_IN_WHY];

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        json_t *json = load(wrong[i].text);

        if (webhook_event_read(json, &event, why))
            fail_msg("%s is taken", wrong[i].text);
        if (strstr(why, wrong[i].why) == NULL)
            fail_msg("%s: %s", wrong[i].text, why);
        json_decref(json);
    }
}

TEST(broken_payloads_are_refused)
{
    static const char *const payloads[] = {"7",        "\"\"",     "\"a\"",
                                           "\"====\"", "\"!!!!\"", "{}"};
    struct webhook_event event;
    char why[JSON_IN_WHY];

    for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; i++) {
        char text[128];
        json_t *json;

        snprintf(text, sizeof text,
                 "{\"topic\":\"mdm.New\",\"checkin_event\":{"
                 "\"raw_payload\":%s}}",
                 payloads[i]);
        json = load(text);
        if (webhook_event_read(json, &event, why))
            fail_msg("%s is taken", text);
        assert_non_null(strstr(why, "checkin_event.raw_payload"));
        json_decref(json);
    }
}

/* Of `body` under `secret`:
   printf body | openssl dgst -sha256 -hmac secret -binary | base64 */
#define SIGNATURE "3EaYNVf+oSe0OvchRn65s/3iM4/j4U9RlSqoR4wT01U="

TEST(a_signature_is_the_bodys_under_the_key)
{
    const struct api_config config = {.webhook_hmac_key = "secret"};
    struct webhook_key key;
    char why[API_WHY];

    assert_true(webhook_key_load(&config, &key, why));
    assert_true(webhook_key_verify(&key, "body", 4, SIGNATURE));
    assert_false(webhook_key_verify(&key, "Body", 4, SIGNATURE));
    assert_false(webhook_key_verify(&key, "body", 3, SIGNATURE));
    assert_false(webhook_key_verify(&key, "body", 4, SIGNATURE "="));
    assert_false(webhook_key_verify(&key, "body", 4, ""));
    assert_false(webhook_key_verify(&key, "body", 4, NULL));
    webhook_key_fini(&key);
}

TEST(without_a_key_nothing_is_looked_at)
{
    const struct api_config config = {0};
    struct webhook_key key;
    char why[API_WHY];

    assert_true(webhook_key_load(&config, &key, why));
    assert_true(webhook_key_verify(&key, "body", 4, NULL));
    assert_true(webhook_key_verify(&key, "body", 4, "nonsense"));
}

TEST(a_key_is_the_first_line_of_its_file)
{
    char *dir = temp_dir_new();
    char *path = temp_dir_path(dir, "key");
    struct api_config config = {.webhook_hmac_key_file = path};
    struct webhook_key key;
    char why[API_WHY];
    char wide[WEBHOOK_KEY_MAX + 1];

    assert_false(webhook_key_load(&config, &key, why));
    assert_non_null(strstr(why, path));
    memset(wide, 'k', sizeof wide - 1);
    wide[sizeof wide - 1] = '\0';
    temp_dir_write(path, wide);
    assert_false(webhook_key_load(&config, &key, why));
    assert_non_null(strstr(why, "1 to 1022 bytes"));
    temp_dir_write(path, "\nsecret\n");
    assert_false(webhook_key_load(&config, &key, why));
    temp_dir_write(path, "secret\r\nmore\n");
    assert_true(webhook_key_load(&config, &key, why));
    assert_true(webhook_key_verify(&key, "body", 4, SIGNATURE));
    config.webhook_hmac_key = "secret";
    assert_false(webhook_key_load(&config, &key, why));
    assert_non_null(strstr(why, "both"));
    free(path);
    temp_dir_free(dir);
}
