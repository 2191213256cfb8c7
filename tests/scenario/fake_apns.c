/* SPDX-License-Identifier: MIT */
#include "tests/scenario/fake_apns.h"

#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "tests/scenario/fake_class.h"

#define MAX_IDENTITIES 16
#define MAX_ANSWERS    64
#define MAX_PUSHES     100000

struct fake_push {
    TAILQ_ENTRY(fake_push) link;
    apns_result_fn *on_result;
    void *arg;
    char topic[APNS_MAX_TOPIC + 1];
    char token[APNS_MAX_TOKEN + 1];
};

struct fake_identity {
    struct apns_identity_status status;
    bool is_told; /* the engine heard of its state */
};

struct apns_client {
    struct apns_config config;
    struct ev_loop *loop;
    struct ev_prepare turn;
    struct fake_identity identities[MAX_IDENTITIES];
    size_t n_identities;
    TAILQ_HEAD(, fake_push) pushes;
    uint32_t n_pushes;
    bool was_busy;
    int64_t recall_at_unix; /* 0: not recalled */
    void (*on_drained)(void *arg);
    void *on_drained_arg;
};

static struct {
    struct apns_client *client; /* the one that lives */
    struct fake_answer answers[MAX_ANSWERS];
    size_t n_answers;
    bool is_held;
    uint32_t queue_max;
    char *pushed[MAX_PUSHES];
    uint32_t n_pushed;
    uint64_t n_moves;
    uint32_t max_in_flight;
} fake;

/*
 * What the test tells it.
 */

void
fake_apns_answer(const struct fake_answer *answer)
{
    for (size_t i = 0; i < fake.n_answers; i++)
        if (strcmp(fake.answers[i].device, answer->device) == 0) {
            memmove(&fake.answers[i], &fake.answers[i + 1],
                    (fake.n_answers - i - 1) * sizeof fake.answers[0]);
            fake.n_answers--;
            break;
        }
    if (answer->status != 200 && fake.n_answers < MAX_ANSWERS)
        fake.answers[fake.n_answers++] = *answer;
}

void
fake_apns_hold(bool is_held)
{
    fake.is_held = is_held;
}

void
fake_apns_queue(uint32_t max)
{
    fake.queue_max = max;
}

static struct fake_identity *
find(const struct apns_client *client, const char *topic)
{
    for (size_t i = 0; client != NULL && i < client->n_identities; i++)
        if (strcmp(client->identities[i].status.cert.topic, topic) == 0)
            return (struct fake_identity *)&client->identities[i];
    return NULL;
}

void
fake_apns_identity(const char *topic, enum apns_identity_state state,
                   const char *why)
{
    struct fake_identity *identity = find(fake.client, topic);

    if (identity == NULL)
        return;
    identity->status.state = state;
    identity->status.class_ = state == APNS_IDENTITY_STOPPED
                                  ? APNS_CLASS_IDENTITY
                                  : APNS_CLASS_ACCEPTED;
    identity->status.cause = state == APNS_IDENTITY_STOPPED
                                 ? fake_class_cause(why)
                                 : APNS_CAUSE_NONE;
    identity->status.is_taken |= state == APNS_IDENTITY_READY;
    identity->is_told = false;
    snprintf(identity->status.why, sizeof identity->status.why, "%s", why);
}

void
fake_apns_remove(const char *topic)
{
    if (apns_identity_remove(fake.client, topic) != APNS_OK)
        fprintf(stderr, "no identity %s\n", topic);
}

static int
compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

uint32_t
fake_apns_pushes(char *text, size_t size)
{
    uint32_t n = fake.n_pushed;
    size_t at = 0;

    text[0] = '\0';
    qsort(fake.pushed, n, sizeof fake.pushed[0], compare);
    for (uint32_t i = 0; i < n; i++) {
        if (at < size)
            at += (size_t)snprintf(text + at, size - at, "%s%s",
                                   i > 0 ? " " : "", fake.pushed[i]);
        free(fake.pushed[i]);
    }
    fake.n_pushed = 0;
    return n;
}

uint64_t
fake_apns_n_moves(void)
{
    return fake.n_moves;
}

uint32_t
fake_apns_max_in_flight(void)
{
    return fake.max_in_flight;
}

void
fake_apns_reset(void)
{
    for (uint32_t i = 0; i < fake.n_pushed; i++)
        free(fake.pushed[i]);
    memset(&fake, 0, sizeof fake);
}

/*
 * Answers.
 */

static bool
is_for(const struct fake_answer *answer, const char *token)
{
    size_t len = strlen(answer->device);

    return len == 0 || (strncmp(answer->device, token, len) == 0 &&
                        (token[len] == '/' || token[len] == '\0'));
}

static struct fake_answer *
answer_to(const struct fake_push *push)
{
    for (size_t i = 0; i < fake.n_answers; i++)
        if (is_for(&fake.answers[i], push->token))
            return &fake.answers[i];
    return NULL;
}

static void
end(struct apns_client *client, struct fake_push *push,
    const struct apns_result *result)
{
    TAILQ_REMOVE(&client->pushes, push, link);
    client->n_pushes--;
    fake.n_moves++;
    push->on_result(push->arg, result);
    free(push);
}

static void
end_failed(struct apns_client *client, struct fake_push *push,
           enum apns_class class_, const char *reason)
{
    struct apns_result result = {.outcome = APNS_FAILED,
                                 .class_ = class_,
                                 .reason = reason,
                                 .apns_id = ""};

    end(client, push, &result);
}

static void
end_answered(struct apns_client *client, struct fake_push *push)
{
    struct fake_answer accepted = {.status = 200};
    struct fake_answer *answer = answer_to(push);
    struct fake_identity *identity = find(client, push->topic);
    struct apns_result result = {.apns_id = ""};
    struct fake_answer used;

    used = answer != NULL ? *answer : accepted;
    if (answer != NULL && answer->n_times > 0 && --answer->n_times == 0) {
        struct fake_answer undo = {.status = 200};

        memcpy(undo.device, used.device, sizeof undo.device);
        fake_apns_answer(&undo);
    }
    if (used.status == 0) {
        end_failed(client, push, APNS_CLASS_NO_ANSWER, "connection lost");
        return;
    }
    result.outcome = used.status == 200 ? APNS_ACCEPTED : APNS_REJECTED;
    result.class_ = fake_class_of(used.status, used.reason);
    if (fake_class_judge(&identity->status, &result.class_))
        identity->is_told = false;
    result.status = used.status;
    result.reason = used.reason;
    result.apns_id = "EC1BF194-B3B2-424A-89A9-5A918A6E6B5D";
    result.timestamp_ms = used.timestamp_ms;
    result.retry_after_s = used.retry_after_s;
    end(client, push, &result);
}

static void
tell_states(struct apns_client *client)
{
    for (size_t i = 0; i < client->n_identities; i++) {
        struct fake_identity *identity = &client->identities[i];
        struct apns_identity_status status = identity->status;

        if (identity->is_told)
            continue;
        identity->is_told = true;
        fake.n_moves++;
        client->config.on_identity(client->config.on_identity_arg, &status);
    }
}

static void
answer_all(struct apns_client *client)
{
    struct fake_push *push;
    struct fake_push *next;

    for (push = TAILQ_FIRST(&client->pushes); push != NULL; push = next) {
        const struct fake_identity *identity = find(client, push->topic);

        next = TAILQ_NEXT(push, link);
        if (identity == NULL)
            end_failed(client, push, APNS_CLASS_IDENTITY, "identity removed");
        else if (identity->status.state == APNS_IDENTITY_STOPPED)
            end_failed(client, push, APNS_CLASS_IDENTITY, identity->status.why);
        else if (!fake.is_held)
            end_answered(client, push);
    }
}

static void
end_recalled(struct apns_client *client)
{
    struct fake_push *push;

    if (client->recall_at_unix == 0 ||
        client->config.now_unix(client->config.now_arg) <
            client->recall_at_unix)
        return;
    while ((push = TAILQ_FIRST(&client->pushes)) != NULL)
        end_failed(client, push, APNS_CLASS_NO_ANSWER, "deadline");
}

static void
on_turn(struct ev_loop *loop, struct ev_prepare *turn, int revents)
{
    struct apns_client *client = turn->data;

    (void)loop;
    (void)revents;
    answer_all(client);
    end_recalled(client);
    tell_states(client);
    if (client->was_busy && apns_room(client) > 0) {
        client->was_busy = false;
        client->config.on_drain(client->config.on_drain_arg);
    }
    if (client->on_drained != NULL && client->n_pushes == 0) {
        void (*on_drained)(void *arg) = client->on_drained;

        client->on_drained = NULL;
        on_drained(client->on_drained_arg);
    }
}

/*
 * apns.h
 */

void
apns_config_init(struct apns_config *config)
{
    *config = (struct apns_config){.queue_max = 16384};
}

enum apns_err
apns_client_new(struct ev_loop *loop, const struct apns_config *config,
                struct apns_client **out)
{
    struct apns_client *client = calloc(1, sizeof *client);

    if (client == NULL)
        return APNS_ENOMEM;
    client->config = *config;
    client->loop = loop;
    TAILQ_INIT(&client->pushes);
    ev_prepare_init(&client->turn, on_turn);
    ev_set_priority(&client->turn, 1);
    client->turn.data = client;
    ev_prepare_start(loop, &client->turn);
    fake.client = client;
    *out = client;
    return APNS_OK;
}

void
apns_client_free(struct apns_client *client)
{
    struct fake_push *push;
    struct fake_push *next;

    if (client == NULL)
        return;
    ev_prepare_stop(client->loop, &client->turn);
    for (push = TAILQ_FIRST(&client->pushes); push != NULL; push = next) {
        next = TAILQ_NEXT(push, link);
        end_failed(client, push, APNS_CLASS_NO_ANSWER, "client freed");
    }
    if (fake.client == client)
        fake.client = NULL;
    free(client);
}

/* Everything is in flight here. */
void
apns_client_recall(struct apns_client *client, uint32_t wait_ms)
{
    client->recall_at_unix =
        client->config.now_unix(client->config.now_arg) + wait_ms / 1000;
}

void
apns_client_drain(struct apns_client *client, void (*on_drained)(void *arg),
                  void *arg)
{
    client->on_drained = on_drained;
    client->on_drained_arg = arg;
}

enum apns_err
apns_identity_use(struct apns_client *client,
                  const struct apns_credential *credential)
{
    const struct apns_cert *cert = apns_credential_cert(credential);
    struct fake_identity *identity = find(client, cert->topic);

    if (client->config.now_unix(client->config.now_arg) >= cert->not_after_unix)
        return APNS_EEXPIRED;
    if (identity == NULL && client->n_identities == MAX_IDENTITIES)
        return APNS_ETOOMANY;
    if (identity == NULL)
        identity = &client->identities[client->n_identities++];
    memset(identity, 0, sizeof *identity);
    identity->status.cert = *cert;
    identity->status.n_streams_max = 1000;
    return APNS_OK;
}

enum apns_err
apns_identity_remember(struct apns_client *client, const char *topic,
                       const struct apns_identity_history *history)
{
    struct fake_identity *identity = find(client, topic);

    if (identity == NULL)
        return APNS_ENOTOPIC;
    identity->status.is_proven |= history->is_proven;
    identity->status.n_undecided += history->n_undecided;
    identity->is_told = false;
    return APNS_OK;
}

enum apns_err
apns_identity_remove(struct apns_client *client, const char *topic)
{
    struct fake_identity *identity = find(client, topic);

    if (identity == NULL)
        return APNS_ENOTOPIC;
    *identity = client->identities[--client->n_identities];
    return APNS_OK;
}

enum apns_err
apns_identity_get(const struct apns_client *client, const char *topic,
                  struct apns_identity_status *status)
{
    const struct fake_identity *identity = find(client, topic);

    if (identity == NULL)
        return APNS_ENOTOPIC;
    *status = identity->status;
    return APNS_OK;
}

enum apns_err
apns_identity_retry(struct apns_client *client, const char *topic)
{
    struct fake_identity *identity = find(client, topic);

    if (identity == NULL)
        return APNS_ENOTOPIC;
    identity->status.state = APNS_IDENTITY_READY;
    client->config.on_identity(client->config.on_identity_arg,
                               &identity->status);
    return APNS_OK;
}

void
apns_identity_each(const struct apns_client *client, apns_identity_fn *visit,
                   void *arg)
{
    for (size_t i = 0; i < client->n_identities; i++)
        visit(arg, &client->identities[i].status);
}

uint32_t
apns_room(const struct apns_client *client)
{
    uint32_t max =
        fake.queue_max != 0 ? fake.queue_max : client->config.queue_max;

    return client->n_pushes < max ? max - client->n_pushes : 0;
}

enum apns_err
apns_submit(struct apns_client *client, const struct apns_push *given,
            apns_result_fn *on_result, void *arg)
{
    struct fake_push *push;

    if (given->token_len == 0 || given->magic[0] == '\0')
        return APNS_EINVAL;
    if (find(client, given->topic) == NULL)
        return APNS_ENOTOPIC;
    if (apns_room(client) == 0) {
        client->was_busy = true;
        return APNS_EBUSY;
    }
    if ((push = calloc(1, sizeof *push)) == NULL)
        return APNS_ENOMEM;
    push->on_result = on_result;
    push->arg = arg;
    snprintf(push->topic, sizeof push->topic, "%s", given->topic);
    memcpy(push->token, given->token, given->token_len);
    TAILQ_INSERT_TAIL(&client->pushes, push, link);
    fake.n_moves++;
    if (++client->n_pushes > fake.max_in_flight)
        fake.max_in_flight = client->n_pushes;
    if (find(client, given->topic)->status.state != APNS_IDENTITY_STOPPED &&
        fake.n_pushed < MAX_PUSHES)
        fake.pushed[fake.n_pushed++] = strdup(push->token);
    return APNS_OK;
}

void
apns_stats_get(const struct apns_client *client, struct apns_stats *stats)
{
    memset(stats, 0, sizeof *stats);
    stats->n_in_flight = client->n_pushes;
}
