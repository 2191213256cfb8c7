/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_SIM_JUDGE_H
#define ROUSE_SIM_JUDGE_H

/*
 * What real APNs would say to a request: headers and body in, status and
 * reason out. No sockets, no state, no clock.
 *
 * Where Apple's documentation leaves room, the judge is the stricter one:
 * - apns-topic and apns-push-type are required (Apple has defaults for some
 *   certificates), and the push type must be `mdm`;
 * - a topic that is not the certificate's is TopicDisallowed, one that cannot
 *   be a topic of MDM at all is BadTopic;
 * - a body that is not exactly {"mdm":"<text>"} is answered with 400
 *   BadPayload. That reason is the simulator's own: Apple passes such bodies
 *   on, and the device ignores them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JUDGE_MAX_TOKEN    256  /* bytes; Apple names no limit */
#define JUDGE_MAX_TOPIC    255  /* bytes */
#define JUDGE_MAX_PAYLOAD  4096 /* bytes; Apple's limit */
#define JUDGE_MAX_COLLAPSE 64   /* bytes of apns-collapse-id; Apple's limit */
#define JUDGE_MAX_VALUE    64   /* bytes kept of the other headers */
#define JUDGE_MAX_PATH     (sizeof "/3/device/" - 1 + 2UL * JUDGE_MAX_TOKEN)
#define JUDGE_TOPIC_PREFIX "com.apple.mgmt."

/* The headers that matter; X(NAME, header, bytes kept). */
#define JUDGE_HEADERS(X)                              \
    X(METHOD, ":method", JUDGE_MAX_VALUE)             \
    X(PATH, ":path", JUDGE_MAX_PATH)                  \
    X(TOPIC, "apns-topic", JUDGE_MAX_TOPIC)           \
    X(PUSH_TYPE, "apns-push-type", JUDGE_MAX_VALUE)   \
    X(PRIORITY, "apns-priority", JUDGE_MAX_VALUE)     \
    X(EXPIRATION, "apns-expiration", JUDGE_MAX_VALUE) \
    X(ID, "apns-id", JUDGE_MAX_VALUE)                 \
    X(COLLAPSE_ID, "apns-collapse-id", JUDGE_MAX_COLLAPSE)

enum judge_header {
#define X(name, header, max) JUDGE_##name,
    JUDGE_HEADERS(X)
#undef X
    JUDGE_N_HEADERS
};

/* A request as far as it has come. All zero is an empty one. */
struct judge_request {
    uint16_t len[JUDGE_N_HEADERS]; /* of the value; above its limit: cut */
    uint16_t seen;                 /* bit per header */
    bool is_duplicated;            /* one of them came twice */
    uint16_t token_len;            /* bytes; set by judge_token_read */
    size_t body_len;               /* received; kept: JUDGE_MAX_PAYLOAD */
    uint8_t token[JUDGE_MAX_TOKEN];
    char value[JUDGE_N_HEADERS][JUDGE_MAX_VALUE + 1]; /* the short ones */
    char path[JUDGE_MAX_PATH + 1];
    char topic[JUDGE_MAX_TOPIC + 1];
    uint8_t body[JUDGE_MAX_PAYLOAD];
};

struct judge_verdict {
    uint16_t status;
    const char *reason; /* static; NULL with 200 */
};

/** judge_request_reset(request): make it empty, without touching it all. */
void judge_request_reset(struct judge_request *request);

/** judge_header_add(request, name, name_len, value, len): note a header. */
void judge_header_add(struct judge_request *request, const uint8_t *name,
                      size_t name_len, const uint8_t *value, size_t len);

/** judge_body_add(request, body, len): note a piece of the body. */
void judge_body_add(struct judge_request *request, const uint8_t *body,
                    size_t len);

/**
 * judge_token_read(request):
 * Read the token out of the path into request->token.
 *
 *   returns  true when it is there and well-formed
 */
bool judge_token_read(struct judge_request *request);

/**
 * judge_request_check(request, topic):
 * The verdict on a complete request over a connection whose certificate is
 * for ${topic} ("" when its subject has no UID). judge_token_read went
 * before.
 */
struct judge_verdict judge_request_check(const struct judge_request *request,
                                         const char *topic);

#endif /* ROUSE_SIM_JUDGE_H */
