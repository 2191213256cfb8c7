/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/cli/command.h"
#include "tests/support/unit.h"

ALL(command_use_utc, NULL);

#define STATUS(disk, certs, alerts)                                           \
    "{\"version\":\"v0.1.0\",\"uptime_s\":90061,\"ready\":true,"              \
    "\"disk_failing\":" disk ",\"enrollments\":{\"total\":1000,"              \
    "\"enabled\":990,\"disabled\":0,\"dead\":10,\"suspect\":0},\"wakes\":{"   \
    "\"waiting\":12,\"oldest_due\":\"2026-11-21T12:00:00.000Z\"},\"waves\":{" \
    "\"open\":2,\"running\":1},\"pushes\":{\"in_flight\":3,\"due\":4,"        \
    "\"results\":{\"accepted\":998,\"dead_token\":2,\"suspect\":0}},"         \
    "\"checkins\":{\"taken\":7,\"refused\":0},\"connections\":{\"open\":8,"   \
    "\"dead\":0},\"pushcerts\":[" certs "],\"alerts\":[" alerts               \
    "],\"store\":{\"bytes\":10485760,"                                        \
    "\"commits\":10,\"commit_us_sum\":25000,\"commit_us_max\":9000,"          \
    "\"failing\":false}}"

#define CERT                                                          \
    "{\"topic\":\"com.apple.mgmt.x\",\"life\":\"expired\",\"state\":" \
    "\"stopped\",\"why\":"                                            \
    "\"certificate_expired\",\"days_left\":-3,\"in_flight\":0}"

#define ALERT "{\"text\":\"com.apple.mgmt.x expired 3 days ago\\u001b[2J\"}"

TEST(one_screen_tells_how_it_stands)
{
    struct command_setup setup = {
        ANSWERS({.status = 200, .body = STATUS("false", CERT, ALERT)})};
    struct command_run run;

    command_do(&run, &setup, "status");
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[0].path, "/v1/status");
    assert_string_equal(
        run.out,
        "roused            v0.1.0, ready, up 1d 1h\n"
        "enrollments       1000: 990 enabled, 10 dead\n"
        "wakes             12 waiting, the first due 2026-11-21 12:00:00 UTC\n"
        "waves             2 open, 1 running\n"
        "pushes            3 in flight, 4 due\n"
        "since the start   998 accepted, 2 dead token\n"
        "check-ins         7 taken, 0 refused\n"
        "connections       8 open\n"
        "disk              10.0 MiB, 10 commits of 2.5 ms, the slowest 9.0 ms\n"
        "\n"
        "PUSH CERTIFICATE  STATE    DAYS LEFT  IN FLIGHT  WHY\n"
        "com.apple.mgmt.x  expired          -          0  "
        "certificate_expired\n"
        "\n"
        "ALERT com.apple.mgmt.x expired 3 days ago?[2J\n");
    command_fini(&run);
}

TEST(a_failing_disk_and_a_missing_certificate_are_told)
{
    struct command_setup setup = {
        ANSWERS({.status = 200, .body = STATUS("true", "", "")})};
    struct command_run run;

    command_do(&run, &setup, "status");
    assert_int_equal(run.exit, CLI_DONE);
    assert_non_null(strstr(run.out, "disk              FAILING: "));
    assert_non_null(
        strstr(run.out, "No push certificate yet: rouse cert import FILE\n"));
    command_fini(&run);
}

TEST(an_answer_of_another_daemon_is_still_readable)
{
    struct command_setup setup = {
        ANSWERS({.status = 200, .body = "{\"version\":7,\"pushes\":[1]}"})};
    struct command_run run;

    command_do(&run, &setup, "status");
    assert_int_equal(run.exit, CLI_DONE);
    assert_non_null(strstr(run.out, "enrollments       0: none\n"));
    command_fini(&run);
    command_do(&run, &setup, "status", "--json");
    assert_string_equal(run.out, "{\"version\":7,\"pushes\":[1]}\n");
    command_fini(&run);
}
