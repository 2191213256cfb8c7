/* SPDX-License-Identifier: MIT */

/*
 * The façade of tests: of the certificate in force, or of files.
 */

#include <stdio.h>

#include "apns/base/text.h"
#include "cert_found.h"
#include "server/engine/cert/life/life_test.h"
#include "server/engine/cert/life/life_trial.h"
#include "server/engine/engine_core.h"

struct testing {
    struct cert_found found; /* first; of the topic the credential alone */
    rouse_cert_test_fn *done;
    uint32_t wait_ms;
    const char *topic; /* NULL: files */
    char sha256[LIFE_SHA_SIZE];
    const struct rouse_cert_test *test; /* for the completion */
};

static void
tell(struct cert_op *op, enum rouse_err err,
     const struct rouse_cert_refusal *refusal)
{
    struct testing *it = (struct testing *)op;

    it->done(op->arg, err, refusal, it->test);
}

static void
fini(struct cert_op *op)
{
    cert_found_fini((struct cert_found *)op);
}

static const struct cert_op_kind kind = {sizeof(struct testing), tell, fini};

static void
on_tested(void *arg, enum rouse_err err, const struct rouse_cert_test *test)
{
    struct testing *it = arg;
    struct cert_op *op = &it->found.op;

    if (err == ROUSE_OK && it->topic != NULL)
        life_trial_learn(op->rouse, it->topic, it->sha256, op->by, test);
    it->test = test;
    cert_op_end(op, err);
}

static void
test(struct testing *it)
{
    enum rouse_err err = life_test_begin(
        it->found.op.rouse, it->found.credential, it->wait_ms, on_tested, it);

    if (err != ROUSE_OK)
        cert_op_end(&it->found.op, err);
}

static void
on_held(void *arg, enum store_err err, const struct store_identity *rows,
        size_t n)
{
    struct testing *it = arg;
    struct cert_op *op = &it->found.op;
    enum apns_err fault;

    if (!cert_op_goes_on(op, err == STORE_OK && n == 0 ? STORE_ENOTFOUND : err))
        return;
    snprintf(it->sha256, sizeof it->sha256, "%s", rows[0].sha256);
    if (rows[0].is_key_lost) {
        cert_op_refuse(op, ROUSE_CERT_KEY_LOST, LIFE_KEY_LOST_TEXT);
        return;
    }
    fault = apns_credential_load(rows[0].cert_pem, rows[0].key_pem,
                                 &it->found.credential);
    if (fault == APNS_OK)
        test(it);
    else if (fault == APNS_ENOMEM)
        cert_op_end(op, ROUSE_ENOMEM);
    else
        cert_op_refuse(op, ROUSE_CERT_BAD_CERTIFICATE, "%s",
                       apns_err_text(fault));
}

enum rouse_err
rouse_cert_test_topic(struct rouse *rouse, const char *topic, uint32_t wait_ms,
                      const char *by, rouse_cert_test_fn *done, void *arg)
{
    struct testing *it;
    enum rouse_err err;

    if ((it = cert_op_new(rouse, &kind, by, arg, &err)) == NULL)
        return err;
    if (wait_ms > ROUSE_CERT_MAX_WAIT_MS || topic[0] == '\0' ||
        !text_is_short(topic, APNS_MAX_TOPIC))
        return cert_op_drop(&it->found.op, ROUSE_EINVAL);
    it->done = done;
    it->wait_ms = wait_ms;
    if ((it->topic = cert_op_copy(&it->found.op, topic)) == NULL)
        return cert_op_drop(&it->found.op, ROUSE_ENOMEM);
    return cert_op_begun(&it->found.op, store_identity_list(rouse->store, topic,
                                                            true, on_held, it));
}

/*
 * Files.
 */

static void
on_found(struct cert_found *found)
{
    if (found->fault == CERTLIFE_OK)
        test((struct testing *)found);
    else
        cert_found_refuse(found);
}

enum rouse_err
rouse_cert_test_files(struct rouse *rouse, const struct rouse_cert_files *files,
                      uint32_t wait_ms, rouse_cert_test_fn *done, void *arg)
{
    struct testing *it;
    enum rouse_err err;

    if ((it = cert_op_new(rouse, &kind, NULL, arg, &err)) == NULL)
        return err;
    if (wait_ms > ROUSE_CERT_MAX_WAIT_MS)
        return cert_op_drop(&it->found.op, ROUSE_EINVAL);
    it->done = done;
    it->wait_ms = wait_ms;
    return cert_found_begin(&it->found, files, on_found);
}
