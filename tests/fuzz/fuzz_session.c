/* SPDX-License-Identifier: MIT */
#include <ev.h>
#include <nghttp2/nghttp2.h>
#include <string.h>

#include "bench/sim/fault/faults.h"
#include "bench/sim/h2/sim_session.h"
#include "bench/sim/peer.h"
#include "bench/sim/push/delay.h"
#include "bench/sim/push/ledger.h"
#include "bench/sim/push/push.h"
#include "bench/sim/push/sim_request.h"

/*
 * Any bytes behind a client's preface, in pieces: what the session says stays
 * HTTP/2's frames, and after a GOAWAY for a breach it says nothing. The
 * input's first byte is the mode and the size of the pieces.
 */

#define PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len);

static void
check_output(struct frame_out *out, bool *is_over)
{
    while (out->len > 0) {
        const uint8_t *head = out->bytes + out->sent;
        uint32_t len = frame_get_u32(head) >> 8;

        must(!*is_over);
        must(out->len - out->sent >= FRAME_HEAD_LEN + len);
        must(head[3] != NGHTTP2_PUSH_PROMISE && head[3] < 10);
        must(len <= 1024);
        *is_over = head[3] == NGHTTP2_GOAWAY;
        frame_sent(out, FRAME_HEAD_LEN + len);
    }
}

static void
converse(struct session *session, const uint8_t *input, size_t len,
         size_t piece)
{
    bool is_over = false;

    sim_session_receive(session, (const uint8_t *)PREFACE, sizeof PREFACE - 1);
    while (len > 0) {
        size_t n = piece < len ? piece : len;

        sim_session_receive(session, input, n);
        check_output(&session->out, &is_over);
        must(is_over == session->is_failed);
        input += n;
        len -= n;
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    struct sim sim = {.max_streams = 4};
    struct peer peer = {.sim = &sim,
                        .state = PEER_OPEN,
                        .last_stream_id = INT32_MAX,
                        .topic = "com.apple.mgmt.External.bed"};

    if (len == 0)
        return 0;
    sim.loop = ev_default_loop(0);
    sim.config.mode = input[0] & 1 ? SIM_NULL : SIM_STRICT;
    sim.faults = faults_new(1);
    sim.ledger = ledger_new();
    sim.delay = delay_new(sim.loop, push_answer);
    TAILQ_INIT(&sim.dirty);
    must((peer.session = sim_session_new(&peer)) != NULL);
    converse(peer.session, input + 1, len - 1, 1 + (size_t)(input[0] >> 1) * 8);
    sim_session_free(peer.session);
    sim_request_free_spares(&sim);
    delay_free(sim.delay);
    ledger_free(sim.ledger);
    faults_free(sim.faults);
    return 0;
}
