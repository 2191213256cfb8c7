/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "apns/base/rfc3339.h"
#include "server/certlife/read/phrase.h"

#define DAY    INT64_C(86400)
#define N_BITS 64 /* days after the expiry that are remembered one by one */

/* Days before the expiry. An alert is due from that moment on. */
static const int thresholds[] = {30, 15, 7, 3, 1, 0};

#define N_THRESHOLDS (sizeof thresholds / sizeof thresholds[0])

const char *
certlife_state_word(enum certlife_state state)
{
    static const char *const words[CERTLIFE_N_STATES] = {
#define X(name, word) word,
        CERTLIFE_STATES(X)
#undef X
    };

    return (unsigned)state < CERTLIFE_N_STATES ? words[state] : "unknown";
}

/* Dates come from certificates and now from clocks: neither may overflow. */
static int64_t
seconds_left(int64_t not_after_unix, int64_t now_unix)
{
    int64_t left;

    if (__builtin_sub_overflow(not_after_unix, now_unix, &left))
        return now_unix > 0 ? -INT64_MAX : INT64_MAX;
    return left < -INT64_MAX ? -INT64_MAX : left; /* it is negated */
}

int64_t
certlife_days_left(int64_t not_after_unix, int64_t now_unix)
{
    int64_t left = seconds_left(not_after_unix, now_unix);

    return left / DAY - (left % DAY < 0);
}

enum certlife_state
certlife_state_of(int64_t not_before_unix, int64_t not_after_unix,
                  int64_t now_unix, unsigned marks)
{
    if ((marks & CERTLIFE_MARK_REVOKED) != 0)
        return CERTLIFE_STATE_REVOKED;
    if (now_unix >= not_after_unix)
        return CERTLIFE_STATE_EXPIRED;
    if ((marks & CERTLIFE_MARK_KEY_LOST) != 0)
        return CERTLIFE_STATE_KEY_LOST;
    if (now_unix < not_before_unix)
        return CERTLIFE_STATE_NOT_YET_VALID;
    if ((marks & CERTLIFE_MARK_WRONG_ENVIRONMENT) != 0)
        return CERTLIFE_STATE_WRONG_ENVIRONMENT;
    if ((marks & CERTLIFE_MARK_WRONG_TOPIC) != 0)
        return CERTLIFE_STATE_WRONG_TOPIC;
    if ((marks & CERTLIFE_MARK_REFUSED) != 0)
        return CERTLIFE_STATE_REFUSED;
    if ((marks & CERTLIFE_MARK_NONE_ACCEPTED) != 0)
        return CERTLIFE_STATE_NONE_ACCEPTED;
    if ((marks & CERTLIFE_MARK_TEST_FAILED) != 0)
        return CERTLIFE_STATE_TEST_FAILED;
    if (seconds_left(not_after_unix, now_unix) <= CERTLIFE_EXPIRING_DAYS * DAY)
        return CERTLIFE_STATE_EXPIRING;
    return CERTLIFE_STATE_ACTIVE;
}

/* The last threshold that has been reached; -1: none yet. */
static int
threshold_at(int64_t left)
{
    int at = -1;

    for (size_t i = 0; i < N_THRESHOLDS; i++)
        if (left <= (int64_t)thresholds[i] * DAY)
            at = (int)i;
    return at;
}

/* True when the k-th day after the expiry (1, 2, …) was not told yet. */
static bool
mark_day(struct certlife_told *told, int64_t day)
{
    if (day < N_BITS) {
        uint64_t bit = UINT64_C(1) << day;

        if ((told->days & bit) != 0)
            return false;
        told->days |= bit;
        return true;
    }
    if (day <= told->last_day)
        return false;
    told->last_day = day;
    return true;
}

static bool
mark_threshold(struct certlife_told *told, int at)
{
    uint32_t bit = UINT32_C(1) << at;

    if ((told->thresholds & bit) != 0)
        return false;
    told->thresholds |= bit;
    return true;
}

/* Who can renew it, and for how many; "" when neither is known. */
static void
write_stakes(const struct certlife_held *held, char text[CERTLIFE_MAX_TEXT])
{
    const char *account = held->apple_account;
    unsigned long long n = held->n_enrollments;

    text[0] = '\0';
    if (account != NULL && n > 0)
        phrase_write(text,
                     " It was created with the Apple Account %.100s; %llu "
                     "enrollment%s need%s it.",
                     account, n, n == 1 ? "" : "s", n == 1 ? "s" : "");
    else if (account != NULL)
        phrase_write(text, " It was created with the Apple Account %.100s.",
                     account);
    else if (n > 0)
        phrase_write(text, " %llu enrollment%s need%s it.", n,
                     n == 1 ? "" : "s", n == 1 ? "s" : "");
}

static void
write_expiry(const struct certlife_held *held, struct certlife_alert *alert)
{
    const char *topic = held->cert->topic;
    char date[16];
    char stakes[CERTLIFE_MAX_TEXT];
    long long days = (long long)alert->days_left;

    rfc3339_day(held->cert->not_after_unix, date);
    write_stakes(held, stakes);
    if (alert->state == CERTLIFE_STATE_EXPIRED)
        phrase_write(alert->text,
                     "The push certificate of %.120s expired on %s. APNs "
                     "accepts no new connection with it: its devices go silent "
                     "as soon as the open connections close.%.150s Renew it "
                     "now (Renew, not Create): rouse cert renew.",
                     topic, date, stakes);
    else
        phrase_write(alert->text,
                     "The push certificate of %.120s expires on %s (%lld "
                     "whole day%s left).%.150s Renew it at "
                     "identity.apple.com/pushcert (Renew, not Create): rouse "
                     "cert renew.",
                     topic, date, days, days == 1 ? "" : "s", stakes);
}

bool
certlife_alert_expiry(const struct certlife_held *held, int64_t now_unix,
                      struct certlife_told *told, struct certlife_alert *alert)
{
    int64_t not_after_unix = held->cert->not_after_unix;
    int64_t left = seconds_left(not_after_unix, now_unix);
    int64_t day = left <= 0 ? -left / DAY : 0;
    int at = threshold_at(left);

    memset(alert, 0, sizeof *alert);
    if (at < 0)
        return false;
    if (day == 0 ? !mark_threshold(told, at) : !mark_day(told, day))
        return false;
    alert->threshold = day == 0 ? thresholds[at] : -1;
    alert->days_left = certlife_days_left(not_after_unix, now_unix);
    alert->state = left <= 0 ? CERTLIFE_STATE_EXPIRED : CERTLIFE_STATE_EXPIRING;
    write_expiry(held, alert);
    return true;
}

static const char *
explain(enum certlife_state state)
{
    switch (state) {
    case CERTLIFE_STATE_NOT_YET_VALID:
        return "is not valid yet; this machine's clock is probably wrong";
    case CERTLIFE_STATE_REFUSED:
        return "was refused by APNs; wakes wait until a certificate that APNs "
               "accepts is imported";
    case CERTLIFE_STATE_REVOKED:
        return "was revoked; somebody pressed Revoke at the portal. Renew it "
               "there on the same row";
    case CERTLIFE_STATE_WRONG_ENVIRONMENT:
        return "or the device tokens belong to another APNs environment than "
               "the configured host";
    case CERTLIFE_STATE_WRONG_TOPIC:
        return "has another topic than its device tokens";
    case CERTLIFE_STATE_NONE_ACCEPTED:
        return "has had device tokens refused, and no push accepted yet";
    case CERTLIFE_STATE_TEST_FAILED:
        return "did not pass its test";
    case CERTLIFE_STATE_KEY_LOST:
        return "has lost its private key along with the master key. Wakes wait "
               "until it is imported again with its key, or renewed: rouse "
               "cert import, rouse cert renew";
    default:
        return NULL;
    }
}

bool
certlife_alert_state(enum certlife_state state, int64_t not_after_unix,
                     int64_t now_unix, const char *topic,
                     struct certlife_told *told, struct certlife_alert *alert)
{
    const char *what = explain(state);

    memset(alert, 0, sizeof *alert);
    if (what == NULL) {
        told->state_told = 0;
        return false;
    }
    if (told->state_told == 1 + (uint32_t)state)
        return false;
    told->state_told = 1 + (uint32_t)state;
    alert->threshold = -1;
    alert->days_left = certlife_days_left(not_after_unix, now_unix);
    alert->state = state;
    phrase_write(alert->text, "The push certificate of %.200s %s.", topic,
                 what);
    return true;
}
