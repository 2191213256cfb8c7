/* SPDX-License-Identifier: MIT */
#include "life_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apns/base/clock.h"
#include "life_explain.h"
#include "server/engine/engine_core.h"

#define TOKEN_LEN 32

struct life_test {
    TAILQ_ENTRY(life_test) link;
    struct later later;
    struct rouse *rouse;
    struct apns_client *client;
    life_test_fn *done;
    void *arg;
    int64_t begun_ms;      /* monotonic */
    bool is_over;          /* its end is known */
    enum apns_cause cause; /* that stopped its client */
    uint16_t status;
    char reason[128];
    uint32_t took_ms;
};

static void
end_test(struct life_test *test, enum rouse_err err)
{
    struct life_explanation words;
    struct rouse_cert_test answer;

    TAILQ_REMOVE(&test->rouse->life.tests, test, link);
    test->is_over = true;
    apns_client_free(test->client);
    life_explain_end(test->status, test->reason, &words);
    answer = (struct rouse_cert_test){
        .is_ok = words.is_ok,
        .is_refusal = words.is_refusal,
        .cause = test->cause,
        .status = test->status,
        .reason = test->reason,
        .explanation = words.explanation,
        .what_to_do = words.what_to_do,
        .took_ms = test->took_ms,
    };
    test->done(test->arg, err, err == ROUSE_OK ? &answer : NULL);
    free(test);
}

static void
on_later(struct later *later)
{
    struct life_test *test =
        (struct life_test *)((char *)later - offsetof(struct life_test, later));

    end_test(test, test->rouse->is_freeing ? ROUSE_ECLOSED : ROUSE_OK);
}

/* Not from inside the client, which is to be freed. */
static void
note_end(struct life_test *test, uint16_t status, const char *reason)
{
    if (test->is_over)
        return;
    test->is_over = true;
    test->status = status;
    snprintf(test->reason, sizeof test->reason, "%s", reason);
    test->took_ms = (uint32_t)((int64_t)clock_ms() - test->begun_ms);
    test->later.run = on_later;
    STAILQ_INSERT_TAIL(&test->rouse->laters, &test->later, link);
    tick_wake(test->rouse);
}

static void
on_result(void *arg, const struct apns_result *result)
{
    note_end(arg, result->status, result->reason);
}

/* The first trouble on the way says more than the deadline would. */
static void
on_identity(void *arg, const struct apns_identity_status *status)
{
    struct life_test *test = arg;

    if (status->cause != APNS_CAUSE_NONE)
        test->cause = status->cause;
    if (status->state != APNS_IDENTITY_READY && status->why[0] != '\0')
        note_end(test, 0, status->why);
}

static int64_t
now_unix(void *arg)
{
    return tick_now(arg) / 1000;
}

static enum apns_err
submit(struct life_test *test, const struct apns_credential *credential,
       uint32_t wait_ms)
{
    static const uint8_t token[TOKEN_LEN]; /* zeros: no device has it */
    struct apns_push push = {
        .token = token,
        .token_len = sizeof token,
        .topic = apns_credential_cert(credential)->topic,
        .magic = "rouse test",
        .deadline_ms = wait_ms,
    };
    enum apns_err err = apns_identity_use(test->client, credential);

    if (err == APNS_OK)
        err = apns_submit(test->client, &push, on_result, test);
    return err;
}

static enum apns_err
open_client(struct life_test *test, uint32_t wait_ms)
{
    struct apns_config config = test->rouse->life.apns;

    config.conns_min = 1;
    config.conns_max = 1;
    config.queue_max = 1;
    /* Network errors are reported before the push's own deadline. */
    if (config.connect_ms > wait_ms - wait_ms / 4)
        config.connect_ms = wait_ms - wait_ms / 4;
    config.on_identity = on_identity;
    config.on_identity_arg = test;
    if (config.now_unix == NULL && test->rouse->now_ms != NULL) {
        config.now_unix = now_unix;
        config.now_arg = test->rouse;
    }
    return apns_client_new(test->rouse->tick.loop, &config, &test->client);
}

enum rouse_err
life_test_begin(struct rouse *rouse, const struct apns_credential *credential,
                uint32_t wait_ms, life_test_fn *done, void *arg)
{
    struct life_test *test = calloc(1, sizeof *test);
    enum apns_err err;

    if (test == NULL)
        return ROUSE_ENOMEM;
    if (wait_ms == 0)
        wait_ms = LIFE_TEST_WAIT_MS;
    test->rouse = rouse;
    test->done = done;
    test->arg = arg;
    test->begun_ms = (int64_t)clock_ms();
    if (open_client(test, wait_ms) != APNS_OK) {
        free(test);
        return ROUSE_ENOMEM;
    }
    TAILQ_INSERT_TAIL(&rouse->life.tests, test, link);
    err = submit(test, credential, wait_ms);
    if (err == APNS_EEXPIRED)
        note_end(test, 0, "certificate expired");
    else if (err == APNS_ENOTYETVALID)
        note_end(test, 0, "certificate_not_yet_valid");
    else if (err != APNS_OK)
        note_end(test, 0, apns_err_text(err));
    return ROUSE_OK;
}

void
life_test_end_all(struct rouse *rouse)
{
    struct life_test *test, *next;

    for (test = TAILQ_FIRST(&rouse->life.tests); test != NULL; test = next) {
        next = TAILQ_NEXT(test, link);
        /* Those that are over wait among the laters already. */
        if (!test->is_over)
            end_test(test, ROUSE_ECLOSED);
    }
}
