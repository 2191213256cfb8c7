/* SPDX-License-Identifier: MIT */
#ifndef APNS_IDENTITY_H
#define APNS_IDENTITY_H

/*
 * One topic: its certificate, breaker, connections and waiting pushes. Stops
 * when APNs refuses the certificate or topic.
 */

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "apns.h"
#include "apns/cert/cert_pair.h"
#include "apns/link/conn.h"
#include "apns/link/pool.h"
#include "apns/push/breaker.h"
#include "apns/push/slot.h"

/*
 * Each answer earns a little towards the successor of a connection that APNs
 * closes: one that is paid for waits for a quarter of a second only after the
 * dial before, and not for the settle time. So closing connections is no way
 * to a storm of dials, however many answers each has given.
 */
#define IDENTITY_PAID_SETTLE_MS 250
#define IDENTITY_DIAL_PRICE     100  /* answers that a handshake is worth */
#define IDENTITY_MAX_EARNED     1000 /* saved up at most */

struct identity {
    TAILQ_ENTRY(identity) link;       /* of the client's, or among removed */
    TAILQ_ENTRY(identity) work_link;  /* while has_work */
    TAILQ_ENTRY(identity) event_link; /* while has_event */
    TAILQ_ENTRY(identity) dial_link;  /* while waits_to_dial */
    struct identity *hash_next;
    struct apns_client *client;
    struct apns_cert cert;
    struct cert_pair *pair;
    uint32_t generation; /* grows with each certificate */
    struct breaker breaker;
    struct pool pool;
    struct slot_list urgent; /* the next one first; these go before */
    struct slot_list resent; /* these, of which each was lost once, and these */
    struct slot_list queue;  /* before these */
    struct slot_list apart;  /* suspects: one after the other, elsewhere */
    uint32_t n_queued;       /* in all of them */
    uint32_t n_apart;        /* in apart */
    uint32_t n_in_flight;
    uint32_t n_earned; /* answers not yet spent on a dial */
    ev_timer timer;
    uint64_t dial_at_us; /* the breaker: no dial before */
    char why[128];
    enum apns_class class_;
    bool is_taken;     /* a connection with this certificate was OPEN */
    bool wants_to_try; /* the certificate is new: dial, pushes or not */
    bool is_removed;
    bool has_work;
    bool has_event;
    bool waits_to_dial;
};

TAILQ_HEAD(identity_list, identity);

/**
 * identity_new(client, cert, pair): takes ${pair} over. NULL: out of
 * memory.
 */
struct identity *identity_new(struct apns_client *client,
                              const struct apns_cert *cert,
                              struct cert_pair *pair);

/** identity_free(identity): it has no connection and no push any more. */
void identity_free(struct identity *identity);

/** identity_swap(identity, cert, pair): the hot swap. */
void identity_swap(struct identity *identity, const struct apns_cert *cert,
                   struct cert_pair *pair);

/** identity_retry(identity): forget the breaker, dial now. */
void identity_retry(struct identity *identity);

/** identity_remember(identity, history): see apns_identity_remember. */
void identity_remember(struct identity *identity,
                       const struct apns_identity_history *history);

/** identity_remove(identity): end what waits, drain the rest. */
void identity_remove(struct identity *identity);

/** identity_is_over(identity): removed and nothing is left of it. */
bool identity_is_over(const struct identity *identity);

/** identity_status(identity, status): for people. */
void identity_status(const struct identity *identity,
                     struct apns_identity_status *status);

/** identity_wake(identity): look at it in this turn. */
void identity_wake(struct identity *identity);

/** identity_work(identity): what the turn does for it. */
void identity_work(struct identity *identity);

/**
 * identity_fail(identity, fault):
 * A connection failed, or all are to be closed. Also when it is stopped
 * already: then only the next probe moves.
 */
void identity_fail(struct identity *identity, const struct conn_fault *fault);

/**
 * identity_follow(identity, before, was_proven):
 * Answers have changed the breaker, whose state was ${before}: act on it.
 */
void identity_follow(struct identity *identity, enum apns_identity_state before,
                     bool was_proven);

/** identity_may_dial(identity): false: it has been stopped just now. */
bool identity_may_dial(struct identity *identity);

/** identity_on_open(identity, conn): a connection has got its SETTINGS. */
void identity_on_open(struct identity *identity, struct conn *conn);

/** identity_on_goaway(identity, conn, reason): "": none was given. */
void identity_on_goaway(struct identity *identity, struct conn *conn,
                        const char *reason);

/** identity_on_mute(identity, conn): it drains, since nothing was answered. */
void identity_on_mute(struct identity *identity, struct conn *conn);

/** identity_fill_place(identity): connections drain; when no other is there,
 *  the next may be dialled at once if it is paid for. */
void identity_fill_place(struct identity *identity);

/** identity_on_dead(identity, conn, before, fault): NULL: it was drained. */
void identity_on_dead(struct identity *identity, struct conn *conn,
                      enum conn_state before, const struct conn_fault *fault);

#endif /* APNS_IDENTITY_H */
