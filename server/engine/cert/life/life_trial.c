/* SPDX-License-Identifier: MIT */
#include "life_trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "life_test.h"
#include "server/engine/engine_core.h"

struct life_trial {
    struct rouse *rouse;
    life_trial_fn *done;
    void *arg;
    bool has_test;   /* its end is in test */
    bool is_settled; /* on_settled came first */
    bool has_fallen;
    struct rouse_cert_test test;
    char reason[128];
    char topic[APNS_MAX_TOPIC + 1];
    char sha256[LIFE_SHA_SIZE];
};

static void
end_trial(struct life_trial *trial, enum rouse_err err)
{
    trial->done(trial->arg, err, trial->has_test ? &trial->test : NULL,
                trial->has_fallen);
    free(trial);
}

static void
on_settled(void *arg, bool has_fallen)
{
    struct life_trial *trial = arg;

    trial->is_settled = true;
    trial->has_fallen = has_fallen;
    if (trial->has_test)
        end_trial(trial, trial->rouse->is_freeing ? ROUSE_ECLOSED : ROUSE_OK);
}

/* Of these the made-up token's answer proves nothing: it is one of them. */
static bool
is_about_tokens(enum apns_cause cause)
{
    return cause == APNS_CAUSE_TOKENS_ENVIRONMENT ||
           cause == APNS_CAUSE_TOKENS_TOPIC;
}

/* APNs takes again what it had refused: nobody need wait for the next probe,
 * or import what is held already. */
static void
go_on(struct rouse *rouse, const char *topic)
{
    struct apns_identity_status status;

    if (apns_identity_get(rouse->client, topic, &status) == APNS_OK &&
        (status.state == APNS_IDENTITY_STOPPED ||
         status.state == APNS_IDENTITY_PROBING) &&
        !is_about_tokens(status.cause))
        (void)!apns_identity_retry(rouse->client, topic);
}

void
life_trial_learn(struct rouse *rouse, const char *topic, const char *sha256,
                 const char *by, const struct rouse_cert_test *test)
{
    struct life_cert *cert = life_find(rouse, topic);
    char text[STORE_MAX_NOTE + 1];
    struct store_identity_mark mark = {
        .topic = topic,
        .sha256 = sha256,
        .clear = test->is_ok ? LIFE_TEST_FAILED : 0,
        .set = test->is_ok ? 0 : LIFE_TEST_FAILED,
        .tested_at_ms = tick_now(rouse),
        .is_test_ok = test->is_ok,
        .test_text = text,
    };

    snprintf(text, sizeof text, "%s: %s", test->reason, test->explanation);
    if (cert != NULL && strcmp(cert->sha256, sha256) == 0) {
        cert->marks = (cert->marks & ~mark.clear) | mark.set;
        if (test->is_ok)
            go_on(rouse, topic);
    }
    alert_touch(rouse);
    if (store_identity_learn(rouse->store, &mark, NULL, NULL) != STORE_OK)
        notice_log(rouse, APNS_LOG_WARN, EVENT_TEST_LOST " topic=%s", topic);
    notice_event(rouse, "pushcert.tested", topic, by, text);
}

static struct life_cert *
find_cert(const struct life_trial *trial)
{
    struct life_cert *cert = life_find(trial->rouse, trial->topic);

    return cert != NULL && strcmp(cert->sha256, trial->sha256) == 0 ? cert
                                                                    : NULL;
}

/* APNs has spoken, or nobody has. True: the way back is under way. */
static bool
judge(struct life_trial *trial, struct life_cert *cert)
{
    cert->is_tried = false;
    if (trial->test.is_refusal)
        return life_refuse(trial->rouse, cert, trial->test.cause,
                           trial->test.reason);
    if (trial->test.is_ok || cert->is_taken)
        life_take(trial->rouse, cert);
    return false;
}

static void
on_tested(void *arg, enum rouse_err err, const struct rouse_cert_test *test)
{
    struct life_trial *trial = arg;
    struct life_cert *cert = find_cert(trial);

    if (err == ROUSE_OK) {
        trial->has_test = true;
        trial->test = *test;
        snprintf(trial->reason, sizeof trial->reason, "%s", test->reason);
        trial->test.reason = trial->reason;
        life_trial_learn(trial->rouse, trial->topic, trial->sha256, "rouse",
                         &trial->test);
    }
    if (cert != NULL && !trial->is_settled) {
        if (err == ROUSE_OK && judge(trial, cert))
            return; /* on_settled ends it */
        cert->on_settled = NULL;
        cert->is_tried = false;
    }
    end_trial(trial, err);
}

void
life_trial_begin(struct rouse *rouse, const struct apns_credential *credential,
                 life_trial_fn *done, void *arg)
{
    const struct apns_cert *facts = apns_credential_cert(credential);
    struct life_trial *trial = calloc(1, sizeof *trial);
    struct life_cert *cert = life_find(rouse, facts->topic);
    enum rouse_err err = ROUSE_ENOMEM;

    if (trial != NULL) {
        trial->rouse = rouse;
        trial->done = done;
        trial->arg = arg;
        memcpy(trial->topic, facts->topic, sizeof trial->topic);
        memcpy(trial->sha256, facts->sha256, sizeof trial->sha256);
        err = life_test_begin(rouse, credential, 0, on_tested, trial);
    }
    if (err != ROUSE_OK) {
        free(trial);
        done(arg, err, NULL, false);
        return;
    }
    if (cert != NULL) {
        cert->is_tried = true;
        cert->on_settled = on_settled;
        cert->settled_arg = trial;
    }
}
