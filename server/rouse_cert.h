/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_ROUSE_CERT_H
#define ROUSE_ROUSE_CERT_H

/*
 * A push certificate's whole life: request, vendor's signature, check, import
 * with a guard, test, revert, removal, export. A part of rouse.h, which
 * includes it.
 *
 * Every call here copies its arguments, returns at once and calls ${done}
 * exactly once from the loop, unless it returns an error. Without a list of its
 * own, each returns
 *
 *   ROUSE_EINVAL    a required text is NULL, or longer than its limit
 *   ROUSE_EBUSY     too much is waiting; try again later
 *   ROUSE_ECLOSED, ROUSE_ENOMEM
 *
 * and completes with ROUSE_OK, ROUSE_EBUSY (the worker has too much to do),
 * ROUSE_ECLOSED (rouse_free came first), an error of category SYSTEM, or what
 * its own list names. ROUSE_EGUARD is a refusal: nothing was changed, and
 * struct rouse_cert_refusal says why, to a program by its code and to an
 * administrator by its text. What a completion is given is valid during it
 * only; copy what you keep.
 *
 * Texts: a topic has at most APNS_MAX_TOPIC bytes; ${by} says who asked, for
 * history and audit, at most 127 bytes. Times named ..._ms are unix time in
 * milliseconds, ..._unix in seconds. Files come as the administrator has them:
 * PEM, DER, PKCS#12, base64, several in one. Making keys and reading hostile
 * files is slow and happens in a thread of the engine's own.
 */

#include "apns.h"
#include "rouse_cert_code.h"

struct rouse;

#define ROUSE_CERT_MAX_FILES    16
#define ROUSE_CERT_MAX_LEN      ((size_t)1 << 20) /* bytes of all files */
#define ROUSE_CERT_MAX_NAME     64     /* bytes of a request's name */
#define ROUSE_CERT_MAX_REQUESTS 64     /* pending at a time */
#define ROUSE_CERT_MAX_WAIT_MS  300000 /* of a test, and of a check-in */

/* One file as it was given. */
struct rouse_cert_file {
    const char *name; /* for messages about it; never NULL, <= 255 bytes */
    const void *bytes;
    size_t len;
};

/* What was given together. At most ROUSE_CERT_MAX_FILES of together
   ROUSE_CERT_MAX_LEN bytes; more is ROUSE_EINVAL at once. */
struct rouse_cert_files {
    const struct rouse_cert_file *file;
    size_t n;
    const char *password; /* of those that are encrypted; <= 1024 bytes;
                             NULL: none */
};

/** rouse_cert_code_name(code): "topic_mismatch", …; static. */
APNS_API const char *rouse_cert_code_name(enum rouse_cert_code code);

/* Never NULL in a completion; OK and "" where nothing was refused. */
struct rouse_cert_refusal {
    enum rouse_cert_code code;
    const char *text; /* what, why, what to do next */
};

/*
 * Requests.
 */
struct rouse_cert_wish {
    const char *topic;       /* to renew; NULL: a new identity */
    const char *name;        /* letters, digits, '.', '-', '_', at most
                          ROUSE_CERT_MAX_NAME; NULL: from the date */
    const char *common_name; /* NULL: "MDM push certificate" */
    const char *country;     /* two letters; NULL: "US" */
    const char *email;       /* NULL: the Apple Account of the last import */
    bool is_to_sign;         /* sign with the vendor credential held here */
    const char *mail_key;    /* API key of mdmcert.download: also make the
                                message to it, which needs ${email}; or NULL */
    const char *by;
};

struct rouse_cert_request {
    const char *name;
    const char *topic;       /* "" for a new identity */
    const char *csr_pem;     /* PKCS#10 */
    const char *spki_sha256; /* of its key; 64 lower-case hex digits */
    const char *upload;      /* for Apple's portal: base64 of a signed property
                            list; "" until it is signed */
    const char *message;     /* JSON for mdmcert.download; "" elsewhere */
    bool is_mail_awaited;
    int64_t created_at_ms;
    const char *created_by;
    size_t n_warnings; /* about the vendor's certificate that signed it */
    const char *const *warnings;
};

/* ${requests} is NULL with an error. */
typedef void rouse_cert_requests_fn(void *arg, enum rouse_err err,
                                    const struct rouse_cert_refusal *refusal,
                                    const struct rouse_cert_request *requests,
                                    size_t n);

/**
 * rouse_cert_request_make(rouse, wish, done, arg):
 * Make an RSA-2048 key, sealed and pending, and a CSR for it; sign that for
 * Apple's portal when it is asked for.
 *
 * Completed with the one request when its key is durable.
 *
 *   errors   ROUSE_EGUARD in the completion: bad_field, name_taken,
 *            unknown_topic, too_many_requests, no_vendor, bad_vendor
 *   source   Apple, "Setting Up Push Notifications for Your MDM Customers"
 */
APNS_API APNS_MUST_USE enum rouse_err
rouse_cert_request_make(struct rouse *rouse, const struct rouse_cert_wish *wish,
                        rouse_cert_requests_fn *done, void *arg);

/**
 * rouse_cert_request_list(rouse, name, done, arg):
 * The requests that wait for their certificate, oldest first, at most
 * ROUSE_CERT_MAX_REQUESTS. ${name} NULL: all of them.
 *
 *   errors   ROUSE_ENOTFOUND: none is pending under ${name}
 */
APNS_API APNS_MUST_USE enum rouse_err
rouse_cert_request_list(struct rouse *rouse, const char *name,
                        rouse_cert_requests_fn *done, void *arg);

/**
 * rouse_cert_request_delete(rouse, name, by, done, arg):
 * Delete a pending request and its private key: a certificate that Apple
 * issues for it cannot be used any more.
 *
 *   errors   ROUSE_ENOTFOUND: none is pending under ${name}
 */
APNS_API APNS_MUST_USE enum rouse_err
rouse_cert_request_delete(struct rouse *rouse, const char *name, const char *by,
                          rouse_done_fn *done, void *arg);

/**
 * rouse_cert_request_open_mail(rouse, name, reply, len, done, arg):
 * Decrypt mdmcert.download's reply (hex or PKCS#7, as it was mailed) to this
 * request. What is inside is what Apple's portal takes; it is kept as the
 * request's upload, and the completion has the one request.
 *
 *   errors   at once: ROUSE_ETOOLARGE: ${len} beyond ROUSE_CERT_MAX_LEN. In
 *            the completion: ROUSE_ENOTFOUND: no such request; ROUSE_EGUARD:
 *            no_mail_key (it was made without mail_key), bad_reply
 */
APNS_API APNS_MUST_USE enum rouse_err
rouse_cert_request_open_mail(struct rouse *rouse, const char *name,
                             const void *reply, size_t len,
                             rouse_cert_requests_fn *done, void *arg);

/*
 * The MDM vendor's certificate and key, with which requests are signed for
 * Apple's portal. At most one is held; its key is sealed.
 */
struct rouse_cert_vendor {
    struct apns_cert cert; /* topic is "" */
    size_t n_chain;        /* certificates above it that were given */
    int64_t put_at_ms;
    const char *put_by;
    size_t n_warnings; /* an incomplete chain, few days left, … */
    const char *const *warnings;
};

/* ${vendor} is NULL with an error. */
typedef void rouse_cert_vendor_fn(void *arg, enum rouse_err err,
                                  const struct rouse_cert_refusal *refusal,
                                  const struct rouse_cert_vendor *vendor);

/**
 * rouse_cert_vendor_put(rouse, files, by, done, arg):
 * Find the vendor's certificate, its key and its chain among ${files} and keep
 * them, in place of what was held.
 *
 *   errors   ROUSE_EGUARD in the completion: no_vendor_certificate,
 *            no_vendor_key, bad_files
 */
APNS_API APNS_MUST_USE enum rouse_err
rouse_cert_vendor_put(struct rouse *rouse, const struct rouse_cert_files *files,
                      const char *by, rouse_cert_vendor_fn *done, void *arg);

/**
 * rouse_cert_vendor_get(rouse, done, arg):
 * What is held of the vendor; the key is never given out.
 *
 *   errors   ROUSE_ENOTFOUND: none is held
 */
APNS_API APNS_MUST_USE enum rouse_err
rouse_cert_vendor_get(struct rouse *rouse, rouse_cert_vendor_fn *done,
                      void *arg);

/**
 * rouse_cert_vendor_delete(rouse, by, done, arg):
 * Delete the vendor's certificate, chain and key. Uploads that were signed
 * stay good.
 *
 *   errors   ROUSE_ENOTFOUND: none is held
 */
APNS_API APNS_MUST_USE enum rouse_err
rouse_cert_vendor_delete(struct rouse *rouse, const char *by,
                         rouse_done_fn *done, void *arg);

/*
 * Certificates in force, and those that were. Texts are "" where nothing is
 * known.
 */
struct rouse_cert_record {
    const char *topic;
    const char *subject;
    const char *issuer;
    const char *serial;
    const char *sha256; /* lower-case hex */
    int64_t not_before_unix;
    int64_t not_after_unix;
    const char *life; /* rouse_cert_life's words, from what is stored */
    int64_t imported_at_ms;
    const char *imported_by;
    const char *apple_account; /* "" when not recorded */
    const char *note;
    int64_t retired_at_ms;   /* 0: in force */
    const char *retired_why; /* "renewed", "removed", "refused", … */
    int64_t taken_at_ms;     /* first TLS session with APNs; 0: not yet */
    int64_t proven_at_ms;    /* when it first accepted a push; 0: not yet */
    int64_t tested_at_ms;    /* the last test push; 0: none */
    bool is_test_ok;
    const char *test_text; /* how that test ended, in words */
    bool is_key_lost;      /* its key was sealed by a master key that is lost:
                              unused until it is imported again with its key */
    const char *cert_pem;  /* the certificate itself, without its key */
};

/* ${records} is NULL with an error. */
typedef void rouse_cert_records_fn(void *arg, enum rouse_err err,
                                   const struct rouse_cert_record *records,
                                   size_t n);

/**
 * rouse_cert_list(rouse, topic, done, arg):
 * The certificates in force, in the order of their topics; ${topic} NULL: all.
 * rouse_cert_each has how APNs takes them at this moment.
 *
 *   errors   ROUSE_ENOTFOUND: none is in force for ${topic}
 */
APNS_API APNS_MUST_USE enum rouse_err
rouse_cert_list(struct rouse *rouse, const char *topic,
                rouse_cert_records_fn *done, void *arg);

/**
 * rouse_cert_history(rouse, topic, done, arg):
 * Every certificate ever held, newest import first; ${topic} NULL: of all
 * topics.
 *
 *   errors   ROUSE_ENOTFOUND: ${topic} never had one
 */
APNS_API APNS_MUST_USE enum rouse_err
rouse_cert_history(struct rouse *rouse, const char *topic,
                   rouse_cert_records_fn *done, void *arg);

/*
 * Check: read files and change nothing.
 */
/* ${json} and ${text} are "" with an error. */
typedef void rouse_cert_check_fn(void *arg, enum rouse_err err,
                                 const struct rouse_cert_refusal *refusal,
                                 const char *json, const char *text);

/**
 * rouse_cert_check(rouse, files, done, arg):
 * What each file is, what fits what and what is wrong, as JSON
 * {"objects":[...],"findings":[...]} (deploy/man/rouse.1, "cert check") and as
 * text for an administrator. A certificate also fits the key of a pending
 * request or of a certificate in force; 64 of these are compared at most.
 *
 *   errors   ROUSE_EGUARD in the completion: bad_files: nothing could be read
 */
APNS_API APNS_MUST_USE enum rouse_err
rouse_cert_check(struct rouse *rouse, const struct rouse_cert_files *files,
                 rouse_cert_check_fn *done, void *arg);

/*
 * Test: one push to a token that no device has. APNs refusing the token, and
 * nothing else, proves certificate, topic and network.
 */
struct rouse_cert_test {
    bool is_ok;              /* APNs refused the token alone */
    bool is_refusal;         /* APNs refuses this certificate or topic */
    enum apns_cause cause;   /* of a refusal, where it is known */
    uint16_t status;         /* HTTP; 0: no answer */
    const char *reason;      /* APNs' word; "" for none */
    const char *explanation; /* for an administrator */
    const char *what_to_do;  /* "" when there is nothing */
    uint32_t took_ms;        /* from dialling to the answer */
    const struct rouse_cert_wake *wake; /* NULL: no device was woken */
};

/* What came of waking one real device after the test. */
struct rouse_cert_wake {
    const char *id;
    const char *verdict; /* "seen"; "not_seen" in time; "not_accepted" by APNs
                            in time; "dead", "suspect", "disabled": no push
                            reaches it before it enrolls or updates its token;
                            "undecided": see APNS_CLASS_UNDECIDED */
    bool is_seen;
    uint16_t status; /* APNs' answer to the first push; 0: none */
    const char *reason;
    const char *explanation;
    const char *what_to_do; /* "" when there is nothing */
    uint32_t took_ms;       /* until it was seen, or given up */
};

/* ${test} is NULL with an error. */
typedef void rouse_cert_test_fn(void *arg, enum rouse_err err,
                                const struct rouse_cert_refusal *refusal,
                                const struct rouse_cert_test *test);

/**
 * rouse_cert_test_topic(rouse, topic, wait_ms, by, done, arg):
 * Test the certificate in force and record the result with it. ${wait_ms} is
 * how long APNs may take, at most ROUSE_CERT_MAX_WAIT_MS; 0: 30 s. That APNs
 * refuses it, or does not answer, is a result and no error.
 *
 *   errors   ROUSE_ENOTFOUND: none is in force; ROUSE_EGUARD: key_lost,
 *            bad_certificate
 */
APNS_API APNS_MUST_USE enum rouse_err
rouse_cert_test_topic(struct rouse *rouse, const char *topic, uint32_t wait_ms,
                      const char *by, rouse_cert_test_fn *done, void *arg);

struct rouse_cert_test_terms {
    const char *topic;
    uint32_t wait_ms;       /* for APNs to take the test push; 0: 30 s */
    const char *enrollment; /* id of a device of this topic */
    uint32_t seen_wait_ms;  /* for its check-in; 0: 60 s */
    const char *by;
};

/**
 * rouse_cert_test_wake(rouse, terms, done, arg):
 * As rouse_cert_test_topic; and when that proves the certificate, wake one
 * real device and wait until it is seen: until a check-in that it sent after
 * the ask has come to rouse_checkin and is durable. A device that is not seen
 * in time is no error: the test's wake says what came. The wake itself goes
 * on as rouse_wake's does.
 *
 *   errors   at once: ROUSE_EINVAL, ROUSE_ECLOSED, ROUSE_ENOMEM. In the
 *            completion: ROUSE_ENOTFOUND the topic, ROUSE_EBUSY too many
 *            wait already, SYSTEM; ROUSE_EGUARD, and nothing was pushed:
 *            unknown_enrollment, other_topic
 */
APNS_API APNS_MUST_USE enum rouse_err
rouse_cert_test_wake(struct rouse *rouse,
                     const struct rouse_cert_test_terms *terms,
                     rouse_cert_test_fn *done, void *arg);

/**
 * rouse_cert_test_files(rouse, files, wait_ms, done, arg):
 * As rouse_cert_test_topic with a certificate that is not imported for it: its
 * key is among the files, in a pending request or in force. Nothing is
 * recorded.
 *
 *   errors   ROUSE_EGUARD: no_push_certificate, two_certificates, no_key,
 *            key_mismatch, bad_certificate, bad_files
 */
APNS_API APNS_MUST_USE enum rouse_err
rouse_cert_test_files(struct rouse *rouse, const struct rouse_cert_files *files,
                      uint32_t wait_ms, rouse_cert_test_fn *done, void *arg);

/*
 * Import. Texts that may be NULL are marked so.
 */
struct rouse_cert_import {
    struct rouse_cert_files files;
    const char *by;
    const char *apple_account; /* NULL: that of the one that it renews */
    const char *note;          /* kept with it; NULL: none */
    const char *renew_topic;   /* it must renew this one; NULL: not said */
    bool is_additional;        /* a topic that is not held yet may be added */
    const char *replace_topic; /* this topic is given up for it; NULL: none */
    bool has_confirm;          /* ${confirm} was given */
    uint64_t confirm;          /* enrolled devices that replacing silences */
    const char *only_topic;    /* the caller's one topic: others are refused
                                  as "forbidden"; NULL: any */
    bool is_dry_run;           /* compare, change nothing */
    bool is_untested;          /* no test push afterwards */
};

struct rouse_cert_import_answer {
    const char *verdict; /* certlife's word: "renewal", …; "" not reached */
    const struct apns_cert *cert;    /* NULL: none was found */
    const struct apns_cert *current; /* what it renews, or NULL */
    uint64_t n_silenced;
    const char *comparison;      /* both in two columns; "" not reached; */
    int64_t compared_unix;       /* when; and what it shows beside them: */
    uint64_t n_current;          /* enrollments that the current one wakes */
    const char *current_account; /* recorded of the current one; NULL: none */
    const char *account;         /* to be recorded of the new; NULL: none */
    const char *key_from;        /* "file", "request:NAME", "current", "" */
    size_t n_warnings;           /* of what stops nothing: few days left, */
    const char *const *warnings; /* another file ignored, self-signed, … */
    bool lacks_account; /* no Apple Account given or recorded: whoever renews
                           it next year will need to know which one */
    const struct rouse_cert_test *test; /* NULL: not made */
    bool has_fallen_back; /* APNs refused it; the old one is in force again */
};

/* ${answer} is never NULL: with a refusal it says what was compared. */
typedef void
rouse_cert_import_fn(void *arg, enum rouse_err err,
                     const struct rouse_cert_refusal *refusal,
                     const struct rouse_cert_import_answer *answer);

/**
 * rouse_cert_import_files(rouse, import, done, arg):
 * Find certificate and key, compare with what is held, and use it at once.
 * Until APNs has taken the new one, the old one stays ready: when APNs
 * refuses the new one, it goes back into service by itself.
 *
 *   errors   ROUSE_EGUARD in the completion, nothing changed: certlife's
 *            verdicts, no_push_certificate, two_certificates (of two topics,
 *            and renew_topic names neither), no_key, key_mismatch,
 *            bad_certificate, bad_files, conflict (another import was
 *            quicker), apns_refused (fallen back). A dry run is refused for
 *            whatever the import would be refused for before it is stored
 */
APNS_API APNS_MUST_USE enum rouse_err
rouse_cert_import_files(struct rouse *rouse,
                        const struct rouse_cert_import *import,
                        rouse_cert_import_fn *done, void *arg);

/**
 * rouse_cert_revert(rouse, topic, by, note, is_untested, done, arg):
 * Bring the topic's newest other certificate that is still valid back into
 * force, with the test and the fallback of an import. ${note} may be NULL.
 *
 *   errors   ROUSE_ENOTFOUND: no such topic; ROUSE_EGUARD:
 *            nothing_to_revert_to, bad_certificate, apns_refused
 */
APNS_API APNS_MUST_USE enum rouse_err
rouse_cert_revert(struct rouse *rouse, const char *topic, const char *by,
                  const char *note, bool is_untested,
                  rouse_cert_import_fn *done, void *arg);

typedef void rouse_cert_count_fn(void *arg, enum rouse_err err,
                                 const struct rouse_cert_refusal *refusal,
                                 uint64_t n);

/**
 * rouse_cert_remove(rouse, topic, has_confirm, confirm, by, done, arg):
 * Give a topic up: its key is destroyed, its enrollments stay and wait, and no
 * push reaches them before a certificate of the topic is imported. ${confirm}
 * is the number of enabled enrollments that this silences, which the completion
 * has as ${n}, with the refusal as well.
 *
 *   errors   ROUSE_ENOTFOUND: none is in force; ROUSE_EGUARD: confirm_needed
 */
APNS_API APNS_MUST_USE enum rouse_err
rouse_cert_remove(struct rouse *rouse, const char *topic, bool has_confirm,
                  uint64_t confirm, const char *by, rouse_cert_count_fn *done,
                  void *arg);

typedef void rouse_cert_export_fn(void *arg, enum rouse_err err,
                                  const struct rouse_cert_refusal *refusal,
                                  const unsigned char *der, size_t len);

/**
 * rouse_cert_export(rouse, topic, passphrase, by, done, arg):
 * Certificate and private key as PKCS#12 (AES-256, PBKDF2) under
 * ${passphrase}; the export is audited. rouse wipes its copies of the key and
 * of the passphrase.
 *
 *   errors   ROUSE_ENOTFOUND: none is in force; ROUSE_EGUARD: bad_passphrase
 *            (too short, or not UTF-8), key_lost
 */
APNS_API APNS_MUST_USE enum rouse_err
rouse_cert_export(struct rouse *rouse, const char *topic,
                  const char *passphrase, const char *by,
                  rouse_cert_export_fn *done, void *arg);

/**
 * rouse_cert_rotate_master(rouse, by, done, arg):
 * Make a new master key and seal all private keys again under it; ${n} is how
 * many. A crash at any point leaves a state directory that opens: the file has
 * the key that the database is sealed with.
 */
APNS_API APNS_MUST_USE enum rouse_err
rouse_cert_rotate_master(struct rouse *rouse, const char *by,
                         rouse_cert_count_fn *done, void *arg);

#endif /* ROUSE_ROUSE_CERT_H */
