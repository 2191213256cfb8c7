/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "bench/sim/push/judge.h"
#include "tests/support/unit.h"

#define TOPIC "com.apple.mgmt.External.11111111-2222-4333-8444-555555555555"
#define PATH  "/3/device/00112233445566778899aabbccddeeff"
#define BODY  "{\"mdm\":\"0E8B8E0C\"}"

/* Bytes of a path with the longest token. */
#define LONGEST (sizeof FIELD_PATH_PREFIX - 1 + 2UL * FIELD_MAX_TOKEN)

static struct judge_request request;

static void
add(const char *name, const char *value)
{
    struct field_text name_text = {name, strlen(name)};
    struct field_text text = {value, strlen(value)};

    judge_field_add(&request, name_text, text, TOPIC);
}

static void
add_body(const char *body)
{
    judge_body_add(&request, (const uint8_t *)body, strlen(body));
}

/* A good request, but for one header: other value, or none with NULL. */
static void
make_with(const char *name, const char *value)
{
    static const char *const headers[][2] = {
        {":method", "POST"},     {":scheme", "https"},
        {":authority", "sim"},   {":path", PATH},
        {"apns-topic", TOPIC},   {"apns-push-type", "mdm"},
        {"apns-priority", "10"}, {"apns-expiration", "1800000000"},
    };
    bool is_replaced = false;

    judge_request_reset(&request);
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        if (strcmp(headers[i][0], name) != 0) {
            add(headers[i][0], headers[i][1]);
            continue;
        }
        is_replaced = true;
        if (value != NULL)
            add(name, value);
    }
    if (!is_replaced && value != NULL)
        add(name, value);
}

static const char *
text(const char *reason)
{
    return reason == NULL ? "" : reason;
}

static void
expect_of(bool is_explicit, uint16_t status, const char *reason)
{
    struct judge_verdict verdict;

    verdict = judge_request_check(&request, TOPIC, is_explicit);
    if (verdict.status != status ||
        strcmp(text(verdict.reason), text(reason)) != 0)
        fail_msg("wanted %u %s, got %u %s", status, text(reason),
                 verdict.status, text(verdict.reason));
}

static void
expect(uint16_t status, const char *reason)
{
    expect_of(false, status, reason);
}

TEST(a_good_request_is_accepted)
{
    make_with("", NULL);
    add_body(BODY);
    expect(200, NULL);
    assert_int_equal(request.token_len, 16);
    assert_int_equal(request.token[0], 0);
    assert_int_equal(request.token[15], 0xff);
}

TEST(optional_headers_may_be_absent)
{
    make_with("apns-priority", NULL);
    add_body(BODY);
    expect(200, NULL);
    make_with("apns-expiration", NULL);
    add_body(BODY);
    expect(200, NULL);
}

TEST(the_certificates_topic_stands_for_a_missing_one)
{
    static const char *const names[] = {"apns-topic", "apns-push-type"};
    static const char *const reasons[] = {"MissingTopic", "InvalidPushType"};

    for (int i = 0; i < 2; i++) {
        make_with(names[i], NULL);
        add_body(BODY);
        expect(200, NULL);
        expect_of(true, 400, reasons[i]);
        make_with(names[i], "");
        add_body(BODY);
        expect(400, i == 0 ? "BadTopic" : "InvalidPushType");
    }
    make_with("", NULL);
    add_body(BODY);
    expect_of(true, 200, NULL);
}

TEST(each_bad_header_has_its_reason)
{
    static char long_topic[300], long_collapse[FIELD_MAX_COLLAPSE + 2];
    static char long_path[LONGEST + 3];
    const struct {
        const char *name, *value;
        uint16_t status;
        const char *reason;
    } cases[] = {
        {":method", "GET", 405, "MethodNotAllowed"},
        {":method", NULL, 405, "MethodNotAllowed"},
        {":path", "/", 404, "BadPath"},
        {":path", "/3/devices/00", 404, "BadPath"},
        {":path", "/2/device/00", 404, "BadPath"},
        {":path", "/3/device", 400, "MissingDeviceToken"},
        {":path", "/3/device/", 400, "MissingDeviceToken"},
        {":path", "/3/device/001", 400, "BadDeviceToken"},
        {":path", "/3/device/0g", 400, "BadDeviceToken"},
        {":path", "/3/device/00/", 400, "BadDeviceToken"},
        {":path", long_path, 400, "BadDeviceToken"},
        {"apns-id", "not-a-uuid", 400, "BadMessageId"},
        {"apns-id", "00000000-0000-0000-0000-00000000000g", 400,
         "BadMessageId"},
        {"apns-id", "00000000000000000000000000000000", 400, "BadMessageId"},
        {"apns-topic", "", 400, "BadTopic"},
        {"apns-topic", "com.example.app", 400, "BadTopic"},
        {"apns-topic", "com.apple.mgmt.", 400, "BadTopic"},
        {"apns-topic", long_topic, 400, "BadTopic"},
        {"apns-topic", TOPIC "x", 400, "TopicDisallowed"},
        {"apns-push-type", "alert", 400, "InvalidPushType"},
        {"apns-push-type", "MDM", 400, "InvalidPushType"},
        {"apns-priority", "7", 400, "BadPriority"},
        {"apns-priority", "010", 400, "BadPriority"},
        {"apns-priority", "", 400, "BadPriority"},
        {"apns-expiration", "", 400, "BadExpirationDate"},
        {"apns-expiration", "-1", 400, "BadExpirationDate"},
        {"apns-expiration", "1.5", 400, "BadExpirationDate"},
        {"apns-expiration", "1234567890123456789", 400, "BadExpirationDate"},
        {"apns-collapse-id", long_collapse, 400, "BadCollapseId"},
    };

    snprintf(long_topic, sizeof long_topic, "com.apple.mgmt.%0250d", 1);
    memset(long_collapse, 'c', sizeof long_collapse - 1);
    memset(long_path, '0', sizeof long_path - 1);
    memcpy(long_path, "/3/device/", 10);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        make_with(cases[i].name, cases[i].value);
        add_body(BODY);
        expect(cases[i].status, cases[i].reason);
    }
}

TEST(good_header_values_are_accepted)
{
    static const char *const cases[][2] = {
        {"apns-priority", "5"},
        {"apns-priority", "1"},
        {"apns-expiration", "0"},
        {"apns-id", "EC1BF194-B3B2-424a-89a9-5A918A6E6B5F"},
        {":path", "/3/device/AAbb"},
        {"apns-collapse-id",
         "1234567890123456789012345678901234567890123456789012345678901234"},
        {"authorization", "bearer ignored"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        make_with(cases[i][0], cases[i][1]);
        add_body(BODY);
        expect(200, NULL);
    }
}

TEST(a_token_of_the_longest_size_is_accepted)
{
    static char path[LONGEST + 1];

    memset(path, 'a', sizeof path - 1);
    memcpy(path, "/3/device/", 10);
    make_with(":path", path);
    add_body(BODY);
    expect(200, NULL);
    assert_int_equal(request.token_len, FIELD_MAX_TOKEN);
}

TEST(repeated_headers_are_duplicates)
{
    make_with("", NULL);
    add("apns-topic", TOPIC);
    add_body(BODY);
    expect(400, "DuplicateHeaders");
}

TEST(a_whole_request_is_what_http_asks_for)
{
    make_with("", NULL);
    assert_true(judge_headers_are_whole(&request));
    make_with(":authority", NULL);
    assert_false(judge_headers_are_whole(&request));
    add("host", "sim");
    assert_true(judge_headers_are_whole(&request));
}

TEST(what_http_forbids_is_malformed)
{
    static const char *const cases[][2] = {
        {":method", NULL},
        {":scheme", NULL},
        {":path", NULL},
        {":path", ""},
        {":path", "3/device/00"},
        {":protocol", "websocket"}, /* pseudo, unknown */
        {":status", "200"},
        {"Apns-Topic", TOPIC},
        {"apns topic", TOPIC},
        {"", "x"},
        {"x", "a\nb"},
        {"x", " a"},
        {"x", "a\t"},
        {"x", "\x7f"},
        {"connection", "close"},
        {"keep-alive", "1"},
        {"proxy-connection", "x"},
        {"transfer-encoding", "chunked"},
        {"upgrade", "h2c"},
        {"te", "gzip"},
        {"content-length", "-1"},
        {"content-length", ""},
        {"content-length", "1234567890123456789"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        make_with(cases[i][0], cases[i][1]);
        if (judge_headers_are_whole(&request))
            fail_msg("`%s: %s` is taken", cases[i][0],
                     cases[i][1] == NULL ? "(none)" : cases[i][1]);
    }
    make_with("te", "trailers");
    assert_true(judge_headers_are_whole(&request));
    make_with("x", "a\tb");
    assert_true(judge_headers_are_whole(&request));
}

TEST(pseudo_headers_come_first_and_once)
{
    make_with(":path", NULL);
    add(":path", PATH);
    assert_false(judge_headers_are_whole(&request));
    judge_request_reset(&request);
    add(":method", "POST");
    add(":method", "POST");
    assert_true(request.is_malformed);
    make_with("", NULL);
    add("content-length", "2");
    add("content-length", "2");
    assert_false(judge_headers_are_whole(&request));
}

TEST(a_body_is_as_long_as_it_was_said_to_be)
{
    make_with("content-length", "3");
    add_body("{}");
    assert_false(judge_body_is_whole(&request));
    add_body(" ");
    assert_true(judge_body_is_whole(&request));
    add_body(" ");
    assert_false(judge_body_is_whole(&request));
}

TEST(a_clients_id_is_kept_if_it_is_good)
{
    static const char id[] = "EC1BF194-B3B2-424a-89a9-5A918A6E6B5F";

    make_with("", NULL);
    assert_false(judge_has_id(&request));
    make_with("apns-id", id);
    assert_true(judge_has_id(&request));
    assert_memory_equal(request.id, id, JUDGE_ID_LEN);
    make_with("apns-id", "x");
    assert_false(judge_has_id(&request));
}

TEST(payloads_that_need_json_are_read_as_json)
{
    static const char *const good[] = {
        " {\"mdm\":\"x\"}",
        "{\"mdm\" : \"x\"}\n",
        "{\"mdm\":\"a\\\"b\"}",
        "{\"mdm\":\"\xc3\xa4\"}",
    };

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        make_with("", NULL);
        add_body(good[i]);
        expect(200, NULL);
    }
}

TEST(each_bad_body_has_its_reason)
{
    static const char *const bad[] = {
        "{}",
        "[]",
        "mdm",
        "{\"mdm\":\"\"}",
        "{\"mdm\":1}",
        "{\"mdm\":null}",
        "{\"aps\":{}}",
        "{\"mdm\":\"x\",\"aps\":{}}",
        "{\"mdm\":\"x\",\"mdm\":\"y\"}",
        "{\"mdm\":\"x\"",
        "{\"mdm\":\"x\"} x",
        "{\"mdm\":\"\xff\"}",
        "{\"mdm\":\"a\"b\"}",
        "{\"mdm\":\"a\\\"}",
        "{\"mdm\":\"a\nb\"}",
    };

    make_with("", NULL);
    expect(400, "PayloadEmpty");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        make_with("", NULL);
        add_body(bad[i]);
        expect(400, "BadPayload");
    }
}

TEST(the_payload_limit_is_apples)
{
    static char body[JUDGE_MAX_PAYLOAD + 2];

    memset(body, 'x', sizeof body - 1);
    memcpy(body, "{\"mdm\":\"", 8);
    memcpy(body + JUDGE_MAX_PAYLOAD - 2, "\"}", 3);
    make_with("", NULL);
    add_body(body);
    assert_int_equal(request.body_len, JUDGE_MAX_PAYLOAD);
    expect(200, NULL);
    add_body(" ");
    expect(413, "PayloadTooLarge");
    add_body(body);
    expect(413, "PayloadTooLarge");
}

TEST(a_body_in_pieces_is_one_body)
{
    const char *body = BODY;

    make_with("", NULL);
    for (size_t i = 0; body[i] != '\0'; i++)
        judge_body_add(&request, (const uint8_t *)body + i, 1);
    expect(200, NULL);
}

TEST(a_certificate_without_topic_is_bad)
{
    struct judge_verdict verdict;

    make_with("", NULL);
    add_body(BODY);
    verdict = judge_request_check(&request, "", false);
    assert_int_equal(verdict.status, 403);
    assert_string_equal(verdict.reason, "BadCertificate");
}

TEST(a_reset_request_forgets_everything)
{
    make_with("", NULL);
    add("apns-topic", TOPIC);
    add_body(BODY);
    make_with("", NULL);
    add_body(BODY);
    expect(200, NULL);
}
