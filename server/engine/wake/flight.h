/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_FLIGHT_H
#define ENGINE_FLIGHT_H

/*
 * A flight is one claimed push from its submission until its settle is
 * durable. The records are pooled: in the steady state nothing is allocated
 * per push, and what a settle needs is there before the push is submitted.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "apns/apns.h"
#include "effects.h"
#include "store/store.h"

struct page;
struct rouse;
struct topic;

#define FLIGHT_MAX_APNS_ID 63 /* bytes; Apple's have 36 */

struct flight {
    STAILQ_ENTRY(flight) link; /* the free list, or the settler' */
    struct rouse *rouse;
    struct page *page;   /* it came from; kept until it is settled */
    struct topic *topic; /* NULL when the table had no room */
    uint32_t n_releases; /* of the topic, when it was submitted or held */
    uint32_t n_certs;    /* of the topic, likewise */
    uint32_t attempt;
    int64_t token_at_ms;
    struct store_settled settled; /* its strings point to the fields below */
    enum apns_class class_;
    char reason[STORE_MAX_REASON + 1];
    char apns_id[FLIGHT_MAX_APNS_ID + 1];
};

STAILQ_HEAD(flight_list, flight);

#define FLIGHT_SLAB 256 /* records allocated together */

struct flight_slab {
    SLIST_ENTRY(flight_slab) link;
    struct flight flights[FLIGHT_SLAB];
};

struct flights {
    SLIST_HEAD(, flight_slab) slabs; /* freed with the engine only */
    struct flight_list free;
    uint32_t n_made;
    uint32_t n_used;
    uint32_t n_submitted; /* APNs owes a result */
    uint32_t max;         /* bounds n_used */
    int64_t ask_no;       /* of the newest ask that is stored: what is
                             submitted from now on serves it */
};

void flight_init(struct flights *flights, uint32_t max);
void flight_fini(struct flights *flights);

/** flight_has_room(flights): flight_take will not fail. */
bool flight_has_room(struct flights *flights);

/**
 * flight_take(rouse, page, due, topic):
 * A record for ${due}; flight_has_room was true. ${topic} may be NULL.
 */
struct flight *flight_take(struct rouse *rouse, struct page *page,
                           const struct store_due *due, struct topic *topic);

/** flight_note_ask(rouse, ask_no): an ask is durable. */
void flight_note_ask(struct rouse *rouse, int64_t ask_no);

/** flight_give(flight): back into the pool. */
void flight_give(struct flight *flight);

/** flight_drop(flight): nothing more is owed to its page; back as well. */
void flight_drop(struct flight *flight);

/**
 * flight_submit(flight, due, now_ms, is_urgent):
 * Give it to the client, which sends what is urgent first; on any error it is
 * not submitted and is still the caller's.
 */
APNS_MUST_USE enum apns_err flight_submit(struct flight *flight,
                                          const struct store_due *due,
                                          int64_t now_ms, bool is_urgent);

/**
 * flight_end(flight, verdict, reason):
 * End one that was never submitted: the settle gets ${verdict}, watchers
 * APNS_FAILED of ${class_} with ${reason}.
 */
void flight_end(struct flight *flight, const struct effects_verdict *verdict,
                enum apns_class class_, const char *reason);

#endif /* ENGINE_FLIGHT_H */
