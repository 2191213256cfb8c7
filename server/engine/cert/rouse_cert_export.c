/* SPDX-License-Identifier: MIT */

/*
 * The façade of what leaves and of what it is sealed with: export of
 * certificate and key, rotation of the master key.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cert_op.h"
#include "server/certlife/certlife.h"
#include "server/engine/engine_core.h"

struct export
{
    struct cert_op op; /* first */
    rouse_cert_export_fn *done;
    const char *topic;
    const char *passphrase;
    char name[APNS_MAX_TOPIC + STORE_MAX_NAME + 4]; /* its friendly name */
    char *pem;                                      /* cleansed */
    unsigned char *der;
    size_t der_len;
    enum certlife_err err;
    char detail[CERTLIFE_MAX_DETAIL];
};

static void
tell_export(struct cert_op *op, enum rouse_err err,
            const struct rouse_cert_refusal *refusal)
{
    struct export *it = (struct export *)op;

    it->done(op->arg, err, refusal, it->der, it->der_len);
}

static void
fini_export(struct cert_op *op)
{
    struct export *it = (struct export *)op;

    certlife_secret_free(it->pem);
    free(it->der);
}

static void
work(struct cert_op *op)
{
    struct export *it = (struct export *)op;

    it->err =
        certlife_export_make(it->pem, strlen(it->pem), it->passphrase, it->name,
                             &it->der, &it->der_len, it->detail);
}

static void
on_made(struct cert_op *op)
{
    struct export *it = (struct export *)op;

    if (it->err == CERTLIFE_EPASSPHRASE) {
        cert_op_refuse(op, ROUSE_CERT_BAD_PASSPHRASE, "%s",
                       it->detail[0] != '\0' ? it->detail
                                             : certlife_err_text(it->err));
    } else if (it->err != CERTLIFE_OK) {
        cert_op_end(op, ROUSE_ENOMEM);
    } else {
        notice_event(op->rouse, "pushcert.exported", it->topic, op->by,
                     "with its key, encrypted");
        cert_op_end(op, ROUSE_OK);
    }
}

static void
on_held(void *arg, enum store_err err, const struct store_identity *rows,
        size_t n)
{
    struct export *it = arg;

    if (!cert_op_goes_on(&it->op,
                         err == STORE_OK && n == 0 ? STORE_ENOTFOUND : err))
        return;
    if (rows[0].is_key_lost) {
        cert_op_refuse(&it->op, ROUSE_CERT_KEY_LOST, LIFE_KEY_LOST_TEXT);
        return;
    }
    if (asprintf(&it->pem, "%s\n%s", rows[0].cert_pem, rows[0].key_pem) < 0) {
        it->pem = NULL;
        it->op.is_out_of_memory = true;
    }
    /* So the account goes along to wherever the file is opened. */
    if (rows[0].apple_account[0] != '\0')
        snprintf(it->name, sizeof it->name, "%s (%s)", it->topic,
                 rows[0].apple_account);
    else
        snprintf(it->name, sizeof it->name, "%s", it->topic);
    cert_op_work_on(&it->op, work, on_made);
}

enum rouse_err
rouse_cert_export(struct rouse *rouse, const char *topic,
                  const char *passphrase, const char *by,
                  rouse_cert_export_fn *done, void *arg)
{
    static const struct cert_op_kind kind = {sizeof(struct export), tell_export,
                                             fini_export};
    struct export *it;
    enum rouse_err err;

    if ((it = cert_op_new(rouse, &kind, by, arg, &err)) == NULL)
        return err;
    if (topic[0] == '\0' || strnlen(topic, APNS_MAX_TOPIC + 1) > APNS_MAX_TOPIC)
        return cert_op_drop(&it->op, ROUSE_EINVAL);
    it->done = done;
    it->topic = cert_op_copy(&it->op, topic);
    it->passphrase = cert_op_copy(&it->op, passphrase);
    if (it->op.is_out_of_memory)
        return cert_op_drop(&it->op, ROUSE_ENOMEM);
    return cert_op_begun(
        &it->op, store_identity_list(rouse->store, topic, true, on_held, it));
}

/*
 * Rotation.
 */

struct rotation {
    struct cert_op op; /* first */
    rouse_cert_count_fn *done;
    uint64_t n;
};

static void
tell_rotation(struct cert_op *op, enum rouse_err err,
              const struct rouse_cert_refusal *refusal)
{
    struct rotation *it = (struct rotation *)op;

    it->done(op->arg, err, refusal, it->n);
}

static void
on_rotated(void *arg, enum store_err err, int64_t n)
{
    struct rotation *it = arg;
    char detail[64];

    if (err == STORE_OK && !it->op.rouse->is_freeing) {
        snprintf(detail, sizeof detail, "%" PRId64 " keys sealed anew", n);
        notice_event(it->op.rouse, "master_key.rotated", "", it->op.by, detail);
    }
    it->n = (uint64_t)n;
    cert_op_end(&it->op, rouse_err_of_store(err));
}

enum rouse_err
rouse_cert_rotate_master(struct rouse *rouse, const char *by,
                         rouse_cert_count_fn *done, void *arg)
{
    static const struct cert_op_kind kind = {sizeof(struct rotation),
                                             tell_rotation, NULL};
    struct rotation *it;
    enum rouse_err err;

    if ((it = cert_op_new(rouse, &kind, by, arg, &err)) == NULL)
        return err;
    it->done = done;
    return cert_op_begun(&it->op,
                         store_rotate_key(rouse->store, on_rotated, it));
}
