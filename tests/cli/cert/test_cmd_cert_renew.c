/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/cli/command.h"
#include "tests/support/unit.h"

#include "tests/support/paper.h"
#include "tests/support/temp_dir.h"

#define CERT                                                         \
    "{\"topic\":\"" PAPER_TOPIC "\",\"serial_number\":\"0BADC0DE\"," \
    "\"not_after\":\"2027-03-02T12:00:00.000Z\",\"days_left\":100,"  \
    "\"enrollments\":812,\"apple_account\":\"mdm@example.com\"}"
#define REQUEST                                                            \
    "{\"name\":\"paper-1\",\"topic\":\"" PAPER_TOPIC "\",\"csr\":\"CSR\"," \
    "\"upload\":\"PD94bWw=\"}"
#define UNSIGNED                                                           \
    "{\"name\":\"paper-1\",\"topic\":\"" PAPER_TOPIC "\",\"csr\":\"CSR\"," \
    "\"upload\":null}"
#define DRY                                                           \
    "{\"verdict\":\"renewal\",\"comparison\":{\"text\":\"old new\"}," \
    "\"pushcert\":" CERT ",\"test\":null}"
#define NOT_FOUND "{\"error\":\"none\",\"code\":\"not_found\"}"
#define MISMATCH  "{\"error\":\"another topic\",\"code\":\"topic_mismatch\"}"

#define NO_REQUESTS                                \
    {                                              \
        .status = 200, .body = "{\"requests\":[]}" \
    }

static char *dir;
static char *upload;
static char *appearing; /* what on_pause puts into dir */

static int
make_dir(void **state)
{
    (void)state;
    setenv("TZ", "UTC", 1);
    dir = temp_dir_new();
    setenv("HOME", dir, 1);
    upload = temp_dir_path(dir, "up.plist");
    return 0;
}

static int
remove_dir(void **state)
{
    free(upload);
    temp_dir_free(dir);
    return paper_free_keys(state);
}

static int
forget_upload(void **state)
{
    (void)state;
    unlink(upload);
    return 0;
}

EACH(NULL, forget_upload);
ALL(make_dir, remove_dir);

TEST(the_guide_names_the_row_the_account_and_the_button)
{
    struct command_setup setup = {
        ANSWERS({.status = 200, .body = CERT}, {.status = 200, .body = "{}"},
                NO_REQUESTS, {.status = 201, .body = REQUEST})};
    struct command_run run;

    command_do(&run, &setup, "cert", "renew", "--topic", PAPER_TOPIC, "-o",
               upload);
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[0].path, "/v1/pushcerts/" PAPER_TOPIC);
    assert_string_equal(run.requests[1].path, "/v1/pushcerts/vendor");
    assert_string_equal(run.requests[3].body,
                        "{\"sign\":true,\"topic\":\"" PAPER_TOPIC "\"}");
    assert_non_null(strstr(run.out, "of 812 enrollments"));
    assert_non_null(strstr(run.out, "the Apple Account mdm@example.com"));
    assert_non_null(strstr(run.out, "serial number  0BADC0DE"));
    assert_non_null(strstr(run.out, "2027-03-02 (the portal may show "
                                    "2027-03-01)"));
    assert_non_null(strstr(run.out, "Press RENEW on that row"));
    assert_non_null(strstr(run.out, "Not \"Revoke\""));
    assert_non_null(strstr(run.out, "rouse cert import --renew " PAPER_TOPIC));
    assert_non_null(strstr(run.out, upload));
    command_fini(&run);
}

TEST(without_a_vendor_credential_the_signature_comes_first)
{
    struct command_setup setup = {ANSWERS(
        {.status = 200, .body = CERT}, {.status = 404, .body = NOT_FOUND},
        NO_REQUESTS, {.status = 201, .body = UNSIGNED})};
    struct command_run run;
    char *text;

    command_do(&run, &setup, "cert", "renew", "--topic", PAPER_TOPIC, "-o",
               upload);
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[3].body,
                        "{\"sign\":false,\"topic\":\"" PAPER_TOPIC "\"}");
    assert_non_null(strstr(run.out, "rouse cert sign-request --csr "));
    assert_non_null(strstr(run.out, " --chain F -o "));
    assert_non_null(
        strstr(run.out, "rouse cert mdmcert request --name paper-1"));
    text = temp_dir_read(upload, NULL);
    assert_string_equal(text, "CSR");
    free(text);
    command_fini(&run);
}

TEST(one_held_topic_needs_no_name_and_two_do)
{
    struct command_setup one = {
        ANSWERS({.status = 200, .body = "{\"pushcerts\":[" CERT "]}"},
                {.status = 200, .body = "{}"}, NO_REQUESTS,
                {.status = 201, .body = REQUEST})};
    struct command_setup two = {ANSWERS(
        {.status = 200, .body = "{\"pushcerts\":[" CERT "," CERT "]}"})};
    struct command_run run;

    command_do(&run, &one, "cert", "renew", "-o", upload);
    assert_int_equal(run.exit, CLI_DONE);
    command_fini(&run);
    command_do(&run, &two, "cert", "renew");
    assert_int_equal(run.exit, CLI_USAGE);
    assert_non_null(strstr(run.err, "there are 2 topics"));
    command_fini(&run);
}

TEST(a_typed_path_is_imported_and_a_wrong_one_asked_for_again)
{
    char input[1024];
    struct command_setup setup = {
        .is_asking = true,
        .input = input,
        ANSWERS({.status = 200, .body = CERT}, {.status = 200, .body = "{}"},
                NO_REQUESTS, {.status = 201, .body = REQUEST},
                {.status = 409, .body = MISMATCH}, {.status = 200, .body = DRY},
                {.status = 200, .body = DRY})};
    struct command_run run;
    char *cert = paper_write_push(dir, "it's new.pem", 364);

    snprintf(input, sizeof input, "/nonexistent/x.pem\n%s\n\"%s\" \ny\n", cert,
             cert);
    command_do(&run, &setup, "cert", "renew", "--topic", PAPER_TOPIC, "-o",
               upload, "--no-test", "--note", "2027");
    assert_int_equal(run.exit, CLI_DONE);
    assert_non_null(strstr(run.err, "cannot open /nonexistent/x.pem"));
    assert_non_null(
        strstr(run.err, "refused, and nothing changed:\nanother topic\n"));
    assert_string_equal(run.requests[6].path,
                        "/v1/pushcerts?apple_account=mdm%40example.com&note="
                        "2027&renew=" PAPER_TOPIC "&test=0");
    assert_non_null(strstr(run.out, "imported " PAPER_TOPIC));
    command_fini(&run);
    unlink(cert);
    free(cert);
}

/* After some time two files appear; only one is a push certificate. */
static void
make_appear(int64_t now_ms)
{
    char *other;

    if (now_ms < 1000 || appearing != NULL)
        return;
    other = temp_dir_path(dir, "MDM_other.pem");
    temp_dir_write(other, "no certificate");
    free(other);
    appearing = paper_write_push(dir, "MDM_Paper_Certificate.pem", 364);
}

TEST(a_certificate_that_appears_is_found)
{
    struct command_setup setup = {
        .is_asking = true,
        .is_silent = true,
        .on_pause = make_appear,
        ANSWERS({.status = 200, .body = CERT}, {.status = 200, .body = "{}"},
                NO_REQUESTS, {.status = 201, .body = REQUEST},
                {.status = 200, .body = DRY}, {.status = 200, .body = DRY})};
    struct command_run run;

    command_do(&run, &setup, "cert", "renew", "--topic", PAPER_TOPIC, "-o",
               upload, "--yes");
    assert_int_equal(run.exit, CLI_DONE);
    assert_non_null(strstr(run.err, "MDM_Paper_Certificate.pem\n"));
    assert_non_null(
        strstr(run.requests[5].body, "\"name\":\"MDM_Paper_Certificate.pem\""));
    command_fini(&run);
    unlink(appearing);
    free(appearing);
}

/* The portal had logged out: what was saved is its login page. */
static void
make_login_page_appear(int64_t now_ms)
{
    char *page = temp_dir_path(dir, "MDM_Paper_login.html");

    if (now_ms >= 1000 && access(page, F_OK) != 0)
        temp_dir_write(page, "<!DOCTYPE html><html>Sign in</html>");
    free(page);
    if (now_ms >= 60000)
        make_appear(now_ms);
}

TEST(what_else_appears_is_said_once)
{
    struct command_setup setup = {
        .is_asking = true,
        .is_silent = true,
        .on_pause = make_login_page_appear,
        ANSWERS({.status = 200, .body = CERT}, {.status = 200, .body = "{}"},
                NO_REQUESTS, {.status = 201, .body = REQUEST},
                {.status = 200, .body = DRY}, {.status = 200, .body = DRY})};
    struct command_run run;
    const char *said;

    appearing = NULL;
    command_do(&run, &setup, "cert", "renew", "--topic", PAPER_TOPIC, "-o",
               upload, "--yes");
    assert_int_equal(run.exit, CLI_DONE);
    said = strstr(run.err, "MDM_Paper_login.html appeared, but is not the "
                           "certificate: ");
    assert_non_null(said);
    assert_null(strstr(said + 10, "MDM_Paper_login"));
    command_fini(&run);
    unlink(appearing);
    free(appearing);
}

/* Next year's request is not refused for last year's file. */
TEST_WITH(each_request_is_a_file_of_its_own, NULL, NULL)
{
    static const char *const names[] = {
        "PushCertificateRequest-2026-11-21.plist",
        "PushCertificateRequest-2026-11-21-2.plist",
    };
    char *folder = temp_dir_new();

    assert_int_equal(chdir(folder), 0);
    for (size_t i = 0; i < 2; i++) {
        struct command_setup setup = {ANSWERS(
            {.status = 200, .body = CERT}, {.status = 200, .body = "{}"},
            NO_REQUESTS, {.status = 201, .body = REQUEST})};
        struct command_run run;

        command_do(&run, &setup, "cert", "renew", "--topic", PAPER_TOPIC);
        assert_int_equal(run.exit, CLI_DONE);
        assert_non_null(strstr(run.out, names[i]));
        assert_int_equal(access(names[i], R_OK), 0);
        command_fini(&run);
    }
    assert_int_equal(chdir("/"), 0);
    temp_dir_free(folder);
}

/* The guide names the file that this request becomes, not an earlier one. */
TEST_WITH(a_request_keeps_its_name_when_it_is_signed, NULL, NULL)
{
    char *folder = temp_dir_new();

    assert_int_equal(chdir(folder), 0);
    for (size_t i = 0; i < 2; i++) {
        struct command_setup setup = {ANSWERS(
            {.status = 200, .body = CERT}, {.status = 404, .body = NOT_FOUND},
            NO_REQUESTS, {.status = 201, .body = UNSIGNED})};
        struct command_run run;

        command_do(&run, &setup, "cert", "renew", "--topic", PAPER_TOPIC);
        assert_int_equal(run.exit, CLI_DONE);
        if (i == 1) {
            assert_non_null(strstr(run.out, "-11-21-2.csr --vendor-cert"));
            assert_non_null(strstr(run.out, "-11-21-2.plist\n"));
            assert_non_null(strstr(run.out, "4. Upload PushCertificateRequest-"
                                            "2026-11-21-2.plist.\n"));
        }
        command_fini(&run);
    }
    assert_int_equal(chdir("/"), 0);
    temp_dir_free(folder);
}

TEST(an_empty_line_stops_and_the_request_stays)
{
    struct command_setup setup = {
        .is_asking = true,
        .input = "\n",
        ANSWERS({.status = 200, .body = CERT}, {.status = 200, .body = "{}"},
                NO_REQUESTS, {.status = 201, .body = REQUEST})};
    struct command_run run;

    command_do(&run, &setup, "cert", "renew", "--topic", PAPER_TOPIC, "-o",
               upload);
    assert_int_equal(run.exit, CLI_FAILED);
    assert_non_null(
        strstr(run.err, "The request stays pending; later: rouse cert import "
                        "--renew " PAPER_TOPIC " FILE"));
    command_fini(&run);
}
