/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_LEGACY_H
#define ROUSE_LEGACY_H

/*
 * Opening what is encrypted, old ciphers included, within a budget of key
 * derivation rounds. OpenSSL's legacy provider (RC2, single DES) is loaded
 * into a library context of our own, so that nothing else in the process
 * accepts old ciphers; the context is this thread's default between enter and
 * leave only. Nothing that was made inside may live on outside: hand it over
 * as DER.
 */

#include <stdbool.h>
#include <stdint.h>

#include <openssl/provider.h>
#include <openssl/x509.h>

struct legacy {
    OSSL_LIB_CTX *own; /* made at the first enter */
    OSSL_PROVIDER *modern;
    OSSL_PROVIDER *old; /* NULL: not installed; then without */
    OSSL_LIB_CTX *outer;
    uint64_t budget;     /* rounds of SHA-256 left */
    bool is_over_budget; /* something asked for more */
};

/** legacy_init(legacy): the full budget, nothing loaded. */
void legacy_init(struct legacy *legacy);

/** legacy_fini(legacy): unload. */
void legacy_fini(struct legacy *legacy);

/** legacy_enter(legacy): false: OpenSSL failed, and nothing was entered. */
bool legacy_enter(struct legacy *legacy);

/** legacy_leave(legacy): back to the context of before. */
void legacy_leave(struct legacy *legacy);

/** legacy_spend(legacy, rounds): take from the budget; false: not enough. */
bool legacy_spend(struct legacy *legacy, uint64_t rounds);

/**
 * legacy_spend_on(legacy, algorithm):
 * Take what deriving a key for a password-based ${algorithm} costs. False:
 * too much, or nothing that we know; do not decrypt.
 */
bool legacy_spend_on(struct legacy *legacy, const X509_ALGOR *algorithm);

#endif /* ROUSE_LEGACY_H */
