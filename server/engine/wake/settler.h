/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_SETTLER_H
#define ENGINE_SETTLER_H

/*
 * Ended flights on their way to the disk, in batches. A batch that could not
 * be written is kept and tried again later: nothing is lost, and memory is
 * bounded by the flights, since none start while the disk fails.
 */

#include <stdbool.h>
#include <stdint.h>

#include "flight.h"

struct rouse;
struct settle_request;

#define SETTLER_MAX_BATCH    256 /* flights in one request */
#define SETTLER_MAX_UNDERWAY 32  /* requests; meanwhile the next one fills */

struct settler {
    struct rouse *rouse;
    struct flight_list ended; /* in the order in which they ended */
    uint32_t n_ended;
    uint32_t n_underway;                 /* requests */
    struct settle_request *requests;     /* SETTLER_MAX_UNDERWAY of them */
    struct store_settled *scratch;       /* SETTLER_MAX_BATCH of them */
    uint64_t n_effects[STORE_N_EFFECTS]; /* durable, since the start */
};

/** settler_init(settler, rouse): false when memory is out. */
bool settler_init(struct settler *settler, struct rouse *rouse);

/** settler_fini(settler): what the store did not take is dropped. */
void settler_fini(struct settler *settler);

/** settler_add(rouse, flight): it has its verdict. */
void settler_add(struct rouse *rouse, struct flight *flight);

/** settler_flush(rouse, now_ms): hand over what ended, if the disk works. */
void settler_flush(struct rouse *rouse, int64_t now_ms);

/** settler_flush_all(rouse): everything, now; for the way out. */
void settler_flush_all(struct rouse *rouse);

#endif /* ENGINE_SETTLER_H */
