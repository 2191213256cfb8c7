/* SPDX-License-Identifier: MIT */
#include "life_seen.h"

#include <stddef.h>

#include "life_explain.h"
#include "store/store.h"

enum verdict {
    SEEN,
    NOT_SEEN,
    NOT_ACCEPTED,
    DEAD,
    SUSPECT,
    UNDECIDED,
    DISABLED
};

static const struct {
    const char *word;
    const char *explanation; /* NULL: that of APNs' answer */
    const char *what_to_do;
} verdicts[] = {
    [SEEN] = {"seen",
              "The device checked in: the whole path works, from here through "
              "APNs to the device and back.",
              ""},
    [NOT_SEEN] =
        {"not_seen",
         "APNs accepted the push, but the device did not check in in time. "
         "Certificate and topic work; whether the device received the push is "
         "not known.",
         "Make sure that the device is on and has network access (TCP 5223 or "
         "443 to Apple's 17.0.0.0/8), and that the MDM server forwards "
         "check-ins to rouse: when was the device last seen (rouse enrollment "
         "show)? APNs keeps the push; a sleeping device checks in later."},
    [NOT_ACCEPTED] = {"not_accepted", NULL,
                      "The push is retried automatically until it is accepted "
                      "(see rouse enrollment show)."},
    [DEAD] = {"dead",
              "APNs says that the device's token is no longer valid: the MDM "
              "profile was removed, or the device was erased.",
              "It is pushed again after its next TokenUpdate, which it sends "
              "when it enrolls again. Test with another device."},
    [SUSPECT] = {"suspect",
                 "APNs does not know the device's token, or knows it for "
                 "another topic.",
                 "It is pushed again after its next TokenUpdate. If it was "
                 "imported, compare token and topic with the MDM server that "
                 "it came from, or test with another device."},
    [UNDECIDED] = {"undecided",
                   "APNs does not know the device's token, or knows it for "
                   "another topic, and has accepted no push under this "
                   "certificate yet: either the token or a setting is wrong.",
                   "Test with another device. If no push is accepted, compare "
                   "[apns] host and the certificate's topic with what the "
                   "devices were enrolled with."},
    [DISABLED] = {"disabled",
                  "The device has checked out, or enrolled without having "
                  "sent its token yet: nothing was pushed.",
                  "It is pushed again after its next TokenUpdate. Test with "
                  "another device."},
};

/* A 410 from before its TokenUpdate is about an older token. */
static bool
is_stale(const struct rouse_wake_answer *answer, int64_t token_at_ms)
{
    return answer->timestamp_ms != 0 && answer->timestamp_ms < token_at_ms;
}

enum life_seen_next
life_seen_after(const struct rouse_wake_answer *answer, int64_t token_at_ms)
{
    if (answer->asked == ROUSE_ASKED_UNPUSHABLE ||
        answer->asked == ROUSE_ASKED_UNDECIDED)
        return LIFE_SEEN_OVER;
    if (!answer->is_answered)
        return LIFE_SEEN_WAIT;
    switch (answer->class_) {
    case APNS_CLASS_DEAD_TOKEN:
        return is_stale(answer, token_at_ms) ? LIFE_SEEN_WAIT : LIFE_SEEN_OVER;
    case APNS_CLASS_SUSPECT:
    case APNS_CLASS_UNDECIDED:
    case APNS_CLASS_IDENTITY:
    case APNS_CLASS_OURS:
        return LIFE_SEEN_OVER;
    default:
        return LIFE_SEEN_WAIT;
    }
}

static enum verdict
of_state(const char *text)
{
    enum store_state state = STORE_STATE_DISABLED;

    if (!store_state_read(text, &state))
        return DISABLED;
    if (state == STORE_STATE_DEAD)
        return DEAD;
    return state == STORE_STATE_SUSPECT ? SUSPECT : DISABLED;
}

static enum verdict
judge(const struct rouse_wake_answer *answer, enum life_seen_next next,
      bool is_seen)
{
    if (answer->asked == ROUSE_ASKED_UNPUSHABLE)
        return of_state(answer->state);
    if (answer->asked == ROUSE_ASKED_UNDECIDED)
        return UNDECIDED;
    if (next == LIFE_SEEN_OVER)
        return answer->class_ == APNS_CLASS_DEAD_TOKEN  ? DEAD
               : answer->class_ == APNS_CLASS_SUSPECT   ? SUSPECT
               : answer->class_ == APNS_CLASS_UNDECIDED ? UNDECIDED
                                                        : NOT_ACCEPTED;
    /* The first push may have got no answer, and the next one has. */
    if (is_seen)
        return SEEN;
    return answer->is_answered && answer->outcome == APNS_ACCEPTED
               ? NOT_SEEN
               : NOT_ACCEPTED;
}

void
life_seen_judge(const struct rouse_wake_answer *answer,
                enum life_seen_next next, bool is_seen,
                struct rouse_cert_wake *wake)
{
    enum verdict verdict = judge(answer, next, is_seen);
    struct life_explanation words;

    *wake = (struct rouse_cert_wake){
        .verdict = verdicts[verdict].word,
        .is_seen = verdict == SEEN,
        .status = answer->status,
        .reason = answer->reason,
        .explanation = verdicts[verdict].explanation,
        .what_to_do = verdicts[verdict].what_to_do,
    };
    if (wake->explanation != NULL)
        return;
    life_explain_end(answer->status, answer->reason, &words);
    wake->explanation = words.explanation;
    if (words.what_to_do[0] != '\0')
        wake->what_to_do = words.what_to_do;
}
