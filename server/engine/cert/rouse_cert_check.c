/* SPDX-License-Identifier: MIT */

/*
 * The façade of the check: what are these files? Pending requests' keys are
 * known, so that a certificate is told whose it is.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/engine/cert/life/life_files.h"
#include "server/engine/engine_core.h"

struct checking {
    struct worker_job job;
    struct rouse *rouse;
    rouse_cert_check_fn *done;
    void *arg;
    int64_t now_unix;
    struct life_files files;
    size_t n_known;
    struct certlife_known known[CERTLIFE_MAX_KNOWN];
    char names[CERTLIFE_MAX_KNOWN][APNS_MAX_TOPIC + 32];
    char spkis[CERTLIFE_MAX_KNOWN][LIFE_SHA_SIZE];
    char *json;
    char *text;
};

static void
end_check(struct checking *it, enum rouse_err err, enum rouse_cert_code code)
{
    struct rouse_cert_refusal refusal = {
        code, code != ROUSE_CERT_OK && it->text != NULL ? it->text : ""};

    it->done(it->arg, err, &refusal, it->json != NULL ? it->json : "",
             it->text != NULL ? it->text : "");
    life_files_fini(&it->files);
    free(it->json);
    free(it->text);
    free(it);
}

static void
work(struct worker_job *job)
{
    struct checking *it = (struct checking *)job;
    struct life_files *files = &it->files;
    json_t *json;

    files->err =
        certlife_check_make(files->file, files->n, it->known, it->n_known,
                            it->now_unix, &files->check, files->detail);
    it->text = life_files_report(files);
    if (files->check == NULL)
        return;
    json = certlife_check_json(files->check, files->file, files->n);
    if (json != NULL)
        it->json = json_dumps(json, JSON_COMPACT);
    json_decref(json);
}

static void
on_done(struct worker_job *job)
{
    struct checking *it = (struct checking *)job;

    if (it->rouse->is_freeing)
        end_check(it, ROUSE_ECLOSED, ROUSE_CERT_OK);
    else if (it->files.err == CERTLIFE_ENOMEM || it->text == NULL)
        end_check(it, ROUSE_ENOMEM, ROUSE_CERT_OK);
    else if (it->files.check == NULL)
        end_check(it, ROUSE_EGUARD, ROUSE_CERT_BAD_FILES);
    else
        end_check(it, it->json != NULL ? ROUSE_OK : ROUSE_ENOMEM,
                  ROUSE_CERT_OK);
}

/* More than fit are not known: then it says that the key is missing where the
   import will find it. */
static void
know(struct checking *it, const char *what, const char *name, const char *spki)
{
    size_t i = it->n_known;

    if (i == CERTLIFE_MAX_KNOWN || spki[0] == '\0')
        return;
    snprintf(it->names[i], sizeof it->names[i], "%s %s", what, name);
    snprintf(it->spkis[i], sizeof it->spkis[i], "%s", spki);
    it->known[i] = (struct certlife_known){it->names[i], it->spkis[i]};
    it->n_known++;
}

static void
on_held(void *arg, enum store_err err, const struct store_identity *rows,
        size_t n)
{
    struct checking *it = arg;

    if (err == STORE_OK && it->rouse->is_freeing)
        err = STORE_ECLOSED;
    if (err != STORE_OK) {
        end_check(it, rouse_err_of_store(err), ROUSE_CERT_OK);
        return;
    }
    for (size_t i = 0; i < n; i++)
        know(it, "the certificate in force of", rows[i].topic,
             rows[i].spki_sha256);
    if (!worker_add(&it->rouse->life.worker, it->rouse->tick.loop, &it->job))
        end_check(it, ROUSE_EBUSY, ROUSE_CERT_OK);
}

static void
on_pending(void *arg, enum store_err err, const struct store_csr *csrs,
           size_t n)
{
    struct checking *it = arg;

    if (err == STORE_OK && it->rouse->is_freeing)
        err = STORE_ECLOSED;
    if (err == STORE_OK) {
        for (size_t i = 0; i < n; i++)
            know(it, "the pending request", csrs[i].name, csrs[i].spki_sha256);
        err = store_identity_list(it->rouse->store, NULL, false, on_held, it);
    }
    if (err != STORE_OK)
        end_check(it, rouse_err_of_store(err), ROUSE_CERT_OK);
}

enum rouse_err
rouse_cert_check(struct rouse *rouse, const struct rouse_cert_files *files,
                 rouse_cert_check_fn *done, void *arg)
{
    struct checking *it;
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
    it->job.done = on_done;
    if ((err = life_files_copy(&it->files, files)) == ROUSE_OK)
        err = rouse_err_of_store(
            store_csr_list(rouse->store, NULL, false, on_pending, it));
    if (err != ROUSE_OK) {
        life_files_fini(&it->files);
        free(it);
    }
    return err;
}
