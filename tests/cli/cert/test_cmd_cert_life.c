/* SPDX-License-Identifier: MIT */

/*
 * Test, history, revert, removal, export, and the master key.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/cli/command.h"
#include "tests/support/unit.h"

#include "tests/support/paper.h"
#include "tests/support/temp_dir.h"

#define OK                                                       \
    "{\"ok\":true,\"status\":400,\"reason\":\"BadDeviceToken\"," \
    "\"explanation\":\"All is well.\",\"what_to_do\":\"\",\"took_ms\":7}"
#define BAD                                                          \
    "{\"ok\":false,\"status\":0,\"reason\":\"certificate_revoked\"," \
    "\"explanation\":\"Apple has revoked it.\",\"what_to_do\":"      \
    "\"Renew at the portal.\",\"took_ms\":9}"
#define HISTORY                                                          \
    "{\"history\":[{\"serial_number\":\"02\",\"imported_at\":"           \
    "\"2026-11-21T12:00:00.000Z\",\"imported_by\":\"socket\","           \
    "\"not_after\":\"2027-11-21T12:00:00.000Z\",\"apple_account\":"      \
    "\"a@b.c\",\"retired_at\":null,\"retired_why\":null},{"              \
    "\"serial_number\":\"01\",\"imported_at\":"                          \
    "\"2025-11-21T12:00:00.000Z\",\"imported_by\":\"key 3\","            \
    "\"not_after\":\"2026-11-21T12:00:00.000Z\",\"apple_account\":null," \
    "\"retired_at\":\"2026-11-21T12:00:00.000Z\",\"retired_why\":"       \
    "\"renewed\"}]}"
#define REVERTED                                                             \
    "{\"pushcert\":{\"topic\":\"t\",\"not_after\":"                          \
    "\"2027-11-21T12:00:00.000Z\",\"days_left\":3},\"verdict\":\"renewal\"," \
    "\"test\":" OK "}"
#define GROUPS                                                       \
    {                                                                \
        .status = 200,                                               \
        .body = "{\"groups\":[{\"path\":\"k12\",\"topic\":\"x.t\"}," \
                "{\"path\":\"k12/a\",\"topic\":null}]}"              \
    }
#define CONFIRM                                              \
    "{\"error\":\"4 enrollments would go silent\",\"code\":" \
    "\"confirm_needed\",\"enrollments\":4}"

static char *dir;

static int
make_dir(void **state)
{
    (void)state;
    setenv("TZ", "UTC", 1);
    dir = temp_dir_new();
    return 0;
}

static int
remove_dir(void **state)
{
    temp_dir_free(dir);
    return paper_free_keys(state);
}

ALL(make_dir, remove_dir);

TEST(a_test_explains_itself_and_fails_when_it_did_not_work)
{
    struct command_setup good = {ANSWERS({.status = 200, .body = OK})};
    struct command_setup bad = {ANSWERS({.status = 200, .body = BAD})};
    struct command_run run;

    command_do(&run, &good, "cert", "test", "--topic", "x.t");
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[0].path, "/v1/pushcerts/x.t/test");
    assert_string_equal(run.requests[0].body, "{\"wait_s\":30}");
    assert_string_equal(run.out, "x.t works (BadDeviceToken), after 7 ms\n"
                                 "All is well.\n");
    command_fini(&run);
    command_do(&run, &bad, "cert", "test", "--topic", "x.t");
    assert_int_equal(run.exit, CLI_FAILED);
    assert_string_equal(run.out,
                        "x.t DOES NOT WORK (certificate_revoked), after 9 ms\n"
                        "Apple has revoked it.\nRenew at the portal.\n");
    command_fini(&run);
    command_do(&run, &bad, "cert", "test", "--topic", "x.t", "--json");
    assert_int_equal(run.exit, CLI_FAILED);
    assert_string_equal(run.out, BAD "\n");
    command_fini(&run);
}

TEST(without_a_topic_all_are_tested_and_one_failure_counts)
{
    struct command_setup setup = {ANSWERS(
        {.status = 200,
         .body = "{\"pushcerts\":[{\"topic\":\"a\"},{\"topic\":\"b\"}]}"},
        {.status = 200, .body = BAD}, {.status = 200, .body = OK})};
    struct command_run run;

    command_do(&run, &setup, "cert", "test");
    assert_int_equal(run.exit, CLI_FAILED);
    assert_non_null(strstr(run.out, "a DOES NOT WORK"));
    assert_non_null(strstr(run.out, "b works"));
    command_fini(&run);
}

TEST(a_file_is_tested_without_an_import)
{
    struct command_setup setup = {ANSWERS({.status = 200, .body = OK})};
    struct command_setup none = {0};
    struct command_run run;
    char *cert = paper_write_push(dir, "push.pem", 30);

    command_do(&run, &none, "cert", "test", "--file", cert, "--topic", "x.t");
    assert_int_equal(run.exit, CLI_USAGE);
    command_fini(&run);
    command_do(&run, &setup, "cert", "test", "--file", cert);
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[0].path, "/v1/pushcerts/test");
    assert_non_null(strstr(run.requests[0].body, "\"name\":\"push.pem\""));
    assert_non_null(strstr(run.out, "push.pem works"));
    command_fini(&run);
    free(cert);
}

TEST(history_tells_who_and_why)
{
    struct command_setup setup = {ANSWERS({.status = 200, .body = HISTORY})};
    struct command_run run;

    command_do(&run, &setup, "cert", "history", "x.t");
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[0].path, "/v1/pushcerts/x.t/history");
    assert_string_equal(
        run.out,
        "IMPORTED    BY      SERIAL NUMBER  VALID UNTIL  ACCOUNT  LEFT        "
        "WHY\n"
        "2026-11-21  socket  02             2027-11-21   a@b.c    -           "
        "\n"
        "2025-11-21  key 3   01             2026-11-21            2026-11-21  "
        "renewed\n");
    command_fini(&run);
}

TEST(a_revert_asks_and_tells_what_is_in_force)
{
    struct command_setup yes = {.is_asking = true,
                                .input = "y\n",
                                ANSWERS({.status = 200, .body = REVERTED})};
    struct command_setup no = {.is_asking = true, .input = "n\n"};
    struct command_setup none = {0};
    struct command_setup nothing_left = {
        ANSWERS({.status = 409,
                 .body = "{\"error\":\"no other valid certificate\",\"code\":"
                         "\"no_previous\"}"})};
    struct command_run run;

    command_do(&run, &none, "cert", "revert");
    assert_int_equal(run.exit, CLI_USAGE);
    command_fini(&run);
    command_do(&run, &none, "cert", "revert", "--topic", "x.t");
    assert_int_equal(run.exit, CLI_REFUSED);
    assert_int_equal(run.n_requests, 0);
    assert_non_null(strstr(run.err, "without a terminal, give --yes"));
    command_fini(&run);
    command_do(&run, &no, "cert", "revert", "--topic", "x.t");
    assert_int_equal(run.exit, CLI_REFUSED);
    command_fini(&run);
    command_do(&run, &yes, "cert", "revert", "--topic", "x.t", "--note",
               "oops");
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[0].path, "/v1/pushcerts/x.t/revert");
    assert_string_equal(run.requests[0].body, "{\"note\":\"oops\"}");
    assert_non_null(strstr(run.out, "put back "));
    assert_non_null(strstr(run.out, "valid until 2027-11-21"));
    command_fini(&run);
    command_do(&run, &nothing_left, "cert", "revert", "--topic", "x.t",
               "--yes");
    assert_int_equal(run.exit, CLI_REFUSED);
    assert_non_null(strstr(run.err, "no other valid certificate\n"));
    command_fini(&run);
}

TEST(removal_wants_the_number_of_those_it_silences)
{
    struct command_setup nobody = {
        ANSWERS({.status = 409, .body = CONFIRM}, GROUPS)};
    struct command_setup wrong = {
        .is_asking = true,
        .input = "y\n",
        ANSWERS({.status = 409, .body = CONFIRM}, GROUPS)};
    struct command_setup right = {
        .is_asking = true,
        .input = "4\n",
        ANSWERS({.status = 409, .body = CONFIRM}, GROUPS, {.status = 204})};
    struct command_setup given = {ANSWERS({.status = 204}, GROUPS)};
    struct command_setup stale = {
        ANSWERS({.status = 409,
                 .body = "{\"error\":\"it is 5 now\",\"code\":"
                         "\"confirm_wrong\",\"enrollments\":5}"})};
    struct command_run run;

    command_do(&run, &nobody, "cert", "remove", "x.t");
    assert_int_equal(run.exit, CLI_REFUSED);
    assert_non_null(strstr(run.err, "give --confirm 4"));
    assert_non_null(strstr(run.err, "The group k12 has this topic.\n"));
    assert_null(strstr(run.err, "k12/a"));
    command_fini(&run);
    command_do(&run, &wrong, "cert", "remove", "x.t");
    assert_int_equal(run.exit, CLI_REFUSED);
    command_fini(&run);
    command_do(&run, &right, "cert", "remove", "x.t");
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[2].path, "/v1/pushcerts/x.t?confirm=4");
    assert_string_equal(run.out, "removed x.t\n");
    command_fini(&run);
    command_do(&run, &given, "cert", "remove", "x.t", "--confirm", "4");
    assert_int_equal(run.exit, CLI_DONE);
    command_fini(&run);
    command_do(&run, &stale, "cert", "remove", "x.t", "--confirm", "4");
    assert_int_equal(run.exit, CLI_REFUSED);
    assert_non_null(strstr(run.err, "it is 5 now"));
    command_fini(&run);
}

TEST(an_export_needs_its_words_its_file_and_the_socket)
{
    struct command_setup none = {0};
    struct command_run run;

    command_do(&run, &none, "cert", "export", "x.t", "-o", "x.p12");
    assert_int_equal(run.exit, CLI_USAGE);
    command_fini(&run);
    command_do(&run, &none, "cert", "export", "x.t", "--with-key");
    assert_int_equal(run.exit, CLI_USAGE);
    command_fini(&run);
    command_do(&run, &none, "cert", "export", "x.t", "--with-key", "-o",
               "x.p12", "--url", "http://127.0.0.1:1");
    assert_int_equal(run.exit, CLI_USAGE);
    assert_non_null(strstr(run.err, "only over the socket"));
    command_fini(&run);
    command_do(&run, &none, "cert", "export", "x.t", "--with-key", "-o",
               "/nonexistent/x.p12");
    assert_int_equal(run.exit, CLI_USAGE);
    assert_non_null(strstr(run.err, "--password-file"));
    command_fini(&run);
}

TEST(an_export_is_a_file_of_its_own_for_nobody_else)
{
    struct command_setup setup = {
        .is_asking = true,
        .input = "correct horse\ncorrect horse\n",
        ANSWERS(
            {.status = 200, .body = "P12", .type = "application/x-pkcs12"})};
    struct command_setup differ = {.is_asking = true,
                                   .input = "correct horse\ncorrect house\n"};
    struct command_setup brief = {.is_asking = true, .input = "ab\nab\n"};
    struct command_setup refused = {ANSWERS(
        {.status = 403, .body = "{\"error\":\"no\",\"code\":\"forbidden\"}"})};
    struct command_run run;
    struct stat status;
    char *out = temp_dir_path(dir, "push.p12");
    char *other = temp_dir_path(dir, "other.p12");
    char *password = temp_dir_path(dir, "password");
    char *text;

    temp_dir_write(password, "correct horse\n");
    command_do(&run, &differ, "cert", "export", "x.t", "--with-key", "-o", out);
    assert_int_equal(run.exit, CLI_FAILED);
    command_fini(&run);
    command_do(&run, &brief, "cert", "export", "x.t", "--with-key", "-o", out);
    assert_int_equal(run.exit, CLI_FAILED);
    assert_non_null(strstr(run.err, "at least 12 bytes"));
    command_fini(&run);
    command_do(&run, &setup, "cert", "export", "x.t", "--with-key", "-o", out);
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[0].path, "/v1/pushcerts/x.t/export");
    assert_string_equal(run.requests[0].body,
                        "{\"passphrase\":\"correct horse\"}");
    text = temp_dir_read(out, NULL);
    assert_string_equal(text, "P12");
    assert_int_equal(stat(out, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    command_fini(&run);
    command_do(&run, &refused, "cert", "export", "x.t", "--with-key",
               "--output", other, "--password-file", password);
    assert_int_equal(run.exit, CLI_FAILED);
    assert_int_not_equal(stat(other, &status), 0);
    command_fini(&run);
    free(text);
    free(out);
    free(other);
    free(password);
}

TEST(a_new_master_key_is_made_after_a_yes)
{
    struct command_setup no = {.is_asking = true, .input = "n\n"};
    struct command_setup yes = {
        ANSWERS({.status = 200, .body = "{\"rotated\":3}"})};
    struct command_setup none = {0};
    struct command_run run;

    command_do(&run, &no, "key", "rotate-master");
    assert_int_equal(run.exit, CLI_REFUSED);
    command_fini(&run);
    command_do(&run, &none, "key", "rotate-master", "--url", "http://x");
    assert_int_equal(run.exit, CLI_USAGE);
    command_fini(&run);
    command_do(&run, &yes, "key", "rotate-master");
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[0].path, "/v1/master-key/rotate");
    assert_string_equal(
        run.out, "sealed 3 secrets under a new master key; back it up now\n");
    command_fini(&run);
}
