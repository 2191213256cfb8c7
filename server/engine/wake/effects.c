/* SPDX-License-Identifier: MIT */
#include "effects.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

/* Apple asks for 15 minutes or more after a 500 or 503. */
#define TROUBLE_MIN     (15 * MINUTE)
#define TROUBLE_MAX     (4 * HOUR)
#define SLOW_DOWN_MIN   (1 * MINUTE)
#define SLOW_DOWN_MAX   (1 * HOUR)
#define RETRY_AFTER_MAX (24 * HOUR) /* what we believe of a Retry-After */
#define WAIT_SPAN       (1 * HOUR)  /* if nobody releases it before */

enum schedule {
    NEVER,
    SOON, /* 1 s, 5 s, 30 s, then as TROUBLE */
    SLOW,
    LATER,
    HELD,
};

static const struct {
    enum store_effect effect;
    enum schedule schedule;
} table[APNS_N_CLASSES] = {
    [APNS_CLASS_ACCEPTED] = {STORE_EFFECT_ACCEPTED, NEVER},
    [APNS_CLASS_DEAD_TOKEN] = {STORE_EFFECT_DEAD, NEVER},
    [APNS_CLASS_SUSPECT] = {STORE_EFFECT_SUSPECT, NEVER},
    [APNS_CLASS_UNDECIDED] = {STORE_EFFECT_UNDECIDED, NEVER},
    [APNS_CLASS_SLOW_DOWN] = {STORE_EFFECT_RETRY, SLOW},
    [APNS_CLASS_TROUBLE] = {STORE_EFFECT_RETRY, LATER},
    [APNS_CLASS_NO_ANSWER] = {STORE_EFFECT_RETRY, SOON},
    [APNS_CLASS_IDENTITY] = {STORE_EFFECT_WAIT, HELD},
    [APNS_CLASS_OURS] = {STORE_EFFECT_DROPPED, NEVER},
};

static const int64_t soon[] = {1 * SECOND, 5 * SECOND, 30 * SECOND};
#define N_SOON (sizeof soon / sizeof soon[0])

/* A third more at most, so that what failed together comes back spread. */
static int64_t
jittered(int64_t span_ms, uint32_t chance)
{
    return span_ms + (int64_t)((uint64_t)(span_ms / 3) * chance / UINT32_MAX);
}

static int64_t
doubled(int64_t min_ms, int64_t max_ms, uint32_t times)
{
    int64_t span_ms = min_ms;

    while (times-- > 0 && span_ms < max_ms)
        span_ms *= 2;
    return span_ms < max_ms ? span_ms : max_ms;
}

static int64_t
at_least_retry_after(int64_t span_ms, const struct apns_result *result)
{
    int64_t asked_ms = (int64_t)result->retry_after_s * SECOND;

    if (asked_ms > RETRY_AFTER_MAX)
        asked_ms = RETRY_AFTER_MAX;
    return span_ms > asked_ms ? span_ms : asked_ms;
}

static int64_t
retry_span(enum schedule schedule, const struct apns_result *result,
           const struct effects_push *push)
{
    uint32_t attempt = push->attempt;

    if (schedule == SLOW)
        return result->retry_after_s != 0
                   ? at_least_retry_after(0, result)
                   : doubled(SLOW_DOWN_MIN, SLOW_DOWN_MAX, attempt);
    if (schedule == SOON && attempt < N_SOON)
        return soon[attempt];
    if (schedule == SOON)
        attempt -= (uint32_t)N_SOON;
    return at_least_retry_after(doubled(TROUBLE_MIN, TROUBLE_MAX, attempt),
                                result);
}

struct effects_verdict
effects_wait(const struct effects_push *push)
{
    int64_t due_ms = push->now_ms + WAIT_SPAN;

    /* Never past the deadline: at the deadline it is seen to expire. */
    if (due_ms > push->deadline_ms)
        due_ms = push->deadline_ms;
    return (struct effects_verdict){
        .effect = STORE_EFFECT_WAIT, .due_ms = due_ms, .wait_ms = WAIT_SPAN};
}

struct effects_verdict
effects_expire(const struct effects_push *push)
{
    /* Due behind its deadline is what the store calls expired. */
    return (struct effects_verdict){.effect = STORE_EFFECT_WAIT,
                                    .due_ms = push->deadline_ms + 1};
}

struct effects_verdict
effects_decide(const struct apns_result *result,
               const struct effects_push *push)
{
    enum schedule schedule = table[result->class_].schedule;
    struct effects_verdict verdict = {
        .effect = table[result->class_].effect,
    };
    int64_t span_ms = 0;

    if (schedule == HELD)
        return effects_wait(push);
    if (schedule != NEVER) {
        span_ms = retry_span(schedule, result, push);
        verdict.wait_ms = jittered(span_ms, push->chance);
        verdict.due_ms = push->now_ms + verdict.wait_ms;
    }
    if (schedule == SLOW)
        verdict.pause_ms = span_ms;
    if (verdict.effect == STORE_EFFECT_DEAD)
        verdict.died_at_ms = result->timestamp_ms;
    return verdict;
}
