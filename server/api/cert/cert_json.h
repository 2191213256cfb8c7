/* SPDX-License-Identifier: MIT */
#ifndef API_CERT_JSON_H
#define API_CERT_JSON_H

/*
 * What is said of push certificates' lives, as JSON, and the answers of
 * guards.
 */

#include <jansson.h>
#include <stdbool.h>

#include "server/rouse.h"
#include "store/store.h"

struct request;

/** cert_json_add_life(json, cert): "life" and "last_test". */
bool cert_json_add_life(json_t *json, const struct rouse_cert_record *cert);

/** cert_json_test(test): null for NULL. */
json_t *cert_json_test(const struct rouse_cert_test *test);

/** cert_json_history(cert): one of the history. */
json_t *cert_json_history(const struct rouse_cert_record *cert);

/** cert_json_comparison(answer): {"current","new","differs","rows","text"}. */
json_t *cert_json_comparison(const struct rouse_cert_import_answer *answer);

/** cert_json_strings(texts, n): an array. */
json_t *cert_json_strings(const char *const *texts, size_t n);

/**
 * cert_json_refuse(request, refusal, more):
 * Answer {"error","code"} and what is in ${more} (taken over; may be NULL),
 * with the status that fits the code.
 */
void cert_json_refuse(struct request *request,
                      const struct rouse_cert_refusal *refusal, json_t *more);

/** cert_json_fail(request, err, refusal): refuse, or fail as any; what is not
 *  found is the topic that the path names. */
void cert_json_fail(struct request *request, enum rouse_err err,
                    const struct rouse_cert_refusal *refusal);

#endif /* API_CERT_JSON_H */
