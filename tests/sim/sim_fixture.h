/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_TESTS_SIM_FIXTURE_H
#define ROUSE_TESTS_SIM_FIXTURE_H

/*
 * One strict simulator for a group of tests, with certificates for one topic.
 */

#include "raw_client.h"
#include "tests/support/sim_proc.h"

#define TOPIC "com.apple.mgmt.External.test"
#define TOKEN "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

/* Read only, from sim_fixture_start to sim_fixture_stop. */
extern struct sim_fixture {
    char *dir; /* certificates, and whatever a test writes */
    char *ca;  /* files in it */
    char *cert;
    struct sim_proc *sim;
} fixture;

/** sim_fixture_start, sim_fixture_stop: a group's set-up and tear-down. */
int sim_fixture_start(void **state);
int sim_fixture_stop(void **state);

/** sim_fixture_mend: a test's tear-down: no faults, an empty ledger. */
int sim_fixture_mend(void **state);

/** sim_fixture_open(): a client that has received SETTINGS. */
struct raw_client *sim_fixture_open(void);

/** sim_fixture_push(client): one good push, and its answer. */
struct raw_answer *sim_fixture_push(struct raw_client *client);

#endif /* ROUSE_TESTS_SIM_FIXTURE_H */
