/* SPDX-License-Identifier: MIT */
#ifndef STORE_STORE_WAKE_H
#define STORE_STORE_WAKE_H

/*
 * Wakes: asked for, claimed when they are due, settled with what came of the
 * push. Part of store.h, which includes it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/enrollment/store_enrollment.h"
#include "store/store_base.h"

/*
 * Due pushes: what a claim hands out. A batch belongs to whoever gets it and
 * must be freed; it is bounded by the claim's max.
 */
struct store_due {
    int64_t row;       /* names the enrollment in the settle */
    int64_t wave;      /* the wave it comes from; 0: a single wake */
    const char *id;    /* only from store_wake_ask; else NULL */
    const char *topic; /* interned: equal pointers within a batch */
    const uint8_t *token;
    uint16_t token_len;
    const char *magic;
    uint32_t tally;   /* version of the token, see settle */
    uint32_t attempt; /* pushes made before this one */
    int64_t ask_no;   /* the newest ask when it was handed out: it serves
                            all up to that one */
    bool again;       /* the push before it ended in a stale 410 */
    int64_t token_at_ms;
    int64_t asked_at_ms;
    int64_t deadline_ms;
};

struct store_batch {
    size_t n;
    struct store_due *due;
    void *memory; /* everything that due points to */
};

/** store_batch_free(batch): NULL is fine. */
void store_batch_free(struct store_batch *batch);

/*
 * One device, one push.
 *
 * Asks, for wakes and for waves, are numbered in the order in which they are
 * stored. A push serves every ask up to the number that it carries: that of
 * the newest ask when it was handed out, or a newer one that was completed
 * before the push was submitted. The numbers, and no clock, tell what was
 * pushed since an ask.
 *
 * An enrollment has at most one push in flight and at most one wake that
 * waits. Who asks for one that waits joins it, wakes and waves alike; what
 * was asked before a push is served by it, what was asked after it gets one
 * more, together. Whatever ends the wake ends it for all that joined, and
 * every wave counts it.
 *
 * Nobody's ask cuts the pause short that APNs asked for (429). A person's
 * ask cuts a wait after trouble (5xx, no answer) short, a wave joins it.
 */

/*
 * Wakes.
 */
enum store_until {
    STORE_UNTIL_ACCEPTED, /* ends with APNs' 200 */
    STORE_UNTIL_CHECK_IN, /* ends when the enrollment is seen */
};

struct store_wake_terms {
    enum store_until until;
    int64_t due_ms;      /* 0: now */
    int64_t deadline_ms; /* after it the wake ends, "deadline" */
    bool is_claimed_now; /* hand out those that are due and not in flight
                               with the completion: one disk write less */
    struct store_scope scope;
};

enum store_asked {
    STORE_ASKED_UNKNOWN,    /* no such enrollment */
    STORE_ASKED_UNPUSHABLE, /* disabled, dead, suspect or without a token:
                               see state; nothing was stored */
    STORE_ASKED_NEW,
    STORE_ASKED_MERGED,    /* one waited already: earliest due, furthest
                               deadline, strongest until; when its push is in
                               flight there is another one after it, unless
                               that was submitted after this ask */
    STORE_ASKED_UNDECIDED, /* likewise, but it is undecided: no push comes
                               before its certificate is proven */
};

struct store_wake_answer {
    enum store_asked asked;
    enum store_state state; /* of the enrollment, unless UNKNOWN */
    int64_t row;            /* as in store_due; 0 when UNKNOWN */
    int64_t ask_no;         /* of this ask; 0 when nothing was stored */
    int64_t not_before_ms;  /* APNs asked for a pause until then; 0: none */
    bool is_claimed;        /* a push was handed out before the ask */
};

/**
 * ${answers} holds one per id, in order. ${batch} (NULL unless
 * is_claimed_now) goes to the callee.
 */
typedef void store_wake_fn(void *arg, enum store_err err,
                           const struct store_wake_answer *answers, size_t n,
                           struct store_batch *batch);

/**
 * store_wake_ask(store, ids, n, terms, done, arg):
 * One wake for each of ${n} <= STORE_MAX_BATCH ids that can be pushed, or a
 * place in the one that waits. All ids are one ask. Prompt when they are few.
 *
 *   shape    ids are not empty
 *   owns     ${batch} is the callee's, to be freed, whatever it does with it
 */
STORE_MUST_USE enum store_err
store_wake_ask(struct store *store, const char *const *ids, size_t n,
               const struct store_wake_terms *terms, store_wake_fn *done,
               void *arg);

/* ${batch} goes to the callee; ${is_more}: max was reached. */
typedef void store_claim_fn(void *arg, enum store_err err,
                            struct store_batch *batch, bool is_more);

/**
 * store_wake_claim(store, now_ms, held, n_held, max, done, arg):
 * Take up to ${max} <= STORE_MAX_BATCH wakes that are due at ${now_ms}, are
 * not claimed and whose topic is not among ${held}; mark them claimed. A
 * claim ends with a settle or when the store is opened again.
 */
STORE_MUST_USE enum store_err
store_wake_claim(struct store *store, int64_t now_ms, const char *const *held,
                 size_t n_held, size_t max, store_claim_fn *done, void *arg);

/**
 * store_wake_next(store, held, n_held, done, arg):
 * When the earliest unclaimed wake of a topic that is not held is due (unix
 * ms); -1: there is none.
 */
STORE_MUST_USE enum store_err store_wake_next(struct store *store,
                                              const char *const *held,
                                              size_t n_held,
                                              store_count_fn *done, void *arg);

/**
 * store_wake_cancel(store, ids, n, scope, done, arg):
 * The wakes of these enrollments within ${scope} end, unless their push is in
 * flight; the waves that wait for them count them as cancelled. Counts them.
 */
STORE_MUST_USE enum store_err
store_wake_cancel(struct store *store, const char *const *ids, size_t n,
                  const struct store_scope *scope, store_count_fn *done,
                  void *arg);

/**
 * store_wake_follow_clock(store, done, arg):
 * The clock was set back, or may have been: unclaimed and claimed wakes that
 * it would make wait longer than they were meant to (store_settled.wait_ms)
 * wait for as long as that from now. What was asked for a certain hour keeps
 * it.
 */
STORE_MUST_USE enum store_err
store_wake_follow_clock(struct store *store, store_done_fn *done, void *arg);

/**
 * store_wake_release(store, topic, now_ms, done, arg):
 * The identity of ${topic} is mended: its unclaimed wakes whose last settle
 * was WAIT become due at ${now_ms}; those that back off keep their time.
 */
STORE_MUST_USE enum store_err
store_wake_release(struct store *store, const char *topic, int64_t now_ms,
                   store_done_fn *done, void *arg);

/**
 * store_wake_probe(store, topic, is_any, max, chance, done, arg):
 * As store_wake_claim, up to ${max} of those wakes of ${topic} whose last
 * settle was WAIT; with ${is_any} (a wave waits, too) of all its enabled
 * enrollments. They are from different places of the fleet; ${chance}, evenly
 * over all values, says which. Undecided ones are not among them: their
 * tokens were refused already.
 */
STORE_MUST_USE enum store_err store_wake_probe(struct store *store,
                                               const char *topic, bool is_any,
                                               size_t max, uint32_t chance,
                                               store_claim_fn *done, void *arg);

/**
 * store_undecided_mark(store, topic, max, done, arg):
 * The certificate of ${topic} is proven: up to ${max} <= STORE_MAX_BATCH of
 * its undecided wakes end, their enrollments are suspect. Counts them; when
 * there are ${max}, there may be more.
 */
STORE_MUST_USE enum store_err
store_undecided_mark(struct store *store, const char *topic, size_t max,
                     store_count_fn *done, void *arg);

#endif /* STORE_STORE_WAKE_H */
