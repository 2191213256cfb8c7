/* SPDX-License-Identifier: MIT */

/*
 * Revert: the newest other certificate of a topic that is still valid and
 * that APNs did not refuse takes effect again.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apns/base/text.h"
#include "server/certlife/certlife.h"
#include "server/engine/call.h"
#include "server/engine/cert/life/life_install.h"
#include "server/engine/cert/life/life_trial.h"
#include "server/engine/engine_core.h"

struct revert {
    struct rouse *rouse;
    rouse_cert_import_fn *done;
    void *arg;
    int64_t now_unix;
    bool is_untested;
    char topic[APNS_MAX_TOPIC + 1];
    char by[STORE_MAX_NAME + 1];
    char note[STORE_MAX_NOTE + 1];
    char sha256[LIFE_SHA_SIZE]; /* what goes back */
    struct apns_credential *credential;
};

static void
complete(struct revert *it, enum rouse_err err, enum rouse_cert_code code,
         const char *text, const struct rouse_cert_test *test, bool has_fallen)
{
    struct rouse_cert_import_answer answer = {
        .verdict = err == ROUSE_OK ? "revert" : "",
        .cert = it->credential != NULL ? apns_credential_cert(it->credential)
                                       : NULL,
        .comparison = "",
        .key_from = "",
        .test = test,
        .has_fallen_back = has_fallen,
    };

    it->done(it->arg, err, &(struct rouse_cert_refusal){code, text}, &answer);
    apns_credential_free(it->credential);
    free(it);
}

static void
fail(struct revert *it, enum rouse_err err)
{
    complete(it, err, ROUSE_CERT_OK, "", NULL, false);
}

static void
on_tried(void *arg, enum rouse_err err, const struct rouse_cert_test *test,
         bool has_fallen)
{
    struct revert *it = arg;

    if (has_fallen)
        complete(it, ROUSE_EGUARD, ROUSE_CERT_APNS_REFUSED,
                 "APNs refuses the older certificate; the one that was in "
                 "force is in force again.",
                 test, true);
    else
        complete(it, err == ROUSE_ECLOSED ? err : ROUSE_OK, ROUSE_CERT_OK, "",
                 test, false);
}

static void
on_installed(void *arg, enum rouse_err err, enum apns_err fault)
{
    struct revert *it = arg;

    if (err == ROUSE_ECERT)
        complete(it, ROUSE_EGUARD, ROUSE_CERT_BAD_CERTIFICATE,
                 apns_err_text(fault), NULL, false);
    else if (err != ROUSE_OK)
        fail(it, err);
    else if (it->is_untested)
        complete(it, ROUSE_OK, ROUSE_CERT_OK, "", NULL, false);
    else
        life_trial_begin(it->rouse, it->credential, on_tried, it);
}

static void
on_held(void *arg, enum store_err err, const struct store_identity *old,
        size_t n)
{
    struct revert *it = arg;
    char why[STORE_MAX_NOTE + 1];
    struct life_install what = {.by = it->by, .why = why};
    enum rouse_err rc;
    enum apns_err fault;

    if (err == STORE_OK && it->rouse->is_freeing)
        err = STORE_ECLOSED;
    if (err != STORE_OK || n != 1) {
        fail(it, rouse_err_of_store(err));
        return;
    }
    snprintf(why, sizeof why, "reverted%s%.900s",
             it->note[0] != '\0' ? ": " : "", it->note);
    fault = apns_credential_load(old->cert_pem, old->key_pem, &it->credential);
    if (fault != APNS_OK) {
        on_installed(it, fault == APNS_ENOMEM ? ROUSE_ENOMEM : ROUSE_ECERT,
                     fault);
        return;
    }
    what.credential = it->credential;
    rc = life_install_begin(it->rouse, &what, on_installed, it);
    if (rc != ROUSE_OK)
        fail(it, rc);
}

/* Newest first; the one in force has no retired_at. */
static const struct store_identity *
pick(const struct revert *it, const struct store_identity *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (rows[i].retired_at_ms != 0 && !rows[i].is_key_lost &&
            rows[i].not_before_unix <= it->now_unix &&
            rows[i].not_after_unix > it->now_unix &&
            (rows[i].marks & (LIFE_REFUSED | LIFE_REVOKED)) == 0)
            return &rows[i];
    return NULL;
}

static void
on_history(void *arg, enum store_err err, const struct store_identity *rows,
           size_t n)
{
    struct revert *it = arg;
    const struct store_identity *old;

    if (err == STORE_OK && it->rouse->is_freeing)
        err = STORE_ECLOSED;
    if (err == STORE_OK && n == 0)
        err = STORE_ENOTFOUND;
    if (err != STORE_OK) {
        fail(it, rouse_err_of_store(err));
        return;
    }
    if ((old = pick(it, rows, n)) == NULL) {
        complete(it, ROUSE_EGUARD, ROUSE_CERT_NOTHING_TO_REVERT_TO,
                 "No other certificate of this topic is held that is still "
                 "valid and that APNs did not refuse.",
                 NULL, false);
        return;
    }
    snprintf(it->sha256, sizeof it->sha256, "%s", old->sha256);
    err = store_identity_held(it->rouse->store, it->topic, it->sha256, on_held,
                              it);
    if (err != STORE_OK)
        fail(it, rouse_err_of_store(err));
}

enum rouse_err
rouse_cert_revert(struct rouse *rouse, const char *topic, const char *by,
                  const char *note, bool is_untested,
                  rouse_cert_import_fn *done, void *arg)
{
    struct revert *it;
    enum rouse_err err;

    if (!text_is_short(topic, APNS_MAX_TOPIC) ||
        !text_is_short(by, STORE_MAX_NAME) ||
        !text_is_short(note, STORE_MAX_NOTE))
        return ROUSE_EINVAL;
    if ((it = call_new(rouse, sizeof *it, &err)) == NULL)
        return err;
    it->rouse = rouse;
    it->done = done;
    it->arg = arg;
    it->now_unix = tick_now(rouse) / 1000;
    it->is_untested = is_untested;
    snprintf(it->topic, sizeof it->topic, "%s", topic);
    snprintf(it->by, sizeof it->by, "%s", by != NULL ? by : "");
    snprintf(it->note, sizeof it->note, "%s", note != NULL ? note : "");
    return call_asked(
        it, store_identity_history(rouse->store, it->topic, on_history, it));
}
