/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_PILE_H
#define ROUSE_PILE_H

/*
 * What was found in files: certificates, requests, keys and things that are
 * none of these. The readers (readder, readpem, readpkcs12, readfile) fill it.
 */

#include <stdbool.h>
#include <stddef.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "apns/cert/cert_describe.h"
#include "legacy.h"
#include "server/certlife/certlife.h"

/* A private key of RSA-16384 fits; larger ones only cost time. */
#define PILE_MAX_KEY_DER ((size_t)16 << 10)

/* Why a thing could not be read, where that decides what is said of it. */
enum pile_trouble {
    PILE_NO_TROUBLE,
    PILE_NO_PASSWORD,     /* LOCKED_*: none was given */
    PILE_WRONG_PASSWORD,  /* LOCKED_* */
    PILE_TOO_MANY_ROUNDS, /* LOCKED_*: of key derivation; not tried */
    PILE_HALF_A_KEY,      /* BROKEN: it was a private key */
};

struct pile_item {
    size_t file;
    enum certlife_kind kind;
    enum pile_trouble trouble;
    X509 *cert;             /* the certificate kinds */
    struct apns_cert facts; /* of cert or csr; else zero */
    enum apns_err fault;    /* cert: what cert_describe finds wrong */
    char fault_detail[CERT_DESCRIBE_MAX_DETAIL];
    X509_REQ *csr;           /* CSR and UPLOAD */
    EVP_PKEY *key;           /* PRIVATE_KEY; NULL: of a type that is
                                     named in note and not used */
    STACK_OF(X509) * chain;  /* UPLOAD: leaf first, as in the file */
    bool is_signature_valid; /* UPLOAD: the vendor's over the CSR */
    char note[96];           /* what is special, for its sentence */
};

struct pile {
    size_t n;
    size_t file;  /* the one that is being read */
    bool is_full; /* something did not fit into CERTLIFE_MAX_OBJECTS */
    struct pile_item items[CERTLIFE_MAX_OBJECTS];
    struct legacy legacy;
};

/** pile_new(): empty, or NULL: no memory. */
struct pile *pile_new(void);

/** pile_free(pile): with all that it holds; NULL is fine. */
void pile_free(struct pile *pile);

/**
 * pile_add(pile, kind): a new item of the file being read, or NULL: full.
 * The caller fills in the rest.
 */
struct pile_item *pile_add(struct pile *pile, enum certlife_kind kind);

/** pile_add_cert, pile_add_csr, pile_add_key: take ownership always. */
void pile_add_cert(struct pile *pile, X509 *cert);
void pile_add_csr(struct pile *pile, X509_REQ *csr);
void pile_add_key(struct pile *pile, EVP_PKEY *key);

/** pile_note(pile, kind, note): an item that is only worth a sentence. */
void pile_note(struct pile *pile, enum certlife_kind kind, const char *note);

/** pile_lock(pile, kind, trouble): LOCKED_KEY or LOCKED_PKCS12. */
void pile_lock(struct pile *pile, enum certlife_kind kind,
               enum pile_trouble trouble);

/** pile_read(pile, index, file): read one file into the pile; bounds it. */
APNS_MUST_USE enum certlife_err pile_read(struct pile *pile, size_t index,
                                          const struct certlife_file *file);

/** pile_key(item): the public key of an item; borrowed, or NULL. */
EVP_PKEY *pile_key(const struct pile_item *item);

#endif /* ROUSE_PILE_H */
