/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_LIFE_TEST_H
#define ENGINE_LIFE_TEST_H

/*
 * A test push: a client of its own, for this one push alone, so that neither
 * the pool in service nor its breaker notices.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "apns/apns.h"
#include "server/engine/later.h"
#include "server/rouse.h"

#define LIFE_TEST_WAIT_MS 30000 /* the default */

struct life_test;
struct rouse;

/* ${test} is NULL with ROUSE_ECLOSED and other errors. */
typedef void life_test_fn(void *arg, enum rouse_err err,
                          const struct rouse_cert_test *test);

/**
 * life_test_begin(rouse, credential, wait_ms, done, arg):
 * Push to a token that cannot exist with ${credential}, which need not be
 * kept.
 */
enum rouse_err life_test_begin(struct rouse *rouse,
                               const struct apns_credential *credential,
                               uint32_t wait_ms, life_test_fn *done, void *arg);

/** life_test_end_all(rouse): complete all with ROUSE_ECLOSED, now. */
void life_test_end_all(struct rouse *rouse);

#endif /* ENGINE_LIFE_TEST_H */
