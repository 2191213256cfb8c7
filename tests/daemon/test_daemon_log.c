/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/daemon_log.h"

struct captured {
    struct daemon_log log;
    char *text;
    size_t len;
};

static void
begin(struct captured *captured, enum apns_log_level level)
{
    *captured = (struct captured){.log.level = level};
    captured->log.out = open_memstream(&captured->text, &captured->len);
    assert_non_null(captured->log.out);
}

static void
end(struct captured *captured)
{
    fclose(captured->log.out);
}

static void
a_line_has_time_and_level(void **state)
{
    struct captured captured;

    (void)state;
    begin(&captured, APNS_LOG_NOTICE);
    daemon_log_line(&captured.log, APNS_LOG_WARN, "event=x n=1");
    end(&captured);
    assert_memory_equal(captured.text, "time=20", 7);
    assert_non_null(strstr(captured.text, "Z level=warn event=x n=1\n"));
    free(captured.text);
}

static void
levels_above_are_left_out(void **state)
{
    struct captured captured;

    (void)state;
    begin(&captured, APNS_LOG_NOTICE);
    daemon_log_line(&captured.log, APNS_LOG_DEBUG, "event=x");
    end(&captured);
    assert_string_equal(captured.text, "");
    free(captured.text);
}

static void
control_characters_cannot_make_lines_or_colours(void **state)
{
    struct captured captured;

    (void)state;
    begin(&captured, APNS_LOG_DEBUG);
    daemon_log_line(&captured.log, APNS_LOG_DEBUG,
                    "a=\n\x1b[31m\x7f\xc3\xa4 b");
    end(&captured);
    assert_non_null(
        strstr(captured.text, "a=\\x0a\\x1b[31m\\x7f\\xc3\\xa4 b\n"));
    free(captured.text);
}

static void
long_lines_are_cut(void **state)
{
    struct captured captured;
    char line[8000];

    (void)state;
    memset(line, '\n', sizeof line - 1);
    line[sizeof line - 1] = '\0';
    begin(&captured, APNS_LOG_DEBUG);
    daemon_log_line(&captured.log, APNS_LOG_DEBUG, line);
    end(&captured);
    assert_true(captured.len < 2200);
    assert_int_equal(captured.text[captured.len - 1], '\n');
    free(captured.text);
}

static void
values_are_quoted_when_they_must_be(void **state)
{
    char quoted[16];

    (void)state;
    daemon_log_quote("plain", quoted, sizeof quoted);
    assert_string_equal(quoted, "plain");
    daemon_log_quote("", quoted, sizeof quoted);
    assert_string_equal(quoted, "\"\"");
    daemon_log_quote("a \"b\"", quoted, sizeof quoted);
    assert_string_equal(quoted, "\"a \\\"b\\\"\"");
    daemon_log_quote("one two three four five", quoted, sizeof quoted);
    assert_int_equal(quoted[strlen(quoted) - 1], '"');
    assert_true(strlen(quoted) < sizeof quoted);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_time_and_level),
        cmocka_unit_test(levels_above_are_left_out),
        cmocka_unit_test(control_characters_cannot_make_lines_or_colours),
        cmocka_unit_test(long_lines_are_cut),
        cmocka_unit_test(values_are_quoted_when_they_must_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
