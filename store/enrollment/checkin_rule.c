/* SPDX-License-Identifier: MIT */
#include "checkin_rule.h"

bool
checkin_rule_newer(int64_t stored, int64_t at, int64_t now)
{
    return stored > at && stored <= now;
}

/* One that is somewhat ahead of our clock: that was set back a bit. */
bool
checkin_rule_just_came(const struct enrollment_row *row, int64_t now)
{
    int64_t since = now - row->token_came_at;

    return since <= CHECKIN_CROSSED_MS && since >= -CHECKIN_CROSSED_MS;
}

/* The stored TokenUpdate and an Authenticate of ${at} that comes ${now}. */
static bool
is_crossed(const struct enrollment_row *row, int64_t at, int64_t now)
{
    if (row->token_at != 0 && row->token_at - now <= CHECKIN_CROSSED_MS &&
        at - row->token_at <= CHECKIN_CROSSED_MS)
        return true;
    return checkin_rule_just_came(row, now);
}

static enum checkin_verdict
judge_authenticate(const struct enrollment_row *row, int64_t at, int64_t now)
{
    if (row->state != STORE_STATE_DISABLED && is_crossed(row, at, now))
        return CHECKIN_COMPLETES;
    return checkin_rule_newer(row->checked_at, at, now) ? CHECKIN_COMPLETES
                                                        : CHECKIN_DECIDES;
}

/* The Authenticate that disabled it is no reason against a TokenUpdate that is
   stamped shortly before; a CheckOut is. */
static enum checkin_verdict
judge_token_update(const struct enrollment_row *row, int64_t at, int64_t now)
{
    bool is_authenticate = row->checked_at == row->authenticated_at;

    if (checkin_rule_newer(row->token_at, at, now))
        return CHECKIN_SIGHTS;
    if (row->state != STORE_STATE_DISABLED ||
        !checkin_rule_newer(row->checked_at, at, now))
        return CHECKIN_DECIDES;
    return is_authenticate && row->checked_at - at <= CHECKIN_CROSSED_MS
               ? CHECKIN_DECIDES
               : CHECKIN_SIGHTS;
}

enum checkin_verdict
checkin_rule_judge(const struct enrollment_row *row,
                   const struct store_checkin *checkin, int64_t now)
{
    switch (checkin->type) {
    case STORE_CHECKIN_AUTHENTICATE:
        return judge_authenticate(row, checkin->at_ms, now);
    case STORE_CHECKIN_TOKEN_UPDATE:
        return judge_token_update(row, checkin->at_ms, now);
    case STORE_CHECKIN_CHECK_OUT:
        return checkin_rule_newer(row->checked_at, checkin->at_ms, now)
                   ? CHECKIN_SIGHTS
                   : CHECKIN_DECIDES;
    case STORE_CHECKIN_SEEN:
    default:
        return CHECKIN_SIGHTS;
    }
}

uint32_t
checkin_rule_tally(const struct enrollment_row *row,
                   const struct store_checkin *checkin)
{
    int64_t since_authenticate = checkin->at_ms - row->authenticated_at;

    if (checkin->tally != 0)
        return checkin->tally;
    if (row->authenticated_at > row->token_at && since_authenticate >= 0 &&
        since_authenticate <= CHECKIN_CROSSED_MS)
        return 1;
    return row->tally + 1;
}
