/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_LIFE_H
#define ENGINE_LIFE_H

/*
 * What the engine knows of the certificate in force of each topic: has APNs
 * taken it yet, and what goes back into service when APNs does not.
 *
 *   in force --taken--> taken
 *      |                   (the old one is not needed any more)
 *      +--refused--> falling --> the old one is in force again
 *
 * Which one was replaced, and whether the new one is taken, is durable: after
 * a crash in between the next start goes on as if nothing had happened.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "apns/apns.h"
#include "server/engine/worker.h"
#include "store/store.h"

struct rouse;
struct rouse_config;
struct life_test;

#define LIFE_SHA_SIZE 65
#define LIFE_WHY_SIZE 128

/* marks in store_identity; the values are certlife's */
#define LIFE_REFUSED     1U
#define LIFE_REVOKED     2U
#define LIFE_TEST_FAILED 4U
#define LIFE_KEY_LOST    8U /* not stored: see life_marks_of */

#define LIFE_KEY_LOST_TEXT                                                  \
    "Its private key was lost with the master key. Import the certificate " \
    "again with its key, or renew it."

typedef void life_settled_fn(void *arg, bool has_fallen);

struct life_cert {
    TAILQ_ENTRY(life_cert) link;
    char topic[APNS_MAX_TOPIC + 1];
    char sha256[LIFE_SHA_SIZE];
    char old[LIFE_SHA_SIZE]; /* goes back when this one is refused; "" none */
    char why[LIFE_WHY_SIZE]; /* is_falling: what APNs said */
    char apple_account[STORE_MAX_NAME + 1]; /* "" not recorded */
    uint32_t marks;
    bool is_taken; /* APNs let a connection with it in */
    bool is_falling;
    bool is_tried; /* a test runs: being taken alone ends no trial */
    life_settled_fn *on_settled; /* NULL: nobody waits */
    void *settled_arg;
};

TAILQ_HEAD(life_certs, life_cert);
TAILQ_HEAD(life_tests, life_test);

struct life {
    struct worker worker;
    struct life_certs certs;
    struct life_tests tests; /* running ones */
    struct apns_config apns; /* for tests; strings owned */
};

/** life_init(life, config): false: no memory. */
bool life_init(struct life *life, const struct rouse_config *config);

/** life_stop(rouse): end tests and jobs; the store and client still live. */
void life_stop(struct rouse *rouse);

void life_fini(struct life *life);

/** life_find(rouse, topic): NULL when none is in force. */
struct life_cert *life_find(struct rouse *rouse, const char *topic);

/** life_marks_of(identity): what is stored, and what follows from it. */
uint32_t life_marks_of(const struct store_identity *identity);

/** life_loaded(rouse, identity): what the store holds, at the start. */
void life_loaded(struct rouse *rouse, const struct store_identity *identity);

/**
 * life_begin(rouse, topic, sha256, old):
 * Another certificate is in force; ${old} ("" none) goes back when APNs
 * refuses it. NULL: no memory, then it does not.
 */
struct life_cert *life_begin(struct rouse *rouse, const char *topic,
                             const char *sha256, const char *old);

/** life_forget(rouse, topic): none is in force any more. */
void life_forget(struct rouse *rouse, const char *topic);

/** life_on_identity(rouse, status): what the client has to say. */
void life_on_identity(struct rouse *rouse,
                      const struct apns_identity_status *status);

/**
 * life_refuse(rouse, cert, cause, why):
 * APNs refuses it. True: it is on its way out, on_settled follows.
 */
bool life_refuse(struct rouse *rouse, struct life_cert *cert,
                 enum apns_cause cause, const char *why);

/** life_take(rouse, cert): APNs has let it in: the trial is over. */
void life_take(struct rouse *rouse, struct life_cert *cert);

/** life_use(rouse, topic): the client holds it: its wakes go on. */
void life_use(struct rouse *rouse, const char *topic);

#endif /* ENGINE_LIFE_H */
