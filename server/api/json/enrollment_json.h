/* SPDX-License-Identifier: MIT */
#ifndef API_ENROLLMENT_JSON_H
#define API_ENROLLMENT_JSON_H

/*
 * Enrollments and their wakes as JSON, both ways.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "apns/apns.h"
#include "json_in.h"
#include "store/store.h"

/** enrollment_json_out(enrollment, with_secrets): a new object; NULL: out of
 *  memory. */
json_t *enrollment_json_out(const struct store_enrollment *enrollment,
                            bool with_secrets);

/** enrollment_json_wake(id, wake): the wake that waits for it. */
json_t *enrollment_json_wake(const char *id,
                             const struct store_wake_state *wake);

/* An enrollment that was read, with what it points to. */
struct enrollment_json {
    struct store_enrollment enrollment; /* strings: the JSON's, and below */
    uint8_t token[STORE_MAX_TOKEN];
    char parent[STORE_MAX_ID + 1];
};

/**
 * enrollment_json_in(in, id, now_ms, read):
 * Read one enrollment as given by a PUT or by a line of an import. ${id} is
 * the path's, or NULL: then the JSON has it. A token whose time is absent is
 * of ${now_ms}, which is 0 in an import: nobody knows how old it is, so that
 * any 410 counts. A null always says so.
 *
 *   owns     ${read} points into the JSON and into itself
 *   returns  as json_in_end: in->why names the field
 */
bool enrollment_json_in(struct json_in *in, const char *id, int64_t now_ms,
                        struct enrollment_json *read);

#endif /* API_ENROLLMENT_JSON_H */
