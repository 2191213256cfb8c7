/* SPDX-License-Identifier: MIT */

/*
 * The MDM vendor's credential: found among files, tried on a request that is
 * made for it, stored sealed.
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/engine/call.h"
#include "server/engine/cert/life/life_files.h"
#include "server/engine/engine_core.h"

#define MAX_REFUSAL 4096 /* bytes of its text */

struct vendor {
    struct worker_job job;
    struct rouse *rouse;
    rouse_cert_vendor_fn *done;
    void *arg;
    int64_t now_unix;
    char by[STORE_MAX_NAME + 1];
    int64_t put_at_ms;
    struct life_files files;
    char *cert_pem;
    char *chain_pem;
    char *key_pem; /* cleansed */
    struct certlife_upload upload;
    struct certlife_warnings warnings;
    enum rouse_cert_code code;
    char text[MAX_REFUSAL];
    bool is_out_of_memory;
    bool is_get;
};

static void
end_vendor(struct vendor *it, enum rouse_err err)
{
    const char *warnings[CERTLIFE_MAX_WARNINGS];
    struct rouse_cert_vendor vendor = {
        .cert = it->upload.vendor,
        .n_chain = it->upload.n_chain,
        .put_at_ms = it->put_at_ms,
        .put_by = it->by,
        .n_warnings = it->warnings.n,
        .warnings = warnings,
    };
    struct rouse_cert_refusal refusal = {ROUSE_CERT_OK, ""};

    if (err == ROUSE_EGUARD)
        refusal = (struct rouse_cert_refusal){it->code, it->text};
    for (size_t i = 0; i < it->warnings.n; i++)
        warnings[i] = it->warnings.text[i];
    it->done(it->arg, err, &refusal, err == ROUSE_OK ? &vendor : NULL);
    life_files_fini(&it->files);
    free(it->cert_pem);
    free(it->chain_pem);
    certlife_secret_free(it->key_pem);
    free(it);
}

__attribute__((format(printf, 3, 4))) static void
note(struct vendor *it, enum rouse_cert_code code, const char *format, ...)
{
    va_list args;

    it->code = code;
    va_start(args, format);
    vsnprintf(it->text, sizeof it->text, format, args);
    va_end(args);
}

/* With what the files are instead. */
static void
note_files(struct vendor *it, enum rouse_cert_code code, const char *what)
{
    char *trouble = life_files_list(&it->files);

    note(it, code, "%s%s", what, trouble != NULL ? trouble : "");
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
        err = certlife_upload_make(&signing, it->now_unix, &upload,
                                   &it->warnings, detail);
    }
    if (err == CERTLIFE_OK) {
        file.bytes = upload;
        file.len = strlen(upload);
        err = certlife_upload_read(&file, it->now_unix, &it->upload,
                                   &it->warnings, detail);
    }
    certlife_csr_fini(&csr);
    free(upload);
    if (err == CERTLIFE_ENOMEM)
        it->is_out_of_memory = true;
    else if (err != CERTLIFE_OK)
        note(it, ROUSE_CERT_BAD_VENDOR, "%s. %s", certlife_err_text(err),
             detail);
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
work_put(struct worker_job *job)
{
    struct vendor *it = (struct vendor *)job;

    life_files_read(&it->files, it->now_unix);
    if (it->files.err != CERTLIFE_ENOMEM && it->files.check == NULL)
        note_files(it, ROUSE_CERT_BAD_FILES, "");
    else if (it->files.err == CERTLIFE_ENOMEM || !take_objects(it))
        it->is_out_of_memory = true;
    else if (it->code == ROUSE_CERT_OK)
        try_it(it);
}

static void
work_get(struct worker_job *job)
{
    try_it((struct vendor *)job);
}

static void
on_stored(void *arg, enum store_err err)
{
    struct vendor *it = arg;

    if (err == STORE_OK && !it->rouse->is_freeing)
        notice_event(it->rouse, "vendor.put", it->upload.vendor.sha256, it->by,
                     it->upload.vendor.subject);
    end_vendor(it, rouse_err_of_store(err));
}

static void
on_tried(struct worker_job *job)
{
    struct vendor *it = (struct vendor *)job;
    enum store_err err;

    if (it->rouse->is_freeing) {
        end_vendor(it, ROUSE_ECLOSED);
    } else if (it->is_out_of_memory) {
        end_vendor(it, ROUSE_ENOMEM);
    } else if (it->code != ROUSE_CERT_OK) {
        end_vendor(it, ROUSE_EGUARD);
    } else if (it->is_get) {
        end_vendor(it, ROUSE_OK);
    } else {
        it->put_at_ms = tick_now(it->rouse);
        err = store_vendor_put(
            it->rouse->store,
            &(struct store_vendor){.cert_pem = it->cert_pem,
                                   .chain_pem = it->chain_pem,
                                   .key_pem = it->key_pem,
                                   .sha256 = it->upload.vendor.sha256,
                                   .put_at_ms = it->put_at_ms,
                                   .put_by = it->by},
            on_stored, it);
        if (err != STORE_OK)
            end_vendor(it, rouse_err_of_store(err));
    }
}

static struct vendor *
new_vendor(struct rouse *rouse, rouse_cert_vendor_fn *done, void *arg)
{
    struct vendor *it = calloc(1, sizeof *it);

    if (it == NULL)
        return NULL;
    it->rouse = rouse;
    it->done = done;
    it->arg = arg;
    it->now_unix = tick_now(rouse) / 1000;
    it->job.done = on_tried;
    return it;
}

enum rouse_err
rouse_cert_vendor_put(struct rouse *rouse, const struct rouse_cert_files *files,
                      const char *by, rouse_cert_vendor_fn *done, void *arg)
{
    struct vendor *it;
    enum rouse_err err;

    if (rouse->is_draining || rouse->is_freeing)
        return ROUSE_ECLOSED;
    if ((it = new_vendor(rouse, done, arg)) == NULL)
        return ROUSE_ENOMEM;
    snprintf(it->by, sizeof it->by, "%s", by);
    it->job.work = work_put;
    if ((err = life_files_copy(&it->files, files)) == ROUSE_OK &&
        !worker_add(&rouse->life.worker, rouse->tick.loop, &it->job))
        err = ROUSE_EBUSY;
    if (err != ROUSE_OK) {
        life_files_fini(&it->files);
        free(it);
    }
    return err;
}

static void
on_read(void *arg, enum store_err err, const struct store_vendor *vendor)
{
    struct vendor *it = arg;

    if (err == STORE_OK && it->rouse->is_freeing)
        err = STORE_ECLOSED;
    if (err != STORE_OK) {
        end_vendor(it, rouse_err_of_store(err));
        return;
    }
    snprintf(it->by, sizeof it->by, "%s", vendor->put_by);
    it->put_at_ms = vendor->put_at_ms;
    it->cert_pem = strdup(vendor->cert_pem);
    it->chain_pem = strdup(vendor->chain_pem);
    it->key_pem = strdup(vendor->key_pem);
    it->job.work = work_get;
    if (it->cert_pem == NULL || it->chain_pem == NULL || it->key_pem == NULL)
        end_vendor(it, ROUSE_ENOMEM);
    else if (!worker_add(&it->rouse->life.worker, it->rouse->tick.loop,
                         &it->job))
        end_vendor(it, ROUSE_EBUSY);
}

enum rouse_err
rouse_cert_vendor_get(struct rouse *rouse, rouse_cert_vendor_fn *done,
                      void *arg)
{
    struct vendor *it;
    enum store_err err;

    if (rouse->is_freeing)
        return ROUSE_ECLOSED;
    if ((it = new_vendor(rouse, done, arg)) == NULL)
        return ROUSE_ENOMEM;
    it->is_get = true;
    err = store_vendor_get(rouse->store, true, on_read, it);
    if (err != STORE_OK)
        free(it);
    return rouse_err_of_store(err);
}

/*
 * Delete.
 */

struct deleting {
    struct rouse *rouse;
    rouse_done_fn *done;
    void *arg;
    char by[STORE_MAX_NAME + 1];
};

static void
on_deleted(void *arg, enum store_err err)
{
    struct deleting *it = arg;

    if (err == STORE_OK && !it->rouse->is_freeing)
        notice_event(it->rouse, "vendor.deleted", "", it->by, "");
    it->done(it->arg, rouse_err_of_store(err));
    free(it);
}

enum rouse_err
rouse_cert_vendor_delete(struct rouse *rouse, const char *by,
                         rouse_done_fn *done, void *arg)
{
    struct deleting *it;
    enum rouse_err err;

    if ((it = call_new(rouse, sizeof *it, &err)) == NULL)
        return err;
    it->rouse = rouse;
    it->done = done;
    it->arg = arg;
    snprintf(it->by, sizeof it->by, "%s", by);
    return call_asked(it, store_vendor_delete(rouse->store, on_deleted, it));
}
