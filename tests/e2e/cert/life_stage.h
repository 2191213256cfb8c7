/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_TESTS_LIFE_STAGE_H
#define ROUSE_TESTS_LIFE_STAGE_H

/*
 * What a test of a push certificate's life stands on: a simulator with one
 * version of TLS, a daemon that uses it, and as many certificates as it takes.
 */

#include "tests/support/daemon_proc.h"
#include "tests/support/sim_proc.h"

#define LIFE_STAGE_TOPIC "com.apple.mgmt.External.life"
#define LIFE_STAGE_OTHER "com.apple.mgmt.External.other"
#define LIFE_STAGE_CERTS "/v1/pushcerts/" LIFE_STAGE_TOPIC

struct life_stage {
    char *pki_dir;
    char *ca; /* file */
    struct sim_proc *sim;
    struct daemon_proc *daemon;
};

/** life_stage_new(tls): "1.2" or "1.3"; nothing is imported; it listens on
 *  TCP as well. */
struct life_stage *life_stage_new(const char *tls);

/** life_stage_open(tls, more): with ${more} as daemon_proc_start. */
struct life_stage *life_stage_open(const char *tls, const char *const more[]);

void life_stage_free(struct life_stage *stage);

/* For EACH: the stage, under TLS 1.3, is the test's state. */
int life_stage_set_up(void **state);
int life_stage_tear_down(void **state);

/** life_stage_make(stage, topic, days, fault): certificate and key as PEM, to
 *  free(). ${fault} as of rouse-sim, or NULL. */
char *life_stage_make(struct life_stage *stage, const char *topic, int days,
                      const char *fault);

/** life_stage_sign(stage, csr_pem, topic): what Apple does with a request: a
 *  certificate with its key and a subject of its own, good for 500 days; to
 *  free(). */
char *life_stage_sign(struct life_stage *stage, const char *csr_pem,
                      const char *topic);

/** life_stage_sign_again(stage, cert_pem, topic): the same for the key of a
 *  certificate. */
char *life_stage_sign_again(struct life_stage *stage, const char *cert_pem,
                            const char *topic);

/** life_stage_put(stage, query, pem, status): the answer, to json_decref(). */
json_t *life_stage_put(struct life_stage *stage, const char *query,
                       const char *pem, long status);

/** life_stage_import(stage, topic, days): one that is taken. */
void life_stage_import(struct life_stage *stage, const char *topic, int days);

/** life_stage_refuse(stage, query, pem, status, code): and nothing changed. */
void life_stage_refuse(struct life_stage *stage, const char *query,
                       const char *pem, long status, const char *code);

/** life_stage_sha(stage): of the one in force, to free(); "" when none. */
char *life_stage_sha(struct life_stage *stage);

/** life_stage_text(json, name): a string field; fails the test. */
const char *life_stage_text(const json_t *json, const char *name);

/** life_stage_wake(stage, id): enroll it, wake it, and see it accepted. */
void life_stage_wake(struct life_stage *stage, const char *id);

#endif /* ROUSE_TESTS_LIFE_STAGE_H */
