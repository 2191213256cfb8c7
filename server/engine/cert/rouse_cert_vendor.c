/* SPDX-License-Identifier: MIT */

/*
 * The MDM vendor's credential: found among files, tried on a request that is
 * made for it, stored sealed.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cert_op.h"
#include "server/engine/cert/life/life_files.h"
#include "server/engine/engine_core.h"

struct vendor {
    struct cert_op op; /* first */
    rouse_cert_vendor_fn *done;
    const char *put_by;
    int64_t put_at_ms;
    struct life_files files;
    char *cert_pem;
    char *chain_pem;
    char *key_pem; /* cleansed */
    struct certlife_upload upload;
    struct certlife_warnings warnings;
};

static void
tell(struct cert_op *op, enum rouse_err err,
     const struct rouse_cert_refusal *refusal)
{
    struct vendor *it = (struct vendor *)op;
    const char *warnings[CERTLIFE_MAX_WARNINGS];
    struct rouse_cert_vendor vendor = {
        .cert = it->upload.vendor,
        .n_chain = it->upload.n_chain,
        .put_at_ms = it->put_at_ms,
        .put_by = it->put_by,
        .n_warnings = it->warnings.n,
        .warnings = warnings,
    };

    for (size_t i = 0; i < it->warnings.n; i++)
        warnings[i] = it->warnings.text[i];
    it->done(op->arg, err, refusal, err == ROUSE_OK ? &vendor : NULL);
}

static void
fini(struct cert_op *op)
{
    struct vendor *it = (struct vendor *)op;

    life_files_fini(&it->files);
    free(it->cert_pem);
    free(it->chain_pem);
    certlife_secret_free(it->key_pem);
}

static const struct cert_op_kind op_kind = {sizeof(struct vendor), tell, fini};

/* With what the files are instead. */
static void
note_files(struct vendor *it, enum rouse_cert_code code, const char *what)
{
    char *trouble = life_files_list(&it->files);

    cert_op_note(&it->op, code, "%s%s", what, trouble != NULL ? trouble : "");
    free(trouble);
}

/*
 * In the worker's thread.
 */

static bool
append(char **text, char *more)
{
    char *joined = NULL;

    if (more == NULL ||
        asprintf(&joined, "%s%s", *text != NULL ? *text : "", more) < 0)
        joined = NULL;
    certlife_secret_free(more);
    free(*text);
    *text = joined;
    return joined != NULL;
}

/* A signature made and read back shows all that Apple will look at. */
static void
try_it(struct vendor *it)
{
    static const struct certlife_subject subject = {"rouse", "US",
                                                    "a@b.invalid"};
    struct certlife_csr csr;
    struct certlife_file chain = {"chain", it->chain_pem, strlen(it->chain_pem),
                                  NULL};
    struct certlife_signing signing = {
        .vendor_cert = {"vendor certificate", it->cert_pem,
                        strlen(it->cert_pem), NULL},
        .vendor_key = {"vendor key", it->key_pem, strlen(it->key_pem), NULL},
        .chain = &chain,
        .n_chain = chain.len > 0,
    };
    struct certlife_file file = {"signed request", NULL, 0, NULL};
    char detail[CERTLIFE_MAX_DETAIL] = "";
    char *upload = NULL;
    enum certlife_err err = certlife_csr_make(&subject, &csr, detail);

    if (err == CERTLIFE_OK) {
        signing.csr = (struct certlife_file){"request", csr.csr_pem,
                                             strlen(csr.csr_pem), NULL};
        err = certlife_upload_make(&signing, it->op.now_unix, &upload,
                                   &it->warnings, detail);
    }
    if (err == CERTLIFE_OK) {
        file.bytes = upload;
        file.len = strlen(upload);
        err = certlife_upload_read(&file, it->op.now_unix, &it->upload,
                                   &it->warnings, detail);
    }
    certlife_csr_fini(&csr);
    free(upload);
    if (err == CERTLIFE_ENOMEM)
        it->op.is_out_of_memory = true;
    else if (err != CERTLIFE_OK)
        cert_op_note(&it->op, ROUSE_CERT_BAD_VENDOR, "%s. %s",
                     certlife_err_text(err), detail);
}

static bool
take_objects(struct vendor *it)
{
    const struct certlife_check *check = it->files.check;
    int cert = -1;

    for (size_t i = 0; i < check->n_objects; i++)
        if (check->objects[i].kind == CERTLIFE_KIND_VENDOR_CERT)
            cert = (int)i;
    if (cert < 0) {
        note_files(it, ROUSE_CERT_NO_VENDOR_CERTIFICATE,
                   "There is no MDM vendor certificate among these files.\n");
        return true;
    }
    if ((it->cert_pem = certlife_check_pem(check, (size_t)cert)) == NULL)
        return false;
    for (size_t i = 0; i < check->n_objects; i++) {
        enum certlife_kind kind = check->objects[i].kind;

        if (kind == CERTLIFE_KIND_PRIVATE_KEY && it->key_pem == NULL &&
            (check->objects[cert].fits >> i & 1) != 0 &&
            (it->key_pem = certlife_check_pem(check, i)) == NULL)
            return false;
        if ((kind == CERTLIFE_KIND_INTERMEDIATE ||
             kind == CERTLIFE_KIND_ROOT) &&
            !append(&it->chain_pem, certlife_check_pem(check, i)))
            return false;
    }
    if (it->key_pem == NULL)
        note_files(it, ROUSE_CERT_NO_VENDOR_KEY,
                   "The vendor certificate's private key is not among these "
                   "files.\n");
    return it->chain_pem != NULL || (it->chain_pem = strdup("")) != NULL;
}

static void
work_put(struct cert_op *op)
{
    struct vendor *it = (struct vendor *)op;

    life_files_read(&it->files, op->now_unix);
    if (it->files.err != CERTLIFE_ENOMEM && it->files.check == NULL)
        note_files(it, ROUSE_CERT_BAD_FILES, "");
    else if (it->files.err == CERTLIFE_ENOMEM || !take_objects(it))
        op->is_out_of_memory = true;
    else if (op->code == ROUSE_CERT_OK)
        try_it(it);
}

static void
work_get(struct cert_op *op)
{
    try_it((struct vendor *)op);
}

static void
on_stored(void *arg, enum store_err err)
{
    struct vendor *it = arg;
    struct cert_op *op = &it->op;

    if (err == STORE_OK && !op->rouse->is_freeing)
        notice_event(op->rouse, "vendor.put", it->upload.vendor.sha256, op->by,
                     it->upload.vendor.subject);
    cert_op_end(op, rouse_err_of_store(err));
}

static void
on_got(struct cert_op *op)
{
    cert_op_end(op, op->code != ROUSE_CERT_OK ? ROUSE_EGUARD : ROUSE_OK);
}

static void
on_tried(struct cert_op *op)
{
    struct vendor *it = (struct vendor *)op;

    if (op->code != ROUSE_CERT_OK) {
        cert_op_end(op, ROUSE_EGUARD);
        return;
    }
    it->put_at_ms = tick_now(op->rouse);
    cert_op_asked(op, store_vendor_put(op->rouse->store,
                                       &(struct store_vendor){
                                           .cert_pem = it->cert_pem,
                                           .chain_pem = it->chain_pem,
                                           .key_pem = it->key_pem,
                                           .sha256 = it->upload.vendor.sha256,
                                           .put_at_ms = it->put_at_ms,
                                           .put_by = op->by},
                                       on_stored, it));
}

enum rouse_err
rouse_cert_vendor_put(struct rouse *rouse, const struct rouse_cert_files *files,
                      const char *by, rouse_cert_vendor_fn *done, void *arg)
{
    struct vendor *it;
    enum rouse_err err;

    if ((it = cert_op_new(rouse, &op_kind, by, arg, &err)) == NULL)
        return err;
    it->done = done;
    it->put_by = it->op.by;
    if ((err = life_files_copy(&it->files, files)) == ROUSE_OK &&
        !cert_op_work(&it->op, work_put, on_tried))
        err = ROUSE_EBUSY;
    return err == ROUSE_OK ? err : cert_op_drop(&it->op, err);
}

static void
on_read(void *arg, enum store_err err, const struct store_vendor *vendor)
{
    struct vendor *it = arg;

    if (!cert_op_goes_on(&it->op, err))
        return;
    it->put_by = cert_op_copy(&it->op, vendor->put_by);
    it->put_at_ms = vendor->put_at_ms;
    it->cert_pem = strdup(vendor->cert_pem);
    it->chain_pem = strdup(vendor->chain_pem);
    it->key_pem = strdup(vendor->key_pem);
    if (it->cert_pem == NULL || it->chain_pem == NULL || it->key_pem == NULL)
        it->op.is_out_of_memory = true;
    cert_op_work_on(&it->op, work_get, on_got);
}

enum rouse_err
rouse_cert_vendor_get(struct rouse *rouse, rouse_cert_vendor_fn *done,
                      void *arg)
{
    struct vendor *it;
    enum rouse_err err;

    if ((it = cert_op_new_look(rouse, &op_kind, arg, &err)) == NULL)
        return err;
    it->done = done;
    return cert_op_begun(&it->op,
                         store_vendor_get(rouse->store, true, on_read, it));
}

/*
 * Delete.
 */

struct deleting {
    struct cert_op op; /* first */
    rouse_done_fn *done;
};

static void
tell_deleted(struct cert_op *op, enum rouse_err err,
             const struct rouse_cert_refusal *refusal)
{
    (void)refusal;
    ((struct deleting *)op)->done(op->arg, err);
}

static void
on_deleted(void *arg, enum store_err err)
{
    struct cert_op *op = arg;

    if (err == STORE_OK && !op->rouse->is_freeing)
        notice_event(op->rouse, "vendor.deleted", "", op->by, "");
    cert_op_end(op, rouse_err_of_store(err));
}

enum rouse_err
rouse_cert_vendor_delete(struct rouse *rouse, const char *by,
                         rouse_done_fn *done, void *arg)
{
    static const struct cert_op_kind delete = {sizeof(struct deleting),
                                               tell_deleted, NULL};
    struct deleting *it;
    enum rouse_err err;

    if ((it = cert_op_new(rouse, &delete, by, arg, &err)) == NULL)
        return err;
    it->done = done;
    return cert_op_begun(&it->op,
                         store_vendor_delete(rouse->store, on_deleted, it));
}
