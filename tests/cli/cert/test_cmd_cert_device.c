/* SPDX-License-Identifier: MIT */

/*
 * rouse cert test --enrollment: what came of waking the device, in words and
 * as an exit code.
 */

#include <stdio.h>
#include <string.h>

#include "tests/cli/command.h"
#include "tests/support/unit.h"

#define DID(ok, wake)                                                     \
    "{\"ok\":" ok ",\"status\":400,\"reason\":\"BadDeviceToken\","        \
    "\"explanation\":\"All is well.\",\"what_to_do\":\"\",\"took_ms\":7," \
    "\"enrollment\":" wake "}"
#define WAKE(verdict, seen, status, reason, took)                       \
    "{\"id\":\"E-1\",\"verdict\":\"" verdict "\",\"seen\":" seen        \
    ",\"status\":" status ",\"reason\":\"" reason "\",\"explanation\":" \
    "\"Why it is so.\",\"what_to_do\":\"What to do.\",\"took_ms\":" took "}"
#define SEEN     DID("true", WAKE("seen", "true", "200", "", "2345"))
#define NOT_SEEN DID("true", WAKE("not_seen", "false", "200", "", "90000"))
#define DEAD     DID("true", WAKE("dead", "false", "410", "Unregistered", "9"))
#define WORKS    "x.t works (BadDeviceToken), after 7 ms\nAll is well.\n"

static void
do_test(struct command_run *run, int status, const char *body)
{
    struct command_setup setup = {ANSWERS({.status = status, .body = body})};

    command_do(run, &setup, "cert", "test", "--topic", "x.t", "--enrollment",
               "E-1", "--timeout", "90s");
    assert_string_equal(run->requests[0].method, "POST");
    assert_string_equal(run->requests[0].path, "/v1/pushcerts/x.t/test");
    assert_string_equal(run->requests[0].body,
                        "{\"wait_s\":30,\"enrollment_id\":\"E-1\","
                        "\"enrollment_wait_s\":90}");
}

TEST(a_device_that_was_seen_is_success)
{
    struct command_run run;

    do_test(&run, 200, SEEN);
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.out,
                        WORKS "E-1 checked in, 2.3 s after it was woken\n"
                              "Why it is so.\n");
    command_fini(&run);
}

TEST(one_that_was_not_is_failure_and_says_what_to_do)
{
    struct command_run run;

    do_test(&run, 200, NOT_SEEN);
    assert_int_equal(run.exit, CLI_FAILED);
    assert_string_equal(run.out, WORKS
                        "E-1 was NOT SEEN within 90 s; APNs accepted its push\n"
                        "Why it is so.\nWhat to do.\n");
    command_fini(&run);
    do_test(&run, 200, DEAD);
    assert_int_equal(run.exit, CLI_FAILED);
    assert_string_equal(run.out,
                        WORKS "E-1 was NOT WOKEN: dead (410 Unregistered)\n"
                              "Why it is so.\nWhat to do.\n");
    command_fini(&run);
}

TEST(a_certificate_that_does_not_work_is_told_first)
{
    struct command_run run;

    do_test(&run, 200, DID("false", "null"));
    assert_int_equal(run.exit, CLI_FAILED);
    assert_non_null(strstr(run.out, "x.t DOES NOT WORK"));
    assert_non_null(strstr(run.err, "E-1 was not woken"));
    command_fini(&run);
}

TEST(another_topics_device_is_refused_and_an_unknown_one_fails)
{
    struct command_run run;

    do_test(&run, 409,
            "{\"error\":\"it belongs to u\",\"code\":\"other_topic\"}");
    assert_int_equal(run.exit, CLI_REFUSED);
    assert_non_null(strstr(run.err, "it belongs to u"));
    command_fini(&run);
    do_test(&run, 404,
            "{\"error\":\"there is no E-1\",\"code\":\"unknown_enrollment\"}");
    assert_int_equal(run.exit, CLI_FAILED);
    assert_non_null(strstr(run.err, "there is no E-1"));
    command_fini(&run);
}

TEST(programs_get_the_answer_and_the_same_exit_code)
{
    static const struct {
        const char *body;
        enum cli_exit exit;
    } rows[] = {{SEEN, CLI_DONE},
                {NOT_SEEN, CLI_FAILED},
                {DID("false", "null"), CLI_FAILED}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct command_setup setup = {
            ANSWERS({.status = 200, .body = rows[i].body})};
        struct command_run run;

        command_do(&run, &setup, "cert", "test", "--topic", "x.t",
                   "--enrollment", "E-1", "--json");
        assert_int_equal(run.exit, rows[i].exit);
        assert_int_equal(strncmp(run.out, rows[i].body, strlen(rows[i].body)),
                         0);
        command_fini(&run);
    }
}

TEST(without_a_topic_it_is_the_devices_own)
{
    struct command_setup setup = {
        ANSWERS({.status = 200, .body = "{\"id\":\"E/1\",\"topic\":\"x.t\"}"},
                {.status = 200, .body = SEEN})};
    struct command_setup without = {
        ANSWERS({.status = 200, .body = "{\"id\":\"E/1\",\"topic\":\"\"}"})};
    struct command_run run;

    command_do(&run, &setup, "cert", "test", "--enrollment", "E/1");
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[0].path, "/v1/enrollments/E%2F1");
    assert_string_equal(run.requests[1].path, "/v1/pushcerts/x.t/test");
    assert_non_null(strstr(run.requests[1].body, "\"enrollment_wait_s\":60"));
    command_fini(&run);
    command_do(&run, &without, "cert", "test", "--enrollment", "E/1");
    assert_int_equal(run.exit, CLI_FAILED);
    assert_non_null(strstr(run.err, "has no topic yet"));
    command_fini(&run);
}

TEST(what_makes_no_sense_is_wrong_usage)
{
    struct command_setup none = {0};
    struct command_run run;

    command_do(&run, &none, "cert", "test", "--topic", "x.t", "--timeout",
               "9s");
    assert_int_equal(run.exit, CLI_USAGE);
    assert_non_null(strstr(run.err, "--timeout needs --enrollment"));
    command_fini(&run);
    command_do(&run, &none, "cert", "test", "--enrollment", "E", "--timeout",
               "6m");
    assert_int_equal(run.exit, CLI_USAGE);
    command_fini(&run);
    command_do(&run, &none, "cert", "test", "--enrollment", "E", "--file", "f");
    assert_int_equal(run.exit, CLI_USAGE);
    command_fini(&run);
}
