/* SPDX-License-Identifier: MIT */

/*
 * An answer that is made while it is sent.
 */

#include <stdlib.h>
#include <string.h>

#include <sys/socket.h>
#include <unistd.h>

#include "server/api/gate.h"
#include "server/api/http/http_answer.h"
#include "server/api/http/http_conns.h"
#include "server/api/http/http_step.h"
#include "server/api/request.h"
#include "tests/support/unit.h"

#define MUCH      (512 * 1024) /* bytes; more than a unix socket holds */
#define TIMEOUT_S 30

struct bed {
    struct api api;
    struct http_conns conns;
    struct http_conn conn;
    struct request request;
    int client;
    unsigned n_reads;
};

static void
on_room(void *arg)
{
    (void)arg;
}

static int
set_up(void **state)
{
    struct bed *bed = calloc(1, sizeof *bed);
    int fds[2];

    assert_non_null(bed);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    bed->api.loop = ev_loop_new(EVBACKEND_EPOLL);
    http_conns_init(&bed->conns, &bed->api, true, on_room, NULL);
    bed->conn.conns = &bed->conns;
    bed->conn.state = HTTP_CONN_SEND;
    bed->conn.fd = fds[0];
    bed->conn.request = &bed->request;
    bed->client = fds[1];
    bed->request.api = &bed->api;
    bed->request.conn = &bed->conn;
    *state = bed;
    return 0;
}

static int
tear_down(void **state)
{
    struct bed *bed = *state;

    http_conns_fini(&bed->conns);
    ev_loop_destroy(bed->api.loop);
    free(bed->conn.block);
    close(bed->conn.fd);
    close(bed->client);
    free(bed);
    return 0;
}

EACH(set_up, tear_down);

/* Nothing yet, then a word, then the end. */
static ssize_t
read_later(void *arg, char *bytes, size_t max)
{
    struct bed *bed = arg;

    assert_true(max >= 4);
    switch (bed->n_reads++) {
    case 0:
        request_suspend(&bed->request);
        return 0;
    case 1:
        memcpy(bytes, "word", 4);
        return 4;
    default:
        return REQUEST_READ_END;
    }
}

/* As when the client says more, or shuts its side, meanwhile. */
TEST(what_is_awaited_is_asked_for_once)
{
    struct bed *bed = *state;
    char text[512] = "";

    request_stream(&bed->request, HTTP_OK, "text/plain", read_later, bed);
    assert_true(http_answer_begin(&bed->conn));
    for (int i = 0; i < 3; i++)
        assert_int_equal(http_answer_send(&bed->conn), HTTP_ANSWER_WAITS);
    assert_int_equal(bed->n_reads, 1);
    request_resume(&bed->request);
    assert_int_equal(http_answer_send(&bed->conn), HTTP_ANSWER_DONE);
    assert_true(recv(bed->client, text, sizeof text - 1, MSG_DONTWAIT) > 0);
    assert_non_null(strstr(text, "\r\n\r\n4\r\nword\r\n0\r\n\r\n"));
}

/* A connection of its own that has begun a request. */
static struct http_conn *
open_conn(struct bed *bed, int *client)
{
    const struct sockaddr_storage peer = {0};
    struct http_conn *conn;
    int fds[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    *client = fds[1];
    assert_true(http_conns_add(&bed->conns, fds[0], &peer, false));
    conn = TAILQ_FIRST(&bed->conns.lists[HTTP_CONN_IDLE]);
    conn->request = gate_new(conn);
    assert_non_null(conn->request);
    http_conn_move(conn, HTTP_CONN_HEAD);
    return conn;
}

/* With an answer larger than its socket holds. */
static struct http_conn *
send_much(struct bed *bed, int *client)
{
    struct http_conn *conn = open_conn(bed, client);

    request_text(conn->request, HTTP_OK, "text/plain", calloc(1, MUCH), MUCH);
    http_conn_move(conn, HTTP_CONN_SEND);
    http_step_go_on(conn);
    assert_true(conn->is_blocked);
    return conn;
}

TEST(only_one_who_reads_too_little_is_cut_off)
{
    struct bed *bed = *state;
    size_t n_left = MUCH / 4;
    char bytes[4096];
    int client;
    struct http_conn *conn = send_much(bed, &client);

    bed->api.config.timeout_s = TIMEOUT_S;
    while (n_left > 0)
        n_left -= (size_t)recv(client, bytes, sizeof bytes, MSG_DONTWAIT);
    conn->moved_at -= 2 * TIMEOUT_S;
    http_conns_sweep(&bed->conns);
    assert_int_equal(bed->conns.n[HTTP_CONN_SEND], 1);
    assert_int_equal(recv(client, bytes, 1, MSG_DONTWAIT), 1);
    conn->moved_at -= 2 * TIMEOUT_S;
    http_conns_sweep(&bed->conns);
    assert_int_equal(bed->conns.n[HTTP_CONN_SEND], 0);
    assert_int_equal(bed->conns.n_ended[HTTP_CONN_END_SLOW_READER], 1);
    close(client);
}

/* However long it takes; each part of it is looked at alone. */
TEST(only_a_body_of_too_few_bytes_a_second_is_cut_off)
{
    struct bed *bed = *state;
    char text[512] = "";
    int client;
    struct http_conn *conn = open_conn(bed, &client);

    bed->api.config.timeout_s = TIMEOUT_S;
    http_conn_move(conn, HTTP_CONN_BODY);
    for (int i = 0; i < 3; i++) {
        conn->window_at = ev_now(bed->api.loop) - TIMEOUT_S;
        conn->window_bytes = HTTP_CONN_MIN_RATE * TIMEOUT_S;
        http_conns_sweep(&bed->conns);
        assert_int_equal(bed->conns.n[HTTP_CONN_BODY], 1);
        assert_int_equal(conn->window_bytes, 0);
    }
    conn->window_at = ev_now(bed->api.loop) - TIMEOUT_S;
    conn->window_bytes = HTTP_CONN_MIN_RATE * TIMEOUT_S - 1;
    http_conns_sweep(&bed->conns);
    assert_int_equal(bed->conns.n_ended[HTTP_CONN_END_SLOW_BODY], 1);
    assert_true(recv(client, text, sizeof text - 1, MSG_DONTWAIT) > 0);
    assert_memory_equal(text, "HTTP/1.1 408 ", 13);
    close(client);
}
