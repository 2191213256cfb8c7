/* SPDX-License-Identifier: MIT */
#include "breaker.h"

#include <stdio.h>
#include <string.h>

/* The answers that say something of the token. The others neither prove nor
 * refute that host and topic are right. */
static bool
judges_token(enum apns_class class_)
{
    return class_ == APNS_CLASS_ACCEPTED || class_ == APNS_CLASS_DEAD_TOKEN ||
           class_ == APNS_CLASS_SUSPECT || class_ == APNS_CLASS_SLOW_DOWN;
}

static void
forget_answers(struct breaker *breaker)
{
    memset(breaker->is_suspect, 0, sizeof breaker->is_suspect);
    breaker->n_seen = 0;
    breaker->n_suspect = 0;
    breaker->n_recent = 0;
    breaker->next = 0;
    breaker->is_released = false;
}

static void
stop(struct breaker *breaker, const char *why)
{
    breaker->state = APNS_IDENTITY_STOPPED;
    snprintf(breaker->why, sizeof breaker->why, "%s", why);
    forget_answers(breaker);
}

void
breaker_init(struct breaker *breaker, const struct breaker_limits *limits)
{
    memset(breaker, 0, sizeof *breaker);
    breaker->limits = *limits;
    breaker->state = APNS_IDENTITY_READY;
}

void
breaker_reset(struct breaker *breaker)
{
    struct breaker_limits limits = breaker->limits;

    breaker_init(breaker, &limits);
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
    double ms = (double)breaker->limits.probe_ms * (0.9 + 0.2 * chance);

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
breaker_on_failure(struct breaker *breaker, bool is_identity, double chance)
{
    if (breaker->n_failures < UINT32_MAX)
        breaker->n_failures++;
    if (is_identity && breaker->state != APNS_IDENTITY_STOPPED)
        stop(breaker, "");
    if (breaker->state == APNS_IDENTITY_STOPPED)
        return probe_delay(breaker, chance);
    breaker->state = APNS_IDENTITY_BACKOFF;
    return backoff_delay(breaker, chance);
}

void
breaker_on_open(struct breaker *breaker)
{
    breaker->state = APNS_IDENTITY_READY;
    breaker->why[0] = '\0';
}

static void
remember(struct breaker *breaker, bool is_suspect)
{
    bool *slot = &breaker->is_suspect[breaker->next];
    uint32_t leaving =
        (breaker->next + BREAKER_WINDOW - BREAKER_MIN_SAMPLE) % BREAKER_WINDOW;

    /* Slots not yet written are false, so they need no special case. */
    breaker->n_recent -= breaker->is_suspect[leaving];
    breaker->n_suspect -= *slot;
    *slot = is_suspect;
    breaker->n_recent += is_suspect;
    breaker->n_suspect += is_suspect;
    breaker->next = (breaker->next + 1) % BREAKER_WINDOW;
    if (breaker->n_seen < BREAKER_WINDOW)
        breaker->n_seen++;
    if (is_suspect)
        breaker->is_released = false;
}

bool
breaker_on_answer(struct breaker *breaker, enum apns_class class_,
                  const char *reason)
{
    bool is_suspect = class_ == APNS_CLASS_SUSPECT;

    if (breaker->state == APNS_IDENTITY_STOPPED)
        return false;
    if (class_ == APNS_CLASS_IDENTITY) {
        stop(breaker, reason);
        return true;
    }
    breaker->n_failures = 0;
    if (!judges_token(class_))
        return false;
    remember(breaker, is_suspect);
    if (!is_suspect) {
        breaker->is_probation = false;
        return false;
    }
    if (!breaker->is_probation && (breaker->n_seen < BREAKER_MIN_SAMPLE ||
                                   breaker->n_suspect * 2 <= breaker->n_seen))
        return false;
    stop(breaker, reason);
    breaker->is_probation = true;
    return true;
}

bool
breaker_holds(const struct breaker *breaker)
{
    uint32_t n_last = breaker->n_seen < BREAKER_MIN_SAMPLE ? breaker->n_seen
                                                           : BREAKER_MIN_SAMPLE;

    return breaker->state != APNS_IDENTITY_STOPPED && !breaker->is_released &&
           breaker->n_recent * 4 > n_last;
}

void
breaker_release(struct breaker *breaker)
{
    breaker->is_released = true;
}
