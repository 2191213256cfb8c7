/* SPDX-License-Identifier: MIT */

/*
 * What clients send: JSON, times, enrollments, webhook events.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/api/json/enrollment_json.h"
#include "server/api/json/json_in.h"
#include "tests/support/unit.h"

#define NOW_MS 1767758686123

static json_t *
load(const char *text)
{
    char why[JSON_IN_WHY];
    json_t *json = json_in_load(text, strlen(text), why);

    if (json == NULL)
        fail_msg("%s", why);
    return json;
}

static void
expect_no_load(const char *text, const char *part)
{
    char why[JSON_IN_WHY] = "";

    assert_null(json_in_load(text, strlen(text), why));
    if (strstr(why, part) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", why, part);
}

TEST(what_is_no_object_is_refused)
{
    char deep[64] = "{\"a\":";

    expect_no_load("", "got nothing");
    expect_no_load("[]", "object");
    expect_no_load("{", "not JSON");
    expect_no_load("{} {}", "not JSON");
    expect_no_load("{\"a\":1,\"a\":2}", "duplicate");
    expect_no_load("{\"a\":\"\\u0000\"}", "not JSON");
    expect_no_load("{\"a\":\"\xff\"}", "not JSON");
    memset(deep + strlen(deep), '[', JSON_IN_MAX_DEPTH);
    expect_no_load(deep, "16 levels");
    json_decref(load("{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[[[{{{{\\\"[[\"}"));
}

struct expectation {
    const char *json;
    const char *why;
};

/* The reader that the next test reads with. */
static void
read_all(struct json_in *in)
{
    size_t n;

    (void)json_in_string(in, "text", 4);
    (void)json_in_need(in, "needed", 8);
    (void)json_in_int(in, "number", 1, 10, 0);
    (void)json_in_bool(in, "flag", false);
    (void)json_in_time(in, "time");
    (void)json_in_object(in, "object");
    free((void *)json_in_strings(in, "list", 2, 3, &n));
    json_in_ignore(in, "ignored");
}

TEST(errors_name_the_field_and_the_limit)
{
    static const struct expectation wrong[] = {
        {"{}", "needed is missing"},
        {"{\"needed\":null}", "needed is missing"},
        {"{\"needed\":\"\"}", "needed is empty"},
        {"{\"needed\":7}", "needed must be a string, not an integer"},
        {"{\"needed\":\"x\",\"text\":\"12345\"}",
         "text is 5 bytes long, at most 4 are allowed"},
        {"{\"needed\":\"x\",\"number\":11}", "number must be 1 to 10, not 11"},
        {"{\"needed\":\"x\",\"number\":\"1\"}",
         "number must be an integer, not a string"},
        {"{\"needed\":\"x\",\"number\":1.0}",
         "number must be an integer, not a real number"},
        {"{\"needed\":\"x\",\"flag\":1}",
         "flag must be true or false, not an integer"},
        {"{\"needed\":\"x\",\"time\":\"yesterday\"}",
         "time must be a time like 2026-01-07T04:04:46Z"},
        {"{\"needed\":\"x\",\"time\":\"0001-01-01T00:00:00Z\"}",
         "time must not be before 1970"},
        {"{\"needed\":\"x\",\"object\":[]}",
         "object must be an object, not an array"},
        {"{\"needed\":\"x\",\"list\":{}}",
         "list must be an array, not an object"},
        {"{\"needed\":\"x\",\"list\":[\"a\",\"b\",\"c\"]}",
         "list has 3 items, at most 2 are allowed"},
        {"{\"needed\":\"x\",\"list\":[\"a\",\"\"]}",
         "list[1] must be a string of 1 to 3 bytes"},
        {"{\"needed\":\"x\",\"list\":[1]}",
         "list[0] must be a string of 1 to 3 bytes"},
        {"{\"needed\":\"x\",\"other\":1}", "unknown field \"other\""},
        {"{\"needed\":\"x\",\"number\":99999999999999999999}", "not JSON"},
    };

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char why[JSON_IN_WHY] = "";
        json_t *json = json_in_load(wrong[i].json, strlen(wrong[i].json), why);
        struct json_in in;

        if (json != NULL) {
            json_in_begin(&in, json);
            read_all(&in);
            assert_false(json_in_end(&in));
            snprintf(why, sizeof why, "%s", in.why);
            json_decref(json);
        }
        if (strstr(why, wrong[i].why) == NULL)
            fail_msg("%s: \"%s\" instead of \"%s\"", wrong[i].json, why,
                     wrong[i].why);
    }
}

TEST(a_whole_object_is_read)
{
    json_t *json = load("{\"needed\":\"x\",\"text\":null,\"number\":10,"
                        "\"ignored\":[1],\"list\":[\"a\"]}");
    struct json_in in;

    json_in_begin(&in, json);
    read_all(&in);
    assert_true(json_in_end(&in));
    json_decref(json);
}

TEST(names_hold_nothing_that_acts_on_a_terminal)
{
    static const struct {
        const char *text;
        const char *why; /* NULL: it is a name */
    } names[] = {
        {"", NULL},
        {"plain / name", NULL},
        {"Z\xc3\xbcrich \xe6\x9d\xb1\xe4\xba\xac \xf0\x9f\x8d\x8e", NULL},
        {"a\xc2\xa0"
         "b",
         NULL},
        {"a\nb", "contains a control character"},
        {"a\x1b[2J", "contains a control character"},
        {"\x7f", "contains a control character"},
        {"\xc2\x80", "contains a control character"},
        {"\xc2\x9b", "contains a control character"},
        {"a\xe2\x80\xae"
         "b",
         "direction"},
        {"a\xe2\x81\xa6"
         "b",
         "direction"},
        {"a\xd8\x9c"
         "b",
         "direction"},
        {"a\xe2\x80\x8b"
         "b",
         "invisible"},
        {"a\xef\xbb\xbf"
         "b",
         "invisible"},
        {"a\xf3\xa0\x81\x81"
         "b",
         "invisible"},
        {"\xff", "not UTF-8"},
        {"\xc0\x80", "not UTF-8"},
        {"\xc3", "not UTF-8"},
        {"\xed\xa0\x80", "not UTF-8"},
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        json_t *json = load("{}");
        struct json_in in;
        bool is_name;

        json_in_begin(&in, json);
        json_in_name(&in, "name", names[i].text);
        is_name = json_in_end(&in);
        if (is_name != (names[i].why == NULL) ||
            (!is_name && strstr(in.why, names[i].why) == NULL))
            fail_msg("name %zu: \"%s\"", i, is_name ? "" : in.why);
        json_decref(json);
    }
}

static bool
read_enrollment(json_t *json, const char *id, struct enrollment_json *read,
                char why[JSON_IN_WHY])
{
    struct json_in in;
    bool is_ok;

    json_in_begin(&in, json);
    is_ok = enrollment_json_in(&in, id, NOW_MS, read);
    snprintf(why, JSON_IN_WHY, "%s", in.why);
    return is_ok;
}

TEST(a_tokens_time_may_be_unknown)
{
    json_t *json = load("{\"topic\":\"com.apple.mgmt.x\",\"token\":\"00FFab\","
                        "\"push_magic\":\"M\",\"token_updated_at\":null}");
    struct enrollment_json read;
    char why[JSON_IN_WHY];

    assert_true(read_enrollment(json, "A", &read, why));
    assert_int_equal(read.enrollment.token_at_ms, 0);
    json_decref(json);
}

TEST(a_token_has_as_many_bytes_as_the_store_takes)
{
    char text[2 * STORE_MAX_TOKEN + 100];
    struct enrollment_json read;
    char why[JSON_IN_WHY];

    for (int len = STORE_MAX_TOKEN; len <= STORE_MAX_TOKEN + 1; len++) {
        json_t *json;

        snprintf(text, sizeof text,
                 "{\"topic\":\"com.apple.mgmt.x\",\"push_magic\":\"M\","
                 "\"token\":\"%0*d\"}",
                 2 * len, 7);
        json = load(text);
        assert_int_equal(read_enrollment(json, "A", &read, why),
                         len == STORE_MAX_TOKEN);
        if (len == STORE_MAX_TOKEN)
            assert_int_equal(read.enrollment.token_len, len);
        json_decref(json);
    }
}

TEST(an_enrollment_is_read_with_its_defaults)
{
    json_t *json = load("{\"topic\":\"com.apple.mgmt.x\",\"token\":\"00FFab\","
                        "\"push_magic\":\"M\"}");
    struct enrollment_json read;
    char why[JSON_IN_WHY];

    assert_true(read_enrollment(json, "A", &read, why));
    assert_string_equal(read.enrollment.id, "A");
    assert_int_equal(read.enrollment.kind, STORE_KIND_DEVICE);
    assert_int_equal(read.enrollment.state, STORE_STATE_ENABLED);
    assert_int_equal(read.enrollment.token_len, 3);
    assert_memory_equal(read.enrollment.token, "\x00\xff\xab", 3);
    assert_int_equal(read.enrollment.token_at_ms, NOW_MS);
    assert_int_equal(read.enrollment.tally, 1);
    assert_string_equal(read.enrollment.parent, "");
    json_decref(json);
}

TEST(a_users_parent_follows_from_its_id)
{
    json_t *json = load("{\"id\":\"DEV:USER\",\"kind\":\"User\","
                        "\"state\":\"disabled\"}");
    struct enrollment_json read;
    char why[JSON_IN_WHY];

    assert_true(read_enrollment(json, NULL, &read, why));
    assert_string_equal(read.enrollment.parent, "DEV");
    assert_int_equal(read.enrollment.state, STORE_STATE_DISABLED);
    json_decref(json);
}

TEST(wrong_enrollments_are_refused_by_field)
{
    static const struct expectation wrong[] = {
        {"{}", "id is missing"},
        {"{\"id\":\"A\",\"kind\":\"Toaster\"}", "kind must be one of"},
        {"{\"id\":\"A\",\"token\":\"abc\"}", "token must be"},
        {"{\"id\":\"A\",\"token\":\"zz\"}", "token must be"},
        {"{\"id\":\"A\",\"token\":\"ab\"}", "push_magic is missing"},
        {"{\"id\":\"A\",\"token\":\"ab\",\"push_magic\":\"M\"}",
         "topic is missing"},
        {"{\"id\":\"A\"}", "topic is missing; only an enrollment with"},
        {"{\"id\":\"A\",\"state\":\"dead\"}", "topic is missing"},
        {"{\"id\":\"A\",\"topic\":\"t\"}", "token is missing"},
        {"{\"id\":\"A\",\"topic\":\"t\",\"state\":\"enabled\"}",
         "token is missing"},
        {"{\"id\":\"A\",\"state\":\"asleep\"}", "state must be one of"},
        {"{\"id\":\"A\",\"kind\":\"User\"}", "parent_id is missing"},
        {"{\"id\":\"A\",\"parent_id\":\"B\"}", "parent_id is for user"},
        {"{\"id\":\"A\",\"serial\":\"C02\"}", "unknown field \"serial\""},
        {"{\"id\":\"A\",\"token_update_tally\":-1}", "token_update_tally"},
        {"{\"id\":\"A\\u001b[0m\"}", "id contains a control character"},
        {"{\"id\":\"A\",\"serial_number\":\"\\u007f\"}",
         "serial_number contains a control character"},
        {"{\"id\":\"A:B\",\"kind\":\"User\",\"parent_id\":\"\\n\"}",
         "parent_id contains a control character"},
        {"{\"id\":\"A\",\"topic\":\"a b\"}", "topic must be printable"},
        {"{\"id\":\"A\",\"topic\":\"\u00fc\"}", "topic must be printable"},
    };

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        json_t *json = load(wrong[i].json);
        struct enrollment_json read;
        char why[JSON_IN_WHY];

        if (read_enrollment(json, NULL, &read, why))
            fail_msg("%s is taken", wrong[i].json);
        if (strstr(why, wrong[i].why) == NULL)
            fail_msg("%s: \"%s\"", wrong[i].json, why);
        json_decref(json);
    }
}

TEST(an_exported_line_can_be_imported)
{
    const struct store_enrollment enrollment = {
        .id = "DEV:USER",
        .kind = STORE_KIND_USER,
        .parent = "DEV",
        .serial = "C02",
        .topic = "com.apple.mgmt.x",
        .token = (const uint8_t *)"\x01\x02\x03\x04\x05",
        .token_len = 5,
        .magic = "M",
        .state = STORE_STATE_DEAD,
        .token_at_ms = NOW_MS - 5,
        .tally = 3,
        .seen_at_ms = NOW_MS - 1,
        .last_push = {.at_ms = NOW_MS,
                      .status = 410,
                      .reason = "Unregistered",
                      .apns_id = "ID"},
    };
    json_t *json = enrollment_json_out(&enrollment, true);
    struct enrollment_json read;
    char why[JSON_IN_WHY];

    assert_string_equal(
        json_string_value(json_object_get(json, "token_prefix")), "01020304");
    if (!read_enrollment(json, NULL, &read, why))
        fail_msg("%s", why);
    assert_string_equal(read.enrollment.parent, "DEV");
    assert_int_equal(read.enrollment.token_at_ms, enrollment.token_at_ms);
    assert_int_equal(read.enrollment.seen_at_ms, enrollment.seen_at_ms);
    assert_int_equal(read.enrollment.tally, 3);
    assert_int_equal(read.enrollment.state, STORE_STATE_DEAD);
    assert_memory_equal(read.enrollment.token, enrollment.token, 5);
    json_decref(json);
}

TEST(secrets_stay_in_unless_asked_for)
{
    const struct store_enrollment enrollment = {
        .id = "A",
        .parent = "",
        .serial = "",
        .topic = "t",
        .token = (const uint8_t *)"\x01\x02\x03\x04\x05",
        .token_len = 5,
        .magic = "MAGIC",
    };
    json_t *json = enrollment_json_out(&enrollment, false);

    assert_null(json_object_get(json, "token"));
    assert_null(json_object_get(json, "push_magic"));
    json_decref(json);
}
