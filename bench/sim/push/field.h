/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_SIM_FIELD_H
#define ROUSE_SIM_FIELD_H

/*
 * One header field of a request by itself: which it is, whether HTTP allows
 * it, and what APNs would say of its value. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FIELD_MAX_TOKEN    256 /* bytes; Apple names no limit */
#define FIELD_MAX_TOPIC    255 /* bytes */
#define FIELD_MAX_COLLAPSE 64  /* bytes of apns-collapse-id; Apple's limit */
#define FIELD_TOPIC_PREFIX "com.apple.mgmt."
#define FIELD_PATH_PREFIX  "/3/device/"

/* The fields that matter, pseudo-headers first; X(KIND, name, check), where
 * the check is field.c's, or NULL: any value will do. */
#define FIELD_KINDS(X)                             \
    X(METHOD, ":method", check_method)             \
    X(SCHEME, ":scheme", NULL)                     \
    X(AUTHORITY, ":authority", NULL)               \
    X(PATH, ":path", NULL)                         \
    X(TOPIC, "apns-topic", check_topic)            \
    X(PUSH_TYPE, "apns-push-type", check_type)     \
    X(PRIORITY, "apns-priority", check_priority)   \
    X(EXPIRATION, "apns-expiration", check_time)   \
    X(ID, "apns-id", check_id)                     \
    X(COLLAPSE_ID, "apns-collapse-id", check_size) \
    X(CONTENT_LENGTH, "content-length", NULL)      \
    X(HOST, "host", NULL)

enum field_kind {
#define X(kind, name, check) FIELD_##kind,
    FIELD_KINDS(X)
#undef X
    FIELD_OTHER,
    FIELD_N_KINDS
};

#define FIELD_N_PSEUDO (FIELD_PATH + 1)

/* Characters that end with their length; no NUL. */
struct field_text {
    const char *at;
    size_t len;
};

struct field {
    enum field_kind kind; /* FIELD_OTHER: it does not matter */
    bool is_malformed;    /* HTTP/2 forbids it */
    const char *reason;   /* APNs' for rejecting it; static; NULL: none */
};

/**
 * field_read(name, value, topic):
 * What a field is worth on a connection whose certificate is for ${topic}. A
 * path's reason is left to field_path_read.
 */
struct field field_read(struct field_text name, struct field_text value,
                        const char *topic);

/**
 * field_path_read(path, token, len):
 * Read the token, of FIELD_MAX_TOKEN bytes at most, out of a path.
 *
 *   returns  NULL, or APNs' reason for rejecting it; then ${len} is 0
 */
const char *field_path_read(struct field_text path, uint8_t *token,
                            uint16_t *len);

/** field_bytes_read(hex, bytes, is_zero): up to FIELD_MAX_TOKEN of them; how
 *  many, 0 when it is not hex. */
uint16_t field_bytes_read(struct field_text hex, uint8_t *bytes, bool *is_zero);

/**
 * field_token_read(hex, token):
 * Read a device token.
 *
 *   returns  its length in bytes; 0 when it is none
 */
uint16_t field_token_read(struct field_text hex, uint8_t *token);

#endif /* ROUSE_SIM_FIELD_H */
