/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/cli/command.h"
#include "tests/support/unit.h"

#include "tests/support/temp_dir.h"

#define UNSIGNED                                                     \
    "{\"name\":\"paper-1\",\"topic\":null,\"created_at\":"           \
    "\"2026-11-21T12:00:00.000Z\",\"csr\":\"-----BEGIN CERTIFICATE " \
    "REQUEST-----\\nMIIC\\n\",\"upload\":null,\"warnings\":[\"odd country\"]}"
#define SIGNED                                                             \
    "{\"name\":\"paper-2\",\"topic\":\"com.apple.mgmt.x\",\"created_at\":" \
    "\"2026-11-21T12:00:00.000Z\",\"csr\":\"CSR\",\"upload\":\"PD94bWw=\"}"
#define MDMCERT                                                                \
    "{\"name\":\"paper-3\",\"request\":{\"csr\":\"Q1NS\",\"email\":\"a@b.c\"}" \
    "}"
#define VENDOR                                                      \
    "{\"subject\":\"CN=MDM Vendor\",\"serial_number\":\"4711\","    \
    "\"not_after\":\"2027-01-01T00:00:00.000Z\",\"sha256\":\"ab\"," \
    "\"warnings\":[\"the chain does not reach a root\"]}"

#define NO_REQUESTS                                \
    {                                              \
        .status = 200, .body = "{\"requests\":[]}" \
    }

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
    (void)state;
    temp_dir_free(dir);
    return 0;
}

ALL(make_dir, remove_dir);

static void
assert_file(const char *path, const char *wanted)
{
    char *text = temp_dir_read(path, NULL);
    struct stat status;

    assert_string_equal(text, wanted);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    free(text);
}

TEST(a_new_request_goes_to_the_output)
{
    struct command_setup setup = {
        ANSWERS(NO_REQUESTS, {.status = 201, .body = UNSIGNED})};
    struct command_run run;

    command_do(&run, &setup, "cert", "request", "--new", "--name", "paper-1",
               "--common-name", "Push", "--country", "DE", "--email",
               "it@example.com");
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[1].method, "POST");
    assert_string_equal(run.requests[1].path, "/v1/pushcerts/requests");
    assert_string_equal(run.requests[1].body,
                        "{\"sign\":false,\"name\":\"paper-1\",\"common_name\":"
                        "\"Push\",\"country\":\"DE\",\"email\":"
                        "\"it@example.com\"}");
    assert_string_equal(run.out, "-----BEGIN CERTIFICATE REQUEST-----\nMIIC\n");
    assert_non_null(strstr(run.err, "warning: odd country\n"));
    assert_non_null(strstr(run.err, "as request paper-1"));
    assert_non_null(strstr(run.err, "sign-request"));
    command_fini(&run);
}

TEST(a_signed_request_is_a_new_file_for_the_portal)
{
    struct command_setup setup = {
        ANSWERS(NO_REQUESTS, {.status = 201, .body = SIGNED})};
    struct command_setup nothing = {0};
    struct command_run run;
    char *out = temp_dir_path(dir, "up.plist");

    command_do(&run, &setup, "cert", "request", "--topic", "com.apple.mgmt.x",
               "--sign", "-o", out);
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[1].body,
                        "{\"sign\":true,\"topic\":\"com.apple.mgmt.x\"}");
    assert_file(out, "PD94bWw=");
    assert_string_equal(run.out, "");
    assert_non_null(strstr(run.err, "RENEW (never Create)"));
    assert_non_null(
        strstr(run.err, "rouse cert import --renew com.apple.mgmt.x FILE"));
    command_fini(&run);
    /* no key is made whose request could not be written */
    command_do(&run, &nothing, "cert", "request", "--topic", "x.t", "-o", out);
    assert_int_equal(run.exit, CLI_FAILED);
    command_fini(&run);
    free(out);
}

TEST(a_request_is_for_one_topic_or_for_a_new_one)
{
    struct command_setup setup = {0};
    struct command_run run;

    command_do(&run, &setup, "cert", "request");
    assert_int_equal(run.exit, CLI_USAGE);
    command_fini(&run);
    command_do(&run, &setup, "cert", "request", "--new", "--topic", "x.t");
    assert_int_equal(run.exit, CLI_USAGE);
    command_fini(&run);
}

TEST(requests_that_wait_are_listed)
{
    struct command_setup setup = {ANSWERS(
        {.status = 200, .body = "{\"requests\":[" UNSIGNED "," SIGNED "]}"})};
    struct command_run run;

    command_do(&run, &setup, "cert", "requests");
    assert_string_equal(
        run.out, "NAME     TOPIC             CREATED                  SIGNED\n"
                 "paper-1  (new)             2026-11-21 12:00:00 UTC  no\n"
                 "paper-2  com.apple.mgmt.x  2026-11-21 12:00:00 UTC  yes\n");
    command_fini(&run);
}

TEST(the_vendor_credential_is_put_shown_and_removed)
{
    struct command_setup put = {ANSWERS({.status = 200, .body = VENDOR})};
    struct command_setup gone = {ANSWERS({.status = 204})};
    struct command_setup no = {.is_asking = true, .input = "\n"};
    struct command_setup nobody = {0};
    struct command_run run;
    char *file = temp_dir_path(dir, "vendor.cer");

    temp_dir_write(file, "VENDOR");
    command_do(&run, &put, "cert", "vendor", "put", file);
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[0].method, "PUT");
    assert_string_equal(run.requests[0].path, "/v1/pushcerts/vendor");
    assert_string_equal(run.requests[0].body,
                        "{\"files\":[{\"name\":\"vendor.cer\",\"content\":"
                        "\"VkVORE9S\"}]}");
    assert_string_equal(run.err, "warning: the chain does not reach a root\n");
    command_fini(&run);
    command_do(&run, &put, "cert", "vendor", "show");
    assert_string_equal(run.requests[0].method, "GET");
    assert_non_null(strstr(run.out, "subject           CN=MDM Vendor\n"));
    command_fini(&run);
    command_do(&run, &nobody, "cert", "vendor", "remove");
    assert_int_equal(run.exit, CLI_REFUSED);
    command_fini(&run);
    command_do(&run, &no, "cert", "vendor", "remove");
    assert_int_equal(run.exit, CLI_REFUSED);
    command_fini(&run);
    command_do(&run, &gone, "cert", "vendor", "remove", "--yes");
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[0].method, "DELETE");
    command_fini(&run);
    free(file);
}

TEST(mdmcert_gets_its_request_as_json)
{
    struct command_setup setup = {ANSWERS({.status = 201, .body = MDMCERT})};
    struct command_setup none = {0};
    struct command_run run;
    char *out = temp_dir_path(dir, "ask.json");

    command_do(&run, &none, "cert", "mdmcert", "request", "--email", "a@b.c");
    assert_int_equal(run.exit, CLI_USAGE);
    command_fini(&run);
    command_do(&run, &setup, "cert", "mdmcert", "request", "--email", "a@b.c",
               "--mdmcert-key", "K", "--name", "paper-3", "-o", out);
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[0].path, "/v1/pushcerts/mdmcert");
    assert_string_equal(
        run.requests[0].body,
        "{\"email\":\"a@b.c\",\"key\":\"K\",\"name\":\"paper-3\"}");
    assert_file(out, "{\"csr\":\"Q1NS\",\"email\":\"a@b.c\"}");
    assert_non_null(strstr(run.err, "rouse cert mdmcert open --name paper-3"));
    command_fini(&run);
    free(out);
}

TEST(the_reply_of_mdmcert_becomes_the_upload)
{
    struct command_setup setup = {
        ANSWERS({.status = 200, .body = "{\"upload\":\"PD94bWw=\"}"})};
    struct command_setup other = {
        ANSWERS({.status = 400,
                 .body = "{\"error\":\"the reply was encrypted for another "
                         "request\",\"code\":\"reply_key\"}"})};
    struct command_setup none = {0};
    struct command_run run;
    char *reply = temp_dir_path(dir, "reply.p7");
    char *binary = temp_dir_path(dir, "binary.p7");
    char *out = temp_dir_path(dir, "mdmcert.plist");

    temp_dir_write(reply, "30820a\n");
    temp_dir_write(binary, "\x30\xff");
    command_do(&run, &none, "cert", "mdmcert", "open", reply);
    assert_int_equal(run.exit, CLI_USAGE);
    command_fini(&run);
    command_do(&run, &setup, "cert", "mdmcert", "open", reply, "--name", "p/3",
               "-o", out);
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[0].path, "/v1/pushcerts/mdmcert/p%2F3");
    assert_string_equal(run.requests[0].body, "{\"reply\":\"30820a\\n\"}");
    assert_file(out, "PD94bWw=");
    command_fini(&run);
    command_do(&run, &other, "cert", "mdmcert", "open", binary, "--name", "q");
    assert_int_equal(run.exit, CLI_FAILED);
    assert_string_equal(run.requests[0].body, "{\"reply\":\"30ff\"}");
    command_fini(&run);
    free(reply);
    free(binary);
    free(out);
}
