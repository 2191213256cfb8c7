/* SPDX-License-Identifier: MIT */
#ifndef APNS_BREAKER_H
#define APNS_BREAKER_H

/*
 * The breaker of one identity: may it dial and take pushes, when again, and
 * are its refused tokens to be believed? Pure: time and chance come from the
 * caller.
 *
 *            on_failure             on_failure(cause), on_answer
 *      READY ----------> BACKOFF   any other ------------------> STOPPED
 *        ^                  |                                     |  ^
 *        +---- on_open -----+             on_open, when an answer |  | the
 *        +---- on_open, when a connection was refused ------------+  | probe
 *        +---- on_answer: the probe is won -- PROBING <-----------+  | is
 *                                                |                   | lost
 *                                                +-------------------+
 *
 * One wrong setting (host, topic) makes APNs refuse every token of a fleet. So
 * a refused token is believed only of a certificate that is proven: APNs has
 * answered 200 under it, with this host and topic. Before that the token is
 * undecided, and BREAKER_MAX_UNDECIDED different ones stop the identity: then
 * it is the setting that is wrong and not the tokens.
 *
 * What an answer has stopped, only answers can mend: the next connection takes
 * APNS_PROBES pushes and no more until one of them is good.
 */

#include <stdbool.h>
#include <stdint.h>

#include "apns/apns.h"

#define BREAKER_MAX_UNDECIDED 200   /* different tokens, none accepted */
#define BREAKER_TOKENS        256   /* slots; more than BREAKER_MAX_UNDECIDED */
#define BREAKER_SOON_MS       10000 /* first probe after tokens stopped it */
#define BREAKER_AGAIN_MS      60000 /* next probe after one without an answer */

struct breaker_limits {
    uint32_t backoff_min_ms; /* delay after the first failure, jittered */
    uint32_t backoff_max_ms; /* the delay doubles up to this */
    uint32_t probe_ms;       /* between two dials of a stopped identity */
};

struct breaker {
    struct breaker_limits limits;
    enum apns_identity_state state;
    enum apns_cause cause; /* of STOPPED and PROBING; else NONE */
    uint32_t n_failures;   /* in a row, since the last answer */
    bool is_proven;
    bool has_answered;    /* STOPPED: by an answer, so pushes must mend it */
    uint32_t soon_ms;     /* STOPPED: the next dial comes so soon; 0: not */
    uint32_t n_undecided; /* different tokens refused, none accepted */
    uint32_t n_of_topic;  /* DeviceTokenNotForTopic among those seen here */
    uint32_t n_of_token;  /* BadDeviceToken among them */
    uint32_t round;       /* of probes; 0: there was none */
    uint32_t n_taken;     /* PROBING: pushes taken, */
    uint32_t n_open;      /* not ended yet, */
    uint32_t n_refused;   /* and ended with no */
    uint32_t tokens[BREAKER_TOKENS]; /* hashes of undecided ones; 0: free */
    char why[APNS_MAX_REASON + 1];
};

/** breaker_init(breaker, limits): READY, nothing seen, not proven. */
void breaker_init(struct breaker *breaker, const struct breaker_limits *limits);

/**
 * breaker_remember(breaker, history):
 * What is known of this certificate from an earlier run. One that tokens had
 * stopped is STOPPED again; it may be probed at once.
 */
void breaker_remember(struct breaker *breaker,
                      const struct apns_identity_history *history);

/** breaker_state(breaker): what the identity may do now. */
enum apns_identity_state breaker_state(const struct breaker *breaker);

/** breaker_why(breaker): the cause of all that is not READY in words; "". */
const char *breaker_why(const struct breaker *breaker);

/**
 * breaker_explain(breaker, why):
 * Note what a connection failed of, beside breaker_on_failure. The reason of
 * an answer that tripped the breaker stays.
 */
void breaker_explain(struct breaker *breaker, const char *why);

/**
 * breaker_on_failure(breaker, cause, chance):
 * A dial failed or a connection was lost; or, after breaker_on_answer or
 * breaker_end_probe has stopped it, all were closed. Returns ms until the
 * next dial.
 *
 *   cause    not NONE: the credentials were refused: STOPPED, next dial
 *            after probe_ms +- 10 %; the first after tokens stopped it comes
 *            after BREAKER_SOON_MS. A stopped identity stays stopped
 *   chance   0 <= chance < 1; the jitter. BACKOFF waits between half and
 *            the whole of a delay that doubles with each failure
 */
uint32_t breaker_on_failure(struct breaker *breaker, enum apns_cause cause,
                            double chance);

/**
 * breaker_on_open(breaker):
 * A connection dialled since the state last changed got SETTINGS: READY; or
 * PROBING, when an answer had stopped it. Failures are forgotten with the
 * first answer only, so that a peer that accepts and hangs up does not get a
 * storm of dials.
 */
void breaker_on_open(struct breaker *breaker);

/**
 * breaker_take(breaker, round):
 * May one more push wait? While PROBING, the first APNS_PROBES may;
 * ${*round} is what breaker_end_probe wants of them, else 0.
 */
bool breaker_take(struct breaker *breaker, uint32_t *round);

/**
 * breaker_end_probe(breaker, round, is_refused):
 * A push with a round has ended. True: it was the last of its probe and none
 * was good; the identity is STOPPED, until BREAKER_AGAIN_MS from now when no
 * answer said no.
 */
bool breaker_end_probe(struct breaker *breaker, uint32_t round,
                       bool is_refused);

struct breaker_answer {
    enum apns_class class_; /* by status and reason */
    const char *reason;
    uint32_t token; /* hash */
};

/**
 * breaker_on_answer(breaker, answer):
 * APNs answered a push. Returns its class: SUSPECT becomes UNDECIDED while
 * the certificate is not proven. The caller looks at state and is_proven,
 * which may have changed.
 */
enum apns_class breaker_on_answer(struct breaker *breaker,
                                  const struct breaker_answer *answer);

/** breaker_reset(breaker): someone mended what stopped it: READY. What is
 *  proven stays so; tokens that stopped it are counted anew. */
void breaker_reset(struct breaker *breaker);

/** breaker_renew(breaker): another certificate: nothing is known of it. */
void breaker_renew(struct breaker *breaker);

#endif /* APNS_BREAKER_H */
