/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_EFFECTS_H
#define ENGINE_EFFECTS_H

/*
 * What the end of a push means for its wake: a table and arithmetic, no I/O.
 */

#include <stdint.h>

#include "apns/apns.h"
#include "store/store.h"

/* What is known of the push beside its result. */
struct effects_push {
    uint32_t attempt; /* pushes made before this one */
    int64_t now_ms;
    int64_t deadline_ms; /* of its wake */
    uint32_t chance;     /* evenly over all values */
};

struct effects_verdict {
    enum store_effect effect;
    int64_t due_ms;     /* RETRY, WAIT; else 0 */
    int64_t wait_ms;    /* likewise: how long that is from now */
    int64_t pause_ms;   /* of that, what APNs asked for; 0: nothing */
    int64_t died_at_ms; /* DEAD: 0: APNs does not say; else 0 */
};

/** effects_decide(result, push): pure. */
struct effects_verdict effects_decide(const struct apns_result *result,
                                      const struct effects_push *push);

/** effects_wait(push): its identity is missing or stopped. */
struct effects_verdict effects_wait(const struct effects_push *push);

/** effects_expire(push): its deadline passed before it could be sent. */
struct effects_verdict effects_expire(const struct effects_push *push);

#endif /* ENGINE_EFFECTS_H */
