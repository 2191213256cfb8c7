/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_WATCH_H
#define ENGINE_WATCH_H

/*
 * Who waits for the result of an enrollment's first push: a table by the
 * enrollment's row. It costs a push nothing while nobody waits.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "apns/apns.h"
#include "server/rouse.h"
#include "store/store.h"

struct ask;
struct rouse;

#define WATCH_MAX_IDS 65536 /* in all requests that are not completed */
#define WATCH_BUCKETS 1024

/* One id of a request, and how it fares. */
struct watch {
    LIST_ENTRY(watch) link; /* its bucket, while is_open */
    struct ask *ask;
    int64_t row;
    bool is_open; /* its result is awaited */
    bool is_answered;
    enum store_asked asked;
    enum store_state state;
    int64_t not_before_ms; /* APNs asked for a pause until then; 0: none */
    enum apns_outcome outcome;
    enum apns_class class_;
    uint16_t status;
    int64_t timestamp_ms;
    uint32_t latency_us;
    char reason[APNS_MAX_REASON + 1];
    char apns_id[64];
};

LIST_HEAD(watch_list, watch);
TAILQ_HEAD(ask_list, ask);

struct watches {
    struct watch_list buckets[WATCH_BUCKETS];
    struct ask_list waiting; /* requests with open watches */
    uint32_t n_open;
    uint32_t n_ids;    /* in requests that are not completed */
    int64_t next_ms;   /* no request's time is over before then */
    int64_t ran_at_ms; /* to see that the clock was set back */
};

void watch_init(struct watches *watches);

/** watch_open(rouse, watch): its row is set. */
void watch_open(struct rouse *rouse, struct watch *watch);

/** watch_close(rouse, watch): it need not be open. */
void watch_close(struct rouse *rouse, struct watch *watch);

/** watch_answer(rouse, row, result): notify all who wait for ${row}. */
void watch_answer(struct rouse *rouse, int64_t row,
                  const struct apns_result *result);

/** watch_run(rouse, now_ms): end requests whose time is over. */
void watch_run(struct rouse *rouse, int64_t now_ms);

/** watch_end_all(rouse, err): end all that wait, now. */
void watch_end_all(struct rouse *rouse, enum rouse_err err);

/** watch_next(rouse): when watch_run may have something to do. */
int64_t watch_next(const struct rouse *rouse);

#endif /* ENGINE_WATCH_H */
