/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_TICK_H
#define ENGINE_TICK_H

/*
 * The engine's part of a pass of the loop. It begins before the client's
 * (which gives pushes to connections and delivers results) and ends after it:
 *
 *   begin   what is due is submitted, more is asked for
 *   (client's turn)
 *   end     completions run, results are settled, the store gets it all
 *
 * One timer wakes it for whatever comes first.
 */

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

struct rouse;

struct tick {
    struct ev_loop *loop;
    struct ev_prepare begin;
    struct ev_prepare end;
    struct ev_timer alarm;
    struct ev_idle again; /* active: the loop must not sleep */
    uint64_t n;           /* turns begun */
    int64_t began_ms;     /* when this one did; results come after that */
};

void tick_start(struct rouse *rouse, struct ev_loop *loop);
void tick_stop(struct rouse *rouse);

/** tick_wake(rouse): take another turn without sleeping before it. */
void tick_wake(struct rouse *rouse);

/** tick_now(rouse): the wall clock, unix ms. */
int64_t tick_now(const struct rouse *rouse);

#endif /* ENGINE_TICK_H */
