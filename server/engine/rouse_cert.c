/* SPDX-License-Identifier: MIT */

/*
 * The façade of push certificates: import and listing.
 */

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/engine/engine_core.h"

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

/* Certificate and key for the client, which copies them. */
static enum apns_err
put(const struct import *import)
{
    size_t size = strlen(import->leaf_pem) + strlen(import->key_pem) + 2;
    char *pem = malloc(size);
    enum apns_err err;

    if (pem == NULL)
        return APNS_ENOMEM;
    snprintf(pem, size, "%s\n%s", import->leaf_pem, import->key_pem);
    err =
        apns_identity_put(import->rouse->client, pem, strlen(pem), NULL, NULL);
    OPENSSL_cleanse(pem, size);
    free(pem);
    return err;
}

static void
use(struct import *import)
{
    struct rouse *rouse = import->rouse;
    const struct apns_cert *cert = &import->answer.cert;
    struct topic *topic = topics_take(&rouse->topics, cert->topic);
    char detail[256];

    snprintf(detail, sizeof detail, "serial=%s sha256=%s not_after=%lld",
             cert->serial, cert->sha256, (long long)cert->not_after_unix);
    notice_event(rouse, "pushcert.imported", cert->topic, import->by, detail);
    if (topic != NULL)
        pushcert_release(rouse, topic);
}

static void
on_stored(void *arg, enum store_err err)
{
    struct import *import = arg;
    struct rouse *rouse = import->rouse;
    enum apns_err fault;

    if (err == STORE_OK && rouse->is_freeing)
        err = STORE_ECLOSED; /* durable; used after the next start */
    if (err != STORE_OK) {
        complete(import, rouse_err_of_store(err));
        return;
    }
    fault = put(import);
    if (fault == APNS_OK) {
        use(import);
        complete(import, ROUSE_OK);
        return;
    }
    import->answer.fault = fault;
    complete(import, fault == APNS_ECLOSED  ? ROUSE_ECLOSED
                     : fault == APNS_ENOMEM ? ROUSE_ENOMEM
                                            : ROUSE_ECERT);
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
    return answer->fault == APNS_OK ? ROUSE_OK : ROUSE_ECERT;
}

static enum rouse_err
store(struct import *import, const struct rouse_import *given)
{
    const struct apns_cert *cert = &import->answer.cert;
    const char *account = given != NULL ? given->apple_account : NULL;
    const char *note = given != NULL ? given->note : NULL;
    struct store_identity identity = {
        .topic = cert->topic,
        .cert_pem = import->leaf_pem,
        .key_pem = import->key_pem,
        .sha256 = cert->sha256,
        .serial = cert->serial,
        .subject = cert->subject,
        .issuer = cert->issuer,
        .not_before_unix = cert->not_before_unix,
        .not_after_unix = cert->not_after_unix,
        .imported_at_ms = tick_now(import->rouse),
        .imported_by = import->by,
        .apple_account = account != NULL ? account : "",
        .note = note != NULL ? note : "",
    };

    return rouse_err_of_store(
        store_identity_put(import->rouse->store, &identity, on_stored, import));
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
    if ((err = store(import, given)) != ROUSE_OK)
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
