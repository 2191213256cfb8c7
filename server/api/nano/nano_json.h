/* SPDX-License-Identifier: MIT */
#ifndef API_NANO_JSON_H
#define API_NANO_JSON_H

/*
 * Answers as NanoMDM's Go program writes them: indented with tabs, escaped
 * for HTML, fields in its structs' order, maps sorted by the bytes of their
 * keys, empty fields left out, a newline at the end.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct nano_json_push {
    const char *id;
    const char *error;  /* "" when there is none */
    const char *result; /* APNs' apns-id; "" when there is none */
};

/** nano_json_string(out, text): quoted; broken UTF-8 becomes U+FFFD. */
void nano_json_string(FILE *out, const char *text);

/**
 * nano_json_pushes(out, pushes, n, n_asked, error):
 * The APIResult of a push. ${pushes} are sorted here, and of those with the
 * same id the last one counts, as in a map; ${error} is the whole request's
 * or "".
 *
 *   returns  the HTTP status, where ${n_asked} ids were in the request
 */
unsigned nano_json_pushes(FILE *out, struct nano_json_push *pushes, size_t n,
                          size_t n_asked, const char *error);

/** nano_json_error(out, error): {"error": …}. */
void nano_json_error(FILE *out, const char *error);

/** nano_json_cert(out, not_after_unix, topic): answer to a push certificate. */
void nano_json_cert(FILE *out, int64_t not_after_unix, const char *topic);

#endif /* API_NANO_JSON_H */
