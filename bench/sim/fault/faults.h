/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_SIM_FAULTS_H
#define ROUSE_SIM_FAULTS_H

/*
 * The directives in force that are about pushes, and which of them a push
 * meets. No sockets: what a met directive does is for others.
 */

#include <stdbool.h>
#include <stdint.h>

#include "apns/base/rng.h"
#include "directive.h"

#define FAULTS_MAX_RULES 4096 /* directives in force at a time */
#define FAULTS_MAX_ONCE  8    /* directives that act once, met by one push */

struct faults;

struct faults_push {
    const uint8_t *token;
    size_t token_len; /* 0: the token is not known */
    const char *topic;
    const char *serial; /* of the client's certificate; NULL: not known */
    uint64_t number;    /* on its connection, from 1 */
};

/* What one push meets. The pointers are good until the next faults_add. */
struct faults_met {
    const struct directive *decision; /* ANSWER, REFUSE, RESET, STALL or NULL */
    uint32_t latency_ms;
    uint32_t n_once;
    const struct directive *once[FAULTS_MAX_ONCE]; /* do these now */
};

/** faults_new(seed): NULL without memory. */
struct faults *faults_new(uint64_t seed);

/** faults_free(faults): NULL is fine. */
void faults_free(struct faults *faults);

/**
 * faults_add(faults, directive):
 * Put a directive in force. It takes the place of one with the same
 * condition that is about the same thing; `answer 200 -` takes that one
 * away.
 *
 *   shape    has a condition, or its action is one of ANSWER … LATENCY
 *   returns  false when there are FAULTS_MAX_RULES, or no memory
 */
bool faults_add(struct faults *faults, const struct directive *directive);

/** faults_clear(faults): none is in force any more. */
void faults_clear(struct faults *faults);

/** faults_is_empty(faults): no push can meet anything. */
bool faults_is_empty(const struct faults *faults);

/**
 * faults_meet(faults, push, met):
 * Count ${push} and fill in what it meets.
 */
void faults_meet(struct faults *faults, const struct faults_push *push,
                 struct faults_met *met);

#endif /* ROUSE_SIM_FAULTS_H */
