/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_CERTLIFE_H
#define ROUSE_CERTLIFE_H

/*
 * A push certificate's life as pure decisions: the request, the vendor's
 * signature, mdmcert.download, what the administrator's files are, whether a
 * new certificate may replace the current one, which alert is due, export.
 *
 * Values in, values out. No network, no files, no database, and no clock: now
 * is always an argument. Whatever comes out of Apple's portal, a vendor's
 * mail or an administrator's disk may be hostile; everything is bounded here.
 * Strings that a function hands out are freed with free(); those that hold a
 * private key are cleansed first: certlife_secret_free does both. OpenSSL's
 * error queue is left empty by every function.
 *
 * There is no state between calls, and threads may call at the same time.
 * Making a key takes 0.1 s or so, and a file that uses up
 * CERTLIFE_MAX_ITERATIONS some seconds: whoever runs an event loop makes
 * keys, signs, checks and exports in another thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "apns.h"

/* Limits. Each is enforced where the value enters, by name. */
#define CERTLIFE_MAX_FILES    16                /* files in one question */
#define CERTLIFE_MAX_FILE     ((size_t)1 << 20) /* bytes of one file */
#define CERTLIFE_MAX_OBJECTS  64 /* found in all files together */
#define CERTLIFE_MAX_FINDINGS 64
#define CERTLIFE_MAX_WARNINGS 16
#define CERTLIFE_MAX_KNOWN    64 /* keys known beside the files */
/* Rounds of key derivation by SHA-256 in one question; by others half. */
#define CERTLIFE_MAX_ITERATIONS 5000000
#define CERTLIFE_MAX_PASSWORD   1024 /* bytes */
#define CERTLIFE_MIN_PASSPHRASE 12   /* bytes, of an export */
#define CERTLIFE_MAX_NAME       64   /* bytes of a common name; RFC 5280 */
#define CERTLIFE_MAX_EMAIL      128  /* bytes; OpenSSL's and RFC 2985's */
#define CERTLIFE_MAX_API_KEY    256  /* bytes, of mdmcert.download */
#define CERTLIFE_MAX_DETAIL     512  /* bytes of a detail buffer */
#define CERTLIFE_MAX_TEXT       512  /* bytes of one sentence */
#define CERTLIFE_MAX_HELD       4096 /* identities to compare with */

/* X(name, text) */
#define CERTLIFE_ERRORS(X)                                                \
    X(OK, "success")                                                      \
    X(EFIELD, "a field is malformed or exceeds its limit")                \
    X(EPASSPHRASE, "the passphrase is too short or too long")             \
    X(ETOOLARGE, "a file is larger than 1 MiB")                           \
    X(ETOOMANY, "too many files or objects")                              \
    X(EWORK,                                                              \
      "opening it would take more than 5,000,000 key derivation rounds")  \
    X(EPASSWORD, "the password is missing or wrong")                      \
    X(ECSR, "no certificate request (CSR) in this file")                  \
    X(ECSRSIG, "the certificate request's own signature is not valid")    \
    X(EVENDORCERT, "no vendor certificate in this file")                  \
    X(EVENDORKEY, "no usable vendor private key in this file")            \
    X(EKEYMISMATCH, "the private key does not belong to the certificate") \
    X(ECHAIN, "no certificate in this chain file")                        \
    X(EUPLOAD, "not a signed request for Apple's portal")                 \
    X(EUPLOADSIG, "the vendor's signature does not match the request")    \
    X(EREPLY, "not a reply of mdmcert.download")                          \
    X(EREPLYKEY, "the reply was encrypted for another request")           \
    X(EIDENTITY, "no push certificate with its key")                      \
    X(ENOKEY, "the private key is missing")                               \
    X(ENOMEM, "out of memory")                                            \
    X(ECRYPTO, "the cryptographic library failed")

enum certlife_err {
#define X(name, text) CERTLIFE_##name,
    CERTLIFE_ERRORS(X)
#undef X
    CERTLIFE_N_ERRORS
};

/** certlife_err_text(err): the error in words; static, never NULL. */
const char *certlife_err_text(enum certlife_err err);

/** certlife_secret_free(secret): cleanse and free a string; NULL is fine. */
void certlife_secret_free(char *secret);

/* One file as the administrator has it. */
struct certlife_file {
    const char *name; /* as people know it; used in sentences */
    const void *bytes;
    size_t len;
    const char *password; /* of a PKCS#12 or an encrypted key; NULL: none */
};

/* Things to say that stop nothing. */
struct certlife_warnings {
    size_t n;
    char text[CERTLIFE_MAX_WARNINGS][CERTLIFE_MAX_TEXT];
};

/*
 * Step 1: the request.
 */
struct certlife_subject {
    const char *common_name; /* UTF-8, 1..CERTLIFE_MAX_NAME bytes */
    const char *country;     /* two letters, ISO 3166 */
    const char *email;       /* ASCII, 3..CERTLIFE_MAX_EMAIL bytes, one @ */
};

struct certlife_csr {
    char *key_pem; /* PKCS#8, not encrypted: seal it at once */
    char *csr_pem;
    unsigned char *csr_der;
    size_t csr_der_len;
    char csr_sha256[65];  /* of csr_der, lower-case hex */
    char spki_sha256[65]; /* of the public key: finds the key again when the
                             certificate comes back */
};

/**
 * certlife_csr_make(subject, csr, detail):
 * Make an RSA-2048 key and a PKCS#10 request for it, signed with SHA-256.
 *
 *   owns     fills ${csr}; certlife_csr_fini it, also after an error
 *   detail   CERTLIFE_MAX_DETAIL bytes or NULL; names the field and its limit
 *   errors   CERTLIFE_EFIELD, CERTLIFE_ENOMEM, CERTLIFE_ECRYPTO
 */
APNS_MUST_USE enum certlife_err
certlife_csr_make(const struct certlife_subject *subject,
                  struct certlife_csr *csr, char *detail);

/** certlife_csr_fini(csr): cleanse the key, free the parts. */
void certlife_csr_fini(struct certlife_csr *csr);

/*
 * Step 2: the vendor's signature.
 */
struct certlife_signing {
    struct certlife_file csr;          /* PEM or DER */
    struct certlife_file vendor_cert;  /* PEM, DER (.cer) or PKCS#12; bytes
                                         NULL: it is in vendor_key's PKCS#12 */
    struct certlife_file vendor_key;   /* any private key form, or PKCS#12 */
    const struct certlife_file *chain; /* in any order, also in one file */
    size_t n_chain;                    /* at most CERTLIFE_MAX_FILES */
};

/**
 * certlife_upload_make(signing, now_unix, upload, warnings, detail):
 * Write the file that identity.apple.com/pushcert takes.
 *
 *   owns     ${*upload}: new NUL-terminated base64 on one line
 *   warnings what Apple will probably refuse: vendor certificate expired, not
 *            yet valid or without the MDM vendor mark, links of the chain
 *            that are missing (named), a request with an unusual key
 *   detail   CERTLIFE_MAX_DETAIL bytes or NULL: which file, and what it is
 *            instead
 *   errors   CERTLIFE_ECSR, CERTLIFE_ECSRSIG, CERTLIFE_EVENDORCERT,
 *            CERTLIFE_EVENDORKEY, CERTLIFE_EPASSWORD, CERTLIFE_EWORK,
 *            CERTLIFE_EKEYMISMATCH, CERTLIFE_ECHAIN, LIMIT, SYSTEM
 *   source   Apple, "Setting up push notifications for your device
 *            management customers"
 */
APNS_MUST_USE enum certlife_err
certlife_upload_make(const struct certlife_signing *signing, int64_t now_unix,
                     char **upload, struct certlife_warnings *warnings,
                     char *detail);

/* A signed request, read back. */
struct certlife_upload {
    char csr_subject[512]; /* RFC 2253 */
    char csr_sha256[65];
    char spki_sha256[65];
    struct apns_cert vendor; /* topic is "" */
    size_t n_chain;          /* certificates, the vendor's own included */
    bool is_chain_complete;  /* leaf, its issuer, …, a self-signed root, in
                                this order, every signature valid */
};

/**
 * certlife_upload_read(file, now_unix, upload, warnings, detail):
 * Read a signed request (base64 or raw XML) and verify the vendor's signature.
 *
 *   errors   CERTLIFE_EUPLOAD, CERTLIFE_ECSRSIG, CERTLIFE_EUPLOADSIG
 *            (${upload} is filled in all the same), CERTLIFE_ETOOLARGE, SYSTEM
 */
APNS_MUST_USE enum certlife_err
certlife_upload_read(const struct certlife_file *file, int64_t now_unix,
                     struct certlife_upload *upload,
                     struct certlife_warnings *warnings, char *detail);

/*
 * mdmcert.download: somebody else's vendor signature, by mail.
 */
struct certlife_mdmcert {
    char *json;     /* the body for POST /api/v1/signrequest */
    char *key_pem;  /* throwaway: opens the reply */
    char *cert_pem; /* throwaway: its certificate, sent along in json */
};

/**
 * certlife_mdmcert_make(csr, email, api_key, now_unix, request, detail):
 *
 *   shape    ${email} as in a request; ${api_key} 1..CERTLIFE_MAX_API_KEY
 *   owns     fills ${request}; certlife_mdmcert_fini it
 *   errors   CERTLIFE_EFIELD, CERTLIFE_ECSR, CERTLIFE_ECSRSIG, LIMIT, SYSTEM
 */
APNS_MUST_USE enum certlife_err
certlife_mdmcert_make(const struct certlife_file *csr, const char *email,
                      const char *api_key, int64_t now_unix,
                      struct certlife_mdmcert *request, char *detail);

/** certlife_mdmcert_fini(request): cleanse the key, free the parts. */
void certlife_mdmcert_fini(struct certlife_mdmcert *request);

/**
 * certlife_mdmcert_open(reply, key_pem, cert_pem, upload, detail):
 * Decrypt the reply (hex of PKCS#7, white space does not matter; or PKCS#7 as
 * it is) into the file for Apple's portal, exactly as the service made it.
 *
 *   owns     ${*upload}: new, NUL-terminated
 *   errors   CERTLIFE_EREPLY, CERTLIFE_EREPLYKEY, CERTLIFE_EUPLOAD,
 *            CERTLIFE_EFIELD (key_pem or cert_pem), LIMIT, SYSTEM
 */
APNS_MUST_USE enum certlife_err
certlife_mdmcert_open(const struct certlife_file *reply, const char *key_pem,
                      const char *cert_pem, char **upload, char *detail);

/*
 * Check: what are these files? Its functions are in certlife_check.h.
 */
/* X(name, word): the word is used in JSON and in tables. */
#define CERTLIFE_KINDS(X)                       \
    X(PUSH_CERT, "push certificate")            \
    X(CSR, "certificate request")               \
    X(UPLOAD, "signed request for Apple")       \
    X(VENDOR_CERT, "MDM vendor certificate")    \
    X(PRIVATE_KEY, "private key")               \
    X(ROOT, "root certificate")                 \
    X(INTERMEDIATE, "intermediate certificate") \
    X(APP_CERT, "app push certificate")         \
    X(OTHER_CERT, "other certificate")          \
    X(MDMCERT_REPLY, "mdmcert.download reply")  \
    X(LOCKED_KEY, "locked private key")         \
    X(LOCKED_PKCS12, "locked PKCS#12")          \
    X(PUBLIC_KEY, "public key")                 \
    X(BUNDLE, "PKCS#7 bundle")                  \
    X(SERVER_TOKEN, "device enrollment token")  \
    X(CONTENT_TOKEN, "content token")           \
    X(CHECKIN, "message from a device")         \
    X(PROFILE, "configuration profile")         \
    X(JSON, "JSON")                             \
    X(SSH_KEY, "SSH key")                       \
    X(HTML, "web page")                         \
    X(PLIST, "property list")                   \
    X(ZIP, "zip archive")                       \
    X(UTF16, "UTF-16 text")                     \
    X(EMPTY, "empty file")                      \
    X(BROKEN, "damaged")                        \
    X(UNKNOWN, "unknown")

enum certlife_kind {
#define X(name, word) CERTLIFE_KIND_##name,
    CERTLIFE_KINDS(X)
#undef X
    CERTLIFE_N_KINDS
};

/** certlife_kind_word(kind): from the table above; static. */
const char *certlife_kind_word(enum certlife_kind kind);

/*
 * Compare: may this certificate be imported?
 */
/* What is known of a certificate beside its dates. */
enum certlife_mark {
    CERTLIFE_MARK_REFUSED = 1,     /* APNs refused it */
    CERTLIFE_MARK_REVOKED = 2,     /* APNs said revoked */
    CERTLIFE_MARK_TEST_FAILED = 4, /* the last test did not get through */
    CERTLIFE_MARK_KEY_LOST = 8,    /* with the master key that sealed it */
    /* Seen while it is used, and not kept: */
    CERTLIFE_MARK_WRONG_ENVIRONMENT = 16, /* it, or all tokens, of another */
    CERTLIFE_MARK_WRONG_TOPIC = 32,       /* all tokens are of another */
    CERTLIFE_MARK_NONE_ACCEPTED = 64,     /* tokens refused, none accepted */
};

struct certlife_held {
    const struct apns_cert *cert; /* in force for its topic */
    uint64_t n_enrollments;       /* that can be woken, on its topic */
    const char *apple_account;    /* recorded at its import; NULL: none */
    bool is_key_lost;             /* it cannot be used until it is back */
    unsigned marks;               /* enum certlife_mark */
    bool is_taken;                /* APNs has taken it once */
};

struct certlife_import {
    const struct apns_cert *fresh;
    const char *name;    /* of its file, as people know it; NULL: not said */
    enum apns_err fault; /* what is wrong with it, as in a check's object */
    const char *fault_detail;
    const char *apple_account;        /* given with it; NULL: none */
    const struct certlife_held *held; /* every identity in force */
    size_t n_held;
    const char *const *past_sha256; /* every certificate ever held */
    size_t n_past;
    const char *renew_topic;   /* the one that this is to renew; NULL: not
                                said, then the one with the same topic */
    const char *replace_topic; /* --replace-topic OLD; NULL: no */
    bool has_confirm;
    uint64_t confirm;   /* --confirm N */
    bool as_additional; /* a further identity beside the others is wanted */
};

/* X(name, is_ok, word) */
#define CERTLIFE_VERDICTS(X)                       \
    X(OK_NEW_IDENTITY, true, "new_identity")       \
    X(OK_RENEWAL, true, "renewal")                 \
    X(OK_ADDITIONAL, true, "new_identity")         \
    X(OK_REPLACE_TOPIC, true, "replace_topic")     \
    X(BAD_TOPIC, false, "bad_topic")               \
    X(BAD_CERTIFICATE, false, "bad_certificate")   \
    X(NO_CLIENT_AUTH, false, "no_client_auth")     \
    X(SAME_CERTIFICATE, false, "same_certificate") \
    X(ALREADY_IMPORTED, false, "already_imported") \
    X(EXPIRED, false, "expired")                   \
    X(NOT_YET_VALID, false, "not_yet_valid")       \
    X(UNKNOWN_TOPIC, false, "unknown_topic")       \
    X(TOPIC_MISMATCH, false, "topic_mismatch")     \
    X(CONFIRM_WRONG, false, "confirm_wrong")       \
    X(OLDER_THAN_CURRENT, false, "older_certificate")

enum certlife_verdict {
#define X(name, is_ok, word) CERTLIFE_VERDICT_##name,
    CERTLIFE_VERDICTS(X)
#undef X
    CERTLIFE_N_VERDICTS
};

/** certlife_verdict_word(verdict): "topic_mismatch", …; static. */
const char *certlife_verdict_word(enum certlife_verdict verdict);

/** certlife_verdict_is_ok(verdict): the import may go on. */
bool certlife_verdict_is_ok(enum certlife_verdict verdict);

struct certlife_answer {
    enum certlife_verdict verdict;
    int current;         /* index in held of what it renews or would replace;
                            or -1 */
    uint64_t n_silenced; /* enrollments that could not be woken any more */
    char text[2048];     /* for people: what, why, what to do */
};

/** certlife_compare(import, now_unix, answer): decide; cannot fail. */
void certlife_compare(const struct certlife_import *import, int64_t now_unix,
                      struct certlife_answer *answer);

/**
 * certlife_sides_text(current, fresh, account, now_unix):
 * Both certificates in two columns of 80 characters in all, new; NULL when
 * memory is out. ${current} may be NULL, ${account} (of the new one) too.
 */
char *certlife_sides_text(const struct certlife_held *current,
                          const struct apns_cert *fresh, const char *account,
                          int64_t now_unix);

/** certlife_sides_json: the same as {"current","new","differs":[…]}. */
json_t *certlife_sides_json(const struct certlife_held *current,
                            const struct apns_cert *fresh, const char *account,
                            int64_t now_unix);

/**
 * certlife_guide_text(held, upload, now_unix):
 * What to do at Apple's portal to renew ${held}: which account, which row,
 * which button and which not. New; NULL when memory is out. ${upload} is the
 * name of the signed request; NULL: not said.
 */
char *certlife_guide_text(const struct certlife_held *held, const char *upload,
                          int64_t now_unix);

/*
 * States and alerts.
 */
#define CERTLIFE_EXPIRING_DAYS 30

#define CERTLIFE_STATES(X)                    \
    X(ACTIVE, "active")                       \
    X(EXPIRING, "expiring")                   \
    X(EXPIRED, "expired")                     \
    X(NOT_YET_VALID, "not_yet_valid")         \
    X(REFUSED, "refused")                     \
    X(REVOKED, "revoked")                     \
    X(TEST_FAILED, "test_failed")             \
    X(KEY_LOST, "key_lost")                   \
    X(WRONG_ENVIRONMENT, "wrong_environment") \
    X(WRONG_TOPIC, "wrong_topic")             \
    X(NONE_ACCEPTED, "none_accepted")

enum certlife_state {
#define X(name, word) CERTLIFE_STATE_##name,
    CERTLIFE_STATES(X)
#undef X
    CERTLIFE_N_STATES
};

/** certlife_state_word(state): "active", …; static. */
const char *certlife_state_word(enum certlife_state state);

/**
 * certlife_state_of(not_before, not_after, now_unix, marks):
 * One state; when several are true, the one that needs doing first: revoked,
 * expired, key_lost, not_yet_valid, wrong_environment, wrong_topic, refused,
 * none_accepted, test_failed, expiring.
 */
enum certlife_state certlife_state_of(int64_t not_before_unix,
                                      int64_t not_after_unix, int64_t now_unix,
                                      unsigned marks);

/** certlife_days_left(not_after, now): whole days, rounded down; < 0 expired */
int64_t certlife_days_left(int64_t not_after_unix, int64_t now_unix);

/*
 * What was told about ONE certificate (keyed by its fingerprint); keep it
 * durable, all zero at first. Every alert is remembered by itself, so that a
 * clock that steps ahead and back neither repeats nor swallows one.
 */
struct certlife_told {
    uint32_t thresholds; /* bit i: the i-th of 30, 15, 7, 3, 1, 0 days */
    uint64_t days;       /* bit k: the k-th day after it expired, 1..63 */
    int64_t last_day;    /* the highest day told beyond 63; 0: none */
    uint32_t state_told; /* 1 + the bad state last told; 0: none */
};

struct certlife_alert {
    int threshold;     /* 30, 15, 7, 3, 1, 0; -1: a day while expired */
    int64_t days_left; /* as certlife_days_left; negative: days since */
    enum certlife_state state;
    char text[CERTLIFE_MAX_TEXT];
};

/**
 * certlife_alert_expiry(held, now, told, alert):
 * Is an alert about the expiry of ${held} due now? True: ${alert} is filled
 * and ${told} updated; store it together with the alert. At most the most
 * urgent one is due: after a long stop the earlier ones are not made up for.
 * It names the account and the enrollments of ${held}, as far as it has them.
 */
bool certlife_alert_expiry(const struct certlife_held *held, int64_t now_unix,
                           struct certlife_told *told,
                           struct certlife_alert *alert);

/**
 * certlife_alert_state(state, not_after, now, topic, told, alert):
 * Is an alert due because the certificate is refused, revoked, not yet valid
 * or failed its test? Once for each time it gets there.
 */
bool certlife_alert_state(enum certlife_state state, int64_t not_after_unix,
                          int64_t now_unix, const char *topic,
                          struct certlife_told *told,
                          struct certlife_alert *alert);

/*
 * Export and webhooks.
 */

/**
 * certlife_export_make(pem, len, passphrase, name, der, der_len, detail):
 * Certificate and key as PKCS#12: AES-256-CBC, PBKDF2 and MAC with SHA-256.
 *
 *   shape    ${pem} as apns_cert_read; ${passphrase} CERTLIFE_MIN_PASSPHRASE
 *            ..CERTLIFE_MAX_PASSWORD bytes; ${name} the friendly name
 *   owns     ${*der}: new; free()
 *   errors   CERTLIFE_EPASSPHRASE, CERTLIFE_EIDENTITY, SYSTEM
 */
APNS_MUST_USE enum certlife_err
certlife_export_make(const char *pem, size_t len, const char *passphrase,
                     const char *name, unsigned char **der, size_t *der_len,
                     char *detail);

#include "server/certlife/certlife_check.h"

#endif /* ROUSE_CERTLIFE_H */
