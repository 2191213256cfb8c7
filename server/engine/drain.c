/* SPDX-License-Identifier: MIT */
#include "server/engine/drain.h"

#include "server/engine/engine_core.h"

static void
on_client_drained(void *arg)
{
    struct rouse *rouse = arg;
    struct drain *drain = &rouse->drain;

    if (rouse->is_freeing)
        return;
    drain->state = DRAIN_DONE;
    if (drain->on_drained != NULL)
        drain->on_drained(drain->arg);
}

/*
 * What ended while the disk fails stays as it was in the store, claimed, and
 * is pushed again after the next start: waiting for it might never end.
 */
static bool
is_landed(const struct rouse *rouse)
{
    if (rouse->flights.n_submitted > 0 || rouse->settler.n_underway > 0 ||
        walk_is_passing(rouse))
        return false;
    return rouse->settler.n_ended == 0 || rouse->disk.is_failing;
}

void
drain_step(struct rouse *rouse)
{
    if (rouse->drain.state != DRAIN_FLYING || !is_landed(rouse))
        return;
    rouse->drain.state = DRAIN_CLOSING;
    watch_end_all(rouse, ROUSE_OK);
    apns_client_drain(rouse->client, on_client_drained, rouse);
}

void
rouse_drain(struct rouse *rouse, void (*on_drained)(void *arg), void *arg)
{
    if (rouse->drain.state != DRAIN_NONE)
        return;
    rouse->is_draining = true;
    rouse->drain.state = DRAIN_FLYING;
    rouse->drain.on_drained = on_drained;
    rouse->drain.arg = arg;
    sender_cut_all(rouse);
    walk_cut_all(rouse);
    apns_client_recall(rouse->client, DRAIN_WAIT_MS);
    notice_log(rouse, APNS_LOG_NOTICE, EVENT_DRAINING " in_flight=%u",
               rouse->flights.n_submitted);
    tick_wake(rouse);
}
