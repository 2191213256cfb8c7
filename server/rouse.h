/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_ROUSE_H
#define ROUSE_ROUSE_H

/*
 * The engine: enrollments, wakes, waves and push certificates in a state
 * directory, joined with the APNs client. This is roused without its HTTP
 * API, for programs that embed it; installed as <rouse/rouse.h>.
 *
 * Everything runs on the given libev loop and its thread, but for two threads
 * that the engine owns: one has the database, one does the slow cryptography
 * of certificates. Completions come from the loop, exactly once, never from
 * inside the call that asked; inputs are copied; answers are valid during the
 * completion only. A completion may make any call but rouse_free.
 *
 * Several engines may live in one process, each in a state directory of its
 * own. The loop outlives the engine. After fork() the child leaves the engine
 * alone, rouse_free included.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "apns.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rouse;

#define ROUSE_MAX_PLIST  (1024 * 1024) /* bytes of one check-in */
#define ROUSE_MAX_IDS    32768         /* ids in one request: 1 MiB of UDIDs */
#define ROUSE_MAX_PACE   1000000       /* pushes per second */
#define ROUSE_MAX_SPAN_S (30 * 86400)  /* a wake's deadline from now */

/* X(name, category, text) */
#define ROUSE_ERRORS(X)                                               \
    X(OK, NONE, "success")                                            \
    X(EINVAL, USAGE, "a field is malformed or exceeds its limit")     \
    X(ENOTFOUND, USAGE, "not found")                                  \
    X(ECONFLICT, USAGE, "conflicts with its current state")           \
    X(EPLIST, USAGE, "not a check-in plist that can be read")         \
    X(ETOOLARGE, USAGE, "larger than its limit")                      \
    X(ECERT, USAGE, "the certificate or key is refused")              \
    X(EGUARD, USAGE, "refused by a guard; nothing changed")           \
    X(EBUSY, LIMIT, "too many requests are waiting; try again later") \
    X(ECLOSED, LIMIT, "rouse is stopping")                            \
    X(ENOMEM, SYSTEM, "out of memory")                                \
    X(EFULL, SYSTEM, "the disk is full")                              \
    X(EIO, SYSTEM, "the disk failed")                                 \
    X(ESTATE, SYSTEM, "the state directory cannot be used")

enum rouse_err {
#define X(name, category, text) ROUSE_##name,
    ROUSE_ERRORS(X)
#undef X
    ROUSE_N_ERRORS
};

enum rouse_err_category {
    ROUSE_CATEGORY_NONE,
    ROUSE_CATEGORY_USAGE,  /* the call is wrong; repeating it does not help */
    ROUSE_CATEGORY_LIMIT,  /* try again later */
    ROUSE_CATEGORY_SYSTEM, /* memory or disk; try again once that is mended */
};

/** rouse_err_text(err): the error in words; static, never NULL. */
APNS_API const char *rouse_err_text(enum rouse_err err);

/** rouse_err_name(err): "ROUSE_EBUSY" and the like; static, never NULL. */
APNS_API const char *rouse_err_name(enum rouse_err err);

/** rouse_err_category(err): what the caller can do about it. */
APNS_API enum rouse_err_category rouse_err_category(enum rouse_err err);

struct rouse_config {
    const char *state_dir;        /* required; made 0700 when missing */
    const char *master_key_file;  /* NULL: master.key in state_dir */
    struct apns_config apns;      /* on_* and log are the engine's own */
    uint32_t pace;                /* pushes/s over all topics; 0: no limit */
    uint32_t topic_pace;          /* pushes/s per topic; 0: no limit */
    uint32_t window;              /* pushes in flight at most: 8192 */
    uint32_t wake_deadline_s;     /* of a wake without one: 7 days */
    int64_t (*now_ms)(void *arg); /* wall clock, unix ms; NULL: system's */
    void *now_arg;
    uint64_t seed;               /* of jitter; 0: from the system */
    uint32_t alert_channels;     /* bit by bit: a message of each alert waits
                                    in the store for whoever delivers there */
    void (*on_alert)(void *arg); /* there are new messages; NULL: ignored */
    void *on_alert_arg;
    apns_log_fn *log; /* NULL: silent */
    void *log_arg;
};

/** rouse_config_init(config): fill ${config} with the defaults above. */
APNS_API void rouse_config_init(struct rouse_config *config);

/**
 * rouse_new(loop, config, rouse, why):
 * Open the state directory (blocking), hold its identities, go on with every
 * wake and wave that waits.
 *
 *   owns     copies ${config} and its strings
 *   why      256 bytes; on error, one line that says what to do next
 *   errors   ROUSE_ESTATE, ROUSE_EINVAL, ROUSE_ENOMEM, ROUSE_EFULL, ROUSE_EIO
 */
APNS_API APNS_MUST_USE enum rouse_err
rouse_new(struct ev_loop *loop, const struct rouse_config *config,
          struct rouse **rouse, char *why);

/**
 * rouse_reload(rouse, config):
 * Take over pace, topic_pace, window and wake_deadline_s while running; the
 * other fields need a restart.
 */
APNS_API void rouse_reload(struct rouse *rouse,
                           const struct rouse_config *config);

/**
 * rouse_drain(rouse, on_drained, arg):
 * Claim nothing more, let pushes in flight end and settle (for 5 s at most:
 * what has no answer then goes out again after the next start), then call
 * ${on_drained} once. New requests get ROUSE_ECLOSED. ${on_drained} may call
 * rouse_free: this is the way to end from inside a completion.
 */
APNS_API void rouse_drain(struct rouse *rouse, void (*on_drained)(void *arg),
                          void *arg);

/**
 * rouse_free(rouse):
 * Close everything; pushes in flight that have no answer yet are sent again
 * after the next start. Completions still owed run with ROUSE_ECLOSED before
 * it returns. NULL is fine. Not from inside a completion, which aborts; drain
 * there, and free in ${on_drained} or when the loop is outside of the engine.
 */
APNS_API void rouse_free(struct rouse *rouse);

typedef void rouse_done_fn(void *arg, enum rouse_err err);

/*
 * Check-ins: the plist that a device sent to its MDM server, as it is.
 */
struct rouse_checkin_answer {
    char id[512];          /* NanoMDM's enrollment id */
    char message_type[64]; /* as sent; "" for a command's response */
    bool is_known;         /* the enrollment existed before */
    bool is_applied;       /* false: older than what is stored, or a sighting
                               of an unknown one */
    uint32_t tally;        /* TokenUpdates since Authenticate, after it */
    const char *detail;    /* with ROUSE_EPLIST: the key and what is wrong */
};

typedef void rouse_checkin_fn(void *arg, enum rouse_err err,
                              const struct rouse_checkin_answer *answer);

/*
 * What the MDM server said of a check-in beside its plist; NULL, 0 and "" say
 * nothing. A plist that contradicts it is refused.
 */
struct rouse_checkin_about {
    int64_t at_ms;            /* when the device sent it, unix ms; 0, or what
                                 lies in the future: now */
    bool is_replayed;         /* read from the server's storage: nobody knows
                                 when the device sent it. A token has no time
                                 then, and one that is stored already, or came
                                 from the device just now, changes nothing */
    uint32_t tally;           /* token_update_tally */
    const char *message_type; /* "Authenticate", …; "Connect" of a response */
    const char *udid;
    const char *enrollment_id;
    /* The enrollment's id as the server's API speaks it, in place of the one
       that follows from the plist; kind and parent only with it. */
    const char *id;
    const char *parent;
    const char *kind; /* NanoMDM's word */
};

/**
 * rouse_checkin(rouse, plist, len, about, done, arg):
 * Take in Authenticate, TokenUpdate, CheckOut, or any other check-in or
 * command response (a sighting). Completed when durable. Events that crossed
 * each other on the way end as if they had come in order: within a minute an
 * Authenticate never beats a TokenUpdate.
 *
 *   shape    XML or binary plist, at most ROUSE_MAX_PLIST bytes; ${about} may
 *            be NULL: it comes from the device, now
 *   errors   at once: ROUSE_ETOOLARGE, ROUSE_EBUSY, ROUSE_ECLOSED,
 *            ROUSE_ENOMEM. In the completion: ROUSE_EPLIST (with detail),
 *            SYSTEM. ${answer} is never NULL
 *   source   Apple, "Check-in"; NanoMDM mdm/type.go for the ids
 */
APNS_API APNS_MUST_USE enum rouse_err
rouse_checkin(struct rouse *rouse, const void *plist, size_t len,
              const struct rouse_checkin_about *about, rouse_checkin_fn *done,
              void *arg);

/* Wakes. */
enum rouse_until {
    ROUSE_UNTIL_ACCEPTED, /* ends with APNs' 200 */
    ROUSE_UNTIL_CHECK_IN, /* refused with ROUSE_EINVAL until it is built */
};

/* What a caller may reach, by what is stored when the call takes effect; all
   else is unknown to it. NULL or "" does not restrict. */
struct rouse_scope {
    const char *topic;
    const char *group; /* path: that group and those below it */
};

struct rouse_wake_terms {
    enum rouse_until until;
    int64_t due_ms;      /* 0: now */
    int64_t deadline_ms; /* 0: config.wake_deadline_s from now */
    struct rouse_scope scope;
};

enum rouse_asked {
    ROUSE_ASKED_UNKNOWN,    /* no such enrollment */
    ROUSE_ASKED_UNPUSHABLE, /* it has no token that may be pushed now */
    ROUSE_ASKED_NEW,
    ROUSE_ASKED_MERGED,    /* a wake waited already */
    ROUSE_ASKED_UNDECIDED, /* likewise; APNs refused the token under an unproven
                              certificate: no push comes before it is proven */
};

/* How one id of a request fares; what is not known yet is 0 or "". */
struct rouse_wake_answer {
    const char *id;
    enum rouse_asked asked;
    const char *state; /* "enabled", "disabled", "dead", "suspect"; "" */
    int64_t
        not_before_ms; /* until when APNs asked for a pause; 0: it did not */
    bool is_answered;  /* rouse_push: a first push got its result */
    enum apns_outcome outcome;
    enum apns_class class_;
    uint16_t status;
    const char *reason;
    const char *apns_id;
    int64_t timestamp_ms;
    uint32_t latency_us; /* APNs': from the push until its answer */
};

typedef void rouse_wake_fn(void *arg, enum rouse_err err,
                           const struct rouse_wake_answer *answers, size_t n);

/**
 * rouse_wake(rouse, ids, n, terms, done, arg):
 * Request a check-in from these enrollments. Completed when durable; the
 * pushes follow and are repeated until an outcome is final. An id given twice
 * is one wake with two answers.
 *
 *   shape    1..ROUSE_MAX_IDS ids; ${terms} NULL: the defaults
 *   errors   ROUSE_EINVAL, ROUSE_EBUSY, ROUSE_ECLOSED, ROUSE_ENOMEM at once;
 *            SYSTEM in the completion, with no answers
 */
APNS_API APNS_MUST_USE enum rouse_err
rouse_wake(struct rouse *rouse, const char *const *ids, size_t n,
           const struct rouse_wake_terms *terms, rouse_wake_fn *done,
           void *arg);

/**
 * rouse_push(rouse, ids, n, terms, wait_ms, done, arg):
 * As rouse_wake, but completed when every id's first push has its result or
 * ${wait_ms} have passed (see is_answered); wakes without a result continue.
 * An id whose topic no usable identity holds is answered at once:
 * APNS_FAILED, APNS_CLASS_IDENTITY, the reason says why; its wake waits. One
 * with not_before_ms is not waited for.
 */
APNS_API APNS_MUST_USE enum rouse_err
rouse_push(struct rouse *rouse, const char *const *ids, size_t n,
           const struct rouse_wake_terms *terms, uint32_t wait_ms,
           rouse_wake_fn *done, void *arg);

/* Waves: one request for many enrollments, chosen by a filter. */
struct rouse_filter {
    const char *topic;        /* NULL or "": any */
    const char *parent;       /* id of a device: it and its users */
    const char *group;        /* path: that group and those below it */
    const char *const *kinds; /* NanoMDM's words; NULL: any */
    size_t n_kinds;
    uint32_t silent_for_s; /* not seen for so long; 0: no matter */
};

struct rouse_wave_terms {
    enum rouse_until until;
    uint32_t pace;        /* pushes/s; 0: no limit */
    int64_t deadline_ms;  /* 0: config.wake_deadline_s from now */
    const char *asked_by; /* for the audit log; NULL: "" */
};

struct rouse_wave {
    int64_t id;
    const char *state;          /* "running", "settling", "done", "cancelled" */
    struct rouse_filter filter; /* as asked for; NULL, 0: does not restrict */
    enum rouse_until until;
    const char *asked_by;
    uint32_t pace;
    int64_t asked_at_ms;
    int64_t deadline_ms;
    int64_t ended_at_ms; /* 0: not yet */
    int64_t n_total;     /* matched when asked */
    int64_t n_accepted;
    int64_t n_dead, n_suspect; /* their tokens are */
    int64_t n_dropped;
    int64_t n_expired;
    int64_t n_cancelled;
    int64_t n_skipped; /* gone, or not to be pushed any more, meanwhile */
    int64_t n_waiting; /* to be pushed again, or for an identity */
};

typedef void rouse_waves_fn(void *arg, enum rouse_err err,
                            const struct rouse_wave *waves, size_t n,
                            int64_t next);

/**
 * rouse_wave_ask(rouse, filter, terms, done, arg):
 * Request a check-in from every enrollment that ${filter} matches now and that
 * can be pushed. Completed with the one wave when it is durable; its pushes
 * follow at ${terms}' pace.
 *
 *   shape    ${filter} NULL: all enrollments; ${terms} NULL: the defaults
 *   errors   at once: ROUSE_EINVAL, ROUSE_EBUSY, ROUSE_ECLOSED, ROUSE_ENOMEM.
 *            In the completion: ROUSE_ENOTFOUND: no such group; SYSTEM
 */
APNS_API APNS_MUST_USE enum rouse_err
rouse_wave_ask(struct rouse *rouse, const struct rouse_filter *filter,
               const struct rouse_wave_terms *terms, rouse_waves_fn *done,
               void *arg);

/**
 * rouse_wave_get(rouse, id, done, arg):
 * How far one wave has come, as of the last settled page of pushes.
 *
 *   errors   ROUSE_ENOTFOUND: no such wave; else as rouse_wave_ask
 */
APNS_API APNS_MUST_USE enum rouse_err rouse_wave_get(struct rouse *rouse,
                                                     int64_t id,
                                                     rouse_waves_fn *done,
                                                     void *arg);

/**
 * rouse_wave_list(rouse, only_open, before, limit, done, arg):
 * Waves, newest first: those with ids below ${before} (0: the newest), ${limit}
 * at most. The completion's ${next} is the next page's ${before}; 0: none.
 *
 *   errors   as rouse_wave_ask, but for ROUSE_ENOTFOUND
 */
APNS_API APNS_MUST_USE enum rouse_err
rouse_wave_list(struct rouse *rouse, bool only_open, int64_t before,
                size_t limit, rouse_waves_fn *done, void *arg);

/**
 * rouse_wave_cancel(rouse, id, done, arg):
 * Push no more for this wave. What is in flight ends and is counted. Completed
 * when durable.
 *
 *   errors   ROUSE_ENOTFOUND: no such wave; ROUSE_ECONFLICT: it is over;
 *            else as rouse_wave_ask
 */
APNS_API APNS_MUST_USE enum rouse_err rouse_wave_cancel(struct rouse *rouse,
                                                        int64_t id,
                                                        rouse_done_fn *done,
                                                        void *arg);

/*
 * Push certificates.
 */
struct rouse_import {
    const char *by;            /* who; for history and audit */
    const char *apple_account; /* e-mail it was made with; "" or NULL */
    const char *note;          /* "" or NULL */
};

struct rouse_import_answer {
    struct apns_cert cert;
    enum apns_err fault; /* with ROUSE_ECERT: why */
    char detail[256];    /* what the fault or the guard is about */
};

typedef void rouse_import_fn(void *arg, enum rouse_err err,
                             const struct rouse_import_answer *answer);

/**
 * rouse_cert_import(rouse, pem, len, import, done, arg):
 * Check certificate and key, store them (the key sealed), use them at once:
 * a new topic becomes an identity, a held topic is swapped hot. Completed
 * when durable and in use; ${answer} is never NULL.
 *
 *   shape    as apns_cert_read
 *   errors   in the completion: ROUSE_ECERT (see fault), ROUSE_EGUARD (it
 *            expires before the one in force, which works), SYSTEM
 */
APNS_API APNS_MUST_USE enum rouse_err
rouse_cert_import(struct rouse *rouse, const char *pem, size_t len,
                  const struct rouse_import *import, rouse_import_fn *done,
                  void *arg);

/* NanoMDM's import: a held topic is renewed, an unknown one is added. With
   comparison, guard and test: rouse_cert_import_files in rouse_cert.h. */

/** rouse_cert_each(rouse, visit, arg): call ${visit} for each identity that
 *  the client holds, with its state towards APNs; before it returns. */
APNS_API void rouse_cert_each(struct rouse *rouse, apns_identity_fn *visit,
                              void *arg);

/** rouse_cert_life(rouse, status): where this certificate is in its life:
 *  "active", "expiring", "expired",
 *  "not_yet_valid", "refused", "revoked", "test_failed" or "key_lost";
 *  static. */
APNS_API const char *rouse_cert_life(struct rouse *rouse,
                                     const struct apns_identity_status *status);

/*
 * Alerts: about certificates that expire or are refused, and enrollments that
 * cannot be woken without one. Each is raised once; it ends when its cause
 * does.
 */
struct rouse_alert {
    int64_t id;
    int64_t at_ms;
    const char *kind; /* "expiry", "not_yet_valid", "refused", "revoked",
                         "wrong_environment", "test_failed", "key_lost",
                         "topic_mismatch", "silent" */
    const char *topic;
    const char *severity; /* "notice", "warning", "critical" */
    const char *text;     /* what it is and what to do */
    int threshold_days;   /* of an expiry: 30, 15, 7, 3, 1, 0; else -1 */
    int64_t ended_at_ms;  /* 0: open */
};

typedef void rouse_alert_fn(void *arg, const struct rouse_alert *alert);
typedef void rouse_alerts_fn(void *arg, enum rouse_err err,
                             const struct rouse_alert *alerts, size_t n);

/** rouse_alert_each(rouse, visit, arg): call ${visit} for each open alert,
 *  newest first, before it returns. */
APNS_API void rouse_alert_each(struct rouse *rouse, rouse_alert_fn *visit,
                               void *arg);

/**
 * rouse_alert_list(rouse, only_open, limit, done, arg):
 * Alerts, newest first, ${limit} at most (1..10000); ${only_open}: those whose
 * cause lasts.
 *
 *   errors   ROUSE_EINVAL: ${limit}; ROUSE_EBUSY, ROUSE_ECLOSED, ROUSE_ENOMEM
 *            at once; SYSTEM in the completion
 */
APNS_API APNS_MUST_USE enum rouse_err
rouse_alert_list(struct rouse *rouse, bool only_open, size_t limit,
                 rouse_alerts_fn *done, void *arg);

/*
 * Counters and states of this moment, without touching the disk.
 */
/* What a push did to the wake that it was for. X(name, text) */
#define ROUSE_EFFECTS(X)                                                  \
    X(ACCEPTED, "accepted")   /* ended it */                              \
    X(DEAD, "dead")           /* ended it: 410 */                         \
    X(SUSPECT, "suspect")     /* ended it: the token is refused */        \
    X(UNDECIDED, "undecided") /* waits until the certificate is proven */ \
    X(RETRY, "retry")         /* pushed again later */                    \
    X(WAIT, "wait")           /* waits for a certificate */               \
    X(DROPPED, "dropped")     /* ended it: APNs did not understand it */

enum rouse_effect {
#define X(name, text) ROUSE_EFFECT_##name,
    ROUSE_EFFECTS(X)
#undef X
    ROUSE_N_EFFECTS
};

struct rouse_status {
    struct apns_stats apns;
    int64_t started_at_ms;
    uint64_t n_checkins; /* taken in since the start */
    uint64_t n_checkins_refused;
    uint64_t n_effects[ROUSE_N_EFFECTS]; /* of settled pushes */
    uint32_t n_in_flight;                /* submitted, not settled */
    uint32_t n_due;                      /* claimed, not submitted */
    uint32_t n_waves;                    /* running */
    bool is_disk_failing;
    bool is_ready; /* store works, and no identity is unproven
                                   for want of a network */
};

/** rouse_status_get(rouse, status): fill ${status}; never fails. */
APNS_API void rouse_status_get(const struct rouse *rouse,
                               struct rouse_status *status);

#include "rouse_backup.h"
#include "rouse_cert.h"
#include "rouse_group.h"

#ifdef __cplusplus
}
#endif

#endif /* ROUSE_ROUSE_H */
