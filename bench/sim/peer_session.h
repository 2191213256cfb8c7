/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_SIM_PEER_SESSION_H
#define ROUSE_SIM_PEER_SESSION_H

/*
 * HTTP/2 of one connection: frames in, pushes counted, faults met, answers
 * out. Knows no sockets.
 */

#include <stdbool.h>

#include "directive.h"

struct peer;
struct request;

/**
 * peer_session_open(peer):
 * Give ${peer} its session, with the first SETTINGS queued.
 *
 *   returns  false without memory
 */
bool peer_session_open(struct peer *peer);

/** peer_session_close(peer): free session and requests. */
void peer_session_close(struct peer *peer);

/** peer_session_goaway(peer, directive): queue a GOAWAY as it says. */
void peer_session_goaway(struct peer *peer, const struct directive *directive);

/** peer_session_settle(peer, max_streams): queue SETTINGS. */
void peer_session_settle(struct peer *peer, uint32_t max_streams);

/** peer_session_answer(request): its time has come. */
void peer_session_answer(struct request *request);

#endif /* ROUSE_SIM_PEER_SESSION_H */
