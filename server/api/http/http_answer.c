/* SPDX-License-Identifier: MIT */
#include "http_answer.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>

#include "http_conn.h"
#include "server/api/request.h"

#define BLOCK    (32 * 1024) /* bytes of a chunk */
#define PREFIX   8           /* of them for its size: "8000\r\n" */
#define LAST     "0\r\n\r\n"
#define LAST_LEN 5

static const char *
date(struct http_conns *conns)
{
    time_t now = (time_t)ev_now(conns->api->loop);
    struct tm tm;

    if (now != conns->date_at && gmtime_r(&now, &tm) != NULL) {
        conns->date_at = now;
        strftime(conns->date, sizeof conns->date, "%a, %d %b %Y %T GMT", &tm);
    }
    return conns->date;
}

/* How long it is, or how its end is known. */
static void
write_length(const struct request *request, char *text, size_t size)
{
    if (request->status == HTTP_NO_CONTENT)
        *text = '\0';
    else if (request->read == NULL || request->has_length)
        snprintf(text, size, "Content-Length: %zu\r\n", request->text_len);
    else
        snprintf(text, size, "%s",
                 request->head.is_1_0 ? "" : "Transfer-Encoding: chunked\r\n");
}

bool
http_answer_begin(struct http_conn *conn)
{
    struct request *request = conn->request;
    char length[64];
    int n;

    conn->must_close = conn->is_cut || request->head.wants_close ||
                       conn->conns->api->is_draining;
    write_length(request, length, sizeof length);
    n = snprintf(conn->head, sizeof conn->head,
                 "HTTP/1.1 %u %s\r\nDate: %s\r\n%s%s%s%s%s%s\r\n",
                 request->status, http_status_phrase(request->status),
                 date(conn->conns),
                 conn->must_close ? "Connection: close\r\n" : "",
                 request->type == NULL ? "" : "Content-Type: ",
                 request->type == NULL ? "" : request->type,
                 request->type == NULL ? "" : "\r\n", request->extra, length);
    must(n > 0 && (size_t)n < sizeof conn->head);
    conn->head_len = (size_t)n;
    conn->n_sent = 0;
    conn->moved_at = ev_now(conn->conns->api->loop);
    if (request->is_head) {
        request->text_len = 0;
        request->read = NULL;
    }
    if (request->read == NULL)
        return true;
    conn->block = malloc(BLOCK);
    conn->block_at = conn->block_len = 0;
    conn->is_last_block = false;
    return conn->block != NULL;
}

/* Around data: its size right before it. */
static void
frame(struct http_conn *conn, size_t n)
{
    char size[PREFIX + 1];
    size_t len = (size_t)snprintf(size, sizeof size, "%zx\r\n", n);

    conn->block_at -= len;
    memcpy(conn->block + conn->block_at, size, len);
    memcpy(conn->block + conn->block_len, "\r\n", 2);
    conn->block_len += 2;
}

static enum http_answer_state
end_blocks(struct http_conn *conn, bool is_chunked)
{
    /* Fewer bytes than were announced. */
    if (conn->request->has_length && conn->request->text_len > 0)
        return HTTP_ANSWER_BROKEN;
    conn->is_last_block = true;
    conn->block_at = 0;
    conn->block_len = is_chunked ? LAST_LEN : 0;
    memcpy(conn->block, LAST, LAST_LEN);
    return HTTP_ANSWER_BLOCKED;
}

static enum http_answer_state
make_block(struct http_conn *conn)
{
    struct request *request = conn->request;
    bool is_chunked = !request->has_length && !request->head.is_1_0;
    size_t max = BLOCK - PREFIX - 2;
    ssize_t n;

    if (conn->is_last_block)
        return HTTP_ANSWER_DONE;
    /* Woken by the client: what was asked for is still underway. */
    if (request->is_suspended)
        return HTTP_ANSWER_WAITS;
    if (request->has_length && request->text_len == 0)
        return end_blocks(conn, is_chunked);
    if (request->has_length && request->text_len < max)
        max = request->text_len;
    n = request->read(request->read_arg, conn->block + PREFIX, max);
    if (n == 0)
        return HTTP_ANSWER_WAITS;
    if (n == REQUEST_READ_BROKEN)
        return HTTP_ANSWER_BROKEN;
    if (n == REQUEST_READ_END)
        return end_blocks(conn, is_chunked);
    conn->block_at = PREFIX;
    conn->block_len = PREFIX + (size_t)n;
    if (request->has_length)
        request->text_len -= (size_t)n;
    if (is_chunked)
        frame(conn, (size_t)n);
    return HTTP_ANSWER_BLOCKED;
}

static enum http_answer_state
send_parts(struct http_conn *conn, struct iovec *parts, size_t n_parts,
           size_t *sent)
{
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = n_parts};
    ssize_t n;

    do
        n = sendmsg(conn->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK ? HTTP_ANSWER_BLOCKED
                                                       : HTTP_ANSWER_LOST;
    *sent += (size_t)n;
    conn->n_out += n;
    conn->moved_at = ev_now(conn->conns->api->loop);
    return HTTP_ANSWER_DONE;
}

static enum http_answer_state
send_text(struct http_conn *conn)
{
    const struct request *request = conn->request;
    size_t len = request->read == NULL ? request->text_len : 0;
    char *text = len == 0 ? conn->head : request->text; /* not NULL */
    size_t all = conn->head_len + len;
    enum http_answer_state state = HTTP_ANSWER_DONE;

    while (conn->n_sent < all && state == HTTP_ANSWER_DONE) {
        size_t in_head =
            conn->n_sent < conn->head_len ? conn->head_len - conn->n_sent : 0;
        size_t in_text = conn->n_sent + in_head - conn->head_len;
        struct iovec parts[2] = {
            {conn->head + conn->head_len - in_head, in_head},
            {text + in_text, len - in_text},
        };

        state = send_parts(conn, parts, len > 0 ? 2 : 1, &conn->n_sent);
    }
    return state;
}

static enum http_answer_state
send_block(struct http_conn *conn)
{
    enum http_answer_state state = HTTP_ANSWER_DONE;

    while (conn->block_at < conn->block_len && state == HTTP_ANSWER_DONE) {
        struct iovec part = {conn->block + conn->block_at,
                             conn->block_len - conn->block_at};

        state = send_parts(conn, &part, 1, &conn->block_at);
    }
    return state;
}

enum http_answer_state
http_answer_send(struct http_conn *conn)
{
    enum http_answer_state state = send_text(conn);

    while (state == HTTP_ANSWER_DONE && conn->request->read != NULL) {
        state = send_block(conn);
        if (state != HTTP_ANSWER_DONE)
            break;
        state = make_block(conn);
        if (state != HTTP_ANSWER_BLOCKED)
            break;
        state = HTTP_ANSWER_DONE;
    }
    return state;
}
