/* SPDX-License-Identifier: MIT */
/*
 * Without HPACK and without streams' states: whatever ends a stream is a
 * push, and is accepted, if it meets no fault.
 */
#include "answer.h"
#include "bench/sim/fault/faults.h"
#include "bench/sim/peer.h"
#include "bench/sim/push/push.h"
#include "bench/sim/push/sim_request.h"
#include "sim_session.h"
#include "sim_uuid.h"

static void
complete(struct session *session, int32_t stream_id)
{
    struct peer *peer = session->peer;
    struct sim *sim = peer->sim;
    struct request *request;
    char id[SIM_UUID_LEN];

    if (peer->is_mute || stream_id > peer->last_stream_id)
        return;
    if (!faults_is_empty(sim->faults)) {
        must((request = sim_request_new(sim, peer, stream_id)) != NULL);
        push_take(request);
        return;
    }
    sim->stats.pushes++;
    sim->stats.accepted++;
    sim_uuid_write(&sim->uuids, id);
    answer_accept(session, stream_id, id);
}

static void
take_part(struct session *session, const struct session_part *part)
{
    if (part->stream_id > session->newest) {
        session->newest = part->stream_id;
        session->n_partial++;
    }
    if (!part->is_end)
        return;
    session->n_partial -= session->n_partial > 0;
    complete(session, part->stream_id);
}

const struct exchange exchange_null = {
    .headers = take_part,
    .body = take_part,
};
