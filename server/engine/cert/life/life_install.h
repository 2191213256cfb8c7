/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_LIFE_INSTALL_H
#define ENGINE_LIFE_INSTALL_H

/*
 * A certificate takes effect: one transaction in the store, then the client.
 * When the client will not have it, the store goes back as well. A crash
 * leaves the old one or the new one in force, never none.
 */

#include <stdbool.h>
#include <stdint.h>

#include "server/rouse.h"
#include "store/store.h"

struct rouse;

typedef void life_install_fn(void *arg, enum rouse_err err,
                             enum apns_err fault);

struct life_install {
    struct apns_credential *credential;
    const char *by;
    const char *apple_account; /* may be NULL */
    const char *note;          /* may be NULL */
    const char *why;           /* a certificate of the history goes back into
                                  force, the other one leaves with these words;
                                  NULL: a new one */
    struct store_identity_terms terms; /* of a new one */
};

/**
 * life_install_begin(rouse, install, done, arg):
 * Everything is copied; of the credential it takes a share.
 *
 *   errors   at once or in the completion: those of the store;
 *            ROUSE_ECERT: the client refuses it, ${fault} says why
 */
enum rouse_err life_install_begin(struct rouse *rouse,
                                  const struct life_install *install,
                                  life_install_fn *done, void *arg);

#endif /* ENGINE_LIFE_INSTALL_H */
