/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_SIM_ANSWER_H
#define ROUSE_SIM_ANSWER_H

/*
 * Answers as frames. They use no dynamic table, so that all of them are made
 * without a state, and are plain HTTP/2, Huffman codes included, so that a
 * client does no less work than with APNs.
 */

#include <stdbool.h>
#include <stdint.h>

struct request;
struct session;

/** answer_accept(session, stream_id, id): 200 with our own apns-id. */
void answer_accept(struct session *session, int32_t stream_id, const char *id);

/** answer_begin(session, request, id): the answer's HEADERS. */
void answer_begin(struct session *session, struct request *request,
                  const char *id);

/**
 * answer_go_on(session, request):
 * After its HEADERS: as much of the body as the client's windows let pass.
 *
 *   returns  true when the answer is complete
 */
bool answer_go_on(struct session *session, struct request *request);

#endif /* ROUSE_SIM_ANSWER_H */
