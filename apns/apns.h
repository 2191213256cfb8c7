/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_APNS_H
#define ROUSE_APNS_H

/*
 * The APNs client: identities in, pushes in, results out.
 *
 * A client lives on one libev loop and on that loop's thread. It holds MDM
 * push certificates ("identities", one per topic), keeps a pool of HTTP/2
 * connections to APNs for each, and turns every submitted push into exactly
 * one result. It knows no database and no HTTP API; installed as
 * <rouse/apns.h>, it is useful alone.
 *
 * The client starts watchers on the loop but never runs or breaks it. It
 * prints nothing, exits never, installs no signal handlers and calls no
 * callback from inside the function that asked for it. The exception is a bug
 * of ours or a call that its contract forbids: that prints file and line to
 * stderr and aborts, since going on would lose pushes.
 *
 * Threads and lifetimes. Any number of clients may share a loop, and loops may
 * run in different threads; one client is used on its loop's thread alone. The
 * loop outlives its clients. Every callback may call every function here, for
 * its own client too: submit, put, remove, drain and apns_client_free. After
 * fork() the child leaves the client alone, apns_client_free included: the
 * sockets are the parent's, and a close_notify would end its connections.
 * Link with -lrouse -lev (pkg-config rouse).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define APNS_API      __attribute__((visibility("default")))
#define APNS_MUST_USE __attribute__((warn_unused_result))
#else
#define APNS_API
#define APNS_MUST_USE
#endif

struct ev_loop;
struct apns_client;
struct apns_credential; /* apns_credential.h */

/* Limits. Each is enforced where the value enters, by name. */
#define APNS_MAX_TOKEN      256  /* raw bytes of a device token */
#define APNS_MAX_MAGIC      512  /* bytes of a PushMagic, without the NUL */
#define APNS_MAX_TOPIC      255  /* bytes of a topic, without the NUL */
#define APNS_MAX_REASON     63   /* bytes kept of a reason APNs sent */
#define APNS_MAX_PAYLOAD    4096 /* bytes of a payload; Apple's limit */
#define APNS_MAX_PEM        (64 * 1024) /* bytes, certificate and key */
#define APNS_MAX_IDENTITIES 4096
#define APNS_MAX_CONNS      64         /* upper bound of conns_max */
#define APNS_MAX_QUEUE      (1U << 20) /* upper bound of queue_max */

/*
 * Errors: the world failed or the caller did. What APNs answers is never an
 * error but a result. X(name, category, text)
 */
#define APNS_ERRORS(X)                                                   \
    X(OK, NONE, "success")                                               \
    X(EINVAL, USAGE, "a field is malformed or exceeds its limit")        \
    X(ENOTOPIC, USAGE, "no identity holds this topic")                   \
    X(ECLOSED, USAGE, "the client is draining and takes no more pushes") \
    X(EBUSY, LIMIT, "the queue is full; wait for on_drain")              \
    X(ETOOMANY, LIMIT, "too many identities")                            \
    X(ENOMEM, SYSTEM, "out of memory")                                   \
    X(ETLS, SYSTEM, "TLS could not be set up")                           \
    X(ECAFILE, SYSTEM, "the trusted CA file cannot be read")             \
    X(EPEM, CERT, "not PEM: nothing between BEGIN and END lines")        \
    X(EPEMTYPE, CERT, "a PEM block of an unexpected kind")               \
    X(ENOCERT, CERT, "no certificate found")                             \
    X(ENOKEY, CERT, "no private key found")                              \
    X(ECERTPARSE, CERT, "the certificate cannot be read")                \
    X(EKEYPARSE, CERT, "the private key cannot be read")                 \
    X(EKEYENCRYPTED, CERT, "the private key is encrypted")               \
    X(EKEYMISMATCH, CERT,                                                \
      "the private key does not belong to the certificate")              \
    X(ENOUID, CERT, "the certificate's subject has no UID, so no topic") \
    X(EMANYUIDS, CERT, "the certificate's subject has several UIDs")     \
    X(EBADUID, CERT, "the certificate's UID is not a push topic")        \
    X(EWEAKKEY, CERT, "the key is too weak, or of an unusable kind")     \
    X(EWEAKSIGN, CERT, "the certificate's signature is too weak")        \
    X(ENOTYETVALID, CERT, "the certificate is not valid yet")            \
    X(EEXPIRED, CERT, "the certificate has expired")

enum apns_err {
#define X(name, category, text) APNS_##name,
    APNS_ERRORS(X)
#undef X
    APNS_N_ERRORS
};

enum apns_err_category {
    APNS_CATEGORY_NONE,   /* success */
    APNS_CATEGORY_USAGE,  /* the caller's mistake; same call, same answer */
    APNS_CATEGORY_LIMIT,  /* a limit is reached; try again later */
    APNS_CATEGORY_SYSTEM, /* memory, TLS library, files */
    APNS_CATEGORY_CERT,   /* the certificate or key that was given */
};

/** apns_err_text(err): the error in words; a static string, never NULL. */
APNS_API const char *apns_err_text(enum apns_err err);

/** apns_err_name(err): "APNS_EBUSY" and the like; static, never NULL. */
APNS_API const char *apns_err_name(enum apns_err err);

/** apns_err_category(err): what kind of trouble ${err} is. */
APNS_API enum apns_err_category apns_err_category(enum apns_err err);

/*
 * Results.
 */
enum apns_outcome {
    APNS_ACCEPTED, /* APNs answered 200 */
    APNS_REJECTED, /* APNs answered no: status and reason say why */
    APNS_FAILED,   /* no answer: reason says what went wrong on our side */
};

/* What the caller should do; the only thing that most callers look at. */
enum apns_class {
    APNS_CLASS_ACCEPTED,   /* done */
    APNS_CLASS_DEAD_TOKEN, /* 410: dead if timestamp_ms >= the TokenUpdate */
    APNS_CLASS_SUSPECT,    /* this token, this topic: not until a TokenUpdate */
    APNS_CLASS_UNDECIDED,  /* likewise, but the certificate is not proven:
                              not again until it is, see apns_proof.h */
    APNS_CLASS_SLOW_DOWN,  /* this device only, later */
    APNS_CLASS_TROUBLE,    /* APNs is in trouble: 15 min or more, jittered */
    APNS_CLASS_NO_ANSWER,  /* connection lost twice, or deadline: soon again */
    APNS_CLASS_IDENTITY,   /* the certificate: a person must act */
    APNS_CLASS_OURS,       /* our request was wrong: never again as it is */
    APNS_N_CLASSES
};

/** apns_class_name(class): "accepted", "dead_token", …; static. */
APNS_API const char *apns_class_name(enum apns_class class_);

struct apns_result {
    enum apns_outcome outcome;
    enum apns_class class_; /* trailing underscore: C++ callers */
    uint16_t status;        /* HTTP status; 0 when APNS_FAILED */
    const char *reason;     /* Apple's word, or ours when APNS_FAILED, e.g.
                               "deadline", "connection lost"; "" if accepted */
    const char *apns_id;    /* as APNs wrote it, usually upper case; or "" */
    int64_t timestamp_ms;   /* 410 only: when the token died, unix ms; 0: APNs
                               did not say, or not as an integer */
    uint32_t retry_after_s; /* Retry-After when APNs sent one; or 0 */
    uint32_t latency_us;    /* from apns_submit to the answer */
    uint16_t n_moves;       /* times it went to another connection */
    bool is_resent;         /* true: it was sent once more since its connection
                               died unanswered; the copy before may have been
                               delivered, too */
};

/**
 * apns_result_fn(arg, result):
 * ${result} and everything it points to is valid during the call only.
 */
typedef void apns_result_fn(void *arg, const struct apns_result *result);

#include "apns_proof.h"

/*
 * Identities.
 */
enum apns_identity_state {
    APNS_IDENTITY_READY,   /* connections are open or may be opened */
    APNS_IDENTITY_BACKOFF, /* waits for a timer before it dials again */
    APNS_IDENTITY_STOPPED, /* a person must act; one probe an hour */
    APNS_IDENTITY_PROBING, /* an answer had stopped it and the hour is over:
                              takes APNS_PROBES pushes, best from different
                              places of the fleet, and ends all others as when
                              STOPPED. READY when one of them is good, STOPPED
                              when none is */
    APNS_N_IDENTITY_STATES
};

/** apns_identity_state_name(state): "ready", "backoff", …; static. */
APNS_API const char *apns_identity_state_name(enum apns_identity_state state);

/* What a certificate says of itself. */
struct apns_cert {
    char topic[APNS_MAX_TOPIC + 1];
    char subject[512]; /* RFC 2253, UTF-8; nothing that acts on a terminal */
    char issuer[512];  /* likewise */
    char serial[65];   /* upper-case hex, no separators */
    char sha256[65];   /* lower-case hex of the DER's SHA-256 */
    char sha1[41];     /* lower-case hex of the DER's SHA-1 */
    int64_t not_before_unix;
    int64_t not_after_unix;
    bool has_client_auth; /* no extended key usage, or clientAuth in it */
    char spki_sha256[65]; /* of the public key: finds the private one */
};

/**
 * apns_cert_read(pem, len, now_unix, cert, leaf_pem, key_pem, detail):
 * Take ${pem} (certificate and private key glued together in any order, also
 * without a newline between the blocks) apart and check it.
 *
 *   shape    at most APNS_MAX_PEM bytes; the LAST certificate counts, as in
 *            NanoMDM; key as PKCS#1, PKCS#8 or SEC1, unencrypted
 *   owns     ${leaf_pem} and ${key_pem} (each may be NULL) get new strings in
 *            normal form; free() them, the key after OPENSSL_cleanse
 *   detail   a buffer of at least 256 bytes or NULL; gets what the error is
 *            about: the PEM block's type, the UID found, a date, …; else ""
 *   errors   category CERT, APNS_EINVAL (too long), APNS_ENOMEM.
 *            On APNS_ENOTYETVALID and APNS_EEXPIRED ${cert} and the strings
 *            are filled in all the same, so that a caller may go on
 */
APNS_API APNS_MUST_USE enum apns_err
apns_cert_read(const char *pem, size_t len, int64_t now_unix,
               struct apns_cert *cert, char **leaf_pem, char **key_pem,
               char *detail);

struct apns_identity_status {
    enum apns_identity_state state;
    struct apns_cert cert;
    char why[128];          /* state's cause: "certificate_expired",
                                  "TopicDisallowed", "connect refused"; or "" */
    enum apns_class class_; /* APNS_CLASS_IDENTITY when why is about the
                                  certificate or topic */
    enum apns_cause cause;  /* STOPPED, PROBING; else NONE */
    bool is_taken;          /* a connection with it has reached OPEN */
    bool is_proven;         /* APNs has answered 200 under it */
    uint32_t n_undecided;   /* different tokens refused, none accepted */
    int64_t next_try_unix;  /* BACKOFF, STOPPED: next dial; else 0 */
    uint32_t n_conns;       /* in any state but DEAD */
    uint32_t n_open;        /* take pushes now */
    uint32_t n_in_flight;
    uint32_t n_queued;
    uint32_t n_streams_max; /* sum of the open ones' stream limits */
};

/**
 * apns_identity_fn(arg, status):
 * An identity changed its state, or a new certificate was taken or proven.
 * From the loop, never from inside a call. The results of pushes that ended
 * before it come first.
 */
typedef void apns_identity_fn(void *arg,
                              const struct apns_identity_status *status);

/*
 * Client.
 */
enum apns_log_level {
    APNS_LOG_ERROR,
    APNS_LOG_WARN,
    APNS_LOG_NOTICE,
    APNS_LOG_DEBUG,
};

/**
 * apns_log_fn(arg, level, line):
 * One fact, as logfmt without time or level: `event=goaway topic=… reason=…`.
 * Never holds a key, a passphrase or more than 8 hex digits of a token.
 */
typedef void apns_log_fn(void *arg, enum apns_log_level level,
                         const char *line);

struct apns_config {
    const char *host;        /* name or address; NULL: api.push.apple.com */
    uint16_t port;           /* 443 */
    uint16_t fallback_port;  /* 2197: when port cannot be reached, or TLS gets
                                nowhere over it; 0: none */
    const char *ca_file;     /* PEM bundle; NULL: the system's trust store */
    const char *proxy;       /* "http://[user:password@]host:port" or NULL */
    const char *dns_servers; /* "addr[:port],…"; NULL: the system's. What is
                                  no address is refused */
    uint32_t queue_max;      /* pushes accepted and not yet ended: 16384 */
    uint32_t conns_min;      /* per identity, kept warm: 1 (0: on demand) */
    uint32_t conns_max;      /* per identity: 8, and one more while a push
                                that may kill connections is tried alone */
    uint32_t streams_max;    /* per connection, beside APNs' limit: 1000 */
    uint32_t deadline_ms;    /* per push, queue and moves included: 30000 */
    uint32_t expiration_s;   /* apns-expiration from now: 7 days */
    uint32_t connect_ms;     /* dial to OPEN: 20000 */
    uint32_t settle_ms;      /* between two dials of one identity: 500 */
    uint32_t ping_idle_ms;   /* PING after this silence: 600000 */
    uint32_t ping_stall_ms;  /* PING when in flight and no byte: 5000 */
    uint32_t ping_ack_ms;    /* no ACK within: dead: 10000 */
    uint32_t idle_close_ms;  /* surplus connection unused: 300000 */
    uint32_t backoff_min_ms; /* first reconnect delay, jittered: 1000 */
    uint32_t backoff_max_ms; /* 60000 */
    uint32_t probe_ms;       /* STOPPED identity tries again: 3600000 */
    uint64_t seed;           /* of jitter; 0: from the system */
    int64_t (*now_unix)(void *arg); /* wall clock, s; NULL: the system's */
    void *now_arg;
    apns_log_fn *log; /* NULL: silent */
    void *log_arg;
    apns_identity_fn *on_identity; /* NULL: not reported */
    void *on_identity_arg;
    void (*on_drain)(void *arg); /* after APNS_EBUSY the queue has fallen
                                      to half of queue_max; NULL: not told */
    void *on_drain_arg;
};

/** apns_config_init(config): fill ${config} with the defaults above. */
APNS_API void apns_config_init(struct apns_config *config);

/**
 * apns_client_new(loop, config, client):
 *
 *   owns     copies ${config}'s strings; the caller frees ${*client}
 *   errors   APNS_EINVAL  a limit is broken, the proxy or dns_servers cannot
 *            be read; the log says which
 *            APNS_ECAFILE, APNS_ETLS, APNS_ENOMEM
 */
APNS_API APNS_MUST_USE enum apns_err
apns_client_new(struct ev_loop *loop, const struct apns_config *config,
                struct apns_client **client);

/**
 * apns_client_free(client):
 * End every push that has not ended (APNS_FAILED, "client freed"), close all
 * connections, free. The result callbacks run before it returns: the one
 * exception to "never from inside a call". NULL is fine.
 */
APNS_API void apns_client_free(struct apns_client *client);

/**
 * apns_client_drain(client, on_drained, arg):
 * Take no more pushes, let the accepted ones end (their deadlines bound it),
 * close connections in an orderly way, then call ${on_drained} once.
 */
APNS_API void apns_client_drain(struct apns_client *client,
                                void (*on_drained)(void *arg), void *arg);

/**
 * apns_client_recall(client, wait_ms):
 * Take no more pushes, and do not wait for the deadlines of those that were
 * accepted: what waits for a connection, now or later, ends in the next turn
 * (APNS_FAILED, APNS_CLASS_NO_ANSWER, "recalled"); what is in flight may be
 * answered for ${wait_ms}, then it has reached its deadline.
 */
APNS_API void apns_client_recall(struct apns_client *client, uint32_t wait_ms);

/**
 * apns_identity_put(client, pem, len, cert, detail):
 * Hold this certificate and key for the topic in its UID. If the topic is
 * held already, this is the hot swap: new connections use the new
 * certificate at once, old ones finish their pushes and close, queued pushes
 * stay queued, the breaker is reset, nothing is proven. What APNs answers over
 * the old ones says nothing of the new one: where it blames the certificate,
 * that push goes out again with the new one.
 *
 *   shape    as apns_cert_read; APNS_ENOTYETVALID and APNS_EEXPIRED refuse
 *   owns     copies; the caller keeps (and should cleanse) ${pem}
 *   cert     may be NULL; detail as in apns_cert_read
 *   errors   as apns_cert_read, APNS_ETOOMANY, APNS_ETLS, APNS_ECLOSED
 */
APNS_API APNS_MUST_USE enum apns_err
apns_identity_put(struct apns_client *client, const char *pem, size_t len,
                  struct apns_cert *cert, char *detail);

/**
 * apns_identity_use(client, credential):
 * As apns_identity_put, of what was read already: nothing is parsed.
 *
 *   owns     the client takes its own share; the caller keeps ${credential}
 *   errors   APNS_ENOTYETVALID, APNS_EEXPIRED, APNS_ETOOMANY, APNS_ETLS,
 *            APNS_ECLOSED, APNS_ENOMEM
 */
APNS_API APNS_MUST_USE enum apns_err
apns_identity_use(struct apns_client *client,
                  const struct apns_credential *credential);

/**
 * apns_identity_remove(client, topic):
 * Forget the identity. Its queued pushes end as APNS_FAILED of class
 * APNS_CLASS_IDENTITY, "identity removed"; those in flight finish first.
 *
 *   errors   APNS_ENOTOPIC
 */
APNS_API APNS_MUST_USE enum apns_err
apns_identity_remove(struct apns_client *client, const char *topic);

/**
 * apns_identity_retry(client, topic):
 * A person has mended what stopped it: forget the breaker, dial now. When
 * tokens had stopped it, they are counted anew; what is proven stays so.
 *
 *   errors   APNS_ENOTOPIC
 */
APNS_API APNS_MUST_USE enum apns_err
apns_identity_retry(struct apns_client *client, const char *topic);

/**
 * apns_identity_get(client, topic, status):
 *
 *   errors   APNS_ENOTOPIC
 */
APNS_API APNS_MUST_USE enum apns_err
apns_identity_get(const struct apns_client *client, const char *topic,
                  struct apns_identity_status *status);

/**
 * apns_identity_each(client, visit, arg):
 * Call ${visit} for every identity, in no particular order; it must not put
 * or remove identities.
 */
APNS_API void apns_identity_each(const struct apns_client *client,
                                 apns_identity_fn *visit, void *arg);

#define APNS_EXPIRES_DEFAULT INT64_MIN /* now + config.expiration_s */

struct apns_push {
    const char *topic;
    const uint8_t *token;
    size_t token_len;
    const char *magic;
    int64_t expires_unix; /* 0: one attempt, not stored; or the default */
    uint32_t deadline_ms; /* 0: config.deadline_ms */
    bool is_urgent;       /* sent before all that wait and are not */
};

/**
 * apns_submit(client, push, on_result, arg):
 * Accept ${push} for delivery over the identity that holds its topic.
 *
 *   shape    token is raw bytes, 1..APNS_MAX_TOKEN; magic is NUL-terminated
 *            UTF-8, 1..APNS_MAX_MAGIC bytes, JSON-escaped here
 *   units    expires_unix in seconds since 1970, rounded up to the minute
 *   owns     copies what it needs; the caller keeps ${push}
 *   calls    ${on_result} exactly once, later, on the loop's thread; also
 *            when the identity is removed or the client is freed. While the
 *            identity is STOPPED: in the next turn, APNS_CLASS_IDENTITY;
 *            likewise while it is PROBING and has its APNS_PROBES pushes
 *   errors   APNS_EINVAL  a field breaks its shape; nothing was queued
 *            APNS_ENOTOPIC  no identity holds the topic
 *            APNS_EBUSY  the queue is full; wait for on_drain
 *            APNS_ECLOSED  the client is draining
 *   source   Apple, "Sending notification requests to APNs"
 */
APNS_API APNS_MUST_USE enum apns_err apns_submit(struct apns_client *client,
                                                 const struct apns_push *push,
                                                 apns_result_fn *on_result,
                                                 void *arg);

/** apns_room(client): how many more pushes apns_submit takes now. */
APNS_API uint32_t apns_room(const struct apns_client *client);

#include "apns_stats.h"

/*
 * Tokens on the wire are hex.
 */

/** apns_token_hex(token, len, hex): write 2*${len} lower-case digits, a NUL. */
APNS_API void apns_token_hex(const uint8_t *token, size_t len, char *hex);

/**
 * apns_token_read(hex, token, len):
 * Read hex digits of either case into at most APNS_MAX_TOKEN bytes.
 *
 *   errors   APNS_EINVAL  empty, odd, too long, or not hex
 */
APNS_API APNS_MUST_USE enum apns_err
apns_token_read(const char *hex, uint8_t *token, size_t *len);

#ifdef __cplusplus
}
#endif

#include "apns_credential.h"

#endif /* ROUSE_APNS_H */
