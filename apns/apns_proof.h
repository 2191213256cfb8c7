/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_APNS_PROOF_H
#define ROUSE_APNS_PROOF_H

/*
 * Whose fault is a refused token? One wrong setting, host or topic, makes APNs
 * refuse every token of a fleet. So BadDeviceToken and DeviceTokenNotForTopic
 * are about the device (SUSPECT) only when the certificate is proven: APNs has
 * answered 200 under it, with this host. Before that they are UNDECIDED; 200
 * different tokens of that sort and no 200 among them stop the identity. The
 * first 200 proves it, and what was undecided is suspect. After a
 * restart, restore what is known with apns_identity_remember.
 *
 * A part of apns.h, which includes it; not by itself.
 */

#ifdef __cplusplus
extern "C" {
#endif

/* What stopped an identity. */
enum apns_cause {
    APNS_CAUSE_NONE,    /* nothing: it is READY, or in BACKOFF */
    APNS_CAUSE_EXPIRED, /* by our clock */
    APNS_CAUSE_REVOKED,
    APNS_CAUSE_REFUSED,            /* APNs takes certificate or topic not */
    APNS_CAUSE_ENVIRONMENT,        /* APNs: of the other environment */
    APNS_CAUSE_TOKENS_ENVIRONMENT, /* knows none of the tokens tried */
    APNS_CAUSE_TOKENS_TOPIC,       /* knows them from another topic */
    APNS_N_CAUSES
};

/** apns_cause_name(cause): "", "expired", "wrong_topic", …; static. */
APNS_API const char *apns_cause_name(enum apns_cause cause);

#define APNS_PROBES 5 /* pushes that an identity takes while PROBING */

/* What was learnt of a certificate with this host before. */
struct apns_identity_history {
    bool is_proven;       /* APNs has answered 200 under it */
    uint32_t n_undecided; /* not proven: tokens that are undecided, */
    const char *reason;   /* and what APNs said to most of them; or NULL */
};

/**
 * apns_identity_remember(client, topic, history):
 * After apns_identity_put: go on from what is known of this certificate.
 *
 *   errors   APNS_ENOTOPIC
 */
APNS_API APNS_MUST_USE enum apns_err
apns_identity_remember(struct apns_client *client, const char *topic,
                       const struct apns_identity_history *history);

#ifdef __cplusplus
}
#endif

#endif /* ROUSE_APNS_PROOF_H */
