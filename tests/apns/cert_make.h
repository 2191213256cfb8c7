/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_TESTS_CERT_MAKE_H
#define ROUSE_TESTS_CERT_MAKE_H

/*
 * Certificates in memory, right and wrong, for tests that need no server.
 * All use a few keys that are made once per program.
 */

#include <stdint.h>

#include <openssl/evp.h>

/* 2026-01-01T00:00:00Z: the moment at which tests look at certificates. */
#define CERT_MAKE_NOW INT64_C(1767225600)

enum cert_make_key {
    CERT_MAKE_RSA,       /* 2048 bits */
    CERT_MAKE_OTHER_RSA, /* likewise, another one */
    CERT_MAKE_WEAK_RSA,  /* 1024 bits */
    CERT_MAKE_EC,        /* P-256 */
    CERT_MAKE_WEAK_EC,   /* P-224 */
    CERT_MAKE_ED25519,
    CERT_MAKE_N_KEYS
};

struct cert_make {
    const char *uid;        /* NULL: none */
    int uid_len;            /* 0: it is a string */
    const char *second_uid; /* NULL: none */
    const char *cn;         /* bytes, as UTF8String; NULL: "APSP:test" */
    const char *digest;     /* of the signature; NULL: SHA-256 */
    enum cert_make_key key;
    int64_t from_s;      /* validity, relative to CERT_MAKE_NOW; */
    int64_t to_s;        /* both 0: from an hour ago for a year */
    const char *ext_use; /* extendedKeyUsage; NULL: no extension */
};

/** cert_make_key(which): borrowed. */
EVP_PKEY *cert_make_key(enum cert_make_key which);

/** cert_make_pem(make): a self-signed certificate; free() it. */
char *cert_make_pem(const struct cert_make *make);

/** cert_make_key_pem(which): unencrypted PKCS#8; free() it. */
char *cert_make_key_pem(enum cert_make_key which);

/** cert_make_old_key_pem(which, cipher): PKCS#1 or SEC1; NULL: no cipher. */
char *cert_make_old_key_pem(enum cert_make_key which, const EVP_CIPHER *cipher);

/** cert_make_locked_key_pem(which): ENCRYPTED PRIVATE KEY; free() it. */
char *cert_make_locked_key_pem(enum cert_make_key which);

#endif /* ROUSE_TESTS_CERT_MAKE_H */
