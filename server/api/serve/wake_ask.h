/* SPDX-License-Identifier: MIT */
#ifndef API_WAKE_ASK_H
#define API_WAKE_ASK_H

/*
 * Asking the engine to wake a list of enrollments for a request, within what
 * its key may see: ids of other topics fare like unknown ones.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/rouse.h"

struct wake_ask;
struct request;

/* ${answers} holds one per id that was asked for, in order. */
typedef void wake_ask_done_fn(struct wake_ask *ask, enum rouse_err err,
                              const struct rouse_wake_answer *answers);

struct wake_ask {
    struct request *request;
    const char **ids; /* owned */
    void *keep;       /* what the ids point into, freed with this; or NULL */
    void (*free_keep)(void *keep);
    size_t n;
    struct rouse_wake_terms terms;
    uint32_t wait_ms; /* 0: answered when durable */
    wake_ask_done_fn *done;
    struct rouse_wake_answer *answers; /* owned; filled in before done */
    const char **seen;                 /* the ids that are passed on */
    size_t n_seen;
};

/**
 * wake_ask_new(request, ids, n):
 * Belongs to the request from now on.
 *
 *   owns     takes ${ids} over, also on failure
 *   returns  NULL: out of memory, and answered
 */
struct wake_ask *wake_ask_new(struct request *request, const char **ids,
                              size_t n);

/** wake_ask_send(ask): ${ask->done} will be called once, later or at once. */
void wake_ask_send(struct wake_ask *ask);

#endif /* API_WAKE_ASK_H */
