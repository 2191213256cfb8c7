/* SPDX-License-Identifier: MIT */

/*
 * Revert: the newest other certificate of a topic that is still valid and
 * that APNs did not refuse takes effect again.
 */

#include <stdio.h>

#include "apns/base/text.h"
#include "cert_op.h"
#include "server/certlife/certlife.h"
#include "server/engine/cert/life/life_install.h"
#include "server/engine/cert/life/life_trial.h"
#include "server/engine/engine_core.h"

struct revert {
    struct cert_op op; /* first */
    rouse_cert_import_fn *done;
    bool is_untested;
    const char *topic;
    const char *note;                   /* NULL: none */
    struct apns_credential *credential; /* what goes back */
    const struct rouse_cert_test *test; /* for the completion */
    bool has_fallen;
};

static void
tell(struct cert_op *op, enum rouse_err err,
     const struct rouse_cert_refusal *refusal)
{
    struct revert *it = (struct revert *)op;
    struct rouse_cert_import_answer answer = {
        .verdict = err == ROUSE_OK ? "revert" : "",
        .cert = it->credential != NULL ? apns_credential_cert(it->credential)
                                       : NULL,
        .comparison = "",
        .key_from = "",
        .test = it->test,
        .has_fallen_back = it->has_fallen,
    };

    it->done(op->arg, err, refusal, &answer);
}

static void
fini(struct cert_op *op)
{
    apns_credential_free(((struct revert *)op)->credential);
}

static void
on_tried(void *arg, enum rouse_err err, const struct rouse_cert_test *test,
         bool has_fallen)
{
    struct revert *it = arg;

    it->test = test;
    it->has_fallen = has_fallen;
    if (has_fallen)
        cert_op_refuse(&it->op, ROUSE_CERT_APNS_REFUSED,
                       "APNs refuses the older certificate; the newer one is "
                       "in force again.");
    else
        cert_op_end(&it->op, err == ROUSE_ECLOSED ? err : ROUSE_OK);
}

static void
on_installed(void *arg, enum rouse_err err, enum apns_err fault)
{
    struct revert *it = arg;

    if (err == ROUSE_ECERT)
        cert_op_refuse(&it->op, ROUSE_CERT_BAD_CERTIFICATE, "%s",
                       apns_err_text(fault));
    else if (err != ROUSE_OK || it->is_untested)
        cert_op_end(&it->op, err);
    else
        life_trial_begin(it->op.rouse, it->credential, on_tried, it);
}

static void
on_held(void *arg, enum store_err err, const struct store_identity *old,
        size_t n)
{
    struct revert *it = arg;
    char why[STORE_MAX_NOTE + 1];
    struct life_install what = {.by = it->op.by, .why = why};
    enum rouse_err rc;
    enum apns_err fault;

    if (!cert_op_goes_on(&it->op,
                         err == STORE_OK && n == 0 ? STORE_ENOTFOUND : err))
        return;
    snprintf(why, sizeof why, "reverted%s%.900s", it->note != NULL ? ": " : "",
             it->note != NULL ? it->note : "");
    fault = apns_credential_load(old->cert_pem, old->key_pem, &it->credential);
    if (fault != APNS_OK) {
        on_installed(it, fault == APNS_ENOMEM ? ROUSE_ENOMEM : ROUSE_ECERT,
                     fault);
        return;
    }
    what.credential = it->credential;
    rc = life_install_begin(it->op.rouse, &what, on_installed, it);
    if (rc != ROUSE_OK)
        cert_op_end(&it->op, rc);
}

/* Newest first; the one in force has no retired_at. */
static const struct store_identity *
pick(const struct revert *it, const struct store_identity *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (rows[i].retired_at_ms != 0 && !rows[i].is_key_lost &&
            rows[i].not_before_unix <= it->op.now_unix &&
            rows[i].not_after_unix > it->op.now_unix &&
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

    if (!cert_op_goes_on(&it->op,
                         err == STORE_OK && n == 0 ? STORE_ENOTFOUND : err))
        return;
    if ((old = pick(it, rows, n)) == NULL)
        cert_op_refuse(&it->op, ROUSE_CERT_NOTHING_TO_REVERT_TO,
                       "There is no other certificate for this topic that is "
                       "still valid and was not refused by APNs.");
    else
        cert_op_asked(&it->op,
                      store_identity_held(it->op.rouse->store, it->topic,
                                          old->sha256, on_held, it));
}

enum rouse_err
rouse_cert_revert(struct rouse *rouse, const char *topic, const char *by,
                  const char *note, bool is_untested,
                  rouse_cert_import_fn *done, void *arg)
{
    static const struct cert_op_kind kind = {sizeof(struct revert), tell, fini};
    struct revert *it;
    enum rouse_err err;

    if (!text_is_short(topic, APNS_MAX_TOPIC) ||
        !text_is_short(by, STORE_MAX_NAME) ||
        !text_is_short(note, STORE_MAX_NOTE))
        return ROUSE_EINVAL;
    if ((it = cert_op_new(rouse, &kind, by, arg, &err)) == NULL)
        return err;
    it->done = done;
    it->is_untested = is_untested;
    it->topic = cert_op_copy(&it->op, topic);
    if (note != NULL && note[0] != '\0')
        it->note = cert_op_copy(&it->op, note);
    if (it->op.is_out_of_memory)
        return cert_op_drop(&it->op, ROUSE_ENOMEM);
    return cert_op_begun(&it->op, store_identity_history(
                                      rouse->store, it->topic, on_history, it));
}
