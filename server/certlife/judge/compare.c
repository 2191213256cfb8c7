/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <string.h>

#include "apns/base/must.h"
#include "apns/base/rfc3339.h"
#include "flaw.h"
#include "server/certlife/read/phrase.h"

static const struct {
    const char *word;
    bool is_ok;
} verdicts[CERTLIFE_N_VERDICTS] = {
#define X(name, is_ok, word) {word, is_ok},
    CERTLIFE_VERDICTS(X)
#undef X
};

const char *
certlife_verdict_word(enum certlife_verdict verdict)
{
    return (unsigned)verdict < CERTLIFE_N_VERDICTS ? verdicts[verdict].word
                                                   : "unknown";
}

bool
certlife_verdict_is_ok(enum certlife_verdict verdict)
{
    return (unsigned)verdict < CERTLIFE_N_VERDICTS && verdicts[verdict].is_ok;
}

__attribute__((format(printf, 3, 4))) static void
decide(struct certlife_answer *answer, enum certlife_verdict verdict,
       const char *format, ...)
{
    va_list args;

    answer->verdict = verdict;
    va_start(args, format);
    vsnprintf(answer->text, sizeof answer->text, format, args);
    va_end(args);
}

static int
find_topic(const struct certlife_import *import, const char *topic)
{
    for (size_t i = 0; i < import->n_held; i++)
        if (strcmp(import->held[i].cert->topic, topic) == 0)
            return (int)i;
    return -1;
}

/* Whose certificate would most likely have been meant. */
static int
find_largest(const struct certlife_import *import)
{
    int best = -1;

    for (size_t i = 0; i < import->n_held; i++)
        if (best < 0 ||
            import->held[i].n_enrollments > import->held[best].n_enrollments)
            best = (int)i;
    return best;
}

static bool
refuse_itself(const struct certlife_import *import, int64_t now_unix,
              struct certlife_answer *answer)
{
    char text[CERTLIFE_MAX_TEXT];
    enum certlife_verdict verdict;

    if (!flaw_find(import->fresh, import->fault,
                   import->fault_detail != NULL ? import->fault_detail : "",
                   now_unix, &verdict, text))
        return false;
    decide(answer, verdict, "%.80s%s%.420s",
           import->name != NULL ? import->name : "",
           import->name != NULL ? ": " : "", text);
    return true;
}

static bool
refuse_twice(const struct certlife_import *import,
             struct certlife_answer *answer)
{
    const char *sha256 = import->fresh->sha256;

    for (size_t i = 0; i < import->n_held; i++)
        if (strcmp(import->held[i].cert->sha256, sha256) == 0 &&
            !import->held[i].is_key_lost) {
            answer->current = (int)i;
            decide(answer, CERTLIFE_VERDICT_SAME_CERTIFICATE,
                   "This certificate is already in force; there is nothing to "
                   "do. If you have just renewed, the portal still offered the "
                   "old file: reload the page and download again.");
            return true;
        }
    for (size_t i = 0; i < import->n_past; i++)
        if (strcmp(import->past_sha256[i], sha256) == 0) {
            answer->current = find_topic(import, import->fresh->topic);
            decide(answer, CERTLIFE_VERDICT_ALREADY_IMPORTED,
                   "This certificate was imported before and has been replaced "
                   "since. To restore it, use \"rouse cert revert --topic "
                   "%.200s\".",
                   import->fresh->topic);
            return true;
        }
    return false;
}

static void
refuse_mismatch(const struct certlife_import *import,
                const struct certlife_held *old, uint64_t n,
                struct certlife_answer *answer)
{
    bool has_account = old->apple_account != NULL;

    decide(
        answer, CERTLIFE_VERDICT_TOPIC_MISMATCH,
        "The new certificate has another topic than the one in force.\n  in "
        "force: %.255s\n  new:      %.255s\n%llu enrollments would go silent: "
        "a device always listens to the topic it enrolled with, so each would "
        "have to enroll again. The usual causes:\n  1. signed in at the portal "
        "with another Apple Account%s%.128s;\n  2. renewed another certificate "
        "of the same account (compare the serial number %.64s);\n  3. pressed "
        "Create a Certificate instead of Renew.\nGo back to "
        "identity.apple.com/pushcert and press Renew on the row of the topic "
        "in force. To keep both certificates, import it with --add. To give up "
        "the old topic, see --replace-topic in rouse-cert(1).",
        old->cert->topic, import->fresh->topic, (unsigned long long)n,
        has_account ? " than " : "", has_account ? old->apple_account : "",
        old->cert->serial);
}

static void
judge_replacement(const struct certlife_import *import,
                  const struct certlife_held *old, uint64_t n,
                  struct certlife_answer *answer)
{
    if (!import->has_confirm || import->confirm != n)
        decide(answer, CERTLIFE_VERDICT_CONFIRM_WRONG,
               "Replacing the topic %.255s silences %llu enrollments: each "
               "would have to enroll again. Nothing is replaced until that "
               "number is confirmed.",
               old->cert->topic, (unsigned long long)n);
    else
        decide(answer, CERTLIFE_VERDICT_OK_REPLACE_TOPIC,
               "The topic %.255s is replaced with %.255s, as confirmed: %llu "
               "enrollments go silent until each enrolls again, or until a "
               "certificate of the old topic is imported.",
               old->cert->topic, import->fresh->topic, (unsigned long long)n);
}

/* Last year's file, as a rule. If both end together, their begin decides. */
static bool
is_older(const struct apns_cert *fresh, const struct apns_cert *old)
{
    if (fresh->not_after_unix != old->not_after_unix)
        return fresh->not_after_unix < old->not_after_unix;
    return fresh->not_before_unix < old->not_before_unix;
}

/* One that APNs takes is not given up for an older one; any other is. */
static bool
is_worth_keeping(const struct certlife_held *held)
{
    return held->is_taken &&
           (held->marks & (CERTLIFE_MARK_REFUSED | CERTLIFE_MARK_REVOKED)) == 0;
}

static void
judge_renewal(const struct certlife_import *import,
              const struct certlife_held *old, struct certlife_answer *answer)
{
    bool is_back = is_older(import->fresh, old->cert);
    char was[16];
    char is[16];

    rfc3339_day(old->cert->not_after_unix, was);
    rfc3339_day(import->fresh->not_after_unix, is);
    if (old->is_key_lost)
        decide(answer, CERTLIFE_VERDICT_OK_RENEWAL,
               "The private key of the certificate in force is lost; this one "
               "replaces it, with a key: same topic, valid until %s. "
               "Enrollments are unaffected.",
               is);
    else if (is_back && is_worth_keeping(old))
        decide(answer, CERTLIFE_VERDICT_OLDER_THAN_CURRENT,
               "This certificate expires on %s, before the one in force (%s), "
               "which works. It is probably last year's file; download the "
               "renewed one. To restore one that was held here before, use "
               "\"rouse cert revert\".",
               is, was);
    else if (is_back)
        decide(answer, CERTLIFE_VERDICT_OK_RENEWAL,
               "This certificate expires on %s, before the one in force (%s); "
               "but APNs %s that one. Same topic: enrollments are unaffected.",
               is, was,
               old->marks != 0 ? "refuses" : "has not been seen to accept");
    else
        decide(answer, CERTLIFE_VERDICT_OK_RENEWAL,
               "This renews the certificate in force: same topic, valid until "
               "%s instead of %s. Enrollments are unaffected.",
               is, was);
}

static void
judge_other_topic(const struct certlife_import *import,
                  struct certlife_answer *answer)
{
    const struct certlife_held *old = &import->held[answer->current];
    int same = find_topic(import, import->fresh->topic);

    if (import->replace_topic == NULL && import->as_additional && same < 0) {
        answer->current = -1;
        decide(answer, CERTLIFE_VERDICT_OK_ADDITIONAL,
               "The topic %.255s is new here. It is added to the others; "
               "nothing is replaced, and devices that enrolled with %.255s "
               "still need that topic's certificate.",
               import->fresh->topic, old->cert->topic);
        return;
    }
    if (import->replace_topic == NULL) {
        refuse_mismatch(import, old, old->n_enrollments, answer);
    } else {
        /* It may also renew another one that is held, but not backwards. */
        if (same >= 0)
            judge_renewal(import, &import->held[same], answer);
        if (answer->verdict == CERTLIFE_VERDICT_OLDER_THAN_CURRENT)
            return;
        judge_replacement(import, old, old->n_enrollments, answer);
    }
    answer->n_silenced = old->n_enrollments;
}

/* The identity that the import is about; false: there is no such topic. */
static bool
find_current(const struct certlife_import *import,
             struct certlife_answer *answer)
{
    const char *named = import->replace_topic != NULL ? import->replace_topic
                                                      : import->renew_topic;

    answer->current =
        find_topic(import, named != NULL ? named : import->fresh->topic);
    if (answer->current >= 0)
        return true;
    if (named != NULL) {
        decide(answer, CERTLIFE_VERDICT_UNKNOWN_TOPIC,
               "There is no push certificate for the topic %.255s here; see "
               "rouse cert list.",
               named);
        return false;
    }
    answer->current = find_largest(import);
    return true;
}

void
certlife_compare(const struct certlife_import *import, int64_t now_unix,
                 struct certlife_answer *answer)
{
    const char *topic = import->fresh->topic;

    must(import->n_held <= CERTLIFE_MAX_HELD);
    memset(answer, 0, sizeof *answer);
    answer->current = -1;
    if (refuse_itself(import, now_unix, answer) ||
        refuse_twice(import, answer) || !find_current(import, answer))
        return;
    if (answer->current < 0)
        decide(answer, CERTLIFE_VERDICT_OK_NEW_IDENTITY,
               "This is the first identity; its topic is %.255s.", topic);
    else if (strcmp(import->held[answer->current].cert->topic, topic) == 0)
        judge_renewal(import, &import->held[answer->current], answer);
    else
        judge_other_topic(import, answer);
}
