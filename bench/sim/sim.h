/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_SIM_SIM_H
#define ROUSE_SIM_SIM_H

/*
 * The simulator as a whole: what its parts share, and the directives carried
 * out. One thread, one libev loop. Watchers' callbacks move bytes; output is
 * written and the dead are buried once per turn, from ev_prepare.
 */

#include <ev.h>
#include <jansson.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "apns/base/must.h"
#include "apns/base/rng.h"
#include "bench/sim/fault/directive.h"

#define SIM_MAX_LISTEN 16 /* --listen options */

struct control;
struct delay;
struct faults;
struct ledger;
struct listener;
struct peer;
struct request;

enum sim_mode {
    SIM_STRICT, /* check everything, keep the ledger */
    SIM_NULL,   /* check nothing, as cheap as it gets */
};

/* Borrowed strings: they outlive the simulator. */
struct sim_config {
    enum sim_mode mode;
    const char *listen[SIM_MAX_LISTEN];
    size_t n_listen;
    uint16_t port; /* 0: any */
    const char *cert;
    const char *key;
    const char *client_ca;
    const char *revoked; /* serial numbers, a line each; may be NULL */
    const char *script;  /* these three may be NULL */
    const char *control;
    const char *ledger;
    uint64_t seed;
    int tls_version; /* TLS1_2_VERSION, TLS1_3_VERSION; 0: both */
    uint32_t max_streams;
    bool is_logging;
    bool is_anonymous; /* SIM_NULL: takes clients without a certificate */
};

struct sim_stats {
    uint64_t pushes;
    uint64_t accepted;
    uint64_t rejected;
    uint64_t connections; /* TCP, ever */
    uint64_t open;        /* now, after their handshake */
    uint64_t max_open;
    uint64_t goaways;
    uint64_t handshakes;
    uint64_t handshake_failures;
    uint64_t pings;
};

TAILQ_HEAD(peer_list, peer);

struct sim {
    struct ev_loop *loop;
    struct sim_config config;
    struct sim_stats stats;
    SSL_CTX *tls;
    struct listener *listeners;
    struct control *control; /* NULL without --control */
    struct faults *faults;
    struct ledger *ledger;
    struct delay *delay;
    struct request *requests; /* spare ones */
    struct rng uuids;
    struct peer_list peers;
    struct peer_list dirty; /* have output, or died */
    ev_prepare turn;
    ev_signal on_term, on_int;

    /* The switches. */
    enum directive_alert alert;
    uint32_t conn_cap; /* 0: none */
    uint32_t max_streams;
    bool is_wrong_environment;
    bool is_without_settings;
    bool is_without_ping_ack;
    bool needs_headers; /* apns-topic and apns-push-type */
};

/**
 * sim_new(loop, config):
 * Open everything; with ${config} port 0 the port is found and noted in
 * ${sim}->config. What goes wrong is told on stderr.
 *
 *   returns  NULL when it went wrong
 */
struct sim *sim_new(struct ev_loop *loop, const struct sim_config *config);

/**
 * sim_free(sim):
 * Close everything and write the ledger where it belongs.
 *
 *   returns  false when the ledger could not be written
 */
bool sim_free(struct sim *sim);

/** sim_print_ready(sim): one line of JSON on stdout. */
void sim_print_ready(const struct sim *sim);

/**
 * sim_execute(sim, peer, directive):
 * Carry out a directive now; those about pushes are put in force.
 *
 *   peer     the connection whose push met it, or NULL: all connections
 *   owns     the caller json_decref()s the answer, an object with "ok"
 */
json_t *sim_execute(struct sim *sim, struct peer *peer,
                    const struct directive *directive);

/** sim_act(sim, peer, directive): do what a push met; ACTION_GOAWAY on. */
void sim_act(struct sim *sim, struct peer *peer,
             const struct directive *directive);

/** sim_log(sim, format, ...): one line on stderr, if it was asked for. */
void sim_log(const struct sim *sim, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif /* ROUSE_SIM_SIM_H */
