/* SPDX-License-Identifier: MIT */

/*
 * Limits of the API: too much, too slow, malformed.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api_stage.h"

#include <poll.h>

#include "tests/e2e/e2e_stage.h"
#include "tests/support/http_raw.h"
#include "tests/support/unit.h"

#define CHUNKED "Transfer-Encoding: chunked"

static int
set_up_with(void **state, const char *timeout_s)
{
    const char *const options[] = {
        "--timeout-s",       timeout_s, "--listen", "127.0.0.1:0",
        "--max-connections", "8",       NULL};

    *state = api_stage_new(options);
    return 0;
}

static int
set_up(void **state)
{
    return set_up_with(state, "600");
}

static int
set_up_hasty(void **state)
{
    return set_up_with(state, "2");
}

EACH(set_up, api_stage_tear_down);

static char *
make_body(size_t len)
{
    char *body = malloc(len + 1);

    assert_non_null(body);
    memset(body, ' ', len);
    body[len] = '\0';
    return body;
}

static void
expect_too_large(struct api_stage *stage, const char *method, const char *path,
                 size_t max)
{
    char limit[32];
    char *body = make_body(max + 1);

    snprintf(limit, sizeof limit, "%zu bytes", max);
    api_stage_refuse(stage, method, path, body, 413, "too_large", limit);
    free(body);
}

TEST(oversize_bodies_are_refused_with_their_limit)
{
    struct api_stage *stage = *state;

    expect_too_large(stage, "PUT", "/v1/checkin", 1024 * 1024);
    expect_too_large(stage, "POST", "/v1/wakes", 1024 * 1024);
    /* in JSON, where base64 makes it longer; and as it is */
    expect_too_large(stage, "PUT", "/v1/pushcerts", 1536 * 1024);
    expect_too_large(stage, "PUT", "/v1/pushcerts", 1024 * 1024);
    expect_too_large(stage, "PUT", "/v1/pushcert", 64 * 1024);
    expect_too_large(stage, "POST", "/v1/webhook", 1536 * 1024);
}

TEST(a_body_of_just_the_limit_is_taken)
{
    struct api_stage *stage = *state;
    char *body = make_body(1024 * 1024);

    memcpy(body, "{\"ids\":[\"A\"]}", 13);
    daemon_proc_do(stage->daemon, "POST", "/v1/wakes", body, 202);
    free(body);
}

/* One whose length is not announced is counted as it comes. */
TEST(oversize_chunks_are_refused_too)
{
    struct api_stage *stage = *state;
    int fd = http_raw_open(stage->daemon->socket, 0);
    char *chunk = make_body(65536);
    char *answer;

    http_raw_say(fd, "PUT /v1/pushcert HTTP/1.1\r\nHost: x\r\nConnection: "
                     "close\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 2; i++) {
        http_raw_say(fd, "10000\r\n");
        http_raw_write(fd, chunk, 65536);
        http_raw_say(fd, "\r\n");
    }
    http_raw_say(fd, "0\r\n\r\n");
    answer = http_raw_read(fd);
    assert_memory_equal(answer, "HTTP/1.1 413 ", 13);
    free(answer);
    free(chunk);
}

TEST(a_client_that_asks_first_is_told_before_it_sends)
{
    struct api_stage *stage = *state;
    int fd = http_raw_open(stage->daemon->socket, 0);
    char *answer;

    http_raw_say(fd, "PUT /v1/checkin HTTP/1.1\r\nHost: x\r\nExpect: "
                     "100-continue\r\nContent-Length: 99999999\r\n\r\n");
    answer = http_raw_read(fd);
    assert_memory_equal(answer, "HTTP/1.1 413 ", 13);
    free(answer);
}

TEST(wrong_types_and_lengths_are_refused)
{
    struct api_stage *stage = *state;
    int fd = http_raw_open(stage->daemon->socket, 0);
    char *answer;

    api_stage_expect(stage, "POST", "/v1/wakes", "text/plain", "{}", 415, NULL);
    api_stage_expect(stage, "POST", "/v1/wakes",
                     "application/json; charset=utf-8", "{\"ids\":[\"A\"]}",
                     202, NULL);
    http_raw_say(fd, "POST /v1/wakes HTTP/1.1\r\nHost: x\r\nConnection: "
                     "close\r\n\r\n");
    answer = http_raw_read(fd);
    assert_memory_equal(answer, "HTTP/1.1 411 ", 13);
    free(answer);
}

TEST(unknown_paths_and_methods_are_refused)
{
    struct api_stage *stage = *state;
    struct http_answer answer;
    char *allow;

    api_stage_refuse(stage, "GET", "/v1/nothing", NULL, 404, "not_found", "");
    api_stage_refuse(stage, "GET", "/", NULL, 404, "not_found", "");
    daemon_proc_send(stage->daemon, "PATCH", "/v1/enrollments/A", NULL, NULL,
                     &answer);
    assert_int_equal(answer.status, 405);
    allow = http_call_header(&answer, "Allow");
    assert_string_equal(allow, "GET, HEAD, PUT, DELETE");
    free(allow);
    http_call_free(&answer);
    daemon_proc_send(stage->daemon, "HEAD", "/v1/status", NULL, NULL, &answer);
    assert_int_equal(answer.status, 200);
    assert_int_equal(answer.body_len, 0);
    http_call_free(&answer);
}

TEST(a_path_too_long_for_a_single_id_is_414)
{
    struct api_stage *stage = *state;
    int fd = http_raw_open(stage->daemon->socket, 0);
    char *path = make_body(64 * 1024);
    char *answer;

    memset(path, 'x', 64 * 1024);
    http_raw_say(fd, "GET /v1/enrollments/");
    http_raw_say(fd, path);
    http_raw_say(fd, " HTTP/1.1\r\nHost: x\r\n\r\n");
    answer = http_raw_read(fd);
    assert_memory_equal(answer, "HTTP/1.1 414 ", 13);
    free(answer);
    free(path);
}

TEST_WITH(what_is_no_http_is_refused, set_up_hasty, api_stage_tear_down)
{
    struct api_stage *stage = *state;
    static const char *const wrong[] = {
        "\r\n\r\n\r\n",
        "NONSENSE\r\n\r\n",
        "GET /version HTTP/1.1\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        "PUT /v1/checkin HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        ("PUT /v1/checkin HTTP/1.1\r\nHost: x\r\n" CHUNKED "\r\n\r\nzz\r\n"),
    };

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        int fd = http_raw_open(stage->daemon->socket, 0);
        char *answer;

        http_raw_say(fd, wrong[i]);
        answer = http_raw_read(fd);
        if (strstr(answer, " 200 ") != NULL)
            fail_msg("\"%s\" was answered: %s", wrong[i], answer);
        free(answer);
    }
    daemon_proc_do(stage->daemon, "GET", "/healthz", NULL, 200);
}

TEST_WITH(slow_clients_are_cut_off_while_others_are_served, set_up_hasty,
          api_stage_tear_down)
{
    struct api_stage *stage = *state;
    int silent = http_raw_open(stage->daemon->socket, 0);
    int in_header = http_raw_open(stage->daemon->socket, 0);
    int in_body = http_raw_open(stage->daemon->socket, 0);
    char *answer;

    http_raw_say(in_header, "GET /version HT");
    http_raw_say(in_body, "PUT /v1/checkin HTTP/1.1\r\nHost: x\r\n"
                          "Content-Length: 10\r\n\r\nabc");
    daemon_proc_do(stage->daemon, "GET", "/healthz", NULL, 200);
    answer = http_raw_read(silent);
    assert_string_equal(answer, "");
    free(answer);
    answer = http_raw_read(in_header);
    assert_null(strstr(answer, " 200 "));
    free(answer);
    answer = http_raw_read(in_body);
    assert_null(strstr(answer, " 200 "));
    free(answer);
    daemon_proc_do(stage->daemon, "GET", "/healthz", NULL, 200);
}

/* Each byte comes in time, the body never. */
TEST_WITH(a_body_that_trickles_is_cut_off, set_up_hasty, api_stage_tear_down)
{
    struct api_stage *stage = *state;
    int fd = http_raw_open(stage->daemon->socket, 0);
    struct pollfd closed = {.fd = fd, .events = POLLIN};
    int64_t began_ms = e2e_stage_now();

    http_raw_say(fd, "PUT /v1/checkin HTTP/1.1\r\nHost: x\r\n"
                     "Content-Length: 1000\r\n\r\n");
    while (poll(&closed, 1, 200) == 0) {
        http_raw_say(fd, "x");
        e2e_stage_pause(began_ms, "the end");
    }
    assert_true(e2e_stage_now() - began_ms >= 1900);
    free(http_raw_read(fd));
}

/* Those beyond the limit wait in the backlog until others end. */
TEST(more_connections_than_the_limit_wait_their_turn)
{
    struct api_stage *stage = *state;
    int fds[12];

    for (size_t i = 0; i < 12; i++)
        fds[i] = http_raw_open(NULL, stage->daemon->port);
    for (size_t i = 0; i < 12; i++)
        http_raw_say(fds[i], "GET /version HTTP/1.1\r\nHost: x\r\n"
                             "Connection: close\r\n\r\n");
    for (size_t i = 0; i < 12; i++) {
        char *answer = http_raw_read(fds[i]);

        if (strstr(answer, " 200 OK") == NULL)
            fail_msg("connection %zu: \"%s\"", i, answer);
        free(answer);
    }
}
