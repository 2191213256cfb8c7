/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FAKE_CLASS_H
#define TESTS_FAKE_CLASS_H

/*
 * What the fake APNs client makes of answers, as the real one does.
 */

#include <stdbool.h>
#include <stdint.h>

#include "apns.h"

/** fake_class_of(status, reason): of an answer; status 0: there was none. */
enum apns_class fake_class_of(uint16_t status, const char *reason);

/** fake_class_judge(status, class_): tokens by proof, as the client does it.
 *  True: this is the proof. */
bool fake_class_judge(struct apns_identity_status *status,
                      enum apns_class *class_);

/** fake_class_cause(why): of a stopped identity. */
enum apns_cause fake_class_cause(const char *why);

#endif /* TESTS_FAKE_CLASS_H */
