/* SPDX-License-Identifier: MIT */
#include "reply.h"

#include <jansson.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct {
    const char *reason;
    enum apns_class class_;
} reasons[] = {
#define X(status, reason, class_) {#reason, APNS_CLASS_##class_},
    REPLY_REASONS(X)
#undef X
};

/* How sure an alert is to speak of our certificate. */
enum verdict {
    NEVER,
    EARLY, /* only before the first SETTINGS */
    EVER,
};

/* RFC 8446, section 6, and what TLS 1.2 has beside it. decrypt_error is what
 * APNs says when key and certificate do not belong together. internal_error
 * has been seen for expired certificates years ago, but is too vague to stop
 * an identity: backoff is enough. */
static const struct {
    int alert;
    enum verdict verdict;
    const char *name;
} alerts[] = {
    {0, NEVER, "close_notify"},
    {10, NEVER, "unexpected_message"},
    {20, NEVER, "bad_record_mac"},
    {22, NEVER, "record_overflow"},
    {40, NEVER, "handshake_failure"},
    {42, EARLY, "bad_certificate"},
    {43, EARLY, "unsupported_certificate"},
    {44, EVER, "certificate_revoked"},
    {45, EVER, "certificate_expired"},
    {46, EARLY, "certificate_unknown"},
    {47, NEVER, "illegal_parameter"},
    {48, EARLY, "unknown_ca"},
    {49, EARLY, "access_denied"},
    {50, NEVER, "decode_error"},
    {51, EARLY, "decrypt_error"},
    {70, NEVER, "protocol_version"},
    {71, NEVER, "insufficient_security"},
    {80, NEVER, "internal_error"},
    {86, NEVER, "inappropriate_fallback"},
    {90, NEVER, "user_canceled"},
    {100, NEVER, "no_renegotiation"},
    {109, NEVER, "missing_extension"},
    {110, NEVER, "unsupported_extension"},
    {112, NEVER, "unrecognized_name"},
    {113, NEVER, "bad_certificate_status_response"},
    {115, NEVER, "unknown_psk_identity"},
    {116, EARLY, "certificate_required"},
    {120, NEVER, "no_application_protocol"},
};

/* What APNs never says (204, a redirect) says nothing of the device or of our
 * request; whoever answered so gets time to recover. */
static enum apns_class
classify_status(unsigned status)
{
    switch (status) {
    case 403:
        return APNS_CLASS_IDENTITY;
    case 410:
        return APNS_CLASS_DEAD_TOKEN;
    case 429:
        return APNS_CLASS_SLOW_DOWN;
    default:
        return status >= 400 && status <= 499 ? APNS_CLASS_OURS
                                              : APNS_CLASS_TROUBLE;
    }
}

enum apns_class
reply_classify(unsigned status, const char *reason)
{
    if (status == 200)
        return APNS_CLASS_ACCEPTED;
    if (reason != NULL)
        for (size_t i = 0; i < COUNT(reasons); i++)
            if (strcmp(reasons[i].reason, reason) == 0)
                return reasons[i].class_;
    return classify_status(status);
}

bool
reply_reason_stops(const char *reason)
{
    return reply_classify(0, reason) == APNS_CLASS_IDENTITY;
}

/* The other reasons of the class are all one: refused. */
static const char *const of_environment[] = {
    "BadCertificateEnvironment",
    "BadEnvironmentKeyIdInToken",
    "BadEnvironmentKeyInToken",
};

enum apns_cause
reply_cause(const char *reason)
{
    for (size_t i = 0; i < COUNT(of_environment); i++)
        if (strcmp(reason, of_environment[i]) == 0)
            return APNS_CAUSE_ENVIRONMENT;
    return APNS_CAUSE_REFUSED;
}

#define ALERT_CERTIFICATE_REVOKED 44

enum apns_cause
reply_alert_cause(int alert)
{
    return alert == ALERT_CERTIFICATE_REVOKED ? APNS_CAUSE_REVOKED
                                              : APNS_CAUSE_REFUSED;
}

bool
reply_is_of_topic(const char *reason)
{
    return strcmp(reason, "DeviceTokenNotForTopic") == 0;
}

enum apns_class
reply_classify_tls_alert(int alert, bool before_settings)
{
    for (size_t i = 0; i < COUNT(alerts); i++) {
        if (alerts[i].alert != alert)
            continue;
        if (alerts[i].verdict == EVER ||
            (alerts[i].verdict == EARLY && before_settings))
            return APNS_CLASS_IDENTITY;
    }
    return APNS_CLASS_NO_ANSWER;
}

const char *
reply_alert_name(int alert)
{
    for (size_t i = 0; i < COUNT(alerts); i++)
        if (alerts[i].alert == alert)
            return alerts[i].name;
    return "unknown_alert";
}

/* Copy a reason so that it is one word of a logfmt line: what is not
 * printable ASCII, and what would begin a value or end one, becomes '_'. */
static void
copy_reason(char *out, size_t out_size, const char *reason)
{
    size_t i;

    for (i = 0; i + 1 < out_size && reason[i] != '\0'; i++) {
        char c = reason[i];
        bool is_safe = c > ' ' && c < 0x7f && strchr("\"\\'`=", c) == NULL;

        out[i] = is_safe ? c : '_';
    }
    out[i] = '\0';
}

bool
reply_body_read(const char *json, size_t len, struct reply_body *out)
{
    json_t *root, *timestamp;
    const char *reason;
    json_int_t at_ms;

    memset(out, 0, sizeof *out);
    if (len > REPLY_MAX_BODY)
        return false;
    if ((root = json_loadb(json, len, 0, NULL)) == NULL)
        return false;
    /* Both are NULL, too, when root is no object. */
    reason = json_string_value(json_object_get(root, "reason"));
    timestamp = json_object_get(root, "timestamp");
    at_ms = json_integer_value(timestamp); /* 0 if it is no integer */
    if (reason != NULL && reason[0] != '\0') {
        copy_reason(out->reason, sizeof out->reason, reason);
        out->timestamp_ms = at_ms > 0 ? at_ms : 0;
    }
    json_decref(root);
    return out->reason[0] != '\0';
}
