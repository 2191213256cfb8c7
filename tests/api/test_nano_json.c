/* SPDX-License-Identifier: MIT */

/*
 * NanoMDM's answers, byte for byte.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/api/cert/cert_fault.h"
#include "server/api/nano/nano_json.h"
#include "server/api/nano/push_words.h"
#include "tests/support/unit.h"

struct text {
    char *bytes;
    size_t len;
    FILE *out;
};

static void
begin(struct text *text)
{
    text->out = open_memstream(&text->bytes, &text->len);
    assert_non_null(text->out);
}

static void
end(struct text *text, const char *wanted)
{
    fclose(text->out);
    assert_string_equal(text->bytes, wanted);
    free(text->bytes);
}

static void
expect_quoted(const char *given, const char *wanted)
{
    struct text text;

    begin(&text);
    nano_json_string(text.out, given);
    end(&text, wanted);
}

TEST(strings_are_escaped_as_go_does)
{
    expect_quoted("plain", "\"plain\"");
    expect_quoted("\"\\/", "\"\\\"\\\\/\"");
    expect_quoted("<a>&'", "\"\\u003ca\\u003e\\u0026'\"");
    expect_quoted("\n\r\t\b\f\x01\x1f\x7f",
                  "\"\\n\\r\\t\\b\\f\\u0001\\u001f\x7f\"");
    expect_quoted("\xc3\xa4 \xf0\x9f\x98\x80", "\"\xc3\xa4 \xf0\x9f\x98\x80\"");
    expect_quoted("\xe2\x80\xa8\xe2\x80\xa9", "\"\\u2028\\u2029\"");
}

TEST(broken_utf8_is_replaced_byte_by_byte)
{
    expect_quoted("\xff", "\"\\ufffd\"");
    expect_quoted("a\xc3", "\"a\\ufffd\"");
    expect_quoted("\xc0\xaf", "\"\\ufffd\\ufffd\"");
    expect_quoted("\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"");
    expect_quoted("\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"");
    expect_quoted("\xe2\x82", "\"\\ufffd\\ufffd\"");
}

static void
expect_pushes(struct nano_json_push *pushes, size_t n, size_t n_asked,
              const char *error, unsigned status, const char *wanted)
{
    struct text text;

    begin(&text);
    assert_int_equal(nano_json_pushes(text.out, pushes, n, n_asked, error),
                     status);
    end(&text, wanted);
}

TEST(a_push_that_went_well_is_200)
{
    struct nano_json_push push = {"A", "", "ID-1"};

    expect_pushes(&push, 1, 1, "", 200,
                  "{\n\t\"status\": {\n\t\t\"A\": {\n\t\t\t\"push_result\": "
                  "\"ID-1\"\n\t\t}\n\t}\n}\n");
}

TEST(all_failed_is_500_and_some_207)
{
    struct nano_json_push pushes[] = {{"B", "bad", "ID-2"}, {"A", "", "ID-1"}};

    expect_pushes(pushes, 2, 2, "", 207,
                  "{\n\t\"status\": {\n"
                  "\t\t\"A\": {\n\t\t\t\"push_result\": \"ID-1\"\n\t\t},\n"
                  "\t\t\"B\": {\n\t\t\t\"push_error\": \"bad\",\n"
                  "\t\t\t\"push_result\": \"ID-2\"\n\t\t}\n\t}\n}\n");
    expect_pushes(pushes, 1, 1, "", 500,
                  "{\n\t\"status\": {\n\t\t\"B\": {\n\t\t\t\"push_error\": "
                  "\"bad\",\n\t\t\t\"push_result\": \"ID-2\"\n\t\t}\n\t}\n}\n");
}

TEST(an_id_given_twice_is_one_entry_but_counted_twice)
{
    struct nano_json_push pushes[] = {{"X", "first", ""}, {"X", "last", ""}};

    expect_pushes(pushes, 2, 2, "", 207,
                  "{\n\t\"status\": {\n\t\t\"X\": {\n\t\t\t\"push_error\": "
                  "\"last\"\n\t\t}\n\t}\n}\n");
}

TEST(an_error_of_the_whole_request_is_500)
{
    struct nano_json_push push = {"A", "", "ID-1"};

    expect_pushes(NULL, 0, 0, "getting enrollment ids: empty path", 500,
                  "{\n\t\"push_error\": \"getting enrollment ids: empty "
                  "path\"\n}\n");
    expect_pushes(&push, 1, 2, "no cert", 500,
                  "{\n\t\"status\": {\n\t\t\"A\": {\n\t\t\t\"push_result\": "
                  "\"ID-1\"\n\t\t}\n\t},\n\t\"push_error\": \"no cert\"\n}\n");
}

TEST(ids_are_sorted_by_their_bytes)
{
    struct nano_json_push pushes[] = {
        {"b", "", ""}, {"B", "", ""}, {"\xc3\xa4", "", ""}, {"a", "", ""}};

    expect_pushes(pushes, 4, 4, "", 200,
                  "{\n\t\"status\": {\n\t\t\"B\": {},\n\t\t\"a\": {},\n"
                  "\t\t\"b\": {},\n\t\t\"\xc3\xa4\": {}\n\t}\n}\n");
}

TEST(certificate_answers_match)
{
    struct text text;

    begin(&text);
    nano_json_cert(text.out, 1767758686,
                   "com.apple.mgmt.External."
                   "e3b8ceac-1f18-2c8e-8a63-dd17d99435d9");
    end(&text, "{\n\t\"not_after\": \"2026-01-07T04:04:46Z\",\n\t\"topic\": "
               "\"com.apple.mgmt.External."
               "e3b8ceac-1f18-2c8e-8a63-dd17d99435d9\"\n}\n");
    begin(&text);
    nano_json_error(text.out, "unrecognized PEM type: \"X\"");
    end(&text, "{\n\t\"error\": \"unrecognized PEM type: \\\"X\\\"\"\n}\n");
}

static void
expect_fault(enum apns_err fault, const char *detail, const char *wanted)
{
    struct rouse_import_answer answer = {.fault = fault};
    char text[512];

    snprintf(answer.detail, sizeof answer.detail, "%s", detail);
    cert_fault_nano(&answer, text, sizeof text);
    assert_string_equal(text, wanted);
}

TEST(refused_certificates_are_told_in_nanomdms_words)
{
    expect_fault(APNS_EPEMTYPE, "ENCRYPTED PARAMETERS",
                 "unrecognized PEM type: \"ENCRYPTED PARAMETERS\"");
    expect_fault(APNS_EKEYENCRYPTED, "",
                 "private key PEM appears to be encrypted");
    expect_fault(APNS_EKEYMISMATCH, "",
                 "tls: private key does not match public key");
    expect_fault(APNS_ENOUID, "", "no APNs Topic found");
    expect_fault(APNS_EBADUID, "com.example",
                 "invalid APNs Topic: \"com.example\"");
    expect_fault(APNS_EEXPIRED, "2020-01-01",
                 "the certificate has expired: 2020-01-01");
}

static void
expect_words(struct rouse_wake_answer answer, const char *wanted)
{
    char text[256];

    answer.is_answered = answer.asked == ROUSE_ASKED_NEW;
    push_words_error(&answer, 30, text, sizeof text);
    assert_string_equal(text, wanted);
}

TEST(push_errors_follow_nanomdms_grammar)
{
    expect_words((struct rouse_wake_answer){.asked = ROUSE_ASKED_UNKNOWN},
                 "push data missing for id");
    expect_words((struct rouse_wake_answer){.asked = ROUSE_ASKED_NEW,
                                            .outcome = APNS_REJECTED,
                                            .status = 410,
                                            .reason = "Unregistered",
                                            .timestamp_ms = 1454402113000},
                 "push HTTP status: 410: APNs push error: Unregistered: "
                 "timestamp 1454402113000");
    expect_words((struct rouse_wake_answer){.asked = ROUSE_ASKED_NEW,
                                            .outcome = APNS_REJECTED,
                                            .status = 400,
                                            .reason = "BadDeviceToken"},
                 "push HTTP status: 400: APNs push error: BadDeviceToken");
    expect_words((struct rouse_wake_answer){.asked = ROUSE_ASKED_NEW,
                                            .outcome = APNS_REJECTED,
                                            .status = 503,
                                            .reason = ""},
                 "push HTTP status: 503: decoding JSON push error: EOF");
    expect_words((struct rouse_wake_answer){.asked = ROUSE_ASKED_NEW,
                                            .outcome = APNS_FAILED,
                                            .reason = "deadline"},
                 "push failed: deadline");
    expect_words((struct rouse_wake_answer){.asked = ROUSE_ASKED_NEW,
                                            .outcome = APNS_ACCEPTED,
                                            .reason = ""},
                 "");
    expect_words((struct rouse_wake_answer){.asked = ROUSE_ASKED_UNDECIDED},
                 "APNs refused the token, and has accepted no push under this "
                 "certificate yet; it is pushed again after its next "
                 "TokenUpdate, or with another certificate");
    expect_words((struct rouse_wake_answer){.asked = ROUSE_ASKED_UNPUSHABLE,
                                            .state = "dead"},
                 "enrollment is dead; it is pushed again after its next "
                 "TokenUpdate");
    expect_words((struct rouse_wake_answer){.asked = ROUSE_ASKED_MERGED},
                 "no answer from APNs within 30 s; the push continues");
}
