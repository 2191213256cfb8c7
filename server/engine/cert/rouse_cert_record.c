/* SPDX-License-Identifier: MIT */

/*
 * The façade of what is kept of certificates: those in force, and all that
 * ever were.
 */

#include <stdlib.h>

#include "server/certlife/certlife.h"
#include "server/engine/call.h"
#include "server/engine/engine_core.h"

struct reading {
    struct rouse *rouse;
    rouse_cert_records_fn *done;
    void *arg;
    bool is_of_one; /* a topic was given: none is ROUSE_ENOTFOUND */
};

static struct rouse_cert_record
copy_one(const struct store_identity *cert, int64_t now_unix)
{
    return (struct rouse_cert_record){
        .topic = cert->topic,
        .subject = cert->subject,
        .issuer = cert->issuer,
        .serial = cert->serial,
        .sha256 = cert->sha256,
        .not_before_unix = cert->not_before_unix,
        .not_after_unix = cert->not_after_unix,
        .life = certlife_state_word(
            certlife_state_of(cert->not_before_unix, cert->not_after_unix,
                              now_unix, life_marks_of(cert))),
        .imported_at_ms = cert->imported_at_ms,
        .imported_by = cert->imported_by,
        .apple_account = cert->apple_account,
        .note = cert->note,
        .retired_at_ms = cert->retired_at_ms,
        .retired_why = cert->retired_why,
        .taken_at_ms = cert->taken_at_ms,
        .proven_at_ms = cert->proven_at_ms,
        .tested_at_ms = cert->tested_at_ms,
        .is_test_ok = cert->is_test_ok,
        .test_text = cert->test_text,
        .is_key_lost = cert->is_key_lost,
        .cert_pem = cert->cert_pem,
    };
}

static void
on_read(void *arg, enum store_err err, const struct store_identity *certs,
        size_t n)
{
    struct reading *it = arg;
    struct rouse_cert_record *records = calloc(n + 1, sizeof *records);

    if (err == STORE_OK && n == 0 && it->is_of_one)
        err = STORE_ENOTFOUND;
    if (err == STORE_OK && records == NULL)
        err = STORE_ENOMEM;
    for (size_t i = 0; records != NULL && i < n; i++)
        records[i] = copy_one(&certs[i], tick_now(it->rouse) / 1000);
    it->done(it->arg, rouse_err_of_store(err), records,
             err == STORE_OK ? n : 0);
    free(records);
    free(it);
}

/* NULL with ${*err}. */
static struct reading *
new_reading(struct rouse *rouse, const char *topic, rouse_cert_records_fn *done,
            void *arg, enum rouse_err *err)
{
    struct reading *it = call_new(rouse, sizeof *it, err);

    if (it == NULL)
        return NULL;
    it->rouse = rouse;
    it->done = done;
    it->arg = arg;
    it->is_of_one = topic != NULL;
    return it;
}

enum rouse_err
rouse_cert_list(struct rouse *rouse, const char *topic,
                rouse_cert_records_fn *done, void *arg)
{
    enum rouse_err err;
    struct reading *it = new_reading(rouse, topic, done, arg, &err);

    if (it == NULL)
        return err;
    return call_asked(
        it, store_identity_list(rouse->store, topic, false, on_read, it));
}

enum rouse_err
rouse_cert_history(struct rouse *rouse, const char *topic,
                   rouse_cert_records_fn *done, void *arg)
{
    enum rouse_err err;
    struct reading *it = new_reading(rouse, topic, done, arg, &err);

    if (it == NULL)
        return err;
    return call_asked(it,
                      store_identity_history(rouse->store, topic, on_read, it));
}
