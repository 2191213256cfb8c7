/* SPDX-License-Identifier: MIT */
#ifndef APNS_SLOT_H
#define APNS_SLOT_H

/*
 * A slot holds one push from apns_submit to its result: request, place and
 * answer. Slots are pooled, so that a push costs no allocation once the pool
 * has grown to what is in use at a time.
 *
 *      take          assign            answer
 *  FREE ---> QUEUED <------> FLYING ----------> HELD
 *   ^           |    move       |                 |
 *   |           +----> DONE <---+-----------------+
 *   +--- give ----------+
 *
 * Being in a state is being in its list: the pool's free list, the identity's
 * queue, the connection's flight, the identity's held answers, the client's
 * ended pushes.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "apns/apns.h"
#include "payload.h"

#define SLOT_CHUNK       128 /* slots allocated together */
#define SLOT_TEXT_INLINE 200 /* path and body; more is allocated for a push */
#define SLOT_MAX_APNS_ID 47  /* bytes kept of apns-id; a UUID has 36 */
#define SLOT_MAX_ANSWER  512 /* bytes kept of an error's body */
#define SLOT_PATH_PREFIX "/3/device/"

enum slot_state {
    SLOT_FREE,
    SLOT_QUEUED, /* waits for a stream */
    SLOT_FLYING, /* has a stream of a connection */
    SLOT_DONE,   /* ended; its result waits to be delivered */
};

/* The body of an answer that has one; only errors do. */
struct slot_answer {
    SLIST_ENTRY(slot_answer) next;
    uint32_t len;
    char text[SLOT_MAX_ANSWER];
};

struct conn;
struct identity;

struct slot {
    TAILQ_ENTRY(slot) link;     /* in the list of its state */
    TAILQ_ENTRY(slot) due_link; /* in its deadline lane, until DONE */
    struct identity *identity;  /* until DONE */
    struct conn *conn;          /* FLYING */
    apns_result_fn *on_result;
    void *arg;
    char *text; /* path, then body */
    struct slot_answer *answer;
    uint64_t submitted_at_us;
    uint64_t due_at_us;
    int64_t expires_unix;
    int32_t stream_id; /* FLYING */
    uint16_t path_len;
    uint16_t body_len;
    uint16_t body_sent; /* FLYING: of body_len, given to the session */
    uint16_t status;    /* of the answer; 0 while there is none */
    uint16_t n_moves;
    uint8_t state; /* enum slot_state */
    uint8_t lane;
    bool is_resent;
    bool is_urgent;
    bool is_apart;   /* its token is a suspect: see suspects.h */
    uint8_t outcome; /* DONE: enum apns_outcome */
    uint8_t class_;  /* DONE: enum apns_class */
    uint32_t probe;  /* see breaker_take; 0: it is none */
    uint32_t retry_after_s;
    uint32_t latency_us;
    int64_t timestamp_ms;
    char apns_id[SLOT_MAX_APNS_ID + 1];
    char reason[APNS_MAX_REASON + 1];
    char inline_text[SLOT_TEXT_INLINE];
};

TAILQ_HEAD(slot_list, slot);

struct slot_chunk;

struct slot_pool {
    struct slot_list free;
    SLIST_HEAD(, slot_chunk) chunks;
    SLIST_HEAD(, slot_answer) answers;
    uint32_t n_slots; /* allocated */
    uint32_t max;     /* bound of n_used */
    uint32_t n_used;
};

/** slot_pool_init(pool, max): nothing is allocated yet. */
void slot_pool_init(struct slot_pool *pool, uint32_t max);

/** slot_pool_fini(pool): all slots must have been given back. */
void slot_pool_fini(struct slot_pool *pool);

/**
 * slot_take(pool, push, slot):
 * Take a slot and write ${push}'s path and body into it; the rest is zero.
 *
 *   errors   APNS_EINVAL  token or magic break their shape
 *            APNS_EBUSY   max are in use
 *            APNS_ENOMEM
 */
APNS_MUST_USE enum apns_err slot_take(struct slot_pool *pool,
                                      const struct apns_push *push,
                                      struct slot **slot);

/** slot_give(pool, slot): ${slot} is in no list any more; reuse it. */
void slot_give(struct slot_pool *pool, struct slot *slot);

/**
 * slot_answer_add(pool, slot, text, len):
 * Keep a piece of the answer's body. What goes beyond SLOT_MAX_ANSWER is
 * dropped, what cannot be allocated too: the status alone still classifies.
 */
void slot_answer_add(struct slot_pool *pool, struct slot *slot,
                     const uint8_t *text, size_t len);

/** slot_answer_drop(pool, slot): forget what has been answered so far. */
void slot_answer_drop(struct slot_pool *pool, struct slot *slot);

/** slot_result(slot, result): a DONE slot in the caller's terms. */
void slot_result(const struct slot *slot, struct apns_result *result);

/** slot_fetch(slot): it is used soon; have it in the cache. NULL is fine. */
static inline void
slot_fetch(const struct slot *slot)
{
    const char *at = (const char *)slot;

    if (slot == NULL)
        return;
    __builtin_prefetch(at, 1);
    __builtin_prefetch(at + 64, 1);
    __builtin_prefetch(at + 128, 1);
}

#endif /* APNS_SLOT_H */
