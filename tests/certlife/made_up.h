/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_MADE_UP_H
#define ROUSE_MADE_UP_H

/*
 * A made-up Apple and a made-up vendor: roots, intermediates, a push
 * certificate laid out as the genuine ones are, and every look-alike.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "server/certlife/certlife.h"

#define MADE_UP_NOW INT64_C(1790000000) /* 2026-09-21 */
#define MADE_UP_DAY INT64_C(86400)
#define MADE_UP_TOPIC \
    "com.apple.mgmt.External.11111111-2222-3333-4444-555555555555"

struct made_up_spec {
    const char *cn;
    const char *uid;        /* NULL: none */
    const char *second_uid; /* NULL: none */
    int uid_len;            /* 0: it is a string */
    const char *digest;     /* of the signature; NULL: SHA-256 */
    X509 *issuer;           /* NULL: self-signed */
    EVP_PKEY *issuer_key;   /* with issuer */
    EVP_PKEY *key;          /* of the certificate itself */
    int64_t from_unix;      /* 0: a day before MADE_UP_NOW */
    int64_t to_unix;        /* 0: a year after from_unix, less a second */
    const char *eku;        /* "clientAuth", …; NULL: none */
    bool is_ca;
    bool is_vendor; /* with Apple's MDM vendor mark */
    bool is_app;    /* with the mark of an app's push topics */
};

struct made_up {
    EVP_PKEY *root_key, *wwdr_key, *aai_key, *vendor_key, *push_key;
    X509 *root, *wwdr, *aai, *vendor, *push;
};

/** made_up_cert(spec): new; asserts that it worked. */
X509 *made_up_cert(const struct made_up_spec *spec);

/** made_up_push(made_up, uid, key, from, to): a push certificate by aai. */
X509 *made_up_push(const struct made_up *made_up, const char *uid,
                   EVP_PKEY *key, int64_t from_unix, int64_t to_unix);

/** made_up_key(): a new RSA-2048 key. */
EVP_PKEY *made_up_key(void);

void made_up_init(struct made_up *made_up);
void made_up_fini(struct made_up *made_up);

/** apple: of one program, between made_up_set_up and _tear_down (ALL). */
extern struct made_up apple;
int made_up_set_up(void **state);
int made_up_tear_down(void **state);
/** made_up_forget(state): files and OpenSSL errors, after each test (EACH). */
int made_up_forget(void **state);

/* Files that tests make up; all freed by made_up_files_free. */
#define MADE_UP_MAX_FILES 64

/** A copy of the bytes as a file; freed at the end of the test. */
struct certlife_file made_up_file(const char *name, const void *bytes,
                                  size_t len);
struct certlife_file made_up_text(const char *name, const char *text);
struct certlife_file made_up_cert_pem(const char *name, X509 *cert);
struct certlife_file made_up_cert_der(const char *name, X509 *cert);
struct certlife_file made_up_key_pem(const char *name, EVP_PKEY *key);

enum made_up_key_form {
    MADE_UP_PKCS8_DER,
    MADE_UP_PKCS1_PEM,
    MADE_UP_PKCS1_DER,
    MADE_UP_SEALED_PEM, /* encrypted PKCS#8 */
    MADE_UP_SEALED_DER,
    MADE_UP_OLD_SEALED_PEM, /* Proc-Type: 4,ENCRYPTED; 3DES */
    MADE_UP_N_KEY_FORMS
};

/** made_up_key_as(name, key, form, password): one of the many key files. */
struct certlife_file made_up_key_as(const char *name, EVP_PKEY *key,
                                    enum made_up_key_form form,
                                    const char *password);

/**
 * made_up_p12(name, key, cert, password, nid, rounds): ${nid} is the cipher:
 * NID_aes_256_cbc, NID_pbe_WithSHA1And3_Key_TripleDES_CBC or
 * NID_pbe_WithSHA1And40BitRC2_CBC (made with the legacy provider).
 */
struct certlife_file made_up_p12(const char *name, EVP_PKEY *key, X509 *cert,
                                 const char *password, int nid, int rounds);

/** made_up_csr(key): a request as PEM file. */
struct certlife_file made_up_csr(const char *name, EVP_PKEY *key);

/** A file of two, glued without anything between. */
struct certlife_file made_up_glued(const char *name,
                                   const struct certlife_file *a,
                                   const struct certlife_file *b);

void made_up_files_free(void);

/** made_up_errors(): asserts that OpenSSL's error queue is empty. */
void made_up_errors(void);

#endif /* ROUSE_MADE_UP_H */
