/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_ASK_H
#define ENGINE_ASK_H

/*
 * One request for wakes, from rouse_wake or rouse_push to its completion:
 * stored first, then, for rouse_push, answered by first results or by time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "server/engine/later.h"
#include "server/rouse.h"
#include "watch.h"

struct page;
struct rouse;

#define ASK_HURRY_MAX 64 /* ids of an ask that are looked for in the lanes */

struct ask {
    TAILQ_ENTRY(ask) link; /* in watches.waiting, while is_waiting */
    struct later later;
    struct rouse *rouse;
    rouse_wake_fn *done;
    void *arg;
    enum rouse_err err;
    bool is_push;    /* wait for first results */
    bool is_waiting; /* stored; results are awaited */
    uint32_t wait_ms;
    int64_t until_ms; /* waiting: until then */
    int64_t due_ms;   /* of the wakes */
    size_t n;         /* ids as given */
    size_t n_unique;
    size_t n_open;
    char *text;            /* owned; all ids */
    char **ids;            /* owned; as given */
    size_t *which;         /* owned; the unique one that each id is */
    const char **unique;   /* owned array; each id once */
    struct watch *watches; /* owned; n_unique */
    struct page *page;     /* owned; for what is handed out at once */
};

/** ask_new(rouse, ids, n, err): copies; NULL with ${*err}. */
struct ask *ask_new(struct rouse *rouse, const char *const *ids, size_t n,
                    enum rouse_err *err);

/** ask_free(ask): not completed, in no list. NULL is fine. */
void ask_free(struct ask *ask);

/** ask_send(ask, terms): to the store. On error ${ask} is still the
 *  caller's; else it completes and frees itself. */
APNS_MUST_USE enum rouse_err ask_send(struct ask *ask,
                                      const struct rouse_wake_terms *terms);

/** ask_answered(ask): one of its watches got its result and was closed. */
void ask_answered(struct ask *ask);

/** ask_end(ask, err): complete it in this turn with what is known. */
void ask_end(struct ask *ask, enum rouse_err err);

#endif /* ENGINE_ASK_H */
