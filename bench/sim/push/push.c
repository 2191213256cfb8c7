/* SPDX-License-Identifier: MIT */
#include "push.h"

#include <inttypes.h>
#include <nghttp2/nghttp2.h>
#include <string.h>

#include "apns/base/clock.h"
#include "bench/sim/fault/faults.h"
#include "bench/sim/h2/sim_session.h"
#include "bench/sim/h2/sim_uuid.h"
#include "bench/sim/peer.h"
#include "delay.h"
#include "ledger.h"
#include "sim_request.h"

static void
apply_decision(struct request *request, const struct directive *decision)
{
    request->outcome = decision->action;
    request->reset_code = decision->action == ACTION_REFUSE
                              ? NGHTTP2_REFUSED_STREAM
                              : decision->number;
    if (decision->action != ACTION_ANSWER)
        return;
    request->status = decision->status;
    request->timestamp_ms = decision->timestamp_ms;
    request->retry_after_s = decision->retry_after_s;
    memcpy(request->reason, decision->reason, sizeof request->reason);
}

/* Which APNs looks at first. */
static bool
is_of_certificate(const struct directive *decision)
{
    return decision != NULL && decision->action == ACTION_ANSWER &&
           decision->status == 403;
}

/* What is wrong with the push itself comes before every fault, but for those
 * of the certificate. */
static void
decide(struct request *request, const struct directive *decision)
{
    struct judge_verdict verdict = {.status = 200};

    if (request->judged != NULL && !is_of_certificate(decision))
        verdict = judge_request_check(request->judged, request->peer->topic,
                                      request->peer->sim->needs_headers);
    if (verdict.status != 200) {
        request->status = verdict.status;
        snprintf(request->reason, sizeof request->reason, "%s", verdict.reason);
    } else if (decision != NULL) {
        apply_decision(request, decision);
    }
}

void
push_take(struct request *request)
{
    struct peer *peer = request->peer;
    struct sim *sim = peer->sim;
    struct judge_request *judged = request->judged;
    struct faults_met met = {.decision = NULL};
    struct faults_push push = {
        .token = judged != NULL ? judged->token : NULL,
        .token_len = judged != NULL ? judged->token_len : 0,
        .topic = peer->topic,
        .serial = peer->serial,
        .number = ++peer->n_pushes,
    };

    sim->stats.pushes++;
    if (!faults_is_empty(sim->faults))
        faults_meet(sim->faults, &push, &met);
    decide(request, met.decision);
    for (uint32_t i = 0; i < met.n_once; i++)
        sim_act(sim, peer, met.once[i]);
    if (met.latency_ms > 0)
        delay_add(sim->delay, request, met.latency_ms);
    else
        push_answer(request);
}

void
push_answer(struct request *request)
{
    struct peer *peer = request->peer;

    /* A GOAWAY said that it was not processed: then it must not be. */
    if (request->outcome == ACTION_STALL || peer->is_stalled ||
        request->stream_id > peer->last_stream_id)
        return;
    sim_session_answer(request);
    peer_mark(peer);
}

static void
write_body(struct request *request)
{
    int n;

    if (request->status == 410 && request->timestamp_ms < 0)
        request->timestamp_ms = clock_unix_ms();
    if (request->reason[0] == '\0')
        return;
    if (request->timestamp_ms >= 0)
        n = snprintf(request->body, sizeof request->body,
                     "{\"reason\":\"%s\",\"timestamp\":%" PRId64 "}",
                     request->reason, request->timestamp_ms);
    else
        n = snprintf(request->body, sizeof request->body, "{\"reason\":\"%s\"}",
                     request->reason);
    must(n > 0 && n < (int)sizeof request->body);
    request->body_len = (uint8_t)n;
}

void
push_note(struct request *request, char *id)
{
    struct sim *sim = request->peer->sim;
    const struct judge_request *judged = request->judged;
    bool is_accepted = request->status == 200;

    if (!is_accepted)
        write_body(request);
    if (judged != NULL && judge_has_id(judged))
        memcpy(id, judged->id, JUDGE_ID_LEN);
    else
        sim_uuid_write(&sim->uuids, id);
    if (is_accepted)
        sim->stats.accepted++;
    else
        sim->stats.rejected++;
    if (judged != NULL && judged->token_len > 0)
        must(ledger_add(sim->ledger, judged->token, judged->token_len,
                        is_accepted ? NULL : request->reason));
}

int32_t
push_goaway_last(struct peer *peer, const struct directive *directive,
                 int32_t newest)
{
    int32_t last = newest;

    if (directive->last == LAST_NONE)
        last = 0;
    else if (directive->last == LAST_NUMBER)
        last = (int32_t)directive->last_stream_id;
    /* Streams of clients are odd, and what was said is not taken back. */
    if (last > 0 && last % 2 == 0)
        last--;
    if (last > peer->last_stream_id)
        last = peer->last_stream_id;
    peer->last_stream_id = last;
    peer->sim->stats.goaways++;
    sim_log(peer->sim, "event=goaway last=%d reason=\"%s\"", last,
            directive->reason);
    return last;
}

size_t
push_goaway_text(const struct directive *directive, char *text, size_t max)
{
    if (directive->reason[0] == '\0')
        return 0;
    return (size_t)snprintf(text, max, "{\"reason\":\"%s\"}",
                            directive->reason);
}
