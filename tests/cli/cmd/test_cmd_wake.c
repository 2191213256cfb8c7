/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/cli/command.h"
#include "tests/support/unit.h"

#define WAVE(state, counts)                                                    \
    "{\"id\":12,\"state\":\"" state "\",\"filter\":{},\"pace\":500,"           \
    "\"asked_at\":\"2026-11-21T12:00:00.000Z\",\"asked_by\":\"socket\","       \
    "\"deadline\":\"2026-11-28T12:00:00.000Z\",\"ended_at\":null,\"counts\":{" \
    "\"total\":10," counts "}}"

ALL(command_use_utc, NULL);

TEST(ids_are_asked_for_in_one_request)
{
    struct command_setup setup = {
        .input = "C\n\nD\r\n",
        ANSWERS({.status = 202,
                 .body = "{\"wakes\":[{\"id\":\"A\",\"asked\":\"new\"},"
                         "{\"id\":\"B\",\"asked\":\"merged\"},{\"id\":\"C\","
                         "\"asked\":\"unknown\"},{\"id\":\"D\",\"asked\":"
                         "\"unpushable\",\"state\":\"dead\"}]}"})};
    struct command_run run;

    command_do(&run, &setup, "wake", "A", "-", "B", "--deadline", "1h");
    assert_int_equal(run.exit, CLI_FAILED);
    assert_string_equal(run.requests[0].path, "/v1/wakes");
    assert_string_equal(
        run.requests[0].body,
        "{\"ids\":[\"A\",\"C\",\"D\",\"B\"],\"deadline_s\":3600}");
    assert_string_equal(run.out, "asked for 4 wakes: 1 new, 1 already waiting, "
                                 "1 unknown, 1 cannot be pushed\n");
    assert_string_equal(run.err, "C: unknown\nD: cannot be pushed: dead\n");
    command_fini(&run);
}

TEST(waiting_ends_with_what_was_accepted)
{
    struct command_setup setup = {ANSWERS(
        {.status = 200,
         .body =
             "{\"wakes\":[{\"id\":\"A\",\"asked\":\"new\",\"result\":{"
             "\"outcome\":\"accepted\",\"class\":\"accepted\",\"status\":200"
             "}}]}"})};
    struct command_run run;

    command_do(&run, &setup, "wake", "A", "--wait");
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[0].body,
                        "{\"ids\":[\"A\"],\"wait_s\":10}");
    assert_string_equal(run.out, "woke 1 of 1 enrollments: 1 accepted\n");
    command_fini(&run);
}

TEST(what_is_not_over_is_looked_at_until_it_is)
{
    struct command_setup setup = {ANSWERS(
        {.status = 200,
         .body = "{\"wakes\":[{\"id\":\"A\",\"asked\":\"new\",\"result\":null},"
                 "{\"id\":\"B\",\"asked\":\"new\",\"result\":{\"outcome\":"
                 "\"rejected\","
                 "\"class\":\"dead_token\",\"status\":410}},"
                 "{\"id\":\"C\",\"asked\":\"new\",\"result\":{\"outcome\":"
                 "\"failed\","
                 "\"class\":\"identity\",\"reason\":\"certificate_expired\"}},"
                 "{\"id\":\"D\",\"asked\":\"new\",\"result\":null}]}"},
        {.status = 200,
         .body =
             "{\"id\":\"A\",\"state\":\"enabled\",\"wake\":{\"attempt\":1}}"},
        {.status = 200,
         .body =
             "{\"id\":\"B\",\"state\":\"dead\",\"wake\":null,\"last_push\":{"
             "\"status\":410,\"reason\":\"Unregistered\"}}"},
        {.status = 404, .body = "{\"error\":\"no\",\"code\":\"not_found\"}"},
        {.status = 200,
         .body = "{\"id\":\"A\",\"state\":\"enabled\",\"wake\":null,"
                 "\"last_push\":{\"status\":200}}"})};
    struct command_run run;

    command_do(&run, &setup, "wake", "A", "B", "C", "D", "--wait");
    assert_int_equal(run.exit, CLI_FAILED);
    assert_string_equal(run.requests[1].path, "/v1/enrollments/A");
    assert_string_equal(run.requests[2].path, "/v1/enrollments/B");
    assert_string_equal(run.requests[3].path, "/v1/enrollments/D");
    assert_string_equal(run.requests[4].path, "/v1/enrollments/A");
    assert_string_equal(run.out,
                        "woke 1 of 4 enrollments: 1 accepted, 1 dead, 1 "
                        "unknown, 1 held for a certificate\n");
    assert_string_equal(
        run.err, "C: held for a certificate: certificate_expired\n"
                 "B: dead: Unregistered\n"
                 "D: unknown: removed meanwhile\n"
                 "A push certificate is missing or stopped; see rouse cert "
                 "list. The wakes wait for it, "
                 "this command does not.\n");
    command_fini(&run);
}

TEST(waiting_with_a_deadline_polls_instead)
{
    struct command_setup setup = {
        ANSWERS({.status = 202,
                 .body = "{\"wakes\":[{\"id\":\"A\",\"asked\":\"new\"}]}"},
                {.status = 200,
                 .body = "{\"id\":\"A\",\"state\":\"enabled\",\"wake\":null,"
                         "\"last_push\":{\"status\":200}}"})};
    struct command_run run;

    command_do(&run, &setup, "wake", "A", "--wait", "--deadline=90s");
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[0].body,
                        "{\"ids\":[\"A\"],\"deadline_s\":90}");
    command_fini(&run);
}

#define WAITS                                                               \
    {                                                                       \
        .status = 200,                                                      \
        .body =                                                             \
            "{\"id\":\"A\",\"state\":\"enabled\",\"wake\":{\"attempt\":1}," \
            "\"last_push\":{\"reason\":\"InternalServerError\"}}"           \
    }

TEST(waiting_ends_when_its_time_is_over)
{
    struct command_setup setup = {ANSWERS(
        {.status = 200,
         .body = "{\"wakes\":[{\"id\":\"A\",\"asked\":\"new\",\"result\":"
                 "null}]}"},
        WAITS, WAITS, WAITS)};
    struct command_run run;

    command_do(&run, &setup, "wake", "A", "--wait", "--timeout", "1s");
    assert_int_equal(run.exit, CLI_FAILED);
    assert_string_equal(run.requests[0].body, "{\"ids\":[\"A\"],\"wait_s\":1}");
    assert_string_equal(run.out, "woke 0 of 1 enrollments: 1 still waiting\n");
    assert_string_equal(run.err, "A: still waiting: InternalServerError\n");
    assert_true(run.now_ms >= 1000 && run.now_ms < 3000);
    command_fini(&run);
}

TEST(a_wave_that_takes_too_long_goes_on_alone)
{
    struct command_setup setup = {
        ANSWERS({.status = 202, .body = WAVE("running", "\"accepted\":0")},
                {.status = 200, .body = WAVE("running", "\"accepted\":3")},
                {.status = 200, .body = WAVE("running", "\"accepted\":3")},
                {.status = 200, .body = WAVE("running", "\"accepted\":4")})};
    struct command_run run;

    command_do(&run, &setup, "wake", "--all", "--wait", "--timeout", "1s");
    assert_int_equal(run.exit, CLI_FAILED);
    assert_string_equal(run.out, "woke 4 of 10 enrollments: 4 accepted\n");
    assert_non_null(
        strstr(run.err, "The wave goes on: rouse wave show 12 --wait\n"));
    command_fini(&run);
}

TEST(a_terminal_gets_a_bar)
{
    struct command_setup setup = {
        .width = 60,
        ANSWERS({.status = 202, .body = WAVE("running", "\"accepted\":0")},
                {.status = 200, .body = WAVE("running", "\"accepted\":5")},
                {.status = 200, .body = WAVE("done", "\"accepted\":10")})};
    struct command_run run;

    command_do(&run, &setup, "wake", "--all", "--wait");
    assert_int_equal(run.exit, CLI_DONE);
    assert_non_null(strstr(run.err, "] 5/10"));
    assert_string_equal(run.err + strlen(run.err) - 4, "\r\033[K");
    command_fini(&run);
}

TEST(many_ids_go_in_chunks)
{
    struct command_setup setup = {
        ANSWERS({.status = 202, .body = "{\"wakes\":[]}"},
                {.status = 202, .body = "{\"wakes\":[]}"})};
    struct command_run run;
    size_t len = 0;
    char *input = malloc(64 * 1024);
    const char *comma;
    size_t n = 0;

    assert_non_null(input);
    for (int i = 0; i < CLI_MAX_IDS + 5; i++)
        len += (size_t)snprintf(input + len, 64 * 1024 - len, "%d\n", i);
    setup.input = input;
    command_do(&run, &setup, "wake", "-");
    assert_int_equal(run.exit, CLI_DONE);
    for (comma = run.requests[0].body; (comma = strchr(comma, ',')) != NULL;
         comma++)
        n++;
    assert_int_equal(n + 1, CLI_MAX_IDS);
    assert_string_equal(
        run.requests[1].body,
        "{\"ids\":[\"10000\",\"10001\",\"10002\",\"10003\",\"10004\"]}");
    command_fini(&run);
    free(input);
}

TEST(an_id_that_is_too_long_is_said_with_its_line)
{
    char input[CLI_MAX_ID + 8];
    struct command_setup setup = {.input = input};
    struct command_run run;

    memset(input, 'x', sizeof input);
    memcpy(input, "A\n", 2);
    input[sizeof input - 1] = '\0';
    command_do(&run, &setup, "wake", "-");
    assert_int_equal(run.exit, CLI_FAILED);
    assert_string_equal(run.err,
                        "rouse: line 2: an ID may have at most 511 bytes\n");
    command_fini(&run);
}

TEST(a_filter_makes_a_wave)
{
    struct command_setup setup = {
        ANSWERS({.status = 202, .body = WAVE("running", "\"accepted\":0")})};
    struct command_run run;

    command_do(&run, &setup, "wake", "--topic", "x.t", "--kind", "Device,User",
               "--silent-for=1d", "--rate", "500/s", "--deadline", "2h");
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[0].path, "/v1/waves");
    assert_string_equal(
        run.requests[0].body,
        "{\"filter\":{\"silent_for_s\":86400,\"topic\":\"x.t\",\"kinds\":["
        "\"Device\",\"User\"]},\"pace\":500,\"deadline_s\":7200}");
    assert_string_equal(run.out, "wave 12: 10 enrollments; rouse wave show 12 "
                                 "--wait shows its progress\n");
    command_fini(&run);
}

TEST(everything_must_be_said_in_so_many_words)
{
    struct command_setup setup = {
        ANSWERS({.status = 202, .body = WAVE("running", "\"accepted\":0")})};
    struct command_setup none = {0};
    struct command_run run;
    static const char *const wrong[][6] = {
        {"wake"},
        {"wake", "--all", "--topic", "x.t"},
        {"wake", "--all", "A"},
        {"wake", "A", "--topic", "x.t"},
        {"wake", "A", "--rate", "5/s"},
        {"wake", "A", "--timeout", "5s"},
        {"wake", "--topic", ""},
        {"wake", "--all", "--rate", "x"},
        {"wake", "--all", "--deadline", "5"},
        {"wake", "--all", "--deadline", "31d"},
        {"wake", "--topic", "\xff"},
        {"wake", "--kind", "Device,\xff"},
    };

    command_do(&run, &setup, "wake", "--all");
    assert_string_equal(run.requests[0].body, "{\"filter\":{},\"all\":true}");
    command_fini(&run);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        command_run(&run, &none, wrong[i]);
        assert_int_equal(run.exit, CLI_USAGE);
        command_fini(&run);
    }
}

TEST(a_wave_is_followed_to_its_end)
{
    struct command_setup setup = {ANSWERS(
        {.status = 202, .body = WAVE("running", "\"accepted\":0")},
        {.status = 200,
         .body = WAVE("settling", "\"accepted\":9,\"waiting\":1")},
        {.status = 200, .body = WAVE("done", "\"accepted\":9,\"dead\":1")})};
    struct command_run run;

    command_do(&run, &setup, "wake", "--all", "--wait");
    assert_int_equal(run.exit, CLI_FAILED);
    assert_string_equal(run.requests[1].path, "/v1/waves/12");
    assert_string_equal(run.out,
                        "woke 9 of 10 enrollments: 9 accepted, 1 dead\n");
    assert_string_equal(run.err, "");
    command_fini(&run);
}

/* Its key may wake and not read: asking again would wake all of them twice. */
TEST(a_wave_that_cannot_be_looked_at_goes_on)
{
    struct command_setup setup = {
        ANSWERS({.status = 202, .body = WAVE("running", "\"accepted\":0")},
                {.status = 403,
                 .body = "{\"error\":\"this key lacks the verb\","
                         "\"code\":\"forbidden\"}"})};
    struct command_run run;

    command_do(&run, &setup, "wake", "--all", "--wait");
    assert_int_equal(run.exit, CLI_FAILED);
    assert_non_null(strstr(run.err, "this key lacks the verb"));
    assert_non_null(
        strstr(run.err, "The wave goes on: rouse wave show 12 --wait\n"));
    command_fini(&run);
}

TEST(a_wave_that_woke_all_succeeds)
{
    struct command_setup setup = {
        ANSWERS({.status = 200, .body = WAVE("done", "\"accepted\":10")})};
    struct command_run run;

    command_do(&run, &setup, "wave", "show", "12", "--wait");
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.out, "woke 10 of 10 enrollments: 10 accepted\n");
    command_fini(&run);
    command_do(&run, &setup, "wave", "show", "12", "--wait", "--json");
    assert_string_equal(run.out, WAVE("done", "\"accepted\":10") "\n");
    command_fini(&run);
}

TEST(waves_are_listed_shown_and_cancelled)
{
    struct command_setup list = {ANSWERS(
        {.status = 200,
         .body = "{\"waves\":[" WAVE(
             "done", "\"accepted\":9,\"dead\":1") "],"
                                                  "\"next_cursor\":null}"})};
    struct command_setup show = {
        ANSWERS({.status = 200,
                 .body = WAVE("cancelled", "\"accepted\":4,\"cancelled\":6")})};
    struct command_setup over = {ANSWERS(
        {.status = 409,
         .body = "{\"error\":\"the wave is over already\",\"code\":\"conflict\""
                 "}"})};
    struct command_run run;

    command_do(&run, &list, "wave", "list", "--open");
    assert_string_equal(run.requests[0].path, "/v1/waves?open=1&limit=1000");
    assert_string_equal(
        run.out,
        "ID  STATE  ASKED                    BY      TOTAL  SETTLED  ACCEPTED\n"
        "12  done   2026-11-21 12:00:00 UTC  socket     10       10         "
        "9\n");
    command_fini(&run);
    command_do(&run, &show, "wave", "show", "12");
    assert_non_null(strstr(run.out, "rate              500/s\n"));
    assert_non_null(strstr(run.out, "cancelled         6\n"));
    command_fini(&run);
    command_do(&run, &show, "wave", "cancel", "12");
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[0].method, "DELETE");
    command_fini(&run);
    command_do(&run, &over, "wave", "cancel", "12");
    assert_int_equal(run.exit, CLI_REFUSED);
    command_fini(&run);
}
