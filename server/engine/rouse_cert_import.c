/* SPDX-License-Identifier: MIT */

/*
 * The import with its guard, step by step:
 *
 *   files (worker) -> key (store) -> view (store) -> decide -> install
 *     -> trial -> completed
 *
 * Up to "install" nothing is changed.
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/engine/engine_core.h"
#include "server/engine/import_view.h"
#include "server/engine/life_files.h"
#include "server/engine/life_install.h"
#include "server/engine/life_trial.h"

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
    char *pem; /* certificate and key, cleansed; so are */
    char *leaf_pem;
    char *leaf_key;
    struct apns_cert cert;
    struct certlife_answer verdict;
    char *comparison;
    char *comparison_json;
    const char *code;
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
    certlife_secret_free(it->pem);
    certlife_secret_free(it->leaf_key);
    free(it->leaf_pem);
    free(it->request);
    free(it->request_topic);
    free(it->comparison);
    free(it->comparison_json);
    free(it);
}

static void
complete(struct import *it, enum rouse_err err,
         const struct rouse_cert_test *test, bool has_fallen)
{
    int current = it->verdict.text[0] != '\0' ? it->verdict.current : -1;
    struct rouse_cert_refusal refusal = {
        .code = err == ROUSE_EGUARD ? it->code : "",
        .text = err == ROUSE_EGUARD ? it->text : "",
    };
    struct rouse_cert_import_answer answer = {
        .verdict = it->verdict.text[0] != '\0'
                       ? certlife_verdict_word(it->verdict.verdict)
                       : "",
        .cert = it->cert.topic[0] != '\0' ? &it->cert : NULL,
        .current = current >= 0 ? &it->view.certs[current] : NULL,
        .n_silenced = it->verdict.n_silenced,
        .comparison = it->comparison != NULL ? it->comparison : "",
        .comparison_json =
            it->comparison_json != NULL ? it->comparison_json : "",
        .key_from = it->key_from,
        .test = test,
        .has_fallen_back = has_fallen,
    };

    it->done(it->arg, err, &refusal, &answer);
    free_import(it);
}

static void
fail(struct import *it, enum rouse_err err)
{
    complete(it, err, NULL, false);
}

__attribute__((format(printf, 3, 4))) static void
refuse(struct import *it, const char *code, const char *format, ...)
{
    va_list args;

    it->code = code;
    va_start(args, format);
    vsnprintf(it->text, sizeof it->text, format, args);
    va_end(args);
    fail(it, ROUSE_EGUARD);
}

static void
refuse_files(struct import *it, const char *code, const char *what)
{
    char *trouble = life_files_trouble(&it->files);

    refuse(it, code, "%s%s", what, trouble != NULL ? trouble : "");
    free(trouble);
}

/* Trial and the end. */

static void
on_tried(void *arg, enum rouse_err err, const struct rouse_cert_test *test,
         bool has_fallen)
{
    struct import *it = arg;

    if (has_fallen) {
        it->code = "apns_refused";
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
        refuse(it, "conflict",
               "Another import changed this topic meanwhile. Look at it, then "
               "try again.");
    else if (err == ROUSE_ECERT)
        refuse(it, "bad_certificate", "It cannot be used: %s",
               apns_err_text(fault));
    else if (err != ROUSE_OK)
        fail(it, err);
    else if (it->given.is_untested)
        complete(it, ROUSE_OK, NULL, false);
    else
        life_trial_begin(it->rouse, it->cert.topic, it->cert.sha256, it->pem,
                         on_tried, it);
}

/*
 * Decide.
 */

static const char *
in_force(const struct import *it, const char *topic)
{
    for (size_t i = 0; i < it->view.n_held; i++)
        if (strcmp(it->view.certs[i].topic, topic) == 0)
            return it->view.certs[i].sha256;
    return "";
}

static const char *
account_of(const struct import *it)
{
    int current = it->verdict.current;

    if (it->given.apple_account != NULL)
        return it->given.apple_account;
    return current >= 0 ? it->view.held[current].apple_account : NULL;
}

static void
install(struct import *it)
{
    struct life_install what = {
        .cert = &it->cert,
        .cert_pem = it->leaf_pem,
        .key_pem = it->leaf_key,
        .by = it->given.by,
        .apple_account = account_of(it),
        .note = it->given.note,
        .terms = {.expected_sha256 = in_force(it, it->cert.topic),
                  .replace_topic =
                      it->verdict.verdict == CERTLIFE_VERDICT_OK_REPLACE_TOPIC
                          ? it->given.replace_topic
                          : NULL,
                  .request_name = it->request},
    };
    enum rouse_err err = life_install_begin(it->rouse, &what, on_installed, it);

    if (err != ROUSE_OK)
        fail(it, err);
}

/* False: it was refused. */
static bool
glue(struct import *it)
{
    char detail[CERTLIFE_MAX_DETAIL];
    enum certlife_err err;

    if (it->key_from[0] == '\0') {
        refuse(it, "no_key",
               "The private key of this certificate is neither among the "
               "files nor held here. It was made together with the request; "
               "give its file as well.");
        return false;
    }
    err =
        certlife_check_identity(it->files.check, (size_t)it->push, it->key_pem,
                                it->now_unix, &it->pem, &it->cert, detail);
    if (err == CERTLIFE_OK &&
        apns_cert_read(it->pem, strlen(it->pem), it->now_unix, &it->cert,
                       &it->leaf_pem, &it->leaf_key, NULL) != APNS_OK)
        err = CERTLIFE_ENOMEM;
    if (err == CERTLIFE_ENOMEM)
        fail(it, ROUSE_ENOMEM);
    else if (err != CERTLIFE_OK)
        refuse(it,
               err == CERTLIFE_EKEYMISMATCH ? "key_mismatch"
                                            : "bad_certificate",
               "%s%s%s", certlife_err_text(err), detail[0] != '\0' ? ": " : "",
               detail);
    return err == CERTLIFE_OK;
}

static const char *
code_of(enum certlife_verdict verdict)
{
    return verdict == CERTLIFE_VERDICT_OLDER_THAN_CURRENT
               ? "older_certificate"
               : certlife_verdict_word(verdict);
}

static bool
compare(struct import *it)
{
    const struct rouse_cert_import *given = &it->given;
    bool is_of_new_request =
        it->request_topic != NULL && it->request_topic[0] == '\0';
    bool is_of_request = it->request_topic != NULL && !is_of_new_request;
    struct certlife_import import = {
        .fresh = &it->cert,
        .apple_account = given->apple_account,
        .held = it->view.held,
        .n_held = it->view.n_held,
        .past_sha256 = it->view.past_texts,
        .n_past = it->view.n_past,
        .renew_topic = given->renew_topic,
        .replace_topic = given->replace_topic,
        .has_confirm = given->has_confirm,
        .confirm = given->confirm,
        .as_additional = given->is_additional || is_of_new_request,
    };
    const struct certlife_held *current;
    json_t *json;

    /* The request says what was meant where nobody else does. */
    if (import.renew_topic == NULL && import.replace_topic == NULL &&
        !given->is_additional && is_of_request &&
        in_force(it, it->request_topic)[0] != '\0')
        import.renew_topic = it->request_topic;
    certlife_compare(&import, it->now_unix, &it->verdict);
    current =
        it->verdict.current >= 0 ? &it->view.held[it->verdict.current] : NULL;
    it->comparison = certlife_sides_text(current, &it->cert,
                                         given->apple_account, it->now_unix);
    json = certlife_sides_json(current, &it->cert, given->apple_account,
                               it->now_unix);
    if (json != NULL)
        it->comparison_json = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    return it->comparison != NULL && it->comparison_json != NULL;
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
    bool is_same;

    it->cert = it->files.check->objects[it->push].cert;
    if (!is_allowed(it)) {
        refuse(it, "forbidden", "This key is limited to the topic %s",
               it->given.only_topic);
        return;
    }
    if (!compare(it)) {
        fail(it, ROUSE_ENOMEM);
        return;
    }
    is_same = it->verdict.verdict == CERTLIFE_VERDICT_SAME_CERTIFICATE;
    if (!is_same && !certlife_verdict_is_ok(it->verdict.verdict)) {
        refuse(it, code_of(it->verdict.verdict), "%s", it->verdict.text);
        return;
    }
    if (is_same && it->key_from[0] == '\0')
        snprintf(it->key_from, sizeof it->key_from, "current");
    if (it->given.is_dry_run)
        fail(it, ROUSE_OK);
    else if (glue(it))
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
    if (err == STORE_OK || err == STORE_ENOTFOUND)
        read_view(it);
    else
        fail(it, rouse_err_of_store(err));
}

static void
work(struct worker_job *job)
{
    struct import *it = (struct import *)job;

    life_files_read(&it->files, it->now_unix);
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
        refuse_files(it, "bad_files", "");
        return;
    }
    if ((it->push = certlife_check_push(check)) < 0) {
        refuse_files(it, "no_push_certificate",
                     "There is no push certificate among these files.\n");
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
    if (text == NULL)
        return true;
    if (strnlen(text, max + 1) > max) {
        *err = ROUSE_EINVAL;
        return false;
    }
    return (*to = strdup(text)) != NULL;
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
