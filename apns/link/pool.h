/* SPDX-License-Identifier: MIT */
#ifndef APNS_POOL_H
#define APNS_POOL_H

/*
 * The connections of one identity: which one takes the next push, when to
 * open another, when to close one. The decision is a pure function of what is
 * seen; pool_work carries it out.
 *
 * Suspects have a connection of their own beside the others while one waits:
 * one push at a time, and it does not count.
 */

#include <stdbool.h>
#include <stdint.h>

#include "apns/push/slot.h"
#include "conn.h"

#define POOL_BATCH 16 /* pushes for one connection before looking again */

struct pool {
    struct conn_list conns; /* in any state but DEAD */
    uint32_t n_conns[CONN_N_STATES];
    uint64_t dialled_at_us;      /* 0: never */
    bool is_paid;                /* the next dial: see IDENTITY_DIAL_PRICE */
    uint64_t saturated_since_us; /* pushes wait and no stream is free; or 0 */
};

/* What pool_decide looks at. Connections with an older certificate, those
 * that drain and that of suspects do not count. */
struct pool_view {
    uint64_t now_us;
    uint64_t dialled_at_us;      /* 0: never */
    uint64_t not_before_us;      /* the breaker: no dial before; or 0 */
    uint64_t saturated_since_us; /* 0: not saturated */
    uint64_t idle_since_us;      /* of the one unused longest; 0: all in use */
    uint64_t settle_us;
    uint64_t idle_close_us;
    uint32_t n_open;
    uint32_t n_dialing;
    uint32_t n_waiting; /* pushes, without suspects */
    uint32_t n_apart;   /* suspects that wait */
    uint32_t n_min;
    uint32_t n_max;
    bool is_stopped;   /* the breaker: one probe and nothing else */
    bool has_shrunk;   /* an open one is allowed less than it once was */
    bool has_apart;    /* the suspects' connection is there, or dialled */
    bool wants_to_try; /* a new certificate is to be tried, pushes or not */
};

enum pool_action {
    POOL_WAIT,
    POOL_DIAL,
    POOL_DIAL_APART, /* the suspects' own */
    POOL_CLOSE,      /* the one unused longest */
};

struct pool_decision {
    enum pool_action action;
    uint64_t again_at_us; /* POOL_WAIT: look again then; 0: when it changes */
};

/**
 * pool_decide(view):
 * One more connection is opened when there are fewer than the minimum, when
 * pushes wait and there is none, or when pushes have waited for a settle time
 * and every open one is at its stream limit. A limit that APNs has lowered
 * is an answer to what we sent: it is never met with more connections.
 */
struct pool_decision pool_decide(const struct pool_view *view);

/** pool_init(pool): empty. */
void pool_init(struct pool *pool);

/** pool_count(pool, conn, state): ${conn} changes to ${state}. */
void pool_count(struct pool *pool, struct conn *conn, enum conn_state state);

/** pool_n_live(pool): connections in any state but DEAD. */
uint32_t pool_n_live(const struct pool *pool);

/**
 * pool_pick(pool, is_resent):
 * The open one with most room; NULL: none has any. ${is_resent}: room for a
 * push that was lost once.
 */
struct conn *pool_pick(struct pool *pool, bool is_resent);

/**
 * pool_work(identity):
 * Give waiting pushes to connections, open and close connections, and return
 * when to look again; 0: when something changes. Safe to call at any time.
 */
uint64_t pool_work(struct identity *identity);

/** pool_drain(pool, generation, why): drain those older than that. */
void pool_drain(struct pool *pool, uint32_t generation, const char *why);

/** pool_kill(pool): every connection dies now; none has a push. */
void pool_kill(struct pool *pool);

#endif /* APNS_POOL_H */
