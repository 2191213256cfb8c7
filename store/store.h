/* SPDX-License-Identifier: MIT */
#ifndef STORE_STORE_H
#define STORE_STORE_H

/*
 * Durable state behind one asynchronous header.
 *
 * Every operation is a request with a completion. Requests made on the loop's
 * thread are handed to the one store thread by store_hand_over() (the engine
 * calls it at the end of its turn; requests made later wake it themselves).
 * All that wait when the store thread comes back from a commit share ONE
 * transaction, and completions run on the loop's thread only after it is
 * durable. Requests take effect in the order in which they were made; reads
 * see all writes made before them.
 *
 * Somebody waits for a check-in, a wake or a look at something while waves
 * and imports keep the disk busy. Those are prompt: they keep their order
 * among themselves, but may overtake all others that are not complete yet,
 * and a transaction of others ends early for them. So whoever depends on an
 * earlier request of another kind awaits its completion first.
 *
 * A request checks first and writes after: "not found" and the like fail
 * only that request. When writing itself fails (disk full, I/O error) the
 * whole transaction is undone and every writing request in it gets the error;
 * later requests are tried anew.
 *
 * The store knows no network, no push and no policy: what to write comes from
 * the engine as values. Nothing outside this folder knows SQL.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define STORE_MUST_USE __attribute__((warn_unused_result))
#else
#define STORE_MUST_USE
#endif

struct ev_loop;
struct store;

/* Limits; enforced by the store, named in the error's text. */
#define STORE_MAX_ID      511 /* bytes of an enrollment id */
#define STORE_MAX_TOPIC   255
#define STORE_MAX_MAGIC   512
#define STORE_MAX_TOKEN   256 /* raw bytes */
#define STORE_MAX_SERIAL  127
#define STORE_MAX_NAME    127 /* of an API key, an actor, a note: 1023 */
#define STORE_MAX_REASON  63
#define STORE_MAX_NOTE    1023
#define STORE_MAX_BATCH   32768  /* items in one request */
#define STORE_MAX_PENDING 65536  /* requests not yet completed */
#define STORE_MAX_EVENTS  100000 /* rows kept in the audit log */
#define STORE_MAX_REVOKED 1000   /* API keys kept after their revocation */
#define STORE_MAX_WAVES   10000  /* waves kept; of older ones the open alone */
#define STORE_MAX_TOPICS  65536  /* topics ever seen */
#define STORE_MAX_PEM     65536  /* bytes of a certificate, or of a key */

/* X(name, category, text) */
#define STORE_ERRORS(X)                                                        \
    X(OK, NONE, "success")                                                     \
    X(EINVAL, USAGE, "a field breaks its shape or limit")                      \
    X(ENOTFOUND, USAGE, "no such thing")                                       \
    X(ECONFLICT, USAGE, "conflicts with its current state")                    \
    X(EBUSY, LIMIT, "too many requests wait for the disk")                     \
    X(ENOMEM, SYSTEM, "out of memory")                                         \
    X(EFULL, SYSTEM, "the disk is full")                                       \
    X(EIO, SYSTEM, "the disk failed")                                          \
    X(EDIR, OPEN, "the state directory cannot be used")                        \
    X(ELOCKED, OPEN, "another process uses this state directory")              \
    X(ENOTOURS, OPEN, "the database is not rouse's")                           \
    X(ETOONEW, OPEN, "the database was written by a newer rouse")              \
    X(ECORRUPT, OPEN, "the database is corrupt")                               \
    X(EKEY, OPEN, "the master key is missing, malformed or not the right one") \
    X(ECLOSED, USAGE, "the store is closing")

enum store_err {
#define X(name, category, text) STORE_##name,
    STORE_ERRORS(X)
#undef X
    STORE_N_ERRORS
};

enum store_err_category {
    STORE_CATEGORY_NONE,
    STORE_CATEGORY_USAGE,  /* same call, same answer */
    STORE_CATEGORY_LIMIT,  /* try again later */
    STORE_CATEGORY_SYSTEM, /* memory, disk: try again when it is mended */
    STORE_CATEGORY_OPEN,   /* only from store_open */
};

const char *store_err_text(enum store_err err);
const char *store_err_name(enum store_err err);
enum store_err_category store_err_category(enum store_err err);

/*
 * Opening and closing.
 */
struct store_options {
    const char *dir;              /* created 0700 when missing; files 0600 */
    const char *master_key_file;  /* NULL: "master.key" in dir, made when the
                                    database is new; 32 raw bytes or 64 hex */
    const char *vfs;              /* SQLite VFS name; NULL: default. Tests */
    int64_t (*now_ms)(void *arg); /* wall clock, unix ms; NULL: system's */
    void *now_arg;
    void (*on_trouble)(void *arg, enum store_err err, const char *detail);
    void *on_trouble_arg; /* told on the loop's thread when writing
                                    begins to fail, and with STORE_OK when it
                                    works again */
};

/**
 * store_open(loop, options, store, why):
 * Open or create the database in ${options->dir}, run migrations, start the
 * store thread. Blocking; for start-up.
 *
 *   why      256 bytes; on error, one line that says what to do next
 *   errors   category OPEN, STORE_EINVAL, STORE_ENOMEM, STORE_EIO,
 *            STORE_EFULL. The database is left exactly as it was
 */
STORE_MUST_USE enum store_err store_open(struct ev_loop *loop,
                                         const struct store_options *options,
                                         struct store **store, char *why);

/**
 * store_close(store):
 * Finish every request that was made (completions run before it returns),
 * checkpoint, close. NULL is fine.
 */
void store_close(struct store *store);

/** store_hand_over(store): give the requests gathered so far to the thread. */
void store_hand_over(struct store *store);

/*
 * Completions. ${err} is STORE_OK or the reason; the answer is valid during
 * the call only and is NULL (or n is 0) when ${err} is not STORE_OK.
 * Every operation returns STORE_OK when the completion will come, else
 * STORE_EINVAL, STORE_EBUSY, STORE_ENOMEM or STORE_ECLOSED at once and no
 * completion. All inputs are copied. A completion may be NULL.
 */
typedef void store_done_fn(void *arg, enum store_err err);

/*
 * Enrollments.
 */

/* NanoMDM's names. X(name, text, is a user channel) */
#define STORE_KINDS(X)                                           \
    X(DEVICE, "Device", false)                                   \
    X(USER, "User", true)                                        \
    X(SHARED_IPAD, "Shared iPad", true)                          \
    X(USER_ENROLLMENT_DEVICE, "User Enrollment (Device)", false) \
    X(USER_ENROLLMENT, "User Enrollment", true)

enum store_kind {
#define X(name, text, is_user) STORE_KIND_##name,
    STORE_KINDS(X)
#undef X
    STORE_N_KINDS
};

/** store_kind_text(kind): NanoMDM's word; static. */
const char *store_kind_text(enum store_kind kind);
/** store_kind_is_user(kind): one that belongs to a device channel. */
bool store_kind_is_user(enum store_kind kind);
/** store_kind_read(text, kind): false when it is none of them. */
STORE_MUST_USE bool store_kind_read(const char *text, enum store_kind *kind);

/* Only enabled ones are pushed. X(name, text) */
#define STORE_STATES(X)                                                    \
    X(ENABLED, "enabled")   /* has a token that APNs did not refuse */     \
    X(DISABLED, "disabled") /* Authenticate or CheckOut came last */       \
    X(DEAD, "dead")         /* APNs said 410 after the last TokenUpdate */ \
    X(SUSPECT, "suspect")   /* APNs refused the token with 400 */

enum store_state {
#define X(name, text) STORE_STATE_##name,
    STORE_STATES(X)
#undef X
    STORE_N_STATES
};

const char *store_state_text(enum store_state state);
STORE_MUST_USE bool store_state_read(const char *text, enum store_state *state);

/* The last push of an enrollment. */
struct store_last_push {
    int64_t at_ms;         /* when it was submitted; 0: never pushed */
    uint16_t status;       /* HTTP status; 0: no answer */
    const char *reason;    /* "" when accepted */
    const char *apns_id;   /* "" when APNs sent none */
    int64_t not_before_ms; /* APNs wants no other one before; 0: any time */
};

/* The wake that waits for an enrollment. */
struct store_wake_state {
    bool exists;
    int64_t asked_at_ms;
    int64_t due_ms;
    int64_t deadline_ms;
    uint32_t attempt;  /* pushes made for it so far */
    uint8_t until;     /* enum store_until */
    bool is_claimed;   /* a push is in flight */
    bool is_undecided; /* see STORE_EFFECT_UNDECIDED; due at the deadline */
};

struct store_enrollment {
    const char *id;
    enum store_kind kind;
    const char *parent; /* id of the device channel; "" when it is one */
    const char *serial; /* "" when unknown */
    const char *topic;  /* "" before the first TokenUpdate */
    const uint8_t *token;
    size_t token_len; /* 0 before the first TokenUpdate */
    const char *magic;
    enum store_state state;
    int64_t token_at_ms; /* last TokenUpdate; 0: none, or not known */
    uint32_t tally;      /* TokenUpdates since the last Authenticate */
    int64_t seen_at_ms;  /* last check-in of any sort; 0: never */
    /* Filled in by the store on reading, ignored on writing. */
    struct store_last_push last_push;
    struct store_wake_state wake;
    const char *group;  /* path of its group; "": it has none. Written by
                           store_enrollment_import alone */
    bool is_mismatched; /* its group's topic is another one */
};

/* What a device told its MDM server. */
enum store_checkin_type {
    STORE_CHECKIN_AUTHENTICATE, /* disables it and its users until the next
                                   TokenUpdate; tally 0; drops their wakes */
    STORE_CHECKIN_TOKEN_UPDATE, /* upserts and revives; tally + 1; due wakes
                                   of a dead or suspect one become due now */
    STORE_CHECKIN_CHECK_OUT,    /* disables it (a device: and its users) */
    STORE_CHECKIN_SEEN,         /* anything else; unknown ids are no error */
};

/*
 * Check-ins may come late, twice and in the wrong order. One that is older
 * than what is stored changes nothing but seen_at, and equal times are
 * applied, with two exceptions. An Authenticate that is stamped before, or up
 * to a minute after, the stored TokenUpdate, or comes up to a minute after it,
 * disables nothing: it gives its serial number, ends the user channels that
 * are older than itself, and the tally begins there. And a TokenUpdate is not
 * too old for an Authenticate that is stamped up to a minute after it.
 *
 * One that is replayed was read from a server's storage, and when the device
 * sent it is not known: its token is stored without a time and is not a
 * sighting; an Authenticate gives its serial number; a token that is stored
 * already, or that came from the device within the last minute, changes
 * nothing.
 */
struct store_checkin {
    enum store_checkin_type type;
    int64_t at_ms;    /* when the device sent it; 0: now */
    bool is_replayed; /* at_ms means nothing then */
    uint32_t tally;   /* TokenUpdate: as the MDM server counts; 0: not told */
    const char *id;
    enum store_kind kind;
    const char *parent;   /* "" for device channels */
    const char *serial;   /* "" keeps what is stored */
    const char *topic;    /* TokenUpdate, Authenticate */
    const uint8_t *token; /* TokenUpdate */
    size_t token_len;
    const char *magic; /* TokenUpdate */
};

struct store_checkin_answer {
    bool is_known;   /* the enrollment existed before */
    bool is_applied; /* false: older than what is stored, or unknown */
    uint32_t tally;  /* after it */
    bool is_changed; /* TokenUpdate: topic, token or magic differ */
};

typedef void store_checkin_fn(void *arg, enum store_err err,
                              const struct store_checkin_answer *answer);

STORE_MUST_USE enum store_err store_checkin(struct store *store,
                                            const struct store_checkin *checkin,
                                            store_checkin_fn *done, void *arg);

/**
 * store_enrollment_put(store, enrollments, n, done, arg):
 * Create or replace ${n} <= STORE_MAX_BATCH enrollments as given (bulk import
 * and PUT): all or none. Enabled means that a push can be sent: one that lacks
 * topic, token or magic is stored as disabled. One that is not enabled any
 * more loses its wake. For the order of check-ins it counts as sent at
 * token_at_ms.
 */
STORE_MUST_USE enum store_err
store_enrollment_put(struct store *store,
                     const struct store_enrollment *enrollments, size_t n,
                     store_done_fn *done, void *arg);

/* A page of enrollments; ${next} is the cursor after it, 0 at the end. */
typedef void store_enrollments_fn(void *arg, enum store_err err,
                                  const struct store_enrollment *enrollments,
                                  size_t n, int64_t next);

/**
 * store_enrollment_get(store, ids, n, done, arg):
 * The known ones among ${ids}, in the order of ${ids}; unknown ones are left
 * out, an id given twice comes twice.
 */
STORE_MUST_USE enum store_err
store_enrollment_get(struct store *store, const char *const *ids, size_t n,
                     store_enrollments_fn *done, void *arg);

/* Which enrollments are meant. Zero or NULL fields do not restrict. */
struct store_filter {
    const char *topic;
    const char *parent;
    const char *serial;
    uint32_t kinds;         /* bit per enum store_kind; 0: all */
    uint32_t states;        /* bit per enum store_state; 0: all */
    int64_t seen_before_ms; /* not seen since then; 0: no matter */
    const char *group;      /* path: it and those below it */
};

/**
 * store_enrollment_list(store, filter, after, limit, done, arg):
 * Up to ${limit} <= STORE_MAX_BATCH enrollments behind cursor ${after} (0:
 * from the beginning), in the order in which they were created. A page may be
 * short or empty and still have a next one: a request looks at a bounded
 * number of rows (not so with parent or serial, which are indexed).
 */
STORE_MUST_USE enum store_err
store_enrollment_list(struct store *store, const struct store_filter *filter,
                      int64_t after, size_t limit, store_enrollments_fn *done,
                      void *arg);

/*
 * What a caller may reach: enrollments of this topic, in this group or below
 * it; NULL or "" does not restrict. One beyond it fares like an unknown one,
 * decided by what is stored when the request takes effect. A NULL scope is
 * everything.
 */
struct store_scope {
    const char *topic;
    const char *group; /* path */
};

typedef void store_count_fn(void *arg, enum store_err err, int64_t count);

STORE_MUST_USE enum store_err
store_enrollment_count(struct store *store, const struct store_filter *filter,
                       store_count_fn *done, void *arg);

/** store_enrollment_delete: with their wakes; counts those that existed. */
STORE_MUST_USE enum store_err
store_enrollment_delete(struct store *store, const char *const *ids, size_t n,
                        const struct store_scope *scope, store_count_fn *done,
                        void *arg);

/*
 * Due pushes: what a claim hands out. A batch belongs to whoever gets it and
 * must be freed; it is bounded by the claim's max.
 */
struct store_due {
    int64_t row;       /* names the enrollment in the settle */
    int64_t wave;      /* the wave it comes from; 0: a single wake */
    const char *id;    /* only from store_wake_ask; else NULL */
    const char *topic; /* interned: equal pointers within a batch */
    const uint8_t *token;
    uint16_t token_len;
    const char *magic;
    uint32_t tally;   /* version of the token, see settle */
    uint32_t attempt; /* pushes made before this one */
    int64_t ask_no;   /* the newest ask when it was handed out: it serves
                            all up to that one */
    bool again;       /* the push before it ended in a stale 410 */
    int64_t token_at_ms;
    int64_t asked_at_ms;
    int64_t deadline_ms;
};

struct store_batch {
    size_t n;
    struct store_due *due;
    void *memory; /* everything that due points to */
};

/** store_batch_free(batch): NULL is fine. */
void store_batch_free(struct store_batch *batch);

/*
 * One device, one push.
 *
 * Asks, for wakes and for waves, are numbered in the order in which they are
 * stored. A push serves every ask up to the number that it carries: that of
 * the newest ask when it was handed out, or a newer one that was completed
 * before the push was submitted. The numbers, and no clock, tell what was
 * pushed since an ask.
 *
 * An enrollment has at most one push in flight and at most one wake that
 * waits. Who asks for one that waits joins it, wakes and waves alike; what
 * was asked before a push is served by it, what was asked after it gets one
 * more, together. Whatever ends the wake ends it for all that joined, and
 * every wave counts it.
 *
 * Nobody's ask cuts the pause short that APNs asked for (429). A person's
 * ask cuts a wait after trouble (5xx, no answer) short, a wave joins it.
 */

/*
 * Wakes.
 */
enum store_until {
    STORE_UNTIL_ACCEPTED, /* ends with APNs' 200 */
    STORE_UNTIL_CHECK_IN, /* ends when the enrollment is seen */
};

struct store_wake_terms {
    enum store_until until;
    int64_t due_ms;      /* 0: now */
    int64_t deadline_ms; /* after it the wake ends, "deadline" */
    bool is_claimed_now; /* hand out those that are due and not in flight
                               with the completion: one disk write less */
    struct store_scope scope;
};

enum store_asked {
    STORE_ASKED_UNKNOWN,    /* no such enrollment */
    STORE_ASKED_UNPUSHABLE, /* disabled, dead, suspect or without a token:
                               see state; nothing was stored */
    STORE_ASKED_NEW,
    STORE_ASKED_MERGED,    /* one waited already: earliest due, furthest
                               deadline, strongest until; when its push is in
                               flight there is another one after it, unless
                               that was submitted after this ask */
    STORE_ASKED_UNDECIDED, /* likewise, but it is undecided: no push comes
                               before its certificate is proven */
};

struct store_wake_answer {
    enum store_asked asked;
    enum store_state state; /* of the enrollment, unless UNKNOWN */
    int64_t row;            /* as in store_due; 0 when UNKNOWN */
    int64_t ask_no;         /* of this ask; 0 when nothing was stored */
    int64_t not_before_ms;  /* APNs asked for a pause until then; 0: none */
    bool is_claimed;        /* a push was handed out before the ask */
};

/**
 * ${answers} holds one per id, in order. ${batch} (NULL unless
 * is_claimed_now) goes to the callee.
 */
typedef void store_wake_fn(void *arg, enum store_err err,
                           const struct store_wake_answer *answers, size_t n,
                           struct store_batch *batch);

STORE_MUST_USE enum store_err
store_wake_ask(struct store *store, const char *const *ids, size_t n,
               const struct store_wake_terms *terms, store_wake_fn *done,
               void *arg);

/* ${batch} goes to the callee; ${is_more}: max was reached. */
typedef void store_claim_fn(void *arg, enum store_err err,
                            struct store_batch *batch, bool is_more);

/**
 * store_wake_claim(store, now_ms, held, n_held, max, done, arg):
 * Take up to ${max} <= STORE_MAX_BATCH wakes that are due at ${now_ms}, are
 * not claimed and whose topic is not among ${held}; mark them claimed. A
 * claim ends with a settle or when the store is opened again.
 */
STORE_MUST_USE enum store_err
store_wake_claim(struct store *store, int64_t now_ms, const char *const *held,
                 size_t n_held, size_t max, store_claim_fn *done, void *arg);

/**
 * store_wake_next(store, held, n_held, done, arg):
 * When the earliest unclaimed wake of a topic that is not held is due (unix
 * ms); -1: there is none.
 */
STORE_MUST_USE enum store_err store_wake_next(struct store *store,
                                              const char *const *held,
                                              size_t n_held,
                                              store_count_fn *done, void *arg);

/** store_wake_cancel: unclaimed wakes of these ids end; counts them. */
STORE_MUST_USE enum store_err
store_wake_cancel(struct store *store, const char *const *ids, size_t n,
                  const struct store_scope *scope, store_count_fn *done,
                  void *arg);

/**
 * store_wake_follow_clock(store, done, arg):
 * The clock was set back, or may have been: unclaimed and claimed wakes that
 * it would make wait longer than they were meant to (store_settled.wait_ms)
 * wait for as long as that from now. What was asked for a certain hour keeps
 * it.
 */
STORE_MUST_USE enum store_err
store_wake_follow_clock(struct store *store, store_done_fn *done, void *arg);

/**
 * store_wake_release(store, topic, now_ms, done, arg):
 * The identity of ${topic} is mended: its unclaimed wakes whose last settle
 * was WAIT become due at ${now_ms}; those that back off keep their time.
 */
STORE_MUST_USE enum store_err
store_wake_release(struct store *store, const char *topic, int64_t now_ms,
                   store_done_fn *done, void *arg);

/**
 * store_wake_probe(store, topic, is_any, max, chance, done, arg):
 * As store_wake_claim, up to ${max} of those wakes of ${topic} whose last
 * settle was WAIT; with ${is_any} (a wave waits, too) of all its enabled
 * enrollments. They are from different places of the fleet; ${chance}, evenly
 * over all values, says which. Undecided ones are not among them: their
 * tokens were refused already.
 */
STORE_MUST_USE enum store_err store_wake_probe(struct store *store,
                                               const char *topic, bool is_any,
                                               size_t max, uint32_t chance,
                                               store_claim_fn *done, void *arg);

/**
 * store_undecided_mark(store, topic, max, done, arg):
 * The certificate of ${topic} is proven: up to ${max} <= STORE_MAX_BATCH of
 * its undecided wakes end, their enrollments are suspect. Counts them; when
 * there are ${max}, there may be more.
 */
STORE_MUST_USE enum store_err
store_undecided_mark(struct store *store, const char *topic, size_t max,
                     store_count_fn *done, void *arg);

/*
 * What a push's end does to the durable state.
 *
 *   ACCEPTED  the wake ends, unless until=check-in
 *   DEAD      if the tally is the same, and token_at <= died_at or died_at is
 *             not known: state dead, the wake ends; else the token is newer:
 *             due now, once (when again is set: the wake ends, and the
 *             enrollment stays, unless its token is more than a day old: then
 *             it is dead as well)
 *   SUSPECT   if the tally is the same: state suspect, the wake ends; else
 *             due now
 *   UNDECIDED if the tally is the same: the wake stays, but is not due before
 *             its deadline. It becomes SUSPECT by store_undecided_mark; and
 *             due now with another token, certificate or host. Else due now
 *   RETRY     due at due_ms, attempt + 1; past the deadline it ends as expired
 *   WAIT      as RETRY, but the attempt does not count: the identity is
 *             missing or stopped
 *   DROPPED   the wake ends: our own request was wrong
 *
 * X(name, counter's text)
 */
#define STORE_EFFECTS(X)      \
    X(ACCEPTED, "accepted")   \
    X(DEAD, "dead")           \
    X(SUSPECT, "suspect")     \
    X(UNDECIDED, "undecided") \
    X(RETRY, "retry")         \
    X(WAIT, "wait")           \
    X(DROPPED, "dropped")

enum store_effect {
#define X(name, text) STORE_EFFECT_##name,
    STORE_EFFECTS(X)
#undef X
    STORE_N_EFFECTS
};

struct store_settled {
    int64_t row;
    int64_t wave;   /* as claimed */
    uint32_t tally; /* as claimed */
    int64_t ask_no; /* as claimed, or of a newer ask that was completed
                               before the push was submitted */
    enum store_effect effect;
    bool again;           /* this push was the one after a stale 410 */
    int64_t pushed_at_ms; /* when it was submitted; 0: never was (WAIT) */
    int64_t due_ms;       /* RETRY, WAIT */
    int64_t wait_ms;      /* RETRY, WAIT: how long that is from the push's
                               end; 0: not bounded */
    int64_t pause_ms;     /* RETRY: of wait_ms, what APNs asked for: nobody's
                               ask makes it shorter */
    int64_t deadline_ms;  /* as claimed: of a wave's push that turns into a
                               single wake */
    int64_t died_at_ms;   /* DEAD: Apple's timestamp; 0: not known */
    uint16_t status;
    const char *reason;
    const char *apns_id;
};

struct store_settle_answer {
    bool is_wave_over; /* a wave is done with what was settled */
    bool is_wake_due;  /* a wake is due at once */
};

typedef void store_settle_fn(void *arg, enum store_err err,
                             const struct store_settle_answer *answer);

/**
 * store_settle(store, settled, n, done, arg):
 * End the claims of ${n} <= STORE_MAX_BATCH pushes and write their last
 * push. A wave's push that must be retried or wait becomes a wake that the
 * wave waits for. A wake that was asked for after the push (its ask_no is
 * higher) is due now; only RETRY and WAIT keep due_ms: that push serves the
 * newer ask, and a back-off holds. A push whose wake ended in flight
 * (check-out, delete) changes nothing but the last push. With until=check-in
 * ACCEPTED goes on at due_ms when that is set and not past the deadline.
 */
STORE_MUST_USE enum store_err store_settle(struct store *store,
                                           const struct store_settled *settled,
                                           size_t n, store_settle_fn *done,
                                           void *arg);

/*
 * Waves.
 */
/* X(name, text) */
#define STORE_WAVE_STATES(X)                                            \
    X(RUNNING, "running")   /* the cursor walks */                      \
    X(SETTLING, "settling") /* the walk is over, single wakes remain */ \
    X(DONE, "done")                                                     \
    X(CANCELLED, "cancelled")

enum store_wave_state {
#define X(name, text) STORE_WAVE_##name,
    STORE_WAVE_STATES(X)
#undef X
    STORE_N_WAVE_STATES
};

const char *store_wave_state_text(enum store_wave_state state);

struct store_wave {
    int64_t id;     /* given by the store */
    int64_t ask_no; /* likewise */
    enum store_wave_state state;
    struct store_filter filter;
    enum store_until until;
    uint32_t pace; /* pushes/s; 0: unlimited */
    int64_t asked_at_ms;
    int64_t deadline_ms;
    const char *asked_by;
    int64_t ended_at_ms; /* 0: not yet */
    int64_t cursor;      /* all before it are settled or became wakes */
    uint32_t round;
    /* Counters. At any time
       n_total = accepted + dead + suspect + dropped + expired + cancelled +
       skipped + waiting + what is in flight or not reached yet, and in the
       end nothing waits. What is counted behind the cursor is not on the disk
       yet: a crash forgets it, and the wave looks at it again. */
    int64_t n_total; /* matching and enabled when asked; those that came to
                               match before their turn add to it */
    int64_t n_accepted;
    int64_t n_dead;
    int64_t n_suspect;
    int64_t n_dropped;
    int64_t n_expired; /* its deadline passed first */
    int64_t n_cancelled;
    int64_t n_skipped; /* no longer enabled when its turn came, or the wake
                               was ended by a check-out */
    int64_t n_waiting; /* wakes that this wave waits for */
};

typedef void store_waves_fn(void *arg, enum store_err err,
                            const struct store_wave *waves, size_t n,
                            int64_t next);

/**
 * store_wave_ask(store, wave, done, arg):
 * Store the wish as ONE row; only filter, until, pace, deadline_ms and
 * asked_by are read. The completion gets the one wave as stored. States in
 * the filter other than enabled match nothing: only enabled ones are pushed.
 * STORE_ENOTFOUND: the filter names a group that there is not.
 */
STORE_MUST_USE enum store_err store_wave_ask(struct store *store,
                                             const struct store_wave *wave,
                                             store_waves_fn *done, void *arg);

/* What follows a page. */
struct store_page {
    int64_t next;    /* the cursor after it; 0 at the end, unless blocked */
    bool is_blocked; /* a push is in flight behind it: ask again when some
                        settle was completed */
};

/* As store_claim_fn. */
typedef void store_page_fn(void *arg, enum store_err err,
                           struct store_batch *batch,
                           const struct store_page *page);

/**
 * store_wave_claim(store, wave, after, max, done, arg):
 * The next page of the running wave ${wave} behind row ${after}. Matching
 * enabled enrollments are handed out and claimed, but for those
 *   - with a push in flight: the page ends before it,
 *   - that were pushed after the ask: they count as what that came to,
 *   - with a wake that waits: the wave joins it,
 *   - where APNs asked for a pause: they get a wake that waits for its end.
 * A page may be empty and still have a next: a bounded number of rows is
 * looked at. Enrollments made after the ask are not meant. A claim ends with
 * the settle, with the wave's cancel or when the store is opened again.
 *
 *   errors   STORE_ENOTFOUND, STORE_ECONFLICT (not running any more),
 *            STORE_EBUSY (too many pages are not passed)
 */
STORE_MUST_USE enum store_err store_wave_claim(struct store *store,
                                               int64_t wave, int64_t after,
                                               size_t max, store_page_fn *done,
                                               void *arg);

/**
 * store_wave_pass(store, wave, cursor, is_end, done, arg):
 * All up to ${cursor} is settled: move the durable cursor (never back); with
 * ${is_end} the walk is over: settling, or done when nothing waits. Whatever
 * of n_total is not accounted for then was skipped; or expired when the walk
 * stopped before its end and the deadline has passed.
 */
STORE_MUST_USE enum store_err store_wave_pass(struct store *store, int64_t wave,
                                              int64_t cursor, bool is_end,
                                              store_done_fn *done, void *arg);

/** store_wave_cancel: wakes that only it waits for end too, but for those
 *  that were also asked for by themselves. What is in flight counts as
 *  cancelled until its settle says what it became. ECONFLICT when it is
 *  over. */
STORE_MUST_USE enum store_err store_wave_cancel(struct store *store,
                                                int64_t wave,
                                                store_done_fn *done, void *arg);

/** store_wave_get: one wave, or STORE_ENOTFOUND. */
STORE_MUST_USE enum store_err store_wave_get(struct store *store, int64_t wave,
                                             store_waves_fn *done, void *arg);

/**
 * store_wave_list(store, only_open, before, limit, done, arg):
 * Newest first, with ids below ${before} (0: from the newest).
 */
STORE_MUST_USE enum store_err store_wave_list(struct store *store,
                                              bool only_open, int64_t before,
                                              size_t limit,
                                              store_waves_fn *done, void *arg);

/*
 * Identities: certificate in clear, private key sealed.
 */
struct store_identity {
    const char *topic;
    const char *cert_pem;
    const char *key_pem; /* in clear here; cleansed by the store after the
                               completion. NULL in lists made without keys;
                               "" when it is lost */
    const char *sha256;  /* of the certificate, lower-case hex */
    const char *serial;
    const char *subject;
    const char *issuer;
    int64_t not_before_unix;
    int64_t not_after_unix;
    int64_t imported_at_ms;
    const char *imported_by;
    const char *apple_account; /* "" when not recorded */
    const char *note;
    int64_t retired_at_ms;   /* history only; 0: the current one */
    const char *retired_why; /* "renewed", "removed", "refused", … */
    const char *spki_sha256; /* of the public key; "" when not known */
    /* Filled in by the store on reading, ignored on writing. */
    const char *replaced; /* sha256 of the one whose place it took; "" */
    int64_t taken_at_ms;  /* when APNs first let it in; 0: not yet */
    int64_t tested_at_ms; /* the last test push; 0: none */
    bool is_test_ok;
    const char *test_text; /* how it ended, for people */
    uint32_t marks;        /* bits, meaning known to the engine */
    bool is_key_lost;      /* with a master key, see store_lost.h */
    const char *host;      /* of APNs, under which it was used last; "" */
    int64_t proven_at_ms;  /* when that host first answered 200; 0: not yet */
    uint32_t n_undecided;  /* in force: wakes that are, of its topic; and */
    const char *undecided_reason; /* what most were refused with; NULL */
};

/* What must hold, and what else is done, when a certificate takes effect:
   all of it in one transaction. */
struct store_identity_terms {
    const char *expected_sha256; /* of the one in force, "" none; NULL: no
                                    matter. Another one: STORE_ECONFLICT */
    const char *replace_topic;   /* this topic's identity is given up */
    const char *request_name;    /* this request is fulfilled and goes */
};

typedef void store_identities_fn(void *arg, enum store_err err,
                                 const struct store_identity *identities,
                                 size_t n);

/**
 * store_identity_put(store, identity, done, arg):
 * Make it the current one of its topic; the one before goes to the history
 * ("renewed"). The same certificate again changes nothing but note and
 * account (its row of the history keeps the one of its import; "" changes
 * none), and brings its key back where that was lost. Another account than
 * before is told in the audit log, with both. The undecided wakes of the topic
 * are due now, here and below.
 */
STORE_MUST_USE enum store_err
store_identity_put(struct store *store, const struct store_identity *identity,
                   store_done_fn *done, void *arg);

/** store_identity_renew: as store_identity_put, on these terms. */
STORE_MUST_USE enum store_err
store_identity_renew(struct store *store, const struct store_identity *identity,
                     const struct store_identity_terms *terms,
                     store_done_fn *done, void *arg);

/**
 * store_identity_again(store, topic, sha256, why, done, arg):
 * Put a certificate of the history in force again; the one in force goes to
 * the history with ${why}. Who imported it and when stays as it was.
 *
 *   errors   STORE_ENOTFOUND; STORE_ECONFLICT: it is in force
 */
STORE_MUST_USE enum store_err
store_identity_again(struct store *store, const char *topic, const char *sha256,
                     const char *why, store_done_fn *done, void *arg);

/* What was learnt of a certificate. */
struct store_identity_mark {
    const char *topic;
    const char *sha256;
    int64_t taken_at_ms;  /* the first one stays; 0: nothing to say */
    const char *host;     /* it is used with this host now; NULL: nothing to
                             say. Another one than before: it is not proven,
                             and what is undecided is due now */
    int64_t proven_at_ms; /* as taken_at_ms, with that host */
    uint32_t clear;       /* marks that no longer hold, */
    uint32_t set;         /* and those that do now */
    int64_t tested_at_ms; /* 0: no test; else */
    bool is_test_ok;
    const char *test_text; /* at most STORE_MAX_NOTE bytes */
};

/** store_identity_learn: STORE_ENOTFOUND when it was never held. */
STORE_MUST_USE enum store_err
store_identity_learn(struct store *store,
                     const struct store_identity_mark *mark,
                     store_done_fn *done, void *arg);

/** store_identity_list: every current one; ${topic} NULL: all. */
STORE_MUST_USE enum store_err
store_identity_list(struct store *store, const char *topic, bool with_keys,
                    store_identities_fn *done, void *arg);

/** store_identity_history: every certificate ever held, newest first. */
STORE_MUST_USE enum store_err store_identity_history(struct store *store,
                                                     const char *topic,
                                                     store_identities_fn *done,
                                                     void *arg);

/**
 * store_identity_held(store, topic, sha256, done, arg):
 * One certificate of the history with its key, so that it can be put again
 * (a revert); or STORE_ENOTFOUND.
 */
STORE_MUST_USE enum store_err
store_identity_held(struct store *store, const char *topic, const char *sha256,
                    store_identities_fn *done, void *arg);

/** store_identity_remove: into the history with ${why}; or ENOTFOUND. */
STORE_MUST_USE enum store_err
store_identity_remove(struct store *store, const char *topic, const char *why,
                      store_done_fn *done, void *arg);

/*
 * Requests for push certificates that Apple has not answered yet: the private
 * key sealed, the CSR and what goes to Apple's portal in clear.
 */
#define STORE_MAX_UPLOAD ((size_t)1 << 20) /* bytes */

struct store_csr {
    const char *name;  /* unique, at most STORE_MAX_NAME bytes */
    const char *topic; /* that it is to renew; "" for a new identity */
    const char *csr_pem;
    const char *spki_sha256;   /* unique */
    const char *key_pem;       /* NULL in lists made without keys */
    const char *upload;        /* signed, for Apple's portal; "" not yet */
    const char *mail_cert_pem; /* mdmcert.download's reply is encrypted for
                                  it; "" without */
    const char *mail_key_pem;  /* sealed as well; NULL as key_pem, or "" */
    int64_t created_at_ms;     /* 0: now */
    const char *created_by;
};

typedef void store_csrs_fn(void *arg, enum store_err err,
                           const struct store_csr *csrs, size_t n);

/** store_csr_put: STORE_ECONFLICT when the name or the key is taken. */
STORE_MUST_USE enum store_err store_csr_put(struct store *store,
                                            const struct store_csr *csr,
                                            store_done_fn *done, void *arg);

/** store_csr_sign: ${upload} is what goes to the portal; or ENOTFOUND. */
STORE_MUST_USE enum store_err store_csr_sign(struct store *store,
                                             const char *name,
                                             const char *upload,
                                             store_done_fn *done, void *arg);

/** store_csr_list: oldest first; ${name} NULL: all. */
STORE_MUST_USE enum store_err store_csr_list(struct store *store,
                                             const char *name, bool with_keys,
                                             store_csrs_fn *done, void *arg);

/** store_csr_delete: with its key; or STORE_ENOTFOUND. */
STORE_MUST_USE enum store_err store_csr_delete(struct store *store,
                                               const char *name,
                                               store_done_fn *done, void *arg);

/* Where a private key was found. */
struct store_found_key {
    const char *key_pem;
    const char *request; /* name of the request; or NULL and */
    const char *topic;   /* of a certificate that is or was held */
};

typedef void store_found_key_fn(void *arg, enum store_err err,
                                const struct store_found_key *found);

/**
 * store_csr_find_key(store, spki_sha256, done, arg):
 * The private key of this public key: of a request, else of a certificate
 * ever held; or STORE_ENOTFOUND.
 */
STORE_MUST_USE enum store_err store_csr_find_key(struct store *store,
                                                 const char *spki_sha256,
                                                 store_found_key_fn *done,
                                                 void *arg);

/*
 * The MDM vendor's certificate, chain and key, at most one.
 */
struct store_vendor {
    const char *cert_pem;
    const char *chain_pem; /* its issuers, glued; "" */
    const char *key_pem;   /* sealed; NULL when read without */
    const char *sha256;    /* of the certificate */
    int64_t put_at_ms;     /* 0: now */
    const char *put_by;
};

typedef void store_vendor_fn(void *arg, enum store_err err,
                             const struct store_vendor *vendor);

STORE_MUST_USE enum store_err
store_vendor_put(struct store *store, const struct store_vendor *vendor,
                 store_done_fn *done, void *arg);
/** store_vendor_get: or STORE_ENOTFOUND. */
STORE_MUST_USE enum store_err store_vendor_get(struct store *store,
                                               bool with_key,
                                               store_vendor_fn *done,
                                               void *arg);
/** store_vendor_delete: or STORE_ENOTFOUND. */
STORE_MUST_USE enum store_err
store_vendor_delete(struct store *store, store_done_fn *done, void *arg);

/**
 * store_rotate_key(store, done, arg):
 * Make a new master key and seal everything under it; ${count} keys were
 * sealed anew. The new key is written beside the old one first (".new"), then
 * all rows change in one transaction, then it takes the old one's name: a
 * crash at any point leaves one that store_open finds and that works.
 *
 *   errors   STORE_EDIR  the key's directory cannot be written: nothing
 *            was changed; SYSTEM
 */
STORE_MUST_USE enum store_err store_rotate_key(struct store *store,
                                               store_count_fn *done, void *arg);

/*
 * API keys. The secret itself never comes here: only its SHA-256.
 */
struct store_key {
    int64_t id; /* given by the store */
    const char *name;
    uint8_t hash[32];  /* SHA-256 of the secret */
    uint32_t verbs;    /* bits, meaning known to the API */
    const char *topic; /* "" for all topics */
    const char *group; /* path: it and those below it; "" or NULL: all */
    int64_t created_at_ms;
    int64_t revoked_at_ms; /* 0: in force */
};

typedef void store_keys_fn(void *arg, enum store_err err,
                           const struct store_key *keys, size_t n,
                           int64_t next);

/** store_key_put: the completion gets the one key as stored. */
STORE_MUST_USE enum store_err store_key_put(struct store *store,
                                            const struct store_key *key,
                                            store_keys_fn *done, void *arg);

/** store_key_list: up to ${limit} <= STORE_MAX_BATCH, oldest first, behind
 *  the id ${after}; ${next} is 0 at the end. */
STORE_MUST_USE enum store_err store_key_list(struct store *store,
                                             bool only_in_force, int64_t after,
                                             size_t limit, store_keys_fn *done,
                                             void *arg);

/** store_key_revoke: ENOTFOUND; revoking twice is fine. Of those revoked the
 *  newest STORE_MAX_REVOKED are kept. */
STORE_MUST_USE enum store_err store_key_revoke(struct store *store, int64_t id,
                                               store_done_fn *done, void *arg);

/*
 * Events: the audit log, bounded to STORE_MAX_EVENTS (the oldest go).
 */
struct store_event {
    int64_t id;          /* given by the store, rising */
    int64_t at_ms;       /* 0: now */
    const char *kind;    /* "pushcert.imported", "enrollment.dead", … */
    const char *subject; /* what it is about: a topic, an id */
    const char *actor;   /* who did it; "rouse" for itself */
    const char *detail;  /* one line for people, or JSON; may be "" */
};

typedef void store_events_fn(void *arg, enum store_err err,
                             const struct store_event *events, size_t n);

STORE_MUST_USE enum store_err store_event_add(struct store *store,
                                              const struct store_event *event,
                                              store_done_fn *done, void *arg);

/** store_event_list: oldest first, ids above ${after}. */
STORE_MUST_USE enum store_err store_event_list(struct store *store,
                                               int64_t after, size_t limit,
                                               store_events_fn *done,
                                               void *arg);

/*
 * Numbers.
 */
struct store_topic_count {
    const char *topic;
    int64_t n[STORE_N_STATES]; /* enrollments by state */
    int64_t n_wakes;
};

struct store_stats {
    const struct store_topic_count *topics;
    size_t n_topics;
    int64_t n_enrollments;
    int64_t n_wakes;
    int64_t oldest_due_ms; /* of unclaimed wakes; 0: none waits */
    int64_t n_open_waves;
    int64_t db_bytes;
    /* Since opening. */
    uint64_t n_commits;
    uint64_t n_requests;
    uint64_t commit_us_sum;
    uint64_t commit_us_max;
    bool is_failing; /* the last write failed */
};

typedef void store_stats_fn(void *arg, enum store_err err,
                            const struct store_stats *stats);

/** store_stats_get: kept by triggers or counters, never a table scan of
 *  more than the topics, so that /metrics stays cheap. */
STORE_MUST_USE enum store_err store_stats_get(struct store *store,
                                              store_stats_fn *done, void *arg);

#include "store/backup/store_backup.h"
#include "store/enrollment/store_group.h"
#include "store/log/store_alert.h"
#include "store/secret/store_lost.h"

#endif /* STORE_STORE_H */
