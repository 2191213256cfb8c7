/* SPDX-License-Identifier: MIT */
#include "flaw.h"

#include "apns/base/rfc3339.h"
#include "server/certlife/read/phrase.h"

#define AGAIN                                                   \
    "Apple issues no such certificate; download it again from " \
    "identity.apple.com/pushcert."

/* What cert_describe found. */
static enum certlife_verdict
write_fault(enum apns_err fault, const char *detail, char *text)
{
    switch (fault) {
    case APNS_EMANYUIDS:
        phrase_write(text,
                     "The push certificate has more than one UID (%.250s), so "
                     "its topic is ambiguous. " AGAIN,
                     detail);
        return CERTLIFE_VERDICT_BAD_TOPIC;
    case APNS_ENOUID:
        phrase_write(text, "This is not an MDM push certificate: it has no UID "
                           "and therefore no topic.");
        return CERTLIFE_VERDICT_BAD_TOPIC;
    case APNS_EBADUID:
        phrase_write(
            text,
            "The certificate's UID cannot be a push topic: %.250s. " AGAIN,
            detail);
        return CERTLIFE_VERDICT_BAD_TOPIC;
    case APNS_EWEAKKEY:
        phrase_write(text,
                     "The push certificate's key cannot be used: %.200s. Make "
                     "a new request (rouse cert renew) and renew with that.",
                     detail);
        return CERTLIFE_VERDICT_BAD_CERTIFICATE;
    case APNS_EWEAKSIGN:
        phrase_write(text,
                     "The push certificate is signed with %.100s, which is too "
                     "weak to be used. Download it again from Apple.",
                     detail);
        return CERTLIFE_VERDICT_BAD_CERTIFICATE;
    default:
        phrase_write(text,
                     "The push certificate cannot be read%s%.200s. " AGAIN,
                     detail[0] != '\0' ? ": " : "", detail);
        return CERTLIFE_VERDICT_BAD_CERTIFICATE;
    }
}

static bool
find_in_dates(const struct apns_cert *cert, int64_t now_unix,
              enum certlife_verdict *verdict, char *text)
{
    char from[32];
    char to[32];

    if (cert->not_after_unix < cert->not_before_unix) {
        phrase_write(text,
                     "The push certificate's validity ends (%s) before it "
                     "begins (%s). " AGAIN,
                     phrase_moment(cert->not_after_unix, to),
                     phrase_moment(cert->not_before_unix, from));
        *verdict = CERTLIFE_VERDICT_BAD_CERTIFICATE;
        return true;
    }
    if (cert->not_after_unix <= now_unix) {
        phrase_write(text,
                     "The push certificate expired on %s. Press Renew at "
                     "identity.apple.com/pushcert and download the new one.",
                     rfc3339_day(cert->not_after_unix, to));
        *verdict = CERTLIFE_VERDICT_EXPIRED;
        return true;
    }
    if (cert->not_before_unix > now_unix) {
        phrase_write(
            text,
            "The push certificate is not valid before %s; this machine's clock "
            "says %s. If the clock is wrong, set it with NTP; otherwise wait.",
            phrase_moment(cert->not_before_unix, from),
            phrase_moment(now_unix, to));
        *verdict = CERTLIFE_VERDICT_NOT_YET_VALID;
        return true;
    }
    return false;
}

bool
flaw_find(const struct apns_cert *cert, enum apns_err fault, const char *detail,
          int64_t now_unix, enum certlife_verdict *verdict, char *text)
{
    if (fault != APNS_OK) {
        *verdict = write_fault(fault, detail, text);
        return true;
    }
    if (!cert->has_client_auth) {
        phrase_write(text, "The push certificate may not be used for client "
                           "authentication, so APNs would refuse it. " AGAIN);
        *verdict = CERTLIFE_VERDICT_NO_CLIENT_AUTH;
        return true;
    }
    return find_in_dates(cert, now_unix, verdict, text);
}
