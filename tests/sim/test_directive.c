/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "bench/sim/fault/directive.h"
#include "tests/support/unit.h"

static struct directive
read_good(const char *line)
{
    struct directive directive;
    char error[DIRECTIVE_MAX_ERROR];

    if (!directive_read(line, &directive, error))
        fail_msg("`%s`: %s", line, error);
    return directive;
}

TEST(answers_are_read)
{
    struct directive d =
        read_good("answer 410 Unregistered timestamp=17 retry-after=30");

    assert_int_equal(d.when, WHEN_ALWAYS);
    assert_int_equal(d.action, ACTION_ANSWER);
    assert_int_equal(d.status, 410);
    assert_string_equal(d.reason, "Unregistered");
    assert_int_equal(d.timestamp_ms, 17);
    assert_int_equal(d.retry_after_s, 30);
    d = read_good("answer 200 -");
    assert_string_equal(d.reason, "");
    assert_int_equal(d.timestamp_ms, -1);
    assert_int_equal(d.retry_after_s, -1);
}

TEST(conditions_are_read)
{
    struct directive d = read_good("every 10 stall");

    assert_int_equal(d.when, WHEN_EVERY);
    assert_int_equal(d.n, 10);
    assert_int_equal(d.action, ACTION_STALL);
    d = read_good("after 0 refuse");
    assert_int_equal(d.when, WHEN_AFTER);
    d = read_good("first 3 reset 2");
    assert_int_equal(d.when, WHEN_FIRST);
    assert_int_equal(d.number, 2);
    d = read_good("nth 4 close");
    assert_int_equal(d.when, WHEN_NTH);
    assert_int_equal(d.n, 4);
    d = read_good("rate 0.25 refuse");
    assert_true(d.probability > 0.24 && d.probability < 0.26);
    d = read_good("token aBcD answer 429 TooManyRequests");
    assert_int_equal(d.when, WHEN_TOKEN);
    assert_int_equal(d.token_len, 2);
    assert_int_equal(d.token[1], 0xcd);
    d = read_good("tokens 03e8..09C3 answer 400 BadDeviceToken");
    assert_int_equal(d.when, WHEN_TOKENS);
    assert_int_equal(d.token_len, 2);
    assert_int_equal(d.token[1], 0xe8);
    assert_int_equal(d.last_token[0], 0x09);
    d = read_good("cert 0AFF answer 403 BadCertificate");
    assert_int_equal(d.when, WHEN_CERT);
    assert_string_equal(d.serial, "0AFF");
    d = read_good("topic com.apple.mgmt.x stall");
    assert_string_equal(d.topic, "com.apple.mgmt.x");
}

TEST(a_token_alone_is_a_question)
{
    struct directive d = read_good("token 00ff");

    assert_int_equal(d.when, WHEN_ALWAYS);
    assert_int_equal(d.action, ACTION_TOKEN);
    assert_int_equal(d.token[1], 0xff);
}

TEST(goaways_are_read)
{
    struct directive d = read_good("goaway reason=Shutdown last=none code=7");

    assert_string_equal(d.reason, "Shutdown");
    assert_int_equal(d.last, LAST_NONE);
    assert_int_equal(d.number, 7);
    d = read_good("goaway last=13");
    assert_int_equal(d.last, LAST_NUMBER);
    assert_int_equal(d.last_stream_id, 13);
    d = read_good("every 5 goaway");
    assert_int_equal(d.last, LAST_ALL);
    assert_int_equal(d.number, 0);
}

TEST(latencies_are_read)
{
    struct directive d = read_good("latency 5..10");

    assert_int_equal(d.latency_min_ms, 5);
    assert_int_equal(d.latency_max_ms, 10);
    d = read_good("latency 7");
    assert_int_equal(d.latency_min_ms, 7);
    assert_int_equal(d.latency_max_ms, 7);
    d = read_good("hold");
    assert_int_equal(d.action, ACTION_LATENCY);
    assert_int_equal(d.latency_min_ms, DIRECTIVE_MAX_LATENCY);
    assert_int_equal(d.latency_max_ms, DIRECTIVE_MAX_LATENCY);
}

TEST(every_action_is_known)
{
    static const struct {
        const char *line;
        enum directive_action action;
    } cases[] = {
        {"close", ACTION_CLOSE},
        {"mute", ACTION_MUTE},
        {"max-streams 1", ACTION_MAX_STREAMS},
        {"tls-alert expired", ACTION_TLS_ALERT},
        {"environment on", ACTION_ENVIRONMENT},
        {"need-headers on", ACTION_NEED_HEADERS},
        {"no-settings on", ACTION_NO_SETTINGS},
        {"no-ping-ack off", ACTION_NO_PING_ACK},
        {"conn-cap 3", ACTION_CONN_CAP},
        {"accept off", ACTION_ACCEPT},
        {"reset-faults", ACTION_RESET_FAULTS},
        {"release", ACTION_RELEASE},
        {"release 3", ACTION_RELEASE},
        {"forget", ACTION_FORGET},
        {"stats", ACTION_STATS},
        {"ledger", ACTION_LEDGER},
        {"ledger some/file", ACTION_LEDGER},
        {"  stats\t", ACTION_STATS},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(read_good(cases[i].line).action, cases[i].action);
    assert_int_equal(read_good("tls-alert revoked").alert, ALERT_REVOKED);
    assert_int_equal(read_good("tls-alert off").alert, ALERT_OFF);
    assert_true(read_good("environment on").is_on);
    assert_false(read_good("environment off").is_on);
}

TEST(errors_name_what_is_wrong)
{
    static const struct {
        const char *line, *named;
    } cases[] = {
        {"bogus", "bogus"},
        {"every", "every"},
        {"every 0 stall", "every"},
        {"nth 0 close", "nth"},
        {"every x stall", "x"},
        {"every 10", "action"},
        {"rate 1.5 stall", "rate"},
        {"rate nan stall", "rate"},
        {"token xyz stall", "token"},
        {"token 0 stall", "token"},
        {"tokens", "range"},
        {"tokens 00ff stall", ".."},
        {"tokens 00..00ff stall", "digits"},
        {"tokens 00..xx stall", "digits"},
        {"answer", "status"},
        {"answer 99 Bad", "99"},
        {"answer 600 Bad", "600"},
        {"answer 410", "reason"},
        {"answer 410 a\"b", "reason"},
        {"answer 410 X timestamp=-1", "timestamp"},
        {"answer 410 X more", "more"},
        {"goaway last=some", "last"},
        {"goaway code=x", "code"},
        {"reset", "error code"},
        {"reset 4294967296", "error code"},
        {"latency", "latency"},
        {"latency 10..5", "latency"},
        {"latency 9999999", "latency"},
        {"max-streams", "number"},
        {"tls-alert sometimes", "sometimes"},
        {"accept perhaps", "perhaps"},
        {"every 5 stats", "stats"},
        {"first 1 release", "release"},
        {"hold 5", "5"},
        {"release 0", "number"},
        {"stats now", "now"},
        {"stall stall", "stall"},
        {"a b c d e f g h i", "words"},
    };
    struct directive directive;
    char error[DIRECTIVE_MAX_ERROR];

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (directive_read(cases[i].line, &directive, error))
            fail_msg("`%s` was taken", cases[i].line);
        if (strstr(error, cases[i].named) == NULL)
            fail_msg("`%s`: \"%s\" does not name `%s`", cases[i].line, error,
                     cases[i].named);
    }
}

TEST(overlong_words_are_refused)
{
    struct directive directive;
    char error[DIRECTIVE_MAX_ERROR];
    char *line = malloc(2 * DIRECTIVE_MAX_LINE);

    assert_non_null(line);
    memset(line, 'a', 2 * DIRECTIVE_MAX_LINE);
    memcpy(line, "answer 400 ", 11);
    line[11 + DIRECTIVE_MAX_REASON] = '\0';
    assert_true(directive_read(line, &directive, error));
    line[11 + DIRECTIVE_MAX_REASON] = 'a';
    line[11 + DIRECTIVE_MAX_REASON + 1] = '\0';
    assert_false(directive_read(line, &directive, error));
    line[11 + DIRECTIVE_MAX_REASON + 1] = 'a';
    memcpy(line, "token ", 6);
    memset(line + 6, '0', 5);
    line[6 + 2 * FIELD_MAX_TOKEN + 2] = '\0';
    assert_false(directive_read(line, &directive, error));
    line[6 + 2 * FIELD_MAX_TOKEN + 2] = 'a';
    line[2 * DIRECTIVE_MAX_LINE - 1] = '\0';
    assert_false(directive_read(line, &directive, error));
    assert_non_null(strstr(error, "4096"));
    free(line);
}

TEST(blank_lines_and_comments_are_blank)
{
    assert_true(directive_is_blank(""));
    assert_true(directive_is_blank(" \t\r\n"));
    assert_true(directive_is_blank("  # stall"));
    assert_false(directive_is_blank("stall # x"));
}
