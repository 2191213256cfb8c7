/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_DRAIN_H
#define ENGINE_DRAIN_H

/*
 * The orderly way out. What waits inside the client comes back at once, and
 * what is in flight has DRAIN_WAIT_MS: all of it is on the disk, and is pushed
 * after the next start.
 *
 *   NONE ──rouse_drain──> FLYING ──nothing in flight, all settled──>
 *   CLOSING ──the client closed its connections──> DONE
 */

#define DRAIN_WAIT_MS 5000 /* with the connections' goodbyes below 10 s */

struct rouse;

enum drain_state {
    DRAIN_NONE,
    DRAIN_FLYING,
    DRAIN_CLOSING,
    DRAIN_DONE,
};

struct drain {
    enum drain_state state;
    void (*on_drained)(void *arg);
    void *arg;
};

/** drain_step(rouse): go on if the state's end is reached. */
void drain_step(struct rouse *rouse);

#endif /* ENGINE_DRAIN_H */
