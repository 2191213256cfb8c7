/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <openssl/evp.h>

#include "tests/cli/command.h"
#include "tests/support/unit.h"

#include "tests/support/paper.h"
#include "tests/support/temp_dir.h"

#define SIDES                                                                \
    "\"verdict\":\"renewal\",\"comparison\":{\"rows\":[],\"text\":\"topic  " \
    "old  new\\nserial 1 2\\n\"}"
#define PUSHCERT                                                              \
    "\"pushcert\":{\"topic\":\"com.apple.mgmt.External.paper\",\"days_left\"" \
    ":364,\"not_after\":\"2027-11-20T12:00:00.000Z\"}"
#define DRY      "{" SIDES "," PUSHCERT ",\"test\":null}"
#define IMPORTED "{" SIDES "," PUSHCERT ",\"test\":null}"
#define TESTED(ok)                                                             \
    "{" SIDES "," PUSHCERT ",\"test\":{\"ok\":" ok ",\"status\":400,"          \
    "\"reason\":\"BadDeviceToken\",\"explanation\":\"APNs knows the topic.\"," \
    "\"what_to_do\":\"Ring Apple.\",\"took_ms\":12}}"

static char *dir;
static char *cert;
static char *key;

static int
make_files(void **state)
{
    (void)state;
    setenv("TZ", "UTC", 1);
    dir = temp_dir_new();
    cert = paper_write_push(dir, "push.pem", 364);
    key = paper_write_key(dir, "push.key", NULL);
    return 0;
}

static int
remove_files(void **state)
{
    free(cert);
    free(key);
    temp_dir_free(dir);
    return paper_free_keys(state);
}

ALL(make_files, remove_files);

/* What was sent as file ${i}, decoded, is the file at ${path}. */
static void
assert_file_sent(const struct scripted_request *request, size_t i,
                 const char *path)
{
    json_t *body = json_loadb(request->body, request->body_len, 0, NULL);
    const json_t *file = json_array_get(json_object_get(body, "files"), i);
    const char *content = json_string_value(json_object_get(file, "content"));
    unsigned char plain[8192];
    char *wanted = temp_dir_read(path, NULL);

    assert_non_null(content);
    assert_true(strlen(content) < sizeof plain);
    assert_string_equal(json_string_value(json_object_get(file, "name")),
                        strrchr(path, '/') + 1);
    assert_true(EVP_DecodeBlock(plain, (const unsigned char *)content,
                                (int)strlen(content)) > 0);
    assert_memory_equal(plain, wanted, strlen(wanted));
    free(wanted);
    json_decref(body);
}

TEST(both_certificates_are_shown_before_anything_changes)
{
    struct command_setup setup = {ANSWERS({.status = 200, .body = DRY},
                                          {.status = 200, .body = IMPORTED})};
    struct command_run run;

    command_do(&run, &setup, "cert", "import", cert, key, "--apple-account",
               "it@example.com", "--note", "a & b", "--renew",
               "com.apple.mgmt.External.paper", "--no-test");
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[0].method, "PUT");
    assert_string_equal(
        run.requests[0].path,
        "/v1/pushcerts?apple_account=it%40example.com&note=a%20%26%20b&renew="
        "com.apple.mgmt.External.paper&test=0&dry_run=1");
    assert_string_equal(
        run.requests[1].path,
        "/v1/pushcerts?apple_account=it%40example.com&note=a%20%26%20b&renew="
        "com.apple.mgmt.External.paper&test=0");
    assert_file_sent(&run.requests[1], 0, cert);
    assert_file_sent(&run.requests[1], 1, key);
    assert_string_equal(
        run.out,
        "topic  old  new\nserial 1 2\nThis renews the certificate: enrollments "
        "are unaffected.\nimported com.apple.mgmt.External.paper\nvalid until "
        "2027-11-20 12:00:00 UTC: 364 days left\n");
    command_fini(&run);
}

TEST(a_person_is_asked_and_may_say_no)
{
    struct command_setup no = {.is_asking = true,
                               .input = "n\n",
                               ANSWERS({.status = 200, .body = DRY})};
    struct command_setup yes = {.is_asking = true,
                                .input = "y\n",
                                ANSWERS({.status = 200, .body = DRY},
                                        {.status = 200, .body = IMPORTED})};
    struct command_setup sure = {.is_asking = true,
                                 ANSWERS({.status = 200, .body = DRY},
                                         {.status = 200, .body = IMPORTED})};
    struct command_run run;

    command_do(&run, &no, "cert", "import", cert, key);
    assert_int_equal(run.exit, CLI_REFUSED);
    assert_string_equal(run.err, "Import it? [y/N] rouse: nothing imported\n");
    command_fini(&run);
    command_do(&run, &yes, "cert", "import", cert, key);
    assert_int_equal(run.exit, CLI_DONE);
    command_fini(&run);
    command_do(&run, &sure, "cert", "import", cert, key, "--yes");
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.err, "");
    command_fini(&run);
}

TEST(a_dry_run_changes_nothing)
{
    struct command_setup setup = {ANSWERS({.status = 200, .body = DRY})};
    struct command_run run;

    command_do(&run, &setup, "cert", "import", cert, "--dry-run", "--add");
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[0].path, "/v1/pushcerts?add=1&dry_run=1");
    assert_null(strstr(run.out, "imported"));
    command_fini(&run);
    command_do(&run, &setup, "cert", "import", cert, "--dry-run", "--json");
    assert_string_equal(run.out, DRY "\n");
    command_fini(&run);
}

TEST(a_topic_mismatch_is_told_in_full_and_ends_with_three)
{
    struct command_setup setup = {ANSWERS(
        {.status = 409,
         .body = "{\"error\":\"812 enrollments would go silent\",\"code\":"
                 "\"topic_mismatch\",\"current_topic\":\"com.apple.mgmt.old\","
                 "\"new_topic\":"
                 "\"com.apple.mgmt.new\",\"enrollments_lost\":812,\"causes\":"
                 "[\"another Apple Account\",\"another row\",\"Create\"],"
                 "\"comparison\":{\"text\":\"old | new\"}}"})};
    struct command_run run;

    command_do(&run, &setup, "cert", "import", cert, "--renew",
               "com.apple.mgmt.old");
    assert_int_equal(run.exit, CLI_REFUSED);
    assert_string_equal(run.err, "old | new\n"
                                 "rouse: refused, and nothing changed:\n"
                                 "812 enrollments would go silent\n"
                                 "current topic     com.apple.mgmt.old\n"
                                 "new topic         com.apple.mgmt.new\n");
    command_fini(&run);
}

TEST(replacing_a_topic_needs_the_number_with_it)
{
    struct command_setup none = {0};
    struct command_setup setup = {ANSWERS({.status = 200, .body = DRY},
                                          {.status = 200, .body = IMPORTED})};
    struct command_run run;

    command_do(&run, &none, "cert", "import", cert, "--replace-topic", "x.t");
    assert_int_equal(run.exit, CLI_USAGE);
    command_fini(&run);
    command_do(&run, &none, "cert", "import", cert, "--confirm", "3");
    assert_int_equal(run.exit, CLI_USAGE);
    command_fini(&run);
    command_do(&run, &none, "cert", "import", cert, "--replace-topic", "x.t",
               "--confirm", "all");
    assert_int_equal(run.exit, CLI_USAGE);
    assert_string_equal(
        run.err, "rouse: --confirm: all is not a number of enrollments\n");
    command_fini(&run);
    command_do(&run, &none, "cert", "import", cert, "--renew", "x.t", "--add");
    assert_int_equal(run.exit, CLI_USAGE);
    command_fini(&run);
    command_do(&run, &setup, "cert", "import", cert, "--replace-topic", "x.t",
               "--confirm", "812");
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.requests[1].path,
                        "/v1/pushcerts?replace_topic=x.t&confirm=812");
    command_fini(&run);
}

TEST(a_test_that_fails_after_the_import_fails_the_command)
{
    struct command_setup good = {ANSWERS(
        {.status = 200, .body = DRY}, {.status = 200, .body = TESTED("true")})};
    struct command_setup bad = {
        ANSWERS({.status = 200, .body = DRY},
                {.status = 200, .body = TESTED("false")})};
    struct command_run run;

    command_do(&run, &good, "cert", "import", cert);
    assert_int_equal(run.exit, CLI_DONE);
    assert_non_null(strstr(run.out,
                           "tested with APNs: it works (BadDeviceToken), after "
                           "12 ms\nAPNs knows the topic.\n"));
    assert_null(strstr(run.out, "Ring Apple."));
    command_fini(&run);
    command_do(&run, &bad, "cert", "import", cert);
    assert_int_equal(run.exit, CLI_FAILED);
    assert_non_null(strstr(run.out, "it DOES NOT WORK (BadDeviceToken)"));
    assert_non_null(strstr(run.out, "Ring Apple.\n"));
    command_fini(&run);
    command_do(&run, &bad, "cert", "import", cert, "--json");
    assert_int_equal(run.exit, CLI_FAILED);
    assert_string_equal(run.out, TESTED("false") "\n");
    command_fini(&run);
}

TEST(a_locked_key_asks_for_its_password_unseen)
{
    struct command_setup setup = {.is_asking = true,
                                  .input = "wrong\nopen \\\"sesame\ny\n",
                                  ANSWERS({.status = 200, .body = DRY},
                                          {.status = 200, .body = IMPORTED})};
    struct command_setup by_file = {ANSWERS({.status = 200, .body = DRY},
                                            {.status = 200, .body = IMPORTED})};
    char *locked = paper_write_key(dir, "locked.key", "open \\\"sesame");
    char *password = temp_dir_path(dir, "password");
    struct command_run run;

    temp_dir_write(password, "open \\\"sesame\nnot this\n");
    command_do(&run, &setup, "cert", "import", cert, locked);
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.err, "Password of locked.key: That password does "
                                 "not open locked.key.\n"
                                 "Password of locked.key: Import it? [y/N] ");
    assert_non_null(strstr(run.requests[0].body,
                           "\"password\":\"open \\u005c\\u0022sesame\""));
    command_fini(&run);
    command_do(&run, &by_file, "cert", "import", cert, locked,
               "--password-file", password);
    assert_int_equal(run.exit, CLI_DONE);
    assert_non_null(strstr(run.requests[0].body, "sesame\"}"));
    command_fini(&run);
    free(locked);
    free(password);
}

TEST(files_that_cannot_be_read_are_named_and_nothing_is_sent)
{
    struct command_setup setup = {0};
    struct command_run run;
    char *big = temp_dir_path(dir, "big.pem");
    char *empty = temp_dir_path(dir, "empty.pem");
    char *text = calloc(1, CLI_MAX_MATERIAL + 2);
    char err[512];

    assert_non_null(text);
    memset(text, 'x', CLI_MAX_MATERIAL + 1);
    temp_dir_write(big, text);
    text[CLI_MAX_MATERIAL] = '\0';
    temp_dir_write(empty, "");
    command_do(&run, &setup, "cert", "import", "/nonexistent/x.pem");
    assert_int_equal(run.exit, CLI_FAILED);
    assert_string_equal(run.err, "rouse: cannot open /nonexistent/x.pem: No "
                                 "such file or directory\n");
    command_fini(&run);
    command_do(&run, &setup, "cert", "import", big);
    assert_int_equal(run.exit, CLI_FAILED);
    snprintf(err, sizeof err, "rouse: %s is larger than %d bytes\n", big,
             CLI_MAX_MATERIAL);
    assert_string_equal(run.err, err);
    command_fini(&run);
    temp_dir_write(big, text);
    command_do(&run, &setup, "cert", "import", big, cert);
    assert_string_equal(
        run.err, "rouse: together the files are larger than 1048576 bytes\n");
    command_fini(&run);
    command_do(&run, &setup, "cert", "import", empty);
    assert_int_equal(run.exit, CLI_FAILED);
    command_fini(&run);
    free(big);
    free(empty);
    free(text);
}

TEST(a_refused_file_fails_with_the_servers_words)
{
    struct command_setup setup = {
        .input = "PEM",
        ANSWERS({.status = 400,
                 .body =
                     "{\"error\":\"the certificate has expired: 2020-01-01\","
                     "\"code\":\"expired\"}"})};
    struct command_run run;

    command_do(&run, &setup, "cert", "import", "-");
    assert_int_equal(run.exit, CLI_FAILED);
    assert_string_equal(run.requests[0].body,
                        "{\"files\":[{\"name\":\"-\",\"content\":\"UEVN\"}]}");
    assert_string_equal(run.err,
                        "rouse: the certificate has expired: 2020-01-01\n");
    command_fini(&run);
}
