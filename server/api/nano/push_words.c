/* SPDX-License-Identifier: MIT */
#include "push_words.h"

#include <inttypes.h>
#include <stdio.h>

#include "apns/base/rfc3339.h"

static void
say_paused(const struct rouse_wake_answer *answer, char *text, size_t size)
{
    char when[RFC3339_SIZE];

    rfc3339_text_s(answer->not_before_ms / 1000, when);
    snprintf(text, size, "waiting until %s because APNs asked for it", when);
}

static void
say_rejected(const struct rouse_wake_answer *answer, char *text, size_t size)
{
    int n;

    if (answer->reason[0] == '\0') {
        snprintf(text, size,
                 "push HTTP status: %u: decoding JSON push error: EOF",
                 (unsigned)answer->status);
        return;
    }
    n = snprintf(text, size, "push HTTP status: %u: APNs push error: %s",
                 (unsigned)answer->status, answer->reason);
    if (n > 0 && (size_t)n < size && answer->timestamp_ms != 0)
        snprintf(text + n, size - (size_t)n, ": timestamp %" PRId64,
                 answer->timestamp_ms);
}

void
push_words_error(const struct rouse_wake_answer *answer, unsigned wait_s,
                 char *text, size_t size)
{
    text[0] = '\0';
    if (answer->asked == ROUSE_ASKED_UNKNOWN)
        snprintf(text, size, "push data missing for id");
    else if (answer->asked == ROUSE_ASKED_UNPUSHABLE)
        snprintf(text, size,
                 "enrollment is %s; it is pushed again after its next "
                 "TokenUpdate",
                 answer->state);
    else if (answer->asked == ROUSE_ASKED_UNDECIDED)
        snprintf(text, size,
                 "APNs refused the token, and has accepted no push under this "
                 "certificate yet; it is pushed again after its next "
                 "TokenUpdate, or with another certificate");
    else if (!answer->is_answered && answer->not_before_ms != 0)
        say_paused(answer, text, size);
    else if (!answer->is_answered)
        snprintf(text, size,
                 "no answer from APNs within %u s; the push continues", wait_s);
    else if (answer->outcome == APNS_REJECTED)
        say_rejected(answer, text, size);
    else if (answer->outcome == APNS_FAILED)
        snprintf(text, size, "push failed: %s", answer->reason);
}

bool
push_words_refused(const struct store_last_push *last, char *text, size_t size)
{
    if (last->status < 400 || last->reason[0] == '\0')
        return false;
    snprintf(text, size,
             "push HTTP status: %u: APNs push error: %s: not pushed again "
             "before its next TokenUpdate",
             (unsigned)last->status, last->reason);
    return true;
}
