/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_SIM_SIM_REQUEST_H
#define ROUSE_SIM_SIM_REQUEST_H

/*
 * One request that is being read, waits for its time, or is being answered.
 * Requests are reused. In null mode there is none, unless a push meets a
 * fault, and it has no `judged`.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "bench/sim/fault/directive.h"
#include "judge.h"

#define SIM_REQUEST_MAX_BODY 160 /* bytes of an answer's JSON, NUL included */

struct peer;
struct sim;

struct request {
    struct request *next;        /* in its session's streams; while spare */
    LIST_ENTRY(request) delayed; /* in the delay wheel, if is_delayed */
    struct peer *peer;
    struct judge_request *judged; /* NULL in null mode */
    int64_t window;               /* bytes of DATA that the client takes */
    uint32_t unacked;      /* bytes of its DATA since the last WINDOW_UPDATE */
    uint64_t due_ms;       /* while is_delayed */
    int64_t timestamp_ms;  /* of the answer; -1: none */
    int64_t retry_after_s; /* of the answer; -1: none */
    int32_t stream_id;
    enum directive_action outcome; /* ANSWER, REFUSE, RESET or STALL */
    uint32_t reset_code;           /* RESET */
    uint16_t status;               /* ANSWER */
    bool is_ended;                 /* all of it has come; strict mode only */
    bool is_delayed;               /* its answer waits for its time */
    bool is_answered;              /* its answer waits for a window */
    uint8_t body_len, body_sent;
    char reason[DIRECTIVE_MAX_REASON + 1]; /* ANSWER; "": none */
    char body[SIM_REQUEST_MAX_BODY];
};

/** sim_request_new(sim, peer, stream_id): NULL without memory. */
struct request *sim_request_new(struct sim *sim, struct peer *peer,
                                int32_t stream_id);

/** sim_request_free(sim, request): it becomes a spare one; undelayed. */
void sim_request_free(struct sim *sim, struct request *request);

/** sim_request_free_spares(sim): give the spare ones' memory back. */
void sim_request_free_spares(struct sim *sim);

#endif /* ROUSE_SIM_SIM_REQUEST_H */
