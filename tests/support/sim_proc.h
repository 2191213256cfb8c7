/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_TESTS_SIM_PROC_H
#define ROUSE_TESTS_SIM_PROC_H

/*
 * A real rouse-sim beside the test: on a port of its own, commanded over its
 * control socket, ended by its own pid. What goes wrong fails the running
 * cmocka test with the simulator's words.
 */

#include <jansson.h>
#include <stdint.h>

#include "child.h"

#define SIM_PROC_PROGRAM BUILD_DIR "/bench/rouse-sim"

struct sim_proc {
    struct child child;
    uint16_t port;  /* the same on all of its addresses */
    int control_fd; /* connected control socket */
    char *dir;      /* temporary: the control socket lives in it */
    char *control;  /* the control socket's path */
};

/**
 * sim_proc_start(program, pki_dir, more):
 * Start ${program} (SIM_PROC_PROGRAM) with `--pki ${pki_dir}` and the options
 * in ${more} (NULL-terminated list, or NULL), and wait until it is ready.
 *
 *   owns     the caller ends it with sim_proc_stop or sim_proc_kill
 */
struct sim_proc *sim_proc_start(const char *program, const char *pki_dir,
                                const char *const more[]);

/**
 * sim_proc_ask(sim, format, ...):
 * One directive over the control socket, without its newline.
 *
 *   owns     the caller json_decref()s the answer
 *   returns  the answer, which has "ok":true; anything else fails the test
 */
json_t *sim_proc_ask(struct sim_proc *sim, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** sim_proc_try(sim, directive): as sim_proc_ask, "ok":false included. */
json_t *sim_proc_try(struct sim_proc *sim, const char *directive);

/** sim_proc_tell(sim, format, ...): sim_proc_ask, the answer thrown away. */
void sim_proc_tell(struct sim_proc *sim, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** sim_proc_stat(sim, key): one number out of `stats`. */
int64_t sim_proc_stat(struct sim_proc *sim, const char *key);

/** sim_proc_accepted(sim, token_hex): how often this token was accepted. */
int64_t sim_proc_accepted(struct sim_proc *sim, const char *token_hex);

/** sim_proc_stop(sim): SIGTERM, wait, free; a bad exit fails the test. */
void sim_proc_stop(struct sim_proc *sim);

/** sim_proc_kill(sim): SIGKILL, wait, free. */
void sim_proc_kill(struct sim_proc *sim);

#endif /* ROUSE_TESTS_SIM_PROC_H */
