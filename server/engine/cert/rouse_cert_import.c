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

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apns/base/text.h"
#include "import_verdict.h"
#include "import_view.h"
#include "server/engine/cert/life/life_files.h"
#include "server/engine/cert/life/life_install.h"
#include "server/engine/cert/life/life_trial.h"
#include "server/engine/engine_core.h"

#define MAX_REFUSAL 4096 /* bytes of its text */

struct import {
    struct worker_job job;
    struct rouse *rouse;
    rouse_cert_import_fn *done;
    void *arg;
    int64_t now_unix;
    struct rouse_cert_import given; /* files apart; texts owned */
    struct life_files files;
    struct import_view view;
    int push;      /* the certificate's object */
    char *key_pem; /* held elsewhere; cleansed */
    char *request; /* whose key it is; or NULL */
    char *request_topic;
    char key_from[ROUSE_CERT_MAX_NAME + 64];
    struct apns_credential *credential;
    enum certlife_err fault;              /* why there is none, */
    char fault_text[CERTLIFE_MAX_DETAIL]; /* in words */
    struct apns_cert cert;
    struct import_verdict verdict;
    enum rouse_cert_code code;
    char text[MAX_REFUSAL];
};

static void
free_import(struct import *it)
{
    free((char *)(uintptr_t)it->given.by);
    free((char *)(uintptr_t)it->given.apple_account);
    free((char *)(uintptr_t)it->given.note);
    free((char *)(uintptr_t)it->given.renew_topic);
    free((char *)(uintptr_t)it->given.replace_topic);
    free((char *)(uintptr_t)it->given.only_topic);
    life_files_fini(&it->files);
    import_view_fini(&it->view);
    certlife_secret_free(it->key_pem);
    apns_credential_free(it->credential);
    free(it->request);
    free(it->request_topic);
    import_verdict_fini(&it->verdict);
    free(it);
}

/* Somebody tried to replace what keeps a fleet awake. One that APNs refused is
   told by what takes it back. */
static void
tell_refusal(const struct import *it)
{
    char detail[STORE_MAX_NOTE + 1];

    if (it->given.is_dry_run || it->rouse->is_freeing)
        return;
    snprintf(detail, sizeof detail, "%s: %.900s",
             rouse_cert_code_name(it->code), it->text);
    detail[strcspn(detail, "\n")] = '\0';
    notice_event(it->rouse, "pushcert.import_refused", it->cert.topic,
                 it->given.by, detail);
}

static void
complete(struct import *it, enum rouse_err err,
         const struct rouse_cert_test *test, bool has_fallen)
{
    const struct import_verdict *verdict = &it->verdict;
    int current = verdict->is_made ? verdict->answer.current : -1;
    struct rouse_cert_refusal refusal = {
        .code = err == ROUSE_EGUARD ? it->code : ROUSE_CERT_OK,
        .text = err == ROUSE_EGUARD ? it->text : "",
    };
    struct rouse_cert_import_answer answer = {
        .verdict = verdict->is_made
                       ? certlife_verdict_word(verdict->answer.verdict)
                       : "",
        .cert = it->cert.sha256[0] != '\0' ? &it->cert : NULL,
        .current = current >= 0 ? &it->view.certs[current] : NULL,
        .n_silenced = verdict->answer.n_silenced,
        .comparison = verdict->is_made ? verdict->comparison : "",
        .compared_unix = it->now_unix,
        .account = verdict->account,
        .key_from = it->key_from,
        .n_warnings = verdict->n_warnings,
        .warnings = verdict->warnings,
        .lacks_account = verdict->is_made && verdict->account == NULL,
        .test = test,
        .has_fallen_back = has_fallen,
    };

    if (current >= 0) {
        answer.n_current = it->view.held[current].n_enrollments;
        answer.current_account = it->view.held[current].apple_account;
    }
    if (err == ROUSE_EGUARD && !has_fallen)
        tell_refusal(it);
    it->done(it->arg, err, &refusal, &answer);
    free_import(it);
}

static void
fail(struct import *it, enum rouse_err err)
{
    complete(it, err, NULL, false);
}

__attribute__((format(printf, 3, 4))) static void
refuse(struct import *it, enum rouse_cert_code code, const char *format, ...)
{
    va_list args;

    it->code = code;
    va_start(args, format);
    vsnprintf(it->text, sizeof it->text, format, args);
    va_end(args);
    fail(it, ROUSE_EGUARD);
}

static void
refuse_files(struct import *it, enum rouse_cert_code code)
{
    char *why = life_files_why(&it->files);

    it->code = code;
    snprintf(it->text, sizeof it->text, "%s", why != NULL ? why : "");
    free(why);
    fail(it, ROUSE_EGUARD);
}

/* Trial and the end. */

static void
on_tried(void *arg, enum rouse_err err, const struct rouse_cert_test *test,
         bool has_fallen)
{
    struct import *it = arg;

    if (has_fallen) {
        it->code = ROUSE_CERT_APNS_REFUSED;
        snprintf(it->text, sizeof it->text,
                 "APNs refuses the new certificate (%s). The one before it is "
                 "in force again; nothing is lost. %s %s",
                 test != NULL ? test->reason : "see the events",
                 test != NULL ? test->explanation : "",
                 test != NULL ? test->what_to_do : "");
        complete(it, ROUSE_EGUARD, test, true);
        return;
    }
    /* It is in force; that no test could be made does not undo that. */
    complete(it, err == ROUSE_ECLOSED ? err : ROUSE_OK, test, false);
}

static void
on_installed(void *arg, enum rouse_err err, enum apns_err fault)
{
    struct import *it = arg;

    if (err == ROUSE_ECONFLICT)
        refuse(it, ROUSE_CERT_CONFLICT,
               "Another import changed this topic meanwhile. Look at it, then "
               "try again.");
    else if (err == ROUSE_ECERT)
        refuse(it, ROUSE_CERT_BAD_CERTIFICATE, "It cannot be used: %s",
               apns_err_text(fault));
    else if (err != ROUSE_OK)
        fail(it, err);
    else if (it->given.is_untested)
        complete(it, ROUSE_OK, NULL, false);
    else
        life_trial_begin(it->rouse, it->credential, on_tried, it);
}

/*
 * Decide.
 */

static void
install(struct import *it)
{
    struct life_install what = {
        .credential = it->credential,
        .by = it->given.by,
        .apple_account = it->verdict.account,
        .note = it->given.note,
        .terms = {.expected_sha256 =
                      import_view_in_force(&it->view, it->cert.topic),
                  .replace_topic = it->verdict.answer.verdict ==
                                           CERTLIFE_VERDICT_OK_REPLACE_TOPIC
                                       ? it->given.replace_topic
                                       : NULL,
                  .request_name = it->request},
    };
    enum rouse_err err = life_install_begin(it->rouse, &what, on_installed, it);

    if (err != ROUSE_OK)
        fail(it, err);
}

static void
refuse_credential(struct import *it)
{
    if (it->fault == CERTLIFE_ENOMEM)
        fail(it, ROUSE_ENOMEM);
    else
        refuse(it,
               it->fault == CERTLIFE_ENOKEY ? ROUSE_CERT_NO_KEY
               : it->fault == CERTLIFE_EKEYMISMATCH
                   ? ROUSE_CERT_KEY_MISMATCH
                   : ROUSE_CERT_BAD_CERTIFICATE,
               "%s", it->fault_text);
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
    const struct certlife_answer *answer = &it->verdict.answer;

    it->cert = it->files.check->objects[it->push].cert;
    if (!is_allowed(it)) {
        refuse(it, ROUSE_CERT_FORBIDDEN, "This key is limited to the topic %s",
               it->given.only_topic);
        return;
    }
    if (!import_verdict_make(&it->verdict, &it->view, &it->given,
                             it->request_topic, &it->files, it->push,
                             it->now_unix)) {
        fail(it, ROUSE_ENOMEM);
        return;
    }
    if (answer->verdict != CERTLIFE_VERDICT_SAME_CERTIFICATE &&
        !certlife_verdict_is_ok(answer->verdict))
        refuse(it, import_verdict_code(answer->verdict), "%s", answer->text);
    else if (it->fault != CERTLIFE_OK)
        refuse_credential(it);
    else if (it->given.is_dry_run)
        fail(it, ROUSE_OK);
    else
        install(it);
}

static void
on_view(void *arg, enum store_err err)
{
    struct import *it = arg;

    if (err == STORE_OK && it->rouse->is_freeing)
        err = STORE_ECLOSED;
    if (err == STORE_OK)
        decide(it);
    else
        fail(it, rouse_err_of_store(err));
}

/* What the files are, and whose key it is. */

static void
read_view(struct import *it)
{
    enum store_err err = import_view_read(
        &it->view, it->rouse, it->files.check->objects[it->push].cert.topic,
        on_view, it);

    if (err != STORE_OK)
        fail(it, rouse_err_of_store(err));
}

static void
work_credential(struct worker_job *job)
{
    struct import *it = (struct import *)job;

    it->fault = certlife_check_credential(it->files.check, it->files.file,
                                          (size_t)it->push, it->key_pem,
                                          &it->credential, it->fault_text);
}

static void
on_credential(struct worker_job *job)
{
    struct import *it = (struct import *)job;

    if (it->rouse->is_freeing)
        fail(it, ROUSE_ECLOSED);
    else
        read_view(it);
}

static bool
keep_key(struct import *it, const struct store_found_key *found)
{
    it->key_pem = strdup(found->key_pem);
    if (found->request != NULL) {
        it->request = strdup(found->request);
        it->request_topic = strdup(found->topic);
        snprintf(it->key_from, sizeof it->key_from, "request:%s",
                 found->request);
        return it->key_pem != NULL && it->request != NULL &&
               it->request_topic != NULL;
    }
    snprintf(it->key_from, sizeof it->key_from, "current");
    return it->key_pem != NULL;
}

static void
on_key(void *arg, enum store_err err, const struct store_found_key *found)
{
    struct import *it = arg;

    if (err == STORE_OK && it->rouse->is_freeing)
        err = STORE_ECLOSED;
    if (err == STORE_OK && !keep_key(it, found))
        err = STORE_ENOMEM;
    if (err != STORE_OK && err != STORE_ENOTFOUND) {
        fail(it, rouse_err_of_store(err));
        return;
    }
    it->job.work = work_credential;
    it->job.done = on_credential;
    if (!worker_add(&it->rouse->life.worker, it->rouse->tick.loop, &it->job))
        fail(it, ROUSE_EBUSY);
}

static void
work(struct worker_job *job)
{
    struct import *it = (struct import *)job;

    life_files_read(&it->files, it->now_unix);
}

/* Of two topics the one that was named; else somebody has to name it. */
static int
choose(const struct import *it)
{
    const struct certlife_check *check = it->files.check;

    if (!certlife_check_is_torn(check))
        return certlife_check_push(check);
    return it->given.renew_topic != NULL
               ? certlife_check_push_of(check, it->given.renew_topic)
               : -1;
}

static void
on_read(struct worker_job *job)
{
    struct import *it = (struct import *)job;
    const struct certlife_check *check = it->files.check;
    enum store_err err;

    if (it->rouse->is_freeing || it->files.err == CERTLIFE_ENOMEM) {
        fail(it, it->rouse->is_freeing ? ROUSE_ECLOSED : ROUSE_ENOMEM);
        return;
    }
    if (check == NULL) {
        refuse_files(it, ROUSE_CERT_BAD_FILES);
        return;
    }
    if ((it->push = choose(it)) < 0) {
        refuse_files(it, certlife_check_is_torn(check)
                             ? ROUSE_CERT_TWO_CERTIFICATES
                             : ROUSE_CERT_NO_PUSH_CERTIFICATE);
        return;
    }
    if (life_files_has_key(&it->files, it->push))
        snprintf(it->key_from, sizeof it->key_from, "file");
    /* Also when it is: the request that it came of is fulfilled. */
    err = store_csr_find_key(it->rouse->store,
                             check->objects[it->push].spki_sha256, on_key, it);
    if (err != STORE_OK)
        fail(it, rouse_err_of_store(err));
}

/*
 * The façade.
 */

static bool
copy_text(const char **to, const char *text, size_t max, enum rouse_err *err)
{
    if (!text_is_short(text, max)) {
        *err = ROUSE_EINVAL;
        return false;
    }
    return text_copy(to, text, NULL);
}

static enum rouse_err
copy(struct import *it, const struct rouse_cert_import *given)
{
    enum rouse_err err = ROUSE_ENOMEM;
    struct rouse_cert_import *own = &it->given;

    own->is_additional = given->is_additional;
    own->has_confirm = given->has_confirm;
    own->confirm = given->confirm;
    own->is_dry_run = given->is_dry_run;
    own->is_untested = given->is_untested;
    if (!copy_text(&own->by, given->by != NULL ? given->by : "", STORE_MAX_NAME,
                   &err) ||
        !copy_text(&own->apple_account, given->apple_account, STORE_MAX_NAME,
                   &err) ||
        !copy_text(&own->note, given->note, STORE_MAX_NOTE, &err) ||
        !copy_text(&own->renew_topic, given->renew_topic, APNS_MAX_TOPIC,
                   &err) ||
        !copy_text(&own->replace_topic, given->replace_topic, APNS_MAX_TOPIC,
                   &err) ||
        !copy_text(&own->only_topic, given->only_topic, APNS_MAX_TOPIC, &err))
        return err;
    return life_files_copy(&it->files, &given->files);
}

enum rouse_err
rouse_cert_import_files(struct rouse *rouse,
                        const struct rouse_cert_import *given,
                        rouse_cert_import_fn *done, void *arg)
{
    struct import *it;
    enum rouse_err err;

    if (rouse->is_draining || rouse->is_freeing)
        return ROUSE_ECLOSED;
    if ((it = calloc(1, sizeof *it)) == NULL)
        return ROUSE_ENOMEM;
    it->rouse = rouse;
    it->done = done;
    it->arg = arg;
    it->now_unix = tick_now(rouse) / 1000;
    it->job.work = work;
    it->job.done = on_read;
    if ((err = copy(it, given)) == ROUSE_OK &&
        !worker_add(&rouse->life.worker, rouse->tick.loop, &it->job))
        err = ROUSE_EBUSY;
    if (err != ROUSE_OK)
        free_import(it);
    return err;
}
