/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/cli/command.h"
#include "tests/support/unit.h"

ALL(command_use_utc, NULL);

TEST(a_new_key_is_shown_once)
{
    struct command_setup setup = {ANSWERS(
        {.status = 201,
         .body = "{\"id\":3,\"name\":\"ci\",\"key\":\"rouse_3_secret\"}"})};
    struct command_run run;

    command_do(&run, &setup, "key", "create", "ci", "--verbs", "read,wake",
               "--topic", "x.t");
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[0].method, "POST");
    assert_string_equal(run.requests[0].path, "/v1/keys");
    assert_string_equal(
        run.requests[0].body,
        "{\"name\":\"ci\",\"verbs\":[\"read\",\"wake\"],\"topic\":\"x.t\"}");
    assert_string_equal(run.out, "id                3\n"
                                 "name              ci\n"
                                 "key               rouse_3_secret\n");
    assert_string_equal(run.err,
                        "Save this key now; it will not be shown again.\n");
    command_fini(&run);
}

TEST(keys_are_listed_without_secrets)
{
    struct command_setup setup = {ANSWERS(
        {.status = 200,
         .body = "{\"keys\":[{\"id\":3,\"name\":\"ci\",\"verbs\":[\"read\","
                 "\"wake\"],\"topic\":\"\",\"created_at\":"
                 "\"2026-11-21T12:00:00.000Z\",\"revoked_at\":null}]}"})};
    struct command_run run;

    command_do(&run, &setup, "key", "list");
    assert_string_equal(
        run.out,
        "ID  NAME  VERBS      TOPIC  GROUP  CREATED                  "
        "REVOKED\n"
        " 3  ci    read,wake  all    all    2026-11-21 12:00:00 UTC  -\n");
    command_fini(&run);
}

TEST(pages_of_keys_are_followed)
{
    struct command_setup setup = {
        ANSWERS({.status = 200,
                 .body = "{\"keys\":[{\"id\":1,\"name\":\"a\"}],"
                         "\"next_cursor\":\"1\"}"},
                {.status = 200,
                 .body = "{\"keys\":[{\"id\":2,\"name\":\"b\"}],"
                         "\"next_cursor\":null}"})};
    struct command_run run;

    command_do(&run, &setup, "key", "list");
    assert_int_equal(run.exit, CLI_DONE);
    assert_int_equal(run.n_requests, 2);
    assert_non_null(strstr(run.requests[1].path, "cursor=1"));
    assert_non_null(strstr(run.out, " 1  a "));
    assert_non_null(strstr(run.out, " 2  b "));
    command_fini(&run);
}

TEST(a_key_is_revoked_by_its_number)
{
    struct command_setup setup = {ANSWERS({.status = 204})};
    struct command_setup unknown = {ANSWERS(
        {.status = 404,
         .body = "{\"error\":\"no such key\",\"code\":\"not_found\"}"})};
    struct command_run run;

    command_do(&run, &setup, "key", "revoke", "3");
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[0].method, "DELETE");
    assert_string_equal(run.requests[0].path, "/v1/keys/3");
    assert_string_equal(run.out, "revoked key 3\n");
    command_fini(&run);
    command_do(&run, &unknown, "key", "revoke", "4");
    assert_int_equal(run.exit, CLI_FAILED);
    assert_string_equal(run.out, "");
    command_fini(&run);
}

#define EVENT(id)                                                       \
    "{\"id\":" id ",\"at\":\"2026-11-21T12:00:00.000Z\",\"kind\":"      \
    "\"pushcert.imported\",\"subject\":\"com.apple.mgmt.x\",\"actor\":" \
    "\"socket\",\"detail\":\"364 days left\"}"

TEST(events_are_read_to_the_end)
{
    struct command_setup setup = {ANSWERS(
        {.status = 200, .body = "{\"events\":[" EVENT("8") "," EVENT("9") "]}"},
        {.status = 200, .body = "{\"events\":[]}"})};
    struct command_run run;

    command_do(&run, &setup, "events", "--after", "7");
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[0].path, "/v1/events?after=7&limit=1000");
    assert_string_equal(run.requests[1].path, "/v1/events?after=9&limit=1000");
    assert_string_equal(run.out,
                        "2026-11-21 12:00:00 UTC  8     pushcert.imported  "
                        "com.apple.mgmt.x  by socket  364 days left\n"
                        "2026-11-21 12:00:00 UTC  9     pushcert.imported  "
                        "com.apple.mgmt.x  by socket  364 days left\n");
    command_fini(&run);
}

TEST(following_goes_on_until_roused_is_gone)
{
    struct command_setup setup = {
        ANSWERS({.status = 200, .body = "{\"events\":[" EVENT("1") "]}"},
                {.status = 200, .body = "{\"events\":[]}"},
                {.status = 200, .body = "{\"events\":[" EVENT("2") "]}"},
                {.status = 200, .body = "{\"events\":[]}"},
                {.status = 503,
                 .body = "{\"error\":\"stopping\",\"code\":\"closed\"}"})};
    struct command_run run;

    command_do(&run, &setup, "events", "--follow", "--json");
    assert_int_equal(run.exit, CLI_FAILED);
    assert_string_equal(run.out, EVENT("1") "\n" EVENT("2") "\n");
    assert_string_equal(run.err, "rouse: stopping; try again later\n");
    command_fini(&run);
}
