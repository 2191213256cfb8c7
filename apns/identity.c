/* SPDX-License-Identifier: MIT */
#include "identity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apns/base/must.h"
#include "apns/http2/reply.h"
#include "apns/push/outcome.h"
#include "client.h"
#include "log.h"

static void
on_timer(struct ev_loop *loop, ev_timer *timer, int revents)
{
    struct identity *identity = timer->data;

    (void)loop;
    (void)revents;
    client_tick(identity->client);
    identity_wake(identity);
}

struct identity *
identity_new(struct apns_client *client, const struct apns_cert *cert,
             struct cert_pair *pair)
{
    const struct breaker_limits limits = {
        .backoff_min_ms = client->config.backoff_min_ms,
        .backoff_max_ms = client->config.backoff_max_ms,
        .probe_ms = client->config.probe_ms,
    };
    struct identity *identity = calloc(1, sizeof *identity);

    if (identity == NULL)
        return NULL;
    identity->client = client;
    identity->cert = *cert;
    identity->pair = pair;
    identity->generation = 1;
    breaker_init(&identity->breaker, &limits);
    pool_init(&identity->pool);
    TAILQ_INIT(&identity->urgent);
    TAILQ_INIT(&identity->resent);
    TAILQ_INIT(&identity->queue);
    TAILQ_INIT(&identity->apart);
    ev_timer_init(&identity->timer, on_timer, 0.0, 0.0);
    identity->timer.data = identity;
    identity_wake(identity);
    return identity;
}

void
identity_free(struct identity *identity)
{
    struct apns_client *client = identity->client;

    must(pool_n_live(&identity->pool) == 0);
    must(identity->n_queued == 0 && identity->n_in_flight == 0);
    if (identity->has_work)
        TAILQ_REMOVE(&client->work, identity, work_link);
    if (identity->has_event)
        TAILQ_REMOVE(&client->events, identity, event_link);
    if (identity->waits_to_dial)
        TAILQ_REMOVE(&client->dial_waiters, identity, dial_link);
    ev_timer_stop(client->loop, &identity->timer);
    cert_pair_free(identity->pair);
    free(identity);
}

static enum apns_identity_state
state_of(const struct identity *identity)
{
    return breaker_state(&identity->breaker);
}

/* on_identity is called for it, in the turn. */
static void
note_event(struct identity *identity)
{
    if (identity->has_event || identity->is_removed)
        return;
    identity->has_event = true;
    TAILQ_INSERT_TAIL(&identity->client->events, identity, event_link);
    client_kick(identity->client);
}

void
identity_wake(struct identity *identity)
{
    if (identity->has_work)
        return;
    identity->has_work = true;
    TAILQ_INSERT_TAIL(&identity->client->work, identity, work_link);
    client_kick(identity->client);
}

static void
set_timer(struct identity *identity, uint64_t at_us)
{
    struct apns_client *client = identity->client;
    uint64_t span = at_us > client->now_us ? at_us - client->now_us : 0;

    ev_timer_stop(client->loop, &identity->timer);
    if (at_us == 0)
        return;
    ev_timer_set(&identity->timer, (double)span / 1e6 + 0.001, 0.0);
    ev_timer_start(client->loop, &identity->timer);
}

void
identity_work(struct identity *identity)
{
    bool is_backoff = state_of(identity) == APNS_IDENTITY_BACKOFF;

    /* Connections that stand are as good as a new one. */
    if (is_backoff && identity->dial_at_us <= identity->client->now_us &&
        identity->pool.n_conns[CONN_OPEN] > 0) {
        breaker_on_open(&identity->breaker);
        identity->dial_at_us = 0;
        note_event(identity);
        is_backoff = false;
    }
    set_timer(identity, pool_work(identity));
    if (is_backoff && !ev_is_active(&identity->timer) &&
        identity->dial_at_us > identity->client->now_us)
        set_timer(identity, identity->dial_at_us);
}

/*
 * Stopping and going on.
 */

static void
explain(struct identity *identity, const char *why, enum apns_class class_)
{
    /* ${why} may be the text that is replaced. */
    char text[sizeof identity->why];

    snprintf(text, sizeof text, "%s", why);
    memcpy(identity->why, text, sizeof text);
    identity->class_ = class_;
    breaker_explain(&identity->breaker, identity->why);
}

void
identity_fail(struct identity *identity, const struct conn_fault *fault)
{
    struct apns_client *client = identity->client;
    enum apns_identity_state before = state_of(identity);
    uint32_t ms = breaker_on_failure(&identity->breaker, fault->cause,
                                     rng_unit(&client->rng));
    bool is_stopped = state_of(identity) == APNS_IDENTITY_STOPPED;
    bool is_refusal = fault->cause != APNS_CAUSE_NONE;

    identity->dial_at_us = client->now_us + ms * UINT64_C(1000);
    if (!is_stopped || is_refusal)
        explain(identity, fault->why,
                is_refusal ? APNS_CLASS_IDENTITY : APNS_CLASS_NO_ANSWER);
    log_line(&client->config, is_stopped ? APNS_LOG_ERROR : APNS_LOG_WARN,
             EVENT_OF_IDENTITY " topic=%s why=\"%s\" next_dial_ms=%u",
             is_stopped ? "stopped" : "backoff", identity->cert.topic,
             identity->why, ms);
    if (is_stopped) {
        pool_drain(&identity->pool, UINT32_MAX, identity->why);
        outcome_end_queued(identity);
    }
    if (state_of(identity) != before || is_stopped)
        note_event(identity);
    identity_wake(identity);
}

static void
clear_why(struct identity *identity)
{
    identity->why[0] = '\0';
    identity->class_ = APNS_CLASS_ACCEPTED;
}

void
identity_follow(struct identity *identity, enum apns_identity_state before,
                bool was_proven)
{
    struct breaker *breaker = &identity->breaker;
    enum apns_identity_state state = state_of(identity);

    if (state == APNS_IDENTITY_STOPPED && before != APNS_IDENTITY_STOPPED) {
        identity_fail(identity,
                      &(struct conn_fault){.cause = breaker->cause,
                                           .why = breaker_why(breaker)});
        return;
    }
    if (state == before && breaker->is_proven == was_proven)
        return;
    if (state == APNS_IDENTITY_READY) {
        identity->dial_at_us = 0;
        clear_why(identity);
    }
    note_event(identity);
    identity_wake(identity);
}

bool
identity_may_dial(struct identity *identity)
{
    if (identity->cert.not_after_unix > identity->client->now_unix)
        return true;
    identity_fail(identity, &(struct conn_fault){.cause = APNS_CAUSE_EXPIRED,
                                                 .why = "certificate expired"});
    return false;
}

void
identity_on_open(struct identity *identity, struct conn *conn)
{
    enum apns_identity_state before = state_of(identity);

    if (conn->generation != identity->generation)
        return;
    breaker_on_open(&identity->breaker);
    identity->dial_at_us = 0;
    identity->wants_to_try = false;
    if (state_of(identity) == APNS_IDENTITY_READY)
        clear_why(identity);
    if (!identity->is_taken || before != state_of(identity))
        note_event(identity);
    identity->is_taken = true;
    pool_drain(&identity->pool, identity->generation, "certificate replaced");
}

/* Did this connection earn its keep? */
static bool
was_useful(const struct conn *conn)
{
    uint64_t age_us = conn->client->now_us - conn->phase_at_us;

    return conn->n_answered > 0 || age_us > 10 * UINT64_C(1000000);
}

void
identity_fill_place(struct identity *identity)
{
    struct pool *pool = &identity->pool;

    if (identity->n_earned < IDENTITY_DIAL_PRICE || pool->is_paid ||
        pool_n_live(pool) > pool->n_conns[CONN_DRAINING])
        return;
    identity->n_earned -= IDENTITY_DIAL_PRICE;
    pool->is_paid = true;
    identity_wake(identity);
}

void
identity_on_goaway(struct identity *identity, struct conn *conn,
                   const char *reason)
{
    struct conn_fault fault = {
        .why = reason[0] != '\0' ? reason : "goaway",
    };

    if (identity->is_removed || conn->generation != identity->generation)
        return;
    if (reply_reason_stops(reason)) {
        const struct breaker_answer answer = {.class_ = APNS_CLASS_IDENTITY,
                                              .reason = reason};

        fault.cause = reply_cause(reason);
        (void)breaker_on_answer(&identity->breaker, &answer);
    }
    /* One that has done nothing yet counts as a failure, or each connection
     * could be followed by the next at once; the answers to what it has
     * taken may be still to come. */
    if (fault.cause != APNS_CAUSE_NONE ||
        (conn->state == CONN_OPEN && !was_useful(conn) && !conn->is_on_trial))
        identity_fail(identity, &fault);
}

/* Without another connection the next is dialled after a pause that grows: it
 * may be as mute as this one. */
void
identity_on_mute(struct identity *identity, struct conn *conn)
{
    if (identity->is_removed || conn->generation != identity->generation ||
        conn->is_apart || identity->pool.n_conns[CONN_OPEN] > 0)
        return;
    identity_fail(identity, &(struct conn_fault){.why = "no answers"});
}

void
identity_on_dead(struct identity *identity, struct conn *conn,
                 enum conn_state before, const struct conn_fault *fault)
{
    if (fault == NULL || identity->is_removed ||
        conn->generation != identity->generation)
        return;
    if (before == CONN_DRAINING && fault->cause == APNS_CAUSE_NONE &&
        (!conn->is_on_trial || conn->n_answered > 0))
        return;
    /* Others stand, or a suspect was tried: it was its own trouble. */
    if (before == CONN_OPEN && fault->cause == APNS_CAUSE_NONE &&
        (conn->is_apart || identity->pool.n_conns[CONN_OPEN] > 0))
        return;
    identity_fail(identity, fault);
}

static void
go_on(struct identity *identity)
{
    identity->dial_at_us = 0;
    identity->pool.dialled_at_us = 0;
    identity->wants_to_try = true;
    clear_why(identity);
    note_event(identity);
    identity_wake(identity);
}

static bool
is_dialing(const struct identity *identity)
{
    for (size_t i = 0; i < CONN_OPEN; i++)
        if (identity->pool.n_conns[i] > 0)
            return true;
    return false;
}

/* Dialled ones have not shown the new certificate yet. */
static void
end_dialing(struct identity *identity)
{
    struct conn *next;

    if (!is_dialing(identity))
        return;
    for (struct conn *conn = TAILQ_FIRST(&identity->pool.conns); conn != NULL;
         conn = next) {
        next = TAILQ_NEXT(conn, link);
        if (conn->state < CONN_OPEN)
            conn_drain(conn, "certificate replaced");
    }
}

void
identity_swap(struct identity *identity, const struct apns_cert *cert,
              struct cert_pair *pair)
{
    identity->generation++;
    end_dialing(identity);
    cert_pair_free(identity->pair);
    identity->pair = pair;
    identity->cert = *cert;
    identity->is_taken = false;
    breaker_renew(&identity->breaker);
    go_on(identity);
}

void
identity_retry(struct identity *identity)
{
    breaker_reset(&identity->breaker);
    go_on(identity);
}

void
identity_remember(struct identity *identity,
                  const struct apns_identity_history *history)
{
    struct breaker *breaker = &identity->breaker;

    breaker_remember(breaker, history);
    if (state_of(identity) == APNS_IDENTITY_STOPPED) {
        explain(identity, breaker_why(breaker), APNS_CLASS_IDENTITY);
        outcome_end_queued(identity);
    }
    note_event(identity);
    identity_wake(identity);
}

void
identity_remove(struct identity *identity)
{
    identity->is_removed = true;
    if (identity->has_event)
        TAILQ_REMOVE(&identity->client->events, identity, event_link);
    identity->has_event = false;
    outcome_end_queued(identity);
    pool_drain(&identity->pool, UINT32_MAX, "identity removed");
    identity_wake(identity);
}

bool
identity_is_over(const struct identity *identity)
{
    return identity->is_removed && identity->n_in_flight == 0 &&
           pool_n_live(&identity->pool) == 0;
}

void
identity_status(const struct identity *identity,
                struct apns_identity_status *status)
{
    const struct apns_client *client = identity->client;
    const struct conn *conn;

    *status = (struct apns_identity_status){
        .state = state_of(identity),
        .cert = identity->cert,
        .class_ = identity->class_,
        .cause = identity->breaker.cause,
        .is_taken = identity->is_taken,
        .is_proven = identity->breaker.is_proven,
        .n_undecided = identity->breaker.n_undecided,
        .n_conns = pool_n_live(&identity->pool),
        .n_open = identity->pool.n_conns[CONN_OPEN],
        .n_in_flight = identity->n_in_flight,
        .n_queued = identity->n_queued,
    };
    memcpy(status->why, identity->why, sizeof status->why);
    if (status->state == APNS_IDENTITY_BACKOFF ||
        status->state == APNS_IDENTITY_STOPPED) {
        uint64_t now = client->now_us;
        uint64_t at = identity->dial_at_us;

        status->next_try_unix = client->now_unix;
        if (at > now)
            status->next_try_unix += (int64_t)((at - now + 999999) / 1000000);
    }
    TAILQ_FOREACH (conn, &identity->pool.conns, link)
        status->n_streams_max += conn_streams_max(conn);
}
