/* SPDX-License-Identifier: MIT */
#ifndef STORE_STORE_ALERT_H
#define STORE_STORE_ALERT_H

/*
 * Alerts: what was told, so that nothing is told twice, and the messages that
 * wait to be delivered. Part of store.h, which includes it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store_base.h"

#define STORE_MAX_ALERTS   10000 /* rows kept; of older ones the open alone */
#define STORE_MAX_OUTBOX   10000 /* messages that wait; the oldest go */
#define STORE_MAX_TOLD     4096  /* certificates remembered; the oldest go */
#define STORE_MAX_CHANNELS 8     /* bits of a mask of channels */
#define STORE_SHA256_HEX   64    /* characters of a fingerprint */

/* At most one of a kind is open for a topic: a new one ends the one before. */
struct store_alert {
    int64_t id;           /* given by the store, rising */
    int64_t at_ms;        /* 0: now */
    const char *kind;     /* "expiry", … */
    const char *topic;    /* may be "" */
    const char *severity; /* "notice", "warning", "critical" */
    const char *text;     /* one sentence for people */
    const char *cert;     /* fingerprint that it is about, or "" */
    int threshold_days;   /* of an expiry; -1: none */
    int64_t since_ms;     /* when what it is about began; 0: not known */
    int64_t ended_at_ms;  /* 0: open */
};

/* What was told about one certificate, as certlife counts it. */
struct store_told {
    const char *cert; /* fingerprint, STORE_SHA256_HEX characters */
    uint32_t thresholds;
    uint64_t days;
    int64_t last_day;
    uint32_t state_told;
};

typedef void store_alerts_fn(void *arg, enum store_err err,
                             const struct store_alert *alerts, size_t n);
typedef void store_tolds_fn(void *arg, enum store_err err,
                            const struct store_told *tolds, size_t n);

/**
 * store_alert_put(store, alert, told, channels, done, arg):
 * The alert, what was told with it (may be NULL), its row in the audit log
 * and a message for each channel in the mask ${channels}: all or none. The
 * completion gets the alert as stored.
 */
STORE_MUST_USE enum store_err store_alert_put(struct store *store,
                                              const struct store_alert *alert,
                                              const struct store_told *told,
                                              uint32_t channels,
                                              store_alerts_fn *done, void *arg);

/**
 * store_alert_end(store, id, told, channels, done, arg):
 * It is over: likewise with row and messages, and with ${told} (may be NULL).
 * Without ${told}, what was told about its certificate is forgotten, so that
 * it is told again when that certificate comes back. The completion gets the
 * alert as it is then.
 *
 *   errors   STORE_ENOTFOUND: there is none, or it was over
 */
STORE_MUST_USE enum store_err store_alert_end(struct store *store, int64_t id,
                                              const struct store_told *told,
                                              uint32_t channels,
                                              store_alerts_fn *done, void *arg);

/**
 * store_alert_list(store, only_open, limit, done, arg):
 * Up to ${limit} <= STORE_MAX_ALERTS, newest first.
 */
STORE_MUST_USE enum store_err store_alert_list(struct store *store,
                                               bool only_open, size_t limit,
                                               store_alerts_fn *done,
                                               void *arg);

/**
 * store_alert_told(store, done, arg):
 * What was told of every certificate that is remembered, in any order.
 */
STORE_MUST_USE enum store_err store_alert_told(struct store *store,
                                               store_tolds_fn *done, void *arg);

/*
 * The outbox.
 */
struct store_message {
    int64_t id;
    uint32_t channel; /* number of the bit in the mask */
    uint32_t attempt; /* deliveries that failed */
    int64_t due_ms;
    bool is_end; /* it says that the alert is over */
    struct store_alert alert;
};

/* ${message} is NULL when none waits for this channel. */
typedef void store_message_fn(void *arg, enum store_err err,
                              const struct store_message *message);

/**
 * store_outbox_next(store, channel, done, arg):
 * The message of this channel that is due first, whether it is due yet or not;
 * none is no error.
 *
 *   shape    ${channel} < STORE_MAX_CHANNELS
 */
STORE_MUST_USE enum store_err store_outbox_next(struct store *store,
                                                uint32_t channel,
                                                store_message_fn *done,
                                                void *arg);

/**
 * store_outbox_put_off(store, id, due_ms, done, arg):
 * One more delivery of it failed: the next is due at ${due_ms}.
 *
 *   errors   STORE_ENOTFOUND  it is gone: the oldest of too many are dropped
 */
STORE_MUST_USE enum store_err store_outbox_put_off(struct store *store,
                                                   int64_t id, int64_t due_ms,
                                                   store_done_fn *done,
                                                   void *arg);

/**
 * store_outbox_drop(store, id, done, arg):
 * Delivered, or given up.
 *
 *   errors   STORE_ENOTFOUND  it is gone
 */
STORE_MUST_USE enum store_err store_outbox_drop(struct store *store, int64_t id,
                                                store_done_fn *done, void *arg);

#endif /* STORE_STORE_ALERT_H */
