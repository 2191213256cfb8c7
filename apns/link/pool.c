/* SPDX-License-Identifier: MIT */
#include "pool.h"

#include <string.h>

#include "apns/base/must.h"
#include "apns/client.h"
#include "apns/identity.h"
#include "apns/push/outcome.h"

static uint64_t
later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static struct pool_decision
wait_until(uint64_t at_us)
{
    return (struct pool_decision){POOL_WAIT, at_us};
}

/* Do it when its time has come. */
static struct pool_decision
act_at(const struct pool_view *view, enum pool_action action, uint64_t at_us)
{
    if (at_us > view->now_us)
        return wait_until(at_us);
    return (struct pool_decision){action, 0};
}

static bool
needs_first(const struct pool_view *view)
{
    uint32_t n_live = view->n_open + view->n_dialing;

    if (view->is_stopped)
        return n_live == 0;
    if (n_live < view->n_min)
        return true;
    return n_live == 0 && (view->n_waiting > 0 || view->wants_to_try);
}

static bool
may_grow(const struct pool_view *view)
{
    return !view->is_stopped && view->n_waiting > 0 &&
           view->saturated_since_us != 0 && view->n_open > 0 &&
           view->n_dialing == 0 && view->n_open < view->n_max &&
           !view->has_shrunk;
}

struct pool_decision
pool_decide(const struct pool_view *view)
{
    uint64_t at = view->not_before_us;

    if (view->dialled_at_us != 0)
        at = later(at, view->dialled_at_us + view->settle_us);
    if (needs_first(view))
        return act_at(view, POOL_DIAL, at);
    if (view->n_apart > 0 && !view->has_apart && !view->is_stopped)
        return act_at(view, POOL_DIAL_APART, at);
    if (may_grow(view))
        return act_at(view, POOL_DIAL,
                      later(at, view->saturated_since_us + view->settle_us));
    if (view->idle_since_us != 0 && view->n_open > view->n_min &&
        view->n_waiting == 0)
        return act_at(view, POOL_CLOSE,
                      view->idle_since_us + view->idle_close_us);
    return wait_until(0);
}

void
pool_init(struct pool *pool)
{
    memset(pool, 0, sizeof *pool);
    TAILQ_INIT(&pool->conns);
}

void
pool_count(struct pool *pool, struct conn *conn, enum conn_state state)
{
    must(pool->n_conns[conn->state] > 0);
    pool->n_conns[conn->state]--;
    if (state != CONN_DEAD)
        pool->n_conns[state]++;
}

uint32_t
pool_n_live(const struct pool *pool)
{
    uint32_t n = 0;

    for (size_t i = 0; i < CONN_DEAD; i++)
        n += pool->n_conns[i];
    return n;
}

struct conn *
pool_pick(struct pool *pool, bool is_resent)
{
    struct conn *best = NULL;
    uint32_t most = 0;
    struct conn *conn;

    TAILQ_FOREACH (conn, &pool->conns, link) {
        uint32_t room = conn_room(conn);

        if (conn->is_apart || (is_resent && conn->n_resent >= CONN_MAX_RESENT))
            continue;
        if (room > most) {
            most = room;
            best = conn;
        }
    }
    return best;
}

/* A few of what waits. */
static void
give(struct identity *identity, struct conn *conn)
{
    for (int i = 0; i < POOL_BATCH && conn_room(conn) > 0; i++) {
        struct slot *slot = outcome_dequeue(identity, conn);

        if (slot == NULL)
            return;
        slot_fetch(TAILQ_FIRST(&identity->queue));
        if (conn_push(conn, slot))
            continue;
        outcome_queue(identity, slot);
        return;
    }
}

/* The suspects' connection goes when it has none: the next may come in a
 * while or never. */
static void
give_apart(struct identity *identity)
{
    struct conn *conn;

    TAILQ_FOREACH (conn, &identity->pool.conns, link)
        if (conn->is_apart && conn->state == CONN_OPEN &&
            conn_in_flight(conn) == 0)
            break;
    if (conn == NULL)
        return;
    if (identity->n_apart > 0)
        give(identity, conn);
    else
        conn_drain(conn, "no suspect waits");
}

/* Give waiting pushes to connections. */
static void
assign(struct identity *identity)
{
    struct conn *conn;

    while (identity->n_queued > identity->n_apart) {
        bool is_resent =
            TAILQ_EMPTY(&identity->urgent) && TAILQ_EMPTY(&identity->queue);

        if ((conn = pool_pick(&identity->pool, is_resent)) == NULL)
            break;
        give(identity, conn);
    }
    give_apart(identity);
}

static struct conn *
find_unused(const struct identity *identity)
{
    struct conn *longest = NULL;
    struct conn *conn;

    TAILQ_FOREACH (conn, &identity->pool.conns, link)
        if (conn->state == CONN_OPEN && conn_in_flight(conn) == 0 &&
            conn->generation == identity->generation && !conn->is_apart &&
            (longest == NULL || conn->used_at_us < longest->used_at_us))
            longest = conn;
    return longest;
}

static uint64_t
unused_since(const struct conn *conn)
{
    return later(conn->used_at_us, conn->phase_at_us);
}

static uint64_t
settle_us(const struct identity *identity)
{
    uint32_t ms = identity->client->config.settle_ms;

    if (identity->pool.is_paid && ms > IDENTITY_PAID_SETTLE_MS)
        ms = IDENTITY_PAID_SETTLE_MS;
    return ms * UINT64_C(1000);
}

static void
look(struct identity *identity, struct pool_view *view)
{
    const struct apns_client *client = identity->client;
    const struct pool *pool = &identity->pool;
    const struct conn *unused = find_unused(identity);
    const struct conn *conn;

    *view = (struct pool_view){
        .now_us = client->now_us,
        .dialled_at_us = pool->dialled_at_us,
        .not_before_us = identity->dial_at_us,
        .saturated_since_us = pool->saturated_since_us,
        .idle_since_us = unused != NULL ? unused_since(unused) : 0,
        .settle_us = settle_us(identity),
        .idle_close_us = client->config.idle_close_ms * UINT64_C(1000),
        .n_waiting = identity->n_queued - identity->n_apart,
        .n_apart = identity->n_apart,
        .n_min = client->config.conns_min,
        .n_max = client->config.conns_max,
        .is_stopped =
            breaker_state(&identity->breaker) == APNS_IDENTITY_STOPPED,
        .wants_to_try = identity->wants_to_try,
    };
    TAILQ_FOREACH (conn, &pool->conns, link) {
        if (conn->generation != identity->generation)
            continue;
        if (conn->is_apart) {
            view->has_apart = view->has_apart || conn->state <= CONN_OPEN;
            continue;
        }
        view->n_open += conn->state == CONN_OPEN;
        view->n_dialing += conn->state < CONN_OPEN;
        view->has_shrunk = view->has_shrunk || conn_has_shrunk(conn);
    }
}

/* Saturated: pushes wait and every open connection is at its limit, be it
 * for streams or for what the network takes. */
static void
note_saturation(struct identity *identity)
{
    struct pool *pool = &identity->pool;

    if (identity->n_queued == identity->n_apart ||
        pool->n_conns[CONN_OPEN] == 0)
        pool->saturated_since_us = 0;
    else if (pool->saturated_since_us == 0)
        pool->saturated_since_us = identity->client->now_us;
}

/* One more connection; false: not now, be woken when it may. */
static bool
dial_one(struct identity *identity, bool is_apart)
{
    struct apns_client *client = identity->client;
    struct conn *conn;

    if (client->n_dialing >= CLIENT_DIALS) {
        if (!identity->waits_to_dial)
            TAILQ_INSERT_TAIL(&client->dial_waiters, identity, dial_link);
        identity->waits_to_dial = true;
        return false;
    }
    if (!identity_may_dial(identity))
        return false;
    identity->pool.dialled_at_us = client->now_us;
    identity->pool.is_paid = false;
    if ((conn = conn_new(identity)) == NULL) {
        identity_fail(identity, &(struct conn_fault){.why = "out of memory"});
        return false;
    }
    conn->is_apart = is_apart; /* also if it has failed at once */
    return true;
}

/* A connection that pauses has room again at a time of its own. */
static uint64_t
find_pause_end(const struct identity *identity, uint64_t again_at_us)
{
    uint64_t now = identity->client->now_us;
    const struct conn *conn;

    if (identity->n_queued == 0)
        return again_at_us;
    TAILQ_FOREACH (conn, &identity->pool.conns, link)
        if (throttle_is_pausing(&conn->throttle, now) &&
            (again_at_us == 0 || conn->throttle.until_us < again_at_us))
            again_at_us = conn->throttle.until_us;
    return again_at_us;
}

uint64_t
pool_work(struct identity *identity)
{
    struct pool_decision decision;
    struct pool_view view;

    assign(identity);
    note_saturation(identity);
    if (identity->is_removed ||
        (identity->client->is_draining && identity->n_queued == 0))
        return 0;
    /* Each round opens or closes one; conns_max bounds them. */
    for (int i = 0; i < 2 * APNS_MAX_CONNS; i++) {
        look(identity, &view);
        decision = pool_decide(&view);
        if (decision.action == POOL_WAIT)
            return find_pause_end(identity, decision.again_at_us);
        if (decision.action == POOL_CLOSE)
            conn_drain(find_unused(identity), "idle");
        else if (!dial_one(identity, decision.action == POOL_DIAL_APART))
            break;
    }
    return 0;
}

void
pool_drain(struct pool *pool, uint32_t generation, const char *why)
{
    struct conn *next;

    for (struct conn *conn = TAILQ_FIRST(&pool->conns); conn != NULL;
         conn = next) {
        next = TAILQ_NEXT(conn, link);
        if (conn->generation < generation)
            conn_drain(conn, why);
    }
}

void
pool_kill(struct pool *pool)
{
    struct conn *conn;

    while ((conn = TAILQ_FIRST(&pool->conns)) != NULL)
        conn_fail(conn, NULL);
}
