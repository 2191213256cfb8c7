/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_LIFE_TRIAL_H
#define ENGINE_LIFE_TRIAL_H

/*
 * What follows when another certificate has taken effect: the test push, and
 * the way back when APNs refuses.
 */

#include <stdbool.h>

#include "server/rouse.h"

struct rouse;

/* ${test} is NULL when none was made. */
typedef void life_trial_fn(void *arg, enum rouse_err err,
                           const struct rouse_cert_test *test, bool has_fallen);

/**
 * life_trial_begin(rouse, credential, done, arg):
 * Test ${credential}, which is in force. Completes at once with an error when
 * no test can be made.
 */
void life_trial_begin(struct rouse *rouse,
                      const struct apns_credential *credential,
                      life_trial_fn *done, void *arg);

/** life_trial_learn(rouse, topic, sha256, test): keep how a test ended. */
void life_trial_learn(struct rouse *rouse, const char *topic,
                      const char *sha256, const char *by,
                      const struct rouse_cert_test *test);

#endif /* ENGINE_LIFE_TRIAL_H */
