/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "command.h"

#include "tests/support/temp_dir.h"

#define CERT                                                                \
    "{\"topic\":\"com.apple.mgmt.External.a\",\"state\":\"ready\",\"why\":" \
    "\"\",\"days_left\":364,\"not_after\":\"2027-11-20T12:00:00.000Z\","    \
    "\"subject\":\"CN=APSP\",\"enrollments\":12,\"apple_account\":"         \
    "\"it@example.com\",\"imported_at\":\"2026-11-21T12:00:00.000Z\","      \
    "\"imported_by\":\"socket\"}"

static int
use_utc(void **state)
{
    (void)state;
    return setenv("TZ", "UTC", 1);
}

static void
certificate_and_key_are_sent_glued_with_a_newline(void **state)
{
    struct command_setup setup = {ANSWERS({.status = 200, .body = CERT})};
    struct command_run run;
    char *dir = temp_dir_new();
    char *cert = temp_dir_path(dir, "cert.pem");
    char *key = temp_dir_path(dir, "key.pem");

    (void)state;
    temp_dir_write(cert, "-----CERT-----");
    temp_dir_write(key, "-----KEY-----\n");
    command_do(&run, &setup, "cert", "import", cert, key, "--apple-account",
               "it@example.com", "--note", "a & b");
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[0].method, "PUT");
    assert_string_equal(
        run.requests[0].path,
        "/v1/pushcerts?apple_account=it%40example.com&note=a%20%26%20b");
    assert_string_equal(run.requests[0].body,
                        "-----CERT-----\n-----KEY-----\n\n");
    assert_string_equal(run.out,
                        "imported com.apple.mgmt.External.a\n"
                        "valid until 2027-11-20 12:00:00 UTC: 364 days left\n");
    command_fini(&run);
    free(cert);
    free(key);
    temp_dir_free(dir);
}

static void
a_file_that_cannot_be_read_is_named_and_nothing_is_sent(void **state)
{
    struct command_setup setup = {0};
    struct command_run run;
    char *dir = temp_dir_new();
    char *big = temp_dir_path(dir, "big.pem");
    char *empty = temp_dir_path(dir, "empty.pem");
    char *text = calloc(1, CLI_MAX_PEM + 2);
    char err[512];

    (void)state;
    assert_non_null(text);
    memset(text, 'x', CLI_MAX_PEM + 1);
    temp_dir_write(big, text);
    temp_dir_write(empty, "");
    command_do(&run, &setup, "cert", "import", "/nonexistent/x.pem");
    assert_int_equal(run.exit, CLI_FAILED);
    assert_string_equal(run.err, "rouse: cannot open /nonexistent/x.pem: No "
                                 "such file or directory\n");
    command_fini(&run);
    command_do(&run, &setup, "cert", "import", big);
    assert_int_equal(run.exit, CLI_FAILED);
    snprintf(err, sizeof err, "rouse: %s is larger than %d bytes\n", big,
             CLI_MAX_PEM);
    assert_string_equal(run.err, err);
    command_fini(&run);
    command_do(&run, &setup, "cert", "import", empty);
    assert_int_equal(run.exit, CLI_FAILED);
    command_fini(&run);
    free(big);
    free(empty);
    free(text);
    temp_dir_free(dir);
}

static void
a_refused_certificate_fails_with_the_servers_words(void **state)
{
    struct command_setup setup = {
        .input = "PEM",
        ANSWERS({.status = 400,
                 .body =
                     "{\"error\":\"the certificate has expired: 2020-01-01\","
                     "\"code\":\"expired\"}"})};
    struct command_run run;

    (void)state;
    command_do(&run, &setup, "cert", "import", "-");
    assert_int_equal(run.exit, CLI_FAILED);
    assert_string_equal(run.requests[0].body, "PEM\n");
    assert_string_equal(
        run.err, "rouse: the certificate has expired: 2020-01-01 (expired)\n");
    command_fini(&run);
}

static void
certificates_are_listed_and_shown(void **state)
{
    struct command_setup list = {
        ANSWERS({.status = 200, .body = "{\"pushcerts\":[" CERT "]}"})};
    struct command_setup show = {ANSWERS({.status = 200, .body = CERT})};
    struct command_run run;

    (void)state;
    command_do(&run, &list, "cert", "list");
    assert_string_equal(
        run.out,
        "TOPIC                      STATE  DAYS LEFT  ENROLLMENTS  APPLE "
        "ACCOUNT\n"
        "com.apple.mgmt.External.a  ready        364           12  "
        "it@example.com\n");
    command_fini(&run);
    command_do(&run, &show, "cert", "show", "com.apple.mgmt.External.a");
    assert_string_equal(run.requests[0].path,
                        "/v1/pushcerts/com.apple.mgmt.External.a");
    assert_non_null(strstr(run.out, "days left         364\n"));
    assert_non_null(
        strstr(run.out, "imported          2026-11-21 12:00:00 UTC by socket"));
    command_fini(&run);
    command_do(&run, &show, "cert", "show", "x", "--json");
    assert_string_equal(run.out, CERT "\n");
    command_fini(&run);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificate_and_key_are_sent_glued_with_a_newline),
        cmocka_unit_test(
            a_file_that_cannot_be_read_is_named_and_nothing_is_sent),
        cmocka_unit_test(a_refused_certificate_fails_with_the_servers_words),
        cmocka_unit_test(certificates_are_listed_and_shown),
    };

    return cmocka_run_group_tests(tests, use_utc, NULL);
}
