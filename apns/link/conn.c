/* SPDX-License-Identifier: MIT */
#include "conn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apns/base/must.h"
#include "apns/client.h"
#include "apns/log.h"
#include "apns/push/outcome.h"
#include "traffic.h"

#define TO(state) (1U << CONN_##state)

static const uint32_t legal[CONN_N_STATES] = {
    [CONN_RESOLVING] = TO(CONNECTING) | TO(DEAD),
    [CONN_CONNECTING] = TO(PROXY) | TO(HANDSHAKING) | TO(DEAD),
    [CONN_PROXY] = TO(CONNECTING) | TO(HANDSHAKING) | TO(DEAD),
    [CONN_HANDSHAKING] = TO(CONNECTING) | TO(SETTLING) | TO(DEAD),
    [CONN_SETTLING] = TO(OPEN) | TO(DEAD),
    [CONN_OPEN] = TO(DRAINING) | TO(DEAD),
    [CONN_DRAINING] = TO(DEAD),
    [CONN_DEAD] = 0,
};

static void on_timer(struct ev_loop *loop, ev_timer *timer, int revents);

const char *
conn_state_name(enum conn_state state)
{
    static const char *const names[CONN_N_STATES] = {
#define X(name) [CONN_##name] = #name,
        APNS_CONN_STATES(X)
#undef X
    };

    return names[state];
}

struct conn *
conn_new(struct identity *identity)
{
    struct apns_client *client = identity->client;
    struct conn *conn = calloc(1, sizeof *conn);

    if (conn == NULL)
        return NULL;
    conn->client = client;
    conn->identity = identity;
    conn->generation = identity->generation;
    conn->number = ++client->n_conns_made;
    conn->state = CONN_RESOLVING;
    conn->proxy_fd = -1;
    conn->started_at_us = conn->phase_at_us = client->now_us;
    wire_init(&conn->wire, &client->buffers);
    ev_init(&conn->io, traffic_on_io);
    conn->io.fd = -1;
    conn->io.data = conn;
    ev_timer_init(&conn->timer, on_timer, 0.0, 0.0);
    conn->timer.data = conn;
    TAILQ_INSERT_TAIL(&identity->pool.conns, conn, link);
    identity->pool.n_conns[CONN_RESOLVING]++;
    client->stats.n_conns[CONN_RESOLVING]++;
    client->stats.n_dials++;
    client->n_dialing++;
    log_line(&client->config, APNS_LOG_DEBUG, EVENT_DIAL " topic=%s conn=%u",
             identity->cert.topic, conn->number);
    setup_begin(conn);
    return conn;
}

void
conn_free(struct conn *conn)
{
    must(conn->state == CONN_DEAD && !conn->is_to_flush);
    h2_free(conn->h2);
    free(conn);
}

/* A dial is over: somebody who waits for the client's limit may begin. */
static void
end_dialing(struct apns_client *client)
{
    struct identity *waiter = TAILQ_FIRST(&client->dial_waiters);

    client->n_dialing--;
    if (waiter == NULL)
        return;
    TAILQ_REMOVE(&client->dial_waiters, waiter, dial_link);
    waiter->waits_to_dial = false;
    identity_wake(waiter);
}

void
conn_move(struct conn *conn, enum conn_state state)
{
    struct apns_client *client = conn->client;
    enum conn_state before = conn->state;

    must((legal[before] & (1U << state)) != 0);
    setup_end(conn);
    pool_count(&conn->identity->pool, conn, state);
    client->stats.n_conns[before]--;
    client->stats.n_conns[state]++;
    conn->state = state;
    conn->phase_at_us = client->now_us;
    if (before < CONN_OPEN && state >= CONN_OPEN)
        end_dialing(client);
    if (state != CONN_DEAD) {
        conn_arm(conn);
        return;
    }
    conn_watch(conn, -1, 0);
    ev_timer_stop(client->loop, &conn->timer);
    wire_close(&conn->wire);
    if (conn->is_to_flush)
        TAILQ_REMOVE(&client->flush, conn, flush_link);
    conn->is_to_flush = false;
    if (conn->is_to_read)
        TAILQ_REMOVE(&client->unread, conn, read_link);
    conn->is_to_read = false;
    TAILQ_REMOVE(&conn->identity->pool.conns, conn, link);
    TAILQ_INSERT_TAIL(&client->dead, conn, link);
    identity_wake(conn->identity);
}

void
conn_watch(struct conn *conn, int fd, int events)
{
    if (ev_is_active(&conn->io)) {
        if (conn->io.fd == fd &&
            (conn->io.events & (EV_READ | EV_WRITE)) == events)
            return;
        ev_io_stop(conn->client->loop, &conn->io);
    }
    if (events == 0)
        return;
    ev_io_set(&conn->io, fd, events);
    ev_io_start(conn->client->loop, &conn->io);
}

uint32_t
conn_room(const struct conn *conn)
{
    if (conn->state != CONN_OPEN || conn->is_blocked ||
        throttle_is_pausing(&conn->throttle, conn->client->now_us))
        return 0;
    if (conn->is_apart && conn_in_flight(conn) > 0)
        return 0;
    return throttle_room(&conn->throttle, conn_in_flight(conn),
                         h2_room(conn->h2));
}

uint32_t
conn_in_flight(const struct conn *conn)
{
    return conn->h2 != NULL ? h2_in_flight(conn->h2) : 0;
}

uint32_t
conn_streams_max(const struct conn *conn)
{
    uint32_t max = conn->state == CONN_OPEN ? h2_streams_max(conn->h2) : 0;

    return conn->is_apart && max > 1 ? 1 : max;
}

bool
conn_has_shrunk(const struct conn *conn)
{
    uint32_t limit = conn_streams_max(conn);

    return conn->state == CONN_OPEN && (limit == 0 || limit < conn->best_limit);
}

void
conn_want_flush(struct conn *conn)
{
    if (conn->is_to_flush || conn->state == CONN_DEAD)
        return;
    conn->is_to_flush = true;
    TAILQ_INSERT_TAIL(&conn->client->flush, conn, flush_link);
    client_kick(conn->client);
}

/*
 * When the timer has something to do: opening takes too long; a PING is due
 * or its ACK; buffers can be given back; a goodbye is not read.
 */
static uint64_t
find_due(const struct conn *conn)
{
    const struct apns_config *config = &conn->client->config;
    uint64_t seen = conn->received_at_us;
    uint64_t due;

    if (conn->state < CONN_OPEN)
        return setup_due_at(conn);
    if (conn_in_flight(conn) > 0) {
        if (conn->flight_at_us > seen)
            seen = conn->flight_at_us;
        due = seen + config->ping_stall_ms * UINT64_C(1000);
    } else {
        due = seen + config->ping_idle_ms * UINT64_C(1000);
    }
    if (conn->ping_at_us != 0)
        due = conn->ping_at_us + config->ping_ack_ms * UINT64_C(1000);
    if (conn_in_flight(conn) > 0)
        return due;
    if (conn->n_since_rest > 0 && seen + CONN_REST_MS * 1000 < due)
        due = seen + CONN_REST_MS * 1000;
    if (conn->has_said_bye && conn->used_at_us + CONN_GOODBYE_MS * 1000 < due)
        due = conn->used_at_us + CONN_GOODBYE_MS * 1000;
    return due;
}

void
conn_arm(struct conn *conn)
{
    struct apns_client *client = conn->client;
    uint64_t due = find_due(conn);
    uint64_t span = due > client->now_us ? due - client->now_us : 0;

    ev_timer_stop(client->loop, &conn->timer);
    /* A millisecond more, so that it does not come too early by a hair. */
    ev_timer_set(&conn->timer, (double)span / 1e6 + 0.001, 0.0);
    ev_timer_start(client->loop, &conn->timer);
    conn->alarm_at_us = due;
}

static void
ping(struct conn *conn)
{
    conn->ping_at_us = conn->client->now_us;
    conn->client->stats.n_pings++;
    h2_ping(conn->h2);
    conn_want_flush(conn);
}

static void
on_timer(struct ev_loop *loop, ev_timer *timer, int revents)
{
    struct conn *conn = timer->data;
    uint64_t now;

    (void)loop;
    (void)revents;
    client_tick(conn->client);
    now = conn->client->now_us;
    if (now >= find_due(conn)) {
        if (conn->state < CONN_OPEN)
            setup_on_due(conn);
        else if (conn->ping_at_us != 0 &&
                 now >= conn->ping_at_us +
                            conn->client->config.ping_ack_ms * UINT64_C(1000))
            conn_fail(conn, &(struct conn_fault){.why = "ping timeout"});
        else if (conn->has_said_bye && conn_in_flight(conn) == 0)
            conn_fail(conn, NULL);
        else if (conn_in_flight(conn) == 0 && conn->n_since_rest > 0) {
            conn->n_since_rest = 0;
            wire_rest(&conn->wire);
        } else if (conn->ping_at_us == 0)
            ping(conn);
    }
    if (conn->state != CONN_DEAD)
        conn_arm(conn);
}

void
conn_fail(struct conn *conn, const struct conn_fault *fault)
{
    struct identity *identity = conn->identity;
    enum conn_state before = conn->state;
    struct slot *slot;

    if (before == CONN_DEAD)
        return;
    if (fault != NULL)
        log_line(&conn->client->config,
                 before == CONN_DRAINING && conn_in_flight(conn) == 0
                     ? APNS_LOG_DEBUG /* closed by the peer, as expected */
                     : APNS_LOG_WARN,
                 EVENT_CONN_LOST " topic=%s conn=%u state=%s in_flight=%u "
                                 "why=\"%s\"",
                 identity->cert.topic, conn->number, conn_state_name(before),
                 conn_in_flight(conn), fault->why);
    if (conn_in_flight(conn) > 0)
        conn->client->stats.n_conns_lost++;
    conn_move(conn, CONN_DEAD);
    /* The verdict first: a stopped identity does not take pushes back. */
    identity_on_dead(identity, conn, before, fault);
    while (conn->h2 != NULL && (slot = h2_take(conn->h2)) != NULL)
        outcome_lose(identity, slot);
}

bool
conn_push(struct conn *conn, struct slot *slot)
{
    struct apns_client *client = conn->client;

    if (conn_in_flight(conn) == 0)
        conn->flight_at_us = client->now_us;
    if (!h2_submit(conn->h2, slot)) {
        conn_drain(conn, "no more streams");
        return false;
    }
    slot->state = SLOT_FLYING;
    slot->conn = conn;
    conn->n_resent += slot->is_resent;
    conn->identity->n_in_flight++;
    client->stats.n_in_flight++;
    conn->used_at_us = client->now_us;
    conn->is_hurried = conn->is_hurried || slot->is_urgent;
    if (++conn->n_since_rest == CONN_BUSY)
        wire_work(&conn->wire);
    if (conn->alarm_at_us >
        client->now_us + client->config.ping_stall_ms * UINT64_C(1000))
        conn_arm(conn);
    conn_want_flush(conn);
    traffic_fill(conn);
    return true;
}

void
conn_cancel(struct conn *conn, struct slot *slot)
{
    h2_cancel(conn->h2, slot);
    conn->n_resent -= slot->is_resent;
    slot->conn = NULL;
    conn->used_at_us = conn->client->now_us;
    conn_want_flush(conn);
}

void
conn_note_deadline(struct conn *conn)
{
    if (++conn->n_expired < CONN_MAX_EXPIRED || conn->state != CONN_OPEN)
        return;
    log_line(&conn->client->config, APNS_LOG_WARN,
             EVENT_CONN_MUTE " topic=%s conn=%u in_flight=%u",
             conn->identity->cert.topic, conn->number, conn_in_flight(conn));
    conn_drain(conn, "no answers");
    identity_on_mute(conn->identity, conn);
}

void
conn_drain(struct conn *conn, const char *why)
{
    if (conn->state < CONN_OPEN) {
        conn_fail(conn, NULL);
        return;
    }
    if (conn->state != CONN_OPEN)
        return;
    log_line(&conn->client->config, APNS_LOG_DEBUG,
             EVENT_CONN_DRAIN " topic=%s conn=%u in_flight=%u why=\"%s\"",
             conn->identity->cert.topic, conn->number, conn_in_flight(conn),
             why);
    conn_move(conn, CONN_DRAINING);
    conn_want_flush(conn);
    identity_wake(conn->identity);
}
