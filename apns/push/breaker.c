/* SPDX-License-Identifier: MIT */
#include "breaker.h"

#include <stdio.h>
#include <string.h>

#include "apns/http2/reply.h"

static void
stop(struct breaker *breaker, enum apns_cause cause, const char *why)
{
    breaker->state = APNS_IDENTITY_STOPPED;
    breaker->cause = cause;
    breaker->has_answered = false;
    breaker->soon_ms = 0;
    if (why != breaker->why)
        snprintf(breaker->why, sizeof breaker->why, "%s", why);
}

static void
stop_by_answer(struct breaker *breaker, enum apns_cause cause, const char *why)
{
    stop(breaker, cause, why);
    breaker->has_answered = true;
}

static void
get_ready(struct breaker *breaker)
{
    breaker->state = APNS_IDENTITY_READY;
    breaker->cause = APNS_CAUSE_NONE;
    breaker->why[0] = '\0';
}

static bool
is_by_tokens(const struct breaker *breaker)
{
    return breaker->cause == APNS_CAUSE_TOKENS_ENVIRONMENT ||
           breaker->cause == APNS_CAUSE_TOKENS_TOPIC;
}

static void
forget_tokens(struct breaker *breaker)
{
    memset(breaker->tokens, 0, sizeof breaker->tokens);
    breaker->n_undecided = 0;
    breaker->n_of_topic = 0;
    breaker->n_of_token = 0;
}

void
breaker_init(struct breaker *breaker, const struct breaker_limits *limits)
{
    memset(breaker, 0, sizeof *breaker);
    breaker->limits = *limits;
    breaker->state = APNS_IDENTITY_READY;
}

/* So many tokens and not one accepted: it is the setting. */
static void
judge_setting(struct breaker *breaker)
{
    bool is_topic = breaker->n_of_topic > breaker->n_of_token;

    if (breaker->n_undecided < BREAKER_MAX_UNDECIDED ||
        breaker->state == APNS_IDENTITY_STOPPED ||
        breaker->state == APNS_IDENTITY_PROBING)
        return;
    stop_by_answer(breaker,
                   is_topic ? APNS_CAUSE_TOKENS_TOPIC
                            : APNS_CAUSE_TOKENS_ENVIRONMENT,
                   is_topic ? "DeviceTokenNotForTopic" : "BadDeviceToken");
    breaker->soon_ms = BREAKER_SOON_MS;
}

void
breaker_remember(struct breaker *breaker,
                 const struct apns_identity_history *history)
{
    breaker->is_proven = breaker->is_proven || history->is_proven;
    if (breaker->is_proven)
        return;
    if (history->reason != NULL && reply_is_of_topic(history->reason))
        breaker->n_of_topic += history->n_undecided;
    else
        breaker->n_of_token += history->n_undecided;
    breaker->n_undecided += history->n_undecided;
    judge_setting(breaker);
}

void
breaker_reset(struct breaker *breaker)
{
    if (is_by_tokens(breaker))
        forget_tokens(breaker);
    get_ready(breaker);
    breaker->n_failures = 0;
    breaker->has_answered = false;
}

void
breaker_renew(struct breaker *breaker)
{
    struct breaker_limits limits = breaker->limits;
    uint32_t round = breaker->round;

    breaker_init(breaker, &limits);
    breaker->round = round;
}

enum apns_identity_state
breaker_state(const struct breaker *breaker)
{
    return breaker->state;
}

const char *
breaker_why(const struct breaker *breaker)
{
    return breaker->why;
}

void
breaker_explain(struct breaker *breaker, const char *why)
{
    if (breaker->state == APNS_IDENTITY_STOPPED && breaker->why[0] != '\0')
        return;
    snprintf(breaker->why, sizeof breaker->why, "%s", why);
}

static uint32_t
probe_delay(const struct breaker *breaker, double chance)
{
    double ms = (double)breaker->limits.probe_ms;

    if (breaker->soon_ms != 0 && ms > breaker->soon_ms)
        ms = breaker->soon_ms;
    ms *= 0.9 + 0.2 * chance;
    return ms >= (double)UINT32_MAX ? UINT32_MAX : (uint32_t)ms;
}

static uint32_t
backoff_delay(const struct breaker *breaker, double chance)
{
    uint64_t ms = breaker->limits.backoff_min_ms;

    for (uint32_t i = 1;
         i < breaker->n_failures && ms < breaker->limits.backoff_max_ms; i++)
        ms *= 2;
    if (ms > breaker->limits.backoff_max_ms)
        ms = breaker->limits.backoff_max_ms;
    return (uint32_t)((double)ms * (0.5 + 0.5 * chance));
}

uint32_t
breaker_on_failure(struct breaker *breaker, enum apns_cause cause,
                   double chance)
{
    uint32_t ms;

    if (breaker->n_failures < UINT32_MAX)
        breaker->n_failures++;
    if (breaker->state == APNS_IDENTITY_PROBING)
        stop_by_answer(breaker, breaker->cause, breaker->why);
    else if (cause != APNS_CAUSE_NONE &&
             breaker->state != APNS_IDENTITY_STOPPED)
        stop(breaker, cause, "");
    if (breaker->state == APNS_IDENTITY_STOPPED) {
        if (cause != APNS_CAUSE_NONE)
            breaker->cause = cause;
        ms = probe_delay(breaker, chance);
        breaker->soon_ms = 0;
        return ms;
    }
    breaker->state = APNS_IDENTITY_BACKOFF;
    return backoff_delay(breaker, chance);
}

void
breaker_on_open(struct breaker *breaker)
{
    if (breaker->state == APNS_IDENTITY_PROBING)
        return;
    if (breaker->state != APNS_IDENTITY_STOPPED || !breaker->has_answered) {
        get_ready(breaker);
        return;
    }
    breaker->state = APNS_IDENTITY_PROBING;
    breaker->round++;
    breaker->n_taken = breaker->n_open = breaker->n_refused = 0;
}

bool
breaker_take(struct breaker *breaker, uint32_t *round)
{
    *round = 0;
    if (breaker->state != APNS_IDENTITY_PROBING)
        return breaker->state != APNS_IDENTITY_STOPPED;
    if (breaker->n_taken == APNS_PROBES)
        return false;
    breaker->n_taken++;
    breaker->n_open++;
    *round = breaker->round;
    return true;
}

bool
breaker_end_probe(struct breaker *breaker, uint32_t round, bool is_refused)
{
    if (breaker->state != APNS_IDENTITY_PROBING || breaker->round != round)
        return false;
    breaker->n_refused += is_refused;
    if (--breaker->n_open > 0)
        return false;
    stop_by_answer(breaker, breaker->cause, breaker->why);
    if (breaker->n_refused == 0)
        breaker->soon_ms = BREAKER_AGAIN_MS;
    return true;
}

/* False: this one was counted before. */
static bool
is_new_token(struct breaker *breaker, uint32_t token)
{
    uint32_t at = token % BREAKER_TOKENS;

    if (token == 0)
        token = 1; /* 0 is a free slot */
    for (; breaker->tokens[at] != 0; at = (at + 1) % BREAKER_TOKENS)
        if (breaker->tokens[at] == token)
            return false;
    /* Some slots stay free, so that the search above ends. */
    if (breaker->n_undecided < BREAKER_MAX_UNDECIDED)
        breaker->tokens[at] = token;
    return true;
}

/* A refused token of a certificate that is not proven. */
static void
note_undecided(struct breaker *breaker, const struct breaker_answer *answer)
{
    bool is_topic = reply_is_of_topic(answer->reason);

    if (!is_new_token(breaker, answer->token))
        return;
    breaker->n_undecided++;
    breaker->n_of_topic += is_topic;
    breaker->n_of_token += !is_topic;
    judge_setting(breaker);
}

/* Proof of host and topic ends a stop by tokens, also when it comes late; one
   by the certificate's own refusal is ended by a probe alone. */
static void
note_accepted(struct breaker *breaker)
{
    if (breaker->is_proven && breaker->state == APNS_IDENTITY_READY)
        return;
    if (!breaker->is_proven)
        forget_tokens(breaker);
    breaker->is_proven = true;
    if (breaker->state == APNS_IDENTITY_PROBING ||
        (breaker->state == APNS_IDENTITY_STOPPED && is_by_tokens(breaker)))
        get_ready(breaker);
}

/* A probe is lost when all of it are refused; the last one says why. */
static void
note_refused(struct breaker *breaker, const char *reason)
{
    if (breaker->state == APNS_IDENTITY_STOPPED)
        return;
    if (breaker->state != APNS_IDENTITY_PROBING) {
        stop_by_answer(breaker, reply_cause(reason), reason);
        return;
    }
    breaker->cause = reply_cause(reason);
    snprintf(breaker->why, sizeof breaker->why, "%s", reason);
}

/* Answers that APNs gives only after it has taken certificate and topic. */
static bool
is_about_device(enum apns_class class_)
{
    return class_ == APNS_CLASS_DEAD_TOKEN || class_ == APNS_CLASS_SUSPECT ||
           class_ == APNS_CLASS_SLOW_DOWN;
}

enum apns_class
breaker_on_answer(struct breaker *breaker, const struct breaker_answer *answer)
{
    enum apns_class class_ = answer->class_;

    if (class_ == APNS_CLASS_IDENTITY) {
        note_refused(breaker, answer->reason);
        return class_;
    }
    if (class_ == APNS_CLASS_ACCEPTED)
        note_accepted(breaker);
    if (class_ == APNS_CLASS_SUSPECT && !breaker->is_proven) {
        class_ = APNS_CLASS_UNDECIDED;
        note_undecided(breaker, answer);
    }
    if (breaker->state == APNS_IDENTITY_PROBING && !is_by_tokens(breaker) &&
        is_about_device(class_))
        get_ready(breaker);
    if (breaker->state != APNS_IDENTITY_STOPPED)
        breaker->n_failures = 0;
    return class_;
}
