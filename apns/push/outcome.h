/* SPDX-License-Identifier: MIT */
#ifndef APNS_OUTCOME_H
#define APNS_OUTCOME_H

/*
 * What becomes of a push: it waits, it is answered, it goes once more, it
 * ends. Every way out of an identity leads through client_end, once.
 */

#include <stdbool.h>

#include "apns/identity.h"
#include "apns/link/conn.h"
#include "slot.h"

/* After "server trouble" a connection that is older is replaced. */
#define OUTCOME_REFRESH_MS 60000

/** outcome_latency_bucket(us): of apns_stats, where an answer after so long
 *  counts. */
size_t outcome_latency_bucket(uint64_t us);

/** outcome_queue(identity, slot): it waits; while stopped, it ends. */
void outcome_queue(struct identity *identity, struct slot *slot);

/** outcome_dequeue(identity, conn): the one that goes over ${conn} next, out
 *  of its queue; NULL: none. */
struct slot *outcome_dequeue(struct identity *identity,
                             const struct conn *conn);

/** outcome_requeue(identity, slot): APNs has not looked at it: once more,
 *  elsewhere. */
void outcome_requeue(struct identity *identity, struct slot *slot);

/**
 * outcome_lose(identity, slot):
 * Its connection is gone without an answer, and APNs may have seen it: once
 * more, elsewhere. If that has been done before, or if it was alone, it ends,
 * and its token is a suspect.
 */
void outcome_lose(struct identity *identity, struct slot *slot);

/** outcome_answer(identity, conn, slot): APNs has answered. */
void outcome_answer(struct identity *identity, struct conn *conn,
                    struct slot *slot);

/** outcome_reset(identity, slot): APNs broke its stream off. */
void outcome_reset(struct identity *identity, struct slot *slot);

/** outcome_expire(identity, slot): its deadline has come. */
void outcome_expire(struct identity *identity, struct slot *slot);

/** outcome_recall_queued(identity): the client is recalled: nothing waits. */
void outcome_recall_queued(struct identity *identity);

/** outcome_abandon(identity, slot): the client is freed. */
void outcome_abandon(struct identity *identity, struct slot *slot);

/** outcome_end_queued(identity): stopped or removed: nothing waits. */
void outcome_end_queued(struct identity *identity);

#endif /* APNS_OUTCOME_H */
