/* SPDX-License-Identifier: MIT */

/*
 * What needs no roused: check, and the vendor's signature.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "server/cli/cert/cli_cert.h"
#include "tests/cli/command.h"
#include "tests/support/unit.h"

#include "server/certlife/certlife.h"
#include "tests/support/paper.h"
#include "tests/support/temp_dir.h"

static char *dir;

static int
make_dir(void **state)
{
    (void)state;
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

TEST(files_that_fit_are_told_apart_and_pass)
{
    struct command_setup setup = {0};
    struct command_run run;
    char *cert = paper_write_push(dir, "fit.pem", 300);
    char *key = paper_write_key(dir, "fit.key", NULL);

    command_do(&run, &setup, "cert", "check", cert, key);
    assert_int_equal(run.exit, CLI_DONE);
    assert_non_null(strstr(run.out, "fit.pem\n  push certificate: This is an "
                                    "MDM push certificate"));
    assert_non_null(strstr(run.out, PAPER_TOPIC));
    assert_non_null(strstr(run.out, "\n    serial   "));
    assert_non_null(strstr(run.out, "\n    issuer   "));
    assert_non_null(strstr(run.out, "\n    SHA-256  "));
    assert_non_null(strstr(run.out, "fit.key\n  private key: "));
    assert_non_null(strstr(run.out, "\n    fingerprint  "));
    assert_non_null(
        strstr(run.out, "good: Certificate and key fit: fit.key is"));
    command_fini(&run);
    command_do(&run, &setup, "cert", "check", cert, key, "--json");
    assert_int_equal(run.exit, CLI_DONE);
    assert_int_equal(run.out[0], '{');
    assert_non_null(strstr(run.out, "\"severity\":\"fine\""));
    command_fini(&run);
    free(cert);
    free(key);
}

TEST(the_request_instead_of_the_certificate_is_a_problem)
{
    struct command_setup setup = {0};
    struct command_run run;
    char *csr = paper_write_csr(dir, "mine.csr");

    command_do(&run, &setup, "cert", "check", csr);
    assert_int_equal(run.exit, CLI_FAILED);
    assert_non_null(strstr(run.out, "certificate request: "));
    assert_non_null(strstr(run.out, "PROBLEM: "));
    command_fini(&run);
    free(csr);
}

/* As it comes from the portal: roused holds the key. */
TEST(a_certificate_alone_is_no_problem)
{
    struct command_setup setup = {0};
    struct command_run run;
    char *cert = paper_write_push(dir, "alone.pem", 300);

    command_do(&run, &setup, "cert", "check", cert);
    assert_int_equal(run.exit, CLI_DONE);
    assert_non_null(strstr(run.out, "warning: "));
    assert_non_null(strstr(run.out, "the import finds it"));
    assert_null(strstr(run.out, "PROBLEM"));
    command_fini(&run);
    free(cert);
}

TEST(a_locked_key_is_opened_by_the_password_asked_for)
{
    struct command_setup setup = {.is_asking = true, .input = "sesame 1234\n"};
    struct command_setup silent = {.is_asking = true};
    struct command_setup nobody = {0};
    struct command_run run;
    char *key = paper_write_key(dir, "sealed.key", "sesame 1234");
    char *cert = paper_write_push(dir, "sealed.pem", 300);

    command_do(&run, &setup, "cert", "check", cert, key);
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.err, "Password of sealed.key: ");
    assert_null(strstr(run.out, "sesame"));
    command_fini(&run);
    command_do(&run, &silent, "cert", "check", cert, key);
    assert_non_null(strstr(run.out, "locked private key"));
    command_fini(&run);
    command_do(&run, &nobody, "cert", "check", cert, key);
    assert_non_null(strstr(run.out, "locked private key"));
    assert_string_equal(run.err, "");
    command_fini(&run);
    free(key);
    free(cert);
}

TEST(escape_sequences_in_a_file_name_do_not_reach_the_terminal)
{
    struct command_setup setup = {0};
    struct command_run run;
    char *odd = temp_dir_path(dir, "a\033[2Jb.pem");

    temp_dir_write(odd, "nothing");
    command_do(&run, &setup, "cert", "check", odd);
    assert_int_equal(run.exit, CLI_FAILED);
    assert_null(strchr(run.out, '\033'));
    command_fini(&run);
    free(odd);
}

/* The upload at ${path}, read back. */
static void
read_upload(const char *path, struct certlife_upload *upload)
{
    size_t len;
    char *text = temp_dir_read(path, &len);
    struct certlife_file file = {.name = "u", .bytes = text, .len = len};
    struct certlife_warnings warnings = {0};

    assert_int_equal(certlife_upload_read(&file, (int64_t)time(NULL), upload,
                                          &warnings, NULL),
                     CERTLIFE_OK);
    free(text);
}

TEST(a_request_is_signed_for_the_portal)
{
    struct command_setup setup = {0};
    struct command_setup asking = {.is_asking = true, .input = "vendor pass\n"};
    struct command_run run;
    struct certlife_upload upload;
    char *csr = paper_write_csr(dir, "sign.csr");
    char *out = temp_dir_path(dir, "PushCertificateRequest.plist");
    char *paths[4];

    paper_write_vendor(dir, 100, "vendor pass", paths);
    command_do(&run, &asking, "cert", "sign-request", "--csr", csr,
               "--vendor-cert", paths[0], "--vendor-key", paths[1], "--chain",
               paths[2], "--chain", paths[3], "-o", out);
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.err,
                        "Password of vendor.key: " CLI_CERT_UPLOAD "\n");
    assert_non_null(strstr(run.out, "PushCertificateRequest.plist\n"));
    read_upload(out, &upload);
    assert_true(upload.is_chain_complete);
    assert_int_equal(upload.n_chain, 3);
    command_fini(&run);
    /* never over a file that is there */
    command_do(&run, &setup, "cert", "sign-request", "--csr", csr,
               "--vendor-cert", paths[0], "--vendor-key", paths[1], "-o", out);
    assert_int_equal(run.exit, CLI_FAILED);
    assert_non_null(strstr(run.err, "exists already"));
    command_fini(&run);
    for (int i = 0; i < 4; i++)
        free(paths[i]);
    free(csr);
    free(out);
}

TEST(what_apple_will_refuse_is_warned_of)
{
    struct command_setup setup = {0};
    struct command_run run;
    char *csr = paper_write_csr(dir, "warn.csr");
    char *paths[4];

    paper_write_vendor(dir, -3, NULL, paths);
    command_do(&run, &setup, "cert", "sign-request", "--csr", csr,
               "--vendor-cert", paths[0], "--vendor-key", paths[1], "--chain",
               paths[3]);
    assert_int_equal(run.exit, CLI_DONE);
    assert_non_null(strstr(run.err, "warning: "));
    assert_non_null(strstr(run.err, "expired"));
    assert_non_null(strstr(run.err, "WWDR"));
    assert_true(strlen(run.out) > 1000);
    command_fini(&run);
    /* all three files, and several behind one --chain */
    command_do(&run, &setup, "cert", "sign-request", "--csr", paths[0],
               "--vendor-cert", csr, "--vendor-key", paths[1], "--chain",
               paths[2], paths[3]);
    assert_int_equal(run.exit, CLI_FAILED);
    assert_string_equal(run.out, "");
    command_fini(&run);
    for (int i = 0; i < 4; i++)
        free(paths[i]);
    free(csr);
}

/* The same letter again would not open it either. */
TEST(a_wrong_password_is_said_and_asked_for_three_times)
{
    char *locked = paper_write_key(dir, "closed.key", "sesame");
    struct command_setup setup = {.is_asking = true,
                                  .input = "one\ntwo\nthree\nsesame\n"};
    struct command_run run;

    command_do(&run, &setup, "cert", "check", locked);
    assert_int_equal(run.exit, CLI_FAILED);
    assert_string_equal(run.err,
                        "Password of closed.key: "
                        "That password does not open closed.key.\n"
                        "Password of closed.key: "
                        "That password does not open closed.key.\n"
                        "Password of closed.key: "
                        "That password does not open closed.key either.\n");
    command_fini(&run);
    free(locked);
}

/* As from a folder of downloads: the pair is found among all of them. */
TEST(any_number_of_files_is_looked_at)
{
    const char *words[64] = {"cert", "check"};
    char *paths[40];
    size_t n = 0;
    struct command_setup setup = {0};
    struct command_run run;

    paths[n++] = paper_write_push(dir, "first.pem", 364);
    while (n < 39) {
        paths[n] = temp_dir_path(dir, "page%zu.pem", n);
        temp_dir_write(paths[n++], "<!DOCTYPE html><html></html>");
    }
    paths[n++] = paper_write_key(dir, "last.key", NULL);
    for (size_t i = 0; i < n; i++)
        words[2 + i] = paths[i];
    command_run(&run, &setup, words);
    assert_int_equal(run.exit, CLI_DONE);
    assert_string_equal(run.err, "");
    assert_non_null(strstr(run.out, "page38.pem\n"));
    assert_ptr_equal(strstr(run.out, "first.pem\n"), run.out);
    assert_true(strstr(run.out, "page38.pem\n") <
                strstr(run.out, "last.key\n"));
    assert_null(strstr(run.out, "PROBLEM"));
    assert_null(strstr(run.out, "warning"));
    command_fini(&run);
    words[1 + n] = NULL; /* all but the key */
    words[2] = words[3];
    command_run(&run, &setup, words);
    assert_int_equal(run.exit, CLI_FAILED);
    assert_non_null(strstr(run.out, "PROBLEM: "));
    command_fini(&run);
    while (n > 0)
        free(paths[--n]);
}

static void
read_into(const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "re");
    size_t n;

    assert_non_null(file);
    n = fread(text, 1, size - 1, file);
    assert_true(n < size - 1);
    text[n] = '\0';
    fclose(file);
}

/* Beyond the sixteenth they are not compared, and yet numbered as one list. */
TEST(json_of_many_files_has_one_numbering)
{
    const char *words[64] = {"cert", "check", "--json"};
    char *key = paper_write_key(dir, "any.key", NULL);
    char *cert = paper_write_push(dir, "any.pem", 300);
    char *both = temp_dir_path(dir, "both.pem");
    char text[8192];
    struct command_setup setup = {0};
    struct command_run run;
    json_t *objects;
    json_t *json;

    read_into(cert, text, sizeof text);
    read_into(key, text + strlen(text), sizeof text - strlen(text));
    temp_dir_write(both, text);
    for (size_t i = 0; i < 16; i++)
        words[3 + i] = key;
    words[19] = words[20] = both;
    command_run(&run, &setup, words);
    json = json_loads(run.out, 0, NULL);
    objects = json_object_get(json, "objects");
    assert_int_equal(json_array_size(objects), 20);
    for (size_t i = 16; i < 20; i++) {
        json_t *fits = json_object_get(json_array_get(objects, i), "fits");

        assert_int_equal(json_array_size(fits), 1);
        assert_int_equal(json_integer_value(json_array_get(fits, 0)), i ^ 1);
    }
    json_decref(json);
    command_fini(&run);
    free(both);
    free(cert);
    free(key);
}

TEST(one_that_cannot_be_read_hides_no_other)
{
    char *cert = paper_write_push(dir, "seen.pem", 300);
    char *key = paper_write_key(dir, "seen.key", NULL);
    struct command_setup setup = {0};
    struct command_run run;

    command_do(&run, &setup, "cert", "check", cert, "/nonexistent/x", key);
    assert_int_equal(run.exit, CLI_FAILED);
    assert_non_null(strstr(run.err, "cannot open /nonexistent/x"));
    assert_non_null(
        strstr(run.out, "good: Certificate and key fit: seen.key is"));
    command_fini(&run);
    command_do(&run, &setup, "cert", "check", "/nonexistent/x");
    assert_int_equal(run.exit, CLI_FAILED);
    assert_string_equal(run.out, "");
    command_fini(&run);
    free(cert);
    free(key);
}

/* The input cannot be read twice. */
TEST(the_input_may_be_one_of_many_files)
{
    const char *words[64] = {"cert", "check"};
    char *page = temp_dir_path(dir, "one.html");
    char *cert = paper_write_push(dir, "input.pem", 300);
    char text[8192];
    struct command_setup setup = {.input = text};
    struct command_run run;

    read_into(cert, text, sizeof text);
    temp_dir_write(page, "<!DOCTYPE html><html></html>");
    for (size_t i = 0; i < 17; i++)
        words[2 + i] = i == 3 ? "-" : page;
    command_run(&run, &setup, words);
    assert_int_equal(run.exit, CLI_DONE);
    assert_non_null(strstr(run.out, "This is an MDM push certificate"));
    command_fini(&run);
    free(cert);
    free(page);
}

TEST(signing_says_what_is_missing)
{
    struct command_setup setup = {0};
    struct command_run run;

    command_do(&run, &setup, "cert", "sign-request", "--csr", "x");
    assert_int_equal(run.exit, CLI_USAGE);
    assert_string_equal(run.err, "rouse: --csr and --vendor-key are needed\n");
    command_fini(&run);
    command_do(&run, &setup, "cert", "sign-request", "--csr", "x",
               "--vendor-key", "y", "z");
    assert_int_equal(run.exit, CLI_USAGE);
    command_fini(&run);
    command_do(&run, &setup, "cert", "sign-request", "--csr", "/nonexistent/c",
               "--vendor-key", "y");
    assert_int_equal(run.exit, CLI_FAILED);
    command_fini(&run);
}
