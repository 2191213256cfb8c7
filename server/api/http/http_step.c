/* SPDX-License-Identifier: MIT */
#include "http_step.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "http_answer.h"
#include "http_conns.h"
#include "server/api/gate.h"
#include "server/api/request.h"

#define FIRST_IN  4096        /* bytes of a connection's buffer, idle */
#define SPARE     (16 * 1024) /* behind a head, for a body */
#define MAX_DRAIN 16          /* reads of one that lingers, in a turn */

/* Requests of one connection in a turn, so that others get theirs. */
#define MAX_REQUESTS 16

static bool
grow(struct http_conn *conn, size_t size)
{
    char *in;

    if (size <= conn->in_size)
        return true;
    in = realloc(conn->in, size);
    if (in == NULL)
        return false;
    conn->in = in;
    conn->in_size = size;
    return true;
}

/*
 * The steps: each does what its state can do now, and returns whether the
 * connection has moved on.
 */

static bool
step_idle(struct http_conn *conn)
{
    if (conn->in_len == 0 && conn->is_read_closed)
        http_conn_bury(conn);
    if (conn->in_len == 0)
        return false;
    if (conn->n_requests >= MAX_REQUESTS) {
        http_conn_wake(conn);
        return false;
    }
    conn->n_requests++;
    http_conn_move(conn, HTTP_CONN_HEAD);
    return true;
}

static struct request *
new_request(struct http_conn *conn)
{
    conn->request = gate_new(conn);
    if (conn->request == NULL)
        http_conn_drop(conn, HTTP_CONN_END_NO_MEMORY);
    return conn->request;
}

/* The answer ends the connection, since where the next request would begin
   is not known, or too far off. */
static bool
answer_early(struct http_conn *conn)
{
    conn->is_cut = true;
    http_conn_move(conn, HTTP_CONN_SEND);
    return true;
}

static bool
refuse_head(struct http_conn *conn, enum http_head_err err)
{
    const struct http_head_fault *fault = http_head_fault(err);

    if (conn->request == NULL && new_request(conn) == NULL)
        return false;
    conn->request->head.wants_close = true;
    http_conn_count(conn, HTTP_CONN_END_MALFORMED);
    request_fail(conn->request, fault->status, fault->code, "%s", fault->text);
    return answer_early(conn);
}

static void
begin_body(struct http_conn *conn)
{
    conn->in_at = conn->scan.end;
    conn->chunks = (struct http_chunks){0};
    conn->body_left = conn->request->head.length;
    conn->window_at = ev_now(conn->conns->api->loop);
    conn->window_bytes = 0;
}

static bool
take_head(struct http_conn *conn)
{
    struct request *request;
    enum http_head_err err;

    if (!grow(conn, conn->scan.end + SPARE)) {
        http_conn_drop(conn, HTTP_CONN_END_NO_MEMORY);
        return false;
    }
    request = new_request(conn);
    if (request == NULL)
        return false;
    err = http_head_read(conn->in, &conn->scan, &request->head);
    if (err != HTTP_HEAD_OK)
        return refuse_head(conn, err);
    begin_body(conn);
    gate_begin(request);
    if (http_head_has_body(&request->head)) {
        if (request->status != 0)
            return answer_early(conn);
        http_conn_move(conn, HTTP_CONN_BODY);
        if (request->head.expects_go && conn->in_len == conn->in_at)
            http_conn_say_continue(conn);
        return true;
    }
    if (request->status == 0)
        gate_end(request);
    http_conn_move(conn, HTTP_CONN_WORK);
    return true;
}

static bool
step_head(struct http_conn *conn)
{
    enum http_head_err err =
        http_head_find(conn->in, conn->in_len, &conn->scan);

    if (err == HTTP_HEAD_OK)
        return take_head(conn);
    if (err != HTTP_HEAD_PARTIAL)
        return refuse_head(conn, err);
    if (conn->is_read_closed)
        http_conn_drop(conn, HTTP_CONN_END_LEFT);
    return false;
}

/* Bytes of the body at in_at; 0: its end, or more must come first. */
static size_t
next_run(struct http_conn *conn)
{
    size_t len = conn->in_len - conn->in_at;
    uint64_t left = conn->body_left;

    if (conn->request->head.is_chunked) {
        size_t n = http_chunks_skip(&conn->chunks, conn->in + conn->in_at, len);

        conn->in_at += n;
        len -= n;
        left = conn->chunks.state == HTTP_CHUNKS_DATA ? conn->chunks.left : 0;
    }
    return left < len ? (size_t)left : len;
}

static bool
has_body_ended(const struct http_conn *conn)
{
    if (conn->request->head.is_chunked)
        return conn->chunks.state == HTTP_CHUNKS_END;
    return conn->body_left == 0;
}

static void
take_run(struct http_conn *conn, size_t n)
{
    conn->in_at += n;
    conn->window_bytes += n;
    if (conn->request->head.is_chunked)
        http_chunks_take(&conn->chunks, n);
    else
        conn->body_left -= n;
}

/* Nothing is there to be taken. */
static bool
await_body(struct http_conn *conn)
{
    if (conn->is_read_closed) {
        http_conn_drop(conn, HTTP_CONN_END_LEFT);
    } else if (conn->in_at == conn->in_len) {
        conn->in_at = conn->scan.end;
        conn->in_len = conn->scan.end;
    }
    return false;
}

static bool
step_body(struct http_conn *conn)
{
    struct request *request = conn->request;
    size_t n;

    while (!request->is_suspended && request->status == 0 &&
           (n = next_run(conn)) > 0)
        take_run(conn, gate_take(request, conn->in + conn->in_at, n));
    if (request->is_suspended)
        return false;
    if (conn->chunks.state == HTTP_CHUNKS_BAD && request->status == 0)
        request_fail(request, HTTP_BAD_REQUEST, "bad_request",
                     "the body is not chunked as Transfer-Encoding says");
    if (request->status != 0)
        return answer_early(conn);
    if (!has_body_ended(conn))
        return await_body(conn);
    gate_end(request);
    http_conn_move(conn, HTTP_CONN_WORK);
    return true;
}

static bool
step_work(struct http_conn *conn)
{
    if (conn->request->status == 0)
        return false;
    http_conn_move(conn, HTTP_CONN_SEND);
    return true;
}

/* What has come behind the request is the next one. */
static void
begin_again(struct http_conn *conn)
{
    size_t n = conn->in_len - conn->in_at;

    memmove(conn->in, conn->in + conn->in_at, n);
    OPENSSL_cleanse(conn->in + n, conn->in_at); /* keys have been in it */
    conn->in_len = n;
    conn->in_at = 0;
    conn->scan = (struct http_head_scan){0};
    if (n <= FIRST_IN && conn->in_size > FIRST_IN + SPARE) {
        char *in = realloc(conn->in, FIRST_IN);

        if (in != NULL) {
            conn->in = in;
            conn->in_size = FIRST_IN;
        }
    }
    conn->since = ev_now(conn->conns->api->loop);
    http_conn_move(conn, HTTP_CONN_IDLE);
}

static bool
end_answer(struct http_conn *conn)
{
    /* Bytes that we do not read would reset the connection, and with it the
       answer. A client that wanted the end itself sends no more. */
    bool must_linger = (conn->is_cut || !conn->request->head.wants_close) &&
                       !conn->is_read_closed;

    http_conn_free_request(conn);
    if (!conn->must_close) {
        begin_again(conn);
        return true;
    }
    if (must_linger && shutdown(conn->fd, SHUT_WR) == 0) {
        http_conn_move(conn, HTTP_CONN_LINGER);
        conn->in_len = 0;
        conn->window_bytes = 0;
    } else {
        http_conn_bury(conn);
    }
    return false;
}

static bool
step_send(struct http_conn *conn)
{
    if (conn->head_len == 0 && !http_answer_begin(conn)) {
        http_conn_drop(conn, HTTP_CONN_END_NO_MEMORY);
        return false;
    }
    conn->is_blocked = false;
    switch (http_answer_send(conn)) {
    case HTTP_ANSWER_DONE:
        return end_answer(conn);
    case HTTP_ANSWER_BLOCKED:
        conn->is_blocked = true;
        return false;
    case HTTP_ANSWER_WAITS:
        return false;
    case HTTP_ANSWER_LOST:
        http_conn_drop(conn, HTTP_CONN_END_LEFT);
        return false;
    case HTTP_ANSWER_BROKEN:
        http_conn_drop(conn, HTTP_CONN_END_BROKEN);
        return false;
    }
    return false;
}

/* What the engine owed it has come. */
static bool
step_gone(struct http_conn *conn)
{
    if (!conn->request->is_suspended)
        http_conn_bury(conn);
    return false;
}

static bool
step_none(struct http_conn *conn)
{
    (void)conn;
    return false;
}

static bool (*const steps[HTTP_CONN_N_STATES])(struct http_conn *conn) = {
    [HTTP_CONN_PARKED] = step_none, [HTTP_CONN_IDLE] = step_idle,
    [HTTP_CONN_HEAD] = step_head,   [HTTP_CONN_BODY] = step_body,
    [HTTP_CONN_WORK] = step_work,   [HTTP_CONN_SEND] = step_send,
    [HTTP_CONN_LINGER] = step_none, [HTTP_CONN_GONE] = step_gone,
    [HTTP_CONN_DEAD] = step_none,
};

/*
 * A revoked key.
 */

#define REVOKED "this API key was revoked during the request"

/* For a client whose request cannot be answered, since the engine will do so
   and must not find it gone. */
static void
say_revoked(struct http_conn *conn)
{
    static const char body[] =
        "{\"error\":\"" REVOKED "\",\"code\":\"unauthorized\"}\n";
    char text[256];
    int n = snprintf(text, sizeof text,
                     "HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n"
                     "Content-Type: application/json\r\n"
                     "Content-Length: %zu\r\n\r\n%s",
                     sizeof body - 1, body);

    (void)send(conn->fd, text, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* An answer that is complete already may go out: it was asked for in time. */
static void
end_revoked(struct http_conn *conn)
{
    struct request *request = conn->request;

    conn->is_revoked = false;
    if (conn->fd < 0 || (request->status != 0 && request->read == NULL))
        return;
    if (request->status == 0 && !request->is_suspended) {
        http_conn_count(conn, HTTP_CONN_END_REVOKED);
        request_fail(request, HTTP_UNAUTHORIZED, "unauthorized", REVOKED);
        return;
    }
    if (request->status == 0)
        say_revoked(conn);
    http_conn_drop(conn, HTTP_CONN_END_REVOKED);
}

void
http_step_go_on(struct http_conn *conn)
{
    if (conn->is_revoked)
        end_revoked(conn);
    while (steps[conn->state](conn))
        ;
    http_conn_watch(conn);
}

/*
 * Reading.
 */

static void
drain(struct http_conn *conn)
{
    char bytes[16384];
    ssize_t n = 1;

    for (int i = 0; i < MAX_DRAIN && n > 0; i++) {
        n = recv(conn->fd, bytes, sizeof bytes, MSG_DONTWAIT);
        conn->window_bytes += n > 0 ? (uint64_t)n : 0;
    }
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR) ||
        conn->window_bytes > HTTP_CONN_LINGER_MAX)
        http_conn_bury(conn);
}

/* A head may become as long as its limits allow; what comes behind a head is
   read into what is left, and waits in the kernel when that is full. */
static size_t
make_room(struct http_conn *conn)
{
    size_t size = conn->in_size == 0 ? FIRST_IN : conn->in_size * 2;

    if (conn->in_len == conn->in_size && conn->state <= HTTP_CONN_HEAD &&
        conn->in_size <= HTTP_HEAD_MAX && !grow(conn, size))
        http_conn_drop(conn, HTTP_CONN_END_NO_MEMORY);
    return conn->in_size - conn->in_len;
}

static void
on_end_of_input(struct http_conn *conn)
{
    struct pollfd about = {.fd = conn->fd};

    conn->is_read_closed = true;
    /* One that has shut only its own side still wants its answer. */
    if (conn->state >= HTTP_CONN_WORK && poll(&about, 1, 0) == 1 &&
        (about.revents & (POLLHUP | POLLERR)) != 0)
        http_conn_drop(conn, HTTP_CONN_END_LEFT);
}

static void
take_in(struct http_conn *conn)
{
    size_t room = make_room(conn);
    ssize_t n;

    if (room == 0 || conn->fd < 0)
        return;
    n = recv(conn->fd, conn->in + conn->in_len, room, MSG_DONTWAIT);
    if (n > 0)
        conn->in_len += (size_t)n;
    else if (n == 0)
        on_end_of_input(conn);
    else if (errno != EAGAIN && errno != EINTR)
        http_conn_lose(conn);
}

void
http_step_on_io(struct ev_loop *loop, ev_io *io, int revents)
{
    struct http_conn *conn = io->data;
    struct http_conns *conns = conn->conns;

    (void)loop;
    conn->n_requests = 0;
    if ((revents & EV_READ) != 0 && !conn->is_read_closed) {
        if (conn->state == HTTP_CONN_LINGER)
            drain(conn);
        else
            take_in(conn);
    }
    http_conns_note_arrival(conn);
    http_conns_bury(conns);
}
