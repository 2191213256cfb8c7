/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_SIM_PUSH_H
#define ROUSE_SIM_PUSH_H

/*
 * What happens to a push, whichever way it came: it is judged, meets its
 * faults, waits for its time, and is noted.
 */

#include <stdbool.h>
#include <stdint.h>

#include "bench/sim/fault/directive.h"

struct peer;
struct request;

/** push_take(request): a request is complete; answer or delay it. */
void push_take(struct request *request);

/** push_answer(request): its time has come; as delay_fn wants it. */
void push_answer(struct request *request);

/**
 * push_note(request, id):
 * An answer with a status is about to be sent: write its body, choose its
 * apns-id into ${id} (CHANCE_UUID_LEN bytes), count it.
 */
void push_note(struct request *request, char *id);

/**
 * push_goaway_last(peer, directive, newest):
 * Note and return the last-stream-id that a GOAWAY says; ${newest} is the
 * newest stream seen. Never more than an earlier GOAWAY said.
 */
int32_t push_goaway_last(struct peer *peer, const struct directive *directive,
                         int32_t newest);

/**
 * push_goaway_text(directive, text, max):
 * The JSON in a GOAWAY, if it has a reason.
 *
 *   returns  its length
 */
size_t push_goaway_text(const struct directive *directive, char *text,
                        size_t max);

#endif /* ROUSE_SIM_PUSH_H */
