/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_TOPICS_H
#define ENGINE_TOPICS_H

/*
 * What the engine knows of each topic that it met: whether its pushes are
 * held back and why, its pace, its pushes in flight. Topics are never
 * forgotten while the engine runs, so pointers to them stay good.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "apns/apns.h"
#include "pace.h"

#define TOPICS_MAX (2 * APNS_MAX_IDENTITIES) /* in the table, held or not */

struct topic {
    char name[APNS_MAX_TOPIC + 1];
    bool is_held; /* its wakes wait; why says for what */
    char why[128];
    uint32_t n_releases;  /* times that it ceased to be held */
    uint32_t n_certs;     /* times that another certificate was used */
    uint32_t n_probes;    /* held: what is asked for now may go all the same */
    bool is_probing;      /* held: the few that try it were asked for */
    bool is_proven;       /* the certificate in use; see proof.h */
    uint32_t n_in_flight; /* submitted */
    uint32_t n_bulk_max;  /* in flight from waves and retries at most, */
    uint64_t turn;        /* as counted in this turn */
    struct pace pace;
    uint64_t n_enabled; /* enrollments, at the alerts' last look; 0: none yet */
    struct apns_cert *refused; /* owned; the stored certificate when the
                                  client does not take it, else NULL */
};

struct topics {
    struct topic **sorted; /* by name; owned */
    size_t n;
    size_t max; /* room in sorted */
};

void topics_fini(struct topics *topics);

/** topics_find(topics, name): NULL when it was never met. */
struct topic *topics_find(const struct topics *topics, const char *name);

/**
 * topics_take(topics, name):
 * Find it or add it, held for want of a certificate. NULL when the table is
 * full, the name too long, or memory out.
 */
struct topic *topics_take(struct topics *topics, const char *name);

/** topics_hold(topic, why). */
void topics_hold(struct topic *topic, const char *why);

/** topics_release(topic): true when it was held. */
bool topics_release(struct topic *topic);

/** topics_all_held(topics): no topic's pushes may go. */
bool topics_all_held(const struct topics *topics);

#endif /* ENGINE_TOPICS_H */
