/* SPDX-License-Identifier: MIT */

/*
 * The façade of requests that are pending: list, delete, and the mail of
 * mdmcert.download.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/certlife/certlife.h"
#include "server/engine/call.h"
#include "server/engine/engine_core.h"

static const struct rouse_cert_refusal none = {ROUSE_CERT_OK, ""};

struct listing {
    struct rouse *rouse;
    rouse_cert_requests_fn *done;
    void *arg;
};

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
    struct rouse_cert_request *requests = calloc(n + 1, sizeof *requests);

    if (err == STORE_OK && it->rouse->is_freeing)
        err = STORE_ECLOSED;
    if (err == STORE_OK && requests == NULL)
        err = STORE_ENOMEM;
    if (err == STORE_OK) {
        for (size_t i = 0; i < n; i++)
            fill(&csrs[i], &requests[i]);
        it->done(it->arg, ROUSE_OK, &none, requests, n);
    } else {
        it->done(it->arg, rouse_err_of_store(err), &none, NULL, 0);
    }
    free(requests);
    free(it);
}

enum rouse_err
rouse_cert_request_list(struct rouse *rouse, const char *name,
                        rouse_cert_requests_fn *done, void *arg)
{
    struct listing *it;
    enum store_err err;

    if (rouse->is_freeing)
        return ROUSE_ECLOSED;
    if ((it = calloc(1, sizeof *it)) == NULL)
        return ROUSE_ENOMEM;
    *it = (struct listing){.rouse = rouse, .done = done, .arg = arg};
    err = store_csr_list(rouse->store, name, false, on_list, it);
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
    char name[ROUSE_CERT_MAX_NAME + 1];
    char by[STORE_MAX_NAME + 1];
};

static void
on_deleted(void *arg, enum store_err err)
{
    struct deleting *it = arg;

    if (err == STORE_OK && !it->rouse->is_freeing)
        notice_event(it->rouse, "pushcert.request_deleted", it->name, it->by,
                     "");
    it->done(it->arg, rouse_err_of_store(err));
    free(it);
}

enum rouse_err
rouse_cert_request_delete(struct rouse *rouse, const char *name, const char *by,
                          rouse_done_fn *done, void *arg)
{
    struct deleting *it;
    enum rouse_err err;

    if ((it = call_new(rouse, sizeof *it, &err)) == NULL)
        return err;
    it->rouse = rouse;
    it->done = done;
    it->arg = arg;
    snprintf(it->name, sizeof it->name, "%s", name);
    snprintf(it->by, sizeof it->by, "%s", by);
    return call_asked(it, store_csr_delete(rouse->store, name, on_deleted, it));
}

/*
 * The mail.
 */

struct opening {
    struct worker_job job;
    struct rouse *rouse;
    rouse_cert_requests_fn *done;
    void *arg;
    char name[ROUSE_CERT_MAX_NAME + 1];
    char *reply;
    size_t reply_len;
    char *cert_pem;
    char *key_pem; /* cleansed */
    char *upload;
    enum certlife_err err;
    char detail[CERTLIFE_MAX_DETAIL];
};

static void
end_opening(struct opening *it, enum rouse_err err, enum rouse_cert_code code,
            const char *text)
{
    if (it->done != NULL)
        it->done(it->arg, err, &(struct rouse_cert_refusal){code, text}, NULL,
                 0);
    free(it->reply);
    free(it->cert_pem);
    free(it->upload);
    certlife_secret_free(it->key_pem);
    free(it);
}

static void
on_signed(void *arg, enum store_err err)
{
    struct opening *it = arg;
    enum rouse_err rc;

    if (err == STORE_OK && it->rouse->is_freeing)
        err = STORE_ECLOSED;
    if (err != STORE_OK) {
        end_opening(it, rouse_err_of_store(err), ROUSE_CERT_OK, "");
        return;
    }
    /* As it is now, out of the store. */
    rc = rouse_cert_request_list(it->rouse, it->name, it->done, it->arg);
    if (rc == ROUSE_OK)
        it->done = NULL;
    end_opening(it, rc, ROUSE_CERT_OK, "");
}

static void
work(struct worker_job *job)
{
    struct opening *it = (struct opening *)job;
    struct certlife_file reply = {"reply", it->reply, it->reply_len, NULL};

    it->err = certlife_mdmcert_open(&reply, it->key_pem, it->cert_pem,
                                    &it->upload, it->detail);
}

static void
on_opened(struct worker_job *job)
{
    struct opening *it = (struct opening *)job;
    char text[CERTLIFE_MAX_DETAIL + 128];
    enum store_err err;

    if (it->rouse->is_freeing || it->err == CERTLIFE_ENOMEM) {
        end_opening(it, it->rouse->is_freeing ? ROUSE_ECLOSED : ROUSE_ENOMEM,
                    ROUSE_CERT_OK, "");
        return;
    }
    if (it->err != CERTLIFE_OK) {
        snprintf(text, sizeof text, "%s%s%s", certlife_err_text(it->err),
                 it->detail[0] != '\0' ? ": " : "", it->detail);
        end_opening(it, ROUSE_EGUARD, ROUSE_CERT_BAD_REPLY, text);
        return;
    }
    err = store_csr_sign(it->rouse->store, it->name, it->upload, on_signed, it);
    if (err != STORE_OK)
        end_opening(it, rouse_err_of_store(err), ROUSE_CERT_OK, "");
}

static void
on_pending(void *arg, enum store_err err, const struct store_csr *csr, size_t n)
{
    struct opening *it = arg;

    if (err == STORE_OK && it->rouse->is_freeing)
        err = STORE_ECLOSED;
    if (err != STORE_OK || n != 1) {
        end_opening(it, rouse_err_of_store(err), ROUSE_CERT_OK, "");
        return;
    }
    if (csr->mail_cert_pem[0] == '\0') {
        end_opening(it, ROUSE_EGUARD, ROUSE_CERT_NO_MAIL_KEY,
                    "This request was not made for mdmcert.download; only the "
                    "request that was sent there opens the reply.");
        return;
    }
    it->cert_pem = strdup(csr->mail_cert_pem);
    it->key_pem = strdup(csr->mail_key_pem);
    it->job.work = work;
    it->job.done = on_opened;
    if (it->cert_pem == NULL || it->key_pem == NULL)
        end_opening(it, ROUSE_ENOMEM, ROUSE_CERT_OK, "");
    else if (!worker_add(&it->rouse->life.worker, it->rouse->tick.loop,
                         &it->job))
        end_opening(it, ROUSE_EBUSY, ROUSE_CERT_OK, "");
}

enum rouse_err
rouse_cert_request_open_mail(struct rouse *rouse, const char *name,
                             const void *reply, size_t len,
                             rouse_cert_requests_fn *done, void *arg)
{
    struct opening *it;
    enum store_err err = STORE_ENOMEM;

    if (rouse->is_draining || rouse->is_freeing)
        return ROUSE_ECLOSED;
    if (len > ROUSE_CERT_MAX_LEN)
        return ROUSE_ETOOLARGE;
    if ((it = calloc(1, sizeof *it)) == NULL)
        return ROUSE_ENOMEM;
    it->rouse = rouse;
    it->done = done;
    it->arg = arg;
    snprintf(it->name, sizeof it->name, "%s", name);
    it->reply_len = len;
    if ((it->reply = malloc(len + 1)) != NULL) {
        memcpy(it->reply, reply, len);
        err = store_csr_list(rouse->store, name, true, on_pending, it);
    }
    if (err != STORE_OK) {
        free(it->reply);
        free(it);
    }
    return rouse_err_of_store(err);
}
