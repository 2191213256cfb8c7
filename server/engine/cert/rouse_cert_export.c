/* SPDX-License-Identifier: MIT */

/*
 * The façade of what leaves and of what it is sealed with: export of
 * certificate and key, rotation of the master key.
 */

#include <inttypes.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/certlife/certlife.h"
#include "server/engine/call.h"
#include "server/engine/engine_core.h"

struct export
{
    struct worker_job job;
    struct rouse *rouse;
    rouse_cert_export_fn *done;
    void *arg;
    char topic[APNS_MAX_TOPIC + 1];
    char by[STORE_MAX_NAME + 1];
    char name[APNS_MAX_TOPIC + STORE_MAX_NAME + 4]; /* its friendly name */
    char *passphrase;                               /* cleansed, as is */
    char *pem;
    unsigned char *der;
    size_t der_len;
    enum certlife_err err;
    char detail[CERTLIFE_MAX_DETAIL];
};

static void
end_export(struct export *it, enum rouse_err err, enum rouse_cert_code code,
           const char *text)
{
    it->done(it->arg, err, &(struct rouse_cert_refusal){code, text}, it->der,
             it->der_len);
    certlife_secret_free(it->passphrase);
    certlife_secret_free(it->pem);
    free(it->der);
    free(it);
}

static void
work(struct worker_job *job)
{
    struct export *it = (struct export *)job;

    it->err =
        certlife_export_make(it->pem, strlen(it->pem), it->passphrase, it->name,
                             &it->der, &it->der_len, it->detail);
}

static void
on_made(struct worker_job *job)
{
    struct export *it = (struct export *)job;

    if (it->rouse->is_freeing) {
        end_export(it, ROUSE_ECLOSED, ROUSE_CERT_OK, "");
    } else if (it->err == CERTLIFE_EPASSPHRASE) {
        end_export(it, ROUSE_EGUARD, ROUSE_CERT_BAD_PASSPHRASE,
                   it->detail[0] != '\0' ? it->detail
                                         : certlife_err_text(it->err));
    } else if (it->err != CERTLIFE_OK) {
        end_export(it, ROUSE_ENOMEM, ROUSE_CERT_OK, "");
    } else {
        notice_event(it->rouse, "pushcert.exported", it->topic, it->by,
                     "with its key, encrypted");
        end_export(it, ROUSE_OK, ROUSE_CERT_OK, "");
    }
}

static void
on_held(void *arg, enum store_err err, const struct store_identity *rows,
        size_t n)
{
    struct export *it = arg;

    if (err == STORE_OK && it->rouse->is_freeing)
        err = STORE_ECLOSED;
    if (err == STORE_OK && n == 0)
        err = STORE_ENOTFOUND;
    if (err == STORE_OK &&
        asprintf(&it->pem, "%s\n%s", rows[0].cert_pem, rows[0].key_pem) < 0) {
        it->pem = NULL;
        err = STORE_ENOMEM;
    }
    /* So the account goes along to wherever the file is opened. */
    if (err == STORE_OK && rows[0].apple_account[0] != '\0')
        snprintf(it->name, sizeof it->name, "%s (%s)", it->topic,
                 rows[0].apple_account);
    else
        snprintf(it->name, sizeof it->name, "%s", it->topic);
    it->job.work = work;
    it->job.done = on_made;
    if (err != STORE_OK)
        end_export(it, rouse_err_of_store(err), ROUSE_CERT_OK, "");
    else if (rows[0].is_key_lost)
        end_export(it, ROUSE_EGUARD, ROUSE_CERT_KEY_LOST, LIFE_KEY_LOST_TEXT);
    else if (!worker_add(&it->rouse->life.worker, it->rouse->tick.loop,
                         &it->job))
        end_export(it, ROUSE_EBUSY, ROUSE_CERT_OK, "");
}

enum rouse_err
rouse_cert_export(struct rouse *rouse, const char *topic,
                  const char *passphrase, const char *by,
                  rouse_cert_export_fn *done, void *arg)
{
    struct export *it;
    enum store_err err = STORE_ENOMEM;

    if (rouse->is_draining || rouse->is_freeing)
        return ROUSE_ECLOSED;
    if (topic[0] == '\0' || strnlen(topic, APNS_MAX_TOPIC + 1) > APNS_MAX_TOPIC)
        return ROUSE_EINVAL;
    if ((it = calloc(1, sizeof *it)) == NULL)
        return ROUSE_ENOMEM;
    it->rouse = rouse;
    it->done = done;
    it->arg = arg;
    snprintf(it->topic, sizeof it->topic, "%s", topic);
    snprintf(it->by, sizeof it->by, "%s", by);
    if ((it->passphrase = strdup(passphrase)) != NULL)
        err = store_identity_list(rouse->store, it->topic, true, on_held, it);
    if (err != STORE_OK) {
        certlife_secret_free(it->passphrase);
        free(it);
    }
    return rouse_err_of_store(err);
}

/*
 * Rotation.
 */

struct rotation {
    struct rouse *rouse;
    rouse_cert_count_fn *done;
    void *arg;
    char by[STORE_MAX_NAME + 1];
};

static void
on_rotated(void *arg, enum store_err err, int64_t n)
{
    struct rotation *it = arg;
    char detail[64];

    if (err == STORE_OK && !it->rouse->is_freeing) {
        snprintf(detail, sizeof detail, "%" PRId64 " keys sealed anew", n);
        notice_event(it->rouse, "master_key.rotated", "", it->by, detail);
    }
    it->done(it->arg, rouse_err_of_store(err),
             &(struct rouse_cert_refusal){ROUSE_CERT_OK, ""}, (uint64_t)n);
    free(it);
}

enum rouse_err
rouse_cert_rotate_master(struct rouse *rouse, const char *by,
                         rouse_cert_count_fn *done, void *arg)
{
    struct rotation *it;
    enum rouse_err err;

    if ((it = call_new(rouse, sizeof *it, &err)) == NULL)
        return err;
    it->rouse = rouse;
    it->done = done;
    it->arg = arg;
    snprintf(it->by, sizeof it->by, "%s", by);
    return call_asked(it, store_rotate_key(rouse->store, on_rotated, it));
}
