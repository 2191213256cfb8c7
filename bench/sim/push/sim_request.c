/* SPDX-License-Identifier: MIT */
#include "sim_request.h"

#include <stdlib.h>

#include "bench/sim/h2/sim_session.h"
#include "bench/sim/peer.h"
#include "bench/sim/sim.h"
#include "delay.h"

static struct request *
make(const struct sim *sim)
{
    bool is_judged = sim->config.mode == SIM_STRICT;
    struct request *request = calloc(1, sizeof *request);

    if (request == NULL)
        goto fail0;
    if (is_judged &&
        (request->judged = calloc(1, sizeof *request->judged)) == NULL)
        goto fail1;
    return request;

fail1:
    free(request);
fail0:
    return NULL;
}

struct request *
sim_request_new(struct sim *sim, struct peer *peer, int32_t stream_id)
{
    struct request *request = sim->requests;

    if (request == NULL && (request = sim->requests = make(sim)) == NULL)
        return NULL;
    sim->requests = request->next;
    request->peer = peer;
    request->stream_id = stream_id;
    if (!streams_add(&peer->session->streams, request)) {
        request->next = sim->requests;
        sim->requests = request;
        return NULL;
    }
    request->window = peer->session->stream_window;
    request->unacked = 0;
    request->is_ended = request->is_answered = false;
    request->outcome = ACTION_ANSWER;
    request->status = 200;
    request->reason[0] = '\0';
    request->timestamp_ms = request->retry_after_s = -1;
    request->body_len = request->body_sent = 0;
    if (request->judged != NULL)
        judge_request_reset(request->judged);
    return request;
}

void
sim_request_free(struct sim *sim, struct request *request)
{
    struct session *session = request->peer->session;

    if (request->is_delayed)
        delay_remove(sim->delay, request);
    session->n_waiting -= request->is_answered;
    streams_remove(&session->streams, request);
    request->peer = NULL;
    request->next = sim->requests;
    sim->requests = request;
}

void
sim_request_free_spares(struct sim *sim)
{
    struct request *request;

    while ((request = sim->requests) != NULL) {
        sim->requests = request->next;
        free(request->judged);
        free(request);
    }
}
