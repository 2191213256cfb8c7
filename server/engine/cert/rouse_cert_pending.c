/* SPDX-License-Identifier: MIT */

/*
 * The façade of requests that are pending: list, delete, and the mail of
 * mdmcert.download.
 */

#include <stdlib.h>
#include <string.h>

#include "cert_op.h"
#include "server/certlife/certlife.h"
#include "server/engine/engine_core.h"

struct listing {
    struct cert_op op; /* first */
    rouse_cert_requests_fn *done;
    struct rouse_cert_request *requests;
    size_t n;
};

static void
tell_list(struct cert_op *op, enum rouse_err err,
          const struct rouse_cert_refusal *refusal)
{
    struct listing *it = (struct listing *)op;

    it->done(op->arg, err, refusal, err == ROUSE_OK ? it->requests : NULL,
             it->n);
}

static void
fini_list(struct cert_op *op)
{
    free(((struct listing *)op)->requests);
}

static void
fill(const struct store_csr *csr, struct rouse_cert_request *request)
{
    *request = (struct rouse_cert_request){
        .name = csr->name,
        .topic = csr->topic,
        .csr_pem = csr->csr_pem,
        .spki_sha256 = csr->spki_sha256,
        .upload = csr->upload,
        .message = "",
        .is_mail_awaited =
            csr->mail_cert_pem[0] != '\0' && csr->upload[0] == '\0',
        .created_at_ms = csr->created_at_ms,
        .created_by = csr->created_by,
    };
}

static void
on_list(void *arg, enum store_err err, const struct store_csr *csrs, size_t n)
{
    struct listing *it = arg;

    if (!cert_op_goes_on(&it->op, err))
        return;
    if ((it->requests = calloc(n + 1, sizeof *it->requests)) == NULL) {
        cert_op_end(&it->op, ROUSE_ENOMEM);
        return;
    }
    for (size_t i = 0; i < n; i++)
        fill(&csrs[i], &it->requests[i]);
    it->n = n;
    cert_op_end(&it->op, ROUSE_OK);
}

enum rouse_err
rouse_cert_request_list(struct rouse *rouse, const char *name,
                        rouse_cert_requests_fn *done, void *arg)
{
    static const struct cert_op_kind kind = {sizeof(struct listing), tell_list,
                                             fini_list};
    struct listing *it;
    enum rouse_err err;

    if ((it = cert_op_new_look(rouse, &kind, arg, &err)) == NULL)
        return err;
    it->done = done;
    return cert_op_begun(
        &it->op, store_csr_list(rouse->store, name, false, on_list, it));
}

/*
 * Delete.
 */

struct deleting {
    struct cert_op op; /* first */
    rouse_done_fn *done;
    const char *name;
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
    struct deleting *it = arg;
    struct cert_op *op = &it->op;

    if (err == STORE_OK && !op->rouse->is_freeing)
        notice_event(op->rouse, "pushcert.request_deleted", it->name, op->by,
                     "");
    cert_op_end(op, rouse_err_of_store(err));
}

enum rouse_err
rouse_cert_request_delete(struct rouse *rouse, const char *name, const char *by,
                          rouse_done_fn *done, void *arg)
{
    static const struct cert_op_kind kind = {sizeof(struct deleting),
                                             tell_deleted, NULL};
    struct deleting *it;
    enum rouse_err err;

    if ((it = cert_op_new(rouse, &kind, by, arg, &err)) == NULL)
        return err;
    it->done = done;
    if ((it->name = cert_op_copy(&it->op, name)) == NULL)
        return cert_op_drop(&it->op, ROUSE_ENOMEM);
    return cert_op_begun(&it->op,
                         store_csr_delete(rouse->store, name, on_deleted, it));
}

/*
 * The mail.
 */

struct opening {
    struct cert_op op;            /* first */
    rouse_cert_requests_fn *done; /* NULL: another tells */
    const char *name;
    char *reply;
    size_t reply_len;
    const char *cert_pem;
    const char *key_pem;
    char *upload;
};

static void
tell_opened(struct cert_op *op, enum rouse_err err,
            const struct rouse_cert_refusal *refusal)
{
    struct opening *it = (struct opening *)op;

    if (it->done != NULL)
        it->done(op->arg, err, refusal, NULL, 0);
}

static void
fini_opening(struct cert_op *op)
{
    struct opening *it = (struct opening *)op;

    free(it->reply);
    free(it->upload);
}

static void
on_signed(void *arg, enum store_err err)
{
    struct opening *it = arg;
    struct cert_op *op = &it->op;
    enum rouse_err rc;

    if (!cert_op_goes_on(op, err))
        return;
    /* As it is now, out of the store. */
    rc = rouse_cert_request_list(op->rouse, it->name, it->done, op->arg);
    if (rc == ROUSE_OK)
        it->done = NULL;
    cert_op_end(op, rc);
}

static void
work(struct cert_op *op)
{
    struct opening *it = (struct opening *)op;
    struct certlife_file reply = {"reply", it->reply, it->reply_len, NULL};
    char detail[CERTLIFE_MAX_DETAIL] = "";
    enum certlife_err err = certlife_mdmcert_open(
        &reply, it->key_pem, it->cert_pem, &it->upload, detail);

    op->is_out_of_memory = err == CERTLIFE_ENOMEM;
    if (err != CERTLIFE_OK)
        cert_op_note(op, ROUSE_CERT_BAD_REPLY, "%s%s%s", certlife_err_text(err),
                     detail[0] != '\0' ? ": " : "", detail);
}

static void
on_opened(struct cert_op *op)
{
    struct opening *it = (struct opening *)op;

    if (op->code != ROUSE_CERT_OK)
        cert_op_end(op, ROUSE_EGUARD);
    else
        cert_op_asked(op, store_csr_sign(op->rouse->store, it->name, it->upload,
                                         on_signed, it));
}

static void
on_pending(void *arg, enum store_err err, const struct store_csr *csr, size_t n)
{
    struct opening *it = arg;
    struct cert_op *op = &it->op;

    if (!cert_op_goes_on(op, err == STORE_OK && n == 0 ? STORE_ENOTFOUND : err))
        return;
    if (csr->mail_cert_pem[0] == '\0') {
        cert_op_refuse(op, ROUSE_CERT_NO_MAIL_KEY,
                       "This request was not made for mdmcert.download; only "
                       "the request that was sent there can open the reply.");
        return;
    }
    it->cert_pem = cert_op_copy(op, csr->mail_cert_pem);
    it->key_pem = cert_op_copy(op, csr->mail_key_pem);
    cert_op_work_on(op, work, on_opened);
}

enum rouse_err
rouse_cert_request_open_mail(struct rouse *rouse, const char *name,
                             const void *reply, size_t len,
                             rouse_cert_requests_fn *done, void *arg)
{
    static const struct cert_op_kind kind = {sizeof(struct opening),
                                             tell_opened, fini_opening};
    struct opening *it;
    enum rouse_err err;

    if ((it = cert_op_new(rouse, &kind, NULL, arg, &err)) == NULL)
        return err;
    if (len > ROUSE_CERT_MAX_LEN)
        return cert_op_drop(&it->op, ROUSE_ETOOLARGE);
    it->done = done;
    it->name = cert_op_copy(&it->op, name);
    it->reply_len = len;
    if ((it->reply = malloc(len + 1)) == NULL || it->name == NULL)
        return cert_op_drop(&it->op, ROUSE_ENOMEM);
    memcpy(it->reply, reply, len);
    return cert_op_begun(
        &it->op, store_csr_list(rouse->store, name, true, on_pending, it));
}
