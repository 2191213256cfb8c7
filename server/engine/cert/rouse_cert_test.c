/* SPDX-License-Identifier: MIT */

/*
 * The façade of tests: of the certificate in force, or of files.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/engine/call.h"
#include "server/engine/cert/life/life_files.h"
#include "server/engine/cert/life/life_test.h"
#include "server/engine/cert/life/life_trial.h"
#include "server/engine/engine_core.h"

struct testing {
    struct worker_job job;
    struct rouse *rouse;
    rouse_cert_test_fn *done;
    void *arg;
    int64_t now_unix;
    uint32_t wait_ms;
    char topic[APNS_MAX_TOPIC + 1]; /* "": files */
    char sha256[LIFE_SHA_SIZE];
    char by[STORE_MAX_NAME + 1];
    struct life_files files;
    int push;
    char *key_pem; /* held elsewhere; cleansed */
    struct apns_credential *credential;
    enum certlife_err fault;              /* why there is none, */
    char fault_text[CERTLIFE_MAX_DETAIL]; /* in words */
};

static void
end_testing(struct testing *it, enum rouse_err err, enum rouse_cert_code code,
            const char *text, const struct rouse_cert_test *test)
{
    it->done(it->arg, err, &(struct rouse_cert_refusal){code, text}, test);
    apns_credential_free(it->credential);
    certlife_secret_free(it->key_pem);
    life_files_fini(&it->files);
    free(it);
}

static void
on_tested(void *arg, enum rouse_err err, const struct rouse_cert_test *test)
{
    struct testing *it = arg;

    if (err == ROUSE_OK && it->topic[0] != '\0')
        life_trial_learn(it->rouse, it->topic, it->sha256, it->by, test);
    end_testing(it, err, ROUSE_CERT_OK, "", test);
}

static void
test(struct testing *it)
{
    enum rouse_err err =
        life_test_begin(it->rouse, it->credential, it->wait_ms, on_tested, it);

    if (err != ROUSE_OK)
        end_testing(it, err, ROUSE_CERT_OK, "", NULL);
}

static void
on_held(void *arg, enum store_err err, const struct store_identity *rows,
        size_t n)
{
    struct testing *it = arg;
    enum apns_err fault;

    if (err == STORE_OK && it->rouse->is_freeing)
        err = STORE_ECLOSED;
    if (err == STORE_OK && n == 0)
        err = STORE_ENOTFOUND;
    if (err != STORE_OK) {
        end_testing(it, rouse_err_of_store(err), ROUSE_CERT_OK, "", NULL);
        return;
    }
    snprintf(it->sha256, sizeof it->sha256, "%s", rows[0].sha256);
    if (rows[0].is_key_lost) {
        end_testing(it, ROUSE_EGUARD, ROUSE_CERT_KEY_LOST, LIFE_KEY_LOST_TEXT,
                    NULL);
        return;
    }
    fault = apns_credential_load(rows[0].cert_pem, rows[0].key_pem,
                                 &it->credential);
    if (fault == APNS_OK)
        test(it);
    else if (fault == APNS_ENOMEM)
        end_testing(it, ROUSE_ENOMEM, ROUSE_CERT_OK, "", NULL);
    else
        end_testing(it, ROUSE_EGUARD, ROUSE_CERT_BAD_CERTIFICATE,
                    apns_err_text(fault), NULL);
}

static struct testing *
new_testing(struct rouse *rouse, uint32_t wait_ms, rouse_cert_test_fn *done,
            void *arg)
{
    struct testing *it = calloc(1, sizeof *it);

    if (it == NULL)
        return NULL;
    it->rouse = rouse;
    it->done = done;
    it->arg = arg;
    it->wait_ms = wait_ms;
    it->now_unix = tick_now(rouse) / 1000;
    return it;
}

enum rouse_err
rouse_cert_test_topic(struct rouse *rouse, const char *topic, uint32_t wait_ms,
                      const char *by, rouse_cert_test_fn *done, void *arg)
{
    struct testing *it;

    if (rouse->is_draining || rouse->is_freeing)
        return ROUSE_ECLOSED;
    if (wait_ms > ROUSE_CERT_MAX_WAIT_MS || topic[0] == '\0' ||
        strnlen(topic, APNS_MAX_TOPIC + 1) > APNS_MAX_TOPIC)
        return ROUSE_EINVAL;
    if ((it = new_testing(rouse, wait_ms, done, arg)) == NULL)
        return ROUSE_ENOMEM;
    snprintf(it->topic, sizeof it->topic, "%s", topic);
    snprintf(it->by, sizeof it->by, "%s", by);
    return call_asked(
        it, store_identity_list(rouse->store, it->topic, true, on_held, it));
}

/*
 * Files.
 */

static void
work_credential(struct worker_job *job)
{
    struct testing *it = (struct testing *)job;

    it->fault = certlife_check_credential(it->files.check, it->files.file,
                                          (size_t)it->push, it->key_pem,
                                          &it->credential, it->fault_text);
}

static void
on_credential(struct worker_job *job)
{
    struct testing *it = (struct testing *)job;

    if (it->rouse->is_freeing)
        end_testing(it, ROUSE_ECLOSED, ROUSE_CERT_OK, "", NULL);
    else if (it->fault == CERTLIFE_OK)
        test(it);
    else if (it->fault == CERTLIFE_ENOMEM)
        end_testing(it, ROUSE_ENOMEM, ROUSE_CERT_OK, "", NULL);
    else
        end_testing(it, ROUSE_EGUARD,
                    it->fault == CERTLIFE_ENOKEY ? ROUSE_CERT_NO_KEY
                    : it->fault == CERTLIFE_EKEYMISMATCH
                        ? ROUSE_CERT_KEY_MISMATCH
                        : ROUSE_CERT_BAD_CERTIFICATE,
                    it->fault_text, NULL);
}

static void
on_key(void *arg, enum store_err err, const struct store_found_key *found)
{
    struct testing *it = arg;

    if (err == STORE_OK && it->rouse->is_freeing)
        err = STORE_ECLOSED;
    if (err == STORE_OK && (it->key_pem = strdup(found->key_pem)) == NULL)
        err = STORE_ENOMEM;
    it->job.work = work_credential;
    it->job.done = on_credential;
    if (err != STORE_OK && err != STORE_ENOTFOUND)
        end_testing(it, rouse_err_of_store(err), ROUSE_CERT_OK, "", NULL);
    else if (!worker_add(&it->rouse->life.worker, it->rouse->tick.loop,
                         &it->job))
        end_testing(it, ROUSE_EBUSY, ROUSE_CERT_OK, "", NULL);
}

static void
refuse_files(struct testing *it, enum rouse_cert_code code)
{
    char *why = life_files_why(&it->files);

    end_testing(it, ROUSE_EGUARD, code, why != NULL ? why : "", NULL);
    free(why);
}

static void
work(struct worker_job *job)
{
    struct testing *it = (struct testing *)job;

    life_files_read(&it->files, it->now_unix);
}

static void
on_read(struct worker_job *job)
{
    struct testing *it = (struct testing *)job;
    const struct certlife_check *check = it->files.check;
    enum store_err err;

    if (it->rouse->is_freeing || it->files.err == CERTLIFE_ENOMEM) {
        end_testing(it, it->rouse->is_freeing ? ROUSE_ECLOSED : ROUSE_ENOMEM,
                    ROUSE_CERT_OK, "", NULL);
    } else if (check == NULL) {
        refuse_files(it, ROUSE_CERT_BAD_FILES);
    } else if ((it->push = certlife_check_push(check)) < 0) {
        refuse_files(it, ROUSE_CERT_NO_PUSH_CERTIFICATE);
    } else if (certlife_check_is_torn(check)) {
        refuse_files(it, ROUSE_CERT_TWO_CERTIFICATES);
    } else {
        err = store_csr_find_key(
            it->rouse->store, check->objects[it->push].spki_sha256, on_key, it);
        if (err != STORE_OK)
            end_testing(it, rouse_err_of_store(err), ROUSE_CERT_OK, "", NULL);
    }
}

enum rouse_err
rouse_cert_test_files(struct rouse *rouse, const struct rouse_cert_files *files,
                      uint32_t wait_ms, rouse_cert_test_fn *done, void *arg)
{
    struct testing *it;
    enum rouse_err err;

    if (rouse->is_draining || rouse->is_freeing)
        return ROUSE_ECLOSED;
    if (wait_ms > ROUSE_CERT_MAX_WAIT_MS)
        return ROUSE_EINVAL;
    if ((it = new_testing(rouse, wait_ms, done, arg)) == NULL)
        return ROUSE_ENOMEM;
    it->job.work = work;
    it->job.done = on_read;
    if ((err = life_files_copy(&it->files, files)) == ROUSE_OK &&
        !worker_add(&rouse->life.worker, rouse->tick.loop, &it->job))
        err = ROUSE_EBUSY;
    if (err != ROUSE_OK) {
        life_files_fini(&it->files);
        free(it);
    }
    return err;
}
