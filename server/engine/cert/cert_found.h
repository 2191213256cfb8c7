/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_CERT_FOUND_H
#define ENGINE_CERT_FOUND_H

/*
 * The push certificate among files from outside, and its key, which is among
 * them, of a pending request or that of the certificate in force:
 *
 *   files (worker) -> key (store) -> credential (worker)
 *
 * What the files hold is parsed once.
 */

#include "cert_op.h"
#include "server/engine/cert/life/life_files.h"

struct cert_found {
    struct cert_op op; /* first */
    void (*done)(struct cert_found *found);
    const char *renew_topic; /* of two topics this one; NULL: neither */
    struct life_files files;
    int push;            /* the certificate's object */
    const char *key_pem; /* held elsewhere; or NULL */
    const char *request; /* whose key it is; or NULL, as its topic is */
    const char *request_topic;
    char key_from[ROUSE_CERT_MAX_NAME + 64];
    struct apns_credential *credential;
    enum certlife_err fault;              /* why there is none, */
    char fault_text[CERTLIFE_MAX_DETAIL]; /* in words */
};

/**
 * cert_found_begin(found, files, done):
 * Copy ${files} and look at them. ${done} comes with ${push}, and with
 * ${credential} or ${fault}; what is no push certificate, or two, is refused
 * before. What the façade answers; with an
 * error as cert_op_drop.
 */
enum rouse_err cert_found_begin(struct cert_found *found,
                                const struct rouse_cert_files *files,
                                void (*done)(struct cert_found *found));

/** cert_found_refuse(found): end it for its fault. */
void cert_found_refuse(struct cert_found *found);

void cert_found_fini(struct cert_found *found);

#endif /* ENGINE_CERT_FOUND_H */
