/* SPDX-License-Identifier: MIT */

/*
 * The façade of push certificates: import and listing.
 */

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apns/base/text.h"
#include "server/engine/cert/life/life_install.h"
#include "server/engine/engine_core.h"

struct import {
    struct worker_job job;
    struct rouse *rouse;
    rouse_import_fn *done;
    void *arg;
    struct rouse_import_answer answer;
    char *pem; /* as it came, cleansed */
    size_t len;
    struct apns_credential *credential;
    char *by;
    char *apple_account;
    char *note;
};

static void
free_import(struct import *import)
{
    if (import->pem != NULL)
        OPENSSL_cleanse(import->pem, import->len);
    free(import->pem);
    apns_credential_free(import->credential);
    free(import->by);
    free(import->apple_account);
    free(import->note);
    free(import);
}

static void
tell_refusal(const struct import *import)
{
    const struct rouse_import_answer *answer = &import->answer;
    char detail[STORE_MAX_NOTE + 1];

    if (import->rouse->is_freeing)
        return;
    snprintf(detail, sizeof detail, "%s: %s",
             answer->fault != APNS_OK ? apns_err_text(answer->fault)
                                      : "older_certificate",
             answer->detail);
    notice_event(import->rouse, "pushcert.import_refused", answer->cert.topic,
                 import->by, detail);
}

static void
complete(struct import *import, enum rouse_err err)
{
    if (err == ROUSE_EGUARD || err == ROUSE_ECERT)
        tell_refusal(import);
    if (import->done != NULL)
        import->done(import->arg, err, &import->answer);
    free_import(import);
}

static void
on_installed(void *arg, enum rouse_err err, enum apns_err fault)
{
    struct import *import = arg;

    import->answer.fault = fault;
    complete(import, err);
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
 * force, or was never seen to take it, an older one may be the way out. */
static bool
is_older(struct rouse *rouse, const struct apns_cert *cert)
{
    struct apns_identity_status status;

    return apns_identity_get(rouse->client, cert->topic, &status) == APNS_OK &&
           status.cause == APNS_CAUSE_NONE && status.is_taken &&
           cert->not_after_unix < status.cert.not_after_unix;
}

/* Before it is stored; the client looks once more when it is given it. */
static enum apns_err
check_dates(const struct apns_cert *cert, int64_t now_unix)
{
    if (now_unix < cert->not_before_unix)
        return APNS_ENOTYETVALID;
    return now_unix > cert->not_after_unix ? APNS_EEXPIRED : APNS_OK;
}

static enum rouse_err
check(struct import *import)
{
    struct rouse_import_answer *answer = &import->answer;

    if (answer->fault == APNS_ENOMEM)
        return ROUSE_ENOMEM;
    if (answer->fault == APNS_OK) {
        answer->cert = *apns_credential_cert(import->credential);
        answer->fault =
            check_dates(&answer->cert, tick_now(import->rouse) / 1000);
    }
    if (answer->fault == APNS_OK &&
        !has_place(import->rouse, answer->cert.topic))
        answer->fault = APNS_ETOOMANY;
    if (answer->fault == APNS_OK && is_older(import->rouse, &answer->cert)) {
        snprintf(answer->detail, sizeof answer->detail,
                 "the certificate expires before the one in force; is it last "
                 "year's file? \"rouse cert revert\" restores a previous one");
        return ROUSE_EGUARD;
    }
    return answer->fault == APNS_OK ? ROUSE_OK : ROUSE_ECERT;
}

static void
work(struct worker_job *job)
{
    struct import *import = (struct import *)job;

    import->answer.fault = apns_credential_read(
        import->pem, import->len, &import->credential, import->answer.detail);
}

static void
on_read(struct worker_job *job)
{
    struct import *import = (struct import *)job;
    struct life_install what = {
        .credential = import->credential,
        .by = import->by,
        .apple_account = import->apple_account,
        .note = import->note,
    };
    enum rouse_err err =
        import->rouse->is_freeing ? ROUSE_ECLOSED : check(import);

    if (err == ROUSE_OK)
        err = life_install_begin(import->rouse, &what, on_installed, import);
    if (err != ROUSE_OK)
        complete(import, err);
}

static bool
copy(struct import *import, const char *pem, size_t len,
     const struct rouse_import *given)
{
    const char *account = given != NULL ? given->apple_account : NULL;
    const char *note = given != NULL ? given->note : NULL;

    import->by = strdup(given != NULL && given->by != NULL ? given->by : "");
    import->apple_account = strdup(account != NULL ? account : "");
    import->note = strdup(note != NULL ? note : "");
    /* Too much of it is refused by its length alone. */
    import->len = len <= APNS_MAX_PEM ? len : APNS_MAX_PEM + 1;
    if ((import->pem = calloc(1, import->len + 1)) == NULL)
        return false;
    if (len > 0)
        memcpy(import->pem, pem, import->len);
    return import->by != NULL && import->apple_account != NULL &&
           import->note != NULL;
}

enum rouse_err
rouse_cert_import(struct rouse *rouse, const char *pem, size_t len,
                  const struct rouse_import *given, rouse_import_fn *done,
                  void *arg)
{
    struct import *import;
    enum rouse_err err = ROUSE_OK;

    if (rouse->is_draining || rouse->is_freeing)
        return ROUSE_ECLOSED;
    if (given != NULL && (!text_is_short(given->by, STORE_MAX_NAME) ||
                          !text_is_short(given->note, STORE_MAX_NOTE) ||
                          !text_is_short(given->apple_account, STORE_MAX_NAME)))
        return ROUSE_EINVAL;
    if ((import = calloc(1, sizeof *import)) == NULL)
        return ROUSE_ENOMEM;
    import->rouse = rouse;
    import->done = done;
    import->arg = arg;
    import->job.work = work;
    import->job.done = on_read;
    if (!copy(import, pem, len, given))
        err = ROUSE_ENOMEM;
    else if (!worker_add(&rouse->life.worker, rouse->tick.loop, &import->job))
        err = ROUSE_EBUSY;
    if (err != ROUSE_OK)
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
            .cause = APNS_CAUSE_REFUSED,
        };

        if (topic->refused == NULL)
            continue;
        status.cert = *topic->refused;
        snprintf(status.why, sizeof status.why, "%s", topic->why);
        visit(arg, &status);
    }
}
