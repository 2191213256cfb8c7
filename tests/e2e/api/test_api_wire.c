/* SPDX-License-Identifier: MIT */

/*
 * HTTP as bytes: what no proper client sends, and what some do send.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api_stage.h"
#include "raw_check.h"
#include "tests/e2e/e2e_stage.h"
#include "tests/support/http_raw.h"
#include "tests/support/unit.h"

#define VERSION "GET /version HTTP/1.1\r\n"
#define HOST    "Host: x\r\n"
#define CLOSE   "Connection: close\r\n"

static int
set_up_with(void **state, const char *timeout_s)
{
    const char *const options[] = {"--timeout-s", timeout_s, "--listen",
                                   "127.0.0.1:0", NULL};

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
ask_raw(struct api_stage *stage, bool is_tcp, const char *bytes, size_t len)
{
    int fd = http_raw_open(is_tcp ? NULL : stage->daemon->socket,
                           stage->daemon->port);

    http_raw_write(fd, bytes, len);
    return http_raw_read(fd);
}

struct wrong {
    const char *bytes;
    size_t len;
    int status;
    const char *part;
};

#define WRONG(text, status, part)              \
    {                                          \
        "" text, sizeof text - 1, status, part \
    }

TEST(errors_in_a_head_are_json_once)
{
    static const struct wrong wrongs[] = {
        WRONG(VERSION "\r\n", 400, "Host"),
        WRONG("NONSENSE\r\n\r\n", 400, "request line"),
        WRONG("\x16\x03\x01\x02", 400, "TLS"),
        WRONG("GET /version HTTP/2.0\r\n\r\n", 505, "HTTP/1.1"),
        WRONG(VERSION "Host: x\n\r\n", 400, "LF"),
        WRONG(VERSION HOST "X: a\rY: b\r\n\r\n", 400, "control"),
        WRONG(VERSION HOST "X: a\0b\r\n\r\n", 400, "control"),
        WRONG(VERSION HOST "X: a\r\n b\r\n\r\n", 400, "folded over two lines"),
        WRONG(VERSION HOST HOST "\r\n", 400, "two Host"),
        WRONG(VERSION HOST "Authorization: Bearer a\r\n"
                           "Authorization: Bearer b\r\n\r\n",
              400, "two Authorization"),
        WRONG("PUT /v1/checkin HTTP/1.1\r\n" HOST "Content-Length: 14\r\n"
              "Content-Length: 90\r\n\r\n",
              400, "two Content-Length"),
        WRONG("PUT /v1/checkin HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n",
              400, "Content-Length"),
        WRONG("PUT /v1/checkin HTTP/1.1\r\n" HOST
              "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
              400, "exclude"),
        WRONG("PUT /v1/checkin HTTP/1.1\r\n" HOST
              "Transfer-Encoding: gzip\r\n\r\n",
              501, "chunked"),
        WRONG("PUT /v1/checkin HTTP/1.1\r\n" HOST "Expect: x\r\n\r\n", 417,
              "100-continue"),
        WRONG(VERSION HOST "Sec-Fetch-Site: cross-site\r\n" CLOSE "\r\n", 403,
              "cross_site"),
        WRONG(VERSION HOST "Origin: http://evil\r\n" CLOSE "\r\n", 403,
              "cross_site"),
    };
    struct api_stage *stage = *state;

    for (size_t i = 0; i < 2 * sizeof wrongs / sizeof wrongs[0]; i++) {
        const struct wrong *wrong = &wrongs[i / 2];
        char *answer = ask_raw(stage, i % 2 == 1, wrong->bytes, wrong->len);

        raw_check_error(answer, wrong->status, wrong->part);
        free(answer);
    }
}

TEST(what_is_right_beside_it_is_served)
{
    static const char *const right[] = {
        VERSION HOST "Sec-Fetch-Site: same-origin\r\n" CLOSE "\r\n",
        VERSION HOST "Origin: http://x\r\n" CLOSE "\r\n",
        "\r\n" VERSION HOST CLOSE "\r\n",
        "GET /version HTTP/1.0\r\n\r\n",
        "GET http://x/version HTTP/1.1\r\n" HOST CLOSE "\r\n",
    };
    struct api_stage *stage = *state;

    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
        char *answer = ask_raw(stage, true, right[i], strlen(right[i]));

        if (strncmp(answer, "HTTP/1.1 200 OK\r\n", 17) != 0)
            fail_msg("%s: %s", right[i], answer);
        free(answer);
    }
}

TEST(a_coded_body_is_415)
{
    struct api_stage *stage = *state;
    const char *const headers[] = {"Content-Type: application/json",
                                   "Content-Encoding: br", NULL};
    const char *const plain[] = {"Content-Type: application/json",
                                 "Content-Encoding: identity", NULL};
    struct http_call call = {.socket = stage->daemon->socket,
                             .method = "POST",
                             .path = "/v1/wakes",
                             .headers = headers,
                             .body = "{\"ids\":[\"A\"]}"};
    struct http_answer answer;

    http_call_send(&call, &answer);
    assert_int_equal(answer.status, 415);
    assert_non_null(strstr(answer.body, "Content-Encoding"));
    http_call_free(&answer);
    call.headers = plain;
    http_call_send(&call, &answer);
    assert_int_equal(answer.status, 202);
    http_call_free(&answer);
}

TEST(many_query_parameters_get_an_answer)
{
    struct api_stage *stage = *state;
    char path[8192] = "/v1/enrollments?";

    for (int i = 0; i < 1000; i++)
        strncat(path, "limit&", sizeof path - strlen(path) - 1);
    api_stage_refuse(stage, "GET", path, NULL, 400, "invalid",
                     "64 query parameters");
}

TEST(values_out_of_range_are_named_with_their_limit)
{
    struct api_stage *stage = *state;

    api_stage_refuse(stage, "GET", "/v1/enrollments?silent_for_s=4294967294",
                     NULL, 400, "invalid",
                     "silent_for_s must be a number from 0 to 632448000");
    api_stage_refuse(stage, "POST", "/v1/waves",
                     "{\"filter\":{\"silent_for_s\":4294967294}}", 400,
                     "invalid", "silent_for_s must be 0 to 632448000");
    daemon_proc_do(stage->daemon, "GET",
                   "/v1/enrollments?silent_for_s=632448000", NULL, 200);
}

TEST(names_are_clean)
{
    struct api_stage *stage = *state;

    api_stage_refuse(stage, "POST", "/v1/keys",
                     "{\"name\":\"a\\u202eb\",\"verbs\":[\"read\"]}", 400,
                     "invalid", "name contains");
    api_stage_refuse(stage, "POST", "/v1/keys",
                     "{\"name\":\"a\\nb\",\"verbs\":[\"read\"]}", 400,
                     "invalid", "name contains a control character");
    api_stage_refuse(stage, "POST", "/v1/groups", "{\"path\":\"a\\u009b\"}",
                     400, "invalid", "path contains a control character");
    api_stage_refuse(stage, "PUT", "/v1/groups/a%E2%80%AEb", "{}", 400,
                     "invalid", "path contains");
    api_stage_refuse(stage, "POST", "/v1/groups",
                     "{\"path\":\"a\",\"topic\":\"t\\u202e\"}", 400, "invalid",
                     "topic contains");
    api_stage_refuse(stage, "PUT", "/v1/enrollments/a",
                     "{\"topic\":\"t\\u001b\"}", 400, "invalid",
                     "topic contains");
    api_stage_refuse(stage, "POST", "/v1/keys",
                     "{\"name\":\"a\",\"verbs\":[\"read\"],\"topic\":\"t\\n\"}",
                     400, "invalid", "topic contains a control character");
    api_stage_refuse(stage, "PUT", "/v1/enrollments/a%C2%9B", "{}", 400,
                     "invalid", "id contains a control character");
}

/* Whatever has been asked on the connection before. */
TEST(long_paths_are_taken_on_any_connection)
{
    struct api_stage *stage = *state;
    int fd = http_raw_open(NULL, stage->daemon->port);
    char *key = strdup("");
    json_t *json =
        daemon_proc_json(stage->daemon, "POST", "/v1/keys",
                         "{\"name\":\"n\",\"verbs\":[\"wake\"]}", 201);
    char *answer;

    free(key);
    key = strdup(api_stage_text(json, "key"));
    json_decref(json);
    for (int part = 0; part < 3; part++) {
        http_raw_say(fd, part == 0   ? VERSION HOST "\r\n"
                         : part == 1 ? "PATCH /v1/push/"
                                     : "GET /v1/push/");
        for (int i = 0; i < 1700 && part > 0; i++) {
            char id[64];

            snprintf(id, sizeof id, "%s99385AF6-44CB-5621-A678-%012d",
                     i == 0 ? "" : ",", i + part * 1000000);
            http_raw_say(fd, id);
        }
        if (part == 0)
            continue;
        http_raw_say(fd, " HTTP/1.1\r\n" HOST "Authorization: Bearer ");
        http_raw_say(fd, key);
        http_raw_say(fd, part == 1 ? "\r\n\r\n" : "\r\n" CLOSE "\r\n");
    }
    answer = http_raw_read(fd);
    assert_non_null(strstr(answer, "HTTP/1.1 200 OK"));
    assert_non_null(strstr(answer, "A678-000001001699\": {"));
    assert_non_null(strstr(answer, "A678-000002001699\": {"));
    assert_null(strstr(answer, "HTTP/1.1 4"));
    free(answer);
    free(key);
}

/* The client that writes all of it first sees the answer as well. */
TEST(a_path_too_long_is_told_where_to_go)
{
    struct api_stage *stage = *state;
    size_t len = 1024 * 1024;
    char *path = malloc(len + 1);

    assert_non_null(path);
    memset(path, 'x', len);
    path[len] = '\0';
    for (int i = 0; i < 2; i++) {
        int fd = http_raw_open(i == 0 ? NULL : stage->daemon->socket,
                               stage->daemon->port);
        char *answer;

        http_raw_say(fd, "GET /v1/push/");
        http_raw_say(fd, path);
        http_raw_say(fd, " HTTP/1.1\r\n" HOST "\r\n");
        answer = http_raw_read(fd);
        raw_check_error(answer, 414, "POST /v1/wakes");
        free(answer);
    }
    free(path);
}

/* printf | nc: it has said all, and still listens. */
TEST(a_client_that_shuts_its_side_gets_its_answer)
{
    struct api_stage *stage = *state;
    char token[65];

    api_stage_token(1, token);
    api_stage_enroll(stage, "A", API_STAGE_TOPIC, token);
    sim_proc_tell(stage->sim, "hold");
    for (int i = 0; i < 2; i++) {
        int fd = http_raw_open(i == 0 ? NULL : stage->daemon->socket,
                               stage->daemon->port);
        char *answer;

        http_raw_say(fd, i == 0 ? VERSION HOST "\r\n"
                                : "GET /v1/push/A HTTP/1.1\r\n" HOST "\r\n");
        assert_int_equal(shutdown(fd, SHUT_WR), 0);
        if (i == 1) {
            api_stage_await_sim(stage, "pushes", 1);
            sim_proc_tell(stage->sim, "release");
        }
        answer = http_raw_read(fd);
        assert_memory_equal(answer, "HTTP/1.1 200 OK", 15);
        free(answer);
    }
}

TEST(requests_in_one_piece_are_answered_in_turn)
{
    struct api_stage *stage = *state;
    int fd = http_raw_open(stage->daemon->socket, 0);
    char *answer;
    int n = 0;

    for (int i = 0; i < 199; i++)
        http_raw_say(fd, i % 2 == 0   ? VERSION HOST "\r\n"
                         : i % 4 == 1 ? "POST /v1/wakes HTTP/1.1\r\n" HOST
                                        "Content-Type: application/json\r\n"
                                        "Content-Length: 13\r\n\r\n"
                                        "{\"ids\":[\"A\"]}"
                                      : "POST /v1/wakes HTTP/1.1\r\n" HOST
                                        "Content-Type: application/json\r\n"
                                        "Transfer-Encoding: chunked\r\n\r\n"
                                        "d\r\n{\"ids\":[\"A\"]}\r\n0\r\n\r\n");
    http_raw_say(fd, VERSION HOST CLOSE "\r\n");
    answer = http_raw_read(fd);
    for (const char *at = answer; (at = strstr(at, "HTTP/1.1 20")) != NULL;
         at++, n++)
        assert_memory_equal(
            at, n % 2 == 0 || n == 199 ? "HTTP/1.1 200" : "HTTP/1.1 202", 12);
    assert_int_equal(n, 200);
    free(answer);
}

/* In pieces, and larger than what is gathered into at first. */
TEST(a_long_chunked_body_comes_whole)
{
    struct api_stage *stage = *state;
    int fd = http_raw_open(stage->daemon->socket, 0);
    char *answer;

    http_raw_say(fd, "POST /v1/wakes HTTP/1.1\r\n" HOST CLOSE
                     "Content-Type: application/json\r\n"
                     "Transfer-Encoding: chunked\r\n\r\n"
                     "8\r\n{\"ids\":[\r\n");
    for (int i = 0; i < 1000; i++) {
        char id[64];

        snprintf(id, sizeof id, "D\r\n%s\"ID-%05d\" \r\n", i == 0 ? "  " : ", ",
                 i);
        http_raw_say(fd, id);
    }
    http_raw_say(fd, "2\r\n]}\r\n0\r\n\r\n");
    answer = http_raw_read(fd);
    assert_memory_equal(answer, "HTTP/1.1 202 ", 13);
    assert_non_null(strstr(answer, "ID-00000"));
    assert_non_null(strstr(answer, "ID-00999"));
    free(answer);
}

TEST(a_broken_chunk_is_400)
{
    static const char text[] = "POST /v1/wakes HTTP/1.1\r\n" HOST
                               "Transfer-Encoding: chunked\r\n\r\nzz\r\n";
    char *answer = ask_raw(*state, false, text, sizeof text - 1);

    raw_check_error(answer, 400, "chunked");
    free(answer);
}

TEST(one_who_asks_first_is_told_to_go_on)
{
    struct api_stage *stage = *state;
    int fd = http_raw_open(stage->daemon->socket, 0);
    char go[25];
    char *answer;

    http_raw_say(fd, "POST /v1/wakes HTTP/1.1\r\n" HOST CLOSE
                     "Expect: 100-continue\r\nContent-Length: 13\r\n\r\n");
    assert_int_equal(recv(fd, go, sizeof go, MSG_WAITALL), sizeof go);
    assert_memory_equal(go, "HTTP/1.1 100 Continue\r\n\r\n", sizeof go);
    http_raw_say(fd, "{\"ids\":[\"A\"]}");
    answer = http_raw_read(fd);
    assert_memory_equal(answer, "HTTP/1.1 202 ", 13);
    free(answer);
}

TEST_WITH(a_bulk_import_that_trickles_is_cut_off, set_up_hasty,
          api_stage_tear_down)
{
    struct api_stage *stage = *state;
    struct pollfd readable = {.fd = http_raw_open(stage->daemon->socket, 0),
                              .events = POLLIN};
    int64_t began_ms = e2e_stage_now();
    char *answer;

    http_raw_say(readable.fd, "POST /v1/enrollments HTTP/1.1\r\n" HOST
                              "Transfer-Encoding: chunked\r\n\r\n");
    while (poll(&readable, 1, 200) == 0) {
        http_raw_say(readable.fd, "1\r\n \r\n");
        e2e_stage_pause(began_ms, "the answer");
    }
    assert_true(e2e_stage_now() - began_ms >= 1900);
    answer = http_raw_read(readable.fd);
    raw_check_error(answer, 408, "512 bytes a second");
    free(answer);
}

TEST(connections_stay_open_until_the_daemon_ends)
{
    struct api_stage *stage = *state;
    int fd = http_raw_open(stage->daemon->socket, 0);
    char *answer, *last;
    char token[65], first[17];

    api_stage_token(1, token);
    api_stage_enroll(stage, "A", API_STAGE_TOPIC, token);
    sim_proc_tell(stage->sim, "hold");
    http_raw_say(fd, VERSION HOST "\r\n");
    assert_int_equal(recv(fd, first, sizeof first, MSG_WAITALL), sizeof first);
    http_raw_say(fd, "GET /v1/push/A HTTP/1.1\r\n" HOST "\r\n");
    api_stage_await_sim(stage, "pushes", 1);
    child_signal(&stage->daemon->child, SIGTERM);
    daemon_proc_await(stage->daemon, "event=stopping");
    sim_proc_tell(stage->sim, "release");
    assert_int_equal(child_wait(&stage->daemon->child), 0);
    answer = http_raw_read(fd);
    last = strstr(answer, "HTTP/1.1 200 OK");
    assert_non_null(last);
    assert_non_null(strstr(last, "Connection: close\r\n"));
    *last = '\0';
    assert_null(strstr(answer, "Connection: close"));
    free(answer);
}
