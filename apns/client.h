/* SPDX-License-Identifier: MIT */
#ifndef APNS_CLIENT_H
#define APNS_CLIENT_H

/*
 * What all identities of a client share: loop, clock, configuration, pushes,
 * memory, counters, and the lists that the turn works off.
 */

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "apns.h"
#include "apns/base/rng.h"
#include "apns/http2/buffers.h"
#include "apns/http2/h2mem.h"
#include "apns/link/conn.h"
#include "apns/link/proxy.h"
#include "apns/link/tls.h"
#include "apns/push/deadline.h"
#include "apns/push/slot.h"
#include "apns/push/suspects.h"
#include "identity.h"
#include "setup.h"

#define CLIENT_HASH      1024  /* buckets for topics; a power of two */
#define CLIENT_DIALS     64    /* connections being opened at a time */
#define CLIENT_READ_SIZE 4096  /* bytes from TLS at a time */
#define CLIENT_TRIM_MS   30000 /* without pushes: pooled memory is freed */

struct apns_client {
    struct ev_loop *loop;
    struct apns_config config; /* its strings are ours */
    struct proxy proxy;        /* if config.proxy */
    struct tls tls;
    char *authority; /* config.host, as HTTP writes it */

    uint64_t now_us;     /* monotonic; read once per turn and per read */
    int64_t now_unix;    /* wall clock; read once per turn */
    struct rng rng;      /* of jitter */
    ev_prepare prepare;  /* the turn */
    ev_check check;      /* the clock, before anyone else runs */
    ev_timer due;        /* the first deadline */
    ev_idle kick;        /* started: the loop must not sleep */
    uint64_t due_at_us;  /* what the timer is set to; 0: stopped */
    bool is_before_turn; /* a turn comes before the loop sleeps */

    struct slot_pool slots;
    struct deadlines deadlines;
    struct suspects suspects;
    struct slot_list done;       /* ended, results not delivered */
    struct slot_list delivering; /* taken from done, one after the other */
    struct h2mem h2mem;
    struct buffers buffers;
    struct setup_ports ports;
    uint8_t *read_buf;

    struct identity *hash[CLIENT_HASH];
    struct identity *last; /* the one found last; pushes come in runs */
    struct identity_list identities;
    struct identity_list removed;
    struct identity_list work;
    struct identity_list events;
    struct identity_list dial_waiters;
    struct conn_list flush;
    struct conn_list unread;
    struct conn_list dead;
    uint32_t n_identities;
    uint32_t n_dialing;
    uint32_t n_conns_made;
    uint64_t idle_since_us; /* no push since */

    bool is_in_turn;
    bool is_freed; /* apns_client_free came from inside the turn */
    bool was_busy; /* on_drain is owed */
    bool is_draining;
    uint64_t recall_at_us; /* no deadline is later; 0: not recalled */
    void (*on_drained)(void *arg);
    void *on_drained_arg;
    struct apns_stats stats;
};

/** client_tick(client): read the clocks. */
void client_tick(struct apns_client *client);

/** client_kick(client): a turn must come before the loop sleeps. */
void client_kick(struct apns_client *client);

/** client_find(client, topic): the identity, or NULL. */
struct identity *client_find(struct apns_client *client, const char *topic);

/**
 * client_end(client, slot, outcome, class_, reason):
 * ${slot} is in no list but its deadline's; its result is delivered in the
 * turn. ${reason} NULL: the slot has it.
 */
void client_end(struct apns_client *client, struct slot *slot,
                enum apns_outcome outcome, enum apns_class class_,
                const char *reason);

/** client_watch_deadline(client, slot): it may be the first one now. */
void client_watch_deadline(struct apns_client *client, const struct slot *slot);

/** client_destroy(client): nothing is left of it. */
void client_destroy(struct apns_client *client);

#endif /* APNS_CLIENT_H */
