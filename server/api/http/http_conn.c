/* SPDX-License-Identifier: MIT */
#include "http_conn.h"

#include <arpa/inet.h>
#include <unistd.h>

#include "server/api/gate.h"
#include "server/api/request.h"

#define TO(state) (1U << HTTP_CONN_##state)

static const uint32_t legal[HTTP_CONN_N_STATES] = {
    [HTTP_CONN_PARKED] = TO(IDLE) | TO(DEAD),
    [HTTP_CONN_IDLE] = TO(HEAD) | TO(DEAD),
    [HTTP_CONN_HEAD] = TO(BODY) | TO(WORK) | TO(SEND) | TO(DEAD),
    [HTTP_CONN_BODY] = TO(WORK) | TO(SEND) | TO(GONE) | TO(DEAD),
    [HTTP_CONN_WORK] = TO(SEND) | TO(GONE) | TO(DEAD),
    [HTTP_CONN_SEND] = TO(IDLE) | TO(LINGER) | TO(GONE) | TO(DEAD),
    [HTTP_CONN_LINGER] = TO(DEAD),
    [HTTP_CONN_GONE] = TO(DEAD),
};

static const char *const end_texts[] = {
#define X(name, text) text,
    HTTP_CONN_ENDS(X)
#undef X
};

const char *
http_conn_end_text(enum http_conn_end end)
{
    return end_texts[end];
}

void
http_conn_address(const struct http_conn *conn, char text[HTTP_CONN_ADDRESS])
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)&conn->peer;
    int family = conn->peer.sin6_family;
    const void *address =
        family == AF_INET ? (const void *)&v4->sin_addr : &conn->peer.sin6_addr;

    if ((family != AF_INET && family != AF_INET6) ||
        inet_ntop(family, address, text, HTTP_CONN_ADDRESS) == NULL)
        snprintf(text, HTTP_CONN_ADDRESS, "socket");
}

/*
 * From state to state.
 */

void
http_conn_move(struct http_conn *conn, enum http_conn_state state)
{
    struct http_conns *conns = conn->conns;

    must((legal[conn->state] & 1U << state) != 0);
    TAILQ_REMOVE(&conns->lists[conn->state], conn, link);
    conns->n[conn->state]--;
    TAILQ_INSERT_TAIL(&conns->lists[state], conn, link);
    conns->n[state]++;
    conn->state = state;
    conn->entered = ev_now(conns->api->loop);
    if (state == HTTP_CONN_SEND)
        conn->head_len = 0;
}

void
http_conn_watch(struct http_conn *conn)
{
    struct ev_loop *loop = conn->conns->api->loop;
    bool has_room = conn->in_len < conn->in_size || conn->in_size == 0 ||
                    conn->state == HTTP_CONN_HEAD;
    int events = 0;

    if (conn->fd < 0)
        return;
    if (!conn->is_read_closed && has_room && conn->state != HTTP_CONN_PARKED)
        events |= EV_READ;
    if (conn->state == HTTP_CONN_SEND && conn->is_blocked)
        events |= EV_WRITE;
    if (ev_is_active(&conn->io) &&
        (conn->io.events & (EV_READ | EV_WRITE)) == events)
        return;
    ev_io_stop(loop, &conn->io);
    ev_io_set(&conn->io, conn->fd, events);
    if (events != 0)
        ev_io_start(loop, &conn->io);
}

void
http_conn_say_continue(struct http_conn *conn)
{
    static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";

    (void)send(conn->fd, text, sizeof text - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void
http_conn_free_request(struct http_conn *conn)
{
    gate_free(conn->request);
    conn->request = NULL;
    free(conn->block);
    conn->block = NULL;
    conn->is_revoked = false;
    conn->is_probed = false;
}

void
http_conn_bury(struct http_conn *conn)
{
    bool must_wait = conn->request != NULL && conn->request->is_suspended;

    if (conn->fd >= 0) {
        ev_io_stop(conn->conns->api->loop, &conn->io);
        close(conn->fd);
        conn->fd = -1;
    }
    if (!must_wait)
        http_conn_move(conn, HTTP_CONN_DEAD);
    else if (conn->state != HTTP_CONN_GONE)
        http_conn_move(conn, HTTP_CONN_GONE);
}

void
http_conn_count(struct http_conn *conn, enum http_conn_end end)
{
    struct http_conns *conns = conn->conns;
    char address[HTTP_CONN_ADDRESS];
    uint64_t n;

    conns->n_ended[end]++;
    if (!api_private_is_due(&conns->told[end], ev_now(conns->api->loop), &n))
        return;
    http_conn_address(conn, address);
    api_private_log(conns->api, APNS_LOG_NOTICE,
                    EVENT_API_CLOSED " reason=%s addr=%s n=%llu",
                    end_texts[end], address, (unsigned long long)n);
}

void
http_conn_drop(struct http_conn *conn, enum http_conn_end end)
{
    http_conn_count(conn, end);
    http_conn_bury(conn);
}

void
http_conn_lose(struct http_conn *conn)
{
    if (conn->state == HTTP_CONN_IDLE || conn->state == HTTP_CONN_LINGER)
        http_conn_bury(conn);
    else
        http_conn_drop(conn, HTTP_CONN_END_LEFT);
}

void
http_conn_wake(struct http_conn *conn)
{
    struct http_conns *conns = conn->conns;

    if (conn->is_ready)
        return;
    conn->is_ready = true;
    TAILQ_INSERT_TAIL(&conns->ready, conn, ready);
    if (ev_is_active(&conns->turn))
        return;
    ev_timer_set(&conns->turn, 0, 0);
    ev_timer_start(conns->api->loop, &conns->turn);
}
