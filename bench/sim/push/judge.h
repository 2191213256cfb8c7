/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_SIM_JUDGE_H
#define ROUSE_SIM_JUDGE_H

/*
 * What real APNs would say to a request: header fields and body in, status
 * and reason out. No sockets, no state, no clock.
 *
 * As with Apple, a certificate of one topic stands for a missing apns-topic,
 * and MDM for a missing apns-push-type: some MDM servers send neither. Where
 * Apple's documentation leaves room, the judge is the stricter one:
 * - a push type must be `mdm`;
 * - a topic that is not the certificate's is TopicDisallowed, one that cannot
 *   be a topic of MDM at all is BadTopic;
 * - a body that is not exactly {"mdm":"<text>"} is answered with 400
 *   BadPayload. That reason is the simulator's own: Apple passes such bodies
 *   on, and the device ignores them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "field.h"

#define JUDGE_MAX_PAYLOAD 4096 /* bytes; Apple's limit */
#define JUDGE_ID_LEN      36   /* bytes of an apns-id */

/* A request as far as it has come. All zero is an empty one. */
struct judge_request {
    uint32_t seen;                     /* bit per kind of field */
    uint32_t bad;                      /* those with a reason */
    bool is_malformed;                 /* HTTP/2 forbids it */
    bool is_duplicated;                /* one of them came twice */
    uint16_t token_len;                /* bytes; 0: none, or a bad one */
    size_t body_len;                   /* received; kept: JUDGE_MAX_PAYLOAD */
    uint64_t content_length;           /* if it was seen */
    const char *reason[FIELD_N_KINDS]; /* of the bad ones */
    char id[JUDGE_ID_LEN];             /* if it was seen, and is not bad */
    uint8_t token[FIELD_MAX_TOKEN];
    uint8_t body[JUDGE_MAX_PAYLOAD];
};

struct judge_verdict {
    uint16_t status;
    const char *reason; /* static; NULL with 200 */
};

/** judge_request_reset(request): make it empty, without touching it all. */
void judge_request_reset(struct judge_request *request);

/**
 * judge_field_add(request, name, value, topic):
 * Note a header field, on a connection whose certificate is for ${topic}.
 */
void judge_field_add(struct judge_request *request, struct field_text name,
                     struct field_text value, const char *topic);

/** judge_body_add(request, body, len): note a piece of the body. */
void judge_body_add(struct judge_request *request, const uint8_t *body,
                    size_t len);

/** judge_has(request, kind): such a field has come. */
static inline bool
judge_has(const struct judge_request *request, enum field_kind kind)
{
    return (request->seen & (1U << kind)) != 0;
}

/** judge_headers_are_whole(request): all that HTTP/2 asks for, and no more. */
static inline bool
judge_headers_are_whole(const struct judge_request *request)
{
    const uint32_t needed =
        1U << FIELD_METHOD | 1U << FIELD_SCHEME | 1U << FIELD_PATH;
    const uint32_t either = 1U << FIELD_AUTHORITY | 1U << FIELD_HOST;

    return !request->is_malformed && (request->seen & needed) == needed &&
           (request->seen & either) != 0;
}

/** judge_body_is_whole(request): as long as it was said to be. */
static inline bool
judge_body_is_whole(const struct judge_request *request)
{
    return !judge_has(request, FIELD_CONTENT_LENGTH) ||
           request->content_length == request->body_len;
}

/** judge_has_id(request): a good apns-id of the client's own. */
static inline bool
judge_has_id(const struct judge_request *request)
{
    return (request->seen & ~request->bad & (1U << FIELD_ID)) != 0;
}

/**
 * judge_request_check(request, topic, is_explicit):
 * The verdict on a complete request over a connection whose certificate is
 * for ${topic} ("" when its subject has no UID). When ${is_explicit}, it must
 * say its topic and its push type itself.
 */
struct judge_verdict judge_request_check(const struct judge_request *request,
                                         const char *topic, bool is_explicit);

#endif /* ROUSE_SIM_JUDGE_H */
