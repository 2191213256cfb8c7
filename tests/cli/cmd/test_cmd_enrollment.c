/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/cli/command.h"
#include "tests/support/unit.h"

#include "tests/support/temp_dir.h"

ALL(command_use_utc, NULL);

#define FIRST                                                                  \
    "{\"id\":\"A\",\"kind\":\"Device\",\"state\":\"enabled\","                 \
    "\"serial_number\":\"C02\",\"last_seen_at\":\"2026-11-21T12:00:00.000Z\"," \
    "\"last_push\":{\"at\":\"2026-11-21T11:00:00.000Z\",\"status\":200,"       \
    "\"reason\":\"\"},\"wake\":null}"
#define SECOND                                                         \
    "{\"id\":\"B:u\",\"kind\":\"User\",\"state\":\"dead\","            \
    "\"serial_number\":\"\",\"last_seen_at\":null,\"last_push\":null," \
    "\"wake\":null}"

TEST(a_list_follows_its_cursor_and_carries_the_filter)
{
    struct command_setup setup = {ANSWERS(
        {.status = 200,
         .body = "{\"enrollments\":[" FIRST "],\"next_cursor\":\"7\"}"},
        {.status = 200,
         .body = "{\"enrollments\":[" SECOND "],\"next_cursor\":null}"})};
    struct command_run run;

    command_do(&run, &setup, "enrollment", "list", "--silent-for", "7d",
               "--kind=User Enrollment", "--topic", "x.t", "--state", "dead",
               "--parent", "P", "--serial", "S/1");
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(
        run.requests[0].path,
        "/v1/enrollments?topic=x.t&parent_id=P&serial_number=S%2F1&kind=User"
        "%20Enrollment&state=dead&silent_for_s=604800&limit=1000");
    assert_non_null(strstr(run.requests[1].path, "&limit=1000&cursor=7"));
    assert_string_equal(
        run.out,
        "ID   STATE    KIND    SERIAL  SEEN                     LAST PUSH\n"
        "A    enabled  Device  C02     2026-11-21 12:00:00 UTC  "
        "2026-11-21 11:00:00 UTC  200\n"
        "B:u  dead     User            -                        -\n");
    command_fini(&run);
}

TEST(a_cursor_that_stands_still_does_not_loop)
{
    struct command_setup setup = {ANSWERS(
        {.status = 200, .body = "{\"enrollments\":[],\"next_cursor\":\"7\"}"},
        {.status = 200, .body = "{\"enrollments\":[],\"next_cursor\":\"7\"}"})};
    struct command_run run;

    command_do(&run, &setup, "enrollment", "list");
    assert_int_equal(run.exit, CLI_FAILED);
    assert_non_null(strstr(run.err, "does not end"));
    assert_string_equal(run.out, "");
    command_fini(&run);
}

TEST(a_list_as_json_is_the_servers_stream)
{
    struct command_setup setup = {ANSWERS({.status = 200,
                                           .body = FIRST "\n" SECOND "\n",
                                           .type = "application/x-ndjson"})};
    struct command_run run;

    command_do(&run, &setup, "enrollment", "list", "--json");
    assert_int_equal(run.exit, CLI_DONE);
    assert_non_null(
        strstr(run.requests[0].headers, "Accept: application/x-ndjson\n"));
    assert_string_equal(run.out, FIRST "\n" SECOND "\n");
    command_fini(&run);
}

TEST(one_is_shown_with_its_push_and_wake)
{
    struct command_setup setup = {ANSWERS(
        {.status = 200,
         .body =
             "{\"id\":\"A\",\"kind\":\"Device\",\"state\":\"enabled\","
             "\"topic\":\"t\",\"token_prefix\":\"0a1b2c3d\","
             "\"last_push\":null,\"wake\":{\"asked_at\":"
             "\"2026-11-21T11:00:00.000Z\",\"due\":\"2026-11-21T11:15:00.000Z"
             "\",\"deadline\":\"2026-11-28T11:00:00.000Z\",\"attempt\":2,"
             "\"in_flight\":true}}"})};
    struct command_run run;

    command_do(&run, &setup, "enrollment", "show", "A/B C");
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[0].path, "/v1/enrollments/A%2FB%20C");
    assert_non_null(strstr(run.out, "token             0a1b2c3d...\n"));
    assert_non_null(strstr(run.out, "last push         never\n"));
    assert_non_null(strstr(run.out, "wake due          2026-11-21 11:15:00 "
                                    "UTC, pushed 2 times so far, in flight\n"));
    command_fini(&run);
}

TEST(an_import_is_streamed_and_its_bad_lines_are_told)
{
    struct command_setup setup = {
        .input = FIRST "\n" SECOND "\n",
        ANSWERS({.status = 200,
                 .body =
                     "{\"imported\":1,\"rejected\":3,\"errors\":[{\"line\":2,"
                     "\"error\":\"token is missing\",\"code\":\"invalid\"}]"
                     "}"})};
    struct command_run run;

    command_do(&run, &setup, "enrollment", "import", "-");
    assert_int_equal(run.exit, CLI_FAILED);
    assert_string_equal(run.requests[0].method, "POST");
    assert_string_equal(run.requests[0].path, "/v1/enrollments");
    assert_string_equal(run.requests[0].body, FIRST "\n" SECOND "\n");
    assert_non_null(
        strstr(run.requests[0].headers, "Transfer-Encoding: chunked\n"));
    assert_string_equal(run.out, "imported 1, rejected 3\n");
    assert_string_equal(run.err, "-:2: token is missing\n"
                                 "-: 2 more lines were rejected\n");
    command_fini(&run);
}

TEST(an_import_without_bad_lines_succeeds)
{
    struct command_setup setup = {
        .input = FIRST "\n",
        ANSWERS({.status = 200,
                 .body = "{\"imported\":1,\"rejected\":0,\"errors\":[]}"})};
    struct command_run run;

    command_do(&run, &setup, "enrollment", "import", "-");
    assert_int_equal(run.exit, CLI_DONE);
    command_fini(&run);
    setup.n_answers = 0;
    command_do(&run, &setup, "enrollment", "import", "/nonexistent/f");
    assert_int_equal(run.exit, CLI_FAILED);
    assert_non_null(strstr(run.err, "cannot open /nonexistent/f"));
    command_fini(&run);
    command_do(&run, &setup, "enrollment", "import", "/tmp");
    assert_int_equal(run.exit, CLI_FAILED);
    command_fini(&run);
}

TEST(an_export_makes_a_private_file)
{
    struct command_setup setup = {ANSWERS(
        {.status = 200, .body = FIRST "\n", .type = "application/x-ndjson"})};
    struct command_run run;
    char *dir = temp_dir_new();
    char *file = temp_dir_path(dir, "fleet");
    char *part = temp_dir_path(dir, "fleet.part");
    char *text;

    command_do(&run, &setup, "enrollment", "export", file, "--secrets");
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[0].path, "/v1/enrollments?secrets=1");
    assert_string_equal(run.out, "");
    text = temp_dir_read(file, NULL);
    assert_string_equal(text, FIRST "\n");
    assert_int_equal(access(part, F_OK), -1);
    command_fini(&run);
    free(text);
    free(file);
    free(part);
    temp_dir_free(dir);
}

TEST(an_export_that_breaks_off_leaves_the_old_file)
{
    struct command_setup cut = {
        ANSWERS({.status = 200, .body = FIRST "\n", .is_cut = true})};
    struct command_setup denied = {ANSWERS(
        {.status = 403, .body = "{\"error\":\"no\",\"code\":\"forbidden\"}"})};
    struct command_run run;
    char *dir = temp_dir_new();
    char *file = temp_dir_path(dir, "fleet");
    char *part = temp_dir_path(dir, "fleet.part");
    char *text;

    temp_dir_write(file, "old");
    command_do(&run, &cut, "enrollment", "export", file);
    assert_int_equal(run.exit, CLI_FAILED);
    command_fini(&run);
    command_do(&run, &denied, "enrollment", "export", file);
    assert_int_equal(run.exit, CLI_FAILED);
    assert_non_null(strstr(run.err, "no; use a key"));
    command_fini(&run);
    text = temp_dir_read(file, NULL);
    assert_string_equal(text, "old");
    assert_int_equal(access(part, F_OK), -1);
    free(text);
    free(file);
    free(part);
    temp_dir_free(dir);
}

TEST(removal_asks_first)
{
    struct command_setup script = {0};
    struct command_setup no = {.input = "n\n", .is_asking = true};
    struct command_setup yes = {.input = "y\n",
                                .is_asking = true,
                                ANSWERS({.status = 204, .body = NULL})};
    struct command_run run;

    command_do(&run, &script, "enrollment", "remove", "A");
    assert_int_equal(run.exit, CLI_REFUSED);
    command_fini(&run);
    command_do(&run, &no, "enrollment", "remove", "A", "B");
    assert_int_equal(run.exit, CLI_REFUSED);
    assert_string_equal(run.err, "Remove 2 enrollments? [y/N] rouse: nothing "
                                 "removed\n");
    command_fini(&run);
    command_do(&run, &yes, "enrollment", "remove", "A");
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.out, "removed 1 of 1 enrollments\n");
    command_fini(&run);
}

TEST(removal_goes_on_behind_an_unknown_one)
{
    struct command_setup setup = {ANSWERS(
        {.status = 404, .body = "{\"error\":\"no\",\"code\":\"not_found\"}"},
        {.status = 204, .body = NULL})};
    struct command_run run;

    command_do(&run, &setup, "enrollment", "remove", "--yes", "A", "B:u 1");
    assert_int_equal(run.exit, CLI_FAILED);
    assert_string_equal(run.requests[1].method, "DELETE");
    assert_string_equal(run.requests[1].path, "/v1/enrollments/B%3Au%201");
    assert_string_equal(run.err, "rouse: no enrollment A\n");
    assert_string_equal(run.out, "removed 1 of 2 enrollments\n");
    command_fini(&run);
}

TEST(each_checkin_is_sent_as_it_is)
{
    struct command_setup setup = {ANSWERS(
        {.status = 400,
         .body =
             "{\"error\":\"MessageType is missing\",\"code\":\"bad_plist\"}"},
        {.status = 200,
         .body = "{\"id\":\"A\",\"message_type\":\"TokenUpdate\","
                 "\"known\":true,\"applied\":true}"})};
    struct command_run run;
    char *dir = temp_dir_new();
    char *bad = temp_dir_path(dir, "bad");
    char *good = temp_dir_path(dir, "good");
    char text[512];

    temp_dir_write(bad, "<plist/>");
    temp_dir_write(good, "<plist>1</plist>");
    command_do(&run, &setup, "checkin", bad, good);
    assert_int_equal(run.exit, CLI_FAILED);
    assert_string_equal(run.requests[0].method, "PUT");
    assert_string_equal(run.requests[0].path, "/v1/checkin");
    assert_string_equal(run.requests[1].body, "<plist>1</plist>");
    snprintf(text, sizeof text, "%s: TokenUpdate of A\n", good);
    assert_string_equal(run.out, text);
    snprintf(text, sizeof text,
             "rouse: MessageType is missing\n%s: not stored\n", bad);
    assert_string_equal(run.err, text);
    command_fini(&run);
    free(bad);
    free(good);
    temp_dir_free(dir);
}

TEST(a_stored_checkin_is_sent_as_such)
{
    struct command_setup setup = {
        ANSWERS({.status = 200,
                 .body = "{\"id\":\"A\",\"message_type\":\"TokenUpdate\","
                         "\"known\":true,\"applied\":false}"})};
    struct command_run run;
    char *dir = temp_dir_new();
    char *file = temp_dir_path(dir, "file");

    temp_dir_write(file, "<plist/>");
    command_do(&run, &setup, "checkin", file, "--replayed");
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[0].path, "/v1/checkin?replayed=1");
    assert_non_null(strstr(run.out, "changed nothing"));
    command_fini(&run);
    free(file);
    temp_dir_free(dir);
}
