/* SPDX-License-Identifier: MIT */

/*
 * The courier and commands, good and bad.
 */

#include <ev.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "server/courier/courier.h"
#include "server/courier/parcel.h"
#include "store/store.h"
#include "tests/courier/office.h"
#include "tests/support/hook_server.h"
#include "tests/support/pki_make.h"
#include "tests/support/sim_proc.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unit.h"

/*
 * The command.
 */

static void
use_command(struct office *office, const char *command)
{
    office->config.webhook_url = NULL;
    office->config.command = command;
    office_open(office);
}

EACH(office_prepare, office_clear);
ALL(office_ignore_pipe, NULL);

TEST(a_command_gets_the_alert_on_its_input)
{
    struct office *office = *state;
    char *path = temp_dir_path(office->dir, "got");
    char command[512];
    char *got;

    snprintf(command, sizeof command, "cat >'%s'", path);
    use_command(office, command);
    office_tell(office, "it's \\ \"quoted\" $HOME `id`");
    office_turn(office, office_is_delivered);
    office_await_empty(office, COURIER_COMMAND);
    got = temp_dir_read(path, NULL);
    assert_non_null(
        strstr(got, "\"text\":\"it's \\\\ \\\"quoted\\\" $HOME `id`\""));
    free(got);
    free(path);
}

/* Its killing was asked for; when it comes about is the kernel's affair. */
static void
await_end(pid_t pid)
{
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd ended = {.fd = fd, .events = POLLIN};

    if (fd < 0)
        return; /* gone already */
    if (poll(&ended, 1, OFFICE_PATIENCE_S * 1000) != 1)
        fail_msg("process %d runs on", (int)pid);
    close(fd);
}

static bool
has_held_up_nothing(struct office *office)
{
    return office->n_pulses >= OFFICE_PULSES;
}

TEST(a_command_that_hangs_holds_up_nothing)
{
    struct office *office = *state;

    use_command(office, "sleep 300");
    office_tell(office, "first");
    office_turn(office, has_held_up_nothing);
    assert_string_equal(office->log, "");
}

TEST(a_command_that_hangs_is_killed_with_its_children)
{
    struct office *office = *state;
    char *path = temp_dir_path(office->dir, "pid");
    char command[512];
    char *text;
    pid_t child;

    snprintf(command, sizeof command,
             "trap '' TERM; sleep 300 & echo $! >'%s'; wait", path);
    office->config.timeout_s = 8; /* it has said its number by then */
    use_command(office, command);
    office_tell(office, "first");
    office_turn(office, office_has_failed);
    assert_non_null(strstr(office->log, "was killed"));
    text = temp_dir_read(path, NULL);
    child = (pid_t)strtol(text, NULL, 10);
    assert_true(child > 1);
    await_end(child);
    free(text);
    free(path);
}

TEST(a_command_that_fails_is_run_again)
{
    struct office *office = *state;

    use_command(office, "exit 3");
    office_tell(office, "first");
    office_turn(office, office_has_failed);
    assert_non_null(strstr(office->log, "ended with status 3"));
    office_look(office, COURIER_COMMAND);
    assert_int_equal(office->attempt, 1);
}

TEST(a_command_that_reads_nothing_is_fine)
{
    struct office *office = *state;

    use_command(office, "true");
    office_tell(office, "first");
    office_turn(office, office_is_delivered);
}
