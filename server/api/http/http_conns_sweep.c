/* SPDX-License-Identifier: MIT */

/*
 * Deadlines of connections, and whose place goes to those who wait.
 */

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>

#include "http_conns.h"
#include "http_step.h"
#include "server/api/gate.h"
#include "server/api/request.h"

/* One without a key that takes its time with a body that nobody wants, or
   with reading its answer. */
static struct http_conn *
oldest_guest(const struct http_conns *conns, enum http_conn_state state,
             ev_tstamp before)
{
    struct http_conn *conn;

    if (conns->is_local)
        return NULL;
    TAILQ_FOREACH (conn, &conns->lists[state], link) {
        if (conn->entered <= before && conn->request->caller.key == 0)
            return conn;
    }
    return NULL;
}

struct http_conn *
http_conns_victim(const struct http_conns *conns)
{
    static const struct {
        enum http_conn_state state;
        ev_tstamp grace_s;
    } ranks[] = {
        {HTTP_CONN_LINGER, HTTP_CONN_HEAD_GRACE_S},
        {HTTP_CONN_HEAD, HTTP_CONN_HEAD_GRACE_S},
        {HTTP_CONN_IDLE, HTTP_CONN_IDLE_GRACE_S},
    };
    ev_tstamp now = ev_now(conns->api->loop);
    struct http_conn *guest;

    for (size_t i = 0; i < sizeof ranks / sizeof ranks[0]; i++) {
        struct http_conn *oldest = TAILQ_FIRST(&conns->lists[ranks[i].state]);

        if (oldest != NULL && now - oldest->entered >= ranks[i].grace_s)
            return oldest;
    }
    guest = oldest_guest(conns, HTTP_CONN_BODY, now - HTTP_CONN_IDLE_GRACE_S);
    if (guest == NULL)
        guest =
            oldest_guest(conns, HTTP_CONN_SEND, now - HTTP_CONN_IDLE_GRACE_S);
    return guest;
}

/* Somebody still reads there, though it wrote too little. */
static void
say_late(struct http_conn *conn, enum http_conn_end end, const char *why)
{
    http_conn_count(conn, end);
    conn->is_cut = true;
    if (conn->request == NULL)
        conn->request = gate_new(conn);
    if (conn->request == NULL) {
        http_conn_bury(conn);
        return;
    }
    request_fail(conn->request, HTTP_REQUEST_TIMEOUT, "timeout", "%s", why);
    http_conn_move(conn, HTTP_CONN_SEND);
    http_step_go_on(conn);
}

static void
check_idle(struct http_conn *conn, ev_tstamp now)
{
    if (now - conn->since < conn->conns->api->config.timeout_s ||
        conn->in_len > 0)
        return;
    /* Between two requests it is no fault. */
    if (conn->in_size == 0)
        http_conn_drop(conn, HTTP_CONN_END_SILENT);
    else
        http_conn_bury(conn);
}

static void
check_head(struct http_conn *conn, ev_tstamp now)
{
    if (now - conn->since >= conn->conns->api->config.timeout_s)
        say_late(conn, HTTP_CONN_END_LATE_HEAD,
                 "the head of the request was not complete within timeout_s "
                 "seconds");
}

static void
check_body(struct http_conn *conn, ev_tstamp now)
{
    uint32_t timeout_s = conn->conns->api->config.timeout_s;

    if (conn->request->is_suspended || now - conn->window_at < timeout_s)
        return;
    if (conn->window_bytes < (uint64_t)HTTP_CONN_MIN_RATE * timeout_s) {
        say_late(conn, HTTP_CONN_END_SLOW_BODY,
                 "the body arrived at less than 512 bytes a second");
        return;
    }
    conn->window_at = now;
    conn->window_bytes = 0;
}

/* One that has shut its side may have gone, or may still want its answer, as
   `printf | nc` does. By TCP the two look alike until something is sent; an
   interim answer is what a client must expect at any time, and who has gone
   resets the connection for it. */
static void
check_work(struct http_conn *conn, ev_tstamp now)
{
    struct pollfd about = {.fd = conn->fd};

    (void)now;
    if (!conn->is_read_closed)
        return;
    if (poll(&about, 1, 0) == 1 && (about.revents & (POLLHUP | POLLERR)) != 0) {
        http_conn_drop(conn, HTTP_CONN_END_LEFT);
        return;
    }
    if (conn->is_probed || conn->conns->is_local || conn->request->head.is_1_0)
        return;
    conn->is_probed = true;
    http_conn_say_continue(conn);
}

/* The kernel holds megabytes of an answer, and takes more only when much of
   that has gone: what is read of it counts, not what we can write. */
static bool
reads_on(struct http_conn *conn)
{
    int64_t enough =
        (int64_t)HTTP_CONN_MIN_RATE * conn->conns->api->config.timeout_s;
    int n_held;

    if (ioctl(conn->fd, SIOCOUTQ, &n_held) != 0 ||
        conn->n_out - n_held < conn->n_read + enough)
        return false;
    conn->n_read = conn->n_out - n_held;
    return true;
}

static void
check_send(struct http_conn *conn, ev_tstamp now)
{
    if (!conn->is_blocked)
        return;
    if (reads_on(conn))
        conn->moved_at = now;
    if (now - conn->moved_at >= conn->conns->api->config.timeout_s)
        http_conn_drop(conn, HTTP_CONN_END_SLOW_READER);
}

static void
check_linger(struct http_conn *conn, ev_tstamp now)
{
    if (now - conn->entered >= HTTP_CONN_LINGER_S)
        http_conn_bury(conn);
}

static void
check_parked(struct http_conn *conn, ev_tstamp now)
{
    if (now - conn->entered >= conn->conns->api->config.timeout_s)
        http_conn_drop(conn, HTTP_CONN_END_PER_ADDRESS);
}

static void (*const checks[HTTP_CONN_N_STATES])(struct http_conn *conn,
                                                ev_tstamp now) = {
    [HTTP_CONN_PARKED] = check_parked, [HTTP_CONN_IDLE] = check_idle,
    [HTTP_CONN_HEAD] = check_head,     [HTTP_CONN_BODY] = check_body,
    [HTTP_CONN_WORK] = check_work,     [HTTP_CONN_SEND] = check_send,
    [HTTP_CONN_LINGER] = check_linger,
};

void
http_conns_sweep(struct http_conns *conns)
{
    for (unsigned i = 0; i < HTTP_CONN_N_STATES; i++) {
        if (checks[i] != NULL)
            http_conns_each(conns, (enum http_conn_state)i, checks[i]);
    }
    http_conns_bury(conns);
}
