/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_TESTS_API_STAGE_H
#define ROUSE_TESTS_API_STAGE_H

/*
 * What a test of the daemon's API stands on: a simulator, a daemon that uses
 * it, and a push certificate that it holds.
 */

#include "tests/support/daemon_proc.h"
#include "tests/support/sim_proc.h"

#define API_STAGE_TOPIC "com.apple.mgmt.External.stage"

struct api_stage {
    char *pki_dir;
    char *ca;   /* file */
    char *cert; /* file of API_STAGE_TOPIC's certificate and key */
    struct sim_proc *sim;
    struct daemon_proc *daemon;
};

/** api_stage_new(more): ${more} as daemon_proc_start. */
struct api_stage *api_stage_new(const char *const more[]);

/** api_stage_free(stage): stops both in order; a bad exit fails the test. */
void api_stage_free(struct api_stage *stage);

/* For EACH: the stage is the test's state; _tcp listens on loopback, too. */
int api_stage_set_up(void **state);
int api_stage_set_up_tcp(void **state);
int api_stage_tear_down(void **state);

/** api_stage_enroll(stage, id, topic, token): PUT an enabled device. */
void api_stage_enroll(struct api_stage *stage, const char *id,
                      const char *topic, const char *token);

/**
 * api_stage_pushed(stage, id):
 * The enrollment as soon as its last push is on the disk: APNs' answer is
 * given before that, and a look may overtake it.
 *
 *   owns     the caller json_decref()s it
 */
json_t *api_stage_pushed(struct api_stage *stage, const char *id);

/** api_stage_await_sim(stage, key, n): until the simulator's statistic
 *  ${key} is ${n} at least. */
void api_stage_await_sim(struct api_stage *stage, const char *key, int64_t n);

/** api_stage_await_flight(stage, n): until so many pushes are in flight. */
void api_stage_await_flight(struct api_stage *stage, int64_t n);

/** api_stage_token(i, token): 64 hex digits that follow from ${i}. */
void api_stage_token(unsigned i, char token[65]);

/** api_stage_text(json, path): a string in an object, "a.b.c"; fails the test
 *  when it is not there. Valid as long as ${json}. */
const char *api_stage_text(const json_t *json, const char *path);

/** api_stage_number(json, path): the same with an integer. */
int64_t api_stage_number(const json_t *json, const char *path);

/** api_stage_expect(stage, method, path, type, body, status, wanted): the
 *  answer's status, and its body byte for byte (NULL: any). */
void api_stage_expect(struct api_stage *stage, const char *method,
                      const char *path, const char *type, const char *body,
                      long status, const char *wanted);

/** api_stage_refuse(stage, method, path, body, status, code, part): JSON that
 *  is refused with this code, and a text with ${part} in it. */
void api_stage_refuse(struct api_stage *stage, const char *method,
                      const char *path, const char *body, long status,
                      const char *code, const char *part);

#endif /* ROUSE_TESTS_API_STAGE_H */
