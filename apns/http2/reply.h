/* SPDX-License-Identifier: MIT */
#ifndef APNS_REPLY_H
#define APNS_REPLY_H

/*
 * What APNs' answers mean: status, reason and TLS alerts to the class that
 * says what to do next. Pure tables; knows no connection.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "apns/apns.h"

#define REPLY_MAX_BODY 4096 /* bytes of an answer's body that are read */

/* Every reason that Apple documents, and one that was only observed.
 * IdleTimeout and Shutdown are about the connection, not about the push or
 * the device. What speaks of provider tokens cannot come to a certificate;
 * should it, it is our credentials that are refused, and a stopped identity
 * keeps its wakes where a dropped push would lose them. X(status, reason,
 * class) */
#define REPLY_REASONS(X)                                      \
    X(400, BadCollapseId, OURS)                               \
    X(400, BadDeviceToken, SUSPECT)                           \
    X(400, BadExpirationDate, OURS)                           \
    X(400, BadMessageId, OURS)                                \
    X(400, BadPriority, OURS)                                 \
    X(400, BadTopic, IDENTITY)                                \
    X(400, DeviceTokenNotForTopic, SUSPECT)                   \
    X(400, DuplicateHeaders, OURS)                            \
    X(400, IdleTimeout, NO_ANSWER)                            \
    X(400, InvalidPushType, OURS)                             \
    X(400, MissingDeviceToken, OURS)                          \
    X(400, MissingTopic, OURS)                                \
    X(400, PayloadEmpty, OURS)                                \
    X(400, TopicDisallowed, IDENTITY)                         \
    X(403, BadCertificate, IDENTITY)                          \
    X(403, BadCertificateEnvironment, IDENTITY)               \
    X(403, BadEnvironmentKeyIdInToken, IDENTITY)              \
    X(403, BadEnvironmentKeyInToken, IDENTITY) /* observed */ \
    X(403, ExpiredProviderToken, IDENTITY)                    \
    X(403, Forbidden, IDENTITY)                               \
    X(403, InvalidProviderToken, IDENTITY)                    \
    X(403, MissingProviderToken, IDENTITY)                    \
    X(403, UnrelatedKeyIdInToken, IDENTITY)                   \
    X(404, BadPath, OURS)                                     \
    X(405, MethodNotAllowed, OURS)                            \
    X(410, ExpiredToken, DEAD_TOKEN)                          \
    X(410, Unregistered, DEAD_TOKEN)                          \
    X(413, PayloadTooLarge, OURS)                             \
    X(429, TooManyProviderTokenUpdates, SLOW_DOWN)            \
    X(429, TooManyRequests, SLOW_DOWN)                        \
    X(500, InternalServerError, TROUBLE)                      \
    X(503, ServiceUnavailable, TROUBLE)                       \
    X(503, Shutdown, NO_ANSWER)

/**
 * reply_classify(status, reason):
 * The class of an answer. 200 is accepted; else ${reason} decides when it is
 * known (also with ${status} 0, as in a GOAWAY); else ${status} does. NULL
 * and "" are reasons that nobody knows.
 */
enum apns_class reply_classify(unsigned status, const char *reason);

/**
 * reply_classify_tls_alert(alert, before_settings):
 * The class of a fatal TLS alert that the peer sent. Under TLS 1.3 the
 * verdict on our certificate comes after the handshake, so until the first
 * SETTINGS (${before_settings}) every alert about certificates is a verdict.
 */
enum apns_class reply_classify_tls_alert(int alert, bool before_settings);

/** reply_alert_name(alert): RFC 8446's name, "unknown_alert" if none. */
const char *reply_alert_name(int alert);

/** reply_reason_stops(reason): a GOAWAY's reason is about the identity. */
bool reply_reason_stops(const char *reason);

/** reply_cause(reason): what an answer of APNS_CLASS_IDENTITY complains of. */
enum apns_cause reply_cause(const char *reason);

/** reply_alert_cause(alert): the same of a TLS alert of that class. */
enum apns_cause reply_alert_cause(int alert);

/** reply_is_of_topic(reason): a refused token is known from another topic. */
bool reply_is_of_topic(const char *reason);

struct reply_body {
    char reason[APNS_MAX_REASON + 1]; /* safe in a logfmt line: bytes that
                                         are not become '_'; may be cut */
    int64_t timestamp_ms;             /* 0 when absent or no integer > 0 */
};

/**
 * reply_body_read(json, len, out):
 * Read {"reason":"…","timestamp":…} out of an answer's body or a GOAWAY's
 * debug data. False, and ${out} is empty, unless it is an object of at most
 * REPLY_MAX_BODY bytes with a non-empty string as reason.
 */
bool reply_body_read(const char *json, size_t len, struct reply_body *out);

#endif /* APNS_REPLY_H */
