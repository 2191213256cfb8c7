/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_CERTLIFE_CHECK_H
#define ROUSE_CERTLIFE_CHECK_H

/*
 * Whatever files an administrator has: what each is, what fits what, what is
 * wrong, and the identity that can be imported from them. A part of
 * certlife.h, which includes it.
 */

#include "server/certlife/certlife.h"

struct apns_credential;

struct certlife_object {
    size_t file; /* index of the file it is from */
    enum certlife_kind kind;
    struct apns_cert cert;    /* certificates: all; CSR and UPLOAD: subject and
                              fingerprints; else zero. Dates unix s */
    enum apns_err fault;      /* certificates: what no push certificate may have
                              that apns_cert_read would find; of the other
                              kinds it means nothing */
    const char *fault_detail; /* with fault; the check's */
    char spki_sha256[65];     /* of the public key; or "" */
    char key_type[32];        /* "RSA 2048", "EC 256", …; or "" */
    uint64_t fits;            /* bit i: object i has the same public key */
    uint64_t known;           /* bit i: known[i] has the same public key */
    int issuer;               /* object that signed it; or -1 */
    char sentence[CERTLIFE_MAX_TEXT]; /* what it is, in plain words */
};

enum certlife_severity {
    CERTLIFE_FINE,    /* good news, worth saying */
    CERTLIFE_WARNING, /* may be meant so */
    CERTLIFE_PROBLEM, /* an import of these files cannot work */
};

struct certlife_finding {
    enum certlife_severity severity;
    bool goes_along; /* of a warning: an import that goes on repeats it, */
    int object;      /* when it is of this one; -1: of whichever */
    char text[CERTLIFE_MAX_TEXT];
};

/* A key that is held elsewhere: a pending request, the current identity. */
struct certlife_known {
    const char *name; /* as people know it: "the pending request 2027" */
    const char *spki_sha256;
};

struct certlife_check {
    size_t n_objects; /* at most CERTLIFE_MAX_OBJECTS */
    struct certlife_object *objects;
    size_t n_findings;
    struct certlife_finding *findings;
    struct pile *pile; /* the things themselves; inside only */
};

/**
 * certlife_check_make(files, n_files, known, n_known, now_unix, check, detail):
 * Say what each file is, what fits what, and what is wrong.
 *
 *   shape    at most CERTLIFE_MAX_FILES files of CERTLIFE_MAX_FILE bytes;
 *            ${known} NULL: nobody can say here what is held elsewhere, so
 *            that a missing key is a warning and no problem
 *   owns     ${*check} is new; certlife_check_free it. The files are the
 *            caller's and not needed afterwards
 *   detail   CERTLIFE_MAX_DETAIL bytes or NULL: which file and which limit
 *   errors   CERTLIFE_ETOOMANY, CERTLIFE_ETOOLARGE, CERTLIFE_EFIELD,
 *            CERTLIFE_ENOMEM. A bad file is no error but an answer
 */
APNS_MUST_USE enum certlife_err
certlife_check_make(const struct certlife_file *files, size_t n_files,
                    const struct certlife_known *known, size_t n_known,
                    int64_t now_unix, struct certlife_check **check,
                    char *detail);

/** certlife_check_free(check): NULL is fine. Keys are cleansed. */
void certlife_check_free(struct certlife_check *check);

/**
 * certlife_check_pem(check, object):
 * The object as PEM (a key as PKCS#8, an upload's CSR), new; NULL when it has
 * none or memory is out. certlife_secret_free it.
 */
char *certlife_check_pem(const struct certlife_check *check, size_t object);

/**
 * certlife_check_push(check):
 * The push certificate to import: one that can be used, and of those the one
 * that expires last; or -1.
 */
int certlife_check_push(const struct certlife_check *check);

/** certlife_check_push_of(check, topic): likewise, of that topic alone. */
int certlife_check_push_of(const struct certlife_check *check,
                           const char *topic);

/** certlife_check_is_torn(check): push certificates of two topics are here,
 *  and somebody must say which is meant. */
bool certlife_check_is_torn(const struct certlife_check *check);

/**
 * certlife_check_details(check, object):
 * What a certificate is compared by at Apple's portal: serial number, issuer
 * and SHA-256, a line each; of a private key the fingerprint by which a
 * refusal names the one that is wanted. New; NULL: it is neither, or no memory.
 */
char *certlife_check_details(const struct certlife_check *check, size_t object);

/**
 * certlife_check_why(check, files):
 * Why these files cannot be imported, a line for each reason, the last one
 * without its end; "" when they can, as far as can be known here. New, or
 * NULL: no memory.
 */
char *certlife_check_why(const struct certlife_check *check,
                         const struct certlife_file *files);

/** certlife_check_json(check, files, n_files): new, or NULL: no memory. */
json_t *certlife_check_json(const struct certlife_check *check,
                            const struct certlife_file *files, size_t n_files);

/**
 * certlife_check_credential(check, files, object, key_pem, credential, detail):
 * Push certificate ${object} and its key as what apns_identity_use takes.
 * Slow: it signs with the key.
 *
 *   shape    ${key_pem}: a key held elsewhere, or NULL: the one in the files
 *   owns     ${*credential} is new, NULL after an error; apns_credential_free
 *   detail   CERTLIFE_MAX_DETAIL bytes: whole sentences about the file that
 *            is the trouble
 *   errors   CERTLIFE_EIDENTITY it cannot be used, whatever the date;
 *            CERTLIFE_ENOKEY, CERTLIFE_EKEYMISMATCH, CERTLIFE_ENOMEM
 */
APNS_MUST_USE enum certlife_err
certlife_check_credential(const struct certlife_check *check,
                          const struct certlife_file *files, size_t object,
                          const char *key_pem,
                          struct apns_credential **credential, char *detail);

#endif /* ROUSE_CERTLIFE_CHECK_H */
