/* SPDX-License-Identifier: MIT */

/*
 * The import with its guard, step by step:
 *
 *   files (worker) -> key (store) -> credential (worker) -> view (store)
 *     -> decide -> install -> trial -> completed
 *
 * Up to "install" nothing is changed, and all that is known by then a dry run
 * says as well. What the files hold is parsed once: the credential goes from
 * here into the store, the client and the trial.
 */

#include <stdio.h>
#include <string.h>

#include "apns/base/text.h"
#include "cert_found.h"
#include "import_verdict.h"
#include "import_view.h"
#include "server/engine/cert/life/life_install.h"
#include "server/engine/cert/life/life_trial.h"
#include "server/engine/engine_core.h"

struct import {
    struct cert_found found; /* first */
    rouse_cert_import_fn *done;
    struct rouse_cert_import given; /* files apart; texts are the operation's */
    struct import_view view;
    struct apns_cert cert;
    struct import_verdict verdict;
    const struct rouse_cert_test *test; /* for the completion */
    bool has_fallen;
};

/* Somebody tried to replace what keeps a fleet awake. One that APNs refused is
   told by what takes it back. */
static void
note_refusal(const struct import *it, const struct rouse_cert_refusal *refusal)
{
    const struct cert_op *op = &it->found.op;
    char detail[STORE_MAX_NOTE + 1];

    if (it->given.is_dry_run || op->rouse->is_freeing)
        return;
    snprintf(detail, sizeof detail, "%s: %.900s",
             rouse_cert_code_name(refusal->code), refusal->text);
    detail[strcspn(detail, "\n")] = '\0';
    notice_event(op->rouse, "pushcert.import_refused", it->cert.topic, op->by,
                 detail);
}

static void
tell(struct cert_op *op, enum rouse_err err,
     const struct rouse_cert_refusal *refusal)
{
    struct import *it = (struct import *)op;
    const struct import_verdict *verdict = &it->verdict;
    int current = verdict->is_made ? verdict->answer.current : -1;
    struct rouse_cert_import_answer answer = {
        .verdict = verdict->is_made
                       ? certlife_verdict_word(verdict->answer.verdict)
                       : "",
        .cert = it->cert.sha256[0] != '\0' ? &it->cert : NULL,
        .current = current >= 0 ? &it->view.certs[current] : NULL,
        .n_silenced = verdict->answer.n_silenced,
        .comparison = verdict->is_made ? verdict->comparison : "",
        .compared_unix = op->now_unix,
        .account = verdict->account,
        .key_from = it->found.key_from,
        .n_warnings = verdict->n_warnings,
        .warnings = verdict->warnings,
        .lacks_account = verdict->is_made && verdict->account == NULL,
        .test = it->test,
        .has_fallen_back = it->has_fallen,
    };

    if (current >= 0) {
        answer.n_current = it->view.held[current].n_enrollments;
        answer.current_account = it->view.held[current].apple_account;
    }
    if (err == ROUSE_EGUARD && !it->has_fallen)
        note_refusal(it, refusal);
    it->done(op->arg, err, refusal, &answer);
}

static void
fini(struct cert_op *op)
{
    struct import *it = (struct import *)op;

    cert_found_fini(&it->found);
    import_view_fini(&it->view);
    import_verdict_fini(&it->verdict);
}

/* Trial and the end. */

static void
on_tried(void *arg, enum rouse_err err, const struct rouse_cert_test *test,
         bool has_fallen)
{
    struct import *it = arg;

    it->test = test;
    it->has_fallen = has_fallen;
    if (has_fallen)
        cert_op_refuse(&it->found.op, ROUSE_CERT_APNS_REFUSED,
                       "APNs refuses the new certificate (%s). The previous "
                       "one is in force again; nothing is lost. %s %s",
                       test != NULL ? test->reason : "see the events",
                       test != NULL ? test->explanation : "",
                       test != NULL ? test->what_to_do : "");
    else /* In force; that no test could be made does not undo that. */
        cert_op_end(&it->found.op, err == ROUSE_ECLOSED ? err : ROUSE_OK);
}

static void
on_installed(void *arg, enum rouse_err err, enum apns_err fault)
{
    struct import *it = arg;
    struct cert_op *op = &it->found.op;

    if (err == ROUSE_ECONFLICT)
        cert_op_refuse(op, ROUSE_CERT_CONFLICT,
                       "Another import changed this topic meanwhile. Check it, "
                       "then try again.");
    else if (err == ROUSE_ECERT)
        cert_op_refuse(op, ROUSE_CERT_BAD_CERTIFICATE, "It cannot be used: %s",
                       apns_err_text(fault));
    else if (err != ROUSE_OK || it->given.is_untested)
        cert_op_end(op, err);
    else
        life_trial_begin(op->rouse, it->found.credential, on_tried, it);
}

/*
 * Decide.
 */

static void
install(struct import *it)
{
    struct cert_op *op = &it->found.op;
    struct life_install what = {
        .credential = it->found.credential,
        .by = op->by,
        .apple_account = it->verdict.account,
        .note = it->given.note,
        .terms = {.expected_sha256 =
                      import_view_in_force(&it->view, it->cert.topic),
                  .replace_topic = it->verdict.answer.verdict ==
                                           CERTLIFE_VERDICT_OK_REPLACE_TOPIC
                                       ? it->given.replace_topic
                                       : NULL,
                  .request_name = it->found.request},
    };
    enum rouse_err err = life_install_begin(op->rouse, &what, on_installed, it);

    if (err != ROUSE_OK)
        cert_op_end(op, err);
}

/* A caller who may see one topic hears nothing of the others. */
static bool
is_allowed(const struct import *it)
{
    const char *only = it->given.only_topic;
    const char *renew = it->given.renew_topic;
    const char *replace = it->given.replace_topic;

    return only == NULL || (strcmp(it->cert.topic, only) == 0 &&
                            (renew == NULL || strcmp(renew, only) == 0) &&
                            (replace == NULL || strcmp(replace, only) == 0));
}

static void
decide(struct import *it)
{
    struct cert_found *found = &it->found;
    struct cert_op *op = &found->op;
    const struct certlife_answer *answer = &it->verdict.answer;

    it->cert = found->files.check->objects[found->push].cert;
    if (!is_allowed(it))
        cert_op_refuse(op, ROUSE_CERT_FORBIDDEN,
                       "This key is limited to the topic %s",
                       it->given.only_topic);
    else if (!import_verdict_make(&it->verdict, &it->view, &it->given,
                                  found->request_topic, &found->files,
                                  found->push, op->now_unix))
        cert_op_end(op, ROUSE_ENOMEM);
    else if (answer->verdict != CERTLIFE_VERDICT_SAME_CERTIFICATE &&
             !certlife_verdict_is_ok(answer->verdict))
        cert_op_refuse(op, import_verdict_code(answer->verdict), "%s",
                       answer->text);
    else if (found->fault != CERTLIFE_OK)
        cert_found_refuse(found);
    else if (it->given.is_dry_run)
        cert_op_end(op, ROUSE_OK);
    else
        install(it);
}

static void
on_view(void *arg, enum store_err err)
{
    struct import *it = arg;

    if (cert_op_goes_on(&it->found.op, err))
        decide(it);
}

static void
on_found(struct cert_found *found)
{
    struct import *it = (struct import *)found;

    cert_op_asked(
        &found->op,
        import_view_read(&it->view, found->op.rouse,
                         found->files.check->objects[found->push].cert.topic,
                         on_view, it));
}

/*
 * The façade.
 */

static bool
is_short(const struct rouse_cert_import *given)
{
    return text_is_short(given->by, STORE_MAX_NAME) &&
           text_is_short(given->apple_account, STORE_MAX_NAME) &&
           text_is_short(given->note, STORE_MAX_NOTE) &&
           text_is_short(given->renew_topic, APNS_MAX_TOPIC) &&
           text_is_short(given->replace_topic, APNS_MAX_TOPIC) &&
           text_is_short(given->only_topic, APNS_MAX_TOPIC);
}

enum rouse_err
rouse_cert_import_files(struct rouse *rouse,
                        const struct rouse_cert_import *given,
                        rouse_cert_import_fn *done, void *arg)
{
    static const struct cert_op_kind kind = {sizeof(struct import), tell, fini};
    struct import *it;
    struct cert_op *op;
    enum rouse_err err;

    if ((it = cert_op_new(rouse, &kind, given->by, arg, &err)) == NULL)
        return err;
    op = &it->found.op;
    if (!is_short(given))
        return cert_op_drop(op, ROUSE_EINVAL);
    it->done = done;
    it->given = *given;
    it->given.files = (struct rouse_cert_files){0};
    it->given.by = op->by;
    it->given.apple_account = cert_op_copy(op, given->apple_account);
    it->given.note = cert_op_copy(op, given->note);
    it->given.renew_topic = cert_op_copy(op, given->renew_topic);
    it->given.replace_topic = cert_op_copy(op, given->replace_topic);
    it->given.only_topic = cert_op_copy(op, given->only_topic);
    it->found.renew_topic = it->given.renew_topic;
    return cert_found_begin(&it->found, &given->files, on_found);
}
