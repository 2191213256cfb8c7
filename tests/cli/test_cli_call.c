/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "server/cli/cli_commands.h"
#include "server/cli/term/cli_trouble.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unit.h"

TEST(a_daemon_that_does_not_run_is_said_with_its_socket)
{
    struct command_setup setup = {0};
    struct command_run run;

    command_do(&run, &setup, "status");
    assert_int_equal(run.exit, CLI_FAILED);
    assert_string_equal(run.out, "");
    assert_string_equal(
        run.err, "rouse: is roused running? socket /nonexistent/sock: No such "
                 "file or directory; name another one with --socket or "
                 "ROUSE_SOCKET\n");
    command_fini(&run);
}

TEST(a_socket_without_permission_names_its_group)
{
    char *dir = temp_dir_new();
    char *path = temp_dir_path(dir, "sock");
    char *err = NULL;
    size_t len;
    struct cli cli = {.err = open_memstream(&err, &len), .socket = path};
    const struct group *group = getgrgid(getgid());
    char wanted[256];

    assert_non_null(group);
    snprintf(wanted, sizeof wanted, "join its group (%s)", group->gr_name);
    /* the socket hides: its folder's group is the one */
    assert_int_equal(cli_trouble_connect(&cli, EACCES), CLI_FAILED);
    temp_dir_write(path, "");
    assert_int_equal(cli_trouble_connect(&cli, EPERM), CLI_FAILED);
    fclose(cli.err);
    assert_non_null(strstr(err, "no permission for socket"));
    assert_non_null(strstr(strchr(err, '\n'), wanted));
    *strchr(err, '\n') = '\0';
    assert_non_null(strstr(err, wanted));
    free(cli.trouble);
    free(err);
    free(path);
    temp_dir_free(dir);
}

TEST(a_socket_path_that_is_too_long_is_said)
{
    char path[300];
    struct command_setup setup = {0};
    struct command_run run;

    memset(path, 'x', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    command_do(&run, &setup, "status", "--socket", path);
    assert_int_equal(run.exit, CLI_USAGE);
    assert_non_null(strstr(run.err, "at most 107 bytes"));
    command_fini(&run);
}

TEST(the_option_beats_the_environment)
{
    struct command_setup setup = {
        ANSWERS({.status = 200, .body = "{\"pushcerts\":[]}"})};
    struct command_run run;

    command_do(&run, &setup, "cert", "list");
    assert_int_equal(run.exit, CLI_DONE);
    command_fini(&run);
    setup.n_answers = 0;
    command_do(&run, &setup, "cert", "list", "--socket", "/other/sock");
    assert_non_null(strstr(run.err, "/other/sock"));
    command_fini(&run);
}

TEST(an_error_answer_is_said_without_its_code)
{
    static const struct {
        struct scripted_answer answer;
        enum cli_exit exit;
        const char *err;
    } cases[] = {
        {{.status = 404,
          .body = "{\"error\":\"no such certificate\",\"code\":\"not_found\"}"},
         CLI_FAILED,
         "rouse: no such certificate\n"},
        {{.status = 401,
          .body = "{\"error\":\"a key is needed\",\"code\":\"unauthorized\"}"},
         CLI_FAILED,
         "rouse: a key is needed; give a key with ROUSE_KEY or "
         "--key (rouse key create makes one)\n"},
        {{.status = 403,
          .body =
              "{\"error\":\"verb read is missing\",\"code\":\"forbidden\"}"},
         CLI_FAILED,
         "rouse: verb read is missing; use a key with the verb "
         "and topic for this (rouse key list)\n"},
        {{.status = 409,
          .body = "{\"error\":\"another topic\",\"code\":\"guard\"}"},
         CLI_REFUSED,
         "rouse: refused: another topic\n"},
        {{.status = 503,
          .body = "{\"error\":\"stopping\",\"code\":\"closed\"}"},
         CLI_FAILED,
         "rouse: stopping; try again later\n"},
        {{.status = 507,
          .body = "{\"error\":\"the disk is full\",\"code\":\"full\"}"},
         CLI_FAILED,
         "rouse: the disk is full; free space on roused's disk\n"},
        {{.status = 502,
          .body = "<html>bad gateway</html>",
          .type = "text/html"},
         CLI_FAILED,
         "rouse: roused answered 502\n"},
        {{.status = 500, .body = NULL},
         CLI_FAILED,
         "rouse: roused answered 500\n"},
        {{.status = 400,
          .body = "{\"error\":\"a\\u001b[2Jb\\nc\",\"code\":\"x\"}"},
         CLI_FAILED,
         "rouse: a?[2Jb\nc\n"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct command_setup setup = {.answers = &cases[i].answer,
                                      .n_answers = 1};
        struct command_run run;

        command_do(&run, &setup, "cert", "show", "com.apple.mgmt.x");
        assert_int_equal(run.exit, cases[i].exit);
        assert_string_equal(run.err, cases[i].err);
        assert_string_equal(run.out, "");
        command_fini(&run);
    }
}

TEST(an_answer_that_is_no_json_is_said)
{
    struct command_setup setup = {
        ANSWERS({.status = 200, .body = "hello", .type = "text/plain"})};
    struct command_run run;

    command_do(&run, &setup, "cert", "list");
    assert_int_equal(run.exit, CLI_FAILED);
    assert_string_equal(run.err,
                        "rouse: the answer is not JSON; is this roused?\n");
    command_fini(&run);
}

TEST(an_answer_that_is_cut_off_is_a_failure)
{
    struct command_setup setup = {
        ANSWERS({.status = 200, .body = "{\"pushcerts\":[]}", .is_cut = true})};
    struct command_run run;

    command_do(&run, &setup, "cert", "list");
    assert_int_equal(run.exit, CLI_FAILED);
    assert_non_null(strstr(run.err, "no answer from roused"));
    command_fini(&run);
}

TEST(a_key_goes_along_as_bearer)
{
    struct command_setup setup = {
        ANSWERS({.status = 200, .body = "{\"pushcerts\":[]}"})};
    struct command_run run;

    command_do(&run, &setup, "--key", "rouse_1_abc", "cert", "list");
    assert_int_equal(run.exit, CLI_DONE);
    assert_non_null(
        strstr(run.requests[0].headers, "Authorization: Bearer rouse_1_abc\n"));
    command_fini(&run);

    setenv("ROUSE_KEY", "rouse_2_def", 1);
    command_do(&run, &setup, "cert", "list");
    unsetenv("ROUSE_KEY");
    assert_non_null(
        strstr(run.requests[0].headers, "Authorization: Bearer rouse_2_def\n"));
    command_fini(&run);

    command_do(&run, &setup, "cert", "list");
    assert_null(strstr(run.requests[0].headers, "Authorization"));
    command_fini(&run);
}

TEST(a_key_that_would_break_the_request_is_refused)
{
    struct command_setup setup = {0};
    struct command_run run;

    command_do(&run, &setup, "--key", "a\r\nX-Evil: 1", "cert", "list");
    assert_int_equal(run.exit, CLI_USAGE);
    assert_string_equal(
        run.err, "rouse: a key must be printable ASCII without spaces\n");
    command_fini(&run);
}

TEST(wrong_usage_ends_with_two)
{
    static const struct {
        const char *words[8];
        const char *err;
    } cases[] = {
        {{NULL}, "no command given; see rouse --help"},
        {{"frob"}, "unknown command frob; see rouse --help"},
        {{"cert"}, "rouse cert needs a subcommand; see rouse cert --help"},
        {{"cert", "frob"}, "unknown command cert frob; see rouse cert --help"},
        {{"cert", "remove"},
         "an argument is missing; usage: rouse cert remove TOPIC"},
        {{"cert", "remove", "a", "b"},
         "too many arguments; usage: rouse cert remove TOPIC"},
        {{"cert", "vendor"},
         "rouse cert vendor needs a subcommand; see rouse cert vendor --help"},
        {{"cert", "vendor", "frob"},
         "unknown command cert vendor frob; see rouse cert vendor --help"},
        {{"cert", "vendor", "put"},
         "an argument is missing; usage: rouse cert vendor put FILE..."},
        {{"cert", "requests", "x"},
         "too many arguments; usage: rouse cert requests"},
        {{"cert", "list", "--all"},
         "--all is not an option of rouse cert list; see its --help"},
        {{"status", "--url", "ftp://x"},
         "--url must begin with http:// or https://"},
        {{"status", "--url", "http://x", "--socket", "/y"},
         "give --socket or --url, not both"},
        {{"wave", "show", "x"}, "x is not a wave number; see rouse wave list"},
        {{"key", "revoke", "-1"},
         "unknown option -1; see rouse key revoke --help"},
        {{"wake", "--al"}, "unknown option --al; see rouse wake --help"},
        {{"--al"}, "unknown option --al; see rouse --help"},
        {{"key", "revoke", "1x"}, "1x is not a key number; see rouse key list"},
        {{"events", "--after", "x"}, "--after: x is not an event number"},
        {{"key", "create", "ci"},
         "--verbs is needed: read, checkin, wake, enrollments, export, "
         "pushcert, admin"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct command_setup setup = {0};
        struct command_run run;
        char err[512];

        command_run(&run, &setup, cases[i].words);
        snprintf(err, sizeof err, "rouse: %s\n", cases[i].err);
        assert_string_equal(run.err, err);
        assert_int_equal(run.exit, CLI_USAGE);
        assert_string_equal(run.out, "");
        command_fini(&run);
    }
}

static void
assert_narrow(const char *text, const char *what)
{
    for (const char *line = text; *line != '\0';) {
        size_t len = strcspn(line, "\n");

        if (len > 80)
            fail_msg("%s: over 80 columns: %.*s", what, (int)len, line);
        line += len + (line[len] == '\n');
    }
}

TEST(help_fits_into_80_columns)
{
    struct command_setup setup = {0};
    const struct cli_command *command;
    struct command_run run;

    command_do(&run, &setup, "--help");
    assert_narrow(run.out, "rouse");
    command_fini(&run);
    for (size_t i = 0; (command = cli_commands_at(i)) != NULL; i++) {
        const char *words[8] = {NULL};
        char *name = strdup(command->name);
        char *save = NULL;
        size_t n = 0;

        for (char *word = strtok_r(name, " ", &save); word != NULL;
             word = strtok_r(NULL, " ", &save))
            words[n++] = word;
        words[n] = "--help";
        command_run(&run, &setup, words);
        assert_int_equal(run.exit, CLI_DONE);
        assert_narrow(run.out, command->name);
        command_fini(&run);
        free(name);
    }
}

TEST(help_needs_no_daemon)
{
    struct command_setup setup = {0};
    struct command_run run;

    command_do(&run, &setup, "--help");
    assert_int_equal(run.exit, CLI_DONE);
    assert_non_null(strstr(run.out, "  enrollment export "));
    command_fini(&run);
    command_do(&run, &setup, "wave", "--help");
    assert_int_equal(run.exit, CLI_DONE);
    assert_non_null(strstr(run.out, "  wave cancel "));
    assert_null(strstr(run.out, "  cert list "));
    command_fini(&run);
    command_do(&run, &setup, "wake", "--help");
    assert_int_equal(run.exit, CLI_DONE);
    assert_non_null(strstr(run.out, "--silent-for SPAN"));
    command_fini(&run);
    command_do(&run, &setup, "--version");
    assert_string_equal(run.out, "rouse " ROUSE_VERSION "\n");
    command_fini(&run);
}
