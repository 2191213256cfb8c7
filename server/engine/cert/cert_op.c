/* SPDX-License-Identifier: MIT */
#include "cert_op.h"

#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/engine/engine_core.h"

struct cert_op_text {
    struct cert_op_text *next;
    size_t len;
    char bytes[];
};

static void
free_op(struct cert_op *op)
{
    struct cert_op_text *text;

    if (op->kind->fini != NULL)
        op->kind->fini(op);
    while ((text = op->texts) != NULL) {
        op->texts = text->next;
        OPENSSL_cleanse(text->bytes, text->len);
        free(text);
    }
    free(op->text);
    free(op);
}

void *
cert_op_new_look(struct rouse *rouse, const struct cert_op_kind *kind,
                 void *arg, enum rouse_err *err)
{
    struct cert_op *op;

    *err = ROUSE_ECLOSED;
    if (rouse->is_freeing)
        return NULL;
    *err = ROUSE_ENOMEM;
    if ((op = calloc(1, kind->size)) == NULL)
        return NULL;
    *err = ROUSE_OK;
    op->kind = kind;
    op->rouse = rouse;
    op->arg = arg;
    op->now_unix = tick_now(rouse) / 1000;
    op->by = "";
    return op;
}

void *
cert_op_new(struct rouse *rouse, const struct cert_op_kind *kind,
            const char *by, void *arg, enum rouse_err *err)
{
    struct cert_op *op;
    char name[STORE_MAX_NAME + 1];

    *err = ROUSE_ECLOSED;
    if (rouse->is_draining)
        return NULL;
    if ((op = cert_op_new_look(rouse, kind, arg, err)) == NULL || by == NULL)
        return op;
    snprintf(name, sizeof name, "%s", by);
    if ((op->by = cert_op_copy(op, name)) != NULL)
        return op;
    *err = cert_op_drop(op, ROUSE_ENOMEM);
    return NULL;
}

const char *
cert_op_copy(struct cert_op *op, const char *text)
{
    size_t len = text != NULL ? strlen(text) + 1 : 0;
    struct cert_op_text *copy;

    if (text == NULL)
        return NULL;
    if ((copy = malloc(sizeof *copy + len)) == NULL) {
        op->is_out_of_memory = true;
        return NULL;
    }
    copy->len = len;
    memcpy(copy->bytes, text, len);
    copy->next = op->texts;
    op->texts = copy;
    return copy->bytes;
}

enum rouse_err
cert_op_drop(struct cert_op *op, enum rouse_err err)
{
    free_op(op);
    return err;
}

enum rouse_err
cert_op_begun(struct cert_op *op, enum store_err err)
{
    if (err != STORE_OK)
        free_op(op);
    return rouse_err_of_store(err);
}

void
cert_op_asked(struct cert_op *op, enum store_err err)
{
    if (err != STORE_OK)
        cert_op_end(op, rouse_err_of_store(err));
}

bool
cert_op_goes_on(struct cert_op *op, enum store_err err)
{
    if (err == STORE_OK && op->rouse->is_freeing)
        err = STORE_ECLOSED;
    if (err != STORE_OK)
        cert_op_end(op, rouse_err_of_store(err));
    return err == STORE_OK;
}

static void
on_work(struct worker_job *job)
{
    struct cert_op *op = (struct cert_op *)job;

    op->work(op);
}

static void
on_worked(struct worker_job *job)
{
    struct cert_op *op = (struct cert_op *)job;

    if (op->rouse->is_freeing)
        cert_op_end(op, ROUSE_ECLOSED);
    else if (op->is_out_of_memory)
        cert_op_end(op, ROUSE_ENOMEM);
    else
        op->next(op);
}

bool
cert_op_work(struct cert_op *op, void (*work)(struct cert_op *op),
             void (*next)(struct cert_op *op))
{
    op->work = work;
    op->next = next;
    op->job.work = on_work;
    op->job.done = on_worked;
    return worker_add(&op->rouse->life.worker, op->rouse->tick.loop, &op->job);
}

void
cert_op_work_on(struct cert_op *op, void (*work)(struct cert_op *op),
                void (*next)(struct cert_op *op))
{
    if (op->is_out_of_memory)
        cert_op_end(op, ROUSE_ENOMEM);
    else if (!cert_op_work(op, work, next))
        cert_op_end(op, ROUSE_EBUSY);
}

static void
note(struct cert_op *op, enum rouse_cert_code code, const char *format,
     va_list args)
{
    op->code = code;
    free(op->text);
    if (vasprintf(&op->text, format, args) < 0)
        op->text = NULL; /* the code says the most of it */
}

void
cert_op_note(struct cert_op *op, enum rouse_cert_code code, const char *format,
             ...)
{
    va_list args;

    va_start(args, format);
    note(op, code, format, args);
    va_end(args);
}

void
cert_op_refuse(struct cert_op *op, enum rouse_cert_code code,
               const char *format, ...)
{
    va_list args;

    va_start(args, format);
    note(op, code, format, args);
    va_end(args);
    cert_op_end(op, ROUSE_EGUARD);
}

void
cert_op_end(struct cert_op *op, enum rouse_err err)
{
    struct rouse_cert_refusal refusal = {ROUSE_CERT_OK, ""};

    if (err == ROUSE_EGUARD)
        refusal = (struct rouse_cert_refusal){op->code,
                                              op->text != NULL ? op->text : ""};
    op->kind->tell(op, err, &refusal);
    free_op(op);
}
