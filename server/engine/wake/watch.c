/* SPDX-License-Identifier: MIT */
#include "watch.h"

#include <stdio.h>

#include "ask.h"
#include "server/engine/engine_core.h"

void
watch_init(struct watches *watches)
{
    for (size_t i = 0; i < WATCH_BUCKETS; i++)
        LIST_INIT(&watches->buckets[i]);
    TAILQ_INIT(&watches->waiting);
    watches->next_ms = INT64_MAX;
}

/* Rows are handed out one after the other, so they spread by themselves. */
static struct watch_list *
bucket_of(struct rouse *rouse, int64_t row)
{
    return &rouse->watches.buckets[(uint64_t)row % WATCH_BUCKETS];
}

void
watch_open(struct rouse *rouse, struct watch *watch)
{
    watch->is_open = true;
    LIST_INSERT_HEAD(bucket_of(rouse, watch->row), watch, link);
    rouse->watches.n_open++;
}

void
watch_close(struct rouse *rouse, struct watch *watch)
{
    if (!watch->is_open)
        return;
    watch->is_open = false;
    LIST_REMOVE(watch, link);
    rouse->watches.n_open--;
}

static void
fill(struct watch *watch, const struct apns_result *result)
{
    watch->is_answered = true;
    watch->outcome = result->outcome;
    watch->class_ = result->class_;
    watch->status = result->status;
    watch->timestamp_ms = result->timestamp_ms;
    watch->latency_us = result->latency_us;
    snprintf(watch->reason, sizeof watch->reason, "%s", result->reason);
    snprintf(watch->apns_id, sizeof watch->apns_id, "%s", result->apns_id);
}

void
watch_answer(struct rouse *rouse, int64_t row, const struct apns_result *result)
{
    struct watch *watch;
    struct watch *next;

    if (rouse->watches.n_open == 0)
        return;
    for (watch = LIST_FIRST(bucket_of(rouse, row)); watch != NULL;
         watch = next) {
        next = LIST_NEXT(watch, link);
        if (watch->row != row)
            continue;
        fill(watch, result);
        watch_close(rouse, watch);
        ask_answered(watch->ask);
    }
}

/* They wait for a span, not for an hour of the day: when the clock is set
   back, those who ask must not wait longer by that. */
static void
follow_clock(struct watches *watches, int64_t now_ms)
{
    int64_t back_ms = watches->ran_at_ms - now_ms;
    struct ask *ask;

    watches->ran_at_ms = now_ms;
    if (back_ms <= 0)
        return;
    TAILQ_FOREACH (ask, &watches->waiting, link)
        ask->until_ms -= back_ms;
    if (watches->next_ms != INT64_MAX)
        watches->next_ms -= back_ms;
}

void
watch_run(struct rouse *rouse, int64_t now_ms)
{
    struct watches *watches = &rouse->watches;
    struct ask *ask;
    struct ask *next;

    follow_clock(watches, now_ms);
    if (now_ms < watches->next_ms)
        return;
    watches->next_ms = INT64_MAX;
    for (ask = TAILQ_FIRST(&watches->waiting); ask != NULL; ask = next) {
        next = TAILQ_NEXT(ask, link);
        if (now_ms >= ask->until_ms)
            ask_end(ask, ROUSE_OK);
        else if (ask->until_ms < watches->next_ms)
            watches->next_ms = ask->until_ms;
    }
}

void
watch_end_all(struct rouse *rouse, enum rouse_err err)
{
    struct ask *ask;

    while ((ask = TAILQ_FIRST(&rouse->watches.waiting)) != NULL)
        ask_end(ask, err);
}

int64_t
watch_next(const struct rouse *rouse)
{
    return rouse->watches.next_ms;
}
