/* SPDX-License-Identifier: MIT */
#ifndef STORE_STORE_EVENT_H
#define STORE_STORE_EVENT_H

/*
 * Events: the audit log, bounded to STORE_MAX_EVENTS (the oldest go). Part of
 * store.h, which includes it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store_base.h"

struct store_event {
    int64_t id;          /* given by the store, rising */
    int64_t at_ms;       /* 0: now */
    const char *kind;    /* "pushcert.imported", "enrollment.dead", … */
    const char *subject; /* what it is about: a topic, an id */
    const char *actor;   /* who did it; "rouse" for itself */
    const char *detail;  /* one line for people, or JSON; may be "" */
};

typedef void store_events_fn(void *arg, enum store_err err,
                             const struct store_event *events, size_t n);

/**
 * store_event_add(store, event, done, arg):
 *
 *   shape    kind is not empty; subject at most STORE_MAX_ID bytes, detail
 *            STORE_MAX_NOTE
 */
STORE_MUST_USE enum store_err store_event_add(struct store *store,
                                              const struct store_event *event,
                                              store_done_fn *done, void *arg);

/**
 * store_event_list(store, after, limit, done, arg):
 * Up to ${limit} <= STORE_MAX_BATCH, oldest first, with ids above ${after}
 * (0: from the oldest that is kept).
 */
STORE_MUST_USE enum store_err store_event_list(struct store *store,
                                               int64_t after, size_t limit,
                                               store_events_fn *done,
                                               void *arg);

#endif /* STORE_STORE_EVENT_H */
