/* SPDX-License-Identifier: MIT */
#include "turn.h"

#include <time.h>

#include "apns/base/must.h"
#include "apns/link/traffic.h"
#include "outcome.h"

void
turn_read_wall_clock(struct apns_client *client)
{
    const struct apns_config *config = &client->config;

    client_tick(client);
    client->now_unix = config->now_unix != NULL
                           ? config->now_unix(config->now_arg)
                           : (int64_t)time(NULL);
}

/*
 * Deadlines.
 */

static void
set_due(struct apns_client *client, uint64_t at_us)
{
    uint64_t span = at_us > client->now_us ? at_us - client->now_us : 0;

    client->due_at_us = at_us;
    ev_timer_stop(client->loop, &client->due);
    ev_timer_set(&client->due, (double)span / 1e6 + 0.001, 0.0);
    ev_timer_start(client->loop, &client->due);
}

static uint64_t
due_of(const struct apns_client *client, const struct slot *slot)
{
    uint64_t recall_at_us = client->recall_at_us;

    return recall_at_us != 0 && recall_at_us < slot->due_at_us
               ? recall_at_us
               : slot->due_at_us;
}

void
client_watch_deadline(struct apns_client *client, const struct slot *slot)
{
    uint64_t due_at_us = due_of(client, slot);

    if (client->due_at_us == 0 || due_at_us < client->due_at_us)
        set_due(client, due_at_us);
}

/* The timer is left alone while the first deadline moves on; it looks again
 * when it comes. */
static void
on_due(struct ev_loop *loop, ev_timer *timer, int revents)
{
    struct apns_client *client = timer->data;

    (void)loop;
    (void)revents;
    client_tick(client);
    client->due_at_us = 0;
    client_kick(client);
}

/* A fleet has been woken; what it took goes back some time after. */
static void
trim(struct apns_client *client)
{
    uint64_t at_us = client->idle_since_us + CLIENT_TRIM_MS * 1000;

    if (client->h2mem.n_free == 0 || client->due_at_us != 0)
        return;
    if (client->now_us < at_us) {
        set_due(client, at_us);
        return;
    }
    h2mem_trim(&client->h2mem);
    buffers_fini(&client->buffers);
}

static void
expire(struct apns_client *client)
{
    struct slot *slot;

    while ((slot = deadline_first(&client->deadlines)) != NULL &&
           due_of(client, slot) <= client->now_us)
        outcome_expire(slot->identity, slot);
    if (slot != NULL)
        client_watch_deadline(client, slot);
    else
        trim(client);
}

/*
 * Delivery.
 */

static void
deliver(struct apns_client *client)
{
    struct slot *slot;

    /* What the callbacks end comes next time, so that this ends. */
    TAILQ_CONCAT(&client->delivering, &client->done, link);
    while ((slot = TAILQ_FIRST(&client->delivering)) != NULL) {
        struct apns_result result;

        TAILQ_REMOVE(&client->delivering, slot, link);
        slot_fetch(TAILQ_FIRST(&client->delivering));
        slot_result(slot, &result);
        slot->on_result(slot->arg, &result);
        slot_give(&client->slots, slot);
        client->idle_since_us = client->now_us;
    }
}

static void
tell_events(struct apns_client *client)
{
    struct identity *identity;

    while ((identity = TAILQ_FIRST(&client->events)) != NULL) {
        struct apns_identity_status status;

        TAILQ_REMOVE(&client->events, identity, event_link);
        identity->has_event = false;
        if (client->config.on_identity == NULL)
            continue;
        identity_status(identity, &status);
        client->config.on_identity(client->config.on_identity_arg, &status);
    }
}

static void
tell_drain(struct apns_client *client)
{
    if (!client->was_busy || client->slots.n_used > client->slots.max / 2)
        return;
    client->was_busy = false;
    if (client->config.on_drain != NULL && !client->is_draining)
        client->config.on_drain(client->config.on_drain_arg);
}

/*
 * The turn.
 */

static void
work(struct apns_client *client)
{
    struct identity *identity;
    struct identity_list now = TAILQ_HEAD_INITIALIZER(now);

    /* Who wakes meanwhile has the next turn, so that this one ends. */
    TAILQ_CONCAT(&now, &client->work, work_link);
    while ((identity = TAILQ_FIRST(&now)) != NULL) {
        TAILQ_REMOVE(&now, identity, work_link);
        identity->has_work = false;
        identity_work(identity);
    }
}

static void
flush(struct apns_client *client)
{
    struct conn *conn;

    while ((conn = TAILQ_FIRST(&client->flush)) != NULL) {
        TAILQ_REMOVE(&client->flush, conn, flush_link);
        conn->is_to_flush = false;
        traffic_flush(conn);
    }
}

static void
bury(struct apns_client *client)
{
    struct identity *identity, *next;
    struct conn *conn;

    while ((conn = TAILQ_FIRST(&client->dead)) != NULL) {
        TAILQ_REMOVE(&client->dead, conn, link);
        client->stats.n_conns[CONN_DEAD]--;
        conn_free(conn);
    }
    for (identity = TAILQ_FIRST(&client->removed); identity != NULL;
         identity = next) {
        next = TAILQ_NEXT(identity, link);
        if (!identity_is_over(identity))
            continue;
        TAILQ_REMOVE(&client->removed, identity, link);
        identity_free(identity);
    }
}

/* Draining: when the last push has ended, the connections close; when the
 * last of them is gone, it is over. */
static void
drain(struct apns_client *client)
{
    void (*on_drained)(void *arg) = client->on_drained;
    struct identity *identity;
    uint32_t n_live = 0;

    if (!client->is_draining || client->slots.n_used > 0)
        return;
    TAILQ_FOREACH (identity, &client->identities, link) {
        pool_drain(&identity->pool, UINT32_MAX, "client drains");
        n_live += pool_n_live(&identity->pool);
    }
    if (n_live > 0 || !TAILQ_EMPTY(&client->removed) || on_drained == NULL)
        return;
    client->on_drained = NULL;
    on_drained(client->on_drained_arg);
}

static bool
has_more(const struct apns_client *client)
{
    return !TAILQ_EMPTY(&client->done) || !TAILQ_EMPTY(&client->work) ||
           !TAILQ_EMPTY(&client->flush) || !TAILQ_EMPTY(&client->unread) ||
           !TAILQ_EMPTY(&client->events);
}

static void
take_turn(struct apns_client *client)
{
    if (client->is_in_turn) /* a callback runs the loop: not our turn */
        return;
    client->is_in_turn = true;
    ev_idle_stop(client->loop, &client->kick);
    turn_read_wall_clock(client);
    expire(client);
    deliver(client);
    tell_events(client);
    tell_drain(client);
    work(client);
    flush(client);
    deliver(client);
    drain(client);
    bury(client);
    client->is_in_turn = false;
    client->is_before_turn = false;
    if (client->is_freed)
        client_destroy(client);
    else if (has_more(client))
        client_kick(client);
}

static void
on_prepare(struct ev_loop *loop, ev_prepare *prepare, int revents)
{
    (void)loop;
    (void)revents;
    take_turn(prepare->data);
}

/* Runs before all other callbacks of a pass: they find the clock right, and
 * a turn follows before the loop sleeps. */
static void
on_check(struct ev_loop *loop, ev_check *check, int revents)
{
    struct apns_client *client = check->data;

    (void)loop;
    (void)revents;
    client_tick(client);
    client->is_before_turn = true;
    traffic_read_on(client);
}

/* Idle watchers keep the loop from sleeping; the turn comes by itself. */
static void
on_kick(struct ev_loop *loop, ev_idle *kick, int revents)
{
    (void)loop;
    (void)kick;
    (void)revents;
}

void
turn_init(struct apns_client *client)
{
    client->is_before_turn = true;
    turn_read_wall_clock(client);
    client->idle_since_us = client->now_us;
    ev_prepare_init(&client->prepare, on_prepare);
    ev_set_priority(&client->prepare, TURN_PRIORITY);
    client->prepare.data = client;
    ev_prepare_start(client->loop, &client->prepare);
    ev_check_init(&client->check, on_check);
    ev_set_priority(&client->check, EV_MAXPRI);
    client->check.data = client;
    ev_check_start(client->loop, &client->check);
    ev_idle_init(&client->kick, on_kick);
    ev_timer_init(&client->due, on_due, 0.0, 0.0);
    client->due.data = client;
}

void
turn_fini(struct apns_client *client)
{
    ev_prepare_stop(client->loop, &client->prepare);
    ev_check_stop(client->loop, &client->check);
    ev_idle_stop(client->loop, &client->kick);
    ev_timer_stop(client->loop, &client->due);
}

/*
 * Ending all.
 */

static void
end_all(struct apns_client *client)
{
    struct identity *identity;
    struct slot *slot;

    while ((slot = deadline_first(&client->deadlines)) != NULL)
        outcome_abandon(slot->identity, slot);
    while ((identity = TAILQ_FIRST(&client->identities)) != NULL)
        must(apns_identity_remove(client, identity->cert.topic) == APNS_OK);
    TAILQ_FOREACH (identity, &client->removed, link)
        pool_kill(&identity->pool);
}

void
apns_client_free(struct apns_client *client)
{
    bool was_in_turn;

    if (client == NULL || client->is_freed)
        return;
    was_in_turn = client->is_in_turn;
    client->is_freed = true;
    client->is_draining = true;
    client->is_in_turn = true;
    client->on_drained = NULL;
    end_all(client);
    do
        deliver(client);
    while (!TAILQ_EMPTY(&client->done));
    client->is_in_turn = was_in_turn;
    if (was_in_turn) /* the turn goes on above us, and ends it */
        return;
    bury(client);
    client_destroy(client);
}

void
apns_client_recall(struct apns_client *client, uint32_t wait_ms)
{
    struct identity *identity;

    client_tick(client);
    client->is_draining = true;
    client->recall_at_us = client->now_us + wait_ms * UINT64_C(1000);
    TAILQ_FOREACH (identity, &client->identities, link)
        outcome_recall_queued(identity);
    client_kick(client);
}

void
apns_client_drain(struct apns_client *client, void (*on_drained)(void *arg),
                  void *arg)
{
    client->is_draining = true;
    client->on_drained = on_drained;
    client->on_drained_arg = arg;
    client_kick(client);
}
