/* SPDX-License-Identifier: MIT */
#ifndef TESTS_OFFICE_H
#define TESTS_OFFICE_H

/*
 * A courier with a real store, a receiver, and a wall clock that is the
 * test's: what is put off comes when it is set.
 */

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/courier/courier.h"
#include "store/store.h"
#include "tests/support/hook_server.h"

#define OFFICE_KEY        "a key of thirty-one characters."
#define OFFICE_PATIENCE_S 120
#define OFFICE_PULSES     20 /* of the loop, that show that it is not held up */

struct office {
    char *dir;
    char *pki; /* a throwaway CA and its server certificate */
    char *ca;
    struct ev_loop *loop;
    struct store *store;
    struct courier_config config;
    struct courier *courier;
    struct hook_server *server;
    char url[128];
    int64_t now_ms;
    char log[65536];
    size_t n_waiting; /* last answer of office_look() */
    uint32_t attempt;
    bool is_back;
    unsigned n_pulses; /* one in ten milliseconds of office_turn() */
};

/* Set-up and tear-down of a test; nothing is open yet. */
int office_prepare(void **state);
int office_clear(void **state);

/** office_ignore_pipe(state): a set-up; a receiver that closes kills nobody. */
int office_ignore_pipe(void **state);

/* The store and the courier. */
void office_open(struct office *office);
void office_close(struct office *office);

/* Turning the loop until something is so, putting an alert, looking into the
   outbox, waiting until it is empty. */
void office_turn(struct office *office, bool (*is_so)(struct office *office));
void office_tell(struct office *office, const char *text);
void office_look(struct office *office, uint32_t channel);
void office_await_empty(struct office *office, uint32_t channel);

/* What the log says. */
bool office_is_delivered(struct office *office);
bool office_has_failed(struct office *office);

#endif /* TESTS_OFFICE_H */
