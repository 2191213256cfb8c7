/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_FETCH_H
#define ENGINE_FETCH_H

/*
 * When the store is asked for due single wakes: when something may have come
 * due and fewer than a page of them wait in memory.
 */

#include <stdbool.h>
#include <stdint.h>

struct page;
struct rouse;

#define FETCH_PAGE     4096  /* pushes claimed at once */
#define FETCH_CHECK_MS 60000 /* looked for due wakes at least so often */
#define FETCH_STEP_MS  1000  /* a clock that falls by more was set back */

struct fetch {
    struct page *page;   /* where the claim underway goes; NULL: none is */
    bool is_wanted;      /* something may be due */
    bool is_asking_next; /* when the next one is due is being asked */
    int64_t next_ms;     /* something will be due then */
    int64_t checked_ms;  /* a claim was made last */
    int64_t ran_at_ms;   /* to see that the clock was set back */
    bool is_set_back;    /* it was, and the store is to hear of it */
};

void fetch_init(struct fetch *fetch);

/** fetch_want(rouse): something may be due now. */
void fetch_want(struct rouse *rouse);

/** fetch_due_at(rouse, due_ms): something will be due then. */
void fetch_due_at(struct rouse *rouse, int64_t due_ms);

/** fetch_run(rouse, now_ms): claim what there is room for; waves too. */
void fetch_run(struct rouse *rouse, int64_t now_ms);

/** fetch_next(rouse): when fetch_run may have something to do. */
int64_t fetch_next(const struct rouse *rouse);

#endif /* ENGINE_FETCH_H */
