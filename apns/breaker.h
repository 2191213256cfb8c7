/* SPDX-License-Identifier: MIT */
#ifndef APNS_BREAKER_H
#define APNS_BREAKER_H

/*
 * The breaker of one identity: may it dial, when again, and are its refused
 * tokens to be believed? Pure: time and chance come from the caller.
 *
 *            on_failure                 on_failure(is_identity), on_answer
 *      READY ----------> BACKOFF   READY, BACKOFF ----------> STOPPED
 *        ^                  |         ^                          |
 *        +---- on_open -----+         +---- on_open, reset ------+
 *
 * One wrong setting (host, topic) makes APNs refuse every token of a fleet.
 * So refused tokens are judged together: when more than half of the last
 * BREAKER_WINDOW answers, or of those there are once there are
 * BREAKER_MIN_SAMPLE, are suspect, it is the identity that is wrong and not
 * the tokens. While more than a quarter of the last BREAKER_MIN_SAMPLE
 * answers are suspect, that verdict is open: the caller holds such results
 * back (breaker_holds).
 */

#include <stdbool.h>
#include <stdint.h>

#include "apns.h"

#define BREAKER_WINDOW     200 /* answers remembered */
#define BREAKER_MIN_SAMPLE 20  /* answers before tokens can trip it */

struct breaker_limits {
    uint32_t backoff_min_ms; /* delay after the first failure, jittered */
    uint32_t backoff_max_ms; /* the delay doubles up to this */
    uint32_t probe_ms;       /* between two dials of a stopped identity */
};

struct breaker {
    struct breaker_limits limits;
    enum apns_identity_state state;
    uint32_t n_failures; /* in a row, since the last answer */
    uint32_t n_seen;     /* answers in the window */
    uint32_t n_suspect;  /* suspect ones among them */
    uint32_t n_recent;   /* suspect ones among the last MIN_SAMPLE */
    uint32_t next;       /* where the next answer goes in the ring */
    bool is_released;    /* the caller would not wait any longer */
    bool is_probation;   /* tokens tripped it: the next answer decides */
    bool is_suspect[BREAKER_WINDOW];
    char why[APNS_MAX_REASON + 1];
};

/** breaker_init(breaker, limits): READY, nothing seen. */
void breaker_init(struct breaker *breaker, const struct breaker_limits *limits);

/** breaker_state(breaker): what the identity may do now. */
enum apns_identity_state breaker_state(const struct breaker *breaker);

/** breaker_why(breaker): the cause of BACKOFF or STOPPED, "" when READY. */
const char *breaker_why(const struct breaker *breaker);

/**
 * breaker_explain(breaker, why):
 * Note what a connection failed of, beside breaker_on_failure. The reason of
 * an answer that tripped the breaker stays.
 */
void breaker_explain(struct breaker *breaker, const char *why);

/**
 * breaker_on_failure(breaker, is_identity, chance):
 * A dial failed or a connection was lost; or, after breaker_on_answer
 * returned true, all were closed. Returns ms until the next dial.
 *
 *   is_identity  the credentials were refused: STOPPED, next dial after
 *                probe_ms +- 10 %. A stopped identity stays stopped
 *   chance       0 <= chance < 1; the jitter. BACKOFF waits between half and
 *                the whole of a delay that doubles with each failure
 */
uint32_t breaker_on_failure(struct breaker *breaker, bool is_identity,
                            double chance);

/**
 * breaker_on_open(breaker):
 * A connection dialled since the state last changed got SETTINGS: READY.
 * Failures are forgotten with the first answer only, so that a peer that
 * accepts and hangs up does not get a storm of dials. If tokens had tripped
 * the breaker, the first answer that judges a token decides anew: one more
 * refused one stops it again.
 */
void breaker_on_open(struct breaker *breaker);

/**
 * breaker_on_answer(breaker, class_, reason):
 * APNs answered a push. True: this one tripped the breaker, the identity is
 * STOPPED; suspect results held back, and those that still come in, are of
 * class APNS_CLASS_IDENTITY then. Answers that come while it is STOPPED
 * change nothing.
 */
bool breaker_on_answer(struct breaker *breaker, enum apns_class class_,
                       const char *reason);

/**
 * breaker_holds(breaker):
 * Hold suspect results back: it is not known yet whom they are about. Ask
 * after each answer; false and not STOPPED: deliver them as suspect.
 */
bool breaker_holds(const struct breaker *breaker);

/**
 * breaker_release(breaker):
 * Do not hold any longer what is held now: nothing is in flight that could
 * decide, or it has taken too long. Holding begins again with the next
 * suspect answer.
 */
void breaker_release(struct breaker *breaker);

/** breaker_reset(breaker): someone mended it (new certificate, retry). */
void breaker_reset(struct breaker *breaker);

#endif /* APNS_BREAKER_H */
