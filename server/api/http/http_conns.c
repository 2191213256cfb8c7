/* SPDX-License-Identifier: MIT */

/*
 * The connections of one listening socket: their lists, ends and deadlines.
 */

#include <openssl/crypto.h>
#include <string.h>
#include <unistd.h>

#include "http_conns.h"
#include "http_step.h"
#include "server/api/request.h"

/* Before a wave's answers and settles: somebody waits for each of these. */
#define PRIORITY 1

void
http_conns_bury(struct http_conns *conns)
{
    struct http_conn *conn;
    bool has_room = !TAILQ_EMPTY(&conns->lists[HTTP_CONN_DEAD]);

    while ((conn = TAILQ_FIRST(&conns->lists[HTTP_CONN_DEAD])) != NULL) {
        TAILQ_REMOVE(&conns->lists[HTTP_CONN_DEAD], conn, link);
        conns->n[HTTP_CONN_DEAD]--;
        if (conn->is_ready)
            TAILQ_REMOVE(&conns->ready, conn, ready);
        if (conn->is_arrived)
            TAILQ_REMOVE(&conns->arrived, conn, arrived);
        if (conn->request != NULL)
            http_conn_free_request(conn);
        OPENSSL_cleanse(conn->in, conn->in_len);
        free(conn->in);
        free(conn);
    }
    if (has_room)
        conns->on_room(conns->arg);
}

/* Those that can go on without having been written to. */
static void
take_turn(struct http_conns *conns)
{
    struct http_conn_list ready = TAILQ_HEAD_INITIALIZER(ready);
    struct http_conn *conn;

    TAILQ_CONCAT(&ready, &conns->ready, ready);
    while ((conn = TAILQ_FIRST(&ready)) != NULL) {
        TAILQ_REMOVE(&ready, conn, ready);
        conn->is_ready = false;
        conn->n_requests = 0;
        /* A rest for the client's rate while the store had to catch up. */
        conn->window_at = ev_now(conns->api->loop);
        conn->window_bytes = 0;
        http_step_go_on(conn);
    }
    http_conns_bury(conns);
}

/*
 * libev runs what became readable in one pass of the loop last in, first out.
 * So those that were read are gathered from behind, and their requests are
 * taken in the order in which the kernel had them.
 */
void
http_conns_note_arrival(struct http_conn *conn)
{
    struct http_conns *conns = conn->conns;

    if (conn->is_arrived || conn->state == HTTP_CONN_DEAD)
        return;
    conn->is_arrived = true;
    TAILQ_INSERT_HEAD(&conns->arrived, conn, arrived);
    ev_feed_event(conns->api->loop, &conns->step, EV_CUSTOM);
}

static void
on_step(struct ev_loop *loop, ev_prepare *step, int revents)
{
    struct http_conns *conns = step->data;
    struct http_conn *conn;

    (void)loop;
    (void)revents;
    while ((conn = TAILQ_FIRST(&conns->arrived)) != NULL) {
        TAILQ_REMOVE(&conns->arrived, conn, arrived);
        conn->is_arrived = false;
        http_step_go_on(conn);
    }
    http_conns_bury(conns);
}

static void
on_turn(struct ev_loop *loop, ev_timer *timer, int revents)
{
    (void)loop;
    (void)revents;
    take_turn(timer->data);
}

void
http_conns_init(struct http_conns *conns, struct api *api, bool is_local,
                void (*on_room)(void *arg), void *arg)
{
    *conns = (struct http_conns){
        .api = api, .is_local = is_local, .on_room = on_room, .arg = arg};
    for (unsigned i = 0; i < HTTP_CONN_N_STATES; i++)
        TAILQ_INIT(&conns->lists[i]);
    TAILQ_INIT(&conns->ready);
    TAILQ_INIT(&conns->arrived);
    /* Behind all that is read, and before all else. */
    ev_prepare_init(&conns->step, on_step);
    ev_set_priority(&conns->step, PRIORITY - 1);
    conns->step.data = conns;
    ev_timer_init(&conns->turn, on_turn, 0, 0);
    ev_set_priority(&conns->turn, PRIORITY);
    conns->turn.data = conns;
}

void
http_conns_each(struct http_conns *conns, enum http_conn_state state,
                void (*do_to)(struct http_conn *conn, ev_tstamp now))
{
    ev_tstamp now = ev_now(conns->api->loop);
    struct http_conn *conn, *next;

    for (conn = TAILQ_FIRST(&conns->lists[state]); conn != NULL; conn = next) {
        next = TAILQ_NEXT(conn, link);
        do_to(conn, now);
    }
}

static void
end_now(struct http_conn *conn, ev_tstamp now)
{
    (void)now;
    must(conn->request == NULL || !conn->request->is_suspended);
    http_conn_bury(conn);
}

void
http_conns_fini(struct http_conns *conns)
{
    for (unsigned i = 0; i < HTTP_CONN_DEAD; i++)
        http_conns_each(conns, (enum http_conn_state)i, end_now);
    http_conns_bury(conns);
    ev_timer_stop(conns->api->loop, &conns->turn);
    ev_clear_pending(conns->api->loop, &conns->step);
}

/* Kept, since it is asked for after the client has left, too. */
static void
note_user(struct http_conn *conn)
{
    struct ucred peer;
    socklen_t len = sizeof peer;

    conn->has_uid =
        getsockopt(conn->fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0;
    if (conn->has_uid)
        conn->uid = peer.uid;
}

bool
http_conns_add(struct http_conns *conns, int fd,
               const struct sockaddr_storage *peer, bool is_parked)
{
    struct http_conn *conn = calloc(1, sizeof *conn);

    if (conn == NULL) {
        close(fd);
        return false;
    }
    conn->conns = conns;
    conn->fd = fd;
    memcpy(&conn->peer, peer, sizeof conn->peer);
    conn->state = is_parked ? HTTP_CONN_PARKED : HTTP_CONN_IDLE;
    conn->since = conn->entered = ev_now(conns->api->loop);
    if (conns->is_local)
        note_user(conn);
    TAILQ_INSERT_TAIL(&conns->lists[conn->state], conn, link);
    conns->n[conn->state]++;
    ev_io_init(&conn->io, http_step_on_io, fd, EV_READ);
    ev_set_priority(&conn->io, PRIORITY);
    conn->io.data = conn;
    http_conn_watch(conn);
    return true;
}

uint32_t
http_conns_open(const struct http_conns *conns)
{
    uint32_t n = 0;

    for (unsigned i = HTTP_CONN_IDLE; i < HTTP_CONN_GONE; i++)
        n += conns->n[i];
    return n;
}

static bool
is_same(const struct sockaddr_in6 *a, const struct sockaddr_in6 *b)
{
    const struct sockaddr_in *a4 = (const struct sockaddr_in *)a;
    const struct sockaddr_in *b4 = (const struct sockaddr_in *)b;

    if (a->sin6_family != b->sin6_family)
        return false;
    if (a->sin6_family == AF_INET)
        return a4->sin_addr.s_addr == b4->sin_addr.s_addr;
    return IN6_ARE_ADDR_EQUAL(&a->sin6_addr, &b->sin6_addr);
}

uint32_t
http_conns_of(const struct http_conns *conns,
              const struct sockaddr_storage *peer)
{
    const struct http_conn *conn;
    uint32_t n = 0;

    for (unsigned i = HTTP_CONN_IDLE; i < HTTP_CONN_GONE; i++) {
        TAILQ_FOREACH (conn, &conns->lists[i], link)
            n += is_same(&conn->peer, (const struct sockaddr_in6 *)peer);
    }
    return n;
}

void
http_conns_unpark(struct http_conns *conns, uint32_t max_per_ip, uint32_t max)
{
    const struct sockaddr_in6 *full = NULL; /* most wait for the same one */
    struct http_conn *conn, *next;

    for (conn = TAILQ_FIRST(&conns->lists[HTTP_CONN_PARKED]);
         conn != NULL && http_conns_open(conns) < max; conn = next) {
        next = TAILQ_NEXT(conn, link);
        if (full != NULL && is_same(full, &conn->peer))
            continue;
        if (http_conns_of(conns, (struct sockaddr_storage *)&conn->peer) >=
            max_per_ip) {
            full = &conn->peer;
            continue;
        }
        http_conn_move(conn, HTTP_CONN_IDLE);
        conn->since = conn->entered;
        http_conn_watch(conn);
    }
}

void
http_conns_end(struct http_conn *conn, enum http_conn_end end)
{
    struct http_conns *conns = conn->conns;

    http_conn_drop(conn, end);
    http_conns_bury(conns);
}

void
http_conns_revoke(struct http_conns *conns, int64_t key)
{
    struct http_conn *conn;

    for (unsigned i = HTTP_CONN_BODY; i <= HTTP_CONN_SEND; i++) {
        TAILQ_FOREACH (conn, &conns->lists[i], link) {
            if (conn->request->caller.key != key)
                continue;
            conn->is_revoked = true;
            http_conn_wake(conn);
        }
    }
}

static void
end_if_idle(struct http_conn *conn, ev_tstamp now)
{
    (void)now;
    if (conn->in_len == 0)
        http_conn_bury(conn);
}

void
http_conns_end_idle(struct http_conns *conns)
{
    http_conns_each(conns, HTTP_CONN_IDLE, end_if_idle);
    http_conns_bury(conns);
}

void
http_conns_flush(struct http_conns *conns)
{
    take_turn(conns);
}
