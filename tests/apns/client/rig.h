/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_TESTS_RIG_H
#define ROUSE_TESTS_RIG_H

/*
 * A client against a real rouse-sim, with a book that knows how often each
 * push has ended and how. Times are short, so that a test of minutes takes
 * milliseconds; nothing waits but for events.
 */

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "apns/apns.h"
#include "tests/support/fleet.h"
#include "tests/support/sim_proc.h"

#define RIG_TOPIC      "com.apple.mgmt.External.rig"
#define RIG_TIMEOUT_MS 120000  /* no wait is longer; reaching it fails */
#define RIG_NEVER_MS   3600000 /* the client's times, unless a test sets them */

/* What became of one push. */
struct rig_push {
    uint32_t n_results;
    enum apns_outcome outcome;
    enum apns_class class_;
    uint16_t status;
    uint16_t n_moves;
    bool is_resent;
    uint32_t latency_us;
    int64_t timestamp_ms;
    uint32_t retry_after_s;
    char reason[APNS_MAX_REASON + 1];
    char apns_id[64];
};

struct rig {
    struct ev_loop *loop;
    struct sim_proc *sim;
    char *dir; /* the simulator's certificates */
    struct apns_config config;
    struct apns_client *client;
    struct rig_push *pushes;
    uint32_t n_pushes; /* to be sent in all */
    uint32_t n_submitted;
    uint32_t n_ended;
    uint32_t n_class[APNS_N_CLASSES];
    uint32_t n_moved;
    uint32_t n_resent;    /* moves of those that say they were resent */
    uint32_t n_busy;      /* times that apns_submit said APNS_EBUSY */
    uint32_t n_drains;    /* calls of on_drain */
    uint32_t n_events;    /* calls of on_identity */
    uint32_t window;      /* pushes under way at a time; 0: all that fit */
    uint32_t deadline_ms; /* of pushes to come; 0: the client's */
    uint32_t max_conns;   /* the most connections seen at a time */
    bool is_drained;
    bool stops_filling; /* results do not submit the next ones */
    ev_timer guard;
    bool is_late;
    ev_prepare look;
    bool (*is_done)(struct rig *rig);  /* while it runs */
    struct apns_identity_status event; /* the last one */
    int64_t now_unix;                  /* 0: the real clock */
    char log[16][256];                 /* the last lines */
    uint32_t n_log;
};

/** rig_start(rig, options): a simulator with ${options} (or NULL), defaults. */
void rig_start(struct rig *rig, const char *const options[]);

/** rig_open(rig): the client, as rig->config says. */
void rig_open(struct rig *rig);

/** rig_put(rig): hold RIG_TOPIC's certificate. */
enum apns_err rig_put(struct rig *rig);

/** rig_renew(rig, fault): hold a new one; ${fault} as in pki_make. */
enum apns_err rig_renew(struct rig *rig, const char *fault);

/** rig_begin(rig, sim_options): rig_start, rig_open, rig_put. */
void rig_begin(struct rig *rig, const char *const options[]);

/** rig_end(rig): free all; every push must have ended once. */
void rig_end(struct rig *rig);

/** rig_add(rig, n): ${n} more pushes, submitted as fast as they are taken. */
void rig_add(struct rig *rig, uint32_t n);

/** rig_submit(rig, number): push number ${number} now. */
enum apns_err rig_submit(struct rig *rig, uint32_t number);

/** rig_submit_raw(rig, number, push): ${push}, as number ${number}. */
enum apns_err rig_submit_raw(struct rig *rig, uint32_t number,
                             const struct apns_push *push);

/** rig_until(rig, is_done): run the loop; false after RIG_TIMEOUT_MS. */
void rig_until(struct rig *rig, bool (*is_done)(struct rig *rig));

/** rig_finish(rig): until every push has ended. */
void rig_finish(struct rig *rig);

/** rig_pass(rig, ms): run the loop for so long: nothing may happen in it. */
void rig_pass(struct rig *rig, uint32_t ms);

/** rig_status(rig): of RIG_TOPIC. */
struct apns_identity_status rig_status(struct rig *rig);

/** rig_stats(rig): the client's. */
struct apns_stats rig_stats(struct rig *rig);

/** rig_tally(rig, tally): what the simulator's ledger says of the pushes. */
void rig_tally(struct rig *rig, struct fleet_tally *tally);

/** rig_again(rig, number): push number ${number} has ended: once more. */
void rig_again(struct rig *rig, uint32_t number);

/**
 * rig_check_once(rig): every push has ended exactly once.
 * rig_check_ledger(rig): and the simulator's ledger knows each accepted one,
 * and no more of them than were sent.
 */
void rig_check_once(struct rig *rig);
void rig_check_ledger(struct rig *rig);

/* Conditions for rig_until. */
bool rig_has_ended(struct rig *rig);
bool rig_is_open(struct rig *rig);
bool rig_is_ready(struct rig *rig);
bool rig_is_stopped(struct rig *rig);
bool rig_is_backed_off(struct rig *rig);
bool rig_is_drained(struct rig *rig);
bool rig_is_flying(struct rig *rig);
bool rig_has_no_conn(struct rig *rig);

#endif /* ROUSE_TESTS_RIG_H */
