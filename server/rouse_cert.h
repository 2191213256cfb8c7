/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_ROUSE_CERT_H
#define ROUSE_ROUSE_CERT_H

/*
 * A push certificate's whole life: request, vendor's signature, check, import
 * with a guard, test, revert, removal, export. A part of rouse.h, which
 * includes it.
 *
 * What a guard refuses is ROUSE_EGUARD: nothing was changed, and the refusal
 * says why in words for an administrator. Files come as the administrator has
 * them: PEM, DER, PKCS#12, base64, several in one. Slow work (keys, hostile
 * files) happens in a thread of its own.
 */

#include "apns.h"

struct rouse;

#define ROUSE_CERT_MAX_FILES    16
#define ROUSE_CERT_MAX_LEN      ((size_t)1 << 20) /* bytes of all files */
#define ROUSE_CERT_MAX_NAME     64     /* bytes of a request's name */
#define ROUSE_CERT_MAX_REQUESTS 64     /* pending at a time */
#define ROUSE_CERT_MAX_WAIT_MS  300000 /* of a test, and of a check-in */

struct rouse_cert_file {
    const char *name;
    const void *bytes;
    size_t len;
};

struct rouse_cert_files {
    const struct rouse_cert_file *file;
    size_t n;
    const char *password; /* of those that have one; NULL: none */
};

/* Never NULL in a completion; empty where nothing was refused. */
struct rouse_cert_refusal {
    const char *code; /* "topic_mismatch", "bad_password", … */
    const char *text; /* what, why, what to do next */
};

/*
 * Requests.
 */
struct rouse_cert_wish {
    const char *topic; /* to renew; NULL: a new identity */
    const char *name;  /* letters, digits, '.', '-', '_'; NULL: the date */
    const char *common_name; /* NULL: "MDM push certificate" */
    const char *country;     /* two letters; NULL: "US" */
    const char *email;       /* NULL: the Apple Account of the last import */
    bool is_to_sign;         /* with the vendor's credential that is held */
    const char *mail_key;    /* API key of mdmcert.download: make the message
                                to it as well, with ${email}; or NULL */
    const char *by;
};

struct rouse_cert_request {
    const char *name;
    const char *topic; /* "" for a new identity */
    const char *csr_pem;
    const char *spki_sha256;
    const char *upload;  /* for Apple's portal; "" until it is signed */
    const char *message; /* JSON for mdmcert.download; "" elsewhere */
    bool is_mail_awaited;
    int64_t created_at_ms;
    const char *created_by;
    size_t n_warnings; /* of the signature */
    const char *const *warnings;
};

typedef void rouse_cert_requests_fn(void *arg, enum rouse_err err,
                                    const struct rouse_cert_refusal *refusal,
                                    const struct rouse_cert_request *requests,
                                    size_t n);

/**
 * rouse_cert_request_make(rouse, wish, done, arg):
 * Make an RSA-2048 key, sealed and pending, and a CSR for it; sign that for
 * Apple's portal when it is asked for.
 *
 *   errors   at once: ROUSE_EINVAL, ROUSE_ECLOSED, ROUSE_ENOMEM, ROUSE_EBUSY.
 *            ROUSE_EGUARD in the completion: bad_field, name_taken,
 *            unknown_topic, too_many_requests, no_vendor, bad_vendor
 */
APNS_API APNS_MUST_USE enum rouse_err
rouse_cert_request_make(struct rouse *rouse, const struct rouse_cert_wish *wish,
                        rouse_cert_requests_fn *done, void *arg);

/** rouse_cert_request_list: pending ones; ${name} NULL: all, else it or
 *  ROUSE_ENOTFOUND. */
APNS_API APNS_MUST_USE enum rouse_err
rouse_cert_request_list(struct rouse *rouse, const char *name,
                        rouse_cert_requests_fn *done, void *arg);

/** rouse_cert_request_delete: with its key; ROUSE_ENOTFOUND. */
APNS_API APNS_MUST_USE enum rouse_err
rouse_cert_request_delete(struct rouse *rouse, const char *name, const char *by,
                          rouse_done_fn *done, void *arg);

/**
 * rouse_cert_request_open_mail(rouse, name, reply, len, done, arg):
 * mdmcert.download's reply (hex or PKCS#7) to this request: decrypted, it is
 * what Apple's portal takes.
 *
 *   errors   ROUSE_ENOTFOUND; ROUSE_EGUARD: no_mail_key, bad_reply
 */
APNS_API APNS_MUST_USE enum rouse_err
rouse_cert_request_open_mail(struct rouse *rouse, const char *name,
                             const void *reply, size_t len,
                             rouse_cert_requests_fn *done, void *arg);

/*
 * The MDM vendor's credential, sealed; at most one.
 */
struct rouse_cert_vendor {
    struct apns_cert cert; /* topic is "" */
    size_t n_chain;
    int64_t put_at_ms;
    const char *put_by;
    size_t n_warnings;
    const char *const *warnings;
};

typedef void rouse_cert_vendor_fn(void *arg, enum rouse_err err,
                                  const struct rouse_cert_refusal *refusal,
                                  const struct rouse_cert_vendor *vendor);

/** rouse_cert_vendor_put: certificate, key and chain among ${files}.
 *  ROUSE_EGUARD: no_vendor_certificate, no_vendor_key, bad_files. */
APNS_API APNS_MUST_USE enum rouse_err
rouse_cert_vendor_put(struct rouse *rouse, const struct rouse_cert_files *files,
                      const char *by, rouse_cert_vendor_fn *done, void *arg);

/** rouse_cert_vendor_get: facts, never the key; ROUSE_ENOTFOUND. */
APNS_API APNS_MUST_USE enum rouse_err
rouse_cert_vendor_get(struct rouse *rouse, rouse_cert_vendor_fn *done,
                      void *arg);

/** rouse_cert_vendor_delete: ROUSE_ENOTFOUND. */
APNS_API APNS_MUST_USE enum rouse_err
rouse_cert_vendor_delete(struct rouse *rouse, const char *by,
                         rouse_done_fn *done, void *arg);

/*
 * What is held, and what was.
 */
struct rouse_cert_record {
    const char *topic;
    const char *subject;
    const char *issuer;
    const char *serial;
    const char *sha256; /* lower-case hex */
    int64_t not_before_unix;
    int64_t not_after_unix;
    const char *life; /* as rouse_cert_life's, by what is stored of it */
    int64_t imported_at_ms;
    const char *imported_by;
    const char *apple_account; /* "" when not recorded */
    const char *note;
    int64_t retired_at_ms;   /* 0: in force */
    const char *retired_why; /* "renewed", "removed", "refused", … */
    int64_t taken_at_ms;     /* when APNs first let it in; 0: not yet */
    int64_t proven_at_ms;    /* when it first accepted a push; 0: not yet */
    int64_t tested_at_ms;    /* the last test push; 0: none */
    bool is_test_ok;
    const char *test_text; /* how it ended */
    bool is_key_lost;      /* with the master key: it rests until it is
                              imported again with its key */
    const char *cert_pem;  /* the certificate itself, without its key */
};

typedef void rouse_cert_records_fn(void *arg, enum rouse_err err,
                                   const struct rouse_cert_record *records,
                                   size_t n);

/** rouse_cert_list: those in force; ${topic} NULL: all, by topic, else it or
 *  ROUSE_ENOTFOUND. How they stand with APNs now: rouse_cert_each. */
APNS_API APNS_MUST_USE enum rouse_err
rouse_cert_list(struct rouse *rouse, const char *topic,
                rouse_cert_records_fn *done, void *arg);

/** rouse_cert_history: every certificate ever held, newest import first;
 *  ${topic} NULL: of all, else ROUSE_ENOTFOUND when it never had one. */
APNS_API APNS_MUST_USE enum rouse_err
rouse_cert_history(struct rouse *rouse, const char *topic,
                   rouse_cert_records_fn *done, void *arg);

/*
 * Check.
 */
typedef void rouse_cert_check_fn(void *arg, enum rouse_err err,
                                 const struct rouse_cert_refusal *refusal,
                                 const char *json, const char *text);

/** rouse_cert_check(rouse, files, done, arg): what each file is, what fits
 *  what, what is wrong: {"objects","findings"}, and the same as text.
 *  ROUSE_EGUARD: bad_files. The keys of pending requests and of certificates
 *  in force are known, 64 of them at most. */
APNS_API APNS_MUST_USE enum rouse_err
rouse_cert_check(struct rouse *rouse, const struct rouse_cert_files *files,
                 rouse_cert_check_fn *done, void *arg);

/*
 * Test: one push to a token that cannot exist. That APNs says so proves
 * certificate, topic and network.
 */
struct rouse_cert_test {
    bool is_ok;
    bool is_refusal;       /* APNs refuses this certificate or topic */
    enum apns_cause cause; /* of a refusal, where it is known */
    uint16_t status;       /* HTTP; 0: no answer */
    const char *reason;
    const char *explanation; /* for an administrator */
    const char *what_to_do;  /* "" when there is nothing */
    uint32_t took_ms;
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

typedef void rouse_cert_test_fn(void *arg, enum rouse_err err,
                                const struct rouse_cert_refusal *refusal,
                                const struct rouse_cert_test *test);

/** rouse_cert_test_topic: the one in force; its last test is recorded.
 *  ${wait_ms} 0: 30 s. ROUSE_ENOTFOUND. */
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

/** rouse_cert_test_files: one that need not be imported; its key among the
 *  files or held. ROUSE_EGUARD as rouse_cert_import_files. */
APNS_API APNS_MUST_USE enum rouse_err
rouse_cert_test_files(struct rouse *rouse, const struct rouse_cert_files *files,
                      uint32_t wait_ms, rouse_cert_test_fn *done, void *arg);

/*
 * Import.
 */
struct rouse_cert_import {
    struct rouse_cert_files files;
    const char *by;
    const char *apple_account; /* NULL: that of the one that it renews */
    const char *note;
    const char *renew_topic;   /* meant to renew this one; NULL: not said */
    bool is_additional;        /* a further identity is meant */
    const char *replace_topic; /* give this one up for it; NULL */
    bool has_confirm;
    uint64_t confirm;       /* enrollments that replacing silences */
    const char *only_topic; /* a caller limited to it: "forbidden" for all
                               others; NULL */
    bool is_dry_run;        /* compare only */
    bool is_untested;       /* no test push afterwards */
};

struct rouse_cert_import_answer {
    const char *verdict; /* certlife's word: "renewal", …; "" not reached */
    const struct apns_cert *cert;    /* NULL: none was found */
    const struct apns_cert *current; /* what it renews, or NULL */
    uint64_t n_silenced;
    const char *comparison;      /* both in two columns; "" */
    const char *comparison_json; /* {"current","new","differs"}; "" */
    const char *key_from;        /* "file", "request:NAME", "current", "" */
    size_t n_warnings;           /* of what stops nothing: few days left, */
    const char *const *warnings; /* another file ignored, self-signed, … */
    bool lacks_account; /* neither given nor recorded: next year nobody will
                           know which one renews it */
    const struct rouse_cert_test *test; /* NULL: not made */
    bool has_fallen_back; /* APNs refused it; the old one is in force again */
};

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
 * Put the newest other certificate of the topic that is still valid back.
 *
 *   errors   ROUSE_ENOTFOUND, ROUSE_EGUARD: nothing_to_revert_to,
 *            apns_refused
 */
APNS_API APNS_MUST_USE enum rouse_err
rouse_cert_revert(struct rouse *rouse, const char *topic, const char *by,
                  const char *note, bool is_untested,
                  rouse_cert_import_fn *done, void *arg);

typedef void rouse_cert_count_fn(void *arg, enum rouse_err err,
                                 const struct rouse_cert_refusal *refusal,
                                 uint64_t n);

/** rouse_cert_remove: ${confirm} is the number of enrollments that it
 *  silences. ROUSE_EGUARD: confirm_needed, with that number; ENOTFOUND. */
APNS_API APNS_MUST_USE enum rouse_err
rouse_cert_remove(struct rouse *rouse, const char *topic, bool has_confirm,
                  uint64_t confirm, const char *by, rouse_cert_count_fn *done,
                  void *arg);

typedef void rouse_cert_export_fn(void *arg, enum rouse_err err,
                                  const struct rouse_cert_refusal *refusal,
                                  const unsigned char *der, size_t len);

/** rouse_cert_export: certificate and key as PKCS#12 under ${passphrase}.
 *  ROUSE_ENOTFOUND; ROUSE_EGUARD: bad_passphrase. */
APNS_API APNS_MUST_USE enum rouse_err
rouse_cert_export(struct rouse *rouse, const char *topic,
                  const char *passphrase, const char *by,
                  rouse_cert_export_fn *done, void *arg);

/** rouse_cert_rotate_master(rouse, by, done, arg): a new master key; ${n}
 *  keys were sealed under it. A crash at any point leaves one that works. */
APNS_API APNS_MUST_USE enum rouse_err
rouse_cert_rotate_master(struct rouse *rouse, const char *by,
                         rouse_cert_count_fn *done, void *arg);

#endif /* ROUSE_ROUSE_CERT_H */
