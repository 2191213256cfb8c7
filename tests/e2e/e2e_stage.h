/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_TESTS_E2E_STAGE_H
#define ROUSE_TESTS_E2E_STAGE_H

/*
 * What an end-to-end test plays on: a real roused, a real rouse-sim whose
 * ledgers outlive it, a push certificate and a made-up fleet. What goes wrong
 * fails the running cmocka test.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/support/daemon_proc.h"
#include "tests/support/fleet.h"
#include "tests/support/sim_proc.h"

#define E2E_STAGE_TOPIC       "com.apple.mgmt.External.e2e"
#define E2E_STAGE_WINDOW      8192 /* the daemon's: pushes in flight at most */
#define E2E_STAGE_MAX_LEDGERS 8    /* starts of the simulator in one test */
#define E2E_STAGE_PATIENCE_MS 120000 /* nothing is waited for longer */

struct e2e_stage {
    char *dir;     /* throwaway CA, certificates, ledgers */
    char *cert;    /* certificate and key of E2E_STAGE_TOPIC */
    char *ca_file; /* that the daemon trusts */
    struct fleet fleet;
    struct sim_proc *sim;
    char *ledgers[E2E_STAGE_MAX_LEDGERS + 1]; /* NULL-terminated */
    size_t n_ledgers;
    size_t n_renewed; /* certificates made after the first */
    struct daemon_proc *daemon;
};

/**
 * e2e_stage_scaled(n):
 *
 *   returns  ${n}, or a tenth of it under a sanitizer
 */
size_t e2e_stage_scaled(size_t n);

/**
 * e2e_stage_new(sim_options, daemon_options):
 * Start both, import the certificate. Options are NULL-terminated lists, or
 * NULL.
 *
 *   owns     the caller ends it with e2e_stage_free
 */
struct e2e_stage *e2e_stage_new(const char *const sim_options[],
                                const char *const daemon_options[]);

void e2e_stage_free(struct e2e_stage *stage);

/* For EACH: the stage is the test's state. */
int e2e_stage_set_up(void **state);
int e2e_stage_tear_down(void **state);

/** e2e_stage_enroll(stage, n): import a fleet of ${n} devices. */
void e2e_stage_enroll(struct e2e_stage *stage, size_t n);

/** e2e_stage_end_sim(stage): SIGTERM; its ledger is kept. */
void e2e_stage_end_sim(struct e2e_stage *stage);

/** e2e_stage_sim_again(stage, script): start it on the port that it had, with
 *  this file of directives. */
void e2e_stage_sim_again(struct e2e_stage *stage, const char *script);

/**
 * e2e_stage_renew_cert(stage):
 * Make a renewed certificate; it is not imported yet.
 *
 *   owns     the caller free()s the path, which no later one takes
 */
char *e2e_stage_renew_cert(struct e2e_stage *stage);

/** e2e_stage_ask_wave(stage, pace): a wave over all with so many pushes per
 *  second (0: no limit); returns its id. */
int64_t e2e_stage_ask_wave(struct e2e_stage *stage, uint32_t pace);

/** e2e_stage_ask_wakes(stage, first, n): 202 for devices ${first}…, in as
 *  many requests as it takes. */
void e2e_stage_ask_wakes(struct e2e_stage *stage, size_t first, size_t n);

/**
 * e2e_stage_check_in(stage, i, code):
 * Send device ${i}'s TokenUpdate as its plist; made-up ones enroll so.
 *
 *   returns  the status; the "code" of an error goes to ${code}
 */
long e2e_stage_check_in(struct e2e_stage *stage, size_t i, char code[32]);

/** e2e_stage_token_hex(i, hex): as a directive takes it. */
void e2e_stage_token_hex(size_t i, char hex[2 * FLEET_TOKEN_LEN + 1]);

/** e2e_stage_get_enrollment(stage, i): to json_decref; NULL: unknown. */
json_t *e2e_stage_get_enrollment(struct e2e_stage *stage, size_t i);

/** e2e_stage_status(stage, path): the status that a GET is answered with. */
long e2e_stage_status(struct e2e_stage *stage, const char *path);

/** e2e_stage_await_status(stage, path, status): poll until it is this. */
void e2e_stage_await_status(struct e2e_stage *stage, const char *path,
                            long status);

/** e2e_stage_count(stage, wave, key): one of the wave's counts. */
int64_t e2e_stage_count(struct e2e_stage *stage, int64_t wave, const char *key);

/** e2e_stage_await_wave(stage, wave): poll until its state is "done". */
void e2e_stage_await_wave(struct e2e_stage *stage, int64_t wave);

/** e2e_stage_await_sim(stage, key, n): poll until the simulator's statistic
 *  ${key} is ${n} or more; returns what it was. */
int64_t e2e_stage_await_sim(struct e2e_stage *stage, const char *key,
                            int64_t n);

/**
 * e2e_stage_await_cert(stage, state):
 * Poll until /v1/pushcerts shows the certificate in this state.
 */
void e2e_stage_await_cert(struct e2e_stage *stage, const char *state);

/** e2e_stage_metric(stage, name): a metric's value; ${name} with labels. */
double e2e_stage_metric(struct e2e_stage *stage, const char *name);

/**
 * e2e_stage_pause(since_ms, what):
 * A short pause between two looks; fails once ${what} took too long since
 * ${since_ms} (of e2e_stage_now).
 */
void e2e_stage_pause(int64_t since_ms, const char *what);

/** e2e_stage_now(): monotonic milliseconds. */
int64_t e2e_stage_now(void);

/** e2e_stage_tally(stage, tally): what the running simulator's ledger and
 *  those of earlier ones say of the fleet. */
void e2e_stage_tally(struct e2e_stage *stage, struct fleet_tally *tally);

/** e2e_stage_assert_all_woken(stage, wave, tally): the wave's counts and the
 *  ledgers say that every device was woken and none refused. */
void e2e_stage_assert_all_woken(struct e2e_stage *stage, int64_t wave,
                                struct fleet_tally *tally);

#endif /* ROUSE_TESTS_E2E_STAGE_H */
