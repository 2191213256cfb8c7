/* SPDX-License-Identifier: MIT */

/*
 * The façade of the check: what are these files? Pending requests' keys are
 * known, so that a certificate's key is recognised.
 */

#include <stdio.h>
#include <stdlib.h>

#include "cert_op.h"
#include "server/engine/cert/life/life_files.h"
#include "server/engine/engine_core.h"

struct checking {
    struct cert_op op; /* first */
    rouse_cert_check_fn *done;
    struct life_files files;
    size_t n_known;
    struct certlife_known known[CERTLIFE_MAX_KNOWN];
    char names[CERTLIFE_MAX_KNOWN][APNS_MAX_TOPIC + 32];
    char spkis[CERTLIFE_MAX_KNOWN][LIFE_SHA_SIZE];
    char *json;
    char *text;
};

static void
tell(struct cert_op *op, enum rouse_err err,
     const struct rouse_cert_refusal *refusal)
{
    struct checking *it = (struct checking *)op;

    it->done(op->arg, err, refusal, it->json != NULL ? it->json : "",
             it->text != NULL ? it->text : "");
}

static void
fini(struct cert_op *op)
{
    struct checking *it = (struct checking *)op;

    life_files_fini(&it->files);
    free(it->json);
    free(it->text);
}

static void
work(struct cert_op *op)
{
    struct checking *it = (struct checking *)op;
    struct life_files *files = &it->files;
    json_t *json;

    files->err =
        certlife_check_make(files->file, files->n, it->known, it->n_known,
                            op->now_unix, &files->check, files->detail);
    it->text = life_files_report(files);
    op->is_out_of_memory = files->err == CERTLIFE_ENOMEM || it->text == NULL;
    if (files->check == NULL)
        return;
    json = certlife_check_json(files->check, files->file, files->n);
    if (json != NULL)
        it->json = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    op->is_out_of_memory = op->is_out_of_memory || it->json == NULL;
}

static void
on_worked(struct cert_op *op)
{
    const struct checking *it = (struct checking *)op;

    if (it->files.check == NULL)
        cert_op_refuse(op, ROUSE_CERT_BAD_FILES, "%s", it->text);
    else
        cert_op_end(op, ROUSE_OK);
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

    if (!cert_op_goes_on(&it->op, err))
        return;
    for (size_t i = 0; i < n; i++)
        know(it, "the certificate in force of", rows[i].topic,
             rows[i].spki_sha256);
    cert_op_work_on(&it->op, work, on_worked);
}

static void
on_pending(void *arg, enum store_err err, const struct store_csr *csrs,
           size_t n)
{
    struct checking *it = arg;

    if (!cert_op_goes_on(&it->op, err))
        return;
    for (size_t i = 0; i < n; i++)
        know(it, "the pending request", csrs[i].name, csrs[i].spki_sha256);
    cert_op_asked(&it->op, store_identity_list(it->op.rouse->store, NULL, false,
                                               on_held, it));
}

enum rouse_err
rouse_cert_check(struct rouse *rouse, const struct rouse_cert_files *files,
                 rouse_cert_check_fn *done, void *arg)
{
    static const struct cert_op_kind kind = {sizeof(struct checking), tell,
                                             fini};
    struct checking *it;
    enum rouse_err err;

    if ((it = cert_op_new(rouse, &kind, NULL, arg, &err)) == NULL)
        return err;
    it->done = done;
    if ((err = life_files_copy(&it->files, files)) != ROUSE_OK)
        return cert_op_drop(&it->op, err);
    return cert_op_begun(
        &it->op, store_csr_list(rouse->store, NULL, false, on_pending, it));
}
