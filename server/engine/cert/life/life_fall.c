/* SPDX-License-Identifier: MIT */
#include "life_fall.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/engine/engine_core.h"

struct fall {
    struct rouse *rouse;
    char topic[APNS_MAX_TOPIC + 1];
    char sha256[LIFE_SHA_SIZE]; /* the refused one */
    char old[LIFE_SHA_SIZE];
    char why[LIFE_WHY_SIZE];
};

/* The record that this is about, unless another import came in between. */
static struct life_cert *
find_cert(const struct fall *fall)
{
    struct life_cert *cert = life_find(fall->rouse, fall->topic);

    return cert != NULL && strcmp(cert->sha256, fall->sha256) == 0 ? cert
                                                                   : NULL;
}

static void
tell(const struct fall *fall, const char *what)
{
    char detail[512];

    snprintf(detail, sizeof detail, "APNs refuses %.16s: %s; %s", fall->sha256,
             fall->why, what);
    notice_event(fall->rouse, "pushcert.import_failed", fall->topic, "rouse",
                 detail);
    notice_log(fall->rouse, APNS_LOG_ERROR,
               EVENT_IMPORT_FAILED " topic=%s why=\"%s\" text=\"%s\"",
               fall->topic, fall->why, what);
}

/* It stays as it is: there is nothing to go back to. */
static void
give_up(struct fall *fall, const char *what)
{
    struct life_cert *cert = find_cert(fall);

    if (!fall->rouse->is_freeing)
        tell(fall, what);
    if (cert != NULL) {
        life_settled_fn *on_settled = cert->on_settled;

        cert->is_falling = false;
        cert->old[0] = '\0';
        cert->on_settled = NULL;
        if (on_settled != NULL)
            on_settled(cert->settled_arg, false);
    }
    free(fall);
}

static void
on_written(void *arg, enum store_err err)
{
    struct fall *fall = arg;
    struct rouse *rouse = fall->rouse;
    struct life_cert *cert = find_cert(fall);
    life_settled_fn *on_settled = NULL;
    void *settled_arg = NULL;

    if (cert != NULL) {
        on_settled = cert->on_settled;
        settled_arg = cert->settled_arg;
        cert->on_settled = NULL;
    }
    if (!rouse->is_freeing) {
        proof_recall(rouse, fall->topic);
        /* After an error the next start tries the new one again, and comes
           here again; the old one is in service meanwhile. */
        tell(fall, err == STORE_OK
                       ? "the previous certificate is in force again"
                       : "the previous certificate is in force again, but that "
                         "could not be stored");
        if ((cert = life_begin(rouse, fall->topic, fall->old, "")) != NULL)
            cert->is_taken = true;
    }
    if (on_settled != NULL)
        on_settled(settled_arg, true);
    free(fall);
}

static void
on_held(void *arg, enum store_err err, const struct store_identity *old,
        size_t n)
{
    struct fall *fall = arg;
    struct rouse *rouse = fall->rouse;
    struct apns_credential *credential = NULL;
    char why[LIFE_WHY_SIZE + 32];
    enum apns_err fault;

    if (rouse->is_freeing || err != STORE_OK || n != 1 ||
        find_cert(fall) == NULL) {
        give_up(fall, "the previous certificate cannot be read");
        return;
    }
    /* First into service, then on disk: wakes wait for it. */
    fault = apns_credential_load(old->cert_pem, old->key_pem, &credential);
    if (fault == APNS_OK)
        fault = apns_identity_use(rouse->client, credential);
    apns_credential_free(credential);
    if (fault != APNS_OK) {
        give_up(fall, fault == APNS_EEXPIRED
                          ? "the previous certificate has expired"
                          : "the previous certificate cannot be used");
        return;
    }
    life_use(rouse, fall->topic);
    snprintf(why, sizeof why, "refused by APNs: %s", fall->why);
    err = store_identity_again(rouse->store, fall->topic, fall->old, why,
                               on_written, fall);
    if (err != STORE_OK)
        on_written(fall, err);
}

bool
life_fall_begin(struct rouse *rouse, struct life_cert *cert)
{
    struct fall *fall = calloc(1, sizeof *fall);

    if (fall == NULL)
        return false;
    fall->rouse = rouse;
    memcpy(fall->topic, cert->topic, sizeof fall->topic);
    memcpy(fall->sha256, cert->sha256, sizeof fall->sha256);
    memcpy(fall->old, cert->old, sizeof fall->old);
    memcpy(fall->why, cert->why, sizeof fall->why);
    if (store_identity_held(rouse->store, fall->topic, fall->old, on_held,
                            fall) == STORE_OK)
        return true;
    free(fall);
    return false;
}
