/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_PROOF_H
#define ENGINE_PROOF_H

/*
 * Is the certificate of a topic proven: has APNs, with the host that is
 * configured, answered 200 to a push under it? Kept with the certificate.
 * Before that a refused token is undecided: its wake waits out of the queue.
 * With the proof all of them are marked suspect, with another certificate or
 * host they are due again. And which pushes show that a stopped one works.
 */

#include <stdbool.h>

#include "apns/apns.h"
#include "store/store.h"

struct rouse;
struct topic;

#define PROOF_PAGE 256 /* enrollments marked in one request */

/** proof_load(rouse, topic, identity): it is used from the start; the client
 *  holds it. Again later: write what could not be written. */
void proof_load(struct rouse *rouse, struct topic *topic,
                const struct store_identity *identity);

/** proof_begin(rouse, topic): another certificate is used, or the same anew;
 *  the client has it. */
void proof_begin(struct rouse *rouse, struct topic *topic);

/** proof_recall(rouse, topic): the store has the certificate as the one in
 *  force: go on from what is known of it. */
void proof_recall(struct rouse *rouse, const char *topic);

/** proof_on_identity(rouse, topic, status): what the client has to say. */
void proof_on_identity(struct rouse *rouse, struct topic *topic,
                       const struct apns_identity_status *status);

#endif /* ENGINE_PROOF_H */
