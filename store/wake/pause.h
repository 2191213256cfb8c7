/* SPDX-License-Identifier: MIT */
#ifndef STORE_PAUSE_H
#define STORE_PAUSE_H

/*
 * What APNs asked for with its answer to a push (429): no other push to that
 * enrollment before the end of a pause. That is never further ahead than the
 * pause was long, wherever the clock was when it was asked for.
 */

#include <stdint.h>

struct pause {
    int64_t not_before; /* 0: no pause */
    int64_t span;
};

/** pause_end(pause, now): when a push may go: ${now} or later. */
int64_t pause_end(const struct pause *pause, int64_t now);

#endif /* STORE_PAUSE_H */
