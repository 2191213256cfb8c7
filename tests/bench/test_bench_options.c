/* SPDX-License-Identifier: MIT */
#include <getopt.h>
#include <string.h>

#include "bench/harness/bench_options.h"
#include "tests/support/unit.h"

#define MAX_WORDS 20

/* As from a command line; getopt wants to be told that it is a new one. */
static int
read_line(struct bench_options *options, const char *line)
{
    static char text[512];
    char *argv[MAX_WORDS + 1], *save = NULL;
    int argc = 0;

    optind = 0;
    assert_true(strlen(line) < sizeof text);
    memcpy(text, line, strlen(line) + 1);
    for (char *word = strtok_r(text, " ", &save);
         word != NULL && argc < MAX_WORDS; word = strtok_r(NULL, " ", &save))
        argv[argc++] = word;
    argv[argc] = NULL;
    return bench_options_read(options, argc, argv);
}

TEST(every_option_is_read)
{
    struct bench_options o;

    assert_int_equal(read_line(&o, "send --number 12 --connections 3 "
                                   "--streams 7 --rtt 50 --rtt-spread 20 "
                                   "--payload 100 "
                                   "--seed 9 --strict --json"),
                     -1);
    assert_int_equal(o.number, 12);
    assert_int_equal(o.connections, 3);
    assert_int_equal(o.streams, 7);
    assert_int_equal(o.rtt_ms, 50);
    assert_int_equal(o.rtt_spread_ms, 20);
    assert_int_equal(o.payload, 100);
    assert_int_equal(o.seed, 9);
    assert_true(o.is_strict);
    assert_true(o.is_json);
}

TEST(values_out_of_bounds_are_refused)
{
    static const char *const lines[] = {
        "send --number 0",
        "send --number 1x",
        "send --number -1",
        "send --number",
        "send --connections 65",
        "send --connections 0",
        "send --streams 10001",
        "send --payload 10",
        "send --payload 513",
        "send --rtt 60001",
        "send --rtt-spread 1",
        "send --rtt 50 --rtt-spread 51",
        "send --duration 0",
        "send --duration nan",
        "send --port 65536",
        "send --nonsense",
        "send word",
        "send --host localhost",
        "send --number 18446744073709551616",
    };
    struct bench_options o;

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        if (read_line(&o, lines[i]) != 2)
            fail_msg("`%s` was taken", lines[i]);
}

TEST(apple_is_refused_unless_owned)
{
    struct bench_options o;

    assert_int_equal(read_line(&o, "send --host api.push.apple.com --cert x"),
                     2);
    assert_int_equal(
        read_line(&o, "send --host API.sandbox.PUSH.apple.com. --cert x"), 2);
    assert_int_equal(read_line(&o, "send --host api.push.apple.com --cert x "
                                   "--i-own-these-tokens"),
                     -1);
    assert_int_equal(read_line(&o, "send --host 17.57.144.22 --cert x"), 2);
    assert_int_equal(read_line(&o, "send --host localhost --cert x"), -1);
}

TEST(a_duration_counts_instead_of_a_number)
{
    struct bench_options o;

    assert_int_equal(read_line(&o, "send --number 12"), -1);
    assert_false(bench_options_are_met(&o, 11, 1e9));
    assert_true(bench_options_are_met(&o, 12, 0));
    assert_int_equal(read_line(&o, "send --number 12 --duration 0.5"), -1);
    assert_false(bench_options_are_met(&o, 1000, 0.49));
    assert_true(bench_options_are_met(&o, 0, 0.5));
}
