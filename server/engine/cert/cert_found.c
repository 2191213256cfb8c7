/* SPDX-License-Identifier: MIT */
#include "cert_found.h"

#include <stdio.h>
#include <stdlib.h>

#include "server/engine/engine_core.h"

static void
work_credential(struct cert_op *op)
{
    struct cert_found *it = (struct cert_found *)op;

    it->fault = certlife_check_credential(it->files.check, it->files.file,
                                          (size_t)it->push, it->key_pem,
                                          &it->credential, it->fault_text);
}

static void
on_credential(struct cert_op *op)
{
    struct cert_found *it = (struct cert_found *)op;

    it->done(it);
}

static void
keep_key(struct cert_found *it, const struct store_found_key *found)
{
    it->key_pem = cert_op_copy(&it->op, found->key_pem);
    if (found->request == NULL) {
        snprintf(it->key_from, sizeof it->key_from, "current");
        return;
    }
    it->request = cert_op_copy(&it->op, found->request);
    it->request_topic = cert_op_copy(&it->op, found->topic);
    snprintf(it->key_from, sizeof it->key_from, "request:%s", found->request);
}

static void
on_key(void *arg, enum store_err err, const struct store_found_key *found)
{
    struct cert_found *it = arg;

    if (err == STORE_OK)
        keep_key(it, found);
    if (err == STORE_ENOTFOUND || cert_op_goes_on(&it->op, err))
        cert_op_work_on(&it->op, work_credential, on_credential);
}

static void
refuse_files(struct cert_found *it, enum rouse_cert_code code)
{
    char *why = life_files_why(&it->files);

    cert_op_note(&it->op, code, "%s", why != NULL ? why : "");
    free(why);
    cert_op_end(&it->op, ROUSE_EGUARD);
}

static void
work_files(struct cert_op *op)
{
    struct cert_found *it = (struct cert_found *)op;

    life_files_read(&it->files, op->now_unix);
    op->is_out_of_memory = it->files.err == CERTLIFE_ENOMEM;
}

/* Of two topics the one that was named; else somebody has to name it. */
static int
choose(const struct cert_found *it)
{
    const struct certlife_check *check = it->files.check;

    if (!certlife_check_is_torn(check))
        return certlife_check_push(check);
    return it->renew_topic != NULL
               ? certlife_check_push_of(check, it->renew_topic)
               : -1;
}

static void
on_files(struct cert_op *op)
{
    struct cert_found *it = (struct cert_found *)op;
    const struct certlife_check *check = it->files.check;

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
    cert_op_asked(op, store_csr_find_key(op->rouse->store,
                                         check->objects[it->push].spki_sha256,
                                         on_key, it));
}

enum rouse_err
cert_found_begin(struct cert_found *found, const struct rouse_cert_files *files,
                 void (*done)(struct cert_found *found))
{
    enum rouse_err err = life_files_copy(&found->files, files);

    found->done = done;
    if (err == ROUSE_OK && found->op.is_out_of_memory)
        err = ROUSE_ENOMEM;
    if (err == ROUSE_OK && !cert_op_work(&found->op, work_files, on_files))
        err = ROUSE_EBUSY;
    return err == ROUSE_OK ? err : cert_op_drop(&found->op, err);
}

void
cert_found_refuse(struct cert_found *found)
{
    if (found->fault == CERTLIFE_ENOMEM)
        cert_op_end(&found->op, ROUSE_ENOMEM);
    else
        cert_op_refuse(&found->op,
                       found->fault == CERTLIFE_ENOKEY ? ROUSE_CERT_NO_KEY
                       : found->fault == CERTLIFE_EKEYMISMATCH
                           ? ROUSE_CERT_KEY_MISMATCH
                           : ROUSE_CERT_BAD_CERTIFICATE,
                       "%s", found->fault_text);
}

void
cert_found_fini(struct cert_found *found)
{
    life_files_fini(&found->files);
    apns_credential_free(found->credential);
}
