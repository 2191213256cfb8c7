/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/daemon_log.h"
#include "tests/support/unit.h"

#define PIPE_BYTES 65536

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

TEST(a_line_has_time_and_level)
{
    struct captured captured;

    begin(&captured, APNS_LOG_NOTICE);
    daemon_log_line(&captured.log, APNS_LOG_WARN, "event=x n=1");
    end(&captured);
    assert_memory_equal(captured.text, "time=20", 7);
    assert_non_null(strstr(captured.text, "Z level=warn event=x n=1\n"));
    free(captured.text);
}

TEST(levels_above_are_left_out)
{
    struct captured captured;

    begin(&captured, APNS_LOG_NOTICE);
    daemon_log_line(&captured.log, APNS_LOG_DEBUG, "event=x");
    end(&captured);
    assert_string_equal(captured.text, "");
    free(captured.text);
}

TEST(control_characters_cannot_make_lines_or_colours)
{
    struct captured captured;

    begin(&captured, APNS_LOG_DEBUG);
    daemon_log_line(&captured.log, APNS_LOG_DEBUG,
                    "a=\n\x1b[31m\x7f\xc3\xa4 b");
    end(&captured);
    assert_non_null(
        strstr(captured.text, "a=\\x0a\\x1b[31m\\x7f\\xc3\\xa4 b\n"));
    free(captured.text);
}

TEST(long_lines_are_cut)
{
    struct captured captured;
    char line[8000];

    memset(line, '\n', sizeof line - 1);
    line[sizeof line - 1] = '\0';
    begin(&captured, APNS_LOG_DEBUG);
    daemon_log_line(&captured.log, APNS_LOG_DEBUG, line);
    end(&captured);
    assert_true(captured.len < 2200);
    assert_int_equal(captured.text[captured.len - 1], '\n');
    free(captured.text);
}

TEST(values_are_quoted_when_they_must_be)
{
    char quoted[16];

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

/* The alarm ends what a full pipe would block for ever. */
TEST(a_reader_that_stalls_costs_lines_only)
{
    struct daemon_log log = {.level = APNS_LOG_NOTICE};
    char read_back[PIPE_BYTES];
    char told[64];
    int ends[2];
    ssize_t n;

    assert_int_equal(pipe(ends), 0);
    assert_non_null(log.out = fdopen(ends[1], "w"));
    setvbuf(log.out, NULL, _IONBF, 0);
    assert_true(fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES) > 0);
    alarm(120);
    for (int i = 0; i < PIPE_BYTES / 16; i++)
        daemon_log_line(&log, APNS_LOG_WARN, "event=flood");
    assert_true(log.n_lost > 0);
    snprintf(told, sizeof told, "event=log_lost lines=%" PRIu64 "\n",
             log.n_lost);
    assert_true(read(ends[0], read_back, sizeof read_back) > 0);
    daemon_log_line(&log, APNS_LOG_WARN, "event=again");
    alarm(0);
    n = read(ends[0], read_back, sizeof read_back - 1);
    assert_true(n > 0);
    read_back[n] = '\0';
    assert_non_null(strstr(read_back, told));
    assert_non_null(strstr(read_back, "level=warn event=again\n"));
    assert_int_equal(log.n_lost, 0);
    fclose(log.out);
    close(ends[0]);
}
