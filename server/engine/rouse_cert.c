/* SPDX-License-Identifier: MIT */

/*
 * The façade of push certificates: import and listing.
 */

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/engine/engine_core.h"
#include "server/engine/life_install.h"

struct import {
    struct later later;
    struct rouse *rouse;
    rouse_import_fn *done;
    void *arg;
    enum rouse_err err;
    struct rouse_import_answer answer;
    char *leaf_pem;
    char *key_pem; /* cleansed before it is freed */
    char *by;
};

static void
free_import(struct import *import)
{
    if (import->key_pem != NULL)
        OPENSSL_cleanse(import->key_pem, strlen(import->key_pem));
    free(import->key_pem);
    free(import->leaf_pem);
    free(import->by);
    free(import);
}

static void
complete(struct import *import, enum rouse_err err)
{
    if (import->done != NULL)
        import->done(import->arg, err, &import->answer);
    free_import(import);
}

static void
on_later(struct later *later)
{
    struct import *import =
        (struct import *)((char *)later - offsetof(struct import, later));

    complete(import, import->err);
}

static void
on_installed(void *arg, enum rouse_err err, enum apns_err fault)
{
    struct import *import = arg;

    import->answer.fault = fault;
    complete(import, err);
}

static bool
is_short(const char *text, size_t max)
{
    return text == NULL || strnlen(text, max + 1) <= max;
}

/* The client has a bound; better to hear of it before it is durable. */
static bool
has_place(struct rouse *rouse, const char *topic)
{
    struct apns_identity_status status;

    return apns_identity_get(rouse->client, topic, &status) == APNS_OK ||
           rouse->topics.n < APNS_MAX_IDENTITIES;
}

/* As a rule somebody has taken last year's file. When APNs refuses the one in
 * force, an older one may be the way out. */
static bool
is_older(struct rouse *rouse, const struct apns_cert *cert)
{
    struct apns_identity_status status;

    return apns_identity_get(rouse->client, cert->topic, &status) == APNS_OK &&
           status.state != APNS_IDENTITY_STOPPED &&
           cert->not_after_unix < status.cert.not_after_unix;
}

static enum rouse_err
check(struct import *import, const char *pem, size_t len)
{
    struct rouse_import_answer *answer = &import->answer;

    answer->fault =
        apns_cert_read(pem, len, tick_now(import->rouse) / 1000, &answer->cert,
                       &import->leaf_pem, &import->key_pem, answer->detail);
    if (answer->fault == APNS_ENOMEM)
        return ROUSE_ENOMEM;
    if (answer->fault == APNS_OK &&
        !has_place(import->rouse, answer->cert.topic))
        answer->fault = APNS_ETOOMANY;
    if (answer->fault == APNS_OK && is_older(import->rouse, &answer->cert)) {
        snprintf(answer->detail, sizeof answer->detail,
                 "the certificate expires before the one in force; is it last "
                 "year's file? \"rouse cert revert\" puts a former one back");
        return ROUSE_EGUARD;
    }
    return answer->fault == APNS_OK ? ROUSE_OK : ROUSE_ECERT;
}

static enum rouse_err
install(struct import *import, const struct rouse_import *given)
{
    struct life_install what = {
        .cert = &import->answer.cert,
        .cert_pem = import->leaf_pem,
        .key_pem = import->key_pem,
        .by = import->by,
        .apple_account = given != NULL ? given->apple_account : NULL,
        .note = given != NULL ? given->note : NULL,
    };

    return life_install_begin(import->rouse, &what, on_installed, import);
}

enum rouse_err
rouse_cert_import(struct rouse *rouse, const char *pem, size_t len,
                  const struct rouse_import *given, rouse_import_fn *done,
                  void *arg)
{
    const char *by = given != NULL && given->by != NULL ? given->by : "";
    struct import *import;
    enum rouse_err err;

    if (rouse->is_draining || rouse->is_freeing)
        return ROUSE_ECLOSED;
    if (!is_short(by, STORE_MAX_NAME) ||
        (given != NULL && (!is_short(given->note, STORE_MAX_NOTE) ||
                           !is_short(given->apple_account, STORE_MAX_NAME))))
        return ROUSE_EINVAL;
    if ((import = calloc(1, sizeof *import)) == NULL)
        return ROUSE_ENOMEM;
    import->rouse = rouse;
    import->done = done;
    import->arg = arg;
    if ((import->by = strdup(by)) == NULL) {
        free_import(import);
        return ROUSE_ENOMEM;
    }
    if ((import->err = check(import, pem, len)) != ROUSE_OK) {
        import->later.run = on_later;
        STAILQ_INSERT_TAIL(&rouse->laters, &import->later, link);
        tick_wake(rouse);
        return ROUSE_OK;
    }
    if ((err = install(import, given)) != ROUSE_OK)
        free_import(import);
    return err;
}

void
rouse_cert_each(struct rouse *rouse, apns_identity_fn *visit, void *arg)
{
    apns_identity_each(rouse->client, visit, arg);
    for (size_t i = 0; i < rouse->topics.n; i++) {
        const struct topic *topic = rouse->topics.sorted[i];
        struct apns_identity_status status = {
            .state = APNS_IDENTITY_STOPPED,
            .class_ = APNS_CLASS_IDENTITY,
        };

        if (topic->refused == NULL)
            continue;
        status.cert = *topic->refused;
        snprintf(status.why, sizeof status.why, "%s", topic->why);
        visit(arg, &status);
    }
}
