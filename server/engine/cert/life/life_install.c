/* SPDX-License-Identifier: MIT */
#include "life_install.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/engine/engine_core.h"

struct installing {
    struct rouse *rouse;
    life_install_fn *done;
    void *arg;
    struct apns_credential *credential; /* its own share */
    const struct apns_cert *cert;       /* of it */
    char *by;
    char *apple_account;
    char *replaced; /* a topic that is given up; or NULL */
    char replaced_sha[LIFE_SHA_SIZE];
    char before[LIFE_SHA_SIZE]; /* in force until now; "" none */
    bool is_back;               /* out of the history */
    enum apns_err fault;
};

static void
free_install(struct installing *it)
{
    apns_credential_free(it->credential);
    free(it->by);
    free(it->apple_account);
    free(it->replaced);
    free(it);
}

static void
end_install(struct installing *it, enum rouse_err err)
{
    it->done(it->arg, err, it->fault);
    free_install(it);
}

static void
tell(struct installing *it)
{
    const struct apns_cert *cert = it->cert;
    char detail[256];

    snprintf(detail, sizeof detail, "serial=%s sha256=%s not_after=%lld",
             cert->serial, cert->sha256, (long long)cert->not_after_unix);
    notice_event(it->rouse,
                 it->is_back ? "pushcert.reverted" : "pushcert.imported",
                 cert->topic, it->by, detail);
}

/* The enrollments of that topic are silent from now on, as was confirmed. */
static void
give_up_replaced(struct installing *it)
{
    struct rouse *rouse = it->rouse;
    struct topic *topic;

    if (it->replaced == NULL)
        return;
    (void)!apns_identity_remove(rouse->client, it->replaced);
    life_forget(rouse, it->replaced);
    if ((topic = topics_take(&rouse->topics, it->replaced)) != NULL)
        topics_hold(topic, "its push certificate was replaced by another");
    notice_event(rouse, "pushcert.removed", it->replaced, it->by,
                 "replaced by another topic");
}

static void
on_undone(void *arg, enum store_err err)
{
    struct installing *it = arg;

    if (err != STORE_OK && !it->rouse->is_freeing)
        notice_log(it->rouse, APNS_LOG_ERROR,
                   EVENT_IMPORT_NOT_UNDONE " topic=%s err=%s", it->cert->topic,
                   store_err_name(err));
    end_install(it, it->fault == APNS_ECLOSED  ? ROUSE_ECLOSED
                    : it->fault == APNS_ENOMEM ? ROUSE_ENOMEM
                                               : ROUSE_ECERT);
}

/* The client still has the old one. */
static void
undo(struct installing *it)
{
    static const char why[] = "could not be used";
    struct store *store = it->rouse->store;
    const char *topic = it->cert->topic;
    enum store_err err;

    if (strcmp(it->before, it->cert->sha256) == 0)
        err = STORE_ECLOSED; /* nothing was changed */
    else if (it->before[0] != '\0')
        err =
            store_identity_again(store, topic, it->before, why, on_undone, it);
    else
        err = store_identity_remove(store, topic, why, on_undone, it);
    if (it->replaced_sha[0] != '\0')
        (void)!store_identity_again(store, it->replaced, it->replaced_sha, why,
                                    NULL, NULL);
    if (err != STORE_OK)
        on_undone(it, STORE_OK);
}

static void
on_stored(void *arg, enum store_err err)
{
    struct installing *it = arg;
    struct rouse *rouse = it->rouse;
    const char *topic = it->cert->topic;
    struct life_cert *life;

    if (err == STORE_OK && rouse->is_freeing)
        err = STORE_ECLOSED; /* durable; used after the next start */
    if (err != STORE_OK) {
        end_install(it, rouse_err_of_store(err));
        return;
    }
    it->fault = apns_identity_use(rouse->client, it->credential);
    if (it->fault != APNS_OK && it->fault != APNS_ECLOSED) {
        undo(it);
        return;
    }
    life = life_begin(rouse, topic, it->cert->sha256, it->before);
    if (life != NULL && !it->is_back) /* else that of before is as good */
        snprintf(life->apple_account, sizeof life->apple_account, "%s",
                 it->apple_account);
    give_up_replaced(it);
    tell(it);
    life_use(rouse, topic);
    proof_recall(rouse, topic);
    end_install(it, it->fault == APNS_OK ? ROUSE_OK : ROUSE_ECLOSED);
}

static enum store_err
store_it(struct installing *it, const struct life_install *install)
{
    const struct apns_cert *cert = it->cert;
    const char *account = install->apple_account;
    const char *note = install->note;
    struct store_identity identity = {
        .topic = cert->topic,
        .cert_pem = apns_credential_leaf_pem(it->credential),
        .key_pem = apns_credential_key_pem(it->credential),
        .sha256 = cert->sha256,
        .serial = cert->serial,
        .subject = cert->subject,
        .issuer = cert->issuer,
        .not_before_unix = cert->not_before_unix,
        .not_after_unix = cert->not_after_unix,
        .imported_at_ms = tick_now(it->rouse),
        .imported_by = it->by,
        .apple_account = account != NULL ? account : "",
        .note = note != NULL ? note : "",
        .spki_sha256 = cert->spki_sha256,
    };

    if (it->is_back)
        return store_identity_again(it->rouse->store, cert->topic, cert->sha256,
                                    install->why, on_stored, it);
    return store_identity_renew(it->rouse->store, &identity, &install->terms,
                                on_stored, it);
}

enum rouse_err
life_install_begin(struct rouse *rouse, const struct life_install *install,
                   life_install_fn *done, void *arg)
{
    const char *replaced = install->terms.replace_topic;
    const struct apns_cert *cert = apns_credential_cert(install->credential);
    struct installing *it = calloc(1, sizeof *it);
    const struct life_cert *now = life_find(rouse, cert->topic);
    const struct life_cert *old = NULL;
    enum store_err err = STORE_ENOMEM;

    if (it == NULL)
        return ROUSE_ENOMEM;
    if (replaced != NULL && (old = life_find(rouse, replaced)) != NULL)
        memcpy(it->replaced_sha, old->sha256, sizeof it->replaced_sha);
    it->rouse = rouse;
    it->done = done;
    it->arg = arg;
    it->credential = apns_credential_share(install->credential);
    it->cert = cert;
    it->is_back = install->why != NULL;
    it->by = strdup(install->by);
    it->apple_account =
        strdup(install->apple_account != NULL ? install->apple_account : "");
    it->replaced = replaced != NULL ? strdup(replaced) : NULL;
    if (now != NULL)
        memcpy(it->before, now->sha256, sizeof it->before);
    if (it->by != NULL && it->apple_account != NULL &&
        (replaced == NULL || it->replaced != NULL))
        err = store_it(it, install);
    if (err == STORE_OK)
        return ROUSE_OK;
    free_install(it);
    return rouse_err_of_store(err);
}
