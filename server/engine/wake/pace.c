/* SPDX-License-Identifier: MIT */
#include "pace.h"

#define PUSH     INT64_C(1000) /* credit of one push */
#define BURST_MS INT64_C(100)  /* worth of credit that is saved up */

/*
 * A rate of n pushes/s earns n thousandths of a push each ms. One push more
 * than the burst, or what is earned between two looks would be lost on slow
 * rates.
 */
static int64_t
max_credit(const struct pace *pace)
{
    return (int64_t)pace->rate * BURST_MS + PUSH;
}

static void
earn(struct pace *pace, int64_t now_ms)
{
    int64_t span_ms = now_ms - pace->at_ms;
    int64_t max = max_credit(pace);

    /* A clock that was set back earns nothing, and from now on again. */
    pace->at_ms = now_ms;
    if (span_ms <= 0)
        return;
    if (span_ms > max / pace->rate + 1) {
        pace->credit = max;
        return;
    }
    pace->credit += span_ms * pace->rate;
    if (pace->credit > max)
        pace->credit = max;
}

void
pace_set(struct pace *pace, uint32_t rate, int64_t now_ms)
{
    bool was_unlimited = pace->rate == 0;

    if (!was_unlimited)
        earn(pace, now_ms);
    pace->rate = rate;
    pace->at_ms = now_ms;
    if (rate != 0 && (was_unlimited || pace->credit > max_credit(pace)))
        pace->credit = max_credit(pace);
}

bool
pace_has(struct pace *pace, int64_t now_ms)
{
    if (pace->rate == 0)
        return true;
    earn(pace, now_ms);
    return pace->credit >= PUSH;
}

size_t
pace_bound(const struct pace *pace, size_t n)
{
    return pace->rate != 0 && n > pace->rate ? pace->rate : n;
}

void
pace_spend(struct pace *pace)
{
    if (pace->rate != 0)
        pace->credit -= PUSH;
}

int64_t
pace_next(const struct pace *pace, int64_t now_ms)
{
    int64_t missing = PUSH - pace->credit;

    if (pace->rate == 0 || missing <= 0)
        return now_ms;
    return pace->at_ms + (missing + pace->rate - 1) / pace->rate;
}
