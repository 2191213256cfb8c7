/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "apns/http2/reply.h"
#include "tests/support/unit.h"

/* Apple's page, typed again and not taken from the table under test. */
static const struct {
    unsigned status;
    const char *reason;
    enum apns_class class_;
} apple[] = {
    {400, "BadCollapseId", APNS_CLASS_OURS},
    {400, "BadDeviceToken", APNS_CLASS_SUSPECT},
    {400, "BadExpirationDate", APNS_CLASS_OURS},
    {400, "BadMessageId", APNS_CLASS_OURS},
    {400, "BadPriority", APNS_CLASS_OURS},
    {400, "BadTopic", APNS_CLASS_IDENTITY},
    {400, "DeviceTokenNotForTopic", APNS_CLASS_SUSPECT},
    {400, "DuplicateHeaders", APNS_CLASS_OURS},
    {400, "IdleTimeout", APNS_CLASS_NO_ANSWER},
    {400, "InvalidPushType", APNS_CLASS_OURS},
    {400, "MissingDeviceToken", APNS_CLASS_OURS},
    {400, "MissingTopic", APNS_CLASS_OURS},
    {400, "PayloadEmpty", APNS_CLASS_OURS},
    {400, "TopicDisallowed", APNS_CLASS_IDENTITY},
    {403, "BadCertificate", APNS_CLASS_IDENTITY},
    {403, "BadCertificateEnvironment", APNS_CLASS_IDENTITY},
    {403, "ExpiredProviderToken", APNS_CLASS_IDENTITY},
    {403, "Forbidden", APNS_CLASS_IDENTITY},
    {403, "InvalidProviderToken", APNS_CLASS_IDENTITY},
    {403, "MissingProviderToken", APNS_CLASS_IDENTITY},
    {403, "UnrelatedKeyIdInToken", APNS_CLASS_IDENTITY},
    {403, "BadEnvironmentKeyIdInToken", APNS_CLASS_IDENTITY},
    {404, "BadPath", APNS_CLASS_OURS},
    {405, "MethodNotAllowed", APNS_CLASS_OURS},
    {410, "ExpiredToken", APNS_CLASS_DEAD_TOKEN},
    {410, "Unregistered", APNS_CLASS_DEAD_TOKEN},
    {413, "PayloadTooLarge", APNS_CLASS_OURS},
    {429, "TooManyProviderTokenUpdates", APNS_CLASS_SLOW_DOWN},
    {429, "TooManyRequests", APNS_CLASS_SLOW_DOWN},
    {500, "InternalServerError", APNS_CLASS_TROUBLE},
    {503, "ServiceUnavailable", APNS_CLASS_TROUBLE},
    {503, "Shutdown", APNS_CLASS_NO_ANSWER},
};
_Static_assert(sizeof apple / sizeof apple[0] == 32, "Apple lists 32 reasons");

TEST(all_of_apples_reasons_have_their_class)
{
    for (size_t i = 0; i < sizeof apple / sizeof apple[0]; i++) {
        assert_int_equal(reply_classify(apple[i].status, apple[i].reason),
                         apple[i].class_);
        assert_int_equal(reply_reason_stops(apple[i].reason),
                         apple[i].class_ == APNS_CLASS_IDENTITY);
    }
    assert_int_equal(reply_classify(403, "BadEnvironmentKeyInToken"),
                     APNS_CLASS_IDENTITY);
}

TEST(success_is_accepted_whatever_the_body_says)
{
    assert_int_equal(reply_classify(200, ""), APNS_CLASS_ACCEPTED);
    assert_int_equal(reply_classify(200, NULL), APNS_CLASS_ACCEPTED);
    assert_int_equal(reply_classify(200, "Unregistered"), APNS_CLASS_ACCEPTED);
}

TEST(unknown_reasons_fall_back_to_the_status)
{
    static const struct {
        unsigned status;
        enum apns_class class_;
    } fallbacks[] = {
        {400, APNS_CLASS_OURS},      {403, APNS_CLASS_IDENTITY},
        {404, APNS_CLASS_OURS},      {410, APNS_CLASS_DEAD_TOKEN},
        {418, APNS_CLASS_OURS},      {429, APNS_CLASS_SLOW_DOWN},
        {499, APNS_CLASS_OURS},      {500, APNS_CLASS_TROUBLE},
        {502, APNS_CLASS_TROUBLE},   {599, APNS_CLASS_TROUBLE},
        {0, APNS_CLASS_TROUBLE},     {100, APNS_CLASS_TROUBLE},
        {204, APNS_CLASS_TROUBLE},   {301, APNS_CLASS_TROUBLE},
        {70000, APNS_CLASS_TROUBLE},
    };

    for (size_t i = 0; i < sizeof fallbacks / sizeof fallbacks[0]; i++) {
        assert_int_equal(reply_classify(fallbacks[i].status, "NeverHeardOf"),
                         fallbacks[i].class_);
        assert_int_equal(reply_classify(fallbacks[i].status, ""),
                         fallbacks[i].class_);
        assert_int_equal(reply_classify(fallbacks[i].status, NULL),
                         fallbacks[i].class_);
    }
    assert_int_equal(reply_classify(400, "baddevicetoken"), APNS_CLASS_OURS);
}

TEST(unknown_goaway_reasons_do_not_stop_an_identity)
{
    assert_false(reply_reason_stops(""));
    assert_false(reply_reason_stops(NULL));
    assert_false(reply_reason_stops("NeverHeardOf"));
    assert_true(reply_reason_stops("BadCertificateEnvironment"));
}

TEST(certificate_alerts_before_settings_are_verdicts)
{
    static const int verdicts[] = {42, 43, 44, 45, 46, 48, 49, 51, 116};

    for (int alert = -1; alert < 256; alert++) {
        bool is_verdict = false;

        for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++)
            is_verdict = is_verdict || alert == verdicts[i];
        assert_int_equal(reply_classify_tls_alert(alert, true),
                         is_verdict ? APNS_CLASS_IDENTITY
                                    : APNS_CLASS_NO_ANSWER);
        /* Later only what cannot mean anything else. */
        assert_int_equal(reply_classify_tls_alert(alert, false),
                         alert == 44 || alert == 45 ? APNS_CLASS_IDENTITY
                                                    : APNS_CLASS_NO_ANSWER);
        assert_non_null(reply_alert_name(alert));
    }
    assert_string_equal(reply_alert_name(45), "certificate_expired");
    assert_string_equal(reply_alert_name(116), "certificate_required");
    assert_string_equal(reply_alert_name(255), "unknown_alert");
}

static bool
read_body(const char *json, struct reply_body *body)
{
    memset(body, 0x5a, sizeof *body);
    return reply_body_read(json, strlen(json), body);
}

TEST(reason_and_timestamp_are_read)
{
    struct reply_body body;

    assert_true(read_body("{\"reason\":\"BadDeviceToken\"}", &body));
    assert_string_equal(body.reason, "BadDeviceToken");
    assert_int_equal(body.timestamp_ms, 0);
    assert_true(read_body(" {\"timestamp\" : 1700000000123 ,\n"
                          "\"reason\":\"Unregistered\", \"more\":[1]}\n",
                          &body));
    assert_string_equal(body.reason, "Unregistered");
    assert_int_equal(body.timestamp_ms, 1700000000123);
}

TEST(odd_timestamps_are_none)
{
    static const char *const odd[] = {
        "{\"reason\":\"Unregistered\",\"timestamp\":-5}",
        "{\"reason\":\"Unregistered\",\"timestamp\":\"1700000000123\"}",
        "{\"reason\":\"Unregistered\",\"timestamp\":1.5e12}",
        "{\"reason\":\"Unregistered\",\"timestamp\":null}",
        "{\"reason\":\"Unregistered\",\"timestamp\":{}}",
    };
    struct reply_body body;

    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        assert_true(read_body(odd[i], &body));
        assert_int_equal(body.timestamp_ms, 0);
    }
}

TEST(bodies_without_a_reason_are_refused)
{
    static const char *const wrong[] = {
        "",
        "x",
        "[]",
        "\"BadDeviceToken\"",
        "null",
        "{}",
        "{\"reason\":5}",
        "{\"reason\":\"\"}",
        "{\"reason\":null}",
        "{\"reason\":\"x\"",
        "{\"reason\":\"x\"} more",
        "{\"reason\":\"\xff\"}",
        "{\"reason\":\"a\\u0000b\"}",
        "{\"reason\":\"x\",\"timestamp\":99999999999999999999999999}",
    };
    struct reply_body body;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(read_body(wrong[i], &body));
        assert_string_equal(body.reason, "");
        assert_int_equal(body.timestamp_ms, 0);
    }
}

TEST(hostile_reasons_become_one_short_word)
{
    char json[512] = "{\"reason\":\""; /* 11 bytes */
    struct reply_body body;

    assert_true(read_body(
        "{\"reason\":\"a b\\n\\\"c\\\"=d\\\\ \\u001b\xc3\xa4\"}", &body));
    assert_string_equal(body.reason, "a_b__c__d_____");
    memset(json + 11, 'R', 300);
    memcpy(json + 311, "\"}", 3);
    assert_true(read_body(json, &body));
    assert_int_equal(strlen(body.reason), APNS_MAX_REASON);
}

TEST(oversized_and_deep_bodies_are_refused)
{
    static char json[REPLY_MAX_BODY + 2];
    struct reply_body body;

    memset(json, ' ', sizeof json);
    memcpy(json, "{\"reason\":\"x\"}", 14);
    assert_true(reply_body_read(json, REPLY_MAX_BODY, &body));
    assert_false(reply_body_read(json, REPLY_MAX_BODY + 1, &body));
    memset(json, '[', REPLY_MAX_BODY);
    assert_false(reply_body_read(json, REPLY_MAX_BODY, &body));
}
