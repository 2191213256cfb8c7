/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_LIFE_SEEN_H
#define ENGINE_LIFE_SEEN_H

/*
 * What came of waking one device to test its certificate, in words for an
 * administrator. Pure.
 */

#include <stdbool.h>
#include <stdint.h>

#include "server/rouse.h"

/* Seen from now on, until its time is over. */
enum life_seen_next {
    LIFE_SEEN_WAIT, /* it may still be seen, or be pushed again */
    LIFE_SEEN_OVER, /* no push reaches it any more */
};

/**
 * life_seen_after(answer, token_at_ms):
 * Whether waiting makes sense after this answer of rouse_push; ${token_at_ms}
 * is the time of the device's TokenUpdate.
 */
enum life_seen_next life_seen_after(const struct rouse_wake_answer *answer,
                                    int64_t token_at_ms);

/**
 * life_seen_judge(answer, next, is_seen, wake):
 * Fill in ${wake} but for its id and took_ms; its texts are static or those
 * of ${answer}.
 */
void life_seen_judge(const struct rouse_wake_answer *answer,
                     enum life_seen_next next, bool is_seen,
                     struct rouse_cert_wake *wake);

#endif /* ENGINE_LIFE_SEEN_H */
