/* SPDX-License-Identifier: MIT */
#ifndef API_AUTH_H
#define API_AUTH_H

/*
 * Who may do what: verbs, and the text form of API keys. Pure functions; the
 * keys in force are in keyring.h.
 *
 * A key is `rouse_<id>_<secret>`, the secret 256 random bits as 43 characters
 * of base64url. Of the secret only its SHA-256 is ever stored.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "apns/apns.h"

/* X(name, text) */
#define AUTH_VERBS(X)                                                     \
    X(READ, "read")               /* see everything but secrets */        \
    X(CHECKIN, "checkin")         /* report what devices sent */          \
    X(WAKE, "wake")               /* ask for wakes and waves, end them */ \
    X(ENROLLMENTS, "enrollments") /* write, import, remove enrollments */ \
    X(EXPORT, "export")           /* see tokens and push magics */        \
    X(PUSHCERT, "pushcert")       /* import push certificates */          \
    X(ADMIN, "admin")             /* create, list, revoke API keys */

enum auth_verb {
#define X(name, text) AUTH_##name,
    AUTH_VERBS(X)
#undef X
    AUTH_N_VERBS
};

#define AUTH_ALL_VERBS ((1U << AUTH_N_VERBS) - 1)
#define AUTH_BIT(verb) (1U << (verb))

#define AUTH_SECRET_LEN 43  /* characters */
#define AUTH_KEY_SIZE   80  /* a whole key, with the NUL */
#define AUTH_HASH_LEN   32  /* bytes of SHA-256 */
#define AUTH_NAME_SIZE  192 /* of a caller's name, with the NUL */

struct auth_caller {
    uint32_t verbs;
    char topic[APNS_MAX_TOPIC + 1]; /* "" sees all topics */
    char group[256];                /* path; "" sees all groups */
    char name[AUTH_NAME_SIZE];      /* for the audit log */
    int64_t key;                    /* its number; 0: no key */
};

const char *auth_verb_text(enum auth_verb verb);
bool auth_verb_read(const char *text, enum auth_verb *verb);

/**
 * auth_secret_new(secret, hash):
 * Make a secret.
 *
 *   owns     the caller cleanses ${secret}
 *   returns  false when the system gives no random bytes
 */
bool auth_secret_new(char secret[AUTH_SECRET_LEN + 1],
                     uint8_t hash[AUTH_HASH_LEN]);

/**
 * auth_key_split(key, id, hash):
 * Take a key apart, into its number and the hash of its secret.
 *
 *   returns  false when it has not the form of a key
 */
bool auth_key_split(const char *key, int64_t *id, uint8_t hash[AUTH_HASH_LEN]);

/**
 * auth_header_read(header, key):
 * The key in an Authorization header: `Bearer KEY`, or `Basic` with any user
 * name and the key as the password.
 *
 *   returns  false when there is none, also when ${header} is NULL
 */
bool auth_header_read(const char *header, char key[AUTH_KEY_SIZE]);

#endif /* API_AUTH_H */
