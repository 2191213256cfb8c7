/* SPDX-License-Identifier: MIT */
#ifndef COURIER_COURIER_H
#define COURIER_COURIER_H

/*
 * The courier carries alerts to where people look: an HTTPS webhook and a
 * command. Messages wait in the store's outbox until they are delivered, so
 * that a restart loses none; one may come twice, with the same id. Nothing
 * here blocks the loop, and pushes never wait for it.
 *
 * A delivery that fails is tried again after 1 s, 2 s, … up to an hour, give
 * or take a quarter, COURIER_MAX_ATTEMPTS times: about a day. Messages of a
 * channel go one at a time; one that fails lets the others pass.
 */

#include <stdbool.h>
#include <stdint.h>

#include "apns/apns.h"

struct courier;
struct ev_loop;
struct store;

#define COURIER_WHY           256  /* bytes of a reason, with its NUL */
#define COURIER_MAX_ATTEMPTS  35   /* about a day: see above */
#define COURIER_MAX_KEY       1023 /* bytes of webhook_key */
#define COURIER_MAX_URL       1023
#define COURIER_MAX_COMMAND   1023
#define COURIER_MAX_TIMEOUT_S 300

/* Numbers of the bits in rouse_config.alert_channels. X(name, word) */
#define COURIER_CHANNELS(X) \
    X(WEBHOOK, "webhook")   \
    X(COMMAND, "command")

enum courier_channel {
#define X(name, word) COURIER_##name,
    COURIER_CHANNELS(X)
#undef X
    COURIER_N_CHANNELS
};

struct courier_config {
    const char *webhook_url;      /* https://…; NULL: none */
    const char *webhook_key;      /* of the HMAC; NULL: not signed */
    const char *webhook_ca;       /* PEM file; NULL: the system's */
    const char *webhook_proxy;    /* NULL: none */
    const char *command;          /* for /bin/sh -c; NULL: none */
    uint32_t timeout_s;           /* of one delivery: 10 */
    int64_t (*now_ms)(void *arg); /* wall clock, unix ms; NULL: system's */
    void *now_arg;
    uint64_t seed; /* of jitter; 0: from the system */
    apns_log_fn *log;
    void *log_arg;
};

/** courier_config_init(config): no channel, the defaults above. */
void courier_config_init(struct courier_config *config);

/** courier_channels(config): the mask for rouse_config.alert_channels. */
uint32_t courier_channels(const struct courier_config *config);

/**
 * courier_new(loop, store, config, courier, why):
 * Deliver what waits in ${store}, and what comes.
 *
 *   owns     copies ${config}; the caller frees ${*courier}
 *   why      COURIER_WHY bytes; on failure, one line that says what is wrong
 *   returns  false on failure, with nothing left behind
 */
bool courier_new(struct ev_loop *loop, struct store *store,
                 const struct courier_config *config, struct courier **courier,
                 char *why);

/** courier_stir(courier): there are new messages. NULL is fine. */
void courier_stir(struct courier *courier);

/** courier_close(courier): break off what is underway, which is delivered
 *  after the next start, and leave the store alone. */
void courier_close(struct courier *courier);

/** courier_free(courier): after the store is closed; NULL is fine. */
void courier_free(struct courier *courier);

#endif /* COURIER_COURIER_H */
