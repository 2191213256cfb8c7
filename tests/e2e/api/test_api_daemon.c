/* SPDX-License-Identifier: MIT */

/*
 * The daemon itself: start, refusal to start, reload, drain, restart.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api_stage.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "tests/support/http_raw.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unit.h"

#define TOKEN                          \
    "cccccccccccccccccccccccccccccccc" \
    "cccccccccccccccccccccccccccccccc"

EACH(api_stage_set_up, api_stage_tear_down);

static void
expect_no_start(const char *const options[], int status, const char *part)
{
    const char *argv[16] = {DAEMON_PROC_PROGRAM};
    char *err;
    size_t n = 1;

    for (; options[n - 1] != NULL; n++)
        argv[n] = options[n - 1];
    assert_int_equal(child_run(argv, NULL, &err), status);
    if (strstr(err, part) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err, part);
    free(err);
}

TEST(a_second_daemon_on_the_same_state_is_refused)
{
    struct api_stage *stage = *state;
    char *socket = temp_dir_path(stage->daemon->dir, "second.sock");
    const char *const options[] = {"--state-dir", stage->daemon->state_dir,
                                   "--socket", socket, NULL};

    expect_no_start(options, 1, "is in use by process");
    daemon_proc_do(stage->daemon, "GET", "/healthz", NULL, 200);
    free(socket);
}

TEST(a_socket_that_is_answered_is_not_taken_away)
{
    struct api_stage *stage = *state;
    char *dir = temp_dir_path(stage->daemon->dir, "second");
    const char *const options[] = {"--state-dir", dir, "--socket",
                                   stage->daemon->socket, NULL};

    expect_no_start(options, 1, "another process answers on");
    daemon_proc_do(stage->daemon, "GET", "/healthz", NULL, 200);
    free(dir);
}

TEST(a_socket_in_no_directory_says_what_to_make)
{
    struct api_stage *stage = *state;
    char *dir = temp_dir_path(stage->daemon->dir, "second");
    char *socket = temp_dir_path(stage->daemon->dir, "none/rouse.sock");
    const char *const options[] = {"--state-dir", dir, "--socket", socket,
                                   NULL};

    expect_no_start(options, 1, "its directory does not exist; create it");
    free(socket);
    free(dir);
}

TEST(addresses_beyond_loopback_need_a_tls_proxy)
{
    struct api_stage *stage = *state;
    char *dir = temp_dir_path(stage->daemon->dir, "second");
    char *socket = temp_dir_path(stage->daemon->dir, "second.sock");
    const char *const open[] = {"--state-dir", dir,         "--socket", socket,
                                "--listen",    "0.0.0.0:0", NULL};
    const char *const wrong[] = {"--state-dir", dir,        "--socket",
                                 socket,        "--listen", "example.com:80",
                                 NULL};

    expect_no_start(open, 1, "--behind-tls-proxy");
    expect_no_start(wrong, 1, "is not ADDRESS:PORT");
    free(socket);
    free(dir);
}

TEST_WITH(wrong_options_are_refused_before_anything_starts, NULL, NULL)
{
    const char *const unknown[] = {"--frobnicate", NULL};
    const char *const limit[] = {"--window", "0", NULL};

    expect_no_start(unknown, 2, "--frobnicate");
    expect_no_start(limit, 2, "--window must be a number from 1 to 65536");
}

TEST(a_stale_socket_is_replaced_after_a_kill)
{
    struct api_stage *stage = *state;

    api_stage_enroll(stage, "A", API_STAGE_TOPIC, TOKEN);
    daemon_proc_kill(stage->daemon);
    daemon_proc_again(stage->daemon);
    daemon_proc_do(stage->daemon, "GET", "/v1/enrollments/A", NULL, 200);
}

TEST(a_term_lets_a_push_in_flight_end)
{
    struct api_stage *stage = *state;
    int fd;
    char *answer;

    api_stage_enroll(stage, "A", API_STAGE_TOPIC, TOKEN);
    sim_proc_tell(stage->sim, "hold");
    fd = http_raw_open(stage->daemon->socket, 0);
    http_raw_say(fd, "GET /v1/push/A HTTP/1.1\r\nHost: x\r\n\r\n");
    api_stage_await_flight(stage, 1);
    api_stage_await_sim(stage, "pushes", 1);
    child_signal(&stage->daemon->child, SIGTERM);
    daemon_proc_await(stage->daemon, "event=stopping");
    sim_proc_tell(stage->sim, "release");
    daemon_proc_await(stage->daemon, "event=drained");
    answer = http_raw_read(fd);
    assert_memory_equal(answer, "HTTP/1.1 200 ", 13);
    assert_non_null(strstr(answer, "push_result"));
    free(answer);
    assert_int_equal(child_wait(&stage->daemon->child), 0);
    assert_int_equal(sim_proc_accepted(stage->sim, TOKEN), 1);
}

/* Nothing is in flight, and the client is still in the middle. */
TEST(a_term_lets_an_import_end)
{
    struct api_stage *stage = *state;
    int fd = http_raw_open(stage->daemon->socket, 0);
    char line[160], size[16];
    char *answer;
    size_t len =
        (size_t)snprintf(line, sizeof line,
                         "{\"id\":\"A\",\"topic\":\"t\",\"token\":\"%s\","
                         "\"push_magic\":\"m\"}\n",
                         TOKEN);

    http_raw_say(fd, "POST /v1/enrollments HTTP/1.1\r\nHost: x\r\n"
                     "Content-Type: application/x-ndjson\r\n"
                     "Expect: 100-continue\r\n"
                     "Transfer-Encoding: chunked\r\n\r\n");
    assert_int_equal(recv(fd, &(char){0}, 1, MSG_PEEK), 1);
    child_signal(&stage->daemon->child, SIGTERM);
    daemon_proc_await(stage->daemon, "event=stopping");
    snprintf(size, sizeof size, "%zx\r\n", len);
    http_raw_say(fd, size);
    http_raw_say(fd, line);
    http_raw_say(fd, "\r\n0\r\n\r\n");
    answer = http_raw_read(fd);
    assert_non_null(strstr(answer, "\"imported\":1,"));
    free(answer);
    daemon_proc_await(stage->daemon, "event=drained");
    assert_int_equal(child_wait(&stage->daemon->child), 0);
}

TEST(a_second_term_ends_it_at_once)
{
    struct api_stage *stage = *state;

    api_stage_enroll(stage, "A", API_STAGE_TOPIC, TOKEN);
    sim_proc_tell(stage->sim, "stall");
    daemon_proc_do(stage->daemon, "POST", "/v1/wakes", "{\"ids\":[\"A\"]}",
                   202);
    api_stage_await_sim(stage, "pushes", 1); /* else it is recalled */
    child_signal(&stage->daemon->child, SIGTERM);
    daemon_proc_await(stage->daemon, "event=stopping");
    child_signal(&stage->daemon->child, SIGTERM);
    daemon_proc_await(stage->daemon, "event=stopping_at_once");
    assert_int_equal(child_wait(&stage->daemon->child), 0);
}

TEST(a_wake_that_was_not_answered_is_sent_after_the_restart)
{
    struct api_stage *stage = *state;

    api_stage_enroll(stage, "A", API_STAGE_TOPIC, TOKEN);
    sim_proc_tell(stage->sim, "stall");
    daemon_proc_do(stage->daemon, "POST", "/v1/wakes", "{\"ids\":[\"A\"]}",
                   202);
    daemon_proc_kill(stage->daemon);
    sim_proc_tell(stage->sim, "reset-faults");
    daemon_proc_again(stage->daemon);
    api_stage_await_sim(stage, "accepted", 1);
    assert_int_equal(sim_proc_accepted(stage->sim, TOKEN), 1);
}

TEST_WITH(a_hup_takes_over_what_may_change, NULL, NULL)
{
    char *dir = temp_dir_new();
    char *file = temp_dir_path(dir, "roused.ini");
    const char *const options[] = {"--config", file, NULL};
    struct api_stage *stage;

    temp_dir_write(file, "[pace]\npace = 100\n");
    stage = api_stage_new(options);
    temp_dir_write(file, "[pace]\npace = 50\n[daemon]\ntimeout_s = 9\n");
    child_signal(&stage->daemon->child, SIGHUP);
    daemon_proc_await(stage->daemon, "event=reload_done");
    assert_non_null(strstr(stage->daemon->log,
                           "event=needs_restart section=daemon key=timeout_s"));
    assert_non_null(
        strstr(stage->daemon->log, "event=reloaded section=pace key=pace"));
    temp_dir_write(file, "[pace]\npace = fast\n");
    child_signal(&stage->daemon->child, SIGHUP);
    daemon_proc_await(stage->daemon, "event=reload_refused");
    daemon_proc_do(stage->daemon, "GET", "/healthz", NULL, 200);
    api_stage_free(stage);
    free(file);
    temp_dir_free(dir);
}

TEST_WITH(a_hup_makes_a_removed_socket_again, NULL, NULL)
{
    struct api_stage *stage = api_stage_new(NULL);

    assert_int_equal(unlink(stage->daemon->socket), 0);
    child_signal(&stage->daemon->child, SIGHUP);
    daemon_proc_await(stage->daemon, "event=socket_made_again");
    daemon_proc_do(stage->daemon, "GET", "/healthz", NULL, 200);
    child_signal(&stage->daemon->child, SIGHUP);
    daemon_proc_await(stage->daemon, "event=reload_done");
    daemon_proc_do(stage->daemon, "GET", "/healthz", NULL, 200);
    api_stage_free(stage);
}

/* Started with the usual soft limit: it takes what the hard one allows. */
TEST_WITH(it_takes_the_descriptors_that_it_may_have, NULL, NULL)
{
    struct rlimit ours;
    struct rlimit usual;
    struct rlimit its;
    struct api_stage *stage;

    assert_int_equal(getrlimit(RLIMIT_NOFILE, &ours), 0);
    usual = ours;
    if (usual.rlim_cur > 1024)
        usual.rlim_cur = 1024;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual), 0);
    stage = api_stage_new(NULL);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &ours), 0);
    assert_int_equal(
        prlimit(stage->daemon->child.pid, RLIMIT_NOFILE, NULL, &its), 0);
    assert_true(its.rlim_cur == its.rlim_max || its.rlim_cur >= 65536);
    api_stage_free(stage);
}
